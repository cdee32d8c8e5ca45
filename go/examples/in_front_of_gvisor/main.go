// In_front_of_gvisor is two stacks on one TUN device and at the same addresses: our handler owns ping for all of
// 10.7.0.0/16 and fd07::/64, gVisor keeps TCP and UDP at 10.7.0.1 and fd07::1.
//
//	sudo ip tuntap add dev tun0 mode tun
//	sudo ip address add 10.7.255.254/16 dev tun0
//	sudo ip address add fd07::ffff/64 dev tun0
//	sudo ip link set tun0 up
//	sudo ./in_front_of_gvisor     and then: ping 10.7.0.1; ping fd07::200:3; curl http://10.7.0.1/
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/link/tun"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"

	"netstack.example/go/netstack"
)

const mtu = 1500

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	descriptor, err := tun.Open("tun0")
	check(err)
	device := os.NewFile(uintptr(descriptor), "tun0")
	context.AfterFunc(ctx, func() { device.Close() }) // which ends the Read below

	ours, wire := newOurs(device)
	defer ours.Close()
	theirs, endpoint := newGVisor()
	go send(ctx, endpoint, device)
	serve(theirs)

	packet := make([]byte, mtu)
	for {
		length, err := device.Read(packet)
		if ctx.Err() != nil { // Ctrl-C
			break
		}
		check(err)
		// The one line where they meet. A packet that nothing of ours takes comes back as it was.
		if err = wire.Inject(packet[:length]); errors.Is(err, netstack.ErrUnclaimed) {
			receive(endpoint, packet[:length])
		}
	}
	fmt.Println("answered", answered)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// ---- ours: every address answers ping ----

var answered int // no lock: packets are injected by one goroutine, in which the handler runs

func newOurs(device io.Writer) (*netstack.Stack, netstack.Link) {
	ours, err := netstack.New()
	check(err)
	wire, err := netstack.NewWriterLink(device, netstack.MTU(mtu))
	check(err)
	_, err = ours.AddNIC(wire, netstack.SideBySide(), netstack.LocalPrefix("10.7.0.0/16", "fd07::/64"))
	check(err)
	check(ours.HandleEcho(func(r *netstack.Request) bool {
		if r.Reply() == nil {
			answered++
		}
		return true
	}))
	return ours, wire
}

// ---- gVisor's: TCP and UDP, at one address of each family ----

func newGVisor() (*stack.Stack, *channel.Endpoint) {
	theirs := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol},
	})
	endpoint := channel.New(256, mtu, "")
	v4, v6 := tcpip.AddrFrom4([4]byte{10, 7, 0, 1}), tcpip.AddrFrom16([16]byte{0xfd, 7, 15: 1})
	for _, err := range []tcpip.Error{
		theirs.CreateNIC(1, endpoint),
		theirs.AddProtocolAddress(1, tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber,
			AddressWithPrefix: v4.WithPrefix()}, stack.AddressProperties{}),
		theirs.AddProtocolAddress(1, tcpip.ProtocolAddress{Protocol: ipv6.ProtocolNumber,
			AddressWithPrefix: v6.WithPrefix()}, stack.AddressProperties{}),
	} {
		if err != nil {
			log.Fatal(err)
		}
	}
	theirs.SetRouteTable([]tcpip.Route{
		{Destination: header.IPv4EmptySubnet, NIC: 1},
		{Destination: header.IPv6EmptySubnet, NIC: 1},
	})
	return theirs, endpoint
}

// serve starts an HTTP server, and a UDP echo on port 7, for both families.
func serve(theirs *stack.Stack) {
	listener, err := gonet.ListenTCP(theirs, tcpip.FullAddress{Port: 80}, ipv6.ProtocolNumber)
	check(err)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "gVisor's TCP greets", r.RemoteAddr)
	}))
	socket, err := gonet.DialUDP(theirs, &tcpip.FullAddress{Port: 7}, nil, ipv6.ProtocolNumber)
	check(err)
	go func() {
		data := make([]byte, mtu)
		for {
			length, peer, err := socket.ReadFrom(data)
			check(err)
			socket.WriteTo(data[:length], peer)
		}
	}()
}

// receive hands gVisor a packet.
func receive(endpoint *channel.Endpoint, packet []byte) {
	protocol := ipv4.ProtocolNumber
	if header.IPVersion(packet) == 6 {
		protocol = ipv6.ProtocolNumber
	}
	in := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet)})
	defer in.DecRef()
	endpoint.InjectInbound(protocol, in)
}

// send writes what gVisor sends to the device, one packet a Write.
func send(ctx context.Context, endpoint *channel.Endpoint, device io.Writer) {
	for packet := endpoint.ReadContext(ctx); packet != nil; packet = endpoint.ReadContext(ctx) {
		view := packet.ToView()
		device.Write(view.AsSlice())
		view.Release()
		packet.DecRef()
	}
}
