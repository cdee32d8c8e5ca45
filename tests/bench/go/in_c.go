package main

// #cgo CFLAGS: -O2 -DNS_STATIC -I${SRCDIR}/../../../capi/include
// #include <stdlib.h>
// #include "c_stack.h"
import "C"

import (
	"errors"
	"time"
	"unsafe"
)

// inC has its handler and its loop in C, all beneath one call of Go's.
type inC struct {
	stack *C.c_stack
}

func newInC(h handler) (contestant, error) {
	v4, v6 := C.CString(ours4.String()), C.CString(ours6.String())
	defer C.free(unsafe.Pointer(v4))
	defer C.free(unsafe.Pointer(v6))
	stack := C.c_stack_new(C.c_handler(h), v4, v6)
	if stack == nil {
		return nil, errors.New("the stack could not be made")
	}
	return &inC{stack}, nil
}

func (c *inC) echoes(request []byte, count int, reply []byte) int {
	return int(C.c_stack_echoes(c.stack, (*C.uint8_t)(&request[0]), C.size_t(len(request)), C.uint64_t(count),
		(*C.uint8_t)(&reply[0]), C.size_t(len(reply))))
}

func (c *inC) calls() uint64 { return uint64(C.c_stack_calls(c.stack)) }

// cpuTime is that of the whole process: with what the garbage collector takes on other threads.
func cpuTime() time.Duration { return time.Duration(C.cpu_time()) }
