//go:build netstack_gc

package netstack_test

// times is less often where each call collects garbage.
func times(n int) int { return n / 50 }
