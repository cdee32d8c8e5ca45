// Observer prints who pings 10.7.0.1 and fd07::1, and leaves the answer to the stack.
//
//	sudo ./observer        and then: ping 10.7.0.1
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"netstack.example/go/netstack"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
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
	err = stack.HandleEcho(func(r *netstack.Request) bool {
		fmt.Println(r.Source(), "asks", r.Destination(), "with TTL", r.TTL())
		return false // declined: the stack goes on as if there were no handler
	})
	if err != nil {
		return err
	}
	if err = stack.Run(ctx); ctx.Err() == nil {
		return err // not for Ctrl-C
	}
	v4, err := stack.Stats().Get("icmp.v4.sent.echo_reply")
	if err != nil {
		return err
	}
	v6, err := stack.Stats().Get("icmp.v6.sent.echo_reply")
	if err != nil {
		return err
	}
	fmt.Println("answered", v4+v6)
	return nil
}
