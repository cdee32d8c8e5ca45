//go:build netstack_gc

package netstack

import "runtime"

func collect() { runtime.GC() }
