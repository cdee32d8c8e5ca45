package netstack_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"netstack.example/go/netstack"
)

// The seven groups of tests that the design of the forwarder names, for both families; then the shapes of
// handlers that it shows.

// each runs a test for both families, and for both verdicts.
func each(t *testing.T, test func(t *testing.T, at int, verdict bool)) {
	for at, family := range families {
		for _, verdict := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", family.name, verdict), func(t *testing.T) { test(t, at, verdict) })
		}
	}
}

// replyAnd replies, which must be accepted, and returns the verdict.
func replyAnd(t testing.TB, verdict bool) netstack.Handler {
	return func(r *netstack.Request) bool {
		if err := r.Reply(); err != nil {
			t.Errorf("Reply: %v", err)
		}
		return verdict
	}
}

// 1. Reply() delegation.

func TestReplyDelegationSendsTheVeryBytesOfTheBuiltInReply(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := newWire(t)
		e := request(families[at].ours)
		e.tos, e.ttl = 0x20, 3
		if e.is4() {
			e.id = 0xbeef
		} else {
			e.flow = 0x12345
		}
		builtIn := w.send(e.bytes())
		w.handle(replyAnd(t, verdict))
		same(t, w.send(e.bytes()), builtIn)
		same(t, len(builtIn), 1)
	})
}

func TestReplyDelegationLeavesBeforeReplyReturns(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := newWire(t)
		var sent [][]byte
		w.handle(func(r *netstack.Request) bool {
			check(t, r.Reply())
			sent = w.link.Drain()
			return verdict
		})
		e := request(families[at].ours)
		same(t, w.answers(e, ""), 0)
		same(t, sent, [][]byte{e.answer("").bytes()})
	})
}

// 2. Idempotence.

func TestReplyIdempotenceEveryCallReportsTheFirstOutcome(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := newWire(t)
		calls := 0
		w.handle(func(r *netstack.Request) bool {
			for ; calls < 5; calls++ {
				check(t, r.Reply())
			}
			return verdict
		})
		same(t, w.answers(request(families[at].ours), ""), 1)
		same(t, calls, 5)
	})
}

func TestReplyIdempotenceWithoutARouteToo(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := setup{
			stack: []netstack.Option{netstack.StrictRoutes()},
			nic:   []netstack.NICOption{netstack.Promiscuous()},
			bare:  true,
		}.wire(t)
		var outcomes []error
		w.handle(func(r *netstack.Request) bool {
			outcomes = append(outcomes, r.Reply(), r.Reply())
			return verdict
		})
		same(t, w.answers(request(families[at].temporary), ""), 0)
		same(t, outcomes, []error{netstack.ErrNoRoute, netstack.ErrNoRoute})
	})
}

func TestReplyIdempotenceEachRequestHasAReplyOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := newWire(t)
		w.handle(replyAnd(t, verdict))
		for sequence := range uint16(10) {
			same(t, w.answers(numbered(families[at].ours, sequence), ""), 1)
		}
	})
}

// 3. Consuming without Reply().

func TestConsumingWithoutReplyIsSilence(t *testing.T) {
	for _, family := range families {
		w := newWire(t)
		calls := 0
		w.handle(func(*netstack.Request) bool { calls++; return true })
		same(t, w.answers(request(family.ours), ""), 0)
		same(t, calls, 1)
	}
}

// 4. Reply() for what is no Echo Request.

func TestReplyToNonEchoRequestIsRefusedAndSendsNothing(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := newWire(t)
		var outcomes []any
		w.handle(func(r *netstack.Request) bool {
			outcomes = append(outcomes, int(r.Type()), r.Reply(), r.Reply())
			return verdict
		}, netstack.WithEchoReplies())
		packet := reply4(peer4, our4, 1, 2, nil)
		if families[at].family == netstack.IPv6 {
			packet = reply6(peer6, our6, 1, 2, nil)
		}
		same(t, len(w.send(packet)), 0)
		same(t, outcomes, []any{families[at].replyType, netstack.ErrNotReplyable, netstack.ErrNotReplyable})
	})
}

func TestReplyToNonEchoRequestComesOnlyWhereItIsWanted(t *testing.T) {
	w := newWire(t)
	w.handle(func(r *netstack.Request) bool { t.Errorf("called for %v", r); return true })
	same(t, len(w.send(reply4(peer4, our4, 1, 2, nil))), 0)
	same(t, len(w.send(reply6(peer6, our6, 1, 2, nil))), 0)
}

// 5. The packet and the request after the handler returned.

func TestRequestAfterHandlerReturnIsInvalid(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		for _, replies := range []int{0, 1} {
			w := newWire(t)
			var kept *netstack.Request
			w.handle(func(r *netstack.Request) bool {
				kept = r
				for range replies {
					check(t, r.Reply())
				}
				return verdict
			})
			w.send(request(families[at].ours).bytes())
			expired(t, kept)
			same(t, len(w.link.Drain()), 0)
		}
	})
}

// 6. A kept packet has no right to answer.

func TestKeptPacketSurvivesTheHandlerAndAnswersNothing(t *testing.T) {
	for _, family := range families {
		w := newWire(t)
		var kept *netstack.Packet
		w.handle(func(r *netstack.Request) bool {
			kept = made(r.Packet())(t)
			return true
		})
		e := request(family.ours)
		injected := append(e.bytes(), "padding"...)
		same(t, len(w.send(injected)), 0)
		w.stack.Close()
		clear(injected)
		same(t, kept.Bytes(), e.bytes())
		same(t, kept.Payload(), e.payload)
		same(t, []netip.Addr{kept.Source(), kept.Destination()}, []netip.Addr{e.source, e.destination})
		if _, replies := any(kept).(interface{ Reply() error }); replies {
			t.Error("a kept packet can reply")
		}
	}
}

func TestKeptPacketLeavesTheRightToReplyAlone(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := newWire(t)
		w.handle(func(r *netstack.Request) bool {
			made(r.Packet())(t)
			check(t, r.Reply())
			return verdict
		})
		same(t, w.answers(request(families[at].ours), ""), 1)
	})
}

// 7. The override for temporary addresses.

func TestTemporaryAddressOverrideRepliesFromTheRequestsDestination(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		for _, spoofing := range []bool{false, true} {
			w := newWire(t, netstack.Promiscuous())
			check(t, w.nic.SetSpoofing(spoofing))
			w.handle(replyAnd(t, verdict))
			same(t, w.answers(request(families[at].temporary), ""), 1)
		}
	})
}

func TestTemporaryAddressOverrideLeavesNothingBehind(t *testing.T) {
	for _, family := range families {
		w := newWire(t, netstack.Promiscuous())
		calls := 0
		w.handle(func(r *netstack.Request) bool { calls++; return r.Reply() == nil })
		same(t, w.answers(request(family.temporary), ""), 1)
		err := w.nic.RemoveAddresses(netip.MustParseAddr(family.temporary))
		same(t, errors.Is(err, netstack.ErrNotFound), true)
		check(t, w.nic.SetPromiscuous(false))
		same(t, w.answers(request(family.temporary), ""), 0)
		same(t, calls, 1)
	}
}

func TestTemporaryAddressOverrideNeedsNoAddressOnAnyNIC(t *testing.T) {
	each(t, func(t *testing.T, at int, verdict bool) {
		w := setup{nic: []netstack.NICOption{netstack.Promiscuous()}, bare: true}.wire(t)
		w.handle(replyAnd(t, verdict))
		same(t, w.answers(request(families[at].temporary), ""), 1)
	})
}

func TestTemporaryAddressOverrideIsNeverTheSourceOfOtherTraffic(t *testing.T) {
	for _, family := range families {
		w := newWire(t, netstack.Promiscuous(), netstack.Spoofing())
		w.handle(replyAnd(t, true))
		same(t, w.answers(request(family.temporary), ""), 1)
		same(t, w.answers(request(family.group), family.ours), 1)
	}
}

// The shapes of handlers.

func TestHandlerShapeProxyKeepsTheRequestAndAnswersNothing(t *testing.T) {
	w := newWire(t)
	var forwarded []string
	w.handle(func(r *netstack.Request) bool {
		packet := made(r.Packet())(t)
		elsewhere(func() {
			forwarded = append(forwarded, fmt.Sprintf("%v %v %d %s", packet.Source(), packet.Destination(),
				packet.Sequence(), packet.Payload()))
		})
		return true
	})
	same(t, w.answers(numbered(our4, 7), ""), 0)
	same(t, w.answers(numbered(our6, 8), ""), 0)
	same(t, forwarded, []string{"192.168.0.2 192.168.0.1 7 abcd", "a::2 a::1 8 abcd"})
}

func TestHandlerShapeLargeSpaceAnswersWhatNobodyAssigned(t *testing.T) {
	w := newWire(t, netstack.LocalPrefix("10.7.0.0/16", "fd07::/64"))
	var consumed []bool
	w.handle(func(r *netstack.Request) bool {
		consumed = append(consumed, r.IsTemporary() && r.Reply() == nil)
		return consumed[len(consumed)-1]
	})
	for _, destination := range []string{"10.7.200.3", our4, "fd07::beef", our6} {
		same(t, w.answers(request(destination), ""), 1)
	}
	same(t, consumed, []bool{true, false, true, false})
}

func TestHandlerShapeObserverChangesNothing(t *testing.T) {
	w := newWire(t)
	var observed []string
	w.handle(func(r *netstack.Request) bool {
		observed = append(observed, r.String())
		return false
	})
	same(t, w.answers(request(our4), ""), 1)
	same(t, w.answers(request(our6), ""), 1)
	same(t, observed, []string{
		"192.168.0.2 > 192.168.0.1: echo request, id 1234, seq 1, 32 bytes",
		"a::2 > a::1: echo request, id 1234, seq 1, 52 bytes",
	})
}

func TestHandlerShapeOneForBothFamiliesOfTwoStacks(t *testing.T) {
	wires := []*wire{newWire(t), newWire(t)}
	calls := 0
	handler := func(r *netstack.Request) bool { calls++; return r.Reply() == nil }
	for _, w := range wires {
		w.handle(handler)
	}
	for _, w := range wires {
		same(t, w.answers(request(our4), ""), 1)
		same(t, w.answers(request(our6), ""), 1)
	}
	same(t, calls, 4)
}

// golden are bytes that the tests of the C++ core hold as well.
var golden = []struct{ name, request, reply string }{
	{
		"IPv4 keeps TOS, ID and DF",
		"45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364",
		"45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364",
	},
	{
		"IPv4, a temporary address is the source",
		"45000020000000004001f927c0a80002c0a8006308002e6604d2000161626364",
		"45000020000000004001f927c0a80063c0a800020000366604d2000161626364",
	},
	{
		"IPv6 keeps the traffic class",
		"62012345000c3a03000a0000000000000000000000000002000a00000000000000000000000000018000b60804d2000161626364",
		"62000000000c3a40000a0000000000000000000000000001000a00000000000000000000000000028100b50804d2000161626364",
	},
}

func TestReplyDelegationGoldenBytes(t *testing.T) {
	for _, g := range golden {
		w := newWire(t, netstack.Promiscuous())
		check(t, w.stack.SetEchoPolicy(netstack.AnyFamily, netstack.TemporaryDestination, netstack.ReplyPolicy))
		for range 2 { // the stack by itself, then the handler
			if sent := w.send(unhex(g.request)); len(sent) != 1 || !bytes.Equal(sent[0], unhex(g.reply)) {
				t.Errorf("%s: sent %x, not %s", g.name, sent, g.reply)
			}
			w.handle(replyAnd(t, true))
		}
	}
}
