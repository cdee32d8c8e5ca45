// In_memory is a test without a network: bytes in, bytes out, time by hand.
package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"log"
	"time"

	"netstack.example/go/netstack"
)

// IPv4 from 192.168.0.2 to 192.168.0.1 and back: TOS, identification and DF are kept, the TTL is new.
const (
	echoRequest = "45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364"
	echoReply   = "45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	clock, err := netstack.NewManualClock(0)
	if err != nil {
		return err
	}
	stack, err := netstack.New(netstack.WithClock(clock))
	if err != nil {
		return err
	}
	defer stack.Close()
	wire, err := netstack.NewChannel(netstack.MTU(1500))
	if err != nil {
		return err
	}
	if _, err = stack.AddNIC(wire, netstack.Address("192.168.0.1/24")); err != nil {
		return err
	}
	request, err := hex.DecodeString(echoRequest)
	if err != nil {
		return err
	}
	reply, err := hex.DecodeString(echoReply)
	if err != nil {
		return err
	}

	if err = wire.Inject(request); err != nil {
		return err
	}
	if err = clock.Advance(4242 * time.Millisecond); err != nil {
		return err
	}
	if _, err = stack.Poll(); err != nil {
		return err
	}
	if answers := wire.Drain(); len(answers) != 1 || !bytes.Equal(answers[0], reply) {
		return fmt.Errorf("%x is not the answer", answers)
	}
	fmt.Println("answered at", clock.Now())
	return nil
}
