package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// event is one line of `go test -json`; `go doc test2json` describes it.
type event struct {
	Action, Package, Test, Output string
}

// name is that of a test, or of a package where test is empty.
type name struct {
	pkg, test string
}

// above calls visit for each test that this is a subtest of, and for its package.
func (n name) above(visit func(name)) {
	for n.test != "" {
		n.test = n.test[:max(strings.LastIndexByte(n.test, '/'), 0)]
		visit(n)
	}
}

// results are what became of the tests so far.
type results struct {
	good    map[name]bool   // false also while it runs
	output  map[name]string // of tests that run, or failed
	parents map[name]bool   // what has subtests
}

func (r *results) take(e event, out io.Writer) {
	n := name{e.Package, e.Test}
	switch e.Action {
	case "output":
		if e.Test != "" {
			r.output[n] += e.Output
			return
		}
		fmt.Fprint(out, e.Output)
	case "build-output":
		fmt.Fprint(out, e.Output)
	case "start", "run":
		r.good[n] = false
		n.above(func(above name) { r.parents[above] = true })
	case "pass":
		r.good[n] = true
		delete(r.output, n)
	case "skip":
		// That of a package means that it has no tests.
		r.good[n] = e.Test == ""
	}
}

// sum counts the tests without subtests, and what failed although nothing below it did.
func (r *results) sum(out io.Writer) (passed, failed int) {
	explained := make(map[name]bool)
	for n, good := range r.good {
		if !good {
			n.above(func(above name) { explained[above] = true })
		}
	}
	for n, good := range r.good {
		switch {
		case !good && !explained[n]:
			failed++
			fmt.Fprintf(out, "FAILED: %s %s\n%s", n.pkg, n.test, r.output[n])
		case good && n.test != "" && !r.parents[n]:
			passed++
		}
	}
	return passed, failed
}

// count reads to the end, and tells on out what the packages say, and what the failed tests said.
func count(in io.Reader, out io.Writer) (passed, failed int, err error) {
	r := results{make(map[name]bool), make(map[name]string), make(map[name]bool)}
	decoder := json.NewDecoder(in)
	for {
		var e event
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, 0, err
		}
		r.take(e, out)
	}
	passed, failed = r.sum(out)
	return passed, failed, nil
}
