package netstack

// #include "shim.h"
import "C"

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// Link is a way in and out for packets: a [*Channel], [*TUN], [*FDLink] or [*WriterLink]. A link moves whole
// IP packets, from the IP header on. It becomes useful as part of a NIC: see [Stack.AddNIC]; one link
// belongs to at most one NIC at a time, which goes on with it when the link is closed here.
type Link interface {
	// Inject gives the stack a packet as if it had come in on this link. Handlers run, and answers are
	// sent, before it returns. Inside a handler the packet is handled at once, nested up to 8 deep.
	//
	// nil: dealt with, be it by dropping and counting it. [ErrUnclaimed]: on a NIC with [SideBySide], and
	// nothing here takes the packet, which is for the other stack then. [ErrClosed]: no NIC has this link,
	// or it was closed. [ErrBusy]: nested too deep. A handler's panic comes out of it: see [PanicError].
	Inject(packet []byte) error
	// Write is Inject for [io.Copy] and its like: one packet a call.
	Write(packet []byte) (int, error)
	// MTU is the largest packet in bytes; 0: the link is closed.
	MTU() int
	// Close gives the link back; a NIC that has it goes on with it. The error is always nil.
	Close() error

	core() *link
}

// MaxMTU is the largest MTU of any link, in bytes.
const MaxMTU = C.NS_MTU_MAX

// link is what all links share.
type link struct {
	c     *shared[*C.ns_link]
	stack atomic.Pointer[Stack] // that has it: who holds only the link still wants the stack
}

func (l *link) core() *link { return l }

func freeLink(link *C.ns_link) { C.ns_link_free(link) }

// Inject gives the stack a packet as if it had come in on this link; see [Link].
func (l *link) Inject(packet []byte) error {
	const op = "Link.Inject"
	object := l.c.acquire()
	if object == nil {
		return whenClosed(op)
	}
	defer l.c.release()
	_, err := deliver(op, func() C.nsgo_result {
		return C.nsgo_link_inject(object, bytesOf(packet), C.size_t(len(packet)))
	})
	return err
}

// Write is Inject, for [io.Copy] and its like.
func (l *link) Write(packet []byte) (int, error) {
	if err := l.Inject(packet); err != nil {
		return 0, err
	}
	return len(packet), nil
}

// MTU is the largest packet in bytes; 0: the link is closed.
func (l *link) MTU() int {
	object := l.c.acquire()
	if object == nil {
		return 0
	}
	defer l.c.release()
	return int(C.ns_link_get_mtu(object))
}

// Close gives the link back; a NIC that has it goes on with it. The error is always nil.
func (l *link) Close() error {
	l.c.close()
	return nil
}

// LinkOption is an option of those who make links. Each says for which links it is.
type LinkOption func(*linkOptions)

type linkOptions struct {
	mtu, capacity int
	hosts         []C.ns_prefix
	information   PacketInformation
	given         given
}

// MTU is the largest packet in bytes, up to [MaxMTU]; otherwise 1500, and a TUN device keeps its own. For
// channels, TUN devices and writers.
func MTU(bytes int) LinkOption {
	return linkOption("MTU", func(o *linkOptions) error {
		o.mtu = bytes
		if bytes < 1 || bytes > MaxMTU {
			return fmt.Errorf("MTU(%d): not from 1 to %d", bytes, MaxMTU)
		}
		return nil
	})
}

func linkOption(name string, set func(*linkOptions) error) LinkOption {
	return func(o *linkOptions) { o.given.note(name, set(o)) }
}

func readLinkOptions(op string, options []LinkOption, allowed ...string) (o linkOptions, err error) {
	for _, option := range options {
		option(&o)
	}
	return o, o.given.check(op, "this link", allowed...)
}

// bytesOf is nil for no bytes.
func bytesOf(bytes []byte) *C.uint8_t {
	if len(bytes) == 0 {
		return nil
	}
	return (*C.uint8_t)(&bytes[0])
}

// statusOf is what C is told of a callback's error.
func statusOf(err error) C.ns_status {
	var status Status
	switch {
	case err == nil:
		return C.NS_OK
	case errors.As(err, &status) && status < 0:
		return C.ns_status(status)
	}
	return C.NS_ERR_INTERNAL
}
