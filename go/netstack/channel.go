package netstack

// #cgo noescape ns_link_read
// #cgo nocallback ns_link_read
// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Channel is a link in memory: what the stack sends waits in a bounded queue for Read, what it shall receive
// comes by Inject. A packet that finds the queue full is dropped and counted. It is an [io.ReadWriteCloser]
// of one packet a call.
type Channel struct {
	link
	notice notice
}

// Capacity is how many packets wait to be read, 1 to 65,536; otherwise 256. For channels.
func Capacity(packets int) LinkOption {
	return linkOption("Capacity", func(o *linkOptions) error {
		o.capacity = packets
		if packets < 1 || packets > 65_536 {
			return fmt.Errorf("Capacity(%d): not from 1 to 65536", packets)
		}
		return nil
	})
}

// NewChannel makes a channel. Options: [MTU], [Capacity]. The error is [ErrInvalidArgument].
func NewChannel(options ...LinkOption) (*Channel, error) {
	const op = "NewChannel"
	o, err := readLinkOptions(op, options, "MTU", "Capacity")
	if err != nil {
		return nil, err
	}
	c := &Channel{}
	callee := c.notice.init()
	if callee == nil {
		return nil, ErrNoMemory
	}
	var out *C.ns_link
	var said *C.ns_error
	if status := C.nsgo_channel_new(C.uint32_t(o.mtu), C.uint32_t(o.capacity), callee, &out, &said); status != C.NS_OK {
		return nil, asError(op, status, said)
	}
	c.c = share(c, out, freeLink)
	return c, nil
}

// TryRead takes the oldest packet out of the queue, without waiting: its length. Errors: [ErrWouldBlock] if
// none waits; [io.ErrShortBuffer] if the packet is longer than the buffer, where it stays, with its length;
// [ErrClosed].
func (c *Channel) TryRead(buffer []byte) (int, error) {
	object := c.c.acquire()
	if object == nil {
		return 0, whenClosed("Channel.TryRead")
	}
	defer c.c.release()
	var length C.size_t
	status := C.ns_link_read(object, bytesOf(buffer), C.size_t(len(buffer)), &length)
	if status == C.NS_ERR_TOO_SMALL {
		return int(length), io.ErrShortBuffer
	}
	return int(length), statusError(status)
}

// ReadContext waits for a packet as long as the context lives. Errors: [context.Cause] of the context, and
// those of TryRead but [ErrWouldBlock].
func (c *Channel) ReadContext(ctx context.Context, buffer []byte) (length int, err error) {
	if c.c.acquire() == nil {
		return 0, whenClosed("Channel.ReadContext")
	}
	defer c.c.release() // keeps what the notice counts in
	err = c.notice.wait(ctx, nil, func() error {
		length, err = c.TryRead(buffer)
		return err
	})
	return length, err
}

// Read waits for a packet. After Close it is [io.EOF], otherwise as ReadContext, but that the length is 0 with
// every error.
func (c *Channel) Read(buffer []byte) (int, error) {
	length, err := c.ReadContext(context.Background(), buffer)
	switch {
	case errors.Is(err, ErrClosed):
		return 0, io.EOF
	case err != nil:
		return 0, err
	}
	return length, nil
}

// Drain takes every packet out of the queue, the oldest first.
func (c *Channel) Drain() [][]byte {
	var packets [][]byte
	buffer := make([]byte, c.MTU())
	for {
		length, err := c.TryRead(buffer)
		if errors.Is(err, io.ErrShortBuffer) {
			buffer = make([]byte, length)
			continue
		}
		if err != nil {
			return packets
		}
		packets = append(packets, append([]byte(nil), buffer[:length]...))
	}
}

// Close ends the channel here, and every Read of it; a NIC that has it goes on with it. The error is always
// nil.
func (c *Channel) Close() error {
	c.link.Close()
	c.notice.end()
	return nil
}
