package netstack_test

import (
	"bytes"
	"testing"

	"netstack.example/go/netstack"
)

func newRawSocket(t *testing.T, n network, family netstack.Family, options ...netstack.SocketOption) *netstack.RawSocket {
	t.Helper()
	socket, err := n.stack.NewRawSocket(family, options...)
	must(t, err)
	t.Cleanup(func() { socket.Close() })
	return socket
}

// received are the bytes of all packets that wait.
func received(t *testing.T, socket *netstack.RawSocket) (packets [][]byte) {
	t.Helper()
	for {
		packet, err := socket.TryReceive()
		if err == netstack.ErrWouldBlock {
			return packets
		}
		must(t, err)
		packets = append(packets, packet.Bytes())
	}
}

func TestRawSocketCopies(t *testing.T) {
	n := newNetwork(t)
	must(t, n.stack.HandleEcho(func(*netstack.Request) bool { return true }))
	socket, socket6 := newRawSocket(t, n, netstack.IPv4), newRawSocket(t, n, netstack.IPv6)
	ours := echo4("192.168.0.2", "192.168.0.1", 1, 1, []byte("hello"))
	others := echo4("192.168.0.2", "192.168.0.9", 1, 2, nil)
	ours6 := echo6("2001:db8::2", "2001:db8::1", 1, 3, nil)
	for _, packet := range [][]byte{ours, others, ours6} {
		must(t, n.wire.Inject(packet))
	}
	if got := received(t, socket); len(got) != 2 || !bytes.Equal(got[0], ours) || !bytes.Equal(got[1], others) {
		t.Errorf("IPv4 received %x", got)
	}
	if got := received(t, socket6); len(got) != 1 || !bytes.Equal(got[0], ours6) {
		t.Errorf("IPv6 received %x", got)
	}
	if consumed := counter(t, n.stack.Stats(), "forwarder.consumed"); consumed != 2 {
		t.Errorf("the handler consumed %d, want 2: a raw socket influences nothing", consumed)
	}
}

func TestRawSocketMarksBadChecksum(t *testing.T) {
	n := newNetwork(t)
	socket := newRawSocket(t, n, netstack.IPv4)
	packet := echo4("192.168.0.2", "192.168.0.1", 1, 1, []byte("hello"))
	must(t, n.wire.Inject(packet))
	packet[len(packet)-1] ^= 1
	must(t, n.wire.Inject(packet))
	for _, want := range []bool{false, true} {
		got, err := socket.TryReceive()
		must(t, err)
		if got.HasBadChecksum() != want {
			t.Errorf("HasBadChecksum is %v, want %v", !want, want)
		}
	}
}

func TestRawSocketVia(t *testing.T) {
	n := newNetwork(t)
	socket, other := newRawSocket(t, n, netstack.IPv4, netstack.Via(1)), newRawSocket(t, n, netstack.IPv4, netstack.Via(2))
	must(t, n.wire.Inject(anyReply))
	if here, there := len(received(t, socket)), len(received(t, other)); here != 1 || there != 0 {
		t.Errorf("received %d on its NIC and %d on another, want 1 and 0", here, there)
	}
}

func TestRawSocketQueueFull(t *testing.T) {
	n := newNetwork(t)
	socket := newRawSocket(t, n, netstack.IPv4, netstack.ReceiveBytes(1))
	must(t, n.wire.Inject(anyReply))
	if got := received(t, socket); len(got) != 0 {
		t.Errorf("received %x, though there is no room", got)
	}
	if count := counter(t, n.stack.Stats(), "raw_sockets.queue_full"); count != 1 {
		t.Errorf("counted %d, want 1", count)
	}
}

func TestRawSocketClosed(t *testing.T) {
	n := newNetwork(t)
	closed := newRawSocket(t, n, netstack.IPv4)
	must(t, closed.Close())
	for _, socket := range []*netstack.RawSocket{{}, closed} {
		_, err := socket.TryReceive()
		wantError(t, err, netstack.ErrClosed, "netstack: RawSocket.TryReceive: it is closed, or was never made")
		_, err = socket.Receive(t.Context())
		wantError(t, err, netstack.ErrClosed, "netstack: RawSocket.Receive: it is closed, or was never made")
		must(t, socket.Close())
	}
}
