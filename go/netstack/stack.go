package netstack

// #include "shim.h"
import "C"

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// Stack is an IP stack. It has NICs, and handlers decide about each Echo Request that comes in.
//
// It starts no goroutines: packets are dealt with inside the links' Inject, [Stack.Poll], [Stack.Run] and
// [Stack.Ping], in the goroutine that calls them, timers inside the latter three. Any goroutine may call any
// method, also in handlers. Methods of a closed Stack, and of the zero Stack, return [ErrClosed].
type Stack struct {
	c       *shared[*C.ns_stack]
	clock   *Clock        // keeps what the stack goes by; nil: the system's
	ended   chan struct{} // closed by Close
	mutex   sync.Mutex
	nics    map[uint32]*NIC
	handled map[Family]bool
}

// Option is an option of [New].
type Option func(*stackOptions)

type stackOptions struct {
	flags             C.uint32_t
	ttl, hopLimit     int
	clock             *Clock
	random            func() uint64
	seed              uint64
	seeded            bool
	high, low         int // of reassembly
	ttlSet, hopsSet   bool
	boundsSet         bool
	clockSet, randSet bool
}

// StrictRoutes does not send an answer whose way back no route tells, instead of letting it leave by the NIC
// that the request came in on.
func StrictRoutes() Option { return func(o *stackOptions) { o.flags |= C.NS_STACK_STRICT_ROUTES } }

// CheckLocalSource drops packets whose source is an address of the NIC that they come in on.
func CheckLocalSource() Option {
	return func(o *stackOptions) { o.flags |= C.NS_STACK_CHECK_LOCAL_SOURCE }
}

// AllowLoopback takes packets from and to 127.0.0.0/8 and ::1.
func AllowLoopback() Option { return func(o *stackOptions) { o.flags |= C.NS_STACK_ALLOW_LOOPBACK } }

// DefaultTTL is the TTL of what the stack sends by IPv4, 1 to 255; otherwise 64.
func DefaultTTL(ttl int) Option { return func(o *stackOptions) { o.ttl, o.ttlSet = ttl, true } }

// DefaultHopLimit is the Hop Limit of what the stack sends by IPv6, 1 to 255; otherwise 64.
func DefaultHopLimit(limit int) Option {
	return func(o *stackOptions) { o.hopLimit, o.hopsSet = limit, true }
}

// ReassemblyBounds is how many bytes fragments may hold in each family; otherwise 4 MiB and 3 MiB. Above high
// the stack gives datagrams up, those first of whoever holds most, until they hold low bytes, which must not be
// more; 0: three quarters of high. A datagram of 65,535 bytes takes about 72,000 in packets of 1500, and never
// comes whole where that is too much.
func ReassemblyBounds(high, low int) Option {
	return func(o *stackOptions) { o.high, o.low, o.boundsSet = high, low, true }
}

// WithClock is where the stack's time comes from; otherwise the system's monotonic clock.
func WithClock(clock *Clock) Option {
	return func(o *stackOptions) { o.clock, o.clockSet = clock, true }
}

// WithSeed makes the stack's random numbers the same in every run, for tests; otherwise they are the
// system's.
func WithSeed(seed uint64) Option {
	return func(o *stackOptions) { o.seed, o.seeded = seed, true }
}

// WithRandom is where the stack's random numbers come from, 64 bits a call. Calls may come from any
// goroutine, and overlap.
func WithRandom(next func() uint64) Option {
	return func(o *stackOptions) { o.random, o.randSet = next, true }
}

func (o *stackOptions) check(op string) error {
	switch {
	case o.ttlSet && (o.ttl < 1 || o.ttl > 255):
		return invalid(op, fmt.Sprintf("DefaultTTL(%d): not from 1 to 255", o.ttl))
	case o.hopsSet && (o.hopLimit < 1 || o.hopLimit > 255):
		return invalid(op, fmt.Sprintf("DefaultHopLimit(%d): not from 1 to 255", o.hopLimit))
	case o.boundsSet && (o.high < 1 || o.low < 0 || o.low > o.high):
		return invalid(op, fmt.Sprintf("ReassemblyBounds(%d, %d): high is from 1 on, and low from 0 to high", o.high, o.low))
	case o.clockSet && o.clock == nil:
		return invalid(op, "WithClock(nil): leave it out for the system's clock")
	case o.randSet && o.random == nil:
		return invalid(op, "WithRandom(nil): leave it out for the system's random numbers")
	case o.randSet && o.seeded:
		return invalid(op, "WithRandom and WithSeed exclude each other")
	}
	return nil
}

// New makes a stack without NICs. [Stack.Close] ends it. Errors: [ErrInvalidArgument]; [ErrUnsupported] if
// the library that runs is not of the version that this package was made for.
func New(options ...Option) (*Stack, error) {
	const op = "New"
	if err := checkVersion(op); err != nil {
		return nil, err
	}
	var o stackOptions
	for _, option := range options {
		option(&o)
	}
	if err := o.check(op); err != nil {
		return nil, err
	}
	clock, err := o.newClock(op)
	if err != nil {
		return nil, err
	}
	if o.clock == nil {
		defer C.ns_clock_free(clock)
	}
	random, err := o.newRandom()
	if err != nil {
		return nil, err
	}
	defer C.ns_random_free(random)

	var in C.ns_stack_options
	C.ns_stack_options_init(&in, C.sizeof_ns_stack_options)
	in.flags = o.flags
	in.default_ttl, in.default_hop_limit = C.uint32_t(o.ttl), C.uint32_t(o.hopLimit)
	in.reassembly_high, in.reassembly_low = C.size_t(o.high), C.size_t(o.low)
	in.clock, in.random = clock, random
	var out *C.ns_stack
	if _, err = deliver(op, func() C.nsgo_result { return C.nsgo_stack_new(&in, &out) }); err != nil {
		return nil, err
	}
	s := &Stack{clock: o.clock, ended: make(chan struct{}), nics: map[uint32]*NIC{}, handled: map[Family]bool{}}
	s.c = share(s, out, func(stack *C.ns_stack) { C.ns_stack_free(stack) })
	return s, nil
}

// newRandom is nil for the system's.
func (o *stackOptions) newRandom() (random *C.ns_random, err error) {
	switch {
	case o.seeded:
		err = statusError(C.ns_random_seeded_new(C.uint64_t(o.seed), &random))
	case o.random != nil:
		callee := newCallee(o.random)
		if callee == nil {
			return nil, ErrNoMemory
		}
		err = statusError(C.nsgo_random_new(callee, &random))
	}
	return random, err
}

//export nsgoRandom
func nsgoRandom(handle C.uintptr_t) (number C.uint64_t) {
	callback(func() { number = C.uint64_t(valueOf[func() uint64](handle)()) })
	return number
}

// change is what most methods that configure do.
func (s *Stack) change(op string, call func(*C.ns_stack, **C.ns_error) C.ns_status) error {
	stack := s.c.acquire()
	if stack == nil {
		return whenClosed(op)
	}
	defer s.c.release()
	var said *C.ns_error
	return asError(op, call(stack, &said), said)
}

// Close ends the stack, for everyone: runs return, links are let go. It does not wait: handlers that run
// finish. Allowed in handlers, and any number of times. The error is always nil.
func (s *Stack) Close() error {
	if !s.c.shut() {
		return nil
	}
	close(s.ended)
	stack := s.c.object
	// The library's own end may not meet a call that is about to enter it. So the stack does nothing more
	// from here on, and goes when the last call has left.
	C.ns_stack_stop(stack)
	s.mutex.Lock()
	nics := s.nics
	s.nics = nil
	s.mutex.Unlock()
	for id, nic := range nics {
		nic.link.core().stack.CompareAndSwap(s, nil)
		C.ns_stack_remove_nic(stack, C.uint32_t(id), nil)
	}
	s.c.release()
	return nil
}

// IsClosed tells whether the stack was closed, or never made.
func (s *Stack) IsClosed() bool { return !s.c.isOpen() }

// NextDeadline is when [Stack.Poll] must be called though the descriptor is not readable, by the stack's
// clock; false: no timer is set, or the stack is closed.
func (s *Stack) NextDeadline() (time.Duration, bool) {
	stack := s.c.acquire()
	if stack == nil {
		return 0, false
	}
	defer s.c.release()
	deadline := C.ns_stack_get_next_deadline(stack)
	if deadline > math.MaxInt64 { // NS_TIME_NEVER
		return 0, false
	}
	return time.Duration(deadline), true
}

// Descriptor is readable when [Stack.Poll] has something to do, for loops of other libraries. It stays the
// stack's: only wait for it. -1: the stack is closed.
func (s *Stack) Descriptor() int {
	stack := s.c.acquire()
	if stack == nil {
		return -1
	}
	defer s.c.release()
	return int(C.ns_stack_get_descriptor(stack))
}
