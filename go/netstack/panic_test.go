package netstack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"netstack.example/go/netstack"
)

// Callbacks that do not return: a panic comes out of the call that delivered, Goexit ends the goroutine, and
// the stack works afterwards.

// life is how a goroutine went.
type life struct {
	returned bool
	panicked any
	locked   bool // to a thread, when all of it but this had ended
}

// lived does some work in a goroutine of its own, to its end.
func lived(work func()) (l life) {
	elsewhere(func() {
		defer func() {
			l.panicked = recover()
			header, _, _ := strings.Cut(string(debug.Stack()), "\n")
			l.locked = strings.Contains(header, "locked to thread")
		}()
		work()
		l.returned = true
	})
	return l
}

// goexited holds that some work ended by Goexit and left its goroutine free.
func goexited(t testing.TB, work func()) {
	t.Helper()
	if l := lived(work); l != (life{}) {
		t.Errorf("the goroutine went so: %+v", l)
	}
}

// panicked holds that some work panics with what a callback did, and returns that.
func panicked(t testing.TB, work func(), value any) *netstack.PanicError {
	t.Helper()
	l := lived(work)
	failure, ok := l.panicked.(*netstack.PanicError)
	if !ok || l.returned || l.locked {
		t.Fatalf("the goroutine went so: %+v", l)
	}
	if value != nil {
		same(t, failure.Value, value)
	}
	return failure
}

// device is a stack whose NIC is a descriptor, at whose other end the test is.
type device struct {
	stack *netstack.Stack
	nic   *netstack.NIC
	peer  *os.File
}

func socketpair(t testing.TB, kind int) (ours, peer *os.File) {
	t.Helper()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, kind|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	check(t, err)
	ours, peer = os.NewFile(uintptr(ends[0]), "ours"), os.NewFile(uintptr(ends[1]), "peer")
	check(t, peer.SetDeadline(time.Now().Add(patience)))
	t.Cleanup(func() { ours.Close(); peer.Close() })
	return ours, peer
}

func newDevice(t testing.TB, options ...netstack.Option) *device {
	t.Helper()
	stack := made(netstack.New(options...))(t)
	ours, peer := socketpair(t, syscall.SOCK_DGRAM)
	link := made(netstack.NewFD(ours))(t)
	nic := made(stack.AddNIC(link, netstack.Address(our4+"/24", our6+"/64")))(t)
	t.Cleanup(func() { stack.Close() })
	return &device{stack, nic, peer}
}

func (d *device) write(t testing.TB, packet []byte) {
	t.Helper()
	made(d.peer.Write(packet))(t)
}

func (d *device) read(t testing.TB) []byte {
	t.Helper()
	buffer := make([]byte, 2000)
	return buffer[:made(d.peer.Read(buffer))(t)]
}

// delivering are the calls that deliver a packet.
var delivering = []struct {
	name string
	call func(t testing.TB, d *device, channel *netstack.Channel)
}{
	{"Inject", func(t testing.TB, d *device, channel *netstack.Channel) { channel.Inject(request("10.0.0.1").bytes()) }},
	{"Write", func(t testing.TB, d *device, channel *netstack.Channel) { channel.Write(request("10.0.0.1").bytes()) }},
	{"Poll", func(t testing.TB, d *device, channel *netstack.Channel) {
		d.write(t, request(our4).bytes())
		d.stack.Poll()
	}},
	{"Run", func(t testing.TB, d *device, channel *netstack.Channel) {
		d.write(t, request(our6).bytes())
		d.stack.Run(context.Background())
	}},
	{"Ping", func(t testing.TB, d *device, channel *netstack.Channel) {
		d.write(t, request(our4).bytes())
		defer d.read(t) // the ping
		d.stack.Ping(context.Background(), address(peer4))
	}},
}

// works holds that a device still answers, by Poll and by Run, with a handler that is asked and replaced.
func (d *device) works(t testing.TB) {
	t.Helper()
	var calls atomic.Int32
	check(t, d.stack.HandleEcho(func(r *netstack.Request) bool {
		calls.Add(1)
		return r.Reply() == nil
	}, netstack.Replace()))
	d.write(t, request(our4).bytes())
	made(d.stack.Poll())(t)
	same(t, d.read(t), request(our4).answer("").bytes())
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan error)
	go func() { done <- d.stack.Run(ctx) }()
	d.write(t, request(our6).bytes())
	same(t, d.read(t), request(our6).answer("").bytes())
	cancel(errMine)
	same(t, await(t, done), errMine)
	check(t, d.stack.RemoveHandler(netstack.AnyFamily))
	same(t, calls.Load(), int32(2))
}

var errMine = errors.New("mine")

func TestPanicComesOutOfEveryCallThatDelivers(t *testing.T) {
	for _, deliver := range delivering {
		t.Run(deliver.name, func(t *testing.T) {
			d := newDevice(t)
			channel := made(netstack.NewChannel())(t)
			made(d.stack.AddNIC(channel, netstack.Address("10.0.0.1/24")))(t)
			check(t, d.stack.HandleEcho(func(r *netstack.Request) bool { panic(errMine) }))
			failure := panicked(t, func() { deliver.call(t, d, channel) }, errMine)
			same(t, errors.Is(failure, errMine), true)
			same(t, failure.More, 0)
			if !bytes.Contains(failure.Stack, []byte("TestPanicComesOutOfEveryCallThatDelivers")) {
				t.Errorf("the stack does not show the handler:\n%s", failure.Stack)
			}
			if text := failure.Error(); !strings.HasPrefix(text, "panic in a callback: mine\n\ngoroutine ") {
				t.Errorf("the text is %q", text)
			}
			same(t, len(channel.Drain()), 0)
			same(t, counter(t, d.stack.Stats(), "forwarder.failed"), uint64(1))
			d.works(t)
		})
	}
}

func TestPanicGoexitEndsEveryCallThatDelivers(t *testing.T) {
	for _, deliver := range delivering {
		t.Run(deliver.name, func(t *testing.T) {
			d := newDevice(t)
			channel := made(netstack.NewChannel())(t)
			made(d.stack.AddNIC(channel, netstack.Address("10.0.0.1/24")))(t)
			check(t, d.stack.HandleEcho(func(r *netstack.Request) bool { runtime.Goexit(); return true }))
			goexited(t, func() { deliver.call(t, d, channel) })
			same(t, len(channel.Drain()), 0)
			d.works(t)
		})
	}
}

// Whatever thread comes next: the one that was left has not been here again.
func TestPanicGoexitLeavesTheDeviceToEveryThread(t *testing.T) {
	runtime.LockOSThread() // so that the goroutines below have others
	defer runtime.UnlockOSThread()
	for _, deliver := range []func(d *device){
		func(d *device) { d.stack.Poll() },
		func(d *device) { d.stack.Run(context.Background()) },
	} {
		d := newDevice(t)
		check(t, d.stack.HandleEcho(func(r *netstack.Request) bool { runtime.Goexit(); return true }))
		d.write(t, request(our4).bytes())
		goexited(t, func() { deliver(d) })
		check(t, d.stack.RemoveHandler(netstack.AnyFamily))
		d.write(t, request(our4).bytes())
		same(t, made(d.stack.Poll())(t), 1)
		same(t, d.read(t), request(our4).answer("").bytes())
		d.works(t)
	}
}

// Two goroutines run the stack, and the one that serves a device alone is left.
func TestPanicGoexitOfARunThatServesADeviceAlone(t *testing.T) {
	d := newDevice(t)
	ours, peer := socketpair(t, syscall.SOCK_DGRAM)
	made(d.stack.AddNIC(made(netstack.NewFD(ours))(t), netstack.Address("10.0.0.1/24")))(t)
	second := &device{stack: d.stack, peer: peer}
	check(t, d.stack.HandleEcho(func(r *netstack.Request) bool {
		if r.NIC() == 2 {
			runtime.Goexit()
		}
		return r.Reply() == nil
	}))
	main := running(d.stack, context.Background())
	d.ask(t, request(our4))
	left := make(chan int)
	go func() {
		defer close(left)
		d.stack.Run(context.Background())
	}()
	for at := 0; ; at++ { // until the second Run has the device
		second.write(t, request("10.0.0.1").bytes())
		select {
		case <-left:
		case <-main: // it was the main one that had it
		case <-time.After(10 * time.Millisecond):
			if at < 100 {
				continue
			}
		}
		break
	}
	check(t, d.stack.HandleEcho(replyAnd(t, true), netstack.Replace()))
	again := running(d.stack, context.Background())
	d.ask(t, request(our4))
	second.ask(t, request("10.0.0.1"))
	d.stack.Stop()
	check(t, await(t, again))
}

func TestPanicWithEveryKindOfValue(t *testing.T) {
	var nobody *netstack.PanicError
	for _, value := range []any{"text", 7, errMine, netstack.ErrBusy, io.EOF, nobody, &netstack.PanicError{Value: "made"}} {
		w := newWire(t)
		w.handle(func(*netstack.Request) bool { panic(value) })
		failure := panicked(t, func() { w.link.Inject(request(our4).bytes()) }, nil)
		if err, ok := value.(error); ok && value != nobody && !errors.Is(failure, err) {
			t.Errorf("%v is not what came out: %v", value, failure)
		}
		if failure == nil || failure.Error() == "" {
			t.Errorf("for %v came %v", value, failure)
		}
		w.handle(replyAnd(t, true))
		same(t, w.answers(request(our4), ""), 1)
	}
}

func TestPanicWithNilAndOfTheRuntime(t *testing.T) {
	w := newWire(t)
	w.handle(func(r *netstack.Request) bool { panic(nil) })
	failure := panicked(t, func() { w.link.Inject(request(our4).bytes()) }, nil)
	var isNil *runtime.PanicNilError
	same(t, errors.As(failure, &isNil), true)

	var none map[string]int
	w.handle(func(r *netstack.Request) bool { none["x"] = 1; return true })
	failure = panicked(t, func() { w.link.Inject(request(our4).bytes()) }, nil)
	var ofRuntime runtime.Error
	same(t, errors.As(failure, &ofRuntime), true)
}

// As panic(nil) was before Go 1.21, and still is where a program asks for it: recover() does not show it.
func TestPanicWithNilOfOldIsNoGoexit(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=1")
	w := newWire(t)
	w.handle(func(r *netstack.Request) bool { panic(nil) })
	same(t, panicked(t, func() { w.link.Inject(request(our4).bytes()) }, nil).Value, nil)
}

func TestPanicAfterAReplyThatWasAccepted(t *testing.T) {
	for _, end := range []func(){func() { panic("mine") }, runtime.Goexit} {
		w := newWire(t)
		w.handle(func(r *netstack.Request) bool {
			check(t, r.Reply())
			end()
			return false
		})
		lived(func() { w.link.Inject(request(our4).bytes()) })
		same(t, w.link.Drain(), [][]byte{request(our4).answer("").bytes()})
	}
}

func TestPanicOfANestedDeliveryBelongsToTheInnerInject(t *testing.T) {
	w := newWire(t)
	var caught any
	w.handle(func(r *netstack.Request) bool {
		if r.Sequence() == 2 {
			panic("inner")
		}
		func() {
			defer func() { caught = recover() }()
			w.link.Inject(numbered(our4, 2).bytes())
		}()
		return r.Reply() == nil
	})
	same(t, w.answers(numbered(our4, 1), ""), 1)
	same(t, caught.(*netstack.PanicError).Value, "inner")
}

func TestPanicOfANestedDeliveryThatNobodyRecoversGoesThroughAll(t *testing.T) {
	w := newWire(t)
	calls := 0
	w.handle(func(r *netstack.Request) bool {
		calls++
		if r.Sequence() == 5 {
			panic("inner")
		}
		w.link.Inject(numbered(our4, r.Sequence()+1).bytes())
		return false
	})
	failure := panicked(t, func() { w.link.Inject(numbered(our4, 1).bytes()) }, "inner")
	same(t, []int{failure.More, calls}, []int{0, 5})
	if strings.Count(failure.Error(), "panic in a callback") != 1 {
		t.Errorf("wrapped in itself: %s", failure)
	}
	same(t, len(w.link.Drain()), 0)
}

func TestPanicMoreCountsTheFurtherOnes(t *testing.T) {
	d := newDevice(t)
	check(t, d.stack.HandleEcho(func(r *netstack.Request) bool { panic(int(r.Sequence())) }))
	for sequence := range uint16(3) {
		d.write(t, numbered(our4, sequence).bytes())
	}
	failure := panicked(t, func() { d.stack.Poll() }, 0)
	same(t, failure.More, 2)
	if text := failure.Error(); !strings.HasPrefix(text, "panic in a callback: 0 (and 2 more)\n") {
		t.Errorf("the text is %q", text)
	}
	d.works(t)
}

func TestPanicGoexitOfANestedDelivery(t *testing.T) {
	w := newWire(t)
	deferred := 0
	w.handle(func(r *netstack.Request) bool {
		defer func() {
			deferred++
			if r.Sequence() == 5 {
				alive(t, r)
			}
			// The chain works though some of it is gone: in the goroutine that is leaving, too.
			w.stack.NICs()
			check(t, w.nic.SetPromiscuous(true))
		}()
		if r.Sequence() == 5 {
			runtime.Goexit()
		}
		w.link.Inject(numbered(our4, r.Sequence()+1).bytes())
		return false
	})
	goexited(t, func() { w.link.Inject(numbered(our4, 1).bytes()) })
	same(t, deferred, 5)
	w.handle(replyAnd(t, true))
	same(t, w.answers(request(our4), ""), 1)
}

// As FailNow, SkipNow and Fatal do it. A test that nobody counts.
func TestPanicGoexitOfATest(t *testing.T) {
	w := newWire(t)
	w.handle(func(*netstack.Request) bool { new(testing.T).SkipNow(); return true })
	goexited(t, func() { w.link.Inject(request(our4).bytes()) })
	w.handle(replyAnd(t, true))
	same(t, w.answers(request(our4), ""), 1)
}

func TestPanicGoexitAndAPanicWhileItLeaves(t *testing.T) {
	w := newWire(t)
	w.handle(func(r *netstack.Request) bool {
		switch r.Sequence() {
		case 2:
			runtime.Goexit()
		case 3:
			panic("third")
		}
		defer func() {
			alive(t, r)
			panicked := func() (value any) {
				defer func() { value = recover() }()
				w.link.Inject(numbered(our4, 3).bytes())
				return nil
			}()
			same(t, panicked.(*netstack.PanicError).Value, "third")
			alive(t, r)
		}()
		w.link.Inject(numbered(our4, 2).bytes())
		return true
	})
	goexited(t, func() { w.link.Inject(numbered(our4, 1).bytes()) })
	w.handle(replyAnd(t, true))
	same(t, w.answers(request(our4), ""), 1)
}

// Thousands of times, in goroutines that come and go: nothing is used up, and no removal waits for a handler
// that was left.
func TestPanicGoexitThousandsOfTimes(t *testing.T) {
	w := newWire(t)
	for at := range times(3000) {
		removed := false
		w.handle(func(r *netstack.Request) bool {
			if removed {
				t.Error("called after its removal")
			}
			if r.Sequence() < uint16(at%3) {
				w.link.Inject(numbered(our4, r.Sequence()+1).bytes())
			}
			runtime.Goexit()
			return true
		})
		goexited(t, func() { w.link.Inject(numbered(our4, 0).bytes()) })
		check(t, w.stack.RemoveHandler(netstack.AnyFamily))
		removed = true
		same(t, w.answers(request(our4), ""), 1)
	}
}

func TestPanicThousandsOfTimes(t *testing.T) {
	w := newWire(t)
	w.handle(func(r *netstack.Request) bool { panic(errMine) })
	for range times(3000) {
		func() {
			defer func() { recover() }()
			w.link.Inject(request(our4).bytes())
		}()
	}
	w.handle(replyAnd(t, true))
	same(t, w.answers(request(our4), ""), 1)
}

// The handle of a panic that waited in C is deleted.
func TestPanicKeepsNothing(t *testing.T) {
	w := newWire(t)
	freed := make(chan int, 1)
	func() {
		value := &[1 << 20]byte{}
		runtime.AddCleanup(value, func(int) { freed <- 1 }, 0)
		w.handle(func(r *netstack.Request) bool { panic(value) })
		panicked(t, func() { w.link.Inject(request(our4).bytes()) }, nil)
		w.handle(consume)
	}()
	collected(t, freed)
}

// Goexit goes on when the panic of a deferred function is recovered: nobody gets the panic, so nothing keeps it.
func TestPanicWhileGoexitLeavesIsNotKept(t *testing.T) {
	w := newWire(t)
	freed := make(chan int, 1)
	func() {
		value := &[1 << 20]byte{}
		runtime.AddCleanup(value, func(int) { freed <- 1 }, 0)
		w.handle(func(r *netstack.Request) bool {
			defer func() { panic(value) }()
			runtime.Goexit()
			return true
		})
		goexited(t, func() { w.link.Inject(request(our4).bytes()) })
		w.handle(replyAnd(t, true))
	}()
	collected(t, freed)
	same(t, w.answers(request(our4), ""), 1)
}

// collected collects garbage until something is freed.
func collected(t testing.TB, freed <-chan int) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		runtime.GC()
		select {
		case <-freed:
			return
		case <-time.After(time.Millisecond):
		}
	}
	t.Fatal("it is kept")
}

// All that is user code beside handlers.
func TestPanicOfAWriterACaptureAClockAndRandomNumbers(t *testing.T) {
	type place struct {
		name    string
		prepare func(t *testing.T, end func()) (call func())
	}
	arm := func(end func()) (do func(), arm func()) {
		armed := false
		return func() {
			if armed {
				end()
			}
		}, func() { armed = true }
	}
	clock := func(f netstack.ClockFuncs) func(t *testing.T) *device {
		return func(t *testing.T) *device {
			return newDevice(t, netstack.WithClock(made(netstack.NewClock(f))(t)))
		}
	}
	places := []place{
		{"writer", func(t *testing.T, end func()) func() {
			w := newWire(t)
			link := made(netstack.NewWriterLink(writes(func([]byte) error { end(); return nil })))(t)
			made(w.stack.AddNIC(link, netstack.Address("10.0.0.1/24")))(t)
			return func() { link.Inject(request("10.0.0.1").bytes()) }
		}},
		{"writer beneath Reply", func(t *testing.T, end func()) func() {
			w := newWire(t)
			link := made(netstack.NewWriterLink(writes(func([]byte) error { end(); return nil })))(t)
			made(w.stack.AddNIC(link, netstack.Address("10.0.0.1/24")))(t)
			w.handle(func(r *netstack.Request) bool { r.Reply(); return true })
			return func() { link.Inject(request("10.0.0.1").bytes()) }
		}},
		{"capture", func(t *testing.T, end func()) func() {
			do, start := arm(end)
			w := newWire(t)
			capture := made(netstack.NewCapture(writes(func([]byte) error { do(); return nil })))(t)
			check(t, w.nic.SetCapture(capture))
			start()
			return func() { w.link.Inject(request(our4).bytes()) }
		}},
		{"header of a capture", func(t *testing.T, end func()) func() {
			return func() { netstack.NewCapture(writes(func([]byte) error { end(); return nil })) }
		}},
		{"Now", func(t *testing.T, end func()) func() {
			do, start := arm(end)
			d := clock(netstack.ClockFuncs{Now: func() time.Duration { do(); return 0 }})(t)
			start()
			return func() { d.stack.Poll() }
		}},
		{"Now, asked by Clock.Now", func(t *testing.T, end func()) func() {
			c := made(netstack.NewClock(netstack.ClockFuncs{Now: func() time.Duration { end(); return 0 }}))(t)
			return func() { c.Now() }
		}},
		{"WallNow", func(t *testing.T, end func()) func() {
			d := clock(netstack.ClockFuncs{
				Now:     func() time.Duration { return 0 },
				WallNow: func() time.Time { end(); return time.Time{} },
			})(t)
			check(t, d.nic.SetCapture(made(netstack.NewCapture(io.Discard))(t)))
			return func() {
				d.write(t, request(our4).bytes())
				d.stack.Poll()
			}
		}},
		{"Wait", func(t *testing.T, end func()) func() {
			d := clock(netstack.ClockFuncs{
				Now:  func() time.Duration { return 0 },
				Wait: func(int, int, time.Duration) error { end(); return nil },
			})(t)
			return func() { d.stack.Run(context.Background()) }
		}},
		{"random numbers", func(t *testing.T, end func()) func() {
			return func() { netstack.New(netstack.WithRandom(func() uint64 { end(); return 0 })) }
		}},
	}
	for _, place := range places {
		t.Run(place.name, func(t *testing.T) {
			for range 3 {
				call := place.prepare(t, func() { panic(errMine) })
				panicked(t, call, errMine)
				panicked(t, call, errMine)
				call = place.prepare(t, runtime.Goexit)
				goexited(t, call)
				goexited(t, call)
			}
			w := newWire(t)
			w.handle(replyAnd(t, true))
			same(t, w.answers(request(our4), ""), 1)
		})
	}
}

type writes func([]byte) error

func (f writes) Write(packet []byte) (int, error) { return len(packet), f(packet) }

// A stack with a capture that was left goes on capturing.
func TestPanicCaptureGoesOnAfterwards(t *testing.T) {
	for _, end := range []func(){func() { panic(errMine) }, runtime.Goexit} {
		w := newWire(t)
		records, broken := 0, true
		capture := made(netstack.NewCapture(writes(func(record []byte) error {
			if records++; records > 1 && broken {
				broken = false
				end()
			}
			return nil
		})))(t)
		check(t, w.nic.SetCapture(capture))
		lived(func() { w.link.Inject(request(our4).bytes()) })
		w.link.Drain()
		before := records
		elsewhere(func() { same(t, w.answers(request(our4), ""), 1) })
		same(t, w.answers(request(our4), ""), 1)
		if records < before+2 {
			t.Errorf("%d records before, %d after", before, records)
		}
	}
}

// What is left in one goroutine is no matter of others, on whatever thread they come to run.
func TestPanicGoexitsInManyGoroutinesAtOnce(t *testing.T) {
	w := newWire(t)
	w.handle(func(r *netstack.Request) bool {
		switch r.Sequence() % 4 {
		case 0:
			runtime.Goexit()
		case 1:
			panic(errMine)
		case 2:
			w.link.Inject(numbered(our4, r.Sequence()+1).bytes())
		}
		return r.Reply() == nil
	})
	ended := make(chan string)
	for at := range uint16(8) {
		go func() {
			for sequence := range uint16(200) {
				l := lived(func() { w.link.Inject(numbered(our4, 8*sequence+at).bytes()) })
				if l.returned != (at%4 > 1) || (l.panicked != nil) != (at%4 == 1) || l.locked {
					ended <- fmt.Sprintf("%d: %+v", at, l)
					return
				}
				w.link.Drain()
			}
			ended <- ""
		}()
	}
	for range 8 {
		same(t, await(t, ended), "")
	}
	w.handle(replyAnd(t, true))
	w.link.Drain()
	same(t, w.answers(request(our4), ""), 1)
}
