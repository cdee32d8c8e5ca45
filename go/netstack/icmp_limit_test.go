package netstack_test

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"netstack.example/go/netstack"
)

// asks sends as many times what it is given, and tells how much the stack sent.
func (w *wire) asks(packet []byte, times int) (sent int) {
	for range times {
		sent += len(w.send(packet))
	}
	return sent
}

func (w *wire) counter(name string) uint64 {
	w.t.Helper()
	return made(w.stack.Stats().Get(name))(w.t)
}

func TestEchoRepliesAreLimitedWhereAsked(t *testing.T) {
	for _, f := range []struct {
		family      netstack.Family
		ours, other string
		reply       uint8
		heldBack    string
	}{
		{netstack.IPv4, our4, our6, 0, "icmp.v4.sent.rate_limited"},
		{netstack.IPv6, our6, our4, 129, "icmp.v6.sent.rate_limited"},
	} {
		w := newWire(t)
		echo, other := request(f.ours).bytes(), request(f.other).bytes()
		check(t, w.stack.SetICMPRate(10, 2))
		same(t, w.asks(echo, 5), 5)
		check(t, w.stack.SetICMPLimited(f.family, f.reply, true))
		same(t, w.asks(echo, 5), 2)
		check(t, w.clock.Advance(100*time.Millisecond))
		same(t, w.asks(echo, 5), 1)
		check(t, w.stack.SetICMPRate(netstack.UnlimitedICMPRate, 0))
		same(t, w.asks(echo, 5), 5)
		check(t, w.stack.SetICMPRate(0, 0))
		same(t, w.asks(echo, 5), 0)
		same(t, w.asks(other, 5), 5)
		check(t, w.stack.SetICMPLimited(f.family, f.reply, false))
		same(t, w.asks(echo, 5), 5)
		same(t, w.counter(f.heldBack), uint64(12))
	}
	same(t, netstack.UnlimitedICMPRate, uint32(math.MaxUint32))
}

func TestICMPErrorsAreLimitedFromTheStart(t *testing.T) {
	w := newWire(t)
	unknown := request(our4).bytes()
	unknown[9] = 99 // nobody's protocol
	clear(unknown[10:12])
	binary.BigEndian.PutUint16(unknown[10:], checksum(unknown[:20]))
	same(t, w.asks(unknown, 60), 50)
	same(t, w.counter("icmp.v4.sent.rate_limited"), uint64(10))
	check(t, w.stack.SetICMPLimited(netstack.IPv4, 3, false))
	same(t, w.asks(unknown, 60), 60)
}

func TestFragmentsHoldNoMoreThanTheBounds(t *testing.T) {
	for _, bounds := range []struct{ high, low, evicted int }{{1000, 0, 3}, {4000, 0, 2}, {4000, 4000, 1}, {6000, 1, 0}} {
		w := setup{stack: []netstack.Option{netstack.ReassemblyBounds(bounds.high, bounds.low)}}.wire(t)
		first := request(our4)
		first.payload, first.fragment = make([]byte, 992), 0x2000 // more come
		for first.id = range uint16(3) {
			same(t, len(w.send(first.bytes())), 0)
		}
		same(t, w.counter("reassembly.evicted"), uint64(bounds.evicted))
		same(t, w.answers(request(our4), ""), 1)
	}
}
