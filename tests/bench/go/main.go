// The program measures what an echo costs with a handler in Go, beside handlers in C and beside gVisor.
package main

import (
	"flag"
	"fmt"
	"log"
	"time"
)

func main() {
	verify := flag.Bool("verify", false, "check answers and allocations, measure nothing")
	echoes := flag.Int("memory", 0, "print the memory held during so many `echoes`, measure nothing else")
	rounds := flag.Int("rounds", 20, "`turns` of each contestant")
	turn := flag.Duration("turn", 40*time.Millisecond, "how long one of them takes")
	flag.Parse()
	if flag.NArg() != 0 {
		log.Fatalf("no argument is taken: %q", flag.Args())
	}
	if err := run(*verify, *echoes, *rounds, *turn); err != nil {
		log.Fatal(err)
	}
}

func run(verify bool, echoes, rounds int, turn time.Duration) error {
	if echoes > 0 {
		return memory(echoes)
	}
	all, err := entries()
	if err != nil {
		return err
	}
	if err = verifyAll(all); err != nil {
		return err
	}
	if verify {
		fmt.Println("all answers are right")
		return nil
	}
	measureAll(all, rounds, turn)
	return nil
}
