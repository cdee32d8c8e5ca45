package netstack_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"netstack.example/go/netstack"
)

var (
	here   = netip.MustParseAddr("192.168.0.1")
	there  = netip.MustParseAddr("192.168.0.2")
	here6  = netip.MustParseAddr("2001:db8::1")
	there6 = netip.MustParseAddr("2001:db8::2")
)

// network is a stack with a manual clock and one NIC, at `here` and `here6`.
type network struct {
	stack *netstack.Stack
	nic   *netstack.NIC
	wire  *netstack.Channel
}

func newNetwork(t *testing.T, options ...netstack.LinkOption) network {
	t.Helper()
	clock, err := netstack.NewManualClock(0)
	must(t, err)
	stack, err := netstack.New(netstack.WithClock(clock), netstack.WithSeed(1))
	must(t, err)
	t.Cleanup(func() { stack.Close() })
	wire, err := netstack.NewChannel(options...)
	must(t, err)
	t.Cleanup(func() { wire.Close() })
	nic, err := stack.AddNIC(wire, netstack.Address("192.168.0.1/24", "2001:db8::1/64"))
	must(t, err)
	return network{stack, nic, wire}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError is for an error that is a status and says a text.
func wantError(t *testing.T, err error, status netstack.Status, text string) {
	t.Helper()
	if !errors.Is(err, status) {
		t.Errorf("error %v, want %v", err, status)
	} else if err.Error() != text {
		t.Errorf("error text\n%q, want\n%q", err, text)
	}
}

// wantPanic is for what a callback that panicked with a value does to the call that delivered.
func wantPanic(t *testing.T, value any, call func()) {
	t.Helper()
	defer func() {
		t.Helper()
		failure, ok := recover().(*netstack.PanicError)
		if !ok || failure.Value != value {
			t.Errorf("panicked with %v, want a PanicError of %v", failure, value)
		}
	}()
	call()
}

func counter(t *testing.T, stats *netstack.Stats, name string) uint64 {
	t.Helper()
	value, err := stats.Get(name)
	must(t, err)
	return value
}

// watched is a context that tells when somebody begins to wait for its end.
type watched struct {
	context.Context
	waits chan struct{}
}

func watch(ctx context.Context) watched { return watched{ctx, make(chan struct{}, 1)} }

func (w watched) Done() <-chan struct{} {
	select {
	case w.waits <- struct{}{}:
	default:
	}
	return w.Context.Done()
}

type receiver interface {
	TryReceive() (*netstack.Packet, error)
	Receive(context.Context) (*netstack.Packet, error)
	Close() error
}

// sockets makes one of each kind, both of which take the reply that wake injects.
func sockets(t *testing.T, n network) map[string]receiver {
	t.Helper()
	ping, err := n.stack.NewPingSocket(netstack.IPv4)
	must(t, err)
	must(t, ping.Bind(here, 7))
	raw, err := n.stack.NewRawSocket(netstack.IPv4)
	must(t, err)
	return map[string]receiver{"PingSocket": ping, "RawSocket": raw}
}

var anyReply = reply4("192.168.0.2", "192.168.0.1", 7, 1, []byte("hello"))

func TestReceiveWaits(t *testing.T) {
	cause := errors.New("enough")
	for _, test := range []struct {
		name string
		wake func(network, receiver, context.CancelCauseFunc)
		want error // nil: a packet
		text string
	}{
		{name: "packet", wake: func(n network, _ receiver, _ context.CancelCauseFunc) { n.wire.Inject(anyReply) }},
		{"context", func(_ network, _ receiver, cancel context.CancelCauseFunc) { cancel(cause) }, cause, "enough"},
		{"Close", func(_ network, socket receiver, _ context.CancelCauseFunc) { socket.Close() },
			netstack.ErrClosed, ".Receive: it is closed, or was never made"},
		{"Stack.Close", func(n network, _ receiver, _ context.CancelCauseFunc) { n.stack.Close() },
			netstack.ErrClosed, ".Receive: its stack is closed"},
	} {
		for _, kind := range []string{"PingSocket", "RawSocket"} {
			t.Run(kind+" "+test.name, func(t *testing.T) {
				n := newNetwork(t)
				socket := sockets(t, n)[kind]
				inner, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				ctx := watch(inner)
				type outcome struct {
					packet *netstack.Packet
					err    error
				}
				done := make(chan outcome)
				go func() {
					packet, err := socket.Receive(ctx)
					done <- outcome{packet, err}
				}()
				<-ctx.waits
				test.wake(n, socket, cancel)
				got := <-done
				switch {
				case test.want == nil:
					must(t, got.err)
					if string(got.packet.Bytes()) != string(anyReply) {
						t.Errorf("received %x, want %x", got.packet.Bytes(), anyReply)
					}
				case test.want == cause:
					if got.err != cause {
						t.Errorf("error %v, want the context's cause", got.err)
					}
				default:
					wantError(t, got.err, netstack.ErrClosed, "netstack: "+kind+test.text)
				}
			})
		}
	}
}

// Each packet wakes all that wait, and exactly one of them has it.
func TestReceiveInManyGoroutines(t *testing.T) {
	const count = 4
	n := newNetwork(t)
	socket := sockets(t, n)["PingSocket"]
	got := make(chan uint16)
	for range count {
		ctx := watch(context.Background())
		go func() {
			packet, err := socket.Receive(ctx)
			if err != nil {
				t.Error(err)
				got <- 0
				return
			}
			got <- packet.Sequence()
		}()
		<-ctx.waits
	}
	for sequence := uint16(1); sequence <= count; sequence++ {
		must(t, n.wire.Inject(reply4("192.168.0.2", "192.168.0.1", 7, sequence, nil)))
	}
	seen := map[uint16]bool{}
	for range count {
		seen[<-got] = true
	}
	if len(seen) != count || seen[0] {
		t.Errorf("sequence numbers %v, want 1 to %d", seen, count)
	}
}

func TestReceiveWhatWaitsAlready(t *testing.T) {
	n := newNetwork(t)
	for kind, socket := range sockets(t, n) {
		must(t, n.wire.Inject(anyReply))
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := socket.Receive(ended); err != nil {
			t.Errorf("%s: %v, though a packet waits", kind, err)
		}
		for { // the other kind's copies
			if _, err := socket.TryReceive(); err != nil {
				break
			}
		}
		if _, err := socket.Receive(ended); err != context.Canceled {
			t.Errorf("%s: %v, want %v", kind, err, context.Canceled)
		}
	}
}

func TestSocketsAfterTheStack(t *testing.T) {
	n := newNetwork(t)
	made := sockets(t, n)
	must(t, n.wire.Inject(anyReply))
	must(t, n.stack.Close())
	for kind, socket := range made {
		_, err := socket.TryReceive()
		wantError(t, err, netstack.ErrClosed, "netstack: "+kind+".TryReceive: its stack is closed")
		must(t, socket.Close())
		_, err = socket.TryReceive()
		wantError(t, err, netstack.ErrClosed, "netstack: "+kind+".TryReceive: it is closed, or was never made")
		must(t, socket.Close())
	}
}

func TestSocketOptions(t *testing.T) {
	n := newNetwork(t)
	ping := func(o ...netstack.SocketOption) error {
		_, err := n.stack.NewPingSocket(netstack.IPv4, o...)
		return err
	}
	raw := func(o ...netstack.SocketOption) error {
		_, err := n.stack.NewRawSocket(netstack.IPv6, o...)
		return err
	}
	once := func(o ...netstack.SocketOption) error {
		_, err := n.stack.Ping(context.Background(), there, o...)
		return err
	}
	for _, test := range []struct {
		make   func(...netstack.SocketOption) error
		option netstack.SocketOption
		text   string
	}{
		{ping, netstack.Via(0), "Stack.NewPingSocket: Via(0): NICs are numbered from 1 on"},
		{ping, netstack.TTL(0), "Stack.NewPingSocket: TTL(0): not from 1 to 255"},
		{ping, netstack.TTL(256), "Stack.NewPingSocket: TTL(256): not from 1 to 255"},
		{ping, netstack.TOS(-1), "Stack.NewPingSocket: TOS(-1): not from 0 to 255"},
		{ping, netstack.TOS(256), "Stack.NewPingSocket: TOS(256): not from 0 to 255"},
		{ping, netstack.ReceiveBytes(0), "Stack.NewPingSocket: ReceiveBytes(0): not from 1 on"},
		{ping, netstack.Timeout(1), "Stack.NewPingSocket: Timeout is no option of a ping socket"},
		{ping, netstack.Source(here), "Stack.NewPingSocket: Source is no option of a ping socket"},
		{ping, netstack.Sequence(1), "Stack.NewPingSocket: Sequence is no option of a ping socket"},
		{ping, netstack.Payload(nil), "Stack.NewPingSocket: Payload is no option of a ping socket"},
		{raw, netstack.TTL(1), "Stack.NewRawSocket: TTL is no option of a raw socket"},
		{raw, netstack.TOS(1), "Stack.NewRawSocket: TOS is no option of a raw socket"},
		{raw, netstack.ReceiveBytes(0), "Stack.NewRawSocket: ReceiveBytes(0): not from 1 on"},
		{once, netstack.ReceiveBytes(1), "Stack.Ping: ReceiveBytes is no option of a ping"},
		{once, netstack.Timeout(0), "Stack.Ping: Timeout(0s): not longer than 0"},
		{once, netstack.Timeout(-1), "Stack.Ping: Timeout(-1ns): not longer than 0"},
		{once, netstack.Source(netip.Addr{}), "Stack.Ping: Source: the zero netip.Addr is no address"},
		{once, netstack.Source(here6), "Stack.Ping: Source(2001:db8::1) is not of the destination's family, as 192.168.0.2 is"},
		{once, netstack.Source(netip.MustParseAddr("fe80::1%eth0")), "Stack.Ping: Source(fe80::1%eth0) is not of the destination's family, as 192.168.0.2 is"},
	} {
		wantError(t, test.make(test.option), netstack.ErrInvalidArgument, "netstack: "+test.text)
	}
	// Of several that make no sense the first is named.
	wantError(t, ping(netstack.TOS(300), netstack.TTL(300)), netstack.ErrInvalidArgument,
		"netstack: Stack.NewPingSocket: TOS(300): not from 0 to 255")
	must(t, ping(netstack.Via(1), netstack.TTL(1), netstack.TOS(0), netstack.ReceiveBytes(1)))
	must(t, ping(netstack.TTL(255), netstack.TOS(255)))
	must(t, raw(netstack.Via(1), netstack.ReceiveBytes(1)))
}

func TestSocketFamilies(t *testing.T) {
	n := newNetwork(t)
	for family, name := range map[netstack.Family]string{netstack.AnyFamily: "any family", 5: "Family(5)"} {
		ping, err := n.stack.NewPingSocket(family)
		wantError(t, err, netstack.ErrInvalidArgument,
			"netstack: Stack.NewPingSocket: a socket is for IPv4 or for IPv6, not for "+name)
		raw, err := n.stack.NewRawSocket(family)
		wantError(t, err, netstack.ErrInvalidArgument,
			"netstack: Stack.NewRawSocket: a socket is for IPv4 or for IPv6, not for "+name)
		if ping != nil || raw != nil {
			t.Error("a socket comes with the error")
		}
	}
	var zero netstack.Stack
	_, err := zero.NewPingSocket(netstack.IPv4)
	wantError(t, err, netstack.ErrClosed, "netstack: Stack.NewPingSocket: it is closed, or was never made")
	_, err = zero.NewRawSocket(netstack.IPv4)
	wantError(t, err, netstack.ErrClosed, "netstack: Stack.NewRawSocket: it is closed, or was never made")
}

func TestNothingIsAllocatedWhereNothingWaits(t *testing.T) {
	n := newNetwork(t)
	packet := echo4("192.168.0.2", "192.168.0.1", 1, 1, make([]byte, 56))
	buffer := make([]byte, 1500)
	if allocations := testing.AllocsPerRun(100, func() {
		if n.wire.Inject(packet) != nil {
			t.Fatal("not injected")
		}
		if length, err := n.wire.TryRead(buffer); err != nil || length != len(packet) {
			t.Fatal(length, err)
		}
		if _, err := n.wire.TryRead(buffer); err != netstack.ErrWouldBlock {
			t.Fatal(err)
		}
	}); allocations != 0 {
		t.Errorf("%v allocations for an echo in and out, want none", allocations)
	}
	for kind, socket := range sockets(t, n) {
		if allocations := testing.AllocsPerRun(100, func() { socket.TryReceive() }); allocations != 0 {
			t.Errorf("%v allocations for an empty %s, want none", allocations, kind)
		}
	}
}
