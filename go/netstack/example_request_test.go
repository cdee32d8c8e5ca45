package netstack_test

import (
	"errors"
	"fmt"
	"strings"

	"netstack.example/go/netstack"
)

func ExampleRequest() {
	var kept *netstack.Request
	handling(func(r *netstack.Request) bool {
		kept = r
		return true
	})
	fmt.Println(kept.Source(), "is known for ever")
	fmt.Println(kept.Reply())
	// Output:
	// 10.0.0.2 is known for ever
	// netstack: the request has expired: its handler has returned, or runs in another goroutine
}

func ExampleRequest_Reply() {
	sent := handling(func(r *netstack.Request) bool {
		return r.Reply() == nil // answered and ours
	})
	fmt.Println(len(sent), "reply")
	// Output: 1 reply
}

func ExampleRequest_Packet() {
	var kept *netstack.Packet
	handling(func(r *netstack.Request) bool {
		kept, _ = r.Packet()
		return true
	})
	fmt.Printf("%v %s\n", kept.Source(), kept.Payload())
	// Output: 10.0.0.2 ping
}

func ExampleRequest_AppendPacket() {
	buffer := make([]byte, 0, 1500)
	handling(func(r *netstack.Request) bool {
		buffer, _ = r.AppendPacket(buffer[:0])
		return true
	})
	fmt.Println(len(buffer))
	// Output: 32
}

func ExampleRequest_IsExpired() {
	handling(func(r *netstack.Request) bool {
		fmt.Println("here:", r.IsExpired())
		elsewhere(func() { fmt.Println("in another goroutine:", r.IsExpired()) })
		return true
	})
	// Output:
	// here: false
	// in another goroutine: true
}

func ExamplePacket() {
	var packets []*netstack.Packet // to be dealt with later
	handling(func(r *netstack.Request) bool {
		packet, err := r.Packet()
		packets = append(packets, packet)
		return err == nil
	})
	fmt.Println(packets[0])
	// Output: 10.0.0.2 > 10.0.0.1: echo request, id 7, seq 1, 32 bytes
}

func ExamplePacket_Bytes() {
	handling(func(r *netstack.Request) bool {
		packet, _ := r.Packet()
		fmt.Printf("%x\n", packet.Bytes()[:4])
		return true
	})
	// Output: 45000020
}

func ExamplePacket_Payload() {
	handling(func(r *netstack.Request) bool {
		packet, _ := r.Packet()
		fmt.Printf("%s\n", packet.Payload())
		return true
	})
	// Output: ping
}

func ExamplePacketInfo() {
	var info netstack.PacketInfo
	handling(func(r *netstack.Request) bool {
		info = r.PacketInfo // a plain copy
		return true
	})
	fmt.Println(&info)
	// Output: 10.0.0.2 > 10.0.0.1: echo request, id 7, seq 1, 32 bytes
}

func ExamplePacketInfo_Source() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.Source())
		return true
	})
	// Output: 10.0.0.2
}

func ExamplePacketInfo_Destination() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.Destination())
		return true
	})
	// Output: 10.0.0.1
}

func ExamplePacketInfo_NIC() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.NIC())
		return true
	})
	// Output: 1
}

func ExamplePacketInfo_Identifier() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.Identifier())
		return true
	})
	// Output: 7
}

func ExamplePacketInfo_Sequence() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.Sequence())
		return true
	})
	// Output: 1
}

func ExamplePacketInfo_Type() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.Type())
		return true
	})
	// Output: 8
}

func ExamplePacketInfo_Code() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.Code())
		return true
	})
	// Output: 0
}

func ExamplePacketInfo_TTL() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.TTL())
		return true
	})
	// Output: 64
}

func ExamplePacketInfo_TOS() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.TOS())
		return true
	})
	// Output: 0
}

func ExamplePacketInfo_Len() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.Len())
		return true
	})
	// Output: 32
}

func ExamplePacketInfo_IsTemporary() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.IsTemporary())
		return true
	})
	// Output: false
}

func ExamplePacketInfo_IsBroadcast() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.IsBroadcast())
		return true
	})
	// Output: false
}

func ExamplePacketInfo_IsMulticast() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.IsMulticast())
		return true
	})
	// Output: false
}

func ExamplePacketInfo_HasBadChecksum() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.HasBadChecksum())
		return true
	})
	// Output: false
}

func ExamplePacketInfo_String() {
	handling(func(r *netstack.Request) bool {
		fmt.Println(r.String())
		return true
	})
	// Output: 10.0.0.2 > 10.0.0.1: echo request, id 7, seq 1, 32 bytes
}

func ExampleFamily() {
	stack, _, _ := ours()
	defer stack.Close()
	for _, family := range []netstack.Family{netstack.IPv4, netstack.IPv6} {
		err := stack.HandleEcho(func(*netstack.Request) bool { return false }, netstack.ForFamily(family))
		fmt.Println(family, err)
	}
	err := stack.HandleEcho(func(*netstack.Request) bool { return false })
	fmt.Println(errors.Is(err, netstack.ErrBusy))
	// Output:
	// IPv4 <nil>
	// IPv6 <nil>
	// true
}

func ExampleFamily_String() {
	fmt.Println(strings.Join([]string{netstack.IPv4.String(), netstack.IPv6.String(), netstack.AnyFamily.String()}, ", "))
	// Output: IPv4, IPv6, any family
}
