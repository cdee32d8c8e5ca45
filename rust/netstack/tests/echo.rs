//! Who is answered, and from which address: what a handler decides, against the table of the design.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use netstack::{
    EchoDestination, EchoOptions, EchoPolicy, Family, Injected, NicOptions, PacketInfo, StackOptions, Verdict,
    UNLIMITED_ICMP_RATE,
};
use wire::{addresses, checksum, ip, ours, reply, request, Echo, Wire, BOTH};

/// What the handler does: whether there is one, how often it replies, its verdict.
const COLUMNS: [(bool, usize, Verdict); 6] = [
    (false, 0, Verdict::Declined),
    (true, 0, Verdict::Declined),
    (true, 0, Verdict::Consumed),
    (true, 1, Verdict::Declined),
    (true, 1, Verdict::Consumed),
    (true, 2, Verdict::Declined),
];
/// What the stack does by itself where nothing holds it back, and where silence is the rule.
const ANSWERS: [usize; 6] = [1, 1, 0, 1, 1, 1];
const SILENCE: [usize; 6] = [0, 0, 0, 1, 1, 1];

/// A kind of destination: name, destination, source of any answer, what the request says that it is, answers, NIC,
/// group to join.
type Row =
    (&'static str, &'static str, &'static str, &'static str, [usize; 6], fn() -> NicOptions, Option<&'static str>);

fn promiscuous() -> NicOptions {
    addresses().promiscuous()
}

fn spoofing() -> NicOptions {
    promiscuous().spoofing()
}

fn prefixes() -> NicOptions {
    addresses()
        .local_prefix("192.168.0.0/16")
        .local_prefix("10.7.0.0/16")
        .local_prefix("a::/16")
        .local_prefix("fd07::/64")
}

const V4: &str = "192.168.0.1";
const V6: &str = "a::1";
const ROWS: [Row; 19] = [
    ("v4_assigned", V4, V4, "", ANSWERS, addresses, None),
    ("v4_assigned_promiscuous", V4, V4, "", ANSWERS, promiscuous, None),
    ("v4_assigned_in_prefix", V4, V4, "", ANSWERS, prefixes, None),
    ("v4_temporary", "192.168.0.99", "192.168.0.99", "temporary", SILENCE, promiscuous, None),
    ("v4_prefix", "10.7.1.2", "10.7.1.2", "temporary", SILENCE, prefixes, None),
    ("v4_spoofing", "192.168.0.99", "192.168.0.99", "temporary", SILENCE, spoofing, None),
    ("v4_directed_broadcast", "192.168.0.255", V4, "broadcast", SILENCE, addresses, None),
    ("v4_limited_broadcast", "255.255.255.255", V4, "broadcast", SILENCE, promiscuous, None),
    ("v4_all_hosts", "224.0.0.1", V4, "multicast", SILENCE, addresses, None),
    ("v4_group", "239.1.2.3", V4, "multicast", SILENCE, addresses, Some("239.1.2.3")),
    ("v6_assigned", V6, V6, "", ANSWERS, addresses, None),
    ("v6_assigned_promiscuous", V6, V6, "", ANSWERS, promiscuous, None),
    ("v6_assigned_in_prefix", V6, V6, "", ANSWERS, prefixes, None),
    ("v6_temporary", "a::99", "a::99", "temporary", SILENCE, promiscuous, None),
    ("v6_prefix", "fd07::1:2", "fd07::1:2", "temporary", SILENCE, prefixes, None),
    ("v6_spoofing", "a::99", "a::99", "temporary", ANSWERS, spoofing, None),
    ("v6_all_nodes", "ff02::1", V6, "multicast", ANSWERS, addresses, None),
    ("v6_solicited_node", "ff02::1:ff00:1", V6, "multicast", ANSWERS, addresses, None),
    ("v6_group", "ff05::77", V6, "multicast", ANSWERS, addresses, Some("ff05::77")),
];

fn kind(info: &PacketInfo) -> String {
    let flags = [
        ("temporary", info.is_temporary()),
        ("broadcast", info.is_broadcast()),
        ("multicast", info.is_multicast()),
        ("bad", info.has_bad_checksum()),
    ];
    flags.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

#[test]
fn neither_decision_implies_the_other() {
    for (name, destination, source, flags, answers, nic, group) in ROWS {
        for (column, (handler, replies, verdict)) in COLUMNS.into_iter().enumerate() {
            let wire = Wire::nic(nic());
            if let Some(group) = group {
                wire.the_nic().join_group(ip(group)).unwrap();
            }
            let seen = Arc::new(Mutex::new(Vec::new()));
            let shows = Arc::clone(&seen);
            if handler {
                wire.on_echo(move |request| {
                    shows.lock().unwrap().push((kind(request.info()), request.destination()));
                    for _ in 0..replies {
                        request.reply().unwrap();
                    }
                    verdict
                });
            }
            let echo = request(destination);
            let expected = vec![echo.answer_from(source).build(); answers[column]];
            assert_eq!(wire.send(&echo), expected, "{name}, column {column}");
            let expected = if handler { vec![(flags.to_owned(), ip(destination))] } else { Vec::new() };
            assert_eq!(*seen.lock().unwrap(), expected, "{name}, column {column}");
        }
    }
}

/// The same that the tests of the C++ core hold.
#[test]
fn golden_bytes() {
    let golden = [
        (
            "45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364",
            "45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364",
        ),
        (
            "45000020000000004001f927c0a80002c0a8006308002e6604d2000161626364",
            "45000020000000004001f927c0a80063c0a800020000366604d2000161626364",
        ),
        (
            "62012345000c3a03000a0000000000000000000000000002000a0000000000000000000000000001\
             8000b60804d2000161626364",
            "62000000000c3a40000a0000000000000000000000000001000a0000000000000000000000000002\
             8100b50804d2000161626364",
        ),
    ];
    let bytes = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    for by_handler in [true, false] {
        let wire = Wire::nic(promiscuous());
        if by_handler {
            wire.on_echo(|request| request.reply().map_or(Verdict::Declined, |()| Verdict::Consumed));
        } else {
            wire.stack.set_echo_policy(Family::Any, EchoDestination::Temporary, EchoPolicy::Reply).unwrap();
        }
        for (asked, answer) in golden {
            assert_eq!(wire.link.inject(&bytes(asked)).unwrap(), Injected::Taken);
            assert_eq!(wire.link.drain().collect::<Vec<_>>(), [bytes(answer)]);
        }
    }
}

#[test]
fn every_size_up_to_the_mtu_is_answered() {
    for family in BOTH {
        let wire = Wire::new();
        wire.on_echo(|request| request.reply().map_or(Verdict::Declined, |()| Verdict::Consumed));
        let largest = 1500 - 8 - if family == 4 { 20 } else { 40 };
        for size in 0..=largest {
            let payload: Vec<u8> = (0..size).map(|at| u8::try_from((size * 7 + at * 13) % 256).unwrap()).collect();
            assert_eq!(wire.answers(&request(ours(family)).payload(&payload)), 1, "{size}");
        }
        let fragments = wire.send(&request(ours(family)).payload(&vec![0; largest + 1]));
        assert_eq!(fragments.len(), 2);
    }
}

#[test]
fn policies_turn_silence_into_a_reply_and_back() {
    const ASKED: [&str; 7] = ["192.168.0.1", "192.168.0.99", "192.168.0.255", "224.0.0.1", "a::1", "a::99", "ff02::1"];
    use {EchoDestination::*, EchoPolicy::*};
    // What the policy is about, whether the NIC spoofs, who is answered in the order of ASKED.
    let policies = [
        (Family::Any, Temporary, Default, false, "1000101"),
        (Family::V4, Temporary, Reply, false, "1100101"),
        (Family::V6, Temporary, Reply, false, "1000111"),
        (Family::Any, Temporary, Reply, false, "1100111"),
        (Family::V4, Group, Reply, false, "1011101"),
        (Family::V6, Group, Silent, false, "1000100"),
        (Family::V6, Group, Reply, false, "1000101"),
        (Family::Any, Group, Silent, false, "1000100"),
        (Family::Any, Temporary, Silent, true, "1000101"),
        (Family::V4, Temporary, Silent, true, "1000111"),
        (Family::Any, Temporary, Default, true, "1000111"),
    ];
    for (family, destination, policy, spoofs, answered) in policies {
        for handler in [false, true] {
            let wire = Wire::nic(if spoofs { spoofing() } else { promiscuous() });
            if handler {
                wire.on_echo(|_| Verdict::Declined);
            }
            let asks = || -> String { ASKED.iter().map(|each| wire.send(&request(each)).len().to_string()).collect() };
            wire.stack.set_echo_policy(family, destination, policy).unwrap();
            assert_eq!(asks(), answered, "{family:?} {destination:?} {policy:?}");
            wire.stack.set_echo_policy(family, destination, Default).unwrap();
            assert_eq!(asks(), if spoofs { "1000111" } else { "1000101" });
        }
    }
}

#[test]
fn silent_policy_leaves_reply_alone() {
    for (destination, source) in [("192.168.0.99", "192.168.0.99"), ("a::99", "a::99"), ("ff02::1", V6)] {
        let wire = Wire::nic(spoofing());
        for about in [EchoDestination::Temporary, EchoDestination::Group] {
            wire.stack.set_echo_policy(Family::Any, about, EchoPolicy::Silent).unwrap();
        }
        wire.on_echo(|request| request.reply().map_or(Verdict::Consumed, |()| Verdict::Declined));
        let echo = request(destination);
        assert_eq!(wire.send(&echo), [echo.answer_from(source).build()]);
    }
}

#[test]
fn handler_is_of_one_family_or_both() {
    for (family, v4, v6) in [(Family::Any, 0, 0), (Family::V4, 0, 1), (Family::V6, 1, 0)] {
        let wire = Wire::new();
        let counts = || [wire.answers(&request(V4)), wire.answers(&request(V6))];
        wire.stack.on_echo_with(EchoOptions::new().family(family), |_| Verdict::Consumed).unwrap();
        assert_eq!(counts(), [v4, v6]);
        wire.stack.remove_handler(family).unwrap();
        wire.stack.remove_handler(family).unwrap();
        assert_eq!(counts(), [1, 1]);
    }
}

#[test]
fn handler_of_one_family_leaves_the_others_alone() {
    let wire = Wire::new();
    let counts = || [wire.answers(&request(V4)), wire.answers(&request(V6))];
    wire.on_echo(|_| Verdict::Consumed);
    wire.stack.on_echo_with(EchoOptions::new().family(Family::V6), |_| Verdict::Declined).unwrap();
    assert_eq!(counts(), [0, 1]);
    wire.stack.remove_handler(Family::V6).unwrap();
    assert_eq!(counts(), [0, 1]);
    wire.stack.remove_handler(Family::V4).unwrap();
    assert_eq!(counts(), [1, 1]);
    wire.on_echo(|_| Verdict::Consumed);
    wire.stack.remove_handler(Family::V6).unwrap();
    assert_eq!(counts(), [0, 1]);
}

#[test]
fn request_says_what_arrived() {
    for family in BOTH {
        let wire = Wire::new();
        let echo = Echo {
            code: 9,
            identifier: 65535,
            sequence: 40000,
            ttl: 7,
            tos: 0xb8,
            payload: b"xyz".to_vec(),
            ..request(ours(family))
        };
        let expected = echo.clone();
        wire.on_echo(move |request| {
            let header = if family == 4 { 20 } else { 40 };
            assert_eq!((request.source(), request.destination()), (expected.source, expected.destination));
            assert_eq!((request.nic(), request.identifier(), request.sequence()), (1, 65535, 40000));
            assert_eq!((request.icmp_type(), request.code()), (expected.kind, 9));
            assert_eq!((request.ttl(), request.tos(), request.length()), (7, 0xb8, header + 11));
            assert_eq!(request.icmp_offset(), header);
            assert_eq!((request.packet(), request.payload()), (&expected.build()[..], &b"xyz"[..]));
            let shown = format!("{request:?}");
            for part in [ours(family), wire::peer(family), "40000", "65535"] {
                assert!(shown.contains(part), "{shown}");
            }
            Verdict::Consumed
        });
        let mut padded = echo.build();
        padded.extend(b"padding");
        assert_eq!(wire.link.inject(&padded).unwrap(), Injected::Taken);
        assert_eq!(wire.link.read(), None);
    }
}

#[test]
fn side_by_side_hands_back_what_nobody_takes() {
    let udp4 = b"\x45\0\0\x1c\0\0\0\0\x40\x11\xf9\x2b\xc0\xa8\0\x02\xc0\xa8\0\x01\0\x35\0\x35\0\x08\0\0".to_vec();
    let mut udp6 = request(V6).build();
    udp6[6] = 17;
    let mut broken = request(V4).build();
    *broken.last_mut().unwrap() ^= 1;
    let unwanted: [(&str, Vec<u8>); 11] = [
        ("udp", udp4),
        ("udp, IPv6", udp6),
        ("a wrong checksum", broken),
        ("a temporary address", request("192.168.0.99").build()),
        ("another network", request("10.9.9.9").build()),
        ("an IPv6 address not ours", request("a::99").build()),
        ("a reply that nobody asked for", reply(V4).build()),
        ("an IPv6 reply that nobody asked for", reply(V6).build()),
        ("nothing", Vec::new()),
        ("one byte", vec![0x45]),
        ("another version", vec![0x55; 40]),
    ];
    let wire = Wire::nic(addresses().side_by_side());
    for (what, packet) in &unwanted {
        let copy = packet.clone();
        assert_eq!(wire.link.inject(packet).unwrap(), Injected::Unclaimed, "{what}");
        assert_eq!(*packet, copy, "{what}");
        assert_eq!(wire.link.read(), None, "{what}");
    }
    for family in BOTH {
        assert_eq!(wire.answers(&request(ours(family))), 1);
    }
    wire.on_echo(|_| Verdict::Consumed);
    assert!(wire.send(&request(V4)).is_empty());
    wire.the_nic().set_side_by_side(false).unwrap();
    for (what, packet) in &unwanted {
        assert_eq!(wire.link.inject(packet).unwrap(), Injected::Taken, "{what}");
    }
}

#[test]
fn what_is_not_ours_goes_on_by_family() {
    for (family, goes_on) in [(Family::Any, [1, 1]), (Family::V4, [1, 0]), (Family::V6, [0, 1])] {
        let wire = Wire::nic(addresses().forwarding(family));
        let far = netstack::Channel::new().unwrap();
        wire.stack.add_nic(&far, NicOptions::new().address("203.0.113.1/24").address("2001:db8::1/64")).unwrap();
        let sent = |destination| {
            assert!(wire.send(&request(destination)).is_empty());
            far.drain().count()
        };
        assert_eq!(["203.0.113.9", "2001:db8::9"].map(sent), goes_on);
        wire.the_nic().set_forwarding(family, false).unwrap();
        assert_eq!(["203.0.113.9", "2001:db8::9"].map(sent), [0, 0]);
        wire.the_nic().set_forwarding(Family::Any, true).unwrap();
        assert_eq!(["203.0.113.9", "2001:db8::9"].map(sent), [1, 1]);
    }
}

#[test]
fn side_by_side_declined_and_silent_is_unclaimed() {
    for destination in ["192.168.0.99", "a::99", "192.168.0.255"] {
        let wire = Wire::nic(promiscuous().side_by_side());
        let inject = || wire.link.inject(&request(destination).build()).unwrap();
        assert_eq!(inject(), Injected::Unclaimed);
        wire.on_echo(|_| Verdict::Declined);
        assert_eq!(inject(), Injected::Unclaimed);
        assert_eq!(wire.link.read(), None);
        wire.on_echo(|request| request.reply().map_or(Verdict::Consumed, |()| Verdict::Declined));
        assert_eq!(inject(), Injected::Taken);
        assert_eq!(wire.link.drain().count(), 1);
        wire.on_echo(|_| Verdict::Consumed);
        assert_eq!(inject(), Injected::Taken);
    }
}

#[test]
fn echo_replies_are_the_handlers_where_it_wants_them() {
    for (family, wanted) in [(Family::Any, [1, 1]), (Family::V4, [1, 0]), (Family::V6, [0, 1])] {
        let wire = Wire::nic(addresses().side_by_side());
        let options = EchoOptions::new().family(family).echo_replies();
        wire.stack.on_echo_with(options, |_| Verdict::Consumed).unwrap();
        let taken =
            BOTH.map(|family| usize::from(wire.link.inject(&reply(ours(family)).build()).unwrap() == Injected::Taken));
        assert_eq!(taken, wanted);
        assert_eq!(wire.link.read(), None);
    }
}

#[test]
fn stack_options_reach_it() {
    let ttls = [
        (StackOptions::new(), 64, 64),
        (StackOptions::new().default_ttl(1), 1, 64),
        (StackOptions::new().default_hop_limit(255), 64, 255),
    ];
    for (options, v4, v6) in ttls {
        let wire = Wire::with(options, addresses());
        for (destination, ttl) in [(V4, v4), (V6, v6)] {
            let echo = request(destination);
            assert_eq!(wire.send(&echo), [Echo { ttl, ..echo.answer() }.build()]);
        }
    }
    let own = Echo { source: ip(V4), ..request(V4) };
    for (options, answered) in [(StackOptions::new(), 1), (StackOptions::new().check_local_source(), 0)] {
        assert_eq!(Wire::with(options, addresses()).send(&own).len(), answered);
    }
    for (options, answered) in [(StackOptions::new(), 0), (StackOptions::new().allow_loopback(), 1)] {
        let wire = Wire::with(options, promiscuous());
        wire.on_echo(|request| request.reply().map_or(Verdict::Declined, |()| Verdict::Consumed));
        assert_eq!(wire.send(&request("127.0.0.1")).len(), answered);
    }
}

#[test]
fn nic_can_be_disabled() {
    let wire = Wire::nic(addresses().disabled());
    assert!(wire.send(&request(V4)).is_empty());
    wire.the_nic().set_disabled(false).unwrap();
    assert_eq!(wire.answers(&request(V4)), 1);
    wire.the_nic().set_spoofing(true).unwrap();
    wire.the_nic().set_promiscuous(true).unwrap();
    assert_eq!(wire.answers(&request("a::99")), 1);
    wire.the_nic().set_spoofing(false).unwrap();
    assert_eq!(wire.answers(&request("a::99")), 0);
}

#[test]
fn what_was_answered_is_owned_in_one_expression() {
    let wire = Wire::nic(prefixes());
    wire.on_echo(|request| Verdict::from(request.is_temporary() && request.reply().is_ok()));
    for destination in ["10.7.200.3", "fd07::beef", V4] {
        assert_eq!(wire.answers(&request(destination)), 1, "{destination}");
    }
    let count = |name| wire.stack.counter(name).unwrap();
    assert_eq!((count("forwarder.consumed"), count("forwarder.declined")), (2, 1));
}

#[test]
fn replies_are_limited_where_asked() {
    for (family, kind, here, other) in [(Family::V4, 0, V4, V6), (Family::V6, 129, V6, V4)] {
        let wire = Wire::new();
        let sent = |destination| (0..5).map(|_| wire.send(&request(destination)).len()).sum::<usize>();
        wire.stack.set_icmp_rate(10, 2).unwrap();
        assert_eq!(sent(here), 5);
        wire.stack.set_icmp_limited(family, kind, true).unwrap();
        assert_eq!(sent(here), 2);
        wire.clock.advance(Duration::from_millis(100));
        assert_eq!(sent(here), 1);
        wire.stack.set_icmp_rate(UNLIMITED_ICMP_RATE, 0).unwrap();
        assert_eq!(sent(here), 5);
        wire.stack.set_icmp_rate(0, 0).unwrap();
        assert_eq!((sent(here), sent(other)), (0, 5));
        wire.stack.set_icmp_limited(family, kind, false).unwrap();
        assert_eq!(sent(here), 5);
        let name = if family == Family::V4 { "icmp.v4.sent.rate_limited" } else { "icmp.v6.sent.rate_limited" };
        assert_eq!(wire.stack.counter(name).unwrap(), 12);
    }
}

#[test]
fn errors_are_limited_from_the_start() {
    let wire = Wire::new();
    let mut unknown = request(V4).build();
    unknown[9] = 99; // nobody's protocol
    unknown[10..12].fill(0);
    let sum = checksum(&[&unknown[..20]]).to_be_bytes();
    unknown[10..12].copy_from_slice(&sum);
    let sent = || {
        (0..60).for_each(|_| assert_eq!(wire.link.inject(&unknown).unwrap(), Injected::Taken));
        std::iter::from_fn(|| wire.link.read()).count()
    };
    assert_eq!((sent(), wire.stack.counter("icmp.v4.sent.rate_limited").unwrap()), (50, 10));
    wire.stack.set_icmp_limited(Family::V4, 3, false).unwrap();
    assert_eq!(sent(), 60);
}

#[test]
fn fragments_hold_no_more_than_the_bounds() {
    for (high, low, evicted) in [(1000, 0, 3), (4000, 0, 2), (4000, 4000, 1), (6000, 1, 0)] {
        let wire = Wire::with(StackOptions::new().reassembly_bounds(high, low), addresses());
        for id in 0..3 {
            let first = Echo { id, fragment: 0x2000, payload: vec![0; 992], ..request(V4) };
            assert!(wire.send(&first).is_empty()); // more come
        }
        assert_eq!(wire.stack.counter("reassembly.evicted").unwrap(), evicted);
        assert_eq!(wire.send(&request(V4)).len(), 1);
    }
}
