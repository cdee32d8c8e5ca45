package netstack_test

import (
	"bytes"
	"context"
	"errors"
	"expvar"
	"fmt"
	"log"
	"net/netip"
	"time"

	"netstack.example/go/netstack"
)

// neighbour answers what the stack of an example sends. It is kept here, or the garbage collector would close it.
var neighbour *netstack.Stack

// exampleStack is a stack at 192.168.0.1 and 2001:db8::1, whose neighbour is at 192.168.0.2 and 2001:db8::2.
func exampleStack() (*netstack.Stack, *netstack.NIC) {
	var links [2]*netstack.WriterLink
	var stacks [2]*netstack.Stack
	var nics [2]*netstack.NIC
	for i, addresses := range [][]string{{"192.168.0.1/24", "2001:db8::1/64"}, {"192.168.0.2/24", "2001:db8::2/64"}} {
		var err error
		if stacks[i], err = netstack.New(); err != nil {
			log.Fatal(err)
		}
		links[i], err = netstack.NewWriterLink(writerFunc(func(packet []byte) (int, error) {
			return links[1-i].Write(bytes.Clone(packet))
		}))
		if err != nil {
			log.Fatal(err)
		}
		if nics[i], err = stacks[i].AddNIC(links[i], netstack.Address(addresses...)); err != nil {
			log.Fatal(err)
		}
	}
	neighbour = stacks[1]
	return stacks[0], nics[0]
}

func ExampleStack_Ping() {
	stack, _ := exampleStack()
	defer stack.Close()
	reply, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reply.Source(), reply.RTT < time.Second)
	// Output: 192.168.0.2 true
}

func ExamplePingReply() {
	stack, _ := exampleStack()
	defer stack.Close()
	reply, err := stack.Ping(context.Background(), netip.MustParseAddr("2001:db8::2"), netstack.Payload([]byte("hello")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s from %v, TTL %d\n", reply.Payload(), reply.Source(), reply.TTL())
	// Output: hello from 2001:db8::2, TTL 64
}

func ExampleSocketOption() {
	stack, _ := exampleStack()
	defer stack.Close()
	options := []netstack.SocketOption{netstack.TTL(8), netstack.TOS(0x28)}
	reply, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2"), options...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%#x\n", reply.TOS())
	// Output: 0x28
}

func ExampleVia() {
	stack, nic := exampleStack()
	defer stack.Close()
	_, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2"), netstack.Via(nic.ID()))
	fmt.Println(err)
	_, err = stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2"), netstack.Via(2))
	fmt.Println(err)
	// Output:
	// <nil>
	// netstack: Stack.Ping: there is no way to 192.168.0.2
}

func ExampleTTL() {
	stack, _ := exampleStack()
	defer stack.Close()
	_, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2"), netstack.TTL(256))
	fmt.Println(err)
	// Output: netstack: Stack.Ping: TTL(256): not from 1 to 255
}

func ExampleTOS() {
	stack, _ := exampleStack()
	defer stack.Close()
	reply, err := stack.Ping(context.Background(), netip.MustParseAddr("2001:db8::2"), netstack.TOS(0xb8))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%#x\n", reply.TOS())
	// Output: 0xb8
}

func ExampleReceiveBytes() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv4, netstack.ReceiveBytes(1))
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	if err = socket.SendTo(netip.MustParseAddr("192.168.0.2"), 1, nil); err != nil {
		log.Fatal(err)
	}
	dropped, err := stack.Stats().Get("ping_sockets.queue_full")
	fmt.Println(dropped, err)
	// Output: 1 <nil>
}

func ExampleTimeout() {
	stack, _ := exampleStack()
	defer stack.Close()
	// Nobody is there.
	_, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.3"), netstack.Timeout(time.Millisecond))
	fmt.Println(errors.Is(err, netstack.ErrTimedOut))
	// Output: true
}

func ExampleSource() {
	stack, _ := exampleStack()
	defer stack.Close()
	own := netip.MustParseAddr("192.168.0.1")
	reply, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2"), netstack.Source(own))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reply.Destination())
	// Output: 192.168.0.1
}

func ExampleSequence() {
	stack, _ := exampleStack()
	defer stack.Close()
	for sequence := range uint16(3) {
		reply, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2"), netstack.Sequence(sequence))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(reply.Sequence())
	}
	// Output:
	// 0
	// 1
	// 2
}

func ExamplePayload() {
	stack, _ := exampleStack()
	defer stack.Close()
	reply, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2"), netstack.Payload(make([]byte, 56)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reply.Len())
	// Output: 84
}

func ExamplePingSocket() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	if err = socket.Connect(netip.MustParseAddr("192.168.0.2")); err != nil {
		log.Fatal(err)
	}
	for sequence := range uint16(3) {
		if err = socket.Send(sequence, []byte("hello")); err != nil {
			log.Fatal(err)
		}
	}
	for range 3 {
		reply, err := socket.Receive(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v %d %s\n", reply.Source(), reply.Sequence(), reply.Payload())
	}
	// Output:
	// 192.168.0.2 0 hello
	// 192.168.0.2 1 hello
	// 192.168.0.2 2 hello
}

func ExampleStack_NewPingSocket() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv6, netstack.TTL(8))
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	fmt.Println(socket.SendTo(netip.MustParseAddr("2001:db8::2"), 1, nil))
	// Output: <nil>
}

func ExamplePingSocket_Bind() {
	stack, _ := exampleStack()
	defer stack.Close()
	var sockets [2]*netstack.PingSocket
	for i := range sockets {
		var err error
		if sockets[i], err = stack.NewPingSocket(netstack.IPv4); err != nil {
			log.Fatal(err)
		}
		defer sockets[i].Close()
		fmt.Println(sockets[i].Bind(netip.MustParseAddr("192.168.0.1"), 7))
	}
	// Output:
	// <nil>
	// netstack: PingSocket.Bind: the identifier 7 is in use by another ping socket
}

func ExamplePingSocket_Connect() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	fmt.Println(socket.Connect(netip.MustParseAddr("192.168.0.2")))
	fmt.Println(socket.Connect(netip.MustParseAddr("10.0.0.1")))
	// Output:
	// <nil>
	// netstack: PingSocket.Connect: there is no way to 10.0.0.1
}

func ExamplePingSocket_Send() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	fmt.Println(socket.Send(1, nil))
	if err = socket.Connect(netip.MustParseAddr("192.168.0.2")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(socket.Send(1, []byte("hello")))
	// Output:
	// netstack: PingSocket.Send: the socket has no peer; Connect makes one, SendTo needs none
	// <nil>
}

func ExamplePingSocket_SendTo() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	fmt.Println(socket.SendTo(netip.MustParseAddr("192.168.0.2"), 1, []byte("hello")))
	// Output: <nil>
}

func ExamplePingSocket_TryReceive() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	_, err = socket.TryReceive()
	fmt.Println(errors.Is(err, netstack.ErrWouldBlock))
	// Output: true
}

func ExamplePingSocket_Receive() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = socket.Receive(ctx)
	fmt.Println(err)
	// Output: context deadline exceeded
}

func ExamplePingSocket_Name() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	if err = socket.Bind(netip.Addr{}, 7); err != nil {
		log.Fatal(err)
	}
	fmt.Println(socket.Name())
	// Output: 0.0.0.0 7 <nil>
}

func ExamplePingSocket_Close() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewPingSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(socket.Close())
	_, err = socket.TryReceive()
	fmt.Println(err)
	// Output:
	// <nil>
	// netstack: PingSocket.TryReceive: it is closed, or was never made
}

func ExampleRawSocket() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewRawSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	if _, err = stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2"), netstack.Payload([]byte("hello"))); err != nil {
		log.Fatal(err)
	}
	packet, err := socket.Receive(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v > %v, ICMP type %d: %s\n", packet.Source(), packet.Destination(), packet.Type(), packet.Payload())
	// Output: 192.168.0.2 > 192.168.0.1, ICMP type 0: hello
}

func ExampleStack_NewRawSocket() {
	stack, nic := exampleStack()
	defer stack.Close()
	socket, err := stack.NewRawSocket(netstack.IPv6, netstack.Via(nic.ID()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(socket.Close())
	// Output: <nil>
}

func ExampleRawSocket_TryReceive() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewRawSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	_, err = socket.TryReceive()
	fmt.Println(errors.Is(err, netstack.ErrWouldBlock))
	// Output: true
}

func ExampleRawSocket_Receive() {
	stack, _ := exampleStack()
	socket, err := stack.NewRawSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	go stack.Close()
	_, err = socket.Receive(context.Background())
	fmt.Println(err)
	// Output: netstack: RawSocket.Receive: its stack is closed
}

func ExampleRawSocket_Close() {
	stack, _ := exampleStack()
	defer stack.Close()
	socket, err := stack.NewRawSocket(netstack.IPv4)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(socket.Close(), socket.Close())
	// Output: <nil> <nil>
}

// The counters of a program that publishes them.
func ExampleStats() {
	stack, _ := exampleStack()
	defer stack.Close()
	var published expvar.Map
	published.Set("netstack", stack.Stats())
	fmt.Println(published.Get("netstack").String()[:26])
	// Output: {"ip.packets_received": 0,
}

func ExampleStack_Stats() {
	stack, _ := exampleStack()
	defer stack.Close()
	if _, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(stack.Stats().Get("icmp.v4.received.echo_reply"))
	// Output: 1 <nil>
}

func ExampleNIC_Stats() {
	stack, nic := exampleStack()
	defer stack.Close()
	if _, err := stack.Ping(context.Background(), netip.MustParseAddr("192.168.0.2")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(nic.Stats().Get("tx.packets"))
	// Output: 1 <nil>
}

func ExampleStats_Get() {
	stack, _ := exampleStack()
	defer stack.Close()
	fmt.Println(stack.Stats().Get("forwarder.consumed"))
	fmt.Println(stack.Stats().Get("forwarder.eaten"))
	// Output:
	// 0 <nil>
	// 0 netstack: Stats.Get: there is no counter "forwarder.eaten"
}

func ExampleStats_Snapshot() {
	stack, _ := exampleStack()
	defer stack.Close()
	counters, err := stack.Stats().Snapshot()
	fmt.Println(counters["forwarder.consumed"], err)
	// Output: 0 <nil>
}

func ExampleStats_String() {
	stack, _ := exampleStack()
	stack.Close()
	fmt.Println(stack.Stats())
	// Output: {}
}
