package netstack

// #include "shim.h"
import "C"

import (
	"errors"
	"fmt"
	"net/netip"
)

// NIC is a link's place in a stack, with the addresses, local prefixes and groups that it takes packets for.
//
// Each change is made whole or not at all, and packets go on meanwhile. Removing something never waits for a
// handler. Methods return [ErrNotFound] once the NIC was removed, [ErrClosed] once its stack was closed.
type NIC struct {
	stack *Stack
	id    uint32
	link  Link
}

// NICOption is an option of [Stack.AddNIC].
type NICOption func(*nicOptions)

type nicOptions struct {
	id        uint32
	idSet     bool
	flags     C.uint32_t
	addresses []C.ns_prefix
	prefixes  []C.ns_prefix
	err       error
}

// ID is the NIC's number, from 1 on; otherwise the lowest that is free.
func ID(number uint32) NICOption {
	return func(o *nicOptions) { o.id, o.idSet = number, true }
}

// Address assigns addresses, each with the prefix of its subnet; text without a length is a subnet of its own.
// See [NIC.AddAddresses].
func Address[P AddressText](addresses ...P) NICOption {
	return nicPrefixes(addresses, subnetOfText, func(o *nicOptions) *[]C.ns_prefix { return &o.addresses })
}

// LocalPrefix makes every unicast address of the prefixes ours; see [NIC.AddLocalPrefixes].
func LocalPrefix[P AddressText](prefixes ...P) NICOption {
	return nicPrefixes(prefixes, prefixOfText, func(o *nicOptions) *[]C.ns_prefix { return &o.prefixes })
}

// Disabled takes no packets, until [NIC.SetDisabled].
func Disabled() NICOption { return func(o *nicOptions) { o.flags |= C.NS_NIC_DISABLED } }

// Promiscuous takes packets for every unicast address.
func Promiscuous() NICOption { return func(o *nicOptions) { o.flags |= C.NS_NIC_PROMISCUOUS } }

// Spoofing lets the stack answer by itself from IPv6 addresses that nobody assigned.
func Spoofing() NICOption { return func(o *nicOptions) { o.flags |= C.NS_NIC_SPOOFING } }

// SideBySide says that another stack stands behind this one: Inject returns [ErrUnclaimed] for every packet
// that nothing here takes.
func SideBySide() NICOption { return func(o *nicOptions) { o.flags |= C.NS_NIC_SIDE_BY_SIDE } }

// Forwarding sends packets of a family, or of both, on that come in and are not ours; see [NIC.SetForwarding].
func Forwarding(family Family) NICOption {
	return func(o *nicOptions) {
		bits := family.forwarding()
		if bits == 0 && o.err == nil {
			o.err = errors.New(family.String() + " is no family")
		}
		o.flags |= bits
	}
}

// forwarding is 0 if it is no family.
func (f Family) forwarding() C.uint32_t {
	var bits C.uint32_t
	for _, family := range f.each() {
		if family == IPv4 {
			bits |= C.NS_NIC_FORWARDING_IPV4
		} else {
			bits |= C.NS_NIC_FORWARDING_IPV6
		}
	}
	return bits
}

func nicPrefixes[P AddressText](
	values []P, read func(string) (C.ns_prefix, error), place func(*nicOptions) *[]C.ns_prefix,
) NICOption {
	return func(o *nicOptions) {
		prefixes, err := readPrefixes(values, read)
		if o.err == nil {
			o.err = err
		}
		to := place(o)
		*to = append(*to, prefixes...)
	}
}

// AddNIC adds a NIC. It is a member of 224.0.0.1 and ff02::1. Errors: [ErrInvalidArgument]; [ErrBusy] if the
// number, the link or an address is in use; [ErrClosed].
func (s *Stack) AddNIC(link Link, options ...NICOption) (*NIC, error) {
	const op = "Stack.AddNIC"
	var o nicOptions
	for _, option := range options {
		option(&o)
	}
	switch {
	case link == nil:
		return nil, invalid(op, "the link is nil")
	case o.err != nil:
		return nil, invalid(op, o.err.Error())
	case o.idSet && o.id == 0:
		return nil, invalid(op, "ID(0): NICs are numbered from 1 on")
	}
	object := link.core().c.acquire()
	if object == nil {
		return nil, &Error{op, ErrClosed, "the link is closed, or was never made"}
	}
	defer link.core().c.release()
	nic := &NIC{stack: s, id: o.id, link: link}
	err := s.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		if s.nics == nil { // closed meanwhile
			return C.NS_ERR_CLOSED
		}
		for number := uint32(1); nic.id == 0; number++ {
			if s.nics[number] == nil {
				nic.id = number
			}
		}
		status := C.nsgo_add_nic(stack, C.uint32_t(nic.id), object, o.flags, first(o.addresses),
			C.size_t(len(o.addresses)), first(o.prefixes), C.size_t(len(o.prefixes)), said)
		if status == C.NS_OK {
			s.nics[nic.id] = nic
			link.core().stack.Store(s)
		}
		return status
	})
	if err != nil {
		return nil, err
	}
	return nic, nil
}

// first is nil for an empty slice.
func first[T any](values []T) *T {
	if len(values) == 0 {
		return nil
	}
	return &values[0]
}

// NICs are those that the stack has, by their numbers.
func (s *Stack) NICs() map[uint32]*NIC {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	nics := make(map[uint32]*NIC, len(s.nics))
	for id, nic := range s.nics {
		nics[id] = nic
	}
	return nics
}

// ID is the NIC's number in its stack.
func (n *NIC) ID() uint32 { return n.id }

// Link is what the NIC was made from.
func (n *NIC) Link() Link { return n.link }

// Stack is what the NIC belongs to, or did.
func (n *NIC) Stack() *Stack { return n.stack }

// Remove removes the NIC with its addresses and routes, and lets its link go. Handlers that run finish; what
// they answer is still sent.
func (n *NIC) Remove() error {
	defer bury()
	return n.change("NIC.Remove", func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		status := C.ns_stack_remove_nic(stack, C.uint32_t(n.id), said)
		if status == C.NS_OK {
			delete(n.stack.nics, n.id)
			n.link.core().stack.CompareAndSwap(n.stack, nil)
		}
		return status
	})
}

// change runs with the stack's lock, which no call that it makes waits with: a NIC that was removed must not
// be taken for a later one of its number.
func (n *NIC) change(op string, call func(*C.ns_stack, **C.ns_error) C.ns_status) error {
	if n == nil || n.stack == nil {
		return invalid(op, "the zero NIC is none; Stack.AddNIC makes one")
	}
	gone := false
	err := n.stack.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		n.stack.mutex.Lock()
		defer n.stack.mutex.Unlock()
		if gone = n.stack.nics[n.id] != n; gone {
			return C.NS_ERR_NOT_FOUND
		}
		return call(stack, said)
	})
	if gone && !n.stack.IsClosed() {
		return &Error{op, ErrNotFound, fmt.Sprintf("NIC %d was removed", n.id)}
	}
	return err
}

// AddAddresses assigns addresses, all or none, each with the prefix of its subnet: 192.168.0.1/24 brings the
// subnet's broadcast address and on-link route with it, 2001:db8::1/64 its solicited-node group and route.
// Errors: [ErrInvalidArgument] if one is no unicast address, [ErrBusy] if one is assigned already.
func (n *NIC) AddAddresses(addresses ...netip.Prefix) error {
	const op = "NIC.AddAddresses"
	in, err := toPrefixes(addresses)
	if err != nil {
		return invalid(op, err.Error())
	}
	return n.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return C.ns_stack_add_addresses(stack, C.uint32_t(n.id), first(in), C.size_t(len(in)), said)
	})
}

// RemoveAddresses takes addresses away, all or none, and what came with them. The error is [ErrNotFound] if
// one is not assigned.
func (n *NIC) RemoveAddresses(addresses ...netip.Addr) error {
	const op = "NIC.RemoveAddresses"
	in := make([]C.ns_address, len(addresses))
	for i, address := range addresses {
		var err error
		if in[i], err = toBareAddress(address); err != nil {
			return invalid(op, err.Error())
		}
	}
	return n.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return C.ns_stack_remove_addresses(stack, C.uint32_t(n.id), first(in), C.size_t(len(in)), said)
	})
}

// AddLocalPrefixes makes every unicast address of the prefixes ours, all or none: no address is assigned or
// stored, and packets for them are taken as for a temporary address, at the same cost however large the
// prefix. Errors: [ErrInvalidArgument] if bits are set behind a prefix, [ErrBusy] if one is local already.
func (n *NIC) AddLocalPrefixes(prefixes ...netip.Prefix) error {
	const op = "NIC.AddLocalPrefixes"
	in, err := toPrefixes(prefixes)
	if err != nil {
		return invalid(op, err.Error())
	}
	return n.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return C.ns_stack_add_local_prefixes(stack, C.uint32_t(n.id), first(in), C.size_t(len(in)), said)
	})
}

// RemoveLocalPrefixes takes local prefixes away, all or none, written as they were added. The error is
// [ErrNotFound] if one is not local.
func (n *NIC) RemoveLocalPrefixes(prefixes ...netip.Prefix) error {
	const op = "NIC.RemoveLocalPrefixes"
	in, err := toPrefixes(prefixes)
	if err != nil {
		return invalid(op, err.Error())
	}
	return n.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return C.ns_stack_remove_local_prefixes(stack, C.uint32_t(n.id), first(in), C.size_t(len(in)), said)
	})
}

// JoinGroup joins a multicast group: packets to it are taken. Nothing is announced to routers. Errors:
// [ErrInvalidArgument] if it is no multicast address, [ErrBusy] if it was joined already.
func (n *NIC) JoinGroup(group netip.Addr) error { return n.group("NIC.JoinGroup", group, joinGroup) }

// LeaveGroup leaves a group that was joined. The error is [ErrNotFound] if it was not.
func (n *NIC) LeaveGroup(group netip.Addr) error { return n.group("NIC.LeaveGroup", group, leaveGroup) }

// SetDisabled stops taking packets, or takes them again.
func (n *NIC) SetDisabled(on bool) error { return n.set("NIC.SetDisabled", C.NS_NIC_DISABLED, on) }

// SetPromiscuous takes packets for every unicast address, or no longer.
func (n *NIC) SetPromiscuous(on bool) error {
	return n.set("NIC.SetPromiscuous", C.NS_NIC_PROMISCUOUS, on)
}

// SetSpoofing lets the stack answer by itself from IPv6 addresses that nobody assigned, or no longer.
func (n *NIC) SetSpoofing(on bool) error { return n.set("NIC.SetSpoofing", C.NS_NIC_SPOOFING, on) }

// SetSideBySide hands packets back that nothing here takes, or no longer; see [SideBySide].
func (n *NIC) SetSideBySide(on bool) error {
	return n.set("NIC.SetSideBySide", C.NS_NIC_SIDE_BY_SIDE, on)
}

// SetForwarding sends packets of a family, or of both, on that come in and are not ours, or no longer: by the
// routes of the stack, over any NIC that is not disabled, with one hop less. No handler sees them. What can't go on
// is answered with an ICMP error, if the NIC has an address to send it from. If the NIC is promiscuous every address is
// ours, so nothing goes on. The error is [ErrInvalidArgument] if it is no family.
func (n *NIC) SetForwarding(family Family, on bool) error {
	const op = "NIC.SetForwarding"
	bits := family.forwarding()
	if bits == 0 {
		return invalid(op, family.String()+" is no family")
	}
	return n.set(op, bits, on)
}

func (n *NIC) set(op string, bit C.uint32_t, on bool) error {
	return n.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		set, clear := bit, C.uint32_t(0)
		if !on {
			set, clear = clear, set
		}
		return C.ns_stack_set_nic_flags(stack, C.uint32_t(n.id), set, clear, said)
	})
}
