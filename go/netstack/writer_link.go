package netstack

// #include "shim.h"
import "C"

import (
	"io"
	"sync"
	"unsafe"
)

// WriterLink is a link out of your own way to send.
type WriterLink struct {
	link
}

type writerCallee struct {
	writer  io.Writer
	buffers sync.Pool // of *[]byte
}

// NewWriterLink makes a link that sends each packet by one Write, in any goroutine; calls may overlap. What
// the stack shall receive comes by [Link.Inject], or by [io.Copy] to the link from where each Read is one
// packet. A Write that fails is counted as a packet not sent, with [ErrWouldBlock] for want of room. As for
// every [io.Writer], the bytes are lent for the call. Options: [MTU]. The error is [ErrInvalidArgument].
func NewWriterLink(writer io.Writer, options ...LinkOption) (*WriterLink, error) {
	const op = "NewWriterLink"
	o, err := readLinkOptions(op, options, "MTU")
	if err != nil {
		return nil, err
	}
	if writer == nil {
		return nil, invalid(op, "the writer is nil")
	}
	callee := newCallee(&writerCallee{writer: writer, buffers: sync.Pool{New: func() any { return new([]byte) }}})
	if callee == nil {
		return nil, ErrNoMemory
	}
	var out *C.ns_link
	var said *C.ns_error
	if status := C.nsgo_callback_link_new(C.uint32_t(o.mtu), callee, &out, &said); status != C.NS_OK {
		return nil, asError(op, status, said)
	}
	w := &WriterLink{}
	w.c = share(w, out, freeLink)
	return w, nil
}

//export nsgoTransmit
func nsgoTransmit(handle C.uintptr_t, packet *C.uint8_t, length C.size_t) (status C.ns_status) {
	status = C.NS_ERR_INTERNAL
	callback(func() {
		callee := valueOf[*writerCallee](handle)
		// A copy: a writer that keeps the bytes must not reach memory of C's.
		buffer := callee.buffers.Get().(*[]byte)
		*buffer = append((*buffer)[:0], unsafe.Slice((*byte)(packet), int(length))...)
		_, err := callee.writer.Write(*buffer)
		callee.buffers.Put(buffer)
		status = statusOf(err)
	})
	return status
}
