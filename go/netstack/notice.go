package netstack

// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// notice is how goroutines wait for what the library queues: a channel's packets, a socket's. They hold no
// thread, and the library calls Go only while somebody waits.
type notice struct {
	wake    *wakeup
	waiting *int32 // of the callee, in C's memory: there as long as the link or socket is
}

// wakeup is what the library's callback reaches. It knows nothing of who owns it.
type wakeup struct {
	mutex  sync.Mutex
	change chan struct{} // closed, and made anew, whenever there may be something
}

func (n *notice) init() *C.nsgo_callee {
	n.wake = &wakeup{change: make(chan struct{})}
	callee := newCallee(n.wake)
	if callee != nil {
		n.waiting = waiting(callee)
	}
	return callee
}

func (w *wakeup) all() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	close(w.change)
	w.change = make(chan struct{})
}

func (w *wakeup) next() <-chan struct{} {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.change
}

// wait, whose caller has acquired the link or socket, tries until there is something, or another error than
// ErrWouldBlock. ended is closed when what it belongs to ends, of which nobody is notified; it may be nil.
func (n *notice) wait(ctx context.Context, ended <-chan struct{}, try func() error) error {
	if err := try(); !errors.Is(err, ErrWouldBlock) {
		return err
	}
	atomic.AddInt32(n.waiting, 1)
	defer atomic.AddInt32(n.waiting, -1)
	for {
		change := n.wake.next()
		// Once more: what came before the library knew that somebody waits was not told.
		if err := try(); !errors.Is(err, ErrWouldBlock) {
			return err
		}
		select {
		case <-change:
		case <-ended:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// end wakes everybody, who then find that it is closed.
func (n *notice) end() {
	if n.wake != nil {
		n.wake.all()
	}
}

//export nsgoNotify
func nsgoNotify(handle C.uintptr_t) {
	callback(valueOf[*wakeup](handle).all)
}
