package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// cost is nanoseconds of CPU time an echo.
type cost struct {
	minimum, median float64
}

func (c cost) minus(other cost) cost { return cost{c.minimum - other.minimum, c.median - other.median} }

// measureAll prints the table.
func measureAll(all []*entry, rounds int, turn time.Duration) {
	const row = "%-34s %9s %9s   %9s %9s   %11s %12s\n"
	fmt.Printf(row, "one echo, ns of CPU time", "minimum", "median", "added", "median", "x Go replies", "allocations")
	for _, w := range workloads {
		costs := measure(all, w, rounds, turn)
		ours := costs["Go, replies"]
		for _, e := range all {
			c := costs[e.name()]
			addedMinimum, addedMedian := "", ""
			if e.language == "Go" && e.handler != none {
				// What Go adds to the same handler in C; with one that consumes there is no reply to send.
				inGo, inC := c.minus(costs["Go, no handler"]), costs["C, "+e.handler.String()].minus(costs["C, no handler"])
				added := inGo.minus(inC)
				addedMinimum, addedMedian = number(added.minimum), number(added.median)
			}
			fmt.Printf(row, w.name()+", "+e.name(), number(c.minimum), number(c.median), addedMinimum, addedMedian,
				fmt.Sprintf("%.2f", c.minimum/ours.minimum), number(e.allocated(w)))
		}
	}
}

func number(value float64) string { return fmt.Sprintf("%.0f", value) }

// measure has everybody take turns, so that a mood of the machine is everybody's.
func measure(all []*entry, w workload, rounds int, turn time.Duration) map[string]cost {
	request, _ := packets(w.version, w.data)
	reply := make([]byte, 1500)
	counts := make([]int, len(all))
	for i, e := range all {
		counts[i] = 1 + int(turn/max(1, timed(e, request, 1000, reply)/1000))
	}
	times := map[string][]float64{}
	for range rounds {
		for i, e := range all {
			runtime.GC() // the others' garbage is theirs
			spent := timed(e, request, counts[i], reply)
			times[e.name()] = append(times[e.name()], float64(spent)/float64(counts[i]))
		}
	}
	costs := map[string]cost{}
	for name, some := range times {
		slices.Sort(some)
		costs[name] = cost{some[0], some[len(some)/2]}
	}
	return costs
}

func timed(c contestant, request []byte, count int, reply []byte) time.Duration {
	start := cpuTime()
	c.echoes(request, count, reply)
	return cpuTime() - start
}
