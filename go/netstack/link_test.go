package netstack_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"netstack.example/go/netstack"
)

// Links, captures of what passes them, clocks, and the loops that drive them.

func TestChannelIsAQueue(t *testing.T) {
	w := newWire(t)
	buffer := make([]byte, 1500)
	n, err := w.link.TryRead(buffer)
	same(t, []any{n, err}, []any{0, netstack.ErrWouldBlock})
	same(t, len(w.link.Drain()), 0)
	var want [][]byte
	for sequence := range uint16(4) {
		check(t, w.link.Inject(numbered(our4, sequence).bytes()))
		want = append(want, numbered(our4, sequence).answer("").bytes())
	}
	same(t, buffer[:made(w.link.TryRead(buffer))(t)], want[0])
	same(t, buffer[:made(w.link.Read(buffer))(t)], want[1])
	same(t, w.link.Drain(), want[2:])
}

func TestChannelDropsWhatItHasNoRoomFor(t *testing.T) {
	w := setup{link: []netstack.LinkOption{netstack.Capacity(2)}}.wire(t)
	w.handle(replyAnd(t, true)) // accepted is not delivered
	for sequence := range uint16(5) {
		check(t, w.link.Inject(numbered(our4, sequence).bytes()))
	}
	same(t, w.link.Drain(), [][]byte{numbered(our4, 0).answer("").bytes(), numbered(our4, 1).answer("").bytes()})
	same(t, w.answers(request(our4), ""), 1)
}

func TestChannelShortBufferKeepsThePacket(t *testing.T) {
	w := newWire(t)
	check(t, w.link.Inject(request(our4).bytes()))
	for _, short := range [][]byte{nil, {}, make([]byte, 31)} {
		n, err := w.link.TryRead(short)
		same(t, []any{n, err}, []any{32, io.ErrShortBuffer})
		n, err = w.link.ReadContext(context.Background(), short)
		same(t, []any{n, err}, []any{32, io.ErrShortBuffer})
		n, err = w.link.Read(short) // no io.Reader returns more than there is room for
		same(t, []any{n, err}, []any{0, io.ErrShortBuffer})
	}
	same(t, w.link.Drain(), [][]byte{request(our4).answer("").bytes()})
}

func TestChannelMTU(t *testing.T) {
	for _, mtu := range []int{68, 576, 1500, netstack.MaxMTU} {
		w := setup{link: []netstack.LinkOption{netstack.MTU(mtu)}, bare: true}.wire(t)
		check(t, w.stack.SetEchoPolicy(netstack.AnyFamily, netstack.TemporaryDestination, netstack.ReplyPolicy))
		check(t, w.nic.SetPromiscuous(true))
		same(t, w.link.MTU(), mtu)
		e := request(our4)
		e.payload = make([]byte, mtu-28)
		same(t, w.answers(e, ""), 1)
		if mtu < netstack.MaxMTU {
			e.payload = make([]byte, mtu-27)
			fragments := w.send(e.bytes())
			same(t, len(fragments), 2)
			same(t, max(len(fragments[0]), len(fragments[1])) <= mtu, true)
		}
	}
	same(t, made(netstack.NewChannel())(t).MTU(), 1500)
	same(t, made(netstack.NewWriterLink(io.Discard))(t).MTU(), 1500)
}

// waiting tells when somebody waits for its end.
type waiting struct {
	context.Context
	waits chan struct{}
}

func (w waiting) Done() <-chan struct{} {
	select {
	case w.waits <- struct{}{}:
	default:
	}
	return w.Context.Done()
}

func TestChannelReadWaits(t *testing.T) {
	answer := request(our4).answer("").bytes()
	for name, test := range map[string]struct {
		wake   func(w *wire, cancel context.CancelCauseFunc)
		packet []byte
		err    error
	}{
		"packet":  {func(w *wire, _ context.CancelCauseFunc) { w.link.Inject(request(our4).bytes()) }, answer, nil},
		"context": {func(_ *wire, cancel context.CancelCauseFunc) { cancel(errMine) }, nil, errMine},
		"Close":   {func(w *wire, _ context.CancelCauseFunc) { w.link.Close() }, nil, netstack.ErrClosed},
	} {
		w := newWire(t)
		inner, cancel := context.WithCancelCause(context.Background())
		ctx := waiting{inner, make(chan struct{}, 1)}
		done := make(chan error)
		var packet []byte
		go func() {
			buffer := make([]byte, 1500)
			n, err := w.link.ReadContext(ctx, buffer)
			if err == nil {
				packet = buffer[:n]
			}
			done <- err
		}()
		await(t, ctx.waits)
		test.wake(w, cancel)
		if err := await(t, done); !errors.Is(err, test.err) || !bytes.Equal(packet, test.packet) {
			t.Errorf("%s: %x, %v", name, packet, err)
		}
		cancel(nil)
	}
}

func TestChannelReadWithAContextThatHasEnded(t *testing.T) {
	w := newWire(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errMine)
	buffer := make([]byte, 1500)
	_, err := w.link.ReadContext(ctx, buffer)
	same(t, err, errMine)
	check(t, w.link.Inject(request(our4).bytes()))
	made(w.link.ReadContext(ctx, buffer))(t) // what is there already needs no waiting
	expiredContext, cancelExpired := context.WithDeadline(context.Background(), time.Time{})
	defer cancelExpired()
	_, err = w.link.ReadContext(expiredContext, buffer)
	same(t, err, context.DeadlineExceeded)
}

// Each of many readers gets a packet of its own, or the end.
func TestChannelManyReaders(t *testing.T) {
	w := newWire(t)
	got := make(chan string, 100)
	var readers sync.WaitGroup
	for range 5 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			buffer := make([]byte, 1500)
			for {
				n, err := w.link.Read(buffer)
				if err != nil {
					same(t, err, io.EOF)
					return
				}
				got <- string(buffer[:n])
			}
		}()
	}
	seen := map[string]bool{}
	for sequence := range uint16(200) {
		check(t, w.link.Inject(numbered(our4, sequence).bytes()))
		if sequence%2 == 1 { // two at a time
			seen[await(t, got)], seen[await(t, got)] = true, true
		}
	}
	same(t, len(seen), 200)
	w.link.Close()
	readers.Wait()
}

func TestChannelCopiesFromAndTo(t *testing.T) {
	one, other := newWire(t), newWire(t)
	// What one sends is what the other gets: its replies, which nobody there wants.
	copied := make(chan error)
	go func() {
		_, err := io.Copy(other.link, one.link)
		copied <- err
	}()
	var seen = make(chan string, 1)
	other.handle(func(r *netstack.Request) bool { seen <- r.String(); return true }, netstack.WithEchoReplies())
	e := request(our4)
	e.source = e.destination.Next()
	check(t, one.nic.SetPromiscuous(true))
	check(t, other.nic.SetPromiscuous(true))
	check(t, one.link.Inject(e.bytes()))
	same(t, await(t, seen), "192.168.0.1 > 192.168.0.2: echo reply, id 1234, seq 1, 32 bytes")
	one.link.Close()
	check(t, await(t, copied))

	// A packet longer than io.Copy's buffer is an error, not a crash.
	w := setup{link: []netstack.LinkOption{netstack.MTU(netstack.MaxMTU)}}.wire(t)
	e.payload = make([]byte, 50_000)
	check(t, w.link.Inject(e.bytes()))
	_, err := io.Copy(io.Discard, struct{ io.Reader }{w.link})
	if err != nil && err != io.ErrShortBuffer {
		t.Errorf("io.Copy: %v", err)
	}
}

func TestLinkBelongsToOneNIC(t *testing.T) {
	w := newWire(t)
	_, err := w.stack.AddNIC(w.link)
	same(t, errors.Is(err, netstack.ErrBusy), true)
	check(t, w.nic.Remove())
	same(t, errors.Is(w.link.Inject(request(our4).bytes()), netstack.ErrClosed), true)
	made(newWire(t).stack.AddNIC(w.link, netstack.Address("10.0.0.1/8")))(t)
	same(t, w.answers(request("10.0.0.1"), ""), 1)
}

func TestLinkInjectKeepsNothing(t *testing.T) {
	w := newWire(t)
	packet := request(our4).bytes()
	check(t, w.link.Inject(packet))
	clear(packet)
	same(t, w.link.Drain(), [][]byte{request(our4).answer("").bytes()})
	// Bytes that lie among pointers of Go's.
	holder := struct {
		before *int
		bytes  [32]byte
		after  *wire
	}{before: new(int), after: w}
	copy(holder.bytes[:], request(our4).bytes())
	same(t, len(w.send(holder.bytes[:])), 1)
}

func TestWriterLinkSends(t *testing.T) {
	var kept [][]byte
	var want [][]byte
	stack := made(netstack.New())(t)
	defer stack.Close()
	link := made(netstack.NewWriterLink(writes(func(packet []byte) error {
		kept = append(kept, packet) // against the rules of io.Writer
		want = append(want, bytes.Clone(packet))
		return nil
	})))(t)
	made(stack.AddNIC(link, netstack.Address(our4+"/24", our6+"/64")))(t)
	check(t, link.Inject(request(our6).bytes()))
	check(t, link.Inject(request(our4).bytes()))
	same(t, want, [][]byte{request(our6).answer("").bytes(), request(our4).answer("").bytes()})
	stack.Close()
	for _, packet := range kept {
		for at := range packet { // Go's memory, though used again
			packet[at] = 0xff
		}
	}
}

func TestWriterLinkErrors(t *testing.T) {
	for _, failure := range []error{errMine, netstack.ErrWouldBlock, netstack.ErrClosed, io.ErrClosedPipe,
		&netstack.Error{Op: "mine", Status: netstack.ErrLimited}, netstack.ErrUnclaimed, netstack.Status(0)} {
		w := newWire(t)
		link := made(netstack.NewWriterLink(writes(func([]byte) error { return failure })))(t)
		made(w.stack.AddNIC(link, netstack.Address("10.0.0.1/24")))(t)
		w.handle(func(r *netstack.Request) bool {
			check(t, r.Reply()) // accepted is not delivered
			return true
		})
		check(t, link.Inject(request("10.0.0.1").bytes()))
	}
}

func TestWriterLinkOverlappingWrites(t *testing.T) {
	stack := made(netstack.New())(t)
	defer stack.Close()
	var together sync.WaitGroup
	together.Add(2)
	link := made(netstack.NewWriterLink(writes(func(packet []byte) error {
		before := string(packet)
		together.Done()
		together.Wait() // both run now
		same(t, string(packet), before)
		return nil
	})))(t)
	made(stack.AddNIC(link, netstack.Address(our4+"/24")))(t)
	done := make(chan error)
	for sequence := range uint16(2) {
		go func() { done <- link.Inject(numbered(our4, sequence).bytes()) }()
	}
	check(t, await(t, done))
	check(t, await(t, done))
}

func TestFDLinkWithPacketInformation(t *testing.T) {
	for information, before := range map[netstack.PacketInformation][2][]byte{
		netstack.NoPacketInformation:    {},
		netstack.LinuxPacketInformation: {{0, 0, 8, 0}, {0, 0, 0x86, 0xdd}},
		netstack.UTUNPacketInformation:  {{0, 0, 0, 2}, {0, 0, 0, 30}},
	} {
		for _, kind := range []int{syscall.SOCK_DGRAM, syscall.SOCK_SEQPACKET} {
			stack := made(netstack.New())(t)
			defer stack.Close()
			ours, peer := socketpair(t, kind)
			link := made(netstack.NewFD(ours, netstack.WithPacketInformation(information), netstack.MTU(1400)))(t)
			same(t, link.MTU(), 1400)
			ours.Close() // the link has a duplicate
			made(stack.AddNIC(link, netstack.Address(our4+"/24", our6+"/64")))(t)
			d := &device{stack: stack, peer: peer}
			for at, destination := range []string{our4, our6} {
				e := request(destination)
				d.write(t, append(bytes.Clone(before[at]), e.bytes()...))
				for packets := 0; packets == 0; {
					packets = made(stack.Poll())(t)
				}
				same(t, d.read(t), append(bytes.Clone(before[at]), e.answer("").bytes()...))
			}
			check(t, link.Inject(request(our4).bytes())) // is not read from the descriptor
			same(t, len(d.read(t)), len(before[0])+32)
		}
	}
}

func TestFDLinkWhoseOtherEndIsGone(t *testing.T) {
	stack := made(netstack.New())(t)
	defer stack.Close()
	ours, peer := socketpair(t, syscall.SOCK_SEQPACKET)
	made(stack.AddNIC(made(netstack.NewFD(ours))(t)))(t)
	peer.Close()
	_, err := stack.Poll()
	same(t, errors.Is(err, netstack.ErrClosed), true)
	check(t, func() error { _, err := stack.Poll(); return err }()) // told once; others are served
}

// record is one of a pcap file's, in the byte order of the machine.
func record(seconds, micros int, packet []byte) []byte {
	out := binary.NativeEndian.AppendUint32(nil, uint32(seconds))
	out = binary.NativeEndian.AppendUint32(out, uint32(micros))
	out = binary.NativeEndian.AppendUint32(out, uint32(len(packet)))
	out = binary.NativeEndian.AppendUint32(out, uint32(len(packet)))
	return append(out, packet...)
}

func pcapHeader() []byte {
	out := binary.NativeEndian.AppendUint32(nil, 0xa1b2c3d4)
	out = binary.NativeEndian.AppendUint16(out, 2)
	out = binary.NativeEndian.AppendUint16(out, 4)
	for _, field := range []uint32{0, 0, 262_144, 101} {
		out = binary.NativeEndian.AppendUint32(out, field)
	}
	return out
}

func TestCaptureBytes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out.pcap")
	var pieces [][]byte
	captures := []*netstack.Capture{
		made(netstack.CreateCapture(file))(t),
		made(netstack.NewCapture(writes(func(piece []byte) error {
			pieces = append(pieces, bytes.Clone(piece))
			return nil
		})))(t),
	}
	e := request(our4)
	for _, capture := range captures {
		w := newWire(t)
		check(t, w.clock.Advance(1500*time.Millisecond))
		check(t, w.nic.SetCapture(capture))
		w.send(e.bytes())
		check(t, w.clock.Advance(2*time.Microsecond))
		w.send([]byte{0x45}) // as it came, though it is none
		check(t, w.nic.SetCapture(nil))
		w.send(e.bytes())
		same(t, capture.Lost(), uint64(0))
		check(t, capture.Err())
		check(t, capture.Close())
		same(t, capture.Lost(), uint64(0))
	}
	want := [][]byte{
		pcapHeader(), record(1, 500_000, e.bytes()), record(1, 500_000, e.answer("").bytes()),
		record(1, 500_002, []byte{0x45}),
	}
	same(t, pieces, want)
	same(t, made(os.ReadFile(file))(t), bytes.Join(want, nil))
}

func TestCaptureAfterAnErrorOfItsWriter(t *testing.T) {
	for fails := range 3 {
		calls := 0
		capture := made(netstack.NewCapture(writes(func([]byte) error {
			if calls++; calls > fails {
				return errMine
			}
			return nil
		})))(t)
		w := newWire(t)
		check(t, w.nic.SetCapture(capture))
		for range 3 {
			same(t, w.answers(request(our4), ""), 1)
		}
		same(t, capture.Err(), errMine)
		same(t, calls, fails+1) // nothing more is written: a record in the middle would be missing
		same(t, capture.Lost(), uint64(7-fails))
		same(t, capture.Close(), errMine)
	}
}

func TestCaptureOfSeveralNICs(t *testing.T) {
	var out bytes.Buffer
	capture := made(netstack.NewCapture(&out))(t)
	w := newWire(t)
	other := made(netstack.NewChannel())(t)
	nic := made(w.stack.AddNIC(other, netstack.Address("10.0.0.1/24")))(t)
	check(t, w.nic.SetCapture(capture))
	check(t, nic.SetCapture(capture))
	check(t, capture.Close()) // the NICs go on with it
	w.send(request(our4).bytes())
	check(t, other.Inject(request("10.0.0.1").bytes()))
	same(t, out.Len(), 24+4*48)
}

func TestClockManual(t *testing.T) {
	clock := made(netstack.NewManualClock(5 * time.Second))(t)
	same(t, clock.Now(), 5*time.Second)
	check(t, clock.Advance(0))
	check(t, clock.Advance(1))
	same(t, clock.Now(), 5*time.Second+1)
	stacks := []*netstack.Stack{}
	for range 2 { // one clock may serve several
		stack := made(netstack.New(netstack.WithClock(clock)))(t)
		defer stack.Close()
		stacks = append(stacks, stack)
		if _, set := stack.NextDeadline(); set {
			t.Error("there is a deadline without timers")
		}
		err := stack.Run(context.Background())
		same(t, errors.Is(err, netstack.ErrUnsupported), true)
		made(stack.Poll())(t)
	}
	same(t, len(stacks), 2)
}

// Nothing sets a timer yet, so there is no deadline, and every wait is without one.
func TestClockNextDeadlineWithoutTimers(t *testing.T) {
	w := newWire(t)
	check(t, w.clock.Advance(time.Second))
	deadline, set := w.stack.NextDeadline()
	same(t, []any{deadline, set, w.stack.Descriptor() >= 0}, []any{time.Duration(0), false, true})
	w.stack.Close()
	deadline, set = w.stack.NextDeadline()
	same(t, []any{deadline, set, w.stack.Descriptor()}, []any{time.Duration(0), false, -1})
}

func TestClockOfFunctions(t *testing.T) {
	now := 7 * time.Second
	var waited []string
	var d *device
	d = newDevice(t, netstack.WithClock(made(netstack.NewClock(netstack.ClockFuncs{
		Now:     func() time.Duration { return now },
		WallNow: func() time.Time { return time.Unix(1_700_000_000, 123_456_789) },
		Wait: func(descriptor, interrupt int, deadline time.Duration) error {
			waited = append(waited, fmt.Sprint(descriptor == d.stack.Descriptor(), interrupt >= 0, deadline))
			if len(waited) > 1 {
				return errMine
			}
			d.write(t, request(our4).bytes())
			return nil
		},
	}))(t)))
	var out bytes.Buffer
	check(t, d.nic.SetCapture(made(netstack.NewCapture(&out))(t)))
	same(t, d.stack.Run(context.Background()), errMine)
	same(t, waited, []string{"true false -1ns", "true false -1ns"})
	same(t, out.Bytes()[24:32], record(1_700_000_000, 123_456, nil)[:8])

	// A clock that stands before its start shows the start.
	clock := made(netstack.NewClock(netstack.ClockFuncs{Now: func() time.Duration { return -time.Second }}))(t)
	same(t, clock.Now(), time.Duration(0))
	same(t, errors.Is(clock.Advance(1), netstack.ErrUnsupported), true)
	stack := made(netstack.New(netstack.WithClock(clock)))(t)
	defer stack.Close()
	same(t, errors.Is(stack.Run(context.Background()), netstack.ErrUnsupported), true)
}

func TestClockWaitIsInterruptedByTheContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	interrupted := false
	d := newDevice(t, netstack.WithClock(made(netstack.NewClock(netstack.ClockFuncs{
		Now: func() time.Duration { return 0 },
		Wait: func(_, interrupt int, _ time.Duration) error {
			interrupted = interrupt >= 0
			cancel(errMine)
			return nil
		},
	}))(t)))
	same(t, d.stack.Run(ctx), errMine)
	same(t, interrupted, true)
}
