package netstack_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"netstack.example/go/netstack"
)

// The loops: Run in one goroutine and in several, Stop, Close, contexts, and Poll in a loop of one's own.

// running is a Run in a goroutine of its own.
func running(stack *netstack.Stack, ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- stack.Run(ctx) }()
	return done
}

// ask holds that a device's stack answers, which must be running.
func (d *device) ask(t testing.TB, e echo) {
	t.Helper()
	d.write(t, e.bytes())
	same(t, d.read(t), e.answer("").bytes())
}

func TestRunAnswersUntilItsContextEnds(t *testing.T) {
	d := newDevice(t)
	for range 3 { // it can run again
		ctx, cancel := context.WithCancelCause(context.Background())
		done := running(d.stack, ctx)
		for sequence := range uint16(20) {
			d.ask(t, numbered(our4, sequence))
			d.ask(t, numbered(our6, sequence))
		}
		cancel(errMine)
		same(t, await(t, done), errMine)
	}
}

func TestRunWithContextsThatEndInOtherWays(t *testing.T) {
	d := newDevice(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	same(t, d.stack.Run(ctx), context.Canceled)
	ctx, cancel = context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	same(t, d.stack.Run(ctx), context.DeadlineExceeded)
	ctx, cancel = context.WithCancel(context.Background())
	check(t, d.stack.HandleEcho(func(r *netstack.Request) bool { cancel(); return r.Reply() == nil }))
	done := running(d.stack, ctx)
	d.ask(t, request(our4))
	same(t, await(t, done), context.Canceled)
}

func TestRunEndsWithStopWhichIsRemembered(t *testing.T) {
	d := newDevice(t)
	done := running(d.stack, context.Background())
	d.ask(t, request(our4))
	d.stack.Stop()
	check(t, await(t, done))
	check(t, d.stack.Run(context.Background()))
	d.write(t, request(our4).bytes())
	made(d.stack.Poll())(t) // which does not care
	same(t, d.read(t), request(our4).answer("").bytes())
}

func TestRunEndsWithClose(t *testing.T) {
	d := newDevice(t)
	done := running(d.stack, context.Background())
	d.ask(t, request(our4))
	d.stack.Close()
	same(t, errors.Is(await(t, done), netstack.ErrClosed), true)
	same(t, errors.Is(d.stack.Run(context.Background()), netstack.ErrClosed), true)
	_, err := d.stack.Poll()
	same(t, errors.Is(err, netstack.ErrClosed), true)
}

func TestRunEndsWithStopAndCloseInsideAHandler(t *testing.T) {
	for _, end := range []func(*netstack.Stack){
		(*netstack.Stack).Stop,
		func(stack *netstack.Stack) { stack.Close() },
	} {
		d := newDevice(t)
		check(t, d.stack.HandleEcho(func(*netstack.Request) bool { end(d.stack); return true }))
		d.write(t, request(our4).bytes())
		if err := d.stack.Run(context.Background()); err != nil && !errors.Is(err, netstack.ErrClosed) {
			t.Errorf("Run: %v", err)
		}
	}
}

func TestRunWhoseDeviceIsGone(t *testing.T) {
	stack := made(netstack.New())(t)
	defer stack.Close()
	ours, peer := socketpair(t, syscall.SOCK_SEQPACKET)
	made(stack.AddNIC(made(netstack.NewFD(ours))(t)))(t)
	peer.Close()
	err := stack.Run(context.Background())
	same(t, errors.Is(err, netstack.ErrClosed), true)
	same(t, stack.IsClosed(), false)
	done := running(stack, context.Background()) // serves the others
	stack.Stop()
	check(t, await(t, done))
}

// Two devices are served at the same time: each handler waits for the other.
func TestRunInTwoGoroutines(t *testing.T) {
	d := newDevice(t)
	ours, peer := socketpair(t, syscall.SOCK_DGRAM)
	made(d.stack.AddNIC(made(netstack.NewFD(ours))(t), netstack.Address("10.0.0.1/24")))(t)
	other := &device{stack: d.stack, peer: peer}
	var together sync.WaitGroup
	together.Add(2)
	check(t, d.stack.HandleEcho(func(r *netstack.Request) bool {
		together.Done()
		together.Wait()
		return r.Reply() == nil
	}))
	d.write(t, request(our4).bytes())
	other.write(t, request("10.0.0.1").bytes())
	runs := []<-chan error{running(d.stack, context.Background()), running(d.stack, context.Background())}
	same(t, d.read(t), request(our4).answer("").bytes())
	same(t, other.read(t), request("10.0.0.1").answer("").bytes())
	// No device is left for a third.
	same(t, errors.Is(d.stack.Run(context.Background()), netstack.ErrBusy), true)
	d.stack.Stop()
	for _, run := range runs {
		check(t, await(t, run))
	}
}

// While one goroutine runs and blocks in a handler, others go on.
func TestRunThatBlocksStallsNobodyElse(t *testing.T) {
	d := newDevice(t)
	channel := made(netstack.NewChannel())(t)
	made(d.stack.AddNIC(channel, netstack.Address("10.0.0.1/24")))(t)
	entered, leave := make(chan int), make(chan int)
	check(t, d.stack.HandleEcho(func(r *netstack.Request) bool {
		if r.NIC() == 1 {
			close(entered)
			<-leave
		}
		return r.Reply() == nil
	}))
	done := running(d.stack, context.Background())
	d.write(t, request(our4).bytes())
	await(t, entered)
	for sequence := range uint16(50) {
		check(t, channel.Inject(numbered("10.0.0.1", sequence).bytes()))
	}
	same(t, len(channel.Drain()), 50)
	same(t, made(d.stack.Poll())(t), 0) // the device is with the other
	close(leave)
	same(t, d.read(t), request(our4).answer("").bytes())
	d.stack.Stop()
	check(t, await(t, done))
}

func TestPollReadsWhatIsThere(t *testing.T) {
	d := newDevice(t)
	for sequence := range uint16(5) {
		d.write(t, numbered(our4, sequence).bytes())
	}
	same(t, made(d.stack.Poll())(t), 5)
	for sequence := range uint16(5) {
		same(t, d.read(t), numbered(our4, sequence).answer("").bytes())
	}
	same(t, made(d.stack.Poll())(t), 0)
}

// A Run leaves no descriptor behind, however it ends.
func TestRunManyShortOnes(t *testing.T) {
	d := newDevice(t)
	before := len(made(os.ReadDir("/proc/self/fd"))(t))
	for range 200 {
		ctx, cancel := context.WithCancel(context.Background())
		done := running(d.stack, ctx)
		d.ask(t, request(our4))
		cancel()
		same(t, await(t, done), context.Canceled)
	}
	if after := len(made(os.ReadDir("/proc/self/fd"))(t)); after > before+50 { // those of other tests come and go
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestRunAndPingWithoutAFreeDescriptor(t *testing.T) {
	w := newWire(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var limit syscall.Rlimit
	check(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	defer func() { check(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)) }()
	check(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: limit.Max}))
	wantError(t, w.stack.Run(ctx), netstack.ErrLimited,
		"netstack: Stack.Run: no descriptor for the context's end: pipe2: too many open files")
	_, err := w.stack.Ping(ctx, request(our4).source)
	wantError(t, err, netstack.ErrLimited,
		"netstack: Stack.Ping: no descriptor for the context's end: pipe2: too many open files")
}
