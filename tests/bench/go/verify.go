package main

import (
	"bytes"
	"fmt"
	"testing"
)

// workload is the request of some rows of the table.
type workload struct {
	version, data int
}

var workloads = []workload{{4, 56}, {6, 56}, {4, 1400}, {6, 1400}}

func (w workload) name() string { return fmt.Sprintf("IPv%d, %d B", w.version, w.data) }

// verify tells what is wrong with a contestant's answer, byte for byte.
func (e *entry) verify(w workload) error {
	request, expected := packets(w.version, w.data)
	sent, reply := bytes.Clone(request), make([]byte, 1500)
	calls := e.calls()
	length := e.echoes(request, 1, reply)
	called := e.calls() - calls
	switch {
	case !bytes.Equal(request, sent):
		return fmt.Errorf("the request was changed to %x", request)
	case e.handler == none && called != 0, e.handler != none && called != 1:
		return fmt.Errorf("the handler was called %d times", called)
	case e.handler == consumes && length != 0:
		return fmt.Errorf("there is a reply, and the handler consumes: %x", reply[:length])
	case e.handler != consumes && !bytes.Equal(reply[:length], expected):
		return fmt.Errorf("the reply is\n%x, and should be\n%x", reply[:length], expected)
	}
	return nil
}

// allocated is how many allocations of Go's an echo makes.
func (e *entry) allocated(w workload) float64 {
	request, _ := packets(w.version, w.data)
	reply := make([]byte, 1500)
	return testing.AllocsPerRun(1000, func() { e.echoes(request, 1, reply) })
}

// verifyAll checks everything that the table is about but time.
func verifyAll(all []*entry) error {
	for _, w := range workloads {
		for _, e := range all {
			if err := e.verify(w); err != nil {
				return fmt.Errorf("%s, %s: %w", w.name(), e.name(), err)
			}
			if made := e.allocated(w); e.allocations >= 0 && made > e.allocations {
				return fmt.Errorf("%s, %s: %v allocations, at most %v", w.name(), e.name(), made, e.allocations)
			}
		}
	}
	return nil
}
