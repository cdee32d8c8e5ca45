package netstack

// #include "shim.h"
// #include <stdlib.h>
import "C"

import (
	"net/netip"
	"unsafe"
)

type groupCall func(*C.ns_stack, C.uint32_t, *C.char, **C.ns_error) C.ns_status

func joinGroup(stack *C.ns_stack, nic C.uint32_t, group *C.char, said **C.ns_error) C.ns_status {
	return C.ns_stack_join_group(stack, nic, group, said)
}

func leaveGroup(stack *C.ns_stack, nic C.uint32_t, group *C.char, said **C.ns_error) C.ns_status {
	return C.ns_stack_leave_group(stack, nic, group, said)
}

// group hands a group over as text, which is all that the library takes for it.
func (n *NIC) group(op string, group netip.Addr, call groupCall) error {
	if _, err := toBareAddress(group); err != nil {
		return invalid(op, err.Error())
	}
	text := C.CString(group.String())
	defer C.free(unsafe.Pointer(text))
	return n.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return call(stack, C.uint32_t(n.id), text, said)
	})
}
