package netstack

// #include "shim.h"
import "C"

import "fmt"

// UnlimitedICMPRate is for [Stack.SetICMPRate]: no limit.
const UnlimitedICMPRate uint32 = C.NS_ICMP_RATE_UNLIMITED

// SetICMPRate sets how many limited ICMP messages the stack sends; [Stack.SetICMPLimited] says which are.
//
// All NICs and both families have one bucket of tokens, at first of 1000 per second and a burst of 50: a
// message takes one, and is not sent if there is none, but counted as icmp.v4.sent.rate_limited or
// icmp.v6.sent.rate_limited. perSecond is how many tokens come in a second, one at a time; 0: none ever. burst
// is how many the bucket holds, as it does right after this call unless perSecond is 0; 0: no limited message
// is sent. Error: [ErrClosed].
func (s *Stack) SetICMPRate(perSecond, burst uint32) error {
	return s.change("Stack.SetICMPRate", func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return C.ns_stack_set_icmp_rate(stack, C.uint32_t(perSecond), C.uint32_t(burst), said)
	})
}

// SetICMPLimited sets whether ICMP messages of a type each take a token of [Stack.SetICMPRate].
//
// At first errors do, but IPv4's Redirect (5) and IPv6's Packet Too Big (2); Echo Replies do not. IPv4's Fragmentation Needed
// (type 3, code 4) never does: path MTU discovery needs it. Nor does what sockets send. The type is an error's,
// in IPv4 3, 4, 5, 11 or 12, in IPv6 1 to 127, or an Echo Reply's, in IPv4 0, in IPv6 129; for [Request.Reply]
// one that is not sent counts as accepted. The family is one, since each has types of its own. Errors:
// [ErrInvalidArgument], [ErrClosed].
func (s *Stack) SetICMPLimited(family Family, icmpType uint8, limited bool) error {
	const op = "Stack.SetICMPLimited"
	if family != IPv4 && family != IPv6 {
		return invalid(op, fmt.Sprintf("%v: a type is one of IPv4 or of IPv6", family))
	}
	return s.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return C.ns_stack_set_icmp_limited(stack, C.ns_family(family), C.uint32_t(icmpType), C.uint32_t(truth(limited)), said)
	})
}
