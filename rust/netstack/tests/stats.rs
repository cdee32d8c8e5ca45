//! Counters by name, of a stack and of a NIC.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use netstack::{Error, Verdict};
use wire::{ours, request, Wire, BOTH};

#[test]
fn an_answered_request_is_counted_in_both_directions() {
    for family in BOTH {
        let wire = Wire::new();
        assert_eq!(wire.answers(&request(ours(family))), 1);
        let counters = wire.stack.counters().unwrap();
        let nic = wire.the_nic().counters().unwrap();
        for name in ["received.echo_request", "sent.echo_reply"] {
            let name = format!("icmp.v{family}.{name}");
            assert_eq!(counters[&name], 1, "{name}");
            assert_eq!(wire.stack.counter(&name).unwrap(), 1, "{name}");
            assert_eq!(nic[&name], 1, "{name}");
            assert_eq!(counters[&format!("nic.1.{name}")], 1, "{name}");
        }
        assert_eq!((nic["rx.packets"], nic["tx.packets"]), (1, 1));
        assert_eq!(counters["ip.packets_received"], 1);
    }
}

#[test]
fn a_nic_has_its_own_counters_alone() {
    let wire = Wire::new();
    let other = netstack::Channel::new().unwrap();
    let second = wire.stack.add_nic(&other, netstack::NicOptions::new().id(12)).unwrap();
    assert_eq!(wire.answers(&request(ours(4))), 1);
    assert_eq!(second.counters().unwrap()["rx.packets"], 0);
    assert_eq!(wire.the_nic().counters().unwrap()["rx.packets"], 1);
    assert!(second.counters().unwrap().keys().all(|name| !name.starts_with("nic.")));
}

#[test]
fn verdicts_are_counted() {
    let wire = Wire::new();
    wire.on_echo(|_| Verdict::Consumed);
    assert_eq!(wire.answers(&request(ours(4))), 0);
    assert_eq!(wire.stack.counter("forwarder.consumed").unwrap(), 1);
}

#[test]
fn a_name_that_no_counter_has_is_told() {
    let wire = Wire::new();
    for (name, said) in [
        ("", "no counter has the name \"\""),
        ("ip", "no counter has the name \"ip\""),
        ("nic.9.rx.packets", "no counter has the name \"nic.9.rx.packets\""),
        ("ip.\0", "no counter has the name \"ip.\\0\""),
    ] {
        let error = wire.stack.counter(name).unwrap_err();
        assert!(matches!(error, Error::NotFound(_)), "{error:?}");
        assert_eq!(error.to_string(), said);
    }
}

#[test]
fn a_nic_that_was_removed_has_no_counters_and_its_counts_stay_with_the_stack() {
    let wire = Wire::new();
    assert_eq!(wire.answers(&request(ours(4))), 1);
    let nic = wire.the_nic();
    nic.remove().unwrap();
    assert_eq!(nic.counters().unwrap_err().to_string(), "NIC 1 was removed");
    assert!(matches!(wire.stack.counter("nic.1.rx.packets"), Err(Error::NotFound(_))));
    assert_eq!(wire.stack.counter("icmp.v4.sent.echo_reply").unwrap(), 1);
    // Another of its number begins anew, and the old handle does not speak for it.
    let again = wire.stack.add_nic(&*wire.link, wire::addresses()).unwrap();
    assert_eq!(again.counters().unwrap()["rx.packets"], 0);
    assert_eq!(nic.counters().unwrap_err().to_string(), "NIC 1 was removed");
}

#[test]
fn counters_can_be_read_inside_a_handler() {
    let wire = Wire::new();
    let stack = std::sync::Arc::downgrade(&wire.stack);
    wire.on_echo(move |_| {
        let stack = stack.upgrade().unwrap();
        assert_eq!(stack.counters().unwrap()["icmp.v4.received.echo_request"], 1);
        assert_eq!(stack.nic(1).unwrap().counters().unwrap()["rx.packets"], 1);
        Verdict::Declined
    });
    assert_eq!(wire.answers(&request(ours(4))), 1);
}
