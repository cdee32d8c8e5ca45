package main

import "netstack.example/go/netstack"

// inGo has its handler and its loop in Go: two calls of C an echo, and one back.
type inGo struct {
	stack  *netstack.Stack // what nobody has is closed
	wire   *netstack.Channel
	called uint64
	seen   uint64
}

func newInGo(h handler) (contestant, error) {
	stack, err := netstack.New()
	if err != nil {
		return nil, err
	}
	wire, err := netstack.NewChannel()
	if err != nil {
		return nil, err
	}
	if _, err = stack.AddNIC(wire, netstack.Address(ours4, ours6)); err != nil {
		return nil, err
	}
	me := &inGo{stack: stack, wire: wire}
	switch h {
	case replies:
		err = stack.HandleEcho(func(r *netstack.Request) bool {
			me.called++
			r.Reply()
			return true
		})
	case consumes:
		err = stack.HandleEcho(func(*netstack.Request) bool {
			me.called++
			return true
		})
	case observes:
		err = stack.HandleEcho(func(r *netstack.Request) bool {
			me.called++
			me.seen += uint64(r.TTL())
			return false
		})
	}
	return me, err
}

func (g *inGo) echoes(request []byte, count int, reply []byte) (length int) {
	for range count {
		g.wire.Inject(request)
		length, _ = g.wire.TryRead(reply)
	}
	return length
}

func (g *inGo) calls() uint64 { return g.called }
