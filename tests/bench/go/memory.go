package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// memory prints what the process holds after each tenth of so many echoes with a handler that replies and
// keeps nothing: it stays flat.
func memory(echoes int) error {
	made, err := newInGo(replies)
	if err != nil {
		return err
	}
	request, _ := packets(4, 56)
	reply := make([]byte, 1500)
	run := func(count int) { made.echoes(request, count, reply) }

	run(echoes / 10) // what is made once is there
	fmt.Printf("%-16s %14s %14s %14s\n", "echoes", "resident KiB", "Go's heap KiB", "Go's all KiB")
	for tenth := range 11 {
		resident, err := residentKiB()
		if err != nil {
			return err
		}
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		fmt.Printf("%-16d %14d %14d %14d\n", tenth*(echoes/10), resident, stats.HeapAlloc>>10, stats.Sys>>10)
		if tenth < 10 {
			run(echoes / 10)
		}
	}
	return nil
}

func residentKiB() (int, error) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(statm))
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/self/statm has %d fields", len(fields))
	}
	pages, err := strconv.Atoi(fields[1])
	return pages * os.Getpagesize() >> 10, err
}
