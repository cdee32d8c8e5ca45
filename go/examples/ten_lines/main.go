package main

import (
	"context"
	"log"

	"netstack.example/go/netstack"
)

func main() {
	stack, err := netstack.New()
	if err != nil {
		log.Fatal(err)
	}
	defer stack.Close()
	tun, err := netstack.OpenTUN("tun0")
	if err != nil {
		log.Fatal(err)
	}
	_, err = stack.AddNIC(tun, netstack.LocalPrefix("10.7.0.0/16"), netstack.LocalPrefix("fd07::/64"))
	if err != nil {
		log.Fatal(err)
	}
	stack.HandleEcho(func(r *netstack.Request) bool {
		r.Reply()   // the stack's own Echo Reply, from the address that was asked
		return true // and nobody else handles it
	})
	log.Fatal(stack.Run(context.Background())) // until Ctrl-C
}
