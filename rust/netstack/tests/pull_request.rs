//! The seven groups of tests that the design of the forwarder names, for both families.
//!
//! 1 reply, 2 idempotence, 3 consuming without a reply, 4 reply for what is no Echo Request, 5 the request after the
//! handler, 6 a kept packet, 7 temporary addresses. Then the shapes of handlers that it shows.
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use netstack::{
    EchoDestination, EchoOptions, EchoPolicy, Error, Family, NicOptions, Packet, Request, StackOptions, Verdict,
};
use netstack_sys as sys;
use wire::{addresses, elsewhere, ip, ours, peer, reply, request, temporary, Echo, Wire, BOTH};

const VERDICTS: [Verdict; 2] = [Verdict::Consumed, Verdict::Declined];

fn reply_and(verdict: Verdict) -> impl Fn(&mut Request<'_>) -> Verdict + Send + Sync + 'static {
    move |request| {
        request.reply().unwrap();
        verdict
    }
}

fn unusual(family: u8) -> Echo {
    let echo = Echo { tos: 0x20, ttl: 3, ..request(ours(family)) };
    if family == 4 {
        Echo { id: 0xbeef, fragment: 0x4000, ..echo }
    } else {
        Echo { flow_label: 0x12345, ..echo }
    }
}

#[test]
fn group_1_reply_sends_the_very_bytes_of_the_built_in_reply() {
    for family in BOTH {
        let wire = Wire::new();
        let built_in = wire.send(&unusual(family));
        assert_eq!(built_in, [unusual(family).answer().build()]);
        for verdict in VERDICTS {
            wire.on_echo(reply_and(verdict));
            assert_eq!(wire.send(&unusual(family)), built_in);
        }
    }
}

/// What an echo moves, by name.
fn moved(wire: &Wire, echo: &Echo) -> BTreeMap<String, u64> {
    let before = wire.stack.counters().unwrap();
    assert_eq!(wire.answers(echo), 1);
    let mut after = wire.stack.counters().unwrap();
    for (name, count) in &mut after {
        *count -= before[name];
    }
    after.retain(|_, count| *count > 0);
    after
}

#[test]
fn group_1_reply_counts_what_the_built_in_reply_counts() {
    for family in BOTH {
        let wire = Wire::new();
        let mut expected = moved(&wire, &request(ours(family)));
        wire.on_echo(reply_and(Verdict::Consumed));
        for name in ["requests", "consumed", "replied"] {
            expected.insert(format!("forwarder.{name}"), 1);
        }
        assert_eq!(moved(&wire, &request(ours(family))), expected);
    }
}

#[test]
fn group_1_reply_leaves_before_it_returns() {
    for (family, verdict) in BOTH.into_iter().flat_map(|family| VERDICTS.map(|verdict| (family, verdict))) {
        let wire = Wire::new();
        let (link, sent) = (Arc::clone(&wire.link), Arc::new(Mutex::new(Vec::new())));
        let sees = Arc::clone(&sent);
        wire.on_echo(move |request| {
            request.reply().unwrap();
            sees.lock().unwrap().extend(link.drain());
            verdict
        });
        assert!(wire.send(&request(ours(family))).is_empty());
        assert_eq!(*sent.lock().unwrap(), [request(ours(family)).answer().build()]);
    }
}

/// Bytes that the tests of the core and of the Go package hold as well.
const GOLDEN: [(&str, &str, &str); 3] = [
    (
        "IPv4 keeps TOS, ID and DF",
        "45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364",
        "45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364",
    ),
    (
        "IPv4, a temporary address is the source",
        "45000020000000004001f927c0a80002c0a8006308002e6604d2000161626364",
        "45000020000000004001f927c0a80063c0a800020000366604d2000161626364",
    ),
    (
        "IPv6 keeps the traffic class",
        "62012345000c3a03000a0000000000000000000000000002000a00000000000000000000000000018000b60804d2000161626364",
        "62000000000c3a40000a0000000000000000000000000001000a00000000000000000000000000028100b50804d2000161626364",
    ),
];

#[test]
fn group_1_reply_has_the_bytes_that_it_always_had() {
    let bytes = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    for (what, asked, answered) in GOLDEN {
        let wire = Wire::nic(addresses().promiscuous());
        wire.stack.set_echo_policy(Family::Any, EchoDestination::Temporary, EchoPolicy::Reply).unwrap();
        // The stack by itself, then the handler.
        for _ in 0..2 {
            wire.link.inject(&bytes(asked)).unwrap();
            assert_eq!(wire.link.drain().collect::<Vec<_>>(), [bytes(answered)], "{what}");
            wire.on_echo(reply_and(Verdict::Consumed));
        }
    }
}

#[test]
fn group_2_reply_then_declined_is_one_reply() {
    for family in BOTH {
        let wire = Wire::new();
        wire.on_echo(reply_and(Verdict::Declined));
        assert_eq!(wire.answers(&request(ours(family))), 1);
        assert_eq!(wire.stack.counter(&format!("icmp.v{family}.sent.echo_reply")).unwrap(), 1);
    }
}

#[test]
fn group_2_every_call_reports_the_first_outcome() {
    for (family, verdict) in BOTH.into_iter().flat_map(|family| VERDICTS.map(|verdict| (family, verdict))) {
        for (strict, answered) in [(false, 1), (true, 0)] {
            let options = if strict { StackOptions::new().strict_routes() } else { StackOptions::new() };
            let wire = Wire::with(options, NicOptions::new().promiscuous());
            wire.on_echo(move |request| {
                for _ in 0..5 {
                    assert_eq!(matches!(request.reply(), Err(Error::NoRoute(_))), strict);
                }
                verdict
            });
            assert_eq!(wire.answers(&request(temporary(family))), answered);
        }
    }
}

#[test]
fn group_2_each_request_has_a_reply_of_its_own() {
    for family in BOTH {
        let wire = Wire::new();
        wire.on_echo(reply_and(Verdict::Declined));
        for sequence in 0..10 {
            assert_eq!(wire.answers(&request(ours(family)).sequence(sequence)), 1);
        }
    }
}

#[test]
fn group_3_consuming_without_a_reply_is_silence() {
    for family in BOTH {
        let wire = Wire::new();
        wire.on_echo(|_| Verdict::Consumed);
        assert!(wire.send(&request(ours(family))).is_empty());
    }
}

#[test]
fn group_4_reply_to_what_is_no_echo_request_is_refused() {
    for (family, verdict) in BOTH.into_iter().flat_map(|family| VERDICTS.map(|verdict| (family, verdict))) {
        let wire = Wire::new();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let shows = Arc::clone(&seen);
        wire.stack
            .on_echo_with(EchoOptions::new().echo_replies(), move |request| {
                shows.lock().unwrap().push(request.icmp_type());
                assert!(matches!(request.reply(), Err(Error::NotReplyable)));
                assert!(matches!(request.reply(), Err(Error::NotReplyable)));
                verdict
            })
            .unwrap();
        assert!(wire.send(&reply(ours(family))).is_empty());
        assert_eq!(*seen.lock().unwrap(), [if family == 4 { 0 } else { 129 }]);
    }
}

#[test]
fn group_4_echo_replies_come_only_where_they_are_wanted() {
    for family in BOTH {
        let wire = Wire::new();
        wire.on_echo(|_| panic!("it was called"));
        assert!(wire.send(&reply(ours(family))).is_empty());
    }
}

#[test]
fn group_5_request_ends_with_its_handler() {
    for (family, verdict) in BOTH.into_iter().flat_map(|family| VERDICTS.map(|verdict| (family, verdict))) {
        for replies in [0, 1] {
            let wire = Wire::new();
            let kept = Arc::new(Mutex::new(0));
            let keeps = Arc::clone(&kept);
            wire.on_echo(move |request| {
                *keeps.lock().unwrap() = request.as_raw();
                for _ in 0..replies {
                    request.reply().unwrap();
                }
                verdict
            });
            wire.send(&request(ours(family)));
            let id = *kept.lock().unwrap();
            // SAFETY: any number will do.
            let later = || unsafe { sys::ns_request_reply(id) };
            assert_eq!((later(), elsewhere(later)), (sys::NS_ERR_EXPIRED, sys::NS_ERR_EXPIRED));
            assert_eq!(wire.link.read(), None);
        }
    }
}

fn keeper(wire: &Wire, verdict: Verdict) -> Arc<Mutex<Vec<Packet>>> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeps = Arc::clone(&kept);
    wire.on_echo(move |request| {
        keeps.lock().unwrap().push(request.keep().unwrap());
        verdict
    });
    kept
}

#[test]
fn group_6_kept_packet_survives_and_answers_nothing() {
    for family in BOTH {
        let wire = Wire::new();
        let kept = keeper(&wire, Verdict::Consumed);
        let echo = request(ours(family));
        let mut padded = echo.build();
        padded.extend(b"padding");
        wire.link.inject(&padded).unwrap();
        assert_eq!(wire.link.read(), None);
        drop(wire);
        let packet = kept.lock().unwrap().pop().unwrap();
        let other = packet.clone();
        drop(packet);
        assert_eq!(other.as_ref(), echo.build());
        assert_eq!(other.payload(), b"abcd");
        assert_eq!((other.info().source(), other.info().destination()), (echo.source, echo.destination));
        assert_eq!(elsewhere(move || other.info().sequence()), 1);
    }
}

#[test]
fn group_6_kept_packet_leaves_the_right_to_reply_alone() {
    for family in BOTH {
        let wire = Wire::new();
        wire.on_echo(|request| {
            let packet = request.keep().unwrap();
            request.reply().unwrap();
            assert_eq!(packet.as_ref(), request.packet());
            Verdict::Declined
        });
        assert_eq!(wire.answers(&request(ours(family))), 1);
        drop(keeper(&wire, Verdict::Declined));
        assert_eq!(wire.answers(&request(ours(family))), 1);
    }
}

#[test]
fn group_7_reply_for_a_temporary_address_comes_from_it() {
    for (family, verdict) in BOTH.into_iter().flat_map(|family| VERDICTS.map(|verdict| (family, verdict))) {
        for nic in [addresses().promiscuous(), addresses().promiscuous().spoofing()] {
            let wire = Wire::nic(nic);
            wire.on_echo(reply_and(verdict));
            assert_eq!(wire.answers(&request(temporary(family))), 1);
        }
    }
}

#[test]
fn group_7_reply_for_a_temporary_address_leaves_nothing_behind() {
    for family in BOTH {
        let wire = Wire::nic(addresses().promiscuous());
        wire.on_echo(reply_and(Verdict::Consumed));
        assert_eq!(wire.answers(&request(temporary(family))), 1);
        let nic = wire.the_nic();
        assert!(matches!(nic.remove_addresses(&[ip(temporary(family))]), Err(Error::NotFound(_))));
        nic.set_promiscuous(false).unwrap();
        assert!(wire.send(&request(temporary(family))).is_empty());
    }
}

#[test]
fn group_7_no_address_is_needed_on_any_nic() {
    for family in BOTH {
        let wire = Wire::nic(NicOptions::new().promiscuous());
        wire.on_echo(reply_and(Verdict::Declined));
        assert_eq!(wire.answers(&request(temporary(family))), 1);
    }
}

#[test]
fn group_7_temporary_address_is_never_the_source_of_other_traffic() {
    for (family, group) in [(4, "224.0.0.1"), (6, "ff02::1")] {
        let wire = Wire::nic(addresses().promiscuous().spoofing());
        wire.on_echo(reply_and(Verdict::Consumed));
        assert_eq!(wire.answers(&request(temporary(family))), 1);
        let asked = request(group);
        assert_eq!(wire.send(&asked), [asked.answer_from(ours(family)).build()]);
    }
}

#[test]
fn shape_proxy_keeps_the_request_and_answers_nothing() {
    let wire = Wire::new();
    let forwarded = Arc::new(Mutex::new(Vec::new()));
    let forwards = Arc::clone(&forwarded);
    wire.on_echo(move |request| {
        let what = (request.source(), request.destination(), request.sequence(), request.payload().to_vec());
        forwards.lock().unwrap().push(what);
        Verdict::Consumed
    });
    assert!(wire.send(&request(ours(4)).sequence(7).payload(b"pay")).is_empty());
    assert!(wire.send(&request(ours(6)).sequence(8)).is_empty());
    let expected = [(ip(peer(4)), ip(ours(4)), 7, b"pay".to_vec()), (ip(peer(6)), ip(ours(6)), 8, b"abcd".to_vec())];
    assert_eq!(*forwarded.lock().unwrap(), expected);
}

#[test]
fn shape_large_space_answers_only_what_nobody_assigned() {
    let wire = Wire::nic(addresses().local_prefix("10.7.0.0/16").local_prefix("fd07::/64"));
    let own = AtomicBool::new(false);
    wire.on_echo(move |request| {
        if request.is_temporary() && request.reply().is_ok() {
            return Verdict::Consumed;
        }
        own.store(true, Ordering::Relaxed);
        Verdict::Declined
    });
    for destination in ["10.7.200.3", "fd07::beef", ours(4), ours(6)] {
        assert_eq!(wire.answers(&request(destination)), 1);
    }
}

#[test]
fn shape_observer_changes_nothing() {
    let wire = Wire::new();
    let observed = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&observed);
    wire.on_echo(move |request| {
        notes.lock().unwrap().push(*request.info());
        Verdict::Declined
    });
    assert_eq!(wire.answers(&Echo { ttl: 9, ..request(ours(4)) }), 1);
    assert_eq!(wire.answers(&Echo { ttl: 3, ..request(ours(6)) }), 1);
    let seen: Vec<_> = observed.lock().unwrap().iter().map(|info| (info.source(), info.ttl())).collect();
    assert_eq!(seen, [(ip(peer(4)), 9), (ip(peer(6)), 3)]);
}

#[test]
fn shape_one_handler_for_both_families_of_two_stacks() {
    fn handler(request: &mut Request<'_>) -> Verdict {
        request.reply().unwrap();
        Verdict::Consumed
    }
    let wires = [Wire::new(), Wire::new()];
    for wire in &wires {
        wire.on_echo(handler);
    }
    for (wire, family) in wires.iter().flat_map(|wire| BOTH.map(|family| (wire, family))) {
        assert_eq!(wire.answers(&request(ours(family))), 1);
    }
}
