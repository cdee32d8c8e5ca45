package netstack_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"netstack.example/go/netstack"
)

// Who is answered, and from which address: what a handler decides, against the table of the design.

// columns are what the handler does.
var columns = []struct {
	name    string
	handler bool
	replies int
	verdict bool
}{
	{name: "no handler"},
	{"declined", true, 0, false},
	{"consumed", true, 0, true},
	{"reply and declined", true, 1, false},
	{"reply and consumed", true, 1, true},
	{"reply twice and declined", true, 2, false},
}

// How many answers there are in each column, where nothing holds the stack back, and where silence is the rule.
var answers, silence = []int{1, 1, 0, 1, 1, 1}, []int{0, 0, 0, 1, 1, 1}

// rows are kinds of destinations.
var rows = []struct {
	name, destination, source string // of any answer
	kind                      string // what the request says that it is
	answers                   []int
	nic                       []netstack.NICOption
	group                     string
}{
	{"IPv4 assigned", our4, our4, "", answers, nil, ""},
	{"IPv4 assigned, promiscuous", our4, our4, "", answers, promiscuous, ""},
	{"IPv4 assigned in a prefix", our4, our4, "", answers, prefix("192.168.0.0/16"), ""},
	{"IPv4 temporary", temporary4, temporary4, "temporary", silence, promiscuous, ""},
	{"IPv4 in a prefix", "10.7.1.2", "10.7.1.2", "temporary", silence, prefix("10.7.0.0/16"), ""},
	{"IPv4 spoofing", temporary4, temporary4, "temporary", silence, spoofing, ""},
	{"IPv4 directed broadcast", "192.168.0.255", our4, "broadcast", silence, nil, ""},
	{"IPv4 limited broadcast", "255.255.255.255", our4, "broadcast", silence, promiscuous, ""},
	{"IPv4 all hosts", group4, our4, "multicast", silence, nil, ""},
	{"IPv4 group", "239.1.2.3", our4, "multicast", silence, nil, "239.1.2.3"},
	{"IPv6 assigned", our6, our6, "", answers, nil, ""},
	{"IPv6 assigned, promiscuous", our6, our6, "", answers, promiscuous, ""},
	{"IPv6 assigned in a prefix", our6, our6, "", answers, prefix("a::/16"), ""},
	{"IPv6 temporary", temporary6, temporary6, "temporary", silence, promiscuous, ""},
	{"IPv6 in a prefix", "fd07::1:2", "fd07::1:2", "temporary", silence, prefix("fd07::/64"), ""},
	{"IPv6 spoofing", temporary6, temporary6, "temporary", answers, spoofing, ""},
	{"IPv6 all nodes", group6, our6, "multicast", answers, nil, ""},
	{"IPv6 solicited node", "ff02::1:ff00:1", our6, "multicast", answers, nil, ""},
	{"IPv6 group", "ff05::77", our6, "multicast", answers, nil, "ff05::77"},
}

var (
	promiscuous = []netstack.NICOption{netstack.Promiscuous()}
	spoofing    = []netstack.NICOption{netstack.Promiscuous(), netstack.Spoofing()}
)

func prefix(text string) []netstack.NICOption {
	return []netstack.NICOption{netstack.LocalPrefix(text)}
}

func kind(r *netstack.Request) string {
	var is []string
	for name, set := range map[string]bool{
		"temporary": r.IsTemporary(), "broadcast": r.IsBroadcast(), "multicast": r.IsMulticast(),
	} {
		if set {
			is = append(is, name)
		}
	}
	return strings.Join(is, " ")
}

func TestEchoNeitherDecisionImpliesTheOther(t *testing.T) {
	for _, row := range rows {
		for at, column := range columns {
			t.Run(row.name+"/"+column.name, func(t *testing.T) {
				w := newWire(t, row.nic...)
				if row.group != "" {
					check(t, w.nic.JoinGroup(netip.MustParseAddr(row.group)))
				}
				var seen []string
				if column.handler {
					w.handle(func(r *netstack.Request) bool {
						seen = append(seen, kind(r)+" "+r.Destination().WithZone("").String())
						for range column.replies {
							check(t, r.Reply())
						}
						return column.verdict
					})
				}
				same(t, w.answers(request(row.destination), row.source), row.answers[at])
				want := map[string]uint64{"ip.packets_sent": uint64(row.answers[at]), "forwarder.failed": 0,
					"forwarder.requests": 0, "forwarder.consumed": 0, "forwarder.declined": 0, "forwarder.replied": 0}
				if column.handler {
					same(t, seen, []string{row.kind + " " + row.destination})
					want["forwarder.requests"] = 1
					want["forwarder."+map[bool]string{false: "declined", true: "consumed"}[column.verdict]] = 1
					want["forwarder.replied"] = uint64(min(column.replies, 1))
				}
				for name, value := range want {
					if got := counter(t, w.stack.Stats(), name); got != value {
						t.Errorf("%s is %d, not %d", name, got, value)
					}
				}
			})
		}
	}
}

func TestEchoPingSocketThatMatchesComesBeforeTheHandler(t *testing.T) {
	for _, row := range rows {
		w := newWire(t, row.nic...)
		if row.group != "" {
			check(t, w.nic.JoinGroup(netip.MustParseAddr(row.group)))
		}
		e := request(row.destination)
		family := netstack.IPv6
		if e.is4() {
			family = netstack.IPv4
		}
		socket := made(w.stack.NewPingSocket(family))(t)
		check(t, socket.Bind(netip.Addr{}, e.identifier))
		w.handle(func(r *netstack.Request) bool { t.Errorf("%s: called", row.name); return true })
		same(t, w.answers(e, row.source), row.answers[0])
		check(t, socket.Close())
	}
}

// policies are the calls, and who of `asked` is answered: '1'.
var asked = []string{our4, temporary4, "192.168.0.255", group4, our6, temporary6, group6}

var policies = []struct {
	family      netstack.Family
	destination netstack.EchoDestination
	policy      netstack.EchoPolicy
	spoofing    bool
	answered    string
}{
	{netstack.AnyFamily, netstack.TemporaryDestination, netstack.DefaultPolicy, false, "1000101"},
	{netstack.IPv4, netstack.TemporaryDestination, netstack.ReplyPolicy, false, "1100101"},
	{netstack.IPv6, netstack.TemporaryDestination, netstack.ReplyPolicy, false, "1000111"},
	{netstack.AnyFamily, netstack.TemporaryDestination, netstack.ReplyPolicy, false, "1100111"},
	{netstack.IPv4, netstack.GroupDestination, netstack.ReplyPolicy, false, "1011101"},
	{netstack.IPv6, netstack.GroupDestination, netstack.SilentPolicy, false, "1000100"},
	{netstack.AnyFamily, netstack.GroupDestination, netstack.SilentPolicy, false, "1000100"},
	{netstack.AnyFamily, netstack.TemporaryDestination, netstack.SilentPolicy, true, "1000101"},
	{netstack.AnyFamily, netstack.TemporaryDestination, netstack.DefaultPolicy, true, "1000111"},
}

func TestEchoPoliciesTurnSilenceIntoAReplyAndBack(t *testing.T) {
	for at, p := range policies {
		for _, handler := range []bool{false, true} {
			w := newWire(t, netstack.Promiscuous())
			check(t, w.nic.SetSpoofing(p.spoofing))
			if handler {
				w.handle(func(*netstack.Request) bool { return false })
			}
			answered := func() (out string) {
				for _, destination := range asked {
					out += fmt.Sprint(len(w.send(request(destination).bytes())))
				}
				return out
			}
			before := answered()
			check(t, w.stack.SetEchoPolicy(p.family, p.destination, p.policy))
			if got := answered(); got != p.answered {
				t.Errorf("policy %d: %s are answered, not %s", at, got, p.answered)
			}
			check(t, w.stack.SetEchoPolicy(p.family, p.destination, netstack.DefaultPolicy))
			same(t, answered(), before)
		}
	}
}

func TestEchoSilentPolicyLeavesReplyAlone(t *testing.T) {
	w := newWire(t, netstack.Promiscuous())
	for _, destination := range []netstack.EchoDestination{netstack.TemporaryDestination, netstack.GroupDestination} {
		check(t, w.stack.SetEchoPolicy(netstack.AnyFamily, destination, netstack.SilentPolicy))
	}
	w.handle(replyAnd(t, false))
	for _, family := range families {
		same(t, w.answers(request(family.temporary), ""), 1)
		same(t, w.answers(request(family.group), family.ours), 1)
	}
}

// whose tells which handler each family has: each handler has a letter, '-' is none.
func whose(w *wire, called *string) string {
	out := ""
	for _, family := range families {
		*called = "-"
		w.send(request(family.ours).bytes())
		out += *called
	}
	return out
}

func TestEchoHandlerIsOfOneFamilyOrBoth(t *testing.T) {
	for family, want := range map[netstack.Family]string{
		netstack.AnyFamily: "aa", netstack.IPv4: "a-", netstack.IPv6: "-a",
	} {
		w := newWire(t)
		called := ""
		handler := func(*netstack.Request) bool { called = "a"; return true }
		check(t, w.stack.HandleEcho(handler, netstack.ForFamily(family)))
		same(t, whose(w, &called), want)
		check(t, w.stack.RemoveHandler(family))
		same(t, whose(w, &called), "--")
		check(t, w.stack.RemoveHandler(family)) // once more does nothing
		check(t, w.stack.HandleEcho(handler))
		same(t, whose(w, &called), "aa")
	}
}

func TestEchoSecondHandlerNeedsReplace(t *testing.T) {
	all := []netstack.Family{netstack.AnyFamily, netstack.IPv4, netstack.IPv6}
	// What there is after the first, and after both: for each pair, in the order of `all`.
	want := map[[2]netstack.Family]string{
		{netstack.AnyFamily, netstack.AnyFamily}: "bb", {netstack.AnyFamily, netstack.IPv4}: "ba",
		{netstack.AnyFamily, netstack.IPv6}: "ab", {netstack.IPv4, netstack.AnyFamily}: "bb",
		{netstack.IPv4, netstack.IPv4}: "b-", {netstack.IPv4, netstack.IPv6}: "ab",
		{netstack.IPv6, netstack.AnyFamily}: "bb", {netstack.IPv6, netstack.IPv4}: "ba",
		{netstack.IPv6, netstack.IPv6}: "-b",
	}
	for _, first := range all {
		for _, second := range all {
			w := newWire(t)
			called := ""
			a := func(*netstack.Request) bool { called = "a"; return true }
			b := func(*netstack.Request) bool { called = "b"; return true }
			check(t, w.stack.HandleEcho(a, netstack.ForFamily(first)))
			alone := whose(w, &called)
			err := w.stack.HandleEcho(b, netstack.ForFamily(second))
			if overlap := first == second || first == netstack.AnyFamily || second == netstack.AnyFamily; overlap {
				same(t, errors.Is(err, netstack.ErrBusy), true)
				same(t, whose(w, &called), alone) // nothing was changed
				check(t, w.stack.HandleEcho(b, netstack.ForFamily(second), netstack.Replace()))
			} else {
				check(t, err)
			}
			same(t, whose(w, &called), want[[2]netstack.Family{first, second}])
		}
	}
}

func TestEchoHandlerThatWasRemovedMakesRoom(t *testing.T) {
	w := newWire(t)
	called := ""
	handler := func(name string) netstack.Handler {
		return func(*netstack.Request) bool { called = name; return true }
	}
	check(t, w.stack.HandleEcho(handler("a")))
	check(t, w.stack.RemoveHandler(netstack.IPv4))
	same(t, whose(w, &called), "-a")
	check(t, w.stack.HandleEcho(handler("b"), netstack.ForFamily(netstack.IPv4)))
	same(t, whose(w, &called), "ba")
	same(t, errors.Is(w.stack.HandleEcho(handler("c"), netstack.ForFamily(netstack.IPv6)), netstack.ErrBusy), true)
	check(t, w.stack.RemoveHandler(netstack.AnyFamily))
	check(t, w.stack.HandleEcho(handler("d")))
	same(t, whose(w, &called), "dd")
}

func TestEchoRequestSaysWhatArrived(t *testing.T) {
	for _, family := range families {
		w := newWire(t)
		e := request(family.ours)
		e.code, e.identifier, e.sequence, e.ttl, e.tos, e.payload = 9, 65535, 40000, 7, 0xb8, []byte("xyz")
		var seen []any
		w.handle(func(r *netstack.Request) bool {
			packet := made(r.Packet())(t)
			seen = []any{
				r.Source(), r.Destination(), int(r.NIC()), int(r.Identifier()), int(r.Sequence()), int(r.Type()),
				int(r.Code()), int(r.TTL()), int(r.TOS()), r.Len(), r.HasBadChecksum(), packet.Bytes(), packet.Payload(),
			}
			return true
		})
		same(t, len(w.send(append(e.bytes(), "padding"...))), 0)
		same(t, seen, []any{
			e.source, e.destination, 1, 65535, 40000, family.requestType, 9, 7, 0xb8, family.header + 11, false,
			e.bytes(), []byte("xyz"),
		})
	}
}

func TestEchoLinkLocalAddressesHaveTheirNICAsZone(t *testing.T) {
	w := setup{nic: []netstack.NICOption{netstack.ID(7), netstack.Address("fe80::1/64")}}.wire(t)
	e := request("fe80::1")
	e.source = netip.MustParseAddr("fe80::2")
	seen := ""
	w.handle(func(r *netstack.Request) bool { seen = fmt.Sprint(r.Source(), " ", r.Destination()); return false })
	same(t, w.answers(e, ""), 1)
	same(t, seen, "fe80::2%7 fe80::1%7")
}

func TestEchoStringTellsWhatItIs(t *testing.T) {
	w := newWire(t)
	var seen []string
	w.handle(func(r *netstack.Request) bool { seen = append(seen, r.String()); return true }, netstack.WithEchoReplies())
	w.send(echo4(peer4, our4, 1, 2, nil))
	w.send(reply4(peer4, our4, 3, 4, []byte("x")))
	w.send(echo6(peer6, our6, 5, 6, nil))
	w.send(reply6(peer6, our6, 7, 8, nil))
	same(t, seen, []string{
		"192.168.0.2 > 192.168.0.1: echo request, id 1, seq 2, 28 bytes",
		"192.168.0.2 > 192.168.0.1: echo reply, id 3, seq 4, 29 bytes",
		"a::2 > a::1: echo request, id 5, seq 6, 48 bytes",
		"a::2 > a::1: echo reply, id 7, seq 8, 48 bytes",
	})
	same(t, new(netstack.PacketInfo).String(), "invalid IP > invalid IP: ICMP type 0, id 0, seq 0, 0 bytes")
}

func TestEchoEverySizeUpToTheMTUIsAnswered(t *testing.T) {
	for _, family := range families {
		w := newWire(t)
		w.handle(replyAnd(t, true))
		largest := 1500 - family.header - 8
		e := request(family.ours)
		for size := 0; size <= largest; size += (largest + 1) / times(largest+1) {
			e.payload = make([]byte, size)
			for at := range e.payload {
				e.payload[at] = byte(size*7 + at*13)
			}
			same(t, w.answers(e, ""), 1)
		}
		e.payload = make([]byte, largest+1)
		same(t, len(w.send(e.bytes())), 2) // fragments
	}
}

// udp is a datagram without data.
func udp(source, destination string) []byte {
	e := request(destination)
	e.source = netip.MustParseAddr(source)
	datagram := []byte{0x30, 0x39, 0, 53, 0, 8, 0, 0}
	if !e.is4() {
		header := append([]byte{0x60, 0, 0, 0, 0, 8, 17, 64}, e.source.AsSlice()...)
		return append(append(header, e.destination.AsSlice()...), datagram...)
	}
	header := e.header4(len(datagram))
	header[9] = 17
	header[10], header[11] = 0, 0
	sum := checksum(header)
	header[10], header[11] = byte(sum>>8), byte(sum)
	return append(header, datagram...)
}

func damaged(packet []byte) []byte {
	packet[len(packet)-1] ^= 0xff
	return packet
}

// What comes back side by side, without a handler, and with one that declines, consumes, replies and declines:
// '1' is taken, '0' comes back.
var sideBySide = []struct {
	name   string
	packet []byte
	taken  string
}{
	{"IPv4 echo to an assigned address", request(our4).bytes(), "1111"},
	{"IPv6 echo to an assigned address", request(our6).bytes(), "1111"},
	{"IPv4 echo to a temporary address", request("10.7.0.9").bytes(), "0011"},
	{"IPv6 echo to a temporary address", request("fd07::9").bytes(), "0011"},
	{"IPv4 echo to broadcast", request("192.168.0.255").bytes(), "0011"},
	{"IPv4 echo to all hosts", request(group4).bytes(), "0011"},
	{"IPv6 echo to all nodes", request(group6).bytes(), "1111"},
	{"IPv4 echo to somebody else", request("192.168.0.7").bytes(), "0000"},
	{"IPv6 echo to somebody else", request("a::7").bytes(), "0000"},
	{"IPv4 echo reply", reply4(peer4, our4, 1, 1, nil), "0000"},
	{"IPv6 echo reply", reply6(peer6, our6, 1, 1, nil), "0000"},
	{"IPv4 unreachable", echoOf(3, peer4, our4, 0, 0, []byte("abcd")), "0000"},
	{"IPv6 time exceeded", echoOf(3, peer6, our6, 0, 0, []byte("abcd")), "0000"},
	{"IPv4 ICMP of no known type", echoOf(99, peer4, our4, 0, 0, nil), "0000"},
	{"IPv4 UDP", udp(peer4, our4), "0000"},
	{"IPv6 UDP", udp(peer6, our6), "0000"},
	{"IPv4 UDP to a temporary address", udp(peer4, "10.7.0.9"), "0000"},
	{"IPv4 with a wrong ICMP checksum", damaged(request(our4).bytes()), "0000"},
	{"IPv6 with a wrong ICMP checksum", damaged(request(our6).bytes()), "0000"},
	{"IPv4 with a loopback source", echo4("127.0.0.1", our4, 1, 1, nil), "0000"},
	{"truncated", []byte{0x45, 0, 0}, "0000"},
	{"neither IPv4 nor IPv6", []byte{0xf0, 1, 2, 3}, "0000"},
	{"nothing", nil, "0000"},
}

func TestEchoSideBySideHandsBackWhatNobodyTakes(t *testing.T) {
	handlers := []netstack.Handler{
		nil,
		func(*netstack.Request) bool { return false },
		func(*netstack.Request) bool { return true },
		replyAnd(t, false),
	}
	for _, row := range sideBySide {
		for at, handler := range handlers {
			w := newWire(t, netstack.SideBySide(), netstack.LocalPrefix("10.7.0.0/16", "fd07::/64"))
			if handler != nil {
				w.handle(handler)
			}
			packet := append([]byte(nil), row.packet...)
			err := w.link.Inject(packet)
			same(t, packet, append([]byte(nil), row.packet...))
			sent := len(w.link.Drain())
			if row.taken[at] == '0' && (err != netstack.ErrUnclaimed || sent != 0) {
				t.Errorf("%s, handler %d: %v, and %d were sent", row.name, at, err, sent)
			}
			if row.taken[at] == '1' && err != nil {
				t.Errorf("%s, handler %d: %v", row.name, at, err)
			}
			check(t, w.nic.SetSideBySide(false))
			if err = w.link.Inject(packet); err != nil {
				t.Errorf("%s, handler %d, no longer side by side: %v", row.name, at, err)
			}
		}
	}
}

func TestEchoSideBySideWithWriteAndWhatAFailedHandlerSaw(t *testing.T) {
	w := newWire(t, netstack.SideBySide())
	n, err := w.link.Write(udp(peer4, our4))
	same(t, []any{n, err}, []any{0, netstack.ErrUnclaimed})
	n, err = w.link.Write(request(our4).bytes())
	same(t, []any{n, err}, []any{32, nil})
	w.link.Drain()
	w.handle(func(*netstack.Request) bool { panic(errMine) })
	panicked(t, func() { w.link.Inject(request(our4).bytes()) }, errMine)
	same(t, len(w.link.Drain()), 0) // it is ours, and nobody answers
}

func TestEchoDisabledNICTakesNothing(t *testing.T) {
	w := newWire(t, netstack.Disabled())
	same(t, w.answers(request(our4), ""), 0)
	check(t, w.nic.SetDisabled(false))
	same(t, w.answers(request(our4), ""), 1)
	check(t, w.nic.SetDisabled(true))
	same(t, w.answers(request(our6), ""), 0)
}

func TestEchoDefaultsOfTheStack(t *testing.T) {
	w := setup{stack: []netstack.Option{netstack.DefaultTTL(7), netstack.DefaultHopLimit(9)}}.wire(t)
	same(t, w.send(request(our4).bytes())[0][8], byte(7))
	same(t, w.send(request(our6).bytes())[0][7], byte(9))

	w = setup{
		stack: []netstack.Option{netstack.AllowLoopback()},
		nic:   []netstack.NICOption{netstack.Address("127.0.0.1/8")},
	}.wire(t)
	same(t, w.answers(request("127.0.0.1"), ""), 1)
	same(t, newWire(t).answers(request("127.0.0.1"), ""), 0)

	w = setup{stack: []netstack.Option{netstack.CheckLocalSource()}}.wire(t)
	mine := request(our4)
	mine.source = netip.MustParseAddr(our4)
	same(t, w.answers(mine, ""), 0)
	same(t, w.answers(request(our4), ""), 1)
}

func TestEchoRoutesTellTheWayBack(t *testing.T) {
	w := setup{stack: []netstack.Option{netstack.StrictRoutes()}}.wire(t)
	other := made(netstack.NewChannel())(t)
	made(w.stack.AddNIC(other, netstack.Address("10.0.0.1/24")))(t)
	far := request(our4)
	far.source = netip.MustParseAddr("203.0.113.1")
	same(t, w.answers(far, ""), 0)
	onLink := netstack.Route{Destination: netip.MustParsePrefix("203.0.113.0/24"), NIC: 1}
	byGateway := netstack.Route{
		Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr(peer4), NIC: 1,
	}
	ofAnother := netstack.Route{Destination: netip.MustParsePrefix("203.0.113.0/24"), NIC: 2}
	for _, routes := range [][]netstack.Route{{onLink}, {byGateway}, {onLink, byGateway}, {onLink, ofAnother}} {
		check(t, w.stack.AddRoutes(routes...))
		same(t, w.answers(far, ""), 1)
		same(t, errors.Is(w.stack.AddRoutes(routes...), netstack.ErrBusy), true)
		check(t, w.stack.RemoveRoutes(routes...))
		same(t, w.answers(far, ""), 0)
		same(t, errors.Is(w.stack.RemoveRoutes(routes...), netstack.ErrNotFound), true)
	}
	check(t, w.stack.AddRoutes(ofAnother))
	same(t, w.answers(far, ""), 0) // an answer leaves by the NIC that was asked
	same(t, len(other.Drain()), 0)
}
