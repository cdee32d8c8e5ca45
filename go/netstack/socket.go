package netstack

// #include "shim.h"
import "C"

import (
	"context"
	"net/netip"
)

// socket is what ping sockets and raw sockets share: packets that wait to be received. P is the library's.
type socket[P comparable] struct {
	c      *shared[P]
	stack  *Stack
	notice notice
	take   func(P) (*C.ns_packet, C.ns_status)
}

// checkSocketFamily is for what must be one.
func checkSocketFamily(op string, family Family) error {
	if family != IPv4 && family != IPv6 {
		return invalid(op, "a socket is for IPv4 or for IPv6, not for "+family.String())
	}
	return nil
}

// acquire is followed by c.release, unless it fails. The stack's end is the socket's: in the library the stack
// may live on for calls that are under way.
func (s *socket[P]) acquire(op string) (object P, err error) {
	var none P
	if object = s.c.acquire(); object == none {
		return none, whenClosed(op)
	}
	if s.stack.IsClosed() {
		s.c.release()
		return none, &Error{op, ErrClosed, "its stack is closed"}
	}
	return object, nil
}

func (s *socket[P]) isOpen() bool { return s.c.isOpen() && !s.stack.IsClosed() }

func (s *socket[P]) tryReceive(op string) (*Packet, error) {
	object, err := s.acquire(op)
	if err != nil {
		return nil, err
	}
	defer s.c.release()
	packet, status := s.take(object)
	if status != C.NS_OK {
		return nil, statusError(status)
	}
	return takePacket(packet), nil
}

func (s *socket[P]) receive(ctx context.Context, op string) (packet *Packet, err error) {
	if _, err = s.acquire(op); err != nil {
		return nil, err
	}
	defer s.c.release() // keeps what the notice counts in
	err = s.notice.wait(ctx, s.stack.ended, func() error {
		packet, err = s.tryReceive(op)
		return err
	})
	return packet, err
}

func (s *socket[P]) close() {
	s.c.close()
	s.notice.end()
}

// toSocketAddress makes an address of a family, which may have a zone. nil: the zero Addr.
func toSocketAddress(address netip.Addr) (*C.ns_address, error) {
	if !address.IsValid() {
		return nil, nil
	}
	out, err := toAddress(address)
	return &out, err
}
