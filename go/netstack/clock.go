package netstack

// #include "shim.h"
import "C"

import (
	"fmt"
	"runtime"
	"time"
)

// Clock is a source of time, for [WithClock]. Times are durations since a start of the clock's own choice.
// One clock may serve several stacks.
type Clock struct {
	c        *C.ns_clock
	isManual bool
}

// NewManualClock makes a clock that stands still until [Clock.Advance]. It starts at start, which is also the
// wall time, since 1970 UTC. A stack with it is driven by [Stack.Poll]; [Stack.Run] refuses it.
func NewManualClock(start time.Duration) (*Clock, error) {
	const op = "NewManualClock"
	if start < 0 {
		return nil, invalid(op, fmt.Sprintf("the start %v lies before 0", start))
	}
	clock := &Clock{isManual: true}
	if status := C.ns_clock_manual_new(C.uint64_t(start), &clock.c); status != C.NS_OK {
		return nil, statusError(status)
	}
	return clock.withCleanup(), nil
}

func (c *Clock) withCleanup() *Clock {
	runtime.AddCleanup(c, func(clock *C.ns_clock) { C.ns_clock_free(clock) }, c.c)
	return c
}

// Advance moves a manual clock on. Timers that become due run at the next [Stack.Poll]. Errors:
// [ErrInvalidArgument] if by is negative, [ErrUnsupported] if the clock is not a manual one.
func (c *Clock) Advance(by time.Duration) error {
	const op = "Clock.Advance"
	if c.c == nil {
		return invalid(op, "the zero Clock is none; NewManualClock makes one")
	}
	if by < 0 {
		return invalid(op, fmt.Sprintf("by %v: a clock never goes back", by))
	}
	if !c.isManual {
		return &Error{op, ErrUnsupported, "the clock is not a manual one"}
	}
	defer runtime.KeepAlive(c)
	return statusError(C.ns_clock_advance(c.c, C.uint64_t(by)))
}

// Now is the time that the clock shows; 0 for the zero Clock.
func (c *Clock) Now() time.Duration {
	defer runtime.KeepAlive(c)
	result, _ := deliver("Clock.Now", func() C.nsgo_result { return C.nsgo_clock_now(c.c) })
	return time.Duration(result.now)
}

// ClockFuncs is what a clock of your own is made of. The functions may be called from any goroutine.
type ClockFuncs struct {
	// Now is the time now. It never goes back.
	Now func() time.Duration
	// WallNow is the time for captures; nil: Now since 1970 UTC.
	WallNow func() time.Time
	// Wait waits until one of the descriptors is readable or the clock shows the deadline (negative: no
	// deadline). It may return early, and an error ends [Stack.Run] with it. The second descriptor is -1
	// where nothing can interrupt. nil: Run refuses the clock.
	Wait func(descriptor, interrupt int, deadline time.Duration) error
}

// NewClock makes a clock out of functions. The error is [ErrInvalidArgument] if there is no Now.
func NewClock(functions ClockFuncs) (*Clock, error) {
	const op = "NewClock"
	if functions.Now == nil {
		return nil, invalid(op, "ClockFuncs.Now is nil")
	}
	callee := newCallee(&functions)
	if callee == nil {
		return nil, ErrNoMemory
	}
	clock := &Clock{}
	var said *C.ns_error
	if status := C.nsgo_clock_new(truth(functions.WallNow != nil), truth(functions.Wait != nil), callee, &clock.c,
		&said); status != C.NS_OK {
		return nil, asError(op, status, said)
	}
	return clock.withCleanup(), nil
}

func truth(value bool) C.int {
	if value {
		return 1
	}
	return 0
}

//export nsgoNow
func nsgoNow(handle C.uintptr_t) (now C.uint64_t) {
	callback(func() { now = C.uint64_t(max(0, valueOf[*ClockFuncs](handle).Now())) })
	return now
}

//export nsgoWallNow
func nsgoWallNow(handle C.uintptr_t) (now C.uint64_t) {
	callback(func() { now = C.uint64_t(max(0, valueOf[*ClockFuncs](handle).WallNow().UnixNano())) })
	return now
}

//export nsgoWait
func nsgoWait(handle C.uintptr_t, descriptor, interrupt C.int, deadline C.uint64_t) (status C.ns_status) {
	until := time.Duration(-1)
	if deadline <= 1<<63-1 {
		until = time.Duration(deadline)
	}
	status = C.NSGO_INTERRUPTED
	callback(func() {
		err := valueOf[*ClockFuncs](handle).Wait(int(descriptor), int(interrupt), until)
		if err == nil {
			status = C.NS_OK
		} else {
			park(err)
		}
	})
	return status
}

// newClock makes what the stack goes by, or shares it; the caller frees it only if it is the system's.
func (o *stackOptions) newClock(op string) (clock *C.ns_clock, err error) {
	if o.clock == nil {
		var said *C.ns_error
		status := C.nsgo_system_clock_new(&clock, &said)
		return clock, asError(op, status, said)
	}
	if o.clock.c == nil {
		return nil, invalid(op, "the zero Clock is none; NewManualClock or NewClock makes one")
	}
	return o.clock.c, nil
}
