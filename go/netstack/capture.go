package netstack

// #include "shim.h"
// #include <stdlib.h>
import "C"

import (
	"io"
	"strings"
	"sync/atomic"
	"unsafe"
)

// Capture is what passes a NIC, both ways, being written in the pcap format (raw IP, microseconds), for
// Wireshark and tcpdump. See [NIC.SetCapture]; several NICs may have one.
type Capture struct {
	c    *shared[*C.ns_capture]
	sink *captureSink // nil: a file of the library's
}

type captureSink struct {
	writer io.Writer
	failed atomic.Pointer[error]
	lost   atomic.Uint64
}

// NewCapture makes a capture that writes to writer: first the file header, then one whole record a call.
// Calls do not overlap, and come in the goroutines that deliver or send packets. The bytes are lent for the
// call. The error is [ErrInvalidArgument].
func NewCapture(writer io.Writer) (*Capture, error) {
	const op = "NewCapture"
	if writer == nil {
		return nil, invalid(op, "the writer is nil")
	}
	sink := &captureSink{writer: writer}
	callee := newCallee(sink)
	if callee == nil {
		return nil, ErrNoMemory
	}
	var out *C.ns_capture
	if _, err := deliver(op, func() C.nsgo_result { return C.nsgo_capture_new(callee, &out) }); err != nil {
		return nil, err
	}
	return shareCapture(out, sink), nil
}

// CreateCapture makes a capture that writes a file, each record at once; what the file held is lost. Errors:
// [ErrInvalidArgument], [ErrNotFound] or [ErrUnsupported] if the file can't be made.
func CreateCapture(path string) (*Capture, error) {
	const op = "CreateCapture"
	if strings.ContainsRune(path, 0) {
		return nil, invalid(op, "the path holds a zero byte")
	}
	text := C.CString(path)
	defer C.free(unsafe.Pointer(text))
	var out *C.ns_capture
	var said *C.ns_error
	if status := C.ns_capture_file_new(text, &out, &said); status != C.NS_OK {
		return nil, asError(op, status, said)
	}
	return shareCapture(out, nil), nil
}

func shareCapture(out *C.ns_capture, sink *captureSink) *Capture {
	c := &Capture{sink: sink}
	c.c = share(c, out, func(capture *C.ns_capture) { C.ns_capture_free(capture) })
	return c
}

// Lost is how many records could not be written; 0 for a capture that was closed.
func (c *Capture) Lost() uint64 {
	if c.sink != nil {
		return c.sink.lost.Load()
	}
	object := c.c.acquire()
	if object == nil {
		return 0
	}
	defer c.c.release()
	return uint64(C.ns_capture_get_lost(object))
}

// Err is the first error of the writer; nil: there was none. After it nothing more is written: a record in the
// middle would be missing.
func (c *Capture) Err() error {
	if c.sink != nil {
		if err := c.sink.failed.Load(); err != nil {
			return *err
		}
	}
	return nil
}

// Close gives the capture back; NICs that have it go on with it until [NIC.SetCapture]. The error is Err's.
func (c *Capture) Close() error {
	c.c.close()
	return c.Err()
}

// SetCapture starts or changes the capture of what passes the NIC; nil ends it.
func (n *NIC) SetCapture(capture *Capture) error {
	const op = "NIC.SetCapture"
	var object *C.ns_capture
	if capture != nil {
		if object = capture.c.acquire(); object == nil {
			return &Error{op, ErrClosed, "the capture is closed, or was never made"}
		}
		defer capture.c.release()
	}
	if err := n.change(op, func(*C.ns_stack, **C.ns_error) C.ns_status { return C.NS_OK }); err != nil {
		return err
	}
	// Without the stack's lock: the writer is called from inside.
	stack := n.stack.c.acquire()
	if stack == nil {
		return whenClosed(op)
	}
	defer bury()
	defer n.stack.c.release()
	_, err := deliver(op, func() C.nsgo_result { return C.nsgo_set_capture(stack, C.uint32_t(n.id), object) })
	return err
}

//export nsgoCapture
func nsgoCapture(handle C.uintptr_t, bytes *C.uint8_t, length C.size_t) {
	callback(func() {
		valueOf[*captureSink](handle).write(C.GoBytes(unsafe.Pointer(bytes), C.int(length)))
	})
}

func (s *captureSink) write(record []byte) {
	if s.failed.Load() != nil {
		s.lost.Add(1)
		return
	}
	if _, err := s.writer.Write(record); err != nil {
		s.lost.Add(1)
		s.failed.Store(&err)
	}
}
