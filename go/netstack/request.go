package netstack

// #cgo noescape ns_request_copy_packet
// #cgo nocallback ns_request_copy_packet
// #include "shim.h"
import "C"

import (
	"slices"
	"unsafe"
)

// Request is one packet on its way through a handler: an Echo Request, or an Echo Reply for handlers that
// asked for them.
//
// What it was (PacketInfo) stays valid for ever, in any goroutine. What may be done with it ends when the
// handler returns, and is for the handler's own goroutine: everywhere else Reply, Packet and their like
// return [ErrRequestExpired].
type Request struct {
	PacketInfo
	id C.ns_request
}

// Reply asks for the stack's own Echo Reply, which leaves before this returns: with the TOS, identifier,
// sequence number and data of the request, from the address that was asked, also if nobody assigned it; for
// a broadcast or multicast request from one of the NIC's own.
//
// It says nothing about who owns the request: that is the handler's verdict. One reply is sent however often
// it is called, and later calls return what the first one did.
//
// nil means accepted, though a full link may still drop the reply. Errors: [ErrNoRoute], [ErrNotReplyable],
// [ErrRequestExpired].
func (r *Request) Reply() error {
	collect()
	return statusError(C.ns_request_reply(r.id))
}

// AppendPacket appends the packet's bytes, from the IP header on, to dst. The only error is
// [ErrRequestExpired], with which dst comes back as it was.
func (r *Request) AppendPacket(dst []byte) ([]byte, error) {
	collect()
	out, copied := dst, C.size_t(r.info.length)
	status := C.ns_status(C.NS_ERR_TOO_SMALL)
	for status == C.NS_ERR_TOO_SMALL { // again only for a copy of the Request that got other facts
		out = slices.Grow(dst, int(copied))
		status = C.ns_request_copy_packet(r.id, (*C.uint8_t)(unsafe.SliceData(out[len(dst):cap(out)])),
			C.size_t(cap(out)-len(dst)), &copied)
	}
	if status != C.NS_OK {
		return dst, statusError(status)
	}
	return out[:len(dst)+int(copied)], nil
}

// Packet keeps a copy of the packet beyond the handler. It carries no right to answer. The only error is
// [ErrRequestExpired].
func (r *Request) Packet() (*Packet, error) {
	bytes, err := r.AppendPacket(nil)
	if err != nil {
		return nil, err
	}
	return &Packet{r.PacketInfo, bytes}, nil
}

// IsExpired tells whether what may be done with the request has ended, seen from the calling goroutine.
func (r *Request) IsExpired() bool {
	var copied C.size_t
	return C.ns_request_copy_packet(r.id, nil, 0, &copied) == C.NS_ERR_EXPIRED
}
