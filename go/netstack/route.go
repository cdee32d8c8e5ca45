package netstack

// #include "shim.h"
import "C"

import (
	"fmt"
	"net/netip"
)

// Route is one way to a network. Of all that match a packet, the one with the longest prefix wins. An answer
// whose way back no route tells leaves by the NIC that the request came in on, unless the stack has
// [StrictRoutes].
type Route struct {
	Destination netip.Prefix // no bits set behind the length
	Gateway     netip.Addr   // the next hop, of the same family; the zero Addr: destinations are on the link
	NIC         uint32       // the number of the NIC to leave by
}

// AddRoutes adds routes, all or none. The network of an assigned address has a route already. Errors:
// [ErrInvalidArgument]; [ErrNotFound] if there is no such NIC; [ErrBusy] if one was added already; [ErrClosed].
func (s *Stack) AddRoutes(routes ...Route) error {
	const op = "Stack.AddRoutes"
	in, err := toRoutes(op, routes)
	if err != nil {
		return err
	}
	return s.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return C.ns_stack_add_routes(stack, first(in), C.size_t(len(in)), said)
	})
}

// RemoveRoutes removes routes that were added, all or none. The error is [ErrNotFound] if one was not.
func (s *Stack) RemoveRoutes(routes ...Route) error {
	const op = "Stack.RemoveRoutes"
	in, err := toRoutes(op, routes)
	if err != nil {
		return err
	}
	return s.change(op, func(stack *C.ns_stack, said **C.ns_error) C.ns_status {
		return C.ns_stack_remove_routes(stack, first(in), C.size_t(len(in)), said)
	})
}

func toRoutes(op string, routes []Route) ([]C.ns_route, error) {
	out := make([]C.ns_route, len(routes))
	for i, route := range routes {
		var err error
		if out[i].destination, err = toPrefix(route.Destination); err != nil {
			return nil, invalid(op, err.Error())
		}
		if route.Gateway.IsValid() {
			if out[i].gateway, err = toBareAddress(route.Gateway); err != nil {
				return nil, invalid(op, fmt.Sprintf("gateway: %v", err))
			}
		}
		out[i].nic = C.uint32_t(route.NIC)
	}
	return out, nil
}
