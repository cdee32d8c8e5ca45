// Large_space answers for every address of a large network, without one of them being stored.
//
// One address is assigned: the stack answers for it by itself, and the handler leaves it alone.
//
//	sudo ./large_space     and then: ping 10.7.200.3
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
	_, err = stack.AddNIC(tun, netstack.Address("10.7.0.1/16"), netstack.LocalPrefix("10.7.0.0/16", "fd07::/64"))
	if err != nil {
		return err
	}
	err = stack.HandleEcho(func(r *netstack.Request) bool {
		return r.IsTemporary() && r.Reply() == nil
	})
	if err != nil {
		return err
	}
	if err = stack.Run(ctx); ctx.Err() == nil {
		return err // not for Ctrl-C
	}
	counters, err := stack.Stats().Snapshot()
	if err != nil {
		return err
	}
	fmt.Println("consumed", counters["forwarder.consumed"], "declined", counters["forwarder.declined"])
	return nil
}
