// Ping needs no raw socket: the stack at 10.7.0.1 asks the host that it is connected to.
//
//	sudo ./ping [ADDRESS]
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"os"
	"time"

	"netstack.example/go/netstack"
)

func main() {
	destination := "10.7.255.254"
	if len(os.Args) > 1 {
		destination = os.Args[1]
	}
	if err := run(destination); err != nil {
		log.Fatal(err)
	}
}

func run(text string) error {
	destination, err := netip.ParseAddr(text)
	if err != nil {
		return err
	}
	stack, err := netstack.New()
	if err != nil {
		return err
	}
	defer stack.Close()
	tun, err := netstack.OpenTUN("tun0", netstack.HostAddress("10.7.255.254/16", "fd07::ffff/64"))
	if err != nil {
		return err
	}
	if _, err = stack.AddNIC(tun, netstack.Address("10.7.0.1/16", "fd07::1/64")); err != nil {
		return err
	}
	for sequence := uint16(1); sequence <= 3; sequence++ {
		reply, err := stack.Ping(context.Background(), destination, netstack.Sequence(sequence),
			netstack.Payload(make([]byte, 56)), netstack.Timeout(2*time.Second))
		switch {
		case errors.Is(err, netstack.ErrTimedOut):
			fmt.Println("no answer from", destination, "in time")
		case err != nil:
			return err
		default:
			fmt.Printf("%d bytes from %v: icmp_seq=%d ttl=%d time=%v\n",
				reply.Len(), reply.Source(), sequence, reply.TTL(), reply.RTT)
		}
	}
	return nil
}
