//go:build !netstack_gc

package netstack

// collect does nothing; with the tag netstack_gc it collects garbage, to find what is freed too early.
func collect() {}
