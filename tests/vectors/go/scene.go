package main

import (
	"errors"
	"fmt"
	"net/netip"

	"netstack.example/go/netstack"
)

// scene is one vector under way: a stack as it says, its handlers, and what they have noted.
type scene struct {
	vector  *vector
	clock   *netstack.Clock
	stack   *netstack.Stack
	wires   map[uint32]*netstack.Channel
	sockets []*netstack.PingSocket

	place      string // of the step
	step       *step
	seen       int // how many requests of the step handlers have seen
	kept       *netstack.Request
	keptPacket *netstack.Packet
	difference string // the first
}

var families = map[string]netstack.Family{"any": netstack.AnyFamily, "ipv4": netstack.IPv4, "ipv6": netstack.IPv6}

var destinations = map[string]netstack.EchoDestination{
	"temporary": netstack.TemporaryDestination, "group": netstack.GroupDestination,
}

var policies = map[string]netstack.EchoPolicy{
	"default": netstack.DefaultPolicy, "reply": netstack.ReplyPolicy, "silent": netstack.SilentPolicy,
}

// newScene makes everything that the vector's configuration says.
func newScene(v *vector) (*scene, error) {
	clock, err := netstack.NewManualClock(0)
	if err != nil {
		return nil, err
	}
	options := []netstack.Option{netstack.WithClock(clock), netstack.WithSeed(1)}
	if v.Stack.StrictRoutes {
		options = append(options, netstack.StrictRoutes())
	}
	if v.Stack.DefaultTTL != 0 {
		options = append(options, netstack.DefaultTTL(v.Stack.DefaultTTL))
	}
	if v.Stack.DefaultHopLimit != 0 {
		options = append(options, netstack.DefaultHopLimit(v.Stack.DefaultHopLimit))
	}
	stack, err := netstack.New(options...)
	if err != nil {
		return nil, err
	}
	s := &scene{vector: v, clock: clock, stack: stack, wires: map[uint32]*netstack.Channel{}, step: &step{}}
	for _, n := range v.NICs {
		err = errors.Join(err, s.addNIC(n))
	}
	for _, r := range v.Routes {
		err = errors.Join(err, s.addRoute(r))
	}
	for _, p := range v.Policies {
		err = errors.Join(err, known(p.Family, "any", "ipv4", "ipv6"), known(p.Destination, "temporary", "group"),
			known(p.Policy, "default", "reply", "silent"),
			stack.SetEchoPolicy(families[p.Family], destinations[p.Destination], policies[p.Policy]))
	}
	return s, errors.Join(err, s.setLimits(v), s.openSockets(v.Sockets), s.install(v.Handlers))
}

func (s *scene) setLimits(v *vector) (err error) {
	if v.Rate != nil {
		if v.Rate.PerSecond == nil || v.Rate.Burst == nil {
			return errors.New("icmp_rate: it has per_second and burst")
		}
		err = s.stack.SetICMPRate(*v.Rate.PerSecond, *v.Rate.Burst)
	}
	for _, each := range v.Limited {
		if each.Type == nil || each.Limited == nil {
			return errors.New("icmp_limited: it has family, type and limited")
		}
		err = errors.Join(err, known(each.Family, "ipv4", "ipv6"),
			s.stack.SetICMPLimited(families[each.Family], *each.Type, *each.Limited))
	}
	return err
}

func (s *scene) close() {
	s.stack.Close()
	for _, wire := range s.wires {
		wire.Close()
	}
}

func (s *scene) addNIC(n nic) error {
	var of []netstack.LinkOption
	if n.MTU != 0 {
		of = append(of, netstack.MTU(n.MTU))
	}
	if n.Capacity != 0 {
		of = append(of, netstack.Capacity(n.Capacity))
	}
	wire, err := netstack.NewChannel(of...)
	if err != nil {
		return err
	}
	s.wires[n.Number] = wire
	options := []netstack.NICOption{netstack.ID(n.Number), netstack.Address(n.Addresses...), netstack.LocalPrefix(n.Prefixes...)}
	if n.Promiscuous {
		options = append(options, netstack.Promiscuous())
	}
	if n.Spoofing {
		options = append(options, netstack.Spoofing())
	}
	if n.SideBySide {
		options = append(options, netstack.SideBySide())
	}
	added, err := s.stack.AddNIC(wire, options...)
	for _, text := range n.Groups {
		if err == nil {
			var group netip.Addr
			if group, err = netip.ParseAddr(text); err == nil {
				err = added.JoinGroup(group)
			}
		}
	}
	return err
}

func (s *scene) addRoute(r route) error {
	to, err := netip.ParsePrefix(r.To)
	if err != nil {
		return err
	}
	out := netstack.Route{Destination: to, NIC: r.NIC}
	if r.Gateway != "" {
		if out.Gateway, err = netip.ParseAddr(r.Gateway); err != nil {
			return err
		}
	}
	return s.stack.AddRoutes(out)
}

func (s *scene) openSockets(sockets []socket) error {
	for _, each := range sockets {
		made, err := s.stack.NewPingSocket(families[each.Family])
		if err != nil {
			return err
		}
		address := netip.Addr{}
		if each.Address != "" {
			if address, err = netip.ParseAddr(each.Address); err != nil {
				return err
			}
		}
		if err = made.Bind(address, each.Identifier); err != nil {
			return err
		}
		s.sockets = append(s.sockets, made)
	}
	return nil
}

func (s *scene) closeSockets() {
	for _, each := range s.sockets {
		each.Close()
	}
	s.sockets = nil
}

func (s *scene) install(handlers []handler) error {
	err := s.stack.RemoveHandler(netstack.AnyFamily)
	for _, h := range handlers {
		options := []netstack.EchoOption{netstack.ForFamily(families[h.Family]), netstack.Replace()}
		if h.EchoReplies {
			options = append(options, netstack.WithEchoReplies())
		}
		err = errors.Join(err, s.stack.HandleEcho(func(r *netstack.Request) bool { return s.handle(h, r) }, options...))
	}
	return err
}

// differ notes what differs, with the step; only the first difference counts.
func (s *scene) differ(format string, values ...any) {
	if s.difference == "" {
		s.difference = s.place + fmt.Sprintf(format, values...)
	}
}

func (s *scene) compare(what, got, wanted string) {
	if got != wanted {
		s.differ("%s: %s, not %s", what, got, wanted)
	}
}

func (s *scene) compareBytes(what string, got []byte, wanted *packet) {
	if string(got) != string(wanted.data) {
		s.differ("%s: %x, not %x, which is %q", what, got, wanted.data, wanted.name)
	}
}
