package netstack

// #include "shim.h"
import "C"

import "fmt"

// Handler decides who owns an Echo Request. true: the handler does, and nothing more happens with it; false:
// the stack goes on as if there were no handler, but sends no second reply. Whether the stack answers is
// another decision: see [Request.Reply].
//
// It runs in the goroutine that delivered the packet, and delivers nothing else while it blocks; calls overlap
// if packets are delivered by several. A handler that panics has consumed the request, and the panic comes
// out of the call that delivered: see [PanicError]. So does Goexit (as by t.Fatal), which ends the goroutine; if that
// is in [Stack.Run] or [Stack.Ping], what these had taken stays taken: the stack's memory and its own descriptors.
type Handler func(*Request) bool

// EchoOption is an option of [Stack.HandleEcho].
type EchoOption func(*echoOptions)

type echoOptions struct {
	family  Family
	replace bool
	flags   C.uint32_t
}

// ForFamily installs the handler for one family alone; otherwise it is for both.
func ForFamily(family Family) EchoOption {
	return func(o *echoOptions) { o.family = family }
}

// Replace takes the place of a handler that is there; otherwise that is [ErrBusy].
func Replace() EchoOption {
	return func(o *echoOptions) { o.replace = true }
}

// WithEchoReplies lets the handler see Echo Replies as well that no socket wanted; see [PacketInfo.Type].
func WithEchoReplies() EchoOption {
	return func(o *echoOptions) { o.flags |= C.NS_ICMP_FORWARDER_ECHO_REPLIES }
}

// HandleEcho installs the handler that decides about each Echo Request that comes in.
//
// With Replace, outside of handlers, it waits: when it returns, the former handler is not running and never
// runs again. Inside a handler it returns at once: no new call of the former starts, running ones finish.
//
// Errors: [ErrInvalidArgument] if the handler is nil, [ErrBusy] if there is one already, [ErrClosed].
func (s *Stack) HandleEcho(handler Handler, options ...EchoOption) error {
	const op = "Stack.HandleEcho"
	if handler == nil {
		return invalid(op, "the handler is nil; Stack.RemoveHandler removes one")
	}
	var o echoOptions
	for _, option := range options {
		option(&o)
	}
	families := o.family.each()
	if families == nil {
		return invalid(op, o.family.String()+" is no family")
	}
	stack := s.c.acquire()
	if stack == nil {
		return whenClosed(op)
	}
	defer s.c.release()

	callee := newCallee(handler)
	if callee == nil {
		return ErrNoMemory
	}
	var forwarder *C.ns_icmp_forwarder
	var said *C.ns_error
	defer func() {
		C.ns_icmp_forwarder_free(forwarder)
		bury()
	}()
	status := C.nsgo_forwarder_new(o.flags, callee, &forwarder, &said)
	if status != C.NS_OK {
		return asError(op, status, said)
	}

	undo, err := s.claim(op, families, o.replace)
	if err != nil {
		return err
	}
	// Not with the lock: the library may wait for a handler that waits for it.
	if status = C.ns_stack_set_icmp_forwarder(stack, C.ns_family(o.family), forwarder, &said); status != C.NS_OK {
		undo()
	}
	return asError(op, status, said)
}

// RemoveHandler removes the handler of a family, or of both. It waits as [Stack.HandleEcho] does. Without a
// handler it does nothing. Errors: [ErrInvalidArgument], [ErrClosed].
func (s *Stack) RemoveHandler(family Family) error {
	const op = "Stack.RemoveHandler"
	families := family.each()
	if families == nil {
		return invalid(op, family.String()+" is no family")
	}
	stack := s.c.acquire()
	if stack == nil {
		return whenClosed(op)
	}
	defer s.c.release()
	var said *C.ns_error
	status := C.ns_stack_set_icmp_forwarder(stack, C.ns_family(family), nil, &said)
	if status == C.NS_OK {
		s.mutex.Lock()
		for _, f := range families {
			delete(s.handled, f)
		}
		s.mutex.Unlock()
	}
	bury()
	return asError(op, status, said)
}

// claim notes that the families have a handler from now on. undo is for when they have not.
func (s *Stack) claim(op string, families []Family, replace bool) (undo func(), err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var added []Family
	for _, family := range families {
		if !s.handled[family] {
			added = append(added, family)
		} else if !replace {
			return nil, &Error{op, ErrBusy, "there is a handler for " + family.String() + " already; Replace() replaces it"}
		}
	}
	for _, family := range added {
		s.handled[family] = true
	}
	return func() {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		for _, family := range added {
			delete(s.handled, family)
		}
	}, nil
}

// each is nil if it is no family.
func (f Family) each() []Family {
	switch f {
	case AnyFamily:
		return []Family{IPv4, IPv6}
	case IPv4, IPv6:
		return []Family{f}
	}
	return nil
}

//export nsgoRequest
func nsgoRequest(handle C.uintptr_t, id C.ns_request, info *C.ns_packet_info) (verdict C.ns_verdict) {
	verdict = -1 // until the handler has decided
	callback(func() {
		if valueOf[Handler](handle)(&Request{PacketInfo{*info}, id}) {
			verdict = C.NS_VERDICT_CONSUMED
		} else {
			verdict = C.NS_VERDICT_DECLINED
		}
	})
	return verdict
}

// EchoDestination is a kind of destination that has a policy. An assigned address always answers.
type EchoDestination uint32

// The kinds.
const (
	// TemporaryDestination is an address that nobody assigned. By default it is silent; IPv6 on a NIC with
	// spoofing: it answers.
	TemporaryDestination EchoDestination = C.NS_ECHO_DESTINATION_TEMPORARY
	// GroupDestination is broadcast and multicast. By default silent for IPv4, for IPv6 it answers.
	GroupDestination EchoDestination = C.NS_ECHO_DESTINATION_GROUP
)

// EchoPolicy is what the stack does by itself with an Echo Request that nobody consumed.
type EchoPolicy uint32

// The policies.
const (
	DefaultPolicy EchoPolicy = C.NS_ECHO_POLICY_DEFAULT // as the kind of destination says
	ReplyPolicy   EchoPolicy = C.NS_ECHO_POLICY_REPLY
	SilentPolicy  EchoPolicy = C.NS_ECHO_POLICY_SILENT // Request.Reply works all the same
)

// SetEchoPolicy turns silence into a reply, or a reply into silence. Errors: [ErrInvalidArgument],
// [ErrClosed].
func (s *Stack) SetEchoPolicy(family Family, destination EchoDestination, policy EchoPolicy) error {
	const op = "Stack.SetEchoPolicy"
	switch {
	case family.each() == nil:
		return invalid(op, family.String()+" is no family")
	case destination != TemporaryDestination && destination != GroupDestination:
		return invalid(op, fmt.Sprintf("EchoDestination(%d) is no kind of destination", uint32(destination)))
	case policy != DefaultPolicy && policy != ReplyPolicy && policy != SilentPolicy:
		return invalid(op, fmt.Sprintf("EchoPolicy(%d) is no policy", uint32(policy)))
	}
	return s.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return C.ns_stack_set_echo_policy(stack, C.ns_family(family), C.ns_echo_destination(destination),
			C.ns_echo_policy(policy), said)
	})
}
