//! Pings that wait: who answers, who does not, and what ends the waiting. Time passes at once.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use netstack::{
    CallbackLink, Channel, ChannelOptions, ClockSource, Error, NicOptions, PingOptions, PingReply, Result, Stack,
    StackOptions, Verdict,
};
use wire::{addresses, ip, ours, panic_of, peer, read, request, Wire, BOTH};

/// A clock whose every wait is over at once, at its deadline. Copies are the same one.
#[derive(Clone, Default)]
struct Leaping(Arc<AtomicU64>);

impl ClockSource for Leaping {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn wait(&self, _: BorrowedFd<'_>, deadline: Option<Duration>) -> Result<()> {
        let deadline = u64::try_from(deadline.expect("a ping has one").as_nanos()).unwrap();
        self.0.fetch_max(deadline, Ordering::SeqCst);
        Ok(())
    }
}

/// A stack whose peer is asked what it sends back.
fn asking(clock: &Leaping, answer: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync + 'static) -> Stack {
    let stack = Stack::with(StackOptions::new().clock_source(clock.clone())).unwrap();
    let end = Arc::new(OnceLock::<CallbackLink>::new());
    let mine = Arc::clone(&end);
    let link = CallbackLink::new(None, move |packet| {
        if let Some(answer) = answer(packet) {
            mine.get().unwrap().inject(&answer)?;
        }
        Ok(())
    });
    let link = link.unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    assert!(end.set(link).is_ok());
    stack
}

/// A peer that answers after 42 ms.
fn answering(clock: &Leaping) -> Stack {
    let time = Arc::clone(&clock.0);
    asking(clock, move |packet| {
        time.fetch_add(42_000_000, Ordering::SeqCst);
        Some(read(packet).answer().build())
    })
}

fn said(result: Result<PingReply>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn the_reply_comes_back_with_its_time() {
    for family in BOTH {
        let clock = Leaping::default();
        let reply = answering(&clock).ping(ip(peer(family))).unwrap();
        assert_eq!(reply.rtt, Duration::from_millis(42));
        assert_eq!(reply.packet.info().source(), ip(peer(family)));
        assert_eq!(reply.packet.info().sequence(), 0);
        assert!(reply.packet.payload().is_empty());
    }
}

#[test]
fn options_reach_the_wire() {
    for family in BOTH {
        let clock = Leaping::default();
        let seen = Arc::new(OnceLock::new());
        let note = Arc::clone(&seen);
        let stack = asking(&clock, move |packet| {
            note.set(read(packet)).unwrap();
            Some(read(packet).answer().build())
        });
        let options = PingOptions::new().nic(1).ttl(9).tos(8).sequence(7).payload("data").source(ip(ours(family)));
        let reply = stack.ping_with(ip(peer(family)), options).unwrap();
        assert_eq!(reply.packet.payload(), b"data");
        let echo = seen.get().unwrap();
        assert_eq!((echo.ttl, echo.tos, echo.sequence, echo.source), (9, 8, 7, ip(ours(family))));
    }
}

#[test]
fn silence_ends_with_the_timeout() {
    for (options, expected) in [
        (PingOptions::new(), Duration::from_secs(1)),
        (PingOptions::new().timeout(Duration::from_secs(100)), Duration::from_secs(100)),
    ] {
        let clock = Leaping::default();
        let error = asking(&clock, |_| None).ping_with(ip(peer(4)), options).unwrap_err();
        assert!(matches!(error, Error::TimedOut), "{error:?}");
        assert_eq!(error.to_string(), "the deadline has passed");
        assert_eq!(clock.now(), expected);
    }
}

#[test]
fn another_sequence_number_is_no_reply() {
    let clock = Leaping::default();
    let stack = asking(&clock, |packet| Some(read(packet).answer().sequence(99).build()));
    assert!(matches!(stack.ping(ip(peer(4))), Err(Error::TimedOut)));
}

#[test]
fn arguments_that_make_no_sense_are_named() {
    let clock = Leaping::default();
    let stack = asking(&clock, |_| None);
    let with = |options| said(stack.ping_with(ip(peer(4)), options));
    assert_eq!(with(PingOptions::new().ttl(0)), "ttl: 0 is not from 1 to 255");
    assert_eq!(with(PingOptions::new().timeout(Duration::ZERO)), "timeout: there is no time to wait");
    assert_eq!(
        with(PingOptions::new().source(ip("a::1"))),
        "source a::1 is not of the family of the destination 192.168.0.2"
    );
    assert_eq!(with(PingOptions::new().nic(0)), "nic: 0 is no NIC: they are numbered from 1 on");
    assert_eq!(with(PingOptions::new().nic(2)), "there is no way to 192.168.0.2");
    for (destination, source) in [(peer(4), "0.0.0.0"), (peer(6), "::")] {
        assert_eq!(
            said(stack.ping_with(ip(destination), PingOptions::new().source(ip(source)))),
            format!("source {source} is nobody's; leave it out to have one chosen")
        );
    }
    assert_eq!(said(stack.ping(ip("0.0.0.0"))), "destination is the unspecified address");
    let none = PingOptions::new;
    for (destination, options, why) in [
        (peer(4), none().nic(9), "there is no way to 192.168.0.2"),
        (peer(4), none().source(ip("224.0.0.1")), "the address 224.0.0.1 is a multicast address"),
        ("192.168.0.255", none(), "the peer 192.168.0.255 is not one host"),
        ("255.255.255.255", none(), "the peer 255.255.255.255 is not one host"),
        ("224.0.0.1", none(), "nothing was sent to 224.0.0.1: there is no way to it"),
        ("ff02::1", none(), "nothing was sent to ff02::1: there is no way to it"),
        ("fe80::1", none(), "there is no way to fe80::1"),
        ("::ffff:192.168.0.2", none(), "there is no way to ::ffff:192.168.0.2"),
    ] {
        assert_eq!(said(stack.ping_with(ip(destination), options)), why, "{destination}");
    }
    let foreign = stack.ping_with(ip(peer(4)), PingOptions::new().source(ip("192.168.0.9"))).unwrap_err();
    assert!(matches!(foreign, Error::NotFound(_)), "{foreign:?}");
    assert_eq!(foreign.to_string(), "the address 192.168.0.9 is not assigned on any NIC");
    let far = stack.ping(ip("10.0.0.1")).unwrap_err();
    assert!(matches!(&far, Error::NoRoute(why) if why == "there is no way to 10.0.0.1"), "{far:?}");
    for size in [65_508, 70_000] {
        let long = stack.ping_with(ip(peer(4)), PingOptions::new().payload(vec![0; size])).unwrap_err();
        assert!(matches!(long, Error::Unsupported(_)), "{long:?}");
        assert_eq!(
            long.to_string(),
            "nothing was sent to 192.168.0.2: the packet would be longer than IP packets can be"
        );
    }
    assert_eq!(clock.now(), Duration::ZERO);
}

#[test]
fn a_full_link_is_told() {
    let clock = Leaping::default();
    let stack = Stack::with(StackOptions::new().clock_source(clock)).unwrap();
    let link = Channel::with(ChannelOptions::new().capacity(1)).unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    assert!(matches!(stack.ping(ip(peer(4))), Err(Error::TimedOut)));
    let error = stack.ping(ip(peer(4))).unwrap_err();
    assert!(matches!(error, Error::WouldBlock), "{error:?}");
}

#[test]
fn a_clock_that_cannot_wait_is_refused() {
    let wire = Wire::new();
    let error = wire.stack.ping(ip(peer(4))).unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    assert_eq!(error.to_string(), "this stack's clock has no wait function; give the clock one, or use a ping socket");
    assert!(wire.link.read().is_none());
}

#[test]
fn a_stopped_stack_does_not_ping() {
    let clock = Leaping::default();
    let stack = answering(&clock);
    stack.stop();
    let error = stack.ping(ip(peer(4))).unwrap_err();
    assert!(matches!(error, Error::Closed(_)), "{error:?}");
    assert_eq!(error.to_string(), "the stack is closed or stopped");
}

#[test]
fn a_panic_beneath_a_ping_comes_out_of_it() {
    let clock = Leaping::default();
    let stack = asking(&clock, |packet| Some(request(ours(4)).sequence(read(packet).sequence).build()));
    stack.on_echo(|_| panic!("the handler is broken")).unwrap();
    assert_eq!(panic_of(|| stack.ping(ip(peer(4)))), "the handler is broken");
}

/// Panics when it shall wait.
struct Broken;

impl ClockSource for Broken {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wait(&self, _: BorrowedFd<'_>, _: Option<Duration>) -> Result<()> {
        panic!("the clock is broken")
    }
}

#[test]
fn a_panic_of_the_clock_comes_out_of_the_ping() {
    let stack = Stack::with(StackOptions::new().clock_source(Broken)).unwrap();
    let link = Channel::new().unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    assert_eq!(panic_of(|| stack.ping(ip(peer(4)))), "the clock is broken");
}

#[test]
fn what_the_clock_says_ends_the_ping() {
    struct Refusing;
    impl ClockSource for Refusing {
        fn now(&self) -> Duration {
            Duration::ZERO
        }
    }
    let stack = Stack::with(StackOptions::new().clock_source(Refusing)).unwrap();
    let link = Channel::new().unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    let error = stack.ping(ip(peer(4))).unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    assert_eq!(error.to_string(), "the clock can't wait");
}

#[test]
fn a_ping_may_be_sent_inside_a_handler() {
    let clock = Leaping::default();
    let stack = Arc::new(answering(&clock));
    let inner = Arc::downgrade(&stack);
    let wire = Channel::new().unwrap();
    stack.add_nic(&wire, NicOptions::new().address("10.0.0.1/24")).unwrap();
    stack
        .on_echo(move |request| {
            let reply = inner.upgrade().unwrap().ping(ip(peer(4))).unwrap();
            assert_eq!(reply.rtt, Duration::from_millis(42));
            let _ = request.reply();
            Verdict::Consumed
        })
        .unwrap();
    wire.inject(&request("10.0.0.1").build()).unwrap();
    assert!(wire.read().is_some());
}
