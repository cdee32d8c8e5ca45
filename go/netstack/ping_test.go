package netstack_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"netstack.example/go/netstack"
)

// newPair joins two stacks: what either sends comes in at the other before it is sent. The first is at `here`
// and `here6`, the second at `there` and `there6`. onWire, if there is one, sees what the first sends, and lets
// it pass or not.
func newPair(t *testing.T, onWire func([]byte) bool, options ...netstack.Option) (first, second *netstack.Stack) {
	t.Helper()
	var stacks [2]*netstack.Stack
	var links [2]*netstack.WriterLink
	for i, addresses := range [][]string{{"192.168.0.1/24", "2001:db8::1/64"}, {"192.168.0.2/24", "2001:db8::2/64"}} {
		var err error
		if i == 0 {
			stacks[i], err = netstack.New(options...)
		} else {
			stacks[i], err = netstack.New()
		}
		must(t, err)
		links[i], err = netstack.NewWriterLink(writerFunc(func(packet []byte) (int, error) {
			if i == 0 && onWire != nil && !onWire(packet) {
				return len(packet), nil
			}
			return links[1-i].Write(bytes.Clone(packet))
		}))
		must(t, err)
		_, err = stacks[i].AddNIC(links[i], netstack.Address(addresses...))
		must(t, err)
		t.Cleanup(func() { stacks[i].Close() })
	}
	return stacks[0], stacks[1]
}

func silent([]byte) bool { return false }

// virtual is a clock whose time goes on only by waiting, and by `step` at each look.
type virtual struct {
	now, step atomic.Int64
	wait      func(deadline time.Duration) error // nil: until the deadline
}

func (v *virtual) clock(t *testing.T) *netstack.Clock {
	t.Helper()
	clock, err := netstack.NewClock(netstack.ClockFuncs{
		Now: func() time.Duration { return time.Duration(v.now.Add(v.step.Load())) },
		Wait: func(_, _ int, deadline time.Duration) error {
			if v.wait != nil {
				return v.wait(deadline)
			}
			v.now.Store(int64(deadline))
			return nil
		},
	})
	must(t, err)
	return clock
}

func TestPing(t *testing.T) {
	ticks := &virtual{}
	ticks.step.Store(1000)
	var request []byte
	first, _ := newPair(t, func(packet []byte) bool { request = bytes.Clone(packet); return true },
		netstack.WithClock(ticks.clock(t)))
	for _, to := range []netip.Addr{there, there6} {
		reply, err := first.Ping(t.Context(), to, netstack.Payload([]byte("hello")), netstack.Sequence(9),
			netstack.TTL(5), netstack.TOS(0x28), netstack.Via(1))
		must(t, err)
		if reply.Source() != to || reply.Sequence() != 9 || string(reply.Payload()) != "hello" || reply.TOS() != 0x28 {
			t.Errorf("reply %v, payload %q, TOS %#x", reply, reply.Payload(), reply.TOS())
		}
		if reply.RTT <= 0 || reply.RTT >= 100_000 {
			t.Errorf("RTT %v, want some looks at the clock of 1 µs each", reply.RTT)
		}
		if ttl := request[8]; to.Is4() && ttl != 5 {
			t.Errorf("TTL %d, want 5", ttl)
		}
		if hops := request[7]; to.Is6() && hops != 5 {
			t.Errorf("Hop Limit %d, want 5", hops)
		}
	}
}

func TestPingSource(t *testing.T) {
	first, _ := newPair(t, nil)
	must(t, first.NICs()[1].AddAddresses(netip.MustParsePrefix("192.168.0.7/24")))
	own := netip.MustParseAddr("192.168.0.7")
	reply, err := first.Ping(t.Context(), there, netstack.Source(own))
	must(t, err)
	if reply.Destination() != own {
		t.Errorf("the reply went to %v, want %v", reply.Destination(), own)
	}
	_, err = first.Ping(t.Context(), there, netstack.Source(netip.MustParseAddr("192.168.0.8")))
	wantError(t, err, netstack.ErrNotFound, "netstack: Stack.Ping: the address 192.168.0.8 is not assigned on any NIC")
}

// The reply comes in another goroutine, while Ping waits.
func TestPingThroughChannels(t *testing.T) {
	var stacks [2]*netstack.Stack
	var wires [2]*netstack.Channel
	for i, address := range []string{"192.168.0.1/24", "192.168.0.2/24"} {
		var err error
		stacks[i], err = netstack.New()
		must(t, err)
		defer stacks[i].Close()
		wires[i], err = netstack.NewChannel()
		must(t, err)
		_, err = stacks[i].AddNIC(wires[i], netstack.Address(address))
		must(t, err)
	}
	ended := make(chan struct{})
	for i := range wires {
		go func() {
			buffer := make([]byte, 65_508)
			for {
				length, err := wires[i].Read(buffer)
				if err != nil {
					ended <- struct{}{}
					return
				}
				wires[1-i].Inject(buffer[:length])
			}
		}()
	}
	for sequence := range uint16(3) {
		reply, err := stacks[0].Ping(t.Context(), there, netstack.Sequence(sequence), netstack.Timeout(time.Hour))
		must(t, err)
		if reply.Sequence() != sequence {
			t.Errorf("reply %v to %d", reply, sequence)
		}
	}
	for i := range wires {
		wires[i].Close()
		<-ended
	}
}

func TestPingTimesOut(t *testing.T) {
	for _, test := range []struct {
		options []netstack.SocketOption
		want    time.Duration
	}{
		{nil, time.Second},
		{[]netstack.SocketOption{netstack.Timeout(42 * time.Minute)}, 42 * time.Minute},
	} {
		ticks := &virtual{}
		first, _ := newPair(t, silent, netstack.WithClock(ticks.clock(t)))
		_, err := first.Ping(t.Context(), there, test.options...)
		wantError(t, err, netstack.ErrTimedOut, "netstack: Stack.Ping: no reply came in time")
		if waited := ticks.now.Load(); waited != int64(test.want) {
			t.Errorf("waited %d, want %d", waited, test.want)
		}
	}
}

func TestPingEndsWithContext(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	first, _ := newPair(t, func([]byte) bool { cancel(cause); return false })
	reply, err := first.Ping(ctx, there, netstack.Timeout(time.Hour))
	if reply != nil || err != cause {
		t.Errorf("%v, %v, want the context's cause", reply, err)
	}
	// One that has ended sends nothing.
	sends := false
	first, _ = newPair(t, func([]byte) bool { sends = true; return true })
	if _, err = first.Ping(ctx, there); err != cause || sends {
		t.Errorf("%v, sent: %v, want the context's cause, and nothing sent", err, sends)
	}
}

func TestPingEndsWithDeadline(t *testing.T) {
	first, _ := newPair(t, silent)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := first.Ping(ctx, there, netstack.Timeout(time.Hour)); err != context.DeadlineExceeded {
		t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
	}
}

func TestPingEndsWithStack(t *testing.T) {
	const text = "netstack: Stack.Ping: the stack is closed or stopped"
	var first *netstack.Stack
	end := func() {}
	first, _ = newPair(t, func([]byte) bool { end(); return false })
	end = func() { first.Stop() }
	_, err := first.Ping(t.Context(), there, netstack.Timeout(time.Hour))
	wantError(t, err, netstack.ErrClosed, text)

	first, _ = newPair(t, func([]byte) bool { end(); return false })
	end = func() { first.Close() }
	_, err = first.Ping(t.Context(), there, netstack.Timeout(time.Hour))
	wantError(t, err, netstack.ErrClosed, text)
	_, err = first.Ping(t.Context(), there)
	wantError(t, err, netstack.ErrClosed, "netstack: Stack.Ping: it is closed, or was never made")
	_, err = new(netstack.Stack).Ping(t.Context(), there)
	wantError(t, err, netstack.ErrClosed, "netstack: Stack.Ping: it is closed, or was never made")
}

func TestPingErrorOfClock(t *testing.T) {
	broken := errors.New("the clock is broken")
	ticks := &virtual{wait: func(time.Duration) error { return broken }}
	first, _ := newPair(t, silent, netstack.WithClock(ticks.clock(t)))
	if _, err := first.Ping(t.Context(), there); err != broken {
		t.Errorf("error %v, want the clock's", err)
	}
	n := newNetwork(t)
	_, err := n.stack.Ping(t.Context(), there)
	wantError(t, err, netstack.ErrUnsupported, "netstack: Stack.Ping: this stack's clock has no wait function; "+
		"give the clock one, or use a ping socket")
}

func TestPingErrors(t *testing.T) {
	first, _ := newPair(t, nil)
	ping := func(destination string, options ...netstack.SocketOption) error {
		_, err := first.Ping(t.Context(), netip.MustParseAddr(destination), options...)
		return err
	}
	_, zero := first.Ping(t.Context(), netip.Addr{})
	for _, test := range []struct {
		err    error
		status netstack.Status
		text   string
	}{
		{zero, netstack.ErrInvalidArgument, "the zero netip.Addr is no destination"},
		{ping("0.0.0.0"), netstack.ErrInvalidArgument, "destination is the unspecified address"},
		{ping("192.168.0.255"), netstack.ErrInvalidArgument, "the peer 192.168.0.255 is not one host"},
		{ping("fe80::2%eth0"), netstack.ErrInvalidArgument, "the zone of fe80::2%eth0 is not the number of a NIC"},
		{ping("fe80::2", netstack.Source(netip.MustParseAddr("fe80::1%eth0"))), netstack.ErrInvalidArgument,
			"Source: the zone of fe80::1%eth0 is not the number of a NIC"},
		{ping("10.0.0.1"), netstack.ErrNoRoute, "there is no way to 10.0.0.1"},
		{ping("192.168.0.2", netstack.Via(2)), netstack.ErrNoRoute, "there is no way to 192.168.0.2"},
		{ping("192.168.0.2", netstack.Payload(make([]byte, 65_508))), netstack.ErrUnsupported,
			"nothing was sent to 192.168.0.2: the packet would be longer than IP packets can be"},
	} {
		wantError(t, test.err, test.status, "netstack: Stack.Ping: "+test.text)
	}
}

func TestPingPanics(t *testing.T) {
	first, second := newPair(t, nil)
	must(t, second.HandleEcho(func(*netstack.Request) bool { panic("no answer") }))
	wantPanic(t, "no answer", func() { first.Ping(t.Context(), there, netstack.Timeout(time.Hour)) })
	must(t, second.RemoveHandler(netstack.AnyFamily))
	_, err := first.Ping(t.Context(), there)
	must(t, err)
}

// A panic goes before the reply, which is there.
func TestPingPanicsWithReply(t *testing.T) {
	first, second := newPair(t, nil)
	must(t, second.HandleEcho(func(request *netstack.Request) bool {
		request.Reply()
		panic("answered")
	}))
	wantPanic(t, "answered", func() { first.Ping(t.Context(), there) })
}

func TestPingInHandler(t *testing.T) {
	first, second := newPair(t, nil)
	var replies []*netstack.PingReply
	must(t, second.HandleEcho(func(request *netstack.Request) bool {
		reply, err := second.Ping(t.Context(), request.Source(), netstack.Sequence(77))
		if err != nil {
			t.Error(err)
		}
		replies = append(replies, reply)
		return false
	}))
	_, err := first.Ping(t.Context(), there)
	must(t, err)
	if len(replies) != 1 || replies[0].Source() != here || replies[0].Sequence() != 77 {
		t.Errorf("the handler's replies are %v", replies)
	}
}
