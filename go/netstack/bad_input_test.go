package netstack_test

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"netstack.example/go/netstack"
)

// What makes no sense is an error that names what was wrong, and leaves everything as it was.

var address, subnet = netip.MustParseAddr, netip.MustParsePrefix

type bad struct {
	name   string
	call   func(t *testing.T, w *wire) error
	status netstack.Status
	text   string
}

// only is for calls whose value does not matter; it must be nil with an error.
func only[T any](value *T, err error) error {
	if (value == nil) != (err != nil) {
		return errors.New("a value and an error, or neither")
	}
	return err
}

func addNIC(options ...netstack.NICOption) func(*testing.T, *wire) error {
	return func(t *testing.T, w *wire) error {
		return only(w.stack.AddNIC(made(netstack.NewChannel())(t), options...))
	}
}

func newStack(options ...netstack.Option) func(*testing.T, *wire) error {
	return func(*testing.T, *wire) error { return only(netstack.New(options...)) }
}

func newChannel(options ...netstack.LinkOption) func(*testing.T, *wire) error {
	return func(*testing.T, *wire) error { return only(netstack.NewChannel(options...)) }
}

func openTUN(name string, options ...netstack.LinkOption) func(*testing.T, *wire) error {
	return func(*testing.T, *wire) error { return only(netstack.OpenTUN(name, options...)) }
}

func addRoute(route netstack.Route) func(*testing.T, *wire) error {
	return func(_ *testing.T, w *wire) error { return w.stack.AddRoutes(route) }
}

func policy(family netstack.Family, destination netstack.EchoDestination, policy netstack.EchoPolicy) func(*testing.T, *wire) error {
	return func(_ *testing.T, w *wire) error { return w.stack.SetEchoPolicy(family, destination, policy) }
}

func limited(family netstack.Family, icmpType uint8) func(*testing.T, *wire) error {
	return func(_ *testing.T, w *wire) error { return w.stack.SetICMPLimited(family, icmpType, true) }
}

func nicCall(call func(n *netstack.NIC) error) func(*testing.T, *wire) error {
	return func(_ *testing.T, w *wire) error { return call(w.nic) }
}

func newFD(kind int, options ...netstack.LinkOption) func(*testing.T, *wire) error {
	return func(t *testing.T, _ *wire) error {
		ours, _ := socketpair(t, kind)
		return only(netstack.NewFD(ours, options...))
	}
}

func createCapture(path string) func(*testing.T, *wire) error {
	return func(*testing.T, *wire) error { return only(netstack.CreateCapture(path)) }
}

var badStack = []bad{
	{"TTL 0", newStack(netstack.DefaultTTL(0)), netstack.ErrInvalidArgument,
		`New: DefaultTTL(0): not from 1 to 255`},
	{"TTL 256", newStack(netstack.DefaultTTL(256)), netstack.ErrInvalidArgument,
		`New: DefaultTTL(256): not from 1 to 255`},
	{"hop limit -1", newStack(netstack.DefaultHopLimit(-1)), netstack.ErrInvalidArgument,
		`New: DefaultHopLimit(-1): not from 1 to 255`},
	{"reassembly 0", newStack(netstack.ReassemblyBounds(0, 0)), netstack.ErrInvalidArgument,
		`New: ReassemblyBounds(0, 0): high is from 1 on, and low from 0 to high`},
	{"reassembly -1", newStack(netstack.ReassemblyBounds(1000, -1)), netstack.ErrInvalidArgument,
		`New: ReassemblyBounds(1000, -1): high is from 1 on, and low from 0 to high`},
	{"reassembly low above high", newStack(netstack.ReassemblyBounds(1000, 1001)), netstack.ErrInvalidArgument,
		`New: ReassemblyBounds(1000, 1001): high is from 1 on, and low from 0 to high`},
	{"clock nil", newStack(netstack.WithClock(nil)), netstack.ErrInvalidArgument,
		`New: WithClock(nil): leave it out for the system's clock`},
	{"clock zero", newStack(netstack.WithClock(&netstack.Clock{})), netstack.ErrInvalidArgument,
		`New: the zero Clock is none; NewManualClock or NewClock makes one`},
	{"random nil", newStack(netstack.WithRandom(nil)), netstack.ErrInvalidArgument,
		`New: WithRandom(nil): leave it out for the system's random numbers`},
	{"random and seed", newStack(netstack.WithRandom(func() uint64 { return 1 }), netstack.WithSeed(1)), netstack.ErrInvalidArgument,
		`New: WithRandom and WithSeed exclude each other`},
	{"handler nil", func(_ *testing.T, w *wire) error { return w.stack.HandleEcho(nil) }, netstack.ErrInvalidArgument,
		`Stack.HandleEcho: the handler is nil; Stack.RemoveHandler removes one`},
	{"handler nil and Replace", func(_ *testing.T, w *wire) error { return w.stack.HandleEcho(nil, netstack.Replace()) }, netstack.ErrInvalidArgument,
		`Stack.HandleEcho: the handler is nil; Stack.RemoveHandler removes one`},
	{"handler family", func(_ *testing.T, w *wire) error { return w.stack.HandleEcho(consume, netstack.ForFamily(77)) }, netstack.ErrInvalidArgument,
		`Stack.HandleEcho: Family(77) is no family`},
	{"second handler", func(t *testing.T, w *wire) error {
		w.handle(func(*netstack.Request) bool { return false }, netstack.ForFamily(netstack.IPv6))
		return w.stack.HandleEcho(consume)
	}, netstack.ErrBusy,
		`Stack.HandleEcho: there is a handler for IPv6 already; Replace() replaces it`},
	{"remove family", func(_ *testing.T, w *wire) error { return w.stack.RemoveHandler(77) }, netstack.ErrInvalidArgument,
		`Stack.RemoveHandler: Family(77) is no family`},
	{"policy family", policy(77, netstack.GroupDestination, netstack.SilentPolicy), netstack.ErrInvalidArgument,
		`Stack.SetEchoPolicy: Family(77) is no family`},
	{"policy destination", policy(netstack.IPv4, 77, netstack.SilentPolicy), netstack.ErrInvalidArgument,
		`Stack.SetEchoPolicy: EchoDestination(77) is no kind of destination`},
	{"policy", policy(netstack.IPv4, netstack.GroupDestination, 77), netstack.ErrInvalidArgument,
		`Stack.SetEchoPolicy: EchoPolicy(77) is no policy`},
	{"limited any family", limited(netstack.AnyFamily, 3), netstack.ErrInvalidArgument,
		`Stack.SetICMPLimited: any family: a type is one of IPv4 or of IPv6`},
	{"limited family", limited(77, 3), netstack.ErrInvalidArgument,
		`Stack.SetICMPLimited: Family(77): a type is one of IPv4 or of IPv6`},
	{"limited type", limited(netstack.IPv4, 8), netstack.ErrInvalidArgument,
		`Stack.SetICMPLimited: type is 8; what can be limited are ICMP errors (IPv4: 3, 4, 5, 11, 12; IPv6: 1 to 127) and Echo Replies (IPv4: 0; IPv6: 129)`},
	{"run with a manual clock", func(_ *testing.T, w *wire) error { return w.stack.Run(context.Background()) }, netstack.ErrUnsupported,
		`Stack.Run: this stack's clock has no wait function, so the stack can't wait for time to pass; give the clock one, or call poll from a loop of your own`},
	{"route zero", addRoute(netstack.Route{}), netstack.ErrInvalidArgument,
		`Stack.AddRoutes: invalid Prefix is no prefix`},
	{"route host bits", addRoute(netstack.Route{Destination: subnet("10.0.0.1/8"), NIC: 1}), netstack.ErrInvalidArgument,
		`Stack.AddRoutes: the route 10.0.0.1/8 over NIC 1: the destination has bits set behind its prefix; write 10.0.0.0/8`},
	{"route NIC 0", addRoute(netstack.Route{Destination: subnet("10.0.0.0/8")}), netstack.ErrNotFound,
		`Stack.AddRoutes: the route 10.0.0.0/8 over NIC 0: there is no such NIC`},
	{"route NIC 9", addRoute(netstack.Route{Destination: subnet("10.0.0.0/8"), NIC: 9}), netstack.ErrNotFound,
		`Stack.AddRoutes: the route 10.0.0.0/8 over NIC 9: there is no such NIC`},
	{"route gateway family", addRoute(netstack.Route{Destination: subnet("10.0.0.0/8"), NIC: 1, Gateway: address("a::2")}), netstack.ErrInvalidArgument,
		`Stack.AddRoutes: routes[0]: the gateway is not of the destination's family`},
	{"route gateway group", addRoute(netstack.Route{Destination: subnet("10.0.0.0/8"), NIC: 1, Gateway: address("224.0.0.1")}), netstack.ErrInvalidArgument,
		`Stack.AddRoutes: routes[0]: the gateway is no unicast address`},
	{"route gateway zone", addRoute(netstack.Route{Destination: subnet("b::/16"), NIC: 1, Gateway: address("fe80::1%1")}), netstack.ErrInvalidArgument,
		`Stack.AddRoutes: gateway: fe80::1%1 has a zone, which means nothing here`},
	{"route not there", func(_ *testing.T, w *wire) error {
		return w.stack.RemoveRoutes(netstack.Route{Destination: subnet("10.0.0.0/8"), NIC: 1})
	}, netstack.ErrNotFound,
		`Stack.RemoveRoutes: the route 10.0.0.0/8 over NIC 1 is not there`},
}

var badNIC = []bad{
	{"link nil", func(_ *testing.T, w *wire) error { return only(w.stack.AddNIC(nil)) }, netstack.ErrInvalidArgument,
		`Stack.AddNIC: the link is nil`},
	{"link zero", func(_ *testing.T, w *wire) error { return only(w.stack.AddNIC(&netstack.Channel{})) }, netstack.ErrClosed,
		`Stack.AddNIC: the link is closed, or was never made`},
	{"link in use", func(_ *testing.T, w *wire) error { return only(w.stack.AddNIC(w.link)) }, netstack.ErrBusy,
		`Stack.AddNIC: the link already belongs to a NIC`},
	{"ID 0", addNIC(netstack.ID(0)), netstack.ErrInvalidArgument,
		`Stack.AddNIC: ID(0): NICs are numbered from 1 on`},
	{"ID in use", addNIC(netstack.ID(1)), netstack.ErrBusy,
		`Stack.AddNIC: there is already a NIC 1`},
	{"family", addNIC(netstack.Forwarding(netstack.Family(7))), netstack.ErrInvalidArgument,
		`Stack.AddNIC: Family(7) is no family`},
	{"forwarding of a family", func(_ *testing.T, w *wire) error { return w.nic.SetForwarding(netstack.Family(7), true) },
		netstack.ErrInvalidArgument, `NIC.SetForwarding: Family(7) is no family`},
	{"address text", addNIC(netstack.Address("10.0.0.1", "x")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: "x" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64`},
	{"address empty", addNIC(netstack.Address("")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: "" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64`},
	{"address too long a prefix", addNIC(netstack.Address("10.0.0.1/33")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: "10.0.0.1/33" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64`},
	{"address zero", addNIC(netstack.Address(netip.Prefix{})), netstack.ErrInvalidArgument,
		`Stack.AddNIC: invalid Prefix is no prefix`},
	{"address with zone", addNIC(netstack.Address("fe80::1%1")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: "fe80::1%1" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64`},
	{"address with a zero byte", addNIC(netstack.Address("10.0.0.1\x00")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: "10.0.0.1\x00" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64`},
	{"address of a group", addNIC(netstack.Address("224.0.0.1/24")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: the address 224.0.0.1/24 is a multicast address; join the group instead`},
	{"address unspecified", addNIC(netstack.Address("::/64")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: the address ::/64 is unspecified`},
	{"address of broadcast", addNIC(netstack.Address("255.255.255.255")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: the address 255.255.255.255/32 is the limited broadcast address`},
	{"address twice", addNIC(netstack.Address("10.0.0.1", "10.0.0.1/8")), netstack.ErrBusy,
		`Stack.AddNIC: the address 10.0.0.1 is already assigned on NIC 2`},
	{"prefix with host bits", addNIC(netstack.LocalPrefix("10.7.0.1/16")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: the prefix 10.7.0.1/16 has bits set behind its length; write 10.7.0.0/16`},
	{"prefix of groups", addNIC(netstack.LocalPrefix("224.0.0.0/4")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: the prefix 224.0.0.0/4 is multicast; join groups instead`},
	{"prefix twice", addNIC(netstack.LocalPrefix("10.7.0.0/16", "10.7.0.0/16")), netstack.ErrBusy,
		`Stack.AddNIC: the prefix 10.7.0.0/16 is already local on NIC 2`},
	{"prefix text", addNIC(netstack.Promiscuous(), netstack.LocalPrefix("10.7.0.0/16/"), netstack.Address("y")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: "10.7.0.0/16/" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64`},
	{"prefix without a length", addNIC(netstack.LocalPrefix("10.7.0.0/16", "10.0.0.1")), netstack.ErrInvalidArgument,
		`Stack.AddNIC: "10.0.0.1" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64`},
	{"add zero", nicCall(func(n *netstack.NIC) error { return n.AddAddresses(netip.Prefix{}) }), netstack.ErrInvalidArgument,
		`NIC.AddAddresses: invalid Prefix is no prefix`},
	{"add again", nicCall(func(n *netstack.NIC) error { return n.AddAddresses(subnet("10.0.0.9/8"), subnet("192.168.0.1/24")) }), netstack.ErrBusy,
		`NIC.AddAddresses: the address 192.168.0.1 is already assigned on NIC 1`},
	{"add a group", nicCall(func(n *netstack.NIC) error { return n.AddAddresses(subnet("10.0.0.9/8"), subnet("ff02::5/64")) }), netstack.ErrInvalidArgument,
		`NIC.AddAddresses: the address ff02::5/64 is a multicast address; join the group instead`},
	{"remove zero", nicCall(func(n *netstack.NIC) error { return n.RemoveAddresses(netip.Addr{}) }), netstack.ErrInvalidArgument,
		`NIC.RemoveAddresses: the zero netip.Addr is no address`},
	{"remove one of two", nicCall(func(n *netstack.NIC) error { return n.RemoveAddresses(address(our4), address("10.9.9.9")) }), netstack.ErrNotFound,
		`NIC.RemoveAddresses: the address 10.9.9.9 is not assigned on NIC 1`},
	{"remove with zone", nicCall(func(n *netstack.NIC) error { return n.RemoveAddresses(address("fe80::1%1")) }), netstack.ErrInvalidArgument,
		`NIC.RemoveAddresses: fe80::1%1 has a zone, which means nothing here`},
	{"prefixes with host bits", nicCall(func(n *netstack.NIC) error { return n.AddLocalPrefixes(subnet("10.8.0.0/16"), subnet("10.7.0.1/16")) }), netstack.ErrInvalidArgument,
		`NIC.AddLocalPrefixes: the prefix 10.7.0.1/16 has bits set behind its length; write 10.7.0.0/16`},
	{"prefixes zero", nicCall(func(n *netstack.NIC) error { return n.AddLocalPrefixes(netip.Prefix{}) }), netstack.ErrInvalidArgument,
		`NIC.AddLocalPrefixes: invalid Prefix is no prefix`},
	{"prefixes not there", nicCall(func(n *netstack.NIC) error { return n.RemoveLocalPrefixes(subnet("10.7.0.0/16")) }), netstack.ErrNotFound,
		`NIC.RemoveLocalPrefixes: the prefix 10.7.0.0/16 is not local on NIC 1`},
	{"join unicast", nicCall(func(n *netstack.NIC) error { return n.JoinGroup(address("10.0.0.1")) }), netstack.ErrInvalidArgument,
		`NIC.JoinGroup: the group 10.0.0.1 is no multicast address`},
	{"join zero", nicCall(func(n *netstack.NIC) error { return n.JoinGroup(netip.Addr{}) }), netstack.ErrInvalidArgument,
		`NIC.JoinGroup: the zero netip.Addr is no address`},
	{"join with zone", nicCall(func(n *netstack.NIC) error { return n.JoinGroup(address("ff02::5%1")) }), netstack.ErrInvalidArgument,
		`NIC.JoinGroup: ff02::5%1 has a zone, which means nothing here`},
	{"join again", nicCall(func(n *netstack.NIC) error { n.JoinGroup(address("ff02::5")); return n.JoinGroup(address("ff02::5")) }), netstack.ErrBusy,
		`NIC.JoinGroup: the group ff02::5 is already joined on NIC 1`},
	{"leave what was not joined", nicCall(func(n *netstack.NIC) error { return n.LeaveGroup(address("ff02::5")) }), netstack.ErrNotFound,
		`NIC.LeaveGroup: the group ff02::5 was not joined on NIC 1`},
	{"capture zero", nicCall(func(n *netstack.NIC) error { return n.SetCapture(&netstack.Capture{}) }), netstack.ErrClosed,
		`NIC.SetCapture: the capture is closed, or was never made`},
}

var badLink = []bad{
	{"MTU 0", newChannel(netstack.MTU(0)), netstack.ErrInvalidArgument,
		`NewChannel: MTU(0): not from 1 to 65535`},
	{"MTU -1", newChannel(netstack.MTU(-1)), netstack.ErrInvalidArgument,
		`NewChannel: MTU(-1): not from 1 to 65535`},
	{"MTU 65536", newChannel(netstack.MTU(65536)), netstack.ErrInvalidArgument,
		`NewChannel: MTU(65536): not from 1 to 65535`},
	{"MTU of 33 bits", newChannel(netstack.MTU(1<<32 + 1500)), netstack.ErrInvalidArgument,
		`NewChannel: MTU(4294968796): not from 1 to 65535`},
	{"MTU bad and then good", newChannel(netstack.MTU(0), netstack.MTU(1500)), netstack.ErrInvalidArgument,
		`NewChannel: MTU(0): not from 1 to 65535`},
	{"capacity 0", newChannel(netstack.Capacity(0)), netstack.ErrInvalidArgument,
		`NewChannel: Capacity(0): not from 1 to 65536`},
	{"capacity 65537", newChannel(netstack.Capacity(65537)), netstack.ErrInvalidArgument,
		`NewChannel: Capacity(65537): not from 1 to 65536`},
	{"channel with an option of a descriptor", newChannel(netstack.WithPacketInformation(netstack.NoPacketInformation)), netstack.ErrInvalidArgument,
		`NewChannel: WithPacketInformation is no option of this link`},
	{"channel with an option of a device", newChannel(netstack.HostAddress("10.0.0.1")), netstack.ErrInvalidArgument,
		`NewChannel: HostAddress is no option of this link`},
	{"writer nil", func(*testing.T, *wire) error { return only(netstack.NewWriterLink(nil)) }, netstack.ErrInvalidArgument,
		`NewWriterLink: the writer is nil`},
	{"writer with capacity", func(*testing.T, *wire) error { return only(netstack.NewWriterLink(io.Discard, netstack.Capacity(1))) }, netstack.ErrInvalidArgument,
		`NewWriterLink: Capacity is no option of this link`},
	{"descriptor nil", func(*testing.T, *wire) error { return only(netstack.NewFD(nil)) }, netstack.ErrInvalidArgument,
		`NewFD: there is no descriptor: the argument is nil`},
	{"descriptor of a stream", newFD(syscall.SOCK_STREAM), netstack.ErrInvalidArgument,
		`NewFD: descriptor N is a stream socket, which does not keep packets apart; use a datagram or sequenced-packet socket`},
	{"descriptor with packet information", newFD(syscall.SOCK_DGRAM, netstack.WithPacketInformation(77)), netstack.ErrInvalidArgument,
		`NewFD: WithPacketInformation(77): not one of the kinds`},
	{"descriptor with capacity", newFD(syscall.SOCK_DGRAM, netstack.Capacity(1)), netstack.ErrInvalidArgument,
		`NewFD: Capacity is no option of this link`},
	{"device without a name", openTUN(""), netstack.ErrInvalidArgument,
		`OpenTUN: name has 0 characters; a device's name has 1 to 15, such as "tun0"`},
	{"device with too long a name", openTUN("sixteen-letters-"), netstack.ErrInvalidArgument,
		`OpenTUN: name has 16 characters; a device's name has 1 to 15, such as "tun0"`},
	{"device with a slash", openTUN("a/b"), netstack.ErrInvalidArgument,
		`OpenTUN: name "a/b" is no device's name; use letters, digits and signs other than / and :, such as "tun0"`},
	{"device with a zero byte", openTUN("tun\x000"), netstack.ErrInvalidArgument,
		`OpenTUN: the name holds a zero byte`},
	{"device with MTU 67", openTUN("tun0", netstack.MTU(67)), netstack.ErrInvalidArgument,
		`OpenTUN: mtu is 67; use 68 to 65535, or 0 to leave the device's`},
	{"device with capacity", openTUN("tun0", netstack.Capacity(1)), netstack.ErrInvalidArgument,
		`OpenTUN: Capacity is no option of this link`},
	{"device with a host address", openTUN("tun0", netstack.HostAddress("10.0.0.1/24", "x")), netstack.ErrInvalidArgument,
		`OpenTUN: "x" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64`},
	{"device with a host address without a length", openTUN("tun0", netstack.HostAddress("10.0.0.1")), netstack.ErrInvalidArgument,
		`OpenTUN: "10.0.0.1" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64`},
	{"device with a host address that is zero", openTUN("tun0", netstack.HostAddress(netip.Prefix{})), netstack.ErrInvalidArgument,
		`OpenTUN: invalid Prefix is no prefix`},
	{"short buffer", func(_ *testing.T, w *wire) error { _, err := w.link.TryRead(nil); return err }, netstack.ErrWouldBlock,
		`nothing there now, or no room`},
	{"capture nil", func(*testing.T, *wire) error { return only(netstack.NewCapture(nil)) }, netstack.ErrInvalidArgument,
		`NewCapture: the writer is nil`},
	{"capture path with a zero byte", createCapture("a\x00b"), netstack.ErrInvalidArgument,
		`CreateCapture: the path holds a zero byte`},
	{"capture path that is empty", createCapture(""), netstack.ErrInvalidArgument,
		`CreateCapture: path is empty; name a file`},
	{"capture path in no folder", createCapture("/no/such/folder.pcap"), netstack.ErrNotFound,
		`CreateCapture: path "/no/such/folder.pcap" can't be opened: No such file or directory (errno 2); make the folder first`},
	{"capture path of a folder", createCapture("/"), netstack.ErrUnsupported,
		`CreateCapture: path "/" can't be opened: Is a directory (errno 21); choose a file that you may write`},
	{"clock that starts before 0", func(*testing.T, *wire) error { return only(netstack.NewManualClock(-time.Second)) }, netstack.ErrInvalidArgument,
		`NewManualClock: the start -1s lies before 0`},
	{"clock of no functions", func(*testing.T, *wire) error { return only(netstack.NewClock(netstack.ClockFuncs{})) }, netstack.ErrInvalidArgument,
		`NewClock: ClockFuncs.Now is nil`},
	{"clock that goes back", func(_ *testing.T, w *wire) error { return w.clock.Advance(-1) }, netstack.ErrInvalidArgument,
		`Clock.Advance: by -1ns: a clock never goes back`},
	{"clock zero", func(*testing.T, *wire) error { return new(netstack.Clock).Advance(1) }, netstack.ErrInvalidArgument,
		`Clock.Advance: the zero Clock is none; NewManualClock makes one`},
	{"clock that is not manual", func(t *testing.T, _ *wire) error {
		clock := made(netstack.NewClock(netstack.ClockFuncs{Now: func() time.Duration { return 0 }}))(t)
		return clock.Advance(1)
	}, netstack.ErrUnsupported,
		`Clock.Advance: the clock is not a manual one`},
}

// number is one that is not known before.
var number = regexp.MustCompile(`descriptor \d+`)

// wants holds an error, its status and its text.
func wants(t *testing.T, name string, err error, status netstack.Status, text string) {
	t.Helper()
	if err == nil || !errors.Is(err, status) || number.ReplaceAllString(err.Error(), "descriptor N") != "netstack: "+text {
		t.Errorf("%s: %v, not %v with %q", name, err, status, text)
	}
}

func TestBadInputIsAnErrorThatNamesIt(t *testing.T) {
	for _, table := range [][]bad{badStack, badNIC, badLink} {
		for _, row := range table {
			w := newWire(t)
			wants(t, row.name, row.call(t, w), row.status, row.text)
			// Everything is as it was.
			same(t, len(w.stack.NICs()), 1)
			same(t, w.answers(request(our4), ""), 1)
			same(t, w.answers(request(our6), ""), 1)
			same(t, w.answers(request("10.0.0.9"), ""), 0)
			same(t, len(w.send(request("10.8.0.9").bytes())), 0)
		}
	}
}

// closed is what every method of something says that is closed, or was never made.
var closed = []struct {
	name string
	call func(stack *netstack.Stack, nic *netstack.NIC, link *netstack.Channel) error
}{
	{"Stack.AddNIC", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error {
		other, err := netstack.NewChannel()
		if err != nil {
			return err
		}
		return only(s.AddNIC(other))
	}},
	{"Stack.HandleEcho", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error { return s.HandleEcho(consume) }},
	{"Stack.RemoveHandler", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error {
		return s.RemoveHandler(netstack.AnyFamily)
	}},
	{"Stack.SetEchoPolicy", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error {
		return s.SetEchoPolicy(netstack.IPv4, netstack.GroupDestination, netstack.ReplyPolicy)
	}},
	{"Stack.SetICMPRate", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error { return s.SetICMPRate(1, 1) }},
	{"Stack.SetICMPLimited", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error {
		return s.SetICMPLimited(netstack.IPv4, 3, true)
	}},
	{"Stack.AddRoutes", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error { return s.AddRoutes() }},
	{"Stack.RemoveRoutes", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error { return s.RemoveRoutes() }},
	{"Stack.Poll", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error { _, err := s.Poll(); return err }},
	{"Stack.Run", func(s *netstack.Stack, _ *netstack.NIC, _ *netstack.Channel) error {
		return s.Run(context.Background())
	}},
	{"NIC.Remove", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error { return n.Remove() }},
	{"NIC.AddAddresses", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error {
		return n.AddAddresses(subnet("10.0.0.1/8"))
	}},
	{"NIC.RemoveAddresses", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error {
		return n.RemoveAddresses(address(our4))
	}},
	{"NIC.AddLocalPrefixes", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error {
		return n.AddLocalPrefixes(subnet("10.0.0.0/8"))
	}},
	{"NIC.RemoveLocalPrefixes", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error { return n.RemoveLocalPrefixes() }},
	{"NIC.JoinGroup", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error {
		return n.JoinGroup(address("ff02::5"))
	}},
	{"NIC.LeaveGroup", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error {
		return n.LeaveGroup(address(group6))
	}},
	{"NIC.SetDisabled", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error { return n.SetDisabled(true) }},
	{"NIC.SetPromiscuous", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error { return n.SetPromiscuous(true) }},
	{"NIC.SetSpoofing", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error { return n.SetSpoofing(true) }},
	{"NIC.SetSideBySide", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error { return n.SetSideBySide(true) }},
	{"NIC.SetForwarding", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error {
		return n.SetForwarding(netstack.IPv6, true)
	}},
	{"NIC.SetCapture", func(_ *netstack.Stack, n *netstack.NIC, _ *netstack.Channel) error { return n.SetCapture(nil) }},
	{"Link.Inject", func(_ *netstack.Stack, _ *netstack.NIC, c *netstack.Channel) error { return c.Inject(nil) }},
	{"Link.Inject", func(_ *netstack.Stack, _ *netstack.NIC, c *netstack.Channel) error {
		_, err := c.Write(nil)
		return err
	}},
	{"Channel.TryRead", func(_ *netstack.Stack, _ *netstack.NIC, c *netstack.Channel) error {
		_, err := c.TryRead(nil)
		return err
	}},
	{"Channel.ReadContext", func(_ *netstack.Stack, _ *netstack.NIC, c *netstack.Channel) error {
		_, err := c.ReadContext(context.Background(), nil)
		return err
	}},
}

func TestBadInputOfWhatIsClosed(t *testing.T) {
	w := newWire(t)
	for range 3 {
		check(t, w.stack.Close())
		check(t, w.link.Close())
	}
	for _, row := range closed {
		err := row.call(w.stack, w.nic, w.link)
		wants(t, row.name, err, netstack.ErrClosed, row.name+": it is closed, or was never made")
		same(t, errors.Is(err, os.ErrClosed), true)
	}
	same(t, []any{w.stack.IsClosed(), len(w.stack.NICs()), w.link.MTU(), len(w.link.Drain())}, []any{true, 0, 0, 0})
	_, err := w.link.Read(nil)
	same(t, err, io.EOF)
	w.stack.Stop()
	made(newWire(t).stack.AddNIC(made(netstack.NewChannel())(t)))(t)
	err = only(newWire(t).stack.AddNIC(w.link))
	wants(t, "AddNIC", err, netstack.ErrClosed, "Stack.AddNIC: the link is closed, or was never made")
	capture := made(netstack.NewCapture(io.Discard))(t)
	check(t, capture.Close())
	check(t, capture.Close())
	err = newWire(t).nic.SetCapture(capture)
	wants(t, "SetCapture", err, netstack.ErrClosed, "NIC.SetCapture: the capture is closed, or was never made")
}

// The zero values are closed, but for what is plain data.
func TestBadInputOfZeroValues(t *testing.T) {
	for _, row := range closed {
		err := row.call(&netstack.Stack{}, &netstack.NIC{}, &netstack.Channel{})
		if strings.HasPrefix(row.name, "NIC.") {
			wants(t, row.name, err, netstack.ErrInvalidArgument, row.name+": the zero NIC is none; Stack.AddNIC makes one")
		} else {
			wants(t, row.name, err, netstack.ErrClosed, row.name+": it is closed, or was never made")
		}
	}
	for _, link := range []netstack.Link{&netstack.Channel{}, &netstack.TUN{}, &netstack.FDLink{}, &netstack.WriterLink{}} {
		wants(t, "Inject", link.Inject(nil), netstack.ErrClosed, "Link.Inject: it is closed, or was never made")
		same(t, []any{link.MTU(), link.Close()}, []any{0, nil})
	}
	stack, nic, capture := &netstack.Stack{}, &netstack.NIC{}, &netstack.Capture{}
	deadline, set := stack.NextDeadline()
	stack.Stop()
	same(t, []any{stack.IsClosed(), stack.Close(), stack.Descriptor(), deadline, set, len(stack.NICs())},
		[]any{true, nil, -1, time.Duration(0), false, 0})
	same(t, []any{nic.ID(), nic.Link(), nic.Stack() == nil}, []any{uint32(0), nil, true})
	same(t, []any{capture.Lost(), capture.Err(), capture.Close()}, []any{uint64(0), nil, nil})
	same(t, []any{new(netstack.Clock).Now(), new(netstack.TUN).Name()}, []any{time.Duration(0), ""})
	packet, info := &netstack.Packet{}, &netstack.PacketInfo{}
	same(t, []any{packet.Bytes() == nil, len(packet.Payload()), packet.Len()}, []any{true, 0, 0})
	same(t, []any{info.Source(), info.Destination(), info.NIC()}, []any{netip.Addr{}, netip.Addr{}, uint32(0)})
	same(t, []any{netstack.Family(0).String(), netstack.Family(77).String()}, []any{"any family", "Family(77)"})
}

// What Go users know from elsewhere: a nil pointer, option or context panics, and leaves the stack usable.
func TestBadInputThatPanicsAsElsewhere(t *testing.T) {
	w := newWire(t)
	var stack *netstack.Stack
	var link *netstack.Channel
	var none context.Context
	for at, call := range []func(){
		func() { stack.Poll() },
		func() { stack.HandleEcho(consume) },
		func() { link.Inject(nil) },
		func() { w.stack.AddNIC(link) },
		func() { netstack.New(nil) },
		func() { netstack.NewChannel(nil) },
		func() { w.stack.AddNIC(made(netstack.NewChannel())(t), nil) },
		func() { w.stack.HandleEcho(consume, nil) },
		func() { w.stack.Run(none) },
		func() { w.link.ReadContext(none, make([]byte, 1500)) },
	} {
		l := lived(call)
		if _, ok := l.panicked.(runtime.Error); !ok || l.locked {
			t.Errorf("call %d went so: %+v", at, l)
		}
		same(t, w.answers(request(our4), ""), 1)
	}
	wants(t, "nil NIC", (*netstack.NIC)(nil).Remove(), netstack.ErrInvalidArgument,
		"NIC.Remove: the zero NIC is none; Stack.AddNIC makes one")
}

func TestBadInputAfterANICWasRemoved(t *testing.T) {
	w := newWire(t)
	check(t, w.nic.Remove())
	for _, row := range closed {
		if strings.HasPrefix(row.name, "NIC.") {
			wants(t, row.name, row.call(w.stack, w.nic, w.link), netstack.ErrNotFound, row.name+": NIC 1 was removed")
		}
	}
	same(t, errors.Is(w.link.Inject(nil), netstack.ErrClosed), true)
}

func TestStatusesAreErrors(t *testing.T) {
	names := map[netstack.Status]string{
		netstack.ErrUnclaimed: "NS_UNCLAIMED", netstack.ErrInvalidArgument: "NS_ERR_INVALID_ARGUMENT",
		netstack.ErrNoMemory: "NS_ERR_NO_MEMORY", netstack.ErrRequestExpired: "NS_ERR_EXPIRED",
		netstack.ErrNotReplyable: "NS_ERR_NOT_REPLYABLE", netstack.ErrNoRoute: "NS_ERR_NO_ROUTE",
		netstack.ErrLimited: "NS_ERR_LIMITED", netstack.ErrBusy: "NS_ERR_BUSY",
		netstack.ErrUnsupported: "NS_ERR_UNSUPPORTED", netstack.ErrTooSmall: "NS_ERR_TOO_SMALL",
		netstack.ErrNotFound: "NS_ERR_NOT_FOUND", netstack.ErrClosed: "NS_ERR_CLOSED",
		netstack.ErrAnswered: "NS_ERR_ANSWERED", netstack.ErrTimedOut: "NS_ERR_TIMED_OUT",
		netstack.ErrWouldBlock: "NS_ERR_WOULD_BLOCK", netstack.ErrInternal: "NS_ERR_INTERNAL",
	}
	texts := map[string]bool{}
	for status, name := range names {
		same(t, status.String(), name)
		texts[status.Error()] = true
		var got netstack.Status
		err := error(&netstack.Error{Op: "Op", Status: status, Message: "why"})
		same(t, []any{errors.As(err, &got), got, err.Error()}, []any{true, status, "netstack: Op: why"})
		same(t, status.Timeout(), status == netstack.ErrTimedOut)
		for target, of := range map[error]netstack.Status{
			os.ErrClosed: netstack.ErrClosed, os.ErrNotExist: netstack.ErrNotFound,
			os.ErrInvalid: netstack.ErrInvalidArgument, os.ErrDeadlineExceeded: netstack.ErrTimedOut,
		} {
			same(t, errors.Is(err, target), status == of)
		}
	}
	same(t, len(texts), len(names)) // each has its own
	if unknown := netstack.Status(-77); !strings.HasPrefix(unknown.Error(), "netstack: ") || unknown.String() == "" {
		t.Errorf("%q %q", unknown.Error(), unknown.String())
	}
	same(t, os.IsTimeout(netstack.ErrTimedOut), true)
}
