package netstack_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"netstack.example/go/netstack"
)

func newPingSocket(t *testing.T, n network, family netstack.Family, options ...netstack.SocketOption) *netstack.PingSocket {
	t.Helper()
	socket, err := n.stack.NewPingSocket(family, options...)
	must(t, err)
	t.Cleanup(func() { socket.Close() })
	return socket
}

// sent is the one packet that left, with the IPv4 identification, which is random, taken out.
func sent(t *testing.T, wire *netstack.Channel) []byte {
	t.Helper()
	packets := wire.Drain()
	if len(packets) != 1 {
		t.Fatalf("%d packets left, want 1", len(packets))
	}
	packet := packets[0]
	if packet[0]>>4 == 4 {
		if sum16(packet[:20], 0) != 0xffff {
			t.Errorf("the header checksum of %x is wrong", packet)
		}
		identification := binary.BigEndian.Uint16(packet[4:])
		if identification == 0 {
			t.Error("the identification is 0")
		}
		binary.BigEndian.PutUint16(packet[4:], 0)
		copy(packet[10:], []byte{0, 0})
		binary.BigEndian.PutUint16(packet[10:], ^sum16(packet[:20], 0))
	}
	return packet
}

func TestPingSocketSends(t *testing.T) {
	n := newNetwork(t)
	socket := newPingSocket(t, n, netstack.IPv4)
	must(t, socket.Bind(here, 7))
	must(t, socket.SendTo(there, 0xabcd, []byte("hello")))
	if got, want := sent(t, n.wire), echo4("192.168.0.1", "192.168.0.2", 7, 0xabcd, []byte("hello")); !bytes.Equal(got, want) {
		t.Errorf("sent\n%x, want\n%x", got, want)
	}
	socket6 := newPingSocket(t, n, netstack.IPv6)
	must(t, socket6.Bind(netip.Addr{}, 7))
	must(t, socket6.Connect(there6))
	must(t, socket6.Send(2, nil))
	if got, want := sent(t, n.wire), echo6("2001:db8::1", "2001:db8::2", 7, 2, nil); !bytes.Equal(got, want) {
		t.Errorf("sent\n%x, want\n%x", got, want)
	}
}

func TestPingSocketTTLAndTOS(t *testing.T) {
	n := newNetwork(t)
	must(t, newPingSocket(t, n, netstack.IPv4, netstack.TTL(3), netstack.TOS(0x28)).SendTo(there, 1, nil))
	if packet := sent(t, n.wire); packet[8] != 3 || packet[1] != 0x28 {
		t.Errorf("TTL %d, TOS %#x, want 3 and 0x28", packet[8], packet[1])
	}
	must(t, newPingSocket(t, n, netstack.IPv6, netstack.TTL(255), netstack.TOS(0xb8)).SendTo(there6, 1, nil))
	packet := sent(t, n.wire)
	if class := binary.BigEndian.Uint16(packet) >> 4 & 0xff; packet[7] != 255 || class != 0xb8 {
		t.Errorf("Hop Limit %d, Traffic Class %#x, want 255 and 0xb8", packet[7], class)
	}
}

func TestPingSocketReceives(t *testing.T) {
	n := newNetwork(t)
	for _, test := range []struct {
		family      netstack.Family
		reply       []byte
		source, own netip.Addr
	}{
		{netstack.IPv4, reply4("192.168.0.2", "192.168.0.1", 7, 9, []byte("hello")), there, here},
		{netstack.IPv6, reply6("2001:db8::2", "2001:db8::1", 7, 9, []byte("hello")), there6, here6},
	} {
		socket := newPingSocket(t, n, test.family)
		must(t, socket.Bind(test.own, 7))
		if _, err := socket.TryReceive(); err != netstack.ErrWouldBlock {
			t.Errorf("%v: error %v, want %v", test.family, err, netstack.ErrWouldBlock)
		}
		must(t, n.wire.Inject(test.reply))
		packet, err := socket.TryReceive()
		must(t, err)
		if packet.Source() != test.source || packet.Destination() != test.own || packet.NIC() != n.nic.ID() ||
			packet.Identifier() != 7 || packet.Sequence() != 9 || packet.TTL() != 64 {
			t.Errorf("%v: received %v", test.family, packet)
		}
		if string(packet.Payload()) != "hello" || !bytes.Equal(packet.Bytes(), test.reply) {
			t.Errorf("%v: received %x, want %x", test.family, packet.Bytes(), test.reply)
		}
	}
}

func TestPingSocketConnectHearsOneHost(t *testing.T) {
	n := newNetwork(t)
	socket := newPingSocket(t, n, netstack.IPv4)
	must(t, socket.Connect(there))
	address, identifier, err := socket.Name()
	must(t, err)
	if address != here || identifier == 0 {
		t.Errorf("bound to %v %d, want %v and an identifier", address, identifier, here)
	}
	must(t, n.wire.Inject(reply4("192.168.0.3", "192.168.0.1", identifier, 1, nil)))
	must(t, n.wire.Inject(reply4("192.168.0.2", "192.168.0.1", identifier, 2, nil)))
	packet, err := socket.TryReceive()
	must(t, err)
	if packet.Sequence() != 2 {
		t.Errorf("received %v from another host", packet)
	}
}

func TestPingSocketName(t *testing.T) {
	n := newNetwork(t)
	socket := newPingSocket(t, n, netstack.IPv6)
	_, _, err := socket.Name()
	wantError(t, err, netstack.ErrNotFound, "netstack: PingSocket.Name: the socket is not bound")
	must(t, socket.Bind(netip.Addr{}, 0))
	address, identifier, err := socket.Name()
	must(t, err)
	if address != netip.IPv6Unspecified() || identifier < 16_000 {
		t.Errorf("bound to %v %d, want :: and a free identifier", address, identifier)
	}
}

func TestPingSocketErrors(t *testing.T) {
	n := newNetwork(t)
	other := newPingSocket(t, n, netstack.IPv4)
	must(t, other.Bind(netip.IPv4Unspecified(), 7))
	socket := newPingSocket(t, n, netstack.IPv4)
	address := netip.MustParseAddr
	for _, test := range []struct {
		err    error
		status netstack.Status
		text   string
	}{
		{socket.Bind(here, 7), netstack.ErrBusy, "PingSocket.Bind: the identifier 7 is in use by another ping socket"},
		{other.Bind(here, 8), netstack.ErrBusy, "PingSocket.Bind: the socket is bound already, to identifier 7"},
		{socket.Bind(here6, 8), netstack.ErrInvalidArgument, "PingSocket.Bind: address 2001:db8::1 is of the other family"},
		{socket.Bind(there, 8), netstack.ErrNotFound, "PingSocket.Bind: the address 192.168.0.2 is not assigned on any NIC"},
		{socket.Bind(address("fe80::1%eth0"), 8), netstack.ErrInvalidArgument, "PingSocket.Bind: the zone of fe80::1%eth0 is not the number of a NIC"},
		{socket.Connect(netip.Addr{}), netstack.ErrInvalidArgument, "PingSocket.Connect: the zero netip.Addr is no peer"},
		{socket.Connect(there6), netstack.ErrInvalidArgument, "PingSocket.Connect: peer 2001:db8::2 is of the other family"},
		{socket.Connect(address("224.0.0.1")), netstack.ErrInvalidArgument, "PingSocket.Connect: the peer 224.0.0.1 is not one host"},
		{socket.Connect(address("10.0.0.1")), netstack.ErrNoRoute, "PingSocket.Connect: there is no way to 10.0.0.1"},
		{socket.Send(1, nil), netstack.ErrInvalidArgument, "PingSocket.Send: the socket has no peer; Connect makes one, SendTo needs none"},
		{socket.SendTo(netip.Addr{}, 1, nil), netstack.ErrInvalidArgument, "PingSocket.SendTo: the zero netip.Addr is no destination"},
		{socket.SendTo(there6, 1, nil), netstack.ErrInvalidArgument, "PingSocket.SendTo: 2001:db8::2 is no address of the socket's family, IPv4"},
		{socket.SendTo(address("0.0.0.0"), 1, nil), netstack.ErrInvalidArgument, "PingSocket.SendTo: 0.0.0.0 is the unspecified address"},
		{socket.SendTo(address("192.168.0.255"), 1, nil), netstack.ErrInvalidArgument, "PingSocket.SendTo: the destination is a broadcast address, or the link finds the packet invalid"},
		{socket.SendTo(address("fe80::1%0"), 1, nil), netstack.ErrInvalidArgument, "PingSocket.SendTo: the zone of fe80::1%0 is not the number of a NIC"},
		{socket.SendTo(address("10.0.0.1"), 1, nil), netstack.ErrNoRoute, "no route, or no address to answer from"},
		{socket.SendTo(there, 1, make([]byte, 65_508)), netstack.ErrUnsupported, "PingSocket.SendTo: the packet is longer than IP packets can be, or the link does not take it"},
	} {
		wantError(t, test.err, test.status, "netstack: "+test.text)
	}
	if packets := n.wire.Drain(); len(packets) != 0 {
		t.Errorf("%d packets left, want none", len(packets))
	}
}

func TestPingSocketLinkFull(t *testing.T) {
	n := newNetwork(t, netstack.Capacity(1))
	socket := newPingSocket(t, n, netstack.IPv4)
	must(t, socket.Connect(there))
	must(t, socket.Send(1, nil))
	if err := socket.Send(2, nil); err != netstack.ErrWouldBlock {
		t.Errorf("error %v, want %v", err, netstack.ErrWouldBlock)
	}
}

func TestPingSocketVia(t *testing.T) {
	n := newNetwork(t)
	second, err := netstack.NewChannel()
	must(t, err)
	_, err = n.stack.AddNIC(second, netstack.ID(5), netstack.Address("10.0.0.1/8"))
	must(t, err)
	socket := newPingSocket(t, n, netstack.IPv4, netstack.Via(5))
	if err := socket.SendTo(there, 1, nil); err != netstack.ErrNoRoute {
		t.Errorf("error %v, want %v", err, netstack.ErrNoRoute)
	}
	must(t, socket.SendTo(netip.MustParseAddr("224.0.0.1"), 1, nil))
	if len(second.Drain()) != 1 || len(n.wire.Drain()) != 0 {
		t.Error("the packet left by another NIC")
	}
	_, identifier, err := socket.Name()
	must(t, err)
	must(t, n.wire.Inject(reply4("192.168.0.2", "192.168.0.1", identifier, 1, nil)))
	if _, err = socket.TryReceive(); err != netstack.ErrWouldBlock {
		t.Errorf("error %v for what came by another NIC, want %v", err, netstack.ErrWouldBlock)
	}
}

func TestPingSocketQueueFull(t *testing.T) {
	n := newNetwork(t)
	socket := newPingSocket(t, n, netstack.IPv4, netstack.ReceiveBytes(1))
	must(t, socket.Bind(here, 7))
	must(t, n.wire.Inject(anyReply))
	if _, err := socket.TryReceive(); err != netstack.ErrWouldBlock {
		t.Errorf("error %v, want %v", err, netstack.ErrWouldBlock)
	}
	if count := counter(t, n.stack.Stats(), "ping_sockets.queue_full"); count != 1 {
		t.Errorf("counted %d, want 1", count)
	}
}

func TestPingSocketCloseFreesIdentifier(t *testing.T) {
	n := newNetwork(t)
	first := newPingSocket(t, n, netstack.IPv4)
	must(t, first.Bind(here, 7))
	must(t, first.Close())
	must(t, newPingSocket(t, n, netstack.IPv4).Bind(here, 7))
}

func TestPingSocketClosed(t *testing.T) {
	n := newNetwork(t)
	closed := newPingSocket(t, n, netstack.IPv4)
	must(t, closed.Close())
	for _, socket := range []*netstack.PingSocket{{}, closed} {
		_, receive := socket.TryReceive()
		_, wait := socket.Receive(t.Context())
		_, _, name := socket.Name()
		for method, err := range map[string]error{
			"Bind": socket.Bind(here, 1), "Connect": socket.Connect(there), "Send": socket.Send(1, nil),
			"SendTo": socket.SendTo(there, 1, nil), "TryReceive": receive, "Receive": wait, "Name": name,
		} {
			wantError(t, err, netstack.ErrClosed, "netstack: PingSocket."+method+": it is closed, or was never made")
		}
		must(t, socket.Close())
	}
	orphan := newPingSocket(t, n, netstack.IPv4)
	must(t, n.stack.Close())
	_, _, name := orphan.Name()
	for method, err := range map[string]error{
		"Bind": orphan.Bind(here, 1), "Connect": orphan.Connect(there), "Send": orphan.Send(1, nil),
		"SendTo": orphan.SendTo(there, 1, nil), "Name": name,
	} {
		wantError(t, err, netstack.ErrClosed, "netstack: PingSocket."+method+": its stack is closed")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(packet []byte) (int, error) { return f(packet) }

func TestPingSocketPanics(t *testing.T) {
	random := func() uint64 { return 1 }
	stack, err := netstack.New(netstack.WithRandom(func() uint64 { return random() }))
	must(t, err)
	defer stack.Close()
	write := func(packet []byte) (int, error) { return len(packet), nil }
	link, err := netstack.NewWriterLink(writerFunc(func(packet []byte) (int, error) { return write(packet) }))
	must(t, err)
	_, err = stack.AddNIC(link, netstack.Address("192.168.0.1/24"))
	must(t, err)
	socket, err := stack.NewPingSocket(netstack.IPv4)
	must(t, err)

	random = func() uint64 { panic("no numbers") }
	wantPanic(t, "no numbers", func() { socket.Bind(here, 0) })
	random = func() uint64 { return 1 }
	// The library's call ran to its end all the same.
	_, _, err = socket.Name()
	must(t, err)
	must(t, socket.Connect(there))
	write = func([]byte) (int, error) { panic("no wire") }
	wantPanic(t, "no wire", func() { socket.Send(1, nil) })
	write = func(packet []byte) (int, error) { return len(packet), nil }
	must(t, socket.Send(2, nil))
}
