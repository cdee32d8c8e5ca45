// Command consumer is a program as users write it: it has one ping answered in memory, and tells the version
// of the library.
package main

import (
	"encoding/hex"
	"fmt"
	"log"

	"netstack.example/go/netstack"
)

// An Echo Request from 192.0.2.1 to 10.7.1.1 with the data "ping".
const request = "450000200000400040016dd4c00002010a070101" + "080006fa1234000170696e67"

// Its reply, from 10.7.1.1 to 192.0.2.1.
const reply = "450000200000400040016dd40a070101c0000201" + "00000efa1234000170696e67"

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("netstack", netstack.Version())
}

func run() error {
	stack, err := netstack.New()
	if err != nil {
		return err
	}
	defer stack.Close()
	wire, err := netstack.NewChannel()
	if err != nil {
		return err
	}
	defer wire.Close()
	if _, err := stack.AddNIC(wire, netstack.LocalPrefix("10.7.0.0/16")); err != nil {
		return err
	}
	err = stack.HandleEcho(func(r *netstack.Request) bool {
		r.Reply()
		return true
	})
	if err != nil {
		return err
	}
	packet, err := hex.DecodeString(request)
	if err != nil {
		return err
	}
	if err := wire.Inject(packet); err != nil {
		return err
	}
	if sent := fmt.Sprintf("%x", wire.Drain()); sent != "["+reply+"]" {
		return fmt.Errorf("the stack sent %s, not [%s]", sent, reply)
	}
	return nil
}
