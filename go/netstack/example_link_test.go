package netstack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"netstack.example/go/netstack"
)

func ExampleLink() {
	stack, _, _ := ours()
	defer stack.Close()
	channel, _ := netstack.NewChannel(netstack.MTU(1280))
	writer, _ := netstack.NewWriterLink(io.Discard)
	for at, link := range []netstack.Link{channel, writer} {
		defer link.Close()
		if _, err := stack.AddNIC(link, netstack.Address(fmt.Sprintf("10.%d.0.1/16", at+1))); err != nil {
			fmt.Println(err)
		}
		fmt.Println(link.MTU(), link.Inject(pingOf("10.0.0.1")))
	}
	// Output:
	// 1280 <nil>
	// 1500 <nil>
}

func ExampleLinkOption() {
	_, err := netstack.NewWriterLink(io.Discard, netstack.Capacity(7))
	fmt.Println(err)
	// Output: netstack: NewWriterLink: Capacity is no option of this link
}

func ExampleMTU() {
	link, err := netstack.NewChannel(netstack.MTU(9000))
	fmt.Println(link.MTU(), err)
	// Output: 9000 <nil>
}

func ExampleCapacity() {
	stack, _, _ := ours()
	defer stack.Close()
	wire, _ := netstack.NewChannel(netstack.Capacity(1))
	stack.AddNIC(wire, netstack.Address("10.1.0.1/24"))
	wire.Inject(pingOf("10.1.0.1"))
	wire.Inject(pingOf("10.1.0.1")) // there is no room for its reply
	fmt.Println(len(wire.Drain()))
	// Output: 1
}

func ExampleHostAddress() {
	_, err := netstack.OpenTUN("tun0", netstack.HostAddress("10.7.0.300/16"))
	fmt.Println(err)
	// Output: netstack: OpenTUN: "10.7.0.300/16" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64
}

func ExampleChannel() {
	stack, _, wire := ours()
	defer stack.Close()
	wire.Write(pingOf("10.0.0.1"))
	buffer := make([]byte, wire.MTU())
	n, err := wire.Read(buffer)
	fmt.Println(n, err)
	// Output: 32 <nil>
}

func ExampleNewChannel() {
	wire, err := netstack.NewChannel(netstack.MTU(1280), netstack.Capacity(16))
	fmt.Println(wire.MTU(), err)
	// Output: 1280 <nil>
}

func ExampleChannel_Read() {
	stack, _, wire := ours()
	defer stack.Close()
	go wire.Inject(pingOf("10.0.0.1"))
	n, err := wire.Read(make([]byte, 1500)) // waits
	fmt.Println(n, err)
	wire.Close()
	n, err = wire.Read(make([]byte, 1500))
	fmt.Println(n, err)
	// Output:
	// 32 <nil>
	// 0 EOF
}

func ExampleChannel_ReadContext() {
	stack, _, wire := ours()
	defer stack.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := wire.ReadContext(ctx, make([]byte, 1500))
	fmt.Println(err)
	// Output: context deadline exceeded
}

func ExampleChannel_TryRead() {
	stack, _, wire := ours()
	defer stack.Close()
	_, err := wire.TryRead(make([]byte, 1500))
	fmt.Println(errors.Is(err, netstack.ErrWouldBlock))
	wire.Inject(pingOf("10.0.0.1"))
	n, err := wire.TryRead(nil)
	fmt.Println(n, err)
	// Output:
	// true
	// 32 short buffer
}

func ExampleChannel_Drain() {
	stack, _, wire := ours()
	defer stack.Close()
	wire.Inject(pingOf("10.0.0.1"))
	wire.Inject(pingOf("10.0.0.1"))
	fmt.Println(len(wire.Drain()), len(wire.Drain()))
	// Output: 2 0
}

func ExampleChannel_Close() {
	stack, _, wire := ours()
	defer stack.Close()
	fmt.Println(wire.Close(), wire.MTU())
	// Output: <nil> 0
}

func ExampleWriterLink() {
	stack, _, _ := ours()
	defer stack.Close()
	var sent bytes.Buffer
	link, err := netstack.NewWriterLink(&sent)
	if err != nil {
		fmt.Println(err)
		return
	}
	stack.AddNIC(link, netstack.Address("10.1.0.1/24"))
	io.Copy(link, bytes.NewReader(pingOf("10.1.0.1"))) // each Read is one packet
	fmt.Println(sent.Len())
	// Output: 32
}

func ExampleNewWriterLink() {
	_, err := netstack.NewWriterLink(nil)
	fmt.Println(err)
	// Output: netstack: NewWriterLink: the writer is nil
}

// socketPair is two files, each the other's other end.
func socketPair() (one, other *os.File) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	return os.NewFile(uintptr(ends[0]), "one"), os.NewFile(uintptr(ends[1]), "other")
}

func ExampleFDLink() {
	stack, _, _ := ours()
	defer stack.Close()
	ourEnd, peer := socketPair()
	defer peer.Close()
	link, err := netstack.NewFD(ourEnd)
	ourEnd.Close() // the link has a duplicate
	if err != nil {
		fmt.Println(err)
		return
	}
	stack.AddNIC(link, netstack.Address("10.1.0.1/24"))
	peer.Write(pingOf("10.1.0.1"))
	stack.Poll()
	n, err := peer.Read(make([]byte, 1500))
	fmt.Println(n, err)
	// Output: 32 <nil>
}

func ExampleNewFD() {
	ourEnd, peer := socketPair()
	defer peer.Close()
	defer ourEnd.Close()
	link, err := netstack.NewFD(ourEnd, netstack.MTU(1280))
	fmt.Println(link.MTU(), err)
	// Output: 1280 <nil>
}

func ExamplePacketInformation() {
	stack, _, _ := ours()
	defer stack.Close()
	ourEnd, peer := socketPair()
	defer peer.Close()
	defer ourEnd.Close()
	link, _ := netstack.NewFD(ourEnd, netstack.WithPacketInformation(netstack.UTUNPacketInformation))
	stack.AddNIC(link, netstack.Address("10.1.0.1/24"))
	peer.Write(append([]byte{0, 0, 0, 2}, pingOf("10.1.0.1")...))
	stack.Poll()
	n, err := peer.Read(make([]byte, 1500))
	fmt.Println(n, err)
	// Output: 36 <nil>
}

func ExampleWithPacketInformation() {
	ourEnd, peer := socketPair()
	defer peer.Close()
	defer ourEnd.Close()
	_, err := netstack.NewFD(ourEnd, netstack.WithPacketInformation(netstack.LinuxPacketInformation))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleTUN() {
	var tun netstack.TUN // never opened
	fmt.Println(tun.Inject(pingOf("10.0.0.1")))
	// Output: netstack: Link.Inject: it is closed, or was never made
}

func ExampleOpenTUN() {
	_, err := netstack.OpenTUN("a-name-that-is-too-long")
	fmt.Println(err)
	// Output: netstack: OpenTUN: name has 23 characters; a device's name has 1 to 15, such as "tun0"
}

func ExampleTUN_Name() {
	var tun netstack.TUN // never opened
	fmt.Printf("%q\n", tun.Name())
	// Output: ""
}

func ExampleCapture() {
	stack, nic, wire := ours()
	defer stack.Close()
	folder, err := os.MkdirTemp("", "netstack")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "out.pcap")
	capture, err := netstack.CreateCapture(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer capture.Close()
	nic.SetCapture(capture)
	wire.Inject(pingOf("10.0.0.1"))
	info, err := os.Stat(file)
	fmt.Println(info.Size(), err)
	// Output: 120 <nil>
}

func ExampleCreateCapture() {
	_, err := netstack.CreateCapture("/no/such/folder/out.pcap")
	fmt.Println(errors.Is(err, os.ErrNotExist))
	// Output: true
}

func ExampleNewCapture() {
	var pcap bytes.Buffer
	_, err := netstack.NewCapture(&pcap)
	fmt.Println(pcap.Len(), err)
	// Output: 24 <nil>
}

func ExampleCapture_Err() {
	reader, writer := io.Pipe()
	reader.Close()
	capture, _ := netstack.NewCapture(writer)
	fmt.Println(capture.Err())
	// Output: io: read/write on closed pipe
}

func ExampleCapture_Lost() {
	capture, _ := netstack.NewCapture(io.Discard)
	fmt.Println(capture.Lost())
	// Output: 0
}

func ExampleCapture_Close() {
	capture, _ := netstack.NewCapture(io.Discard)
	fmt.Println(capture.Close())
	// Output: <nil>
}

func ExampleClock() {
	clock, _ := netstack.NewManualClock(0)
	first, _ := netstack.New(netstack.WithClock(clock))
	second, _ := netstack.New(netstack.WithClock(clock)) // one for both
	defer first.Close()
	defer second.Close()
	clock.Advance(time.Minute)
	fmt.Println(clock.Now())
	// Output: 1m0s
}

func ExampleNewManualClock() {
	clock, err := netstack.NewManualClock(time.Hour)
	fmt.Println(clock.Now(), err)
	// Output: 1h0m0s <nil>
}

func ExampleClock_Advance() {
	clock, _ := netstack.NewManualClock(0)
	fmt.Println(clock.Advance(4242 * time.Millisecond))
	fmt.Println(clock.Advance(-1))
	// Output:
	// <nil>
	// netstack: Clock.Advance: by -1ns: a clock never goes back
}

func ExampleClock_Now() {
	clock, _ := netstack.NewManualClock(time.Second)
	clock.Advance(time.Second)
	fmt.Println(clock.Now())
	// Output: 2s
}

func ExampleClockFuncs() {
	start := time.Now()
	clock, err := netstack.NewClock(netstack.ClockFuncs{
		Now:     func() time.Duration { return time.Since(start) },
		WallNow: time.Now,
	})
	fmt.Println(clock.Now() > 0, err)
	// Output: true <nil>
}

func ExampleNewClock() {
	_, err := netstack.NewClock(netstack.ClockFuncs{})
	fmt.Println(err)
	// Output: netstack: NewClock: ClockFuncs.Now is nil
}
