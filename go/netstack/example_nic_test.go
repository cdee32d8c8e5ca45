package netstack_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"

	"netstack.example/go/netstack"
)

// answered tells whether a packet gets an answer.
func answered(wire *netstack.Channel, packet []byte) bool {
	if err := wire.Inject(packet); err != nil {
		panic(err)
	}
	return len(wire.Drain()) == 1
}

func ExampleNIC() {
	stack, nic, wire := ours()
	defer stack.Close()
	nic.AddAddresses(netip.MustParsePrefix("10.0.0.7/24"))
	fmt.Println(answered(wire, pingOf("10.0.0.7")))
	// Output: true
}

func ExampleNICOption() {
	stack, nic, wire := ours(netstack.ID(3), netstack.Promiscuous(), netstack.LocalPrefix("10.7.0.0/16"))
	defer stack.Close()
	fmt.Println(nic.ID(), answered(wire, pingOf("10.0.0.1")))
	// Output: 3 true
}

func ExampleID() {
	stack, nic, _ := ours(netstack.ID(42))
	defer stack.Close()
	fmt.Println(nic.ID())
	// Output: 42
}

func ExampleAddress() {
	stack, _, wire := ours(netstack.Address(netip.MustParsePrefix("10.1.0.1/16")), netstack.Address("10.2.0.1/16", "10.3.0.1"))
	defer stack.Close()
	fmt.Println(answered(wire, pingOf("10.1.0.1")), answered(wire, pingOf("10.3.0.1")), answered(wire, pingOf("10.3.0.2")))
	// Output: true true false
}

func ExampleAddressText() {
	asText := netstack.Address("10.1.0.1/16")
	asValue := netstack.Address(netip.MustParsePrefix("10.2.0.1/16"))
	stack, nic, _ := ours(asText, asValue)
	defer stack.Close()
	fmt.Println(nic.RemoveAddresses(netip.MustParseAddr("10.1.0.1"), netip.MustParseAddr("10.2.0.1")))
	// Output: <nil>
}

func ExampleLocalPrefix() {
	stack, _, wire := ours(netstack.LocalPrefix("10.7.0.0/16", "fd07::/64"))
	defer stack.Close()
	stack.HandleEcho(func(r *netstack.Request) bool { return r.Reply() == nil })
	fmt.Println(answered(wire, pingOf("10.7.255.254")), answered(wire, echo6("a::2", "fd07::beef", 1, 1, nil)))
	// Output: true true
}

func ExampleDisabled() {
	stack, _, wire := ours(netstack.Disabled())
	defer stack.Close()
	fmt.Println(answered(wire, pingOf("10.0.0.1")))
	// Output: false
}

func ExamplePromiscuous() {
	stack, _, wire := ours(netstack.Promiscuous())
	defer stack.Close()
	stack.HandleEcho(func(r *netstack.Request) bool {
		fmt.Println(r.Destination(), r.IsTemporary())
		return r.Reply() == nil
	})
	fmt.Println(answered(wire, pingOf("192.0.2.1")))
	// Output:
	// 192.0.2.1 true
	// true
}

func ExampleSpoofing() {
	stack, _, wire := ours(netstack.Promiscuous(), netstack.Spoofing())
	defer stack.Close()
	fmt.Println(answered(wire, echo6("2001:db8::1", "2001:db8::2", 1, 1, nil)))
	// Output: true
}

func ExampleSideBySide() {
	stack, _, wire := ours(netstack.SideBySide())
	defer stack.Close()
	packet := udp("10.0.0.2", "10.0.0.1")
	if errors.Is(wire.Inject(packet), netstack.ErrUnclaimed) {
		fmt.Println("for the other stack")
	}
	// Output: for the other stack
}

func ExampleForwarding() {
	stack, _, inside := ours(netstack.Forwarding(netstack.AnyFamily))
	defer stack.Close()
	outside, err := netstack.NewChannel()
	if err != nil {
		fmt.Println(err)
		return
	}
	stack.AddNIC(outside, netstack.Address("203.0.113.1/24"))
	packet := udp("10.0.0.2", "203.0.113.9")
	inside.Inject(packet)
	for _, sent := range outside.Drain() {
		fmt.Println("TTL", packet[8], "went on with", sent[8])
	}
	// Output: TTL 64 went on with 63
}

func ExampleNIC_ID() {
	stack, nic, _ := ours()
	defer stack.Close()
	fmt.Println(nic.ID())
	// Output: 1
}

func ExampleNIC_Link() {
	stack, nic, wire := ours()
	defer stack.Close()
	fmt.Println(nic.Link() == wire)
	// Output: true
}

func ExampleNIC_Stack() {
	stack, nic, _ := ours()
	defer stack.Close()
	fmt.Println(nic.Stack() == stack)
	// Output: true
}

func ExampleNIC_Remove() {
	stack, nic, wire := ours()
	defer stack.Close()
	fmt.Println(nic.Remove(), len(stack.NICs()))
	fmt.Println(wire.Inject(pingOf("10.0.0.1")))
	// Output:
	// <nil> 0
	// netstack: closed
}

func ExampleNIC_AddAddresses() {
	stack, nic, _ := ours()
	defer stack.Close()
	fmt.Println(nic.AddAddresses(netip.MustParsePrefix("10.0.0.7/24"), netip.MustParsePrefix("2001:db8::1/64")))
	fmt.Println(nic.AddAddresses(netip.MustParsePrefix("10.0.0.1/24")))
	// Output:
	// <nil>
	// netstack: NIC.AddAddresses: the address 10.0.0.1 is already assigned on NIC 1
}

func ExampleNIC_RemoveAddresses() {
	stack, nic, wire := ours()
	defer stack.Close()
	fmt.Println(nic.RemoveAddresses(netip.MustParseAddr("10.0.0.1")), answered(wire, pingOf("10.0.0.1")))
	// Output: <nil> false
}

func ExampleNIC_AddLocalPrefixes() {
	stack, nic, _ := ours()
	defer stack.Close()
	fmt.Println(nic.AddLocalPrefixes(netip.MustParsePrefix("10.7.0.0/16")))
	fmt.Println(nic.AddLocalPrefixes(netip.MustParsePrefix("10.8.0.1/16")))
	// Output:
	// <nil>
	// netstack: NIC.AddLocalPrefixes: the prefix 10.8.0.1/16 has bits set behind its length; write 10.8.0.0/16
}

func ExampleNIC_RemoveLocalPrefixes() {
	stack, nic, _ := ours(netstack.LocalPrefix("10.7.0.0/16"))
	defer stack.Close()
	fmt.Println(nic.RemoveLocalPrefixes(netip.MustParsePrefix("10.7.0.0/16")))
	// Output: <nil>
}

func ExampleNIC_JoinGroup() {
	stack, nic, wire := ours(netstack.Address("2001:db8::1/64"))
	defer stack.Close()
	fmt.Println(nic.JoinGroup(netip.MustParseAddr("ff05::77")))
	fmt.Println(answered(wire, echo6("2001:db8::2", "ff05::77", 1, 1, nil)))
	// Output:
	// <nil>
	// true
}

func ExampleNIC_LeaveGroup() {
	stack, nic, _ := ours()
	defer stack.Close()
	fmt.Println(nic.LeaveGroup(netip.MustParseAddr("ff05::77")))
	// Output: netstack: NIC.LeaveGroup: the group ff05::77 was not joined on NIC 1
}

func ExampleNIC_SetDisabled() {
	stack, nic, wire := ours()
	defer stack.Close()
	fmt.Println(nic.SetDisabled(true), answered(wire, pingOf("10.0.0.1")))
	fmt.Println(nic.SetDisabled(false), answered(wire, pingOf("10.0.0.1")))
	// Output:
	// <nil> false
	// <nil> true
}

func ExampleNIC_SetPromiscuous() {
	stack, nic, wire := ours()
	defer stack.Close()
	stack.HandleEcho(func(r *netstack.Request) bool { return r.Reply() == nil })
	fmt.Println(nic.SetPromiscuous(true), answered(wire, pingOf("192.0.2.1")))
	// Output: <nil> true
}

func ExampleNIC_SetSpoofing() {
	stack, nic, wire := ours(netstack.Promiscuous())
	defer stack.Close()
	fmt.Println(nic.SetSpoofing(true), answered(wire, echo6("2001:db8::1", "2001:db8::2", 1, 1, nil)))
	// Output: <nil> true
}

func ExampleNIC_SetSideBySide() {
	stack, nic, wire := ours()
	defer stack.Close()
	fmt.Println(nic.SetSideBySide(true), wire.Inject(udp("10.0.0.2", "10.0.0.1")))
	// Output: <nil> netstack: nothing here takes the packet
}

func ExampleNIC_SetForwarding() {
	stack, nic, wire := ours()
	defer stack.Close()
	stack.AddRoutes(netstack.Route{Destination: netip.MustParsePrefix("203.0.113.0/24"), NIC: nic.ID()})
	packet := udp("10.0.0.2", "203.0.113.9")
	fmt.Println(answered(wire, packet), nic.SetForwarding(netstack.IPv4, true), answered(wire, packet))
	// Output: false <nil> true
}

func ExampleNIC_SetCapture() {
	stack, nic, wire := ours()
	defer stack.Close()
	var pcap bytes.Buffer
	capture, err := netstack.NewCapture(&pcap)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer capture.Close()
	nic.SetCapture(capture)
	wire.Inject(pingOf("10.0.0.1"))
	nic.SetCapture(nil)
	fmt.Println(pcap.Len()) // a header of 24 bytes, two records of 16 and 32
	// Output: 120
}
