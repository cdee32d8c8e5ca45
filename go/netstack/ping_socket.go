package netstack

// #cgo noescape ns_ping_socket_receive
// #cgo nocallback ns_ping_socket_receive
// #cgo noescape ns_ping_socket_get_name
// #cgo nocallback ns_ping_socket_get_name
// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"net/netip"
	"sync/atomic"
)

// PingSocket is for more than one ping at a time, and for pings that do not wait: an Echo identifier of the
// stack's own, Echo Requests out, and the Echo Replies that come for it, before any handler. An Echo Request
// that bears its identifier is answered as if there were no handler, and reaches neither.
//
// It does not keep the stack: once that is closed, every method returns [ErrClosed].
type PingSocket struct {
	socket  socket[*C.ns_ping_socket]
	family  Family
	hasPeer atomic.Bool
}

// NewPingSocket makes a ping socket for [IPv4] or [IPv6], which is not bound yet. Options: [Via], [TTL], [TOS],
// [ReceiveBytes]. Errors: [ErrInvalidArgument], [ErrClosed].
func (s *Stack) NewPingSocket(family Family, options ...SocketOption) (*PingSocket, error) {
	const op = "Stack.NewPingSocket"
	o, err := readSocketOptions(op, "a ping socket", options, "Via", "TTL", "TOS", "ReceiveBytes")
	if err != nil {
		return nil, err
	}
	if err = checkSocketFamily(op, family); err != nil {
		return nil, err
	}
	p := &PingSocket{socket: socket[*C.ns_ping_socket]{stack: s, take: takeReply}, family: family}
	err = s.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		callee := p.socket.notice.init()
		if callee == nil {
			return C.NS_ERR_NO_MEMORY
		}
		var out *C.ns_ping_socket
		status := C.nsgo_ping_socket_new(stack, C.ns_family(family), C.uint32_t(o.nic), C.uint32_t(o.ttl),
			C.uint32_t(o.tos), C.uint64_t(o.receiveBytes), callee, &out, said)
		if status == C.NS_OK {
			p.socket.c = share(p, out, func(socket *C.ns_ping_socket) { C.ns_ping_socket_free(socket) })
		}
		return status
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func takeReply(socket *C.ns_ping_socket) (packet *C.ns_packet, status C.ns_status) {
	status = C.ns_ping_socket_receive(socket, &packet)
	return packet, status
}

// Bind gives the socket its identifier, and the address that it is at: one that is assigned; the zero Addr,
// 0.0.0.0 and :: are every one. Identifier 0 is a free one.
//
// Errors: [ErrInvalidArgument]; [ErrNotFound] if nobody assigned the address; [ErrBusy] if another socket has
// the identifier there, or this one is bound already; [ErrLimited] if no identifier is free; [ErrClosed].
func (p *PingSocket) Bind(address netip.Addr, identifier uint16) error {
	const op = "PingSocket.Bind"
	in, err := toSocketAddress(address)
	if err != nil {
		return invalid(op, err.Error())
	}
	return p.call(op, func(socket *C.ns_ping_socket) C.nsgo_result {
		return C.nsgo_ping_socket_bind(socket, in, C.uint16_t(identifier))
	})
}

// Connect makes one host the socket's peer: it receives from nobody else, at the address of ours that packets to
// the peer come from. It binds the socket to a free identifier if it is not bound. May be called again.
//
// Errors: [ErrInvalidArgument] if it is not one host of the socket's family; [ErrNoRoute] if there is no way to
// it from the socket's address; [ErrBusy] and [ErrLimited] as for Bind; [ErrClosed].
func (p *PingSocket) Connect(peer netip.Addr) error {
	const op = "PingSocket.Connect"
	in, err := toSocketAddress(peer)
	switch {
	case err != nil:
		return invalid(op, err.Error())
	case in == nil:
		return invalid(op, "the zero netip.Addr is no peer")
	}
	err = p.call(op, func(socket *C.ns_ping_socket) C.nsgo_result {
		return C.nsgo_ping_socket_connect(socket, in)
	})
	if err == nil {
		p.hasPeer.Store(true)
	}
	return err
}

// Send sends an Echo Request to the peer that Connect made one. The payload is lent for the call. Errors as for
// SendTo; [ErrInvalidArgument] if there is no peer.
func (p *PingSocket) Send(sequence uint16, payload []byte) error {
	const op = "PingSocket.Send"
	if !p.hasPeer.Load() && p.socket.isOpen() {
		return invalid(op, "the socket has no peer; Connect makes one, SendTo needs none")
	}
	return p.send(op, nil, sequence, payload)
}

// SendTo sends an Echo Request with the socket's identifier, after binding the socket to a free one if it is not
// bound. A group is allowed, a broadcast address not. A group or link-local address needs a NIC to leave by:
// [Via]'s, its zone's, or that of the socket's address. The payload is lent for the call.
//
// nil: the link took it. Errors: [ErrWouldBlock] if the link is full; [ErrNoRoute]; [ErrUnsupported] if the
// packet is longer than IP packets can be; [ErrInvalidArgument]; [ErrLimited] if no identifier is free;
// [ErrClosed]. What the link's writer panics with comes out of it: see [PanicError].
func (p *PingSocket) SendTo(destination netip.Addr, sequence uint16, payload []byte) error {
	const op = "PingSocket.SendTo"
	in, err := toSocketAddress(destination)
	switch {
	case err != nil:
		return invalid(op, err.Error())
	case in == nil:
		return invalid(op, "the zero netip.Addr is no destination")
	case !p.socket.isOpen(): // send says how
	case destination.Is4() != (p.family == IPv4):
		return invalid(op, fmt.Sprintf("%v is no address of the socket's family, %v", destination, p.family))
	case destination.IsUnspecified():
		return invalid(op, fmt.Sprintf("%v is the unspecified address", destination))
	}
	return p.send(op, in, sequence, payload)
}

func (p *PingSocket) send(op string, destination *C.ns_address, sequence uint16, payload []byte) error {
	err := p.call(op, func(socket *C.ns_ping_socket) C.nsgo_result {
		return C.nsgo_ping_socket_send(socket, destination, C.uint16_t(sequence), bytesOf(payload),
			C.size_t(len(payload)))
	})
	switch err { // of which the library says no more; what is left is said here
	case ErrInvalidArgument:
		return invalid(op, "the destination is a broadcast address, or the link finds the packet invalid")
	case ErrUnsupported:
		return &Error{op, ErrUnsupported, "the packet is longer than IP packets can be, or the link does not take it"}
	}
	return err
}

// call is for what may call Go: a link's writer, the stack's random numbers.
func (p *PingSocket) call(op string, call func(*C.ns_ping_socket) C.nsgo_result) error {
	object, err := p.socket.acquire(op)
	if err != nil {
		return err
	}
	defer p.socket.c.release()
	_, err = deliver(op, func() C.nsgo_result { return call(object) })
	return err
}

// TryReceive takes the oldest Echo Reply out of the queue, without waiting. A reply that finds the queue full is
// dropped and counted ("ping_sockets.queue_full"). Errors: [ErrWouldBlock] if none waits, [ErrClosed].
func (p *PingSocket) TryReceive() (*Packet, error) {
	return p.socket.tryReceive("PingSocket.TryReceive")
}

// Receive waits for an Echo Reply as long as the context lives, while others drive the stack. Errors:
// [context.Cause] of the context; [ErrClosed], also if the socket or its stack is closed meanwhile.
func (p *PingSocket) Receive(ctx context.Context) (*Packet, error) {
	return p.socket.receive(ctx, "PingSocket.Receive")
}

// Name is where the socket is bound: the address is 0.0.0.0 or :: if it is at every one. Errors: [ErrNotFound]
// if it is not bound, [ErrClosed].
func (p *PingSocket) Name() (address netip.Addr, identifier uint16, err error) {
	const op = "PingSocket.Name"
	object, err := p.socket.acquire(op)
	if err != nil {
		return netip.Addr{}, 0, err
	}
	defer p.socket.c.release()
	var local C.ns_address
	var number C.uint16_t
	switch status := C.ns_ping_socket_get_name(object, &local, &number); status {
	case C.NS_OK:
		return fromAddress(&local), uint16(number), nil
	case C.NS_ERR_NOT_FOUND:
		return netip.Addr{}, 0, &Error{op, ErrNotFound, "the socket is not bound"}
	default:
		return netip.Addr{}, 0, statusError(status)
	}
}

// Close ends the socket, and every Receive of it: its identifier is free, and what it did not receive is lost.
// Allowed any number of times. The error is always nil.
func (p *PingSocket) Close() error {
	p.socket.close()
	return nil
}
