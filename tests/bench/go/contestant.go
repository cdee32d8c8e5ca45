package main

import (
	"fmt"
	"net/netip"
)

// The stacks' addresses, and who asks them.
var (
	ours4  = netip.MustParsePrefix("10.7.0.1/16")
	ours6  = netip.MustParsePrefix("fd07::1/64")
	theirs = map[int]netip.Addr{4: netip.MustParseAddr("10.7.0.2"), 6: netip.MustParseAddr("fd07::2")}
)

// handler is what a contestant's handler does.
type handler int

const (
	none     handler = iota // there is none: the stack replies by itself
	replies                 // has the stack reply, and consumes
	consumes                // silence
	observes                // looks, and declines: the stack replies by itself
)

func (h handler) String() string {
	return [...]string{"no handler", "replies", "consumes", "observes"}[h]
}

// contestant is a stack with an in and an out in memory.
type contestant interface {
	// echoes gives it a request so many times, and takes each reply out: the length of the last one in
	// reply, 0 if none came.
	echoes(request []byte, count int, reply []byte) int
	// calls is how often its handler was called.
	calls() uint64
}

// entry is a contestant with what is expected of it.
type entry struct {
	contestant
	language    string
	handler     handler
	allocations float64 // an echo, at most; negative: that is its own affair
}

func (e *entry) name() string { return e.language + ", " + e.handler.String() }

// entries are all that take part.
func entries() ([]*entry, error) {
	var all []*entry
	for _, language := range []struct {
		name        string
		handlers    []handler
		make        func(handler) (contestant, error)
		allocations [4]float64 // by handler
	}{
		{"C", []handler{none, replies, consumes, observes}, newInC, [4]float64{}},
		// A Request is the user's to keep.
		{"Go", []handler{none, replies, consumes, observes}, newInGo, [4]float64{0, 1, 1, 1}},
		{"gVisor", []handler{none, consumes, observes}, newGVisor, [4]float64{-1, -1, -1, -1}},
	} {
		for _, h := range language.handlers {
			made, err := language.make(h)
			if err != nil {
				return nil, fmt.Errorf("%s, %v: %w", language.name, h, err)
			}
			all = append(all, &entry{made, language.name, h, language.allocations[h]})
		}
	}
	return all, nil
}
