package netstack

// #include "shim.h"
import "C"

import (
	"fmt"
	"net/netip"
	"time"
)

// SocketOption is an option of [Stack.Ping] and of those who make sockets. Each says for which it is.
type SocketOption func(*socketOptions)

type socketOptions struct {
	nic          uint32
	ttl, tos     int
	receiveBytes uint64
	timeout      time.Duration
	source       netip.Addr
	sequence     uint16
	payload      []byte
	given        given
}

// Via goes by one NIC alone, of that number; otherwise a ping goes by the routes, and a socket hears from every
// NIC. A group needs one, or a zone. For pings, ping sockets and raw sockets.
func Via(nic uint32) SocketOption {
	return socketOption("Via", func(o *socketOptions) error {
		o.nic = nic
		if nic == 0 {
			return fmt.Errorf("Via(0): NICs are numbered from 1 on")
		}
		return nil
	})
}

// TTL is the TTL or Hop Limit of what is sent, 1 to 255; otherwise the stack's. For pings and ping sockets.
func TTL(n int) SocketOption {
	return socketOption("TTL", func(o *socketOptions) error {
		o.ttl = n
		if n < 1 || n > 255 {
			return fmt.Errorf("TTL(%d): not from 1 to 255", n)
		}
		return nil
	})
}

// TOS is the TOS or Traffic Class of what is sent, 0 to 255; otherwise 0. For pings and ping sockets.
func TOS(n int) SocketOption {
	return socketOption("TOS", func(o *socketOptions) error {
		o.tos = n
		if n < 0 || n > 255 {
			return fmt.Errorf("TOS(%d): not from 0 to 255", n)
		}
		return nil
	})
}

// ReceiveBytes is what a socket's queue may hold, in bytes from 1 on, with what it takes to keep the packets;
// otherwise 217,088. A packet that finds the queue full is dropped and counted. For ping sockets and raw sockets.
func ReceiveBytes(n uint64) SocketOption {
	return socketOption("ReceiveBytes", func(o *socketOptions) error {
		o.receiveBytes = n
		if n == 0 {
			return fmt.Errorf("ReceiveBytes(0): not from 1 on")
		}
		return nil
	})
}

// Timeout is how long to wait, by the stack's clock; otherwise one second. For pings.
func Timeout(d time.Duration) SocketOption {
	return socketOption("Timeout", func(o *socketOptions) error {
		o.timeout = d
		if d <= 0 {
			return fmt.Errorf("Timeout(%v): not longer than 0", d)
		}
		return nil
	})
}

// Source is the address to ping from, one that is assigned; otherwise it is chosen. For pings.
func Source(address netip.Addr) SocketOption {
	return socketOption("Source", func(o *socketOptions) error {
		o.source = address
		if !address.IsValid() {
			return fmt.Errorf("Source: the zero netip.Addr is no address")
		}
		return nil
	})
}

// Sequence is the Echo sequence number; otherwise 0. For pings.
func Sequence(n uint16) SocketOption {
	return socketOption("Sequence", func(o *socketOptions) error {
		o.sequence = n
		return nil
	})
}

// Payload is the Echo data, lent for the call; otherwise there is none. For pings.
func Payload(data []byte) SocketOption {
	return socketOption("Payload", func(o *socketOptions) error {
		o.payload = data
		return nil
	})
}

func socketOption(name string, set func(*socketOptions) error) SocketOption {
	return func(o *socketOptions) { o.given.note(name, set(o)) }
}

// readSocketOptions takes those that `what` has.
func readSocketOptions(op, what string, options []SocketOption, allowed ...string) (o socketOptions, err error) {
	for _, option := range options {
		option(&o)
	}
	return o, o.given.check(op, what, allowed...)
}
