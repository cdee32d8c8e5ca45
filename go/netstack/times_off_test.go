//go:build !netstack_gc

package netstack_test

// times is how often something is done that is to be done often.
func times(n int) int { return n }
