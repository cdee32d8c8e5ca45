package netstack

// #include "shim.h"
import "C"

import (
	"fmt"
	"runtime"
	"runtime/cgo"
	"runtime/debug"
)

// PanicError is what a handler's panic becomes: it stops the handler, whose request is consumed without a
// further answer, and panics again out of the call that delivered the packet: [Stack.Run], [Stack.Poll],
// [Stack.Ping], [PingSocket.SendTo] or a link's Inject.
type PanicError struct {
	Value any    // what the handler panicked with
	Stack []byte // where it did, as by debug.Stack
	More  int    // how many further panics there were beneath the same call
}

func (e *PanicError) Error() string {
	more := ""
	if e.More > 0 {
		more = fmt.Sprintf(" (and %d more)", e.More)
	}
	return fmt.Sprintf("panic in a callback: %v%s\n\n%s", e.Value, more, e.Stack)
}

// Unwrap returns what the handler panicked with if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// callback is how everything that C calls runs. The frames of C must neither be unwound by a panic, which waits in
// the call that delivered, nor be taken for alive once Goexit has skipped them.
func callback(run func()) {
	left := true
	defer func() {
		if left { // by Goexit, which recover neither shows nor ends
			abandon()
		}
	}()
	failure := caught(run)
	left = false
	if failure == nil {
		return
	}
	place := C.nsgo_failure()
	if place == nil {
		panic(failure) // no call of Go's delivered: the program ends, as Go programs do
	}
	if *place == 0 {
		*place = C.uintptr_t(cgo.NewHandle(failure))
	} else if first, ok := cgo.Handle(*place).Value().(*PanicError); ok {
		first.More += 1 + failure.More
	}
}

// caught is what run panicked with; nil: it did not.
func caught(run func()) (failure *PanicError) {
	returned := false
	defer func() {
		if returned {
			return
		}
		value := recover()
		var ok bool
		if failure, ok = value.(*PanicError); !ok || failure == nil { // otherwise of a delivery beneath this one
			failure = &PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	run()
	returned = true
	return nil
}

// abandon keeps the goroutine on this thread until the call that delivered has told the library.
func abandon() {
	runtime.LockOSThread()
	if C.nsgo_abandon() != 0 {
		runtime.UnlockOSThread() // a callback beneath this one has locked it
	}
}

// deliver makes a call beneath which callbacks run. What they panic with, or could not tell C, comes out of it; if
// Goexit leaves it, the library is told.
func deliver(op string, call func() C.nsgo_result) (result C.nsgo_result, err error) {
	returned := false
	defer func() {
		if !returned && C.nsgo_recover() != 0 {
			runtime.UnlockOSThread()
		}
	}()
	result = call()
	returned = true
	err = asError(op, result.status, result.error)
	if result.failure != 0 {
		err = failureOf(result.failure)
	}
	return result, err
}

// park lets an error of a callback, which C can't carry, come out of the call that delivered, unless there is none
// or it ends with something else.
func park(failure error) {
	if place := C.nsgo_failure(); place != nil && *place == 0 {
		*place = C.uintptr_t(cgo.NewHandle(failure))
	}
}

// failureOf lets the panic of a callback come out of the call that delivered, and returns any other failure.
func failureOf(failure C.uintptr_t) error {
	handle := cgo.Handle(failure)
	err := handle.Value().(error)
	handle.Delete()
	if _, panicked := err.(*PanicError); panicked {
		panic(err)
	}
	return err
}
