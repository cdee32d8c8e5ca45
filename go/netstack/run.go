package netstack

// #include "shim.h"
import "C"

import (
	"context"
	"os"
)

// Run reads devices, delivers packets and runs timers until the context ends, which is the error then
// ([context.Cause], which need not be [context.Canceled]: ctx.Err() tells whether it ended); or until
// [Stack.Stop], which is no error; or [Stack.Close], which is [ErrClosed].
//
// It holds an operating system thread. Several goroutines may call it: the first runs the timers and serves
// every device that no other serves, each further one takes one device over.
//
// Other errors: [ErrBusy] if no device is left for this call; [ErrClosed] if a device is gone, and running
// again serves the others; [ErrUnsupported] if the stack's clock can't wait; [ErrLimited] if no descriptor is
// free. A handler's panic comes out of it: see [PanicError].
func (s *Stack) Run(ctx context.Context) error {
	const op = "Stack.Run"
	stack := s.c.acquire()
	if stack == nil {
		return whenClosed(op)
	}
	defer s.c.release()
	interrupt, err := newInterrupt(ctx, op)
	if err != nil {
		return err
	}
	defer interrupt.end()
	result, err := deliver(op, func() C.nsgo_result {
		return C.nsgo_stack_run(stack, interrupt.descriptor())
	})
	switch {
	case result.failure == 0 && result.status == C.NSGO_INTERRUPTED:
		return context.Cause(ctx)
	case err == nil && s.IsClosed():
		return &Error{op, ErrClosed, "the stack was closed"}
	}
	return err
}

// Stop makes every Run of the stack return, now and from now on.
func (s *Stack) Stop() {
	if stack := s.c.acquire(); stack != nil {
		C.ns_stack_stop(stack)
		s.c.release()
	}
}

// Poll runs the timers that are due, reads what the devices have, and returns without waiting: how many
// packets it read. It reads a fair share of each device; the descriptor stays readable if more is there.
//
// Errors: [ErrClosed] if the stack was closed or a device is gone. A handler's panic comes out of it: see
// [PanicError].
func (s *Stack) Poll() (packets int, err error) {
	const op = "Stack.Poll"
	stack := s.c.acquire()
	if stack == nil {
		return 0, whenClosed(op)
	}
	defer s.c.release()
	result, err := deliver(op, func() C.nsgo_result { return C.nsgo_stack_poll(stack) })
	return int(result.packets), err
}

// interrupt becomes readable when a context ends. A pipe, whose writing end is closed then: poll() needs a
// descriptor.
type interrupt struct {
	reader, writer *os.File
	stop           func() bool
	ended          chan struct{} // closed when the context's end has been dealt with
}

// newInterrupt returns nil for a context that never ends.
func newInterrupt(ctx context.Context, op string) (*interrupt, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if ctx.Done() == nil {
		return nil, nil
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, &Error{op, ErrLimited, "no descriptor for the context's end: " + err.Error()}
	}
	i := &interrupt{reader: reader, writer: writer, ended: make(chan struct{})}
	i.stop = context.AfterFunc(ctx, func() {
		writer.Close()
		close(i.ended)
	})
	return i, nil
}

func (i *interrupt) descriptor() C.int {
	if i == nil {
		return -1
	}
	return C.int(i.reader.Fd())
}

func (i *interrupt) end() {
	if i == nil {
		return
	}
	if i.stop() {
		i.writer.Close()
	} else {
		<-i.ended
	}
	i.reader.Close()
}
