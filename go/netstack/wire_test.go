package netstack_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"netstack.example/go/netstack"
)

// Echo packets are built here by the RFCs, with checksums of their own: nothing of netstack is used.

const (
	our4, peer4, temporary4, group4 = "192.168.0.1", "192.168.0.2", "192.168.0.99", "224.0.0.1"
	our6, peer6, temporary6, group6 = "a::1", "a::2", "a::99", "ff02::1"
)

// patience is how long a test waits for what must happen. It fails then; one that passes never waits that long.
const patience = 20 * time.Second

// echo is an Echo Request or Reply without IP options or extension headers.
type echo struct {
	source, destination  netip.Addr
	kind, code, ttl, tos uint8
	identifier, sequence uint16
	payload              []byte
	id, fragment         uint16 // of IPv4
	flow                 uint32 // the flow label of IPv6
}

func (e echo) is4() bool { return e.source.Is4() }

// request is an Echo Request from the peer of the destination's family.
func request(destination string) echo {
	e := echo{destination: netip.MustParseAddr(destination), identifier: 1234, sequence: 1, ttl: 64, payload: []byte("abcd")}
	e.source, e.kind = netip.MustParseAddr(peer4), 8
	if e.destination.Is6() {
		e.source, e.kind = netip.MustParseAddr(peer6), 128
	}
	return e
}

func numbered(destination string, sequence uint16) echo {
	e := request(destination)
	e.sequence = sequence
	return e
}

// answer is the reply that belongs to a request; from may be another address than the one that was asked.
func (e echo) answer(from string) echo {
	e.source, e.destination = e.destination, e.source
	if from != "" {
		e.source = netip.MustParseAddr(from)
	}
	e.ttl, e.flow, e.kind = 64, 0, 129
	if e.is4() {
		e.kind = 0
	}
	return e
}

// sum16 is the ones' complement sum of RFC 1071, on from another.
func sum16(bytes []byte, sum uint32) uint16 {
	for i, b := range bytes {
		if i%2 == 0 {
			sum += uint32(b) << 8
		} else {
			sum += uint32(b)
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// checksum is RFC 1071's, of parts each of which but the last has an even length.
func checksum(parts ...[]byte) uint16 {
	sum := uint16(0)
	for _, part := range parts {
		sum = sum16(part, uint32(sum))
	}
	return ^sum
}

// pseudoHeader is RFC 8200 8.1's.
func pseudoHeader(source, destination netip.Addr, length int) []byte {
	out := append(source.AsSlice(), destination.AsSlice()...)
	return append(binary.BigEndian.AppendUint32(out, uint32(length)), 0, 0, 0, 58)
}

func (e echo) bytes() []byte {
	message := []byte{e.kind, e.code, 0, 0}
	message = binary.BigEndian.AppendUint16(message, e.identifier)
	message = binary.BigEndian.AppendUint16(message, e.sequence)
	message = append(message, e.payload...)
	if e.is4() {
		binary.BigEndian.PutUint16(message[2:], checksum(message))
		return append(e.header4(len(message)), message...)
	}
	binary.BigEndian.PutUint16(message[2:], checksum(pseudoHeader(e.source, e.destination, len(message)), message))
	header := binary.BigEndian.AppendUint32(nil, 6<<28|uint32(e.tos)<<20|e.flow)
	header = binary.BigEndian.AppendUint16(header, uint16(len(message)))
	header = append(append(append(header, 58, e.ttl), e.source.AsSlice()...), e.destination.AsSlice()...)
	return append(header, message...)
}

func (e echo) header4(length int) []byte {
	header := binary.BigEndian.AppendUint16([]byte{0x45, e.tos}, uint16(20+length))
	header = binary.BigEndian.AppendUint16(header, e.id)
	header = binary.BigEndian.AppendUint16(header, e.fragment)
	header = append(append(append(header, e.ttl, 1, 0, 0), e.source.AsSlice()...), e.destination.AsSlice()...)
	binary.BigEndian.PutUint16(header[10:], checksum(header))
	return header
}

func echoOf(kind uint8, source, destination string, identifier, sequence uint16, payload []byte) []byte {
	return echo{
		source: netip.MustParseAddr(source), destination: netip.MustParseAddr(destination), kind: kind,
		identifier: identifier, sequence: sequence, payload: payload, ttl: 64,
	}.bytes()
}

func echo4(source, destination string, identifier, sequence uint16, payload []byte) []byte {
	return echoOf(8, source, destination, identifier, sequence, payload)
}

func echo6(source, destination string, identifier, sequence uint16, payload []byte) []byte {
	return echoOf(128, source, destination, identifier, sequence, payload)
}

func reply4(source, destination string, identifier, sequence uint16, payload []byte) []byte {
	return echoOf(0, source, destination, identifier, sequence, payload)
}

func reply6(source, destination string, identifier, sequence uint16, payload []byte) []byte {
	return echoOf(129, source, destination, identifier, sequence, payload)
}

// setup is what a wire is made of. The zero value has our addresses and no options.
type setup struct {
	stack []netstack.Option
	link  []netstack.LinkOption
	nic   []netstack.NICOption
	bare  bool // no addresses
}

// wire is a stack with one NIC on a channel, at whose other end the test is, and time that stands still.
type wire struct {
	t     testing.TB
	clock *netstack.Clock
	stack *netstack.Stack
	link  *netstack.Channel
	nic   *netstack.NIC
}

func (s setup) wire(t testing.TB) *wire {
	t.Helper()
	w := &wire{t: t, clock: made(netstack.NewManualClock(0))(t)}
	w.stack = made(netstack.New(append(s.stack, netstack.WithClock(w.clock))...))(t)
	t.Cleanup(func() { w.stack.Close() })
	w.link = made(netstack.NewChannel(s.link...))(t)
	if !s.bare {
		s.nic = append(s.nic, netstack.Address(our4+"/24", our6+"/64"))
	}
	w.nic = made(w.stack.AddNIC(w.link, s.nic...))(t)
	return w
}

func newWire(t testing.TB, options ...netstack.NICOption) *wire {
	t.Helper()
	return setup{nic: options}.wire(t)
}

// send delivers a packet, and returns what the stack sent because of it.
func (w *wire) send(packet []byte) [][]byte {
	w.t.Helper()
	check(w.t, w.link.Inject(packet))
	return w.link.Drain()
}

// answers is how many answers came. Each must be the right one, from the address `from` or, if that is "",
// the one that was asked.
func (w *wire) answers(e echo, from string) int {
	w.t.Helper()
	sent := w.send(e.bytes())
	for _, packet := range sent {
		if want := e.answer(from).bytes(); !bytes.Equal(packet, want) {
			w.t.Errorf("sent %x, not %x", packet, want)
		}
	}
	return len(sent)
}

// handle installs a handler in the place of any other.
func (w *wire) handle(handler netstack.Handler, options ...netstack.EchoOption) {
	w.t.Helper()
	check(w.t, w.stack.HandleEcho(handler, append(options, netstack.Replace())...))
}

// made hands on what a call returned, and ends the test if that was an error.
func made[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t testing.TB, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, not %v", got, want)
	}
}

// await ends the test unless something comes, or the channel is closed.
func await[T any](t testing.TB, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(patience):
		t.Fatal("it did not come")
	}
	return value
}

// elsewhere does some work in another goroutine, to its end. Inside a handler that is another thread.
func elsewhere(work func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	<-done
}

func unhex(text string) []byte {
	out, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return out
}

// families are what most tests run for.
var families = []struct {
	name                           string
	family                         netstack.Family
	ours, peer, temporary, group   string
	requestType, replyType, header int
}{
	{"IPv4", netstack.IPv4, our4, peer4, temporary4, group4, 8, 0, 20},
	{"IPv6", netstack.IPv6, our6, peer6, temporary6, group6, 128, 129, 40},
}
