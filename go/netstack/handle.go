package netstack

// #include "shim.h"
import "C"

import (
	"runtime"
	"runtime/cgo"
	"sync/atomic"
	"unsafe"
)

// shared is a C object that may be closed while others still call it: it is freed when the last call has
// left. nil is closed. P is a pointer to C's memory.
type shared[P any] struct {
	object P
	free   func(P)
	users  atomic.Int64 // calls under way, and one for who may close it
	open   atomic.Bool  // cleared before that one goes
	freed  atomic.Bool
}

// share makes one for its owner. An owner that nobody closed and nobody has any more closes it: a safety net.
func share[O, P any](owner *O, object P, free func(P)) *shared[P] {
	s := &shared[P]{object: object, free: free}
	s.users.Store(1)
	s.open.Store(true)
	runtime.AddCleanup(owner, (*shared[P]).close, s)
	return s
}

// acquire is followed by release, unless it returns nil.
func (s *shared[P]) acquire() (none P) {
	collect()
	if s == nil {
		return none
	}
	s.users.Add(1)
	if s.open.Load() {
		return s.object
	}
	s.release()
	return none
}

func (s *shared[P]) release() {
	if s.users.Add(-1) == 0 && s.freed.CompareAndSwap(false, true) {
		s.free(s.object)
		bury()
	}
}

func (s *shared[P]) isOpen() bool { return s != nil && s.open.Load() }

// shut lets no further call in, and tells whether it was open; release is to follow.
func (s *shared[P]) shut() bool { return s != nil && s.open.CompareAndSwap(true, false) }

// close closes what needs nothing else; a second time does nothing.
func (s *shared[P]) close() {
	if s.shut() {
		s.release()
	}
}

// newCallee makes what the library gets as user_data for a Go value; nil if there is no memory.
func newCallee(value any) *C.nsgo_callee {
	bury()
	handle := cgo.NewHandle(value)
	callee := C.nsgo_callee_new(C.uintptr_t(handle))
	if callee == nil {
		handle.Delete()
	}
	return callee
}

// bury lets go of the Go values that the library is done with.
func bury() {
	for callee := C.nsgo_take_dead(); callee != nil; {
		next := callee.next
		cgo.Handle(callee.handle).Delete()
		C.nsgo_callee_free(callee)
		callee = next
	}
}

func valueOf[T any](handle C.uintptr_t) T {
	collect()
	return cgo.Handle(handle).Value().(T)
}

// waiting is the callee's count of goroutines that want to be notified.
func waiting(callee *C.nsgo_callee) *int32 {
	return (*int32)(unsafe.Pointer(&callee.waiting))
}
