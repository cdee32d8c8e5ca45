package netstack

// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// PingReply is the Echo Reply that [Stack.Ping] waited for.
type PingReply struct {
	*Packet
	RTT time.Duration // the round trip time, by the stack's clock
}

// Ping sends one Echo Request and waits for its reply. Meanwhile it reads devices and runs timers as
// [Stack.Poll] does; others may be running the stack at the same time. It holds an operating system thread. For
// more than one at a time, or without waiting, see [PingSocket].
//
// In a handler of a packet that a device brought, that device is read again only when the handler has returned:
// a reply by the same device can't come in time.
//
// Options: [Timeout], [Payload], [Sequence], [Source], [Via], [TTL], [TOS].
//
// Errors: [context.Cause] of the context if that ends first; [ErrTimedOut] if no reply came in time;
// [ErrNoRoute]; [ErrWouldBlock] if the link was full; [ErrUnsupported] if the stack's clock can't wait, or the
// packet is longer than IP packets can be; [ErrNotFound] if nobody assigned the source; [ErrClosed] if the stack was
// closed or stopped, or a device is gone; [ErrLimited] if no identifier or descriptor is free;
// [ErrInvalidArgument]; what the clock's Wait returned. A handler's panic comes out of it: see [PanicError].
func (s *Stack) Ping(ctx context.Context, destination netip.Addr, options ...SocketOption) (*PingReply, error) {
	const op = "Stack.Ping"
	o, err := readSocketOptions(op, "a ping", options, "Via", "TTL", "TOS", "Timeout", "Source", "Sequence", "Payload")
	if err != nil {
		return nil, err
	}
	to, err := toSocketAddress(destination)
	switch {
	case err != nil:
		return nil, invalid(op, err.Error())
	case to == nil:
		return nil, invalid(op, "the zero netip.Addr is no destination")
	}
	in, err := o.ping(destination)
	if err != nil {
		return nil, invalid(op, err.Error())
	}
	stack := s.c.acquire()
	if stack == nil {
		return nil, whenClosed(op)
	}
	defer s.c.release()
	interrupt, err := newInterrupt(ctx, op)
	if err != nil {
		return nil, err
	}
	defer interrupt.end()
	result, err := deliver(op, func() C.nsgo_result {
		return C.nsgo_ping(stack, to, &in, bytesOf(o.payload), C.size_t(len(o.payload)), interrupt.descriptor())
	})
	switch {
	case result.failure == 0 && result.status == C.NSGO_INTERRUPTED:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, err
	}
	return &PingReply{takePacket(result.reply), time.Duration(result.rtt_ns)}, nil
}

// ping is what the library takes, but for the payload.
func (o *socketOptions) ping(destination netip.Addr) (in C.ns_ping_options, err error) {
	C.ns_ping_options_init(&in, C.sizeof_ns_ping_options)
	in.nic, in.ttl, in.tos = C.uint32_t(o.nic), C.uint32_t(o.ttl), C.uint32_t(o.tos)
	in.timeout_ns, in.sequence = C.uint64_t(o.timeout), C.uint32_t(o.sequence)
	if !o.source.IsValid() {
		return in, nil
	}
	if o.source.Is4() != destination.Is4() {
		return in, fmt.Errorf("Source(%v) is not of the destination's family, as %v is", o.source, destination)
	}
	if in.source, err = toAddress(o.source); err != nil {
		err = fmt.Errorf("Source: %w", err)
	}
	return in, err
}
