package netstack_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"netstack.example/go/netstack"
)

// pingOf is an Echo Request from 10.0.0.2, with identifier 7, sequence number 1 and the data "ping".
func pingOf(destination string) []byte {
	return echo4("10.0.0.2", destination, 7, 1, []byte("ping"))
}

// ours is a network in memory: a stack whose one NIC has the address 10.0.0.1, and the other end of its link.
func ours(options ...netstack.NICOption) (*netstack.Stack, *netstack.NIC, *netstack.Channel) {
	stack, err := netstack.New()
	if err != nil {
		panic(err)
	}
	wire, err := netstack.NewChannel()
	if err != nil {
		panic(err)
	}
	nic, err := stack.AddNIC(wire, append(options, netstack.Address("10.0.0.1/24"))...)
	if err != nil {
		panic(err)
	}
	return stack, nic, wire
}

// handling lets a handler deal with one ping of 10.0.0.1, and tells what the stack sent.
func handling(handler netstack.Handler, options ...netstack.EchoOption) [][]byte {
	stack, _, wire := ours()
	defer stack.Close()
	if err := stack.HandleEcho(handler, options...); err != nil {
		panic(err)
	}
	if err := wire.Inject(pingOf("10.0.0.1")); err != nil {
		panic(err)
	}
	return wire.Drain()
}

// Every address of 10.7.0.0/16 answers ping, from itself; nobody assigned one of them.
func Example() {
	stack, err := netstack.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stack.Close()
	wire, err := netstack.NewChannel() // or netstack.OpenTUN("tun0")
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err = stack.AddNIC(wire, netstack.LocalPrefix("10.7.0.0/16")); err != nil {
		fmt.Println(err)
		return
	}
	stack.HandleEcho(func(r *netstack.Request) bool {
		fmt.Println(&r.PacketInfo)
		r.Reply()
		return true
	})
	wire.Inject(pingOf("10.7.1.2"))
	fmt.Println(len(wire.Drain()), "reply")
	// Output:
	// 10.0.0.2 > 10.7.1.2: echo request, id 7, seq 1, 32 bytes
	// 1 reply
}

func ExampleVersion() {
	fmt.Println(netstack.Version() != "")
	// Output: true
}

func ExampleStack() {
	stack, err := netstack.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stack.Close()
	fmt.Println(len(stack.NICs()), "NICs")
	// Output: 0 NICs
}

func ExampleNew() {
	_, err := netstack.New(netstack.DefaultTTL(0))
	fmt.Println(err)
	// Output: netstack: New: DefaultTTL(0): not from 1 to 255
}

func ExampleOption() {
	for _, option := range []netstack.Option{netstack.StrictRoutes(), netstack.WithSeed(1)} {
		stack, err := netstack.New(option)
		fmt.Println(stack != nil, err)
	}
	// Output:
	// true <nil>
	// true <nil>
}

// optioned is what a stack with an option answers to a packet.
func optioned(option netstack.Option, packet []byte, addresses ...string) [][]byte {
	stack, err := netstack.New(option)
	if err != nil {
		panic(err)
	}
	defer stack.Close()
	wire, err := netstack.NewChannel()
	if err != nil {
		panic(err)
	}
	if _, err = stack.AddNIC(wire, netstack.Address(addresses...)); err != nil {
		panic(err)
	}
	if err = wire.Inject(packet); err != nil {
		panic(err)
	}
	return wire.Drain()
}

func ExampleStrictRoutes() {
	stranger := echo4("203.0.113.1", "10.0.0.1", 7, 1, nil)
	fmt.Println(len(optioned(netstack.StrictRoutes(), stranger, "10.0.0.1/24")), "replies")
	// Output: 0 replies
}

func ExampleCheckLocalSource() {
	forged := echo4("10.0.0.1", "10.0.0.1", 7, 1, nil)
	fmt.Println(len(optioned(netstack.CheckLocalSource(), forged, "10.0.0.1/24")), "replies")
	// Output: 0 replies
}

func ExampleAllowLoopback() {
	local := echo4("127.0.0.2", "127.0.0.1", 7, 1, nil)
	fmt.Println(len(optioned(netstack.AllowLoopback(), local, "127.0.0.1/8")), "reply")
	// Output: 1 reply
}

func ExampleDefaultTTL() {
	reply := optioned(netstack.DefaultTTL(99), pingOf("10.0.0.1"), "10.0.0.1/24")[0]
	fmt.Println(reply[8])
	// Output: 99
}

func ExampleDefaultHopLimit() {
	reply := optioned(netstack.DefaultHopLimit(99), echo6("a::2", "a::1", 7, 1, nil), "a::1/64")[0]
	fmt.Println(reply[7])
	// Output: 99
}

func ExampleWithClock() {
	clock, _ := netstack.NewManualClock(0)
	stack, err := netstack.New(netstack.WithClock(clock))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stack.Close()
	clock.Advance(4242 * time.Millisecond)
	packets, err := stack.Poll()
	fmt.Println(packets, err)
	// Output: 0 <nil>
}

func ExampleWithSeed() {
	stack, err := netstack.New(netstack.WithSeed(42))
	fmt.Println(stack != nil, err)
	// Output: true <nil>
}

func ExampleWithRandom() {
	asked := false
	stack, err := netstack.New(netstack.WithRandom(func() uint64 { asked = true; return 4 }))
	fmt.Println(stack != nil, err, asked)
	// Output: true <nil> true
}

func ExampleStack_AddNIC() {
	stack, _, _ := ours()
	defer stack.Close()
	wire, _ := netstack.NewChannel()
	nic, err := stack.AddNIC(wire, netstack.Address("10.1.0.1/24", "2001:db8::1/64"), netstack.LocalPrefix("10.7.0.0/16"))
	fmt.Println(nic.ID(), err)
	// Output: 2 <nil>
}

func ExampleStack_NICs() {
	stack, nic, _ := ours(netstack.ID(7))
	defer stack.Close()
	fmt.Println(stack.NICs()[7] == nic)
	// Output: true
}

func ExampleStack_HandleEcho() {
	stack, _, wire := ours()
	defer stack.Close()
	err := stack.HandleEcho(func(r *netstack.Request) bool {
		return true // ours, and nobody answers
	})
	fmt.Println(err)
	wire.Inject(pingOf("10.0.0.1"))
	fmt.Println(len(wire.Drain()), "replies")
	fmt.Println(stack.HandleEcho(func(*netstack.Request) bool { return false }))
	// Output:
	// <nil>
	// 0 replies
	// netstack: Stack.HandleEcho: there is a handler for IPv4 already; Replace() replaces it
}

func ExampleStack_RemoveHandler() {
	stack, _, wire := ours()
	defer stack.Close()
	stack.HandleEcho(func(*netstack.Request) bool { return true })
	stack.RemoveHandler(netstack.IPv4)
	wire.Inject(pingOf("10.0.0.1"))
	fmt.Println(len(wire.Drain()), "reply")
	// Output: 1 reply
}

func ExampleHandler() {
	var observer netstack.Handler = func(r *netstack.Request) bool {
		fmt.Println(r.Source(), "asks")
		return false // as if there were no handler
	}
	fmt.Println(len(handling(observer)), "reply")
	// Output:
	// 10.0.0.2 asks
	// 1 reply
}

func ExampleEchoOption() {
	only4 := []netstack.EchoOption{netstack.ForFamily(netstack.IPv4), netstack.Replace()}
	fmt.Println(len(handling(func(*netstack.Request) bool { return true }, only4...)), "replies")
	// Output: 0 replies
}

func ExampleForFamily() {
	handler := func(*netstack.Request) bool { return true }
	fmt.Println(len(handling(handler, netstack.ForFamily(netstack.IPv6))), "reply")
	// Output: 1 reply
}

func ExampleReplace() {
	stack, _, _ := ours()
	defer stack.Close()
	handler := func(*netstack.Request) bool { return true }
	fmt.Println(stack.HandleEcho(handler))
	fmt.Println(stack.HandleEcho(handler, netstack.Replace()))
	// Output:
	// <nil>
	// <nil>
}

func ExampleWithEchoReplies() {
	stack, _, wire := ours()
	defer stack.Close()
	stack.HandleEcho(func(r *netstack.Request) bool {
		fmt.Println(r, r.Reply())
		return true
	}, netstack.WithEchoReplies())
	wire.Inject(reply4("10.0.0.2", "10.0.0.1", 7, 1, nil))
	// Output: 10.0.0.2 > 10.0.0.1: echo reply, id 7, seq 1, 28 bytes netstack: not an Echo Request, so there is no reply to it
}

func ExampleStack_SetEchoPolicy() {
	stack, _, wire := ours(netstack.LocalPrefix("10.7.0.0/16"))
	defer stack.Close()
	wire.Inject(pingOf("10.7.1.2"))
	fmt.Println(len(wire.Drain()), "replies")
	stack.SetEchoPolicy(netstack.IPv4, netstack.TemporaryDestination, netstack.ReplyPolicy)
	wire.Inject(pingOf("10.7.1.2"))
	fmt.Println(len(wire.Drain()), "reply")
	// Output:
	// 0 replies
	// 1 reply
}

func ExampleStack_SetICMPRate() {
	stack, _, wire := ours()
	defer stack.Close()
	stack.SetICMPLimited(netstack.IPv4, 0, true) // not errors alone, but also Echo Replies
	for _, rate := range []uint32{5, netstack.UnlimitedICMPRate} {
		stack.SetICMPRate(rate, 1)
		for range 3 {
			wire.Inject(pingOf("10.0.0.1"))
		}
		fmt.Println(len(wire.Drain()))
	}
	// Output:
	// 1
	// 3
}

func ExampleStack_SetICMPLimited() {
	stack, _, wire := ours()
	defer stack.Close()
	stack.SetICMPRate(0, 0)
	stack.SetICMPLimited(netstack.IPv4, 0, true)
	wire.Inject(pingOf("10.0.0.1"))
	heldBack, _ := stack.Stats().Get("icmp.v4.sent.rate_limited")
	fmt.Println(len(wire.Drain()), heldBack)
	// Output: 0 1
}

func ExampleReassemblyBounds() {
	stack, err := netstack.New(netstack.ReassemblyBounds(1<<20, 0)) // down to three quarters of a MiB
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stack.Close()
	fmt.Println(stack.Stats().Get("reassembly.evicted"))
	// Output: 0 <nil>
}

func ExampleEchoDestination() {
	stack, _, wire := ours()
	defer stack.Close()
	stack.SetEchoPolicy(netstack.AnyFamily, netstack.GroupDestination, netstack.ReplyPolicy)
	wire.Inject(pingOf("10.0.0.255"))
	fmt.Println(len(wire.Drain()), "reply")
	// Output: 1 reply
}

func ExampleEchoPolicy() {
	stack, _, wire := ours(netstack.Address("2001:db8::1/64"))
	defer stack.Close()
	stack.SetEchoPolicy(netstack.IPv6, netstack.GroupDestination, netstack.SilentPolicy)
	wire.Inject(echo6("2001:db8::2", "ff02::1", 7, 1, nil))
	fmt.Println(len(wire.Drain()), "replies")
	// Output: 0 replies
}

func ExampleRoute() {
	stack, nic, _ := ours()
	defer stack.Close()
	viaGateway := netstack.Route{Destination: subnet("0.0.0.0/0"), Gateway: address("10.0.0.254"), NIC: nic.ID()}
	fmt.Println(stack.AddRoutes(viaGateway))
	// Output: <nil>
}

func ExampleStack_AddRoutes() {
	stack, nic, _ := ours()
	defer stack.Close()
	fmt.Println(stack.AddRoutes(netstack.Route{Destination: subnet("10.9.0.0/16"), NIC: nic.ID()}))
	fmt.Println(stack.AddRoutes(netstack.Route{Destination: subnet("10.9.0.1/16"), NIC: nic.ID()}))
	// Output:
	// <nil>
	// netstack: Stack.AddRoutes: the route 10.9.0.1/16 over NIC 1: the destination has bits set behind its prefix; write 10.9.0.0/16
}

func ExampleStack_RemoveRoutes() {
	stack, nic, _ := ours()
	defer stack.Close()
	err := stack.RemoveRoutes(netstack.Route{Destination: subnet("10.9.0.0/16"), NIC: nic.ID()})
	fmt.Println(errors.Is(err, netstack.ErrNotFound))
	// Output: true
}

func ExampleStack_Run() {
	stack, _, _ := ours()
	defer stack.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(stack.Run(ctx))
	// Output: context deadline exceeded
}

func ExampleStack_Stop() {
	stack, _, _ := ours()
	defer stack.Close()
	go stack.Stop() // or in a handler
	fmt.Println(stack.Run(context.Background()))
	// Output: <nil>
}

func ExampleStack_Poll() {
	stack, _, _ := ours()
	defer stack.Close()
	packets, err := stack.Poll()
	fmt.Println(packets, err)
	// Output: 0 <nil>
}

func ExampleStack_NextDeadline() {
	stack, _, _ := ours()
	defer stack.Close()
	_, set := stack.NextDeadline()
	fmt.Println(set)
	// Output: false
}

func ExampleStack_Descriptor() {
	stack, _, _ := ours()
	fmt.Println(stack.Descriptor() >= 0)
	stack.Close()
	fmt.Println(stack.Descriptor())
	// Output:
	// true
	// -1
}

func ExampleStack_Close() {
	stack, _, wire := ours()
	fmt.Println(stack.Close())
	fmt.Println(wire.Inject(pingOf("10.0.0.1")))
	// Output:
	// <nil>
	// netstack: closed
}

func ExampleStack_IsClosed() {
	var stack netstack.Stack // never made
	fmt.Println(stack.IsClosed())
	// Output: true
}

func ExampleStatus() {
	stack, nic, _ := ours()
	stack.Close()
	err := nic.Remove()
	fmt.Println(errors.Is(err, netstack.ErrClosed), errors.Is(err, netstack.ErrBusy))
	// Output: true false
}

func ExampleStatus_Error() {
	fmt.Println(netstack.ErrNoRoute.Error())
	// Output: netstack: no route, or no address to answer from
}

func ExampleStatus_String() {
	fmt.Println(netstack.ErrNoRoute.String())
	// Output: NS_ERR_NO_ROUTE
}

func ExampleStatus_Is() {
	fmt.Println(errors.Is(netstack.ErrClosed, os.ErrClosed), errors.Is(netstack.ErrNotFound, os.ErrNotExist))
	// Output: true true
}

func ExampleStatus_Timeout() {
	fmt.Println(netstack.ErrTimedOut.Timeout(), netstack.ErrBusy.Timeout())
	// Output: true false
}

func ExampleError() {
	_, err := netstack.NewChannel(netstack.Capacity(0))
	var failure *netstack.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Op, failure.Status.String(), failure.Message)
	}
	// Output: NewChannel NS_ERR_INVALID_ARGUMENT Capacity(0): not from 1 to 65536
}

func ExampleError_Error() {
	err := &netstack.Error{Op: "Stack.AddNIC", Status: netstack.ErrBusy, Message: "there is already a NIC 1"}
	fmt.Println(err.Error())
	// Output: netstack: Stack.AddNIC: there is already a NIC 1
}

func ExampleError_Unwrap() {
	err := &netstack.Error{Op: "Stack.AddNIC", Status: netstack.ErrBusy}
	fmt.Println(err.Unwrap() == netstack.ErrBusy)
	// Output: true
}

func ExamplePanicError() {
	defer func() {
		failure := recover().(*netstack.PanicError)
		fmt.Println(failure.Value, failure.More, len(failure.Stack) > 0)
	}()
	handling(func(*netstack.Request) bool { panic("no") })
	// Output: no 0 true
}

func ExamplePanicError_Error() {
	failure := &netstack.PanicError{Value: "no", Stack: []byte("goroutine 1 ..."), More: 2}
	fmt.Println(failure.Error())
	// Output:
	// panic in a callback: no (and 2 more)
	//
	// goroutine 1 ...
}

func ExamplePanicError_Unwrap() {
	failure := &netstack.PanicError{Value: os.ErrClosed}
	fmt.Println(errors.Is(failure, os.ErrClosed))
	// Output: true
}
