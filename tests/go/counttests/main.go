// Command counttests counts the tests of `go test -json` on its input. It prints what the failed ones and
// the packages say, and writes "PASSED FAILED" to the file that is named.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("counttests: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: counttests FILE")
	}
	if err := run(os.Stdin, os.Stdout, os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(in io.Reader, out io.Writer, file string) error {
	passed, failed, err := count(in, out)
	if err != nil {
		return err
	}
	return os.WriteFile(file, fmt.Appendf(nil, "%d %d\n", passed, failed), 0o644)
}
