// Package netstack is a user-space IP stack whose heart is an ICMP echo forwarder: a handler decides, for
// each Echo Request that comes in, whether it owns the packet, and independently whether the stack answers it.
//
//	stack, err := netstack.New()
//	if err != nil { log.Fatal(err) }
//	defer stack.Close()
//	tun, err := netstack.OpenTUN("tun0")
//	if err != nil { log.Fatal(err) }
//	_, err = stack.AddNIC(tun, netstack.LocalPrefix("10.7.0.0/16"), netstack.LocalPrefix("fd07::/64"))
//	if err != nil { log.Fatal(err) }
//	stack.HandleEcho(func(r *netstack.Request) bool {
//		r.Reply()
//		return true
//	})
//	log.Fatal(stack.Run(ctx))
//
// A [Stack] has NICs; a [NIC] is made from a [Link] (TUN, channel, an open descriptor, a writer) with addresses
// and local prefixes; a [Handler] gets a [Request].
//
// # Goroutines
//
// The library starts no threads and this package no goroutines. Every function and method may be called by any
// goroutine, also in handlers; only what may be done with a [Request] is for its handler's goroutine. No lock is
// held while a handler runs.
//
// # Closing
//
// What has a Close method is closed by the caller. Calls that are under way keep what they use; later ones return
// [ErrClosed]. What nobody closed and nobody has any more is closed by the garbage collector, some time. A handler,
// writer or clock that mentions its stack has it for ever: close such a stack.
//
// # Further
//
// In all languages the same, and told in the module's capi/docs: the life of a request (request.md), who owns what
// (ownership.md), what threads may do (threads.md), how calls fail (errors.md).
//
// # Building
//
// The C++ sources are part of this module and compiled by cgo, which needs a C++20 compiler. With the tag
// netstack_system the installed library is linked instead, found by pkg-config.
package netstack
