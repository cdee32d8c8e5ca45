package netstack

// #cgo noescape ns_raw_socket_receive
// #cgo nocallback ns_raw_socket_receive
// #include "shim.h"
import "C"

import "context"

// RawSocket receives a copy of each ICMP packet that comes in: of whole packets whose IP header is in order and
// whose ICMP header is complete, before their addresses are looked at, so also of those that nobody here takes.
// It influences nothing: handlers, ping sockets and the stack see every packet all the same.
//
// It does not keep the stack: once that is closed, every method returns [ErrClosed].
type RawSocket struct {
	socket socket[*C.ns_raw_socket]
}

// NewRawSocket makes a raw socket for ICMP ([IPv4]) or ICMPv6 ([IPv6]), which receives from now on. Options:
// [Via], [ReceiveBytes]. Errors: [ErrInvalidArgument], [ErrClosed].
func (s *Stack) NewRawSocket(family Family, options ...SocketOption) (*RawSocket, error) {
	const op = "Stack.NewRawSocket"
	o, err := readSocketOptions(op, "a raw socket", options, "Via", "ReceiveBytes")
	if err != nil {
		return nil, err
	}
	if err = checkSocketFamily(op, family); err != nil {
		return nil, err
	}
	r := &RawSocket{socket[*C.ns_raw_socket]{stack: s, take: takeRaw}}
	err = s.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		callee := r.socket.notice.init()
		if callee == nil {
			return C.NS_ERR_NO_MEMORY
		}
		var out *C.ns_raw_socket
		status := C.nsgo_raw_socket_new(stack, C.ns_family(family), C.uint32_t(o.nic), C.uint64_t(o.receiveBytes),
			callee, &out, said)
		if status == C.NS_OK {
			r.socket.c = share(r, out, func(socket *C.ns_raw_socket) { C.ns_raw_socket_free(socket) })
		}
		return status
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func takeRaw(socket *C.ns_raw_socket) (packet *C.ns_packet, status C.ns_status) {
	status = C.ns_raw_socket_receive(socket, &packet)
	return packet, status
}

// TryReceive takes the oldest packet out of the queue, without waiting. [PacketInfo.HasBadChecksum] marks one
// whose ICMP checksum is wrong. A packet that finds the queue full is dropped and counted
// ("raw_sockets.queue_full"). Errors: [ErrWouldBlock] if none waits, [ErrClosed].
func (r *RawSocket) TryReceive() (*Packet, error) { return r.socket.tryReceive("RawSocket.TryReceive") }

// Receive waits for a packet as long as the context lives, while others drive the stack. Errors:
// [context.Cause] of the context; [ErrClosed], also if the socket or its stack is closed meanwhile.
func (r *RawSocket) Receive(ctx context.Context) (*Packet, error) {
	return r.socket.receive(ctx, "RawSocket.Receive")
}

// Close ends the socket, and every Receive of it; what it did not receive is lost. Allowed any number of times.
// The error is always nil.
func (r *RawSocket) Close() error {
	r.socket.close()
	return nil
}
