package netstack

// #cgo noescape ns_stack_get_counter
// #cgo nocallback ns_stack_get_counter
// #cgo noescape nsgo_counters
// #cgo nocallback nsgo_counters
// #include "shim.h"
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"strconv"
	"strings"
	"unsafe"
)

// Stats are the counters of a stack or a NIC by dotted names, read anew at each look: everything that became of
// packets. "ip.packets_received", "icmp.v4.sent.echo_reply" and "forwarder.consumed" count for the whole stack,
// NICs that were removed included; "nic.1.rx.packets" for one NIC, whose own Stats call it "rx.packets". Names
// stay as they are; later versions add some.
//
// Counts go on meanwhile: two that belong together may be read a packet apart. Methods return [ErrClosed] once
// the stack was closed, and those of a NIC [ErrNotFound] once it was removed. Stats is an expvar.Var.
type Stats struct {
	stack *Stack
	nic   *NIC // nil: the whole stack
}

// Stats are the stack's counters.
func (s *Stack) Stats() *Stats { return &Stats{stack: s} }

// Stats are the NIC's counters, without the prefix of its number.
func (n *NIC) Stats() *Stats { return &Stats{stack: n.stack, nic: n} }

// Get reads one counter. Errors: [ErrNotFound] if there is none of that name, [ErrClosed].
func (s *Stats) Get(name string) (uint64, error) {
	const op = "Stats.Get"
	text := C.CString(s.prefix() + name)
	defer C.free(unsafe.Pointer(text))
	var value C.uint64_t
	unknown := false
	err := s.read(op, func(stack *C.ns_stack) C.ns_status {
		unknown = strings.ContainsRune(name, 0) // where C would take it to end
		if unknown {
			return C.NS_ERR_NOT_FOUND
		}
		status := C.ns_stack_get_counter(stack, text, &value)
		unknown = status == C.NS_ERR_NOT_FOUND
		return status
	})
	if unknown {
		return 0, &Error{op, ErrNotFound, fmt.Sprintf("there is no counter %q", name)}
	}
	return uint64(value), err
}

// Snapshot reads all counters. The error is [ErrClosed].
func (s *Stats) Snapshot() (map[string]uint64, error) {
	counters := map[string]uint64{}
	err := s.each("Stats.Snapshot", func(name, value string) error {
		count, err := strconv.ParseUint(value, 10, 64)
		counters[name] = count
		return err
	})
	if err != nil {
		return nil, err
	}
	return counters, nil
}

// String is a JSON object of all counters, always in the same order; "{}" if there is nothing to read any more.
func (s *Stats) String() string {
	var out strings.Builder
	separator := "{"
	err := s.each("Stats.String", func(name, value string) error {
		out.WriteString(separator + `"` + name + `": ` + value) // names have nothing that JSON escapes
		separator = ", "
		return nil
	})
	if err != nil || out.Len() == 0 {
		return "{}"
	}
	return out.String() + "}"
}

func (s *Stats) each(op string, visit func(name, value string) error) error {
	var bytes *C.char
	var length C.size_t
	err := s.read(op, func(stack *C.ns_stack) C.ns_status { return C.nsgo_counters(stack, &bytes, &length) })
	if err != nil {
		return err
	}
	text := C.GoStringN(bytes, C.int(length))
	C.free(unsafe.Pointer(bytes))
	prefix := s.prefix()
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		name, ours := strings.CutPrefix(name, prefix)
		if !ours {
			continue
		}
		if err = visit(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stats) prefix() string {
	if s.nic == nil {
		return ""
	}
	return fmt.Sprintf("nic.%d.", s.nic.id)
}

// read goes by the NIC, which is not to be taken for a later one of its number.
func (s *Stats) read(op string, call func(*C.ns_stack) C.ns_status) error {
	inner := func(stack *C.ns_stack, _ **C.ns_error) C.ns_status { return call(stack) }
	switch {
	case s.nic != nil:
		return s.nic.change(op, inner)
	case s.stack != nil:
		return s.stack.change(op, inner)
	}
	return whenClosed(op)
}
