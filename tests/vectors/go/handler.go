package main

import (
	"errors"
	"fmt"
	"strings"

	"netstack.example/go/netstack"
)

// failure is what a handler panics with.
type failure struct{}

// describe is what a handler sees, as the vectors write it.
func describe(r *netstack.Request) string {
	var kinds []string
	for _, kind := range []struct {
		is   bool
		name string
	}{{r.IsTemporary(), "temporary"}, {r.IsBroadcast(), "broadcast"}, {r.IsMulticast(), "multicast"}} {
		if kind.is {
			kinds = append(kinds, kind.name)
		}
	}
	if kinds == nil {
		kinds = []string{"assigned"}
	}
	kept, err := r.Packet()
	if err != nil {
		return err.Error()
	}
	data := fmt.Sprintf("%x", kept.Payload())
	if data == "" {
		data = "-"
	}
	return fmt.Sprintf("from %v to %v %s, nic %d, type %d code %d, ttl %d tos %d, id %d seq %d, data %s",
		r.Source().WithZone(""), r.Destination().WithZone(""), strings.Join(kinds, " and "), r.NIC(), r.Type(), r.Code(), r.TTL(), r.TOS(),
		r.Identifier(), r.Sequence(), data)
}

// resultOf is an error as the vectors name it.
func resultOf(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, netstack.ErrUnclaimed):
		return "unclaimed"
	case errors.Is(err, netstack.ErrRequestExpired):
		return "expired"
	case errors.Is(err, netstack.ErrNoRoute):
		return "no route"
	case errors.Is(err, netstack.ErrNotReplyable):
		return "not replyable"
	}
	return err.Error()
}

// replyElsewhere replies in another goroutine.
func replyElsewhere(r *netstack.Request) error {
	results := make(chan error)
	go func() { results <- r.Reply() }()
	return <-results
}

// inject is "fails" where a handler's panic comes out of the call.
func (s *scene) inject(name string) (result string) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case *netstack.PanicError:
			if _, ours := value.Value.(failure); !ours {
				panic(value)
			}
			result = "fails"
		default:
			panic(value)
		}
	}()
	return resultOf(s.wires[s.nic()].Inject(s.vector.packet(name).data))
}

// nic is where the step's packets come in.
func (s *scene) nic() uint32 {
	if s.step.NIC == nil {
		return 1
	}
	return *s.step.NIC
}

func (s *scene) handle(h handler, r *netstack.Request) bool {
	wanted := "anything"
	if s.seen < len(s.step.Sees) {
		wanted = s.vector.packet(s.step.Sees[s.seen]).Seen
	}
	s.seen++
	s.compare("sees", describe(r), wanted)
	for _, a := range h.Does {
		s.act(a, r)
	}
	if h.Then == "fails" {
		panic(failure{})
	}
	return h.Then == "consumed"
}

func (s *scene) act(a action, r *netstack.Request) {
	switch {
	case a.Reply != nil:
		s.compare("reply", resultOf(r.Reply()), *a.Reply)
	case a.ReplyElsewhere != nil:
		s.compare("reply elsewhere", resultOf(replyElsewhere(r)), *a.ReplyElsewhere)
	case a.ReplyKept != nil:
		s.compare("reply kept", resultOf(s.kept.Reply()), *a.ReplyKept)
	case a.Inject != nil:
		wanted := "ok"
		if a.Result != nil {
			wanted = *a.Result
		}
		s.compare("inject, nested", s.inject(*a.Inject), wanted)
	case a.Route != nil:
		s.compare("route", resultOf(s.addRoute(*a.Route)), "ok")
	case *a.Keep == "request":
		s.kept = r
	default:
		var err error
		s.keptPacket, err = r.Packet()
		s.compare("keep packet", resultOf(err), "ok")
	}
}
