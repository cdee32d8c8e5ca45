//! What becomes of a panic in a callback: nothing is sent, it comes out of the call that delivered, and the stack works
//! on.
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::os::fd::{AsFd, BorrowedFd};
use std::panic::panic_any;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use netstack::{
    CallbackLink, Channel, ChannelOptions, ClockSource, EchoDestination, EchoPolicy, Error, Family, FdLink,
    ManualClock, NicOptions, PacketInformation, Result, SocketOptions, Stack, StackOptions, Verdict,
};
use netstack_sys as sys;
use wire::{addresses, alone, elsewhere, ours, panic_of, payload_of, request, temporary, Loop, Wire, BOTH};

fn works(wire: &Wire) {
    wire.on_echo(|request| request.reply().map_or(Verdict::Declined, |()| Verdict::Consumed));
    for family in BOTH {
        assert_eq!(wire.answers(&request(ours(family))), 1);
    }
}

/// What the stack has counted of its handlers: requests, and of these how many consumed, declined, failed, replied.
fn counted(stack: &Stack) -> [u64; 5] {
    ["requests", "consumed", "declined", "failed", "replied"]
        .map(|name| stack.counter(&format!("forwarder.{name}")).unwrap())
}

fn replies_sent(stack: &Stack) -> u64 {
    BOTH.map(|family| stack.counter(&format!("icmp.v{family}.sent.echo_reply")).unwrap()).iter().sum()
}

#[test]
fn inject_panics_with_it_and_nothing_is_sent() {
    let _alone = alone();
    for family in BOTH {
        let wire = Wire::new();
        wire.on_echo(|_| panic!("mine"));
        assert_eq!(panic_of(|| wire.link.inject(&request(ours(family)).build())), "mine");
        assert_eq!(wire.link.read(), None);
        assert_eq!(counted(&wire.stack), [1, 0, 0, 1, 0]);
        assert_eq!(replies_sent(&wire.stack), 0);
        works(&wire);
        assert_eq!(counted(&wire.stack), [3, 2, 0, 1, 2]);
    }
}

/// A handler that has failed has not declined: no policy answers in its place, and no other stack gets the packet.
#[test]
fn packet_of_a_handler_that_panicked_is_consumed() {
    let _alone = alone();
    for family in BOTH {
        let wire = Wire::nic(addresses().promiscuous().spoofing().side_by_side());
        wire.stack.set_echo_policy(Family::Any, EchoDestination::Temporary, EchoPolicy::Reply).unwrap();
        wire.stack.set_echo_policy(Family::Any, EchoDestination::Group, EchoPolicy::Reply).unwrap();
        let group = if family == 4 { "224.0.0.1" } else { "ff02::1" };
        wire.on_echo(|_| panic!("mine"));
        for destination in [ours(family), temporary(family), group] {
            assert_eq!(panic_of(|| wire.link.inject(&request(destination).build())), "mine");
            assert_eq!(wire.link.read(), None, "{destination}");
        }
        assert_eq!(counted(&wire.stack), [3, 0, 0, 3, 0]);
        assert_eq!(replies_sent(&wire.stack), 0);
        assert_eq!(wire.the_nic().counters().unwrap()["rx.unclaimed"], 0);
        works(&wire);
    }
}

#[test]
fn payload_is_the_very_one_of_any_type() {
    struct Mine(Box<u64>);
    let _alone = alone();
    let wire = Wire::new();
    wire.on_echo(|request| match request.sequence() {
        0 => panic_any(Mine(Box::new(7))),
        1 => panic_any(13u8),
        2 => panic!("{}", request.sequence()),
        _ => panic_any(()),
    });
    let payload = |sequence| payload_of(|| wire.link.inject(&request(ours(4)).sequence(sequence).build()));
    assert_eq!(*payload(0).downcast::<Mine>().unwrap_or_else(|_| panic!("another type")).0, 7);
    assert_eq!(*payload(1).downcast::<u8>().unwrap(), 13);
    assert_eq!(*payload(2).downcast::<String>().unwrap(), "2");
    assert!(payload(3).is::<()>());
    works(&wire);
}

#[test]
fn accepted_reply_stands() {
    let _alone = alone();
    let wire = Wire::new();
    wire.on_echo(|request| {
        request.reply().unwrap();
        panic!("mine")
    });
    assert_eq!(panic_of(|| wire.link.inject(&request(ours(4)).build())), "mine");
    assert_eq!(wire.link.drain().collect::<Vec<_>>(), [request(ours(4)).answer().build()]);
    assert_eq!(counted(&wire.stack), [1, 0, 0, 1, 1]);
    assert_eq!(replies_sent(&wire.stack), 1);
}

#[test]
fn poll_panics_with_the_first_and_does_its_work() {
    let _alone = alone();
    let driven = Loop::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&calls);
    driven
        .stack
        .on_echo(move |request| {
            counts.fetch_add(1, Ordering::Relaxed);
            panic!("{}", request.sequence())
        })
        .unwrap();
    for sequence in 5..8 {
        driven.write(&request(ours(4)).sequence(sequence));
    }
    assert_eq!(panic_of(|| driven.stack.poll()), "5");
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    assert_eq!(counted(&driven.stack), [3, 0, 0, 3, 0]);
    assert_eq!(driven.stack.poll().unwrap(), 0);
    driven.stack.remove_handler(netstack::Family::Any).unwrap();
    driven.write(&request(ours(4)));
    assert_eq!(driven.stack.poll().unwrap(), 1);
    assert_eq!(driven.read(), request(ours(4)).answer());
}

#[test]
fn run_ends_with_it_and_can_run_again() {
    let _alone = alone();
    let driven = Loop::new();
    driven.stack.on_echo(|_| panic!("mine")).unwrap();
    driven.write(&request(ours(4)));
    assert_eq!(panic_of(|| driven.run()), "mine");
    assert_eq!(counted(&driven.stack), [1, 0, 0, 1, 0]);
    let stack = Arc::clone(&driven.stack);
    driven
        .stack
        .on_echo(move |request| {
            stack.stop();
            request.reply().map_or(Verdict::Declined, |()| Verdict::Consumed)
        })
        .unwrap();
    driven.write(&request(ours(6)));
    driven.run().unwrap();
    assert_eq!(driven.read(), request(ours(6)).answer());
    driven.stack.remove_handler(netstack::Family::Any).unwrap();
}

#[test]
fn run_ends_with_it_on_a_clock_of_ones_own() {
    struct Waits(Duration);
    impl ClockSource for Waits {
        fn now(&self) -> Duration {
            self.0
        }
        fn wait(&self, _: BorrowedFd<'_>, _: Option<Duration>) -> Result<()> {
            Ok(())
        }
    }
    let _alone = alone();
    let driven = Loop::with(StackOptions::new().clock_source(Waits(Duration::ZERO)));
    driven.stack.on_echo(|_| panic!("mine")).unwrap();
    driven.write(&request(ours(4)));
    assert_eq!(panic_of(|| driven.run()), "mine");
}

#[test]
fn nested_panic_belongs_to_the_inner_inject() {
    let _alone = alone();
    let wire = Wire::new();
    let link = Arc::clone(&wire.link);
    let caught = Arc::new(Mutex::new(Vec::new()));
    let catches = Arc::clone(&caught);
    wire.on_echo(move |each| {
        assert!(each.sequence() == 1, "inner");
        let text = panic_of(|| link.inject(&request(ours(4)).sequence(2).build()));
        catches.lock().unwrap().push(text);
        each.reply().unwrap();
        Verdict::Consumed
    });
    assert_eq!(wire.answers(&request(ours(4)).sequence(1)), 1);
    assert_eq!(*caught.lock().unwrap(), ["inner"]);
    assert_eq!(counted(&wire.stack), [2, 1, 0, 1, 1]);
}

/// Counts how often it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn nested_panic_that_nobody_catches_goes_through_all() {
    let _alone = alone();
    let wire = Wire::new();
    let link = Arc::clone(&wire.link);
    let dropped = Arc::new(AtomicUsize::new(0));
    let drops = Arc::clone(&dropped);
    wire.on_echo(move |each| {
        let _unwound = Counted(Arc::clone(&drops));
        assert!(each.sequence() < 4, "innermost");
        link.inject(&request(ours(4)).sequence(each.sequence() + 1).build()).unwrap();
        unreachable!("inject resumed nothing")
    });
    assert_eq!(panic_of(|| wire.link.inject(&request(ours(4)).sequence(1).build())), "innermost");
    assert_eq!(dropped.load(Ordering::Relaxed), 4);
    assert_eq!(wire.link.read(), None);
    assert_eq!(counted(&wire.stack), [4, 0, 0, 4, 0]);
    works(&wire);
}

#[test]
fn panic_of_transmit_comes_out_of_inject() {
    let _alone = alone();
    for replies in [false, true] {
        let wire = Wire::new();
        let link = CallbackLink::new(None, |_| panic!("transmit")).unwrap();
        wire.stack.add_nic(&link, NicOptions::new().address("10.0.0.1/24")).unwrap();
        if replies {
            // The reply was accepted, and has no failure of its own to report.
            wire.on_echo(|request| request.reply().map_or(Verdict::Declined, |()| Verdict::Consumed));
        }
        assert_eq!(panic_of(|| link.inject(&request("10.0.0.1").build())), "transmit");
        // It was no handler that failed.
        assert_eq!(counted(&wire.stack), if replies { [1, 1, 0, 0, 1] } else { [0; 5] });
        works(&wire);
    }
}

#[test]
fn panic_of_notify_comes_out_of_inject_and_the_packet_is_there() {
    let _alone = alone();
    let wire = Wire::new();
    let link = Channel::with(ChannelOptions::new().notify(|| panic!("notify"))).unwrap();
    wire.stack.add_nic(&link, NicOptions::new().address("10.0.0.1/24")).unwrap();
    let echo = request("10.0.0.1");
    assert_eq!(panic_of(|| link.inject(&echo.build())), "notify");
    assert_eq!(link.drain().collect::<Vec<_>>(), [echo.answer().build()]);
}

#[test]
fn first_of_two_beneath_one_call_comes_out() {
    let _alone = alone();
    let wire = Wire::new();
    let link = CallbackLink::new(None, |_| panic!("transmit")).unwrap();
    wire.stack.add_nic(&link, NicOptions::new().address("10.0.0.1/24")).unwrap();
    wire.on_echo(|request| {
        request.reply().unwrap();
        panic!("handler")
    });
    assert_eq!(panic_of(|| link.inject(&request("10.0.0.1").build())), "transmit");
    works(&wire);
}

#[test]
fn second_may_bring_what_panics_as_it_goes() {
    let _alone = alone();
    let wire = Wire::new();
    let link = CallbackLink::new(None, |_| panic!("transmit")).unwrap();
    wire.stack.add_nic(&link, NicOptions::new().address("10.0.0.1/24")).unwrap();
    wire.on_echo(|request| {
        request.reply().unwrap();
        panic_any(Bomb("payload"))
    });
    assert_eq!(panic_of(|| link.inject(&request("10.0.0.1").build())), "transmit");
    works(&wire);
}

/// A clock that panics while it is told to.
struct Moody {
    now: Arc<AtomicBool>,
    wait: Arc<AtomicBool>,
}

impl ClockSource for Moody {
    fn now(&self) -> Duration {
        assert!(!self.now.load(Ordering::Relaxed), "now");
        Duration::from_secs(1)
    }

    fn wait(&self, _: BorrowedFd<'_>, _: Option<Duration>) -> Result<()> {
        assert!(!self.wait.load(Ordering::Relaxed), "wait");
        Err(Error::TimedOut)
    }
}

fn moody() -> (Moody, Arc<AtomicBool>, Arc<AtomicBool>) {
    let (now, wait) = (Arc::default(), Arc::default());
    (Moody { now: Arc::clone(&now), wait: Arc::clone(&wait) }, now, wait)
}

#[test]
fn panic_of_a_clock_comes_out_of_what_asked_it() {
    let _alone = alone();
    let (clock, now, wait) = moody();
    let driven = Loop::with(StackOptions::new().clock_source(clock));
    wait.store(true, Ordering::Relaxed);
    assert_eq!(panic_of(|| driven.run()), "wait");
    wait.store(false, Ordering::Relaxed);
    assert!(matches!(driven.stack.run(), Err(Error::TimedOut)));
    now.store(true, Ordering::Relaxed);
    assert_eq!(panic_of(|| driven.stack.poll()), "now");
    now.store(false, Ordering::Relaxed);
    driven.write(&request(ours(4)));
    driven.stack.poll().unwrap();
    assert_eq!(driven.read(), request(ours(4)).answer());
}

#[test]
fn panic_of_a_clock_or_a_random_source_comes_out_where_the_stack_is_made() {
    let _alone = alone();
    let (clock, now, _) = moody();
    now.store(true, Ordering::Relaxed);
    // Whether it is asked that early is the library's affair; nothing may end the process.
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        Stack::with(StackOptions::new().clock_source(clock)).map(drop)
    }));
    assert!(made.is_err() || made.is_ok_and(|made| made.is_ok()));
    // The stack that was made by then is ended: nothing has the function any more.
    let dropped = Arc::new(AtomicUsize::new(0));
    let counted = Counted(Arc::clone(&dropped));
    let random = move || {
        let _ = &counted;
        panic!("random")
    };
    assert_eq!(panic_of(|| Stack::with(StackOptions::new().random(random))), "random");
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

/// Panics when it is dropped.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "{}", self.0);
    }
}

fn handler_with(bomb: Bomb) -> impl Fn(&mut netstack::Request<'_>) -> Verdict + Send + Sync + 'static {
    move |_| {
        let _ = &bomb;
        Verdict::Consumed
    }
}

#[test]
fn panic_in_the_drop_of_a_handler_comes_out_of_its_removal() {
    let _alone = alone();
    let wire = Wire::new();
    wire.on_echo(handler_with(Bomb("first")));
    assert_eq!(panic_of(|| wire.stack.on_echo(handler_with(Bomb("second")))), "first");
    assert!(wire.send(&request(ours(4))).is_empty());
    assert_eq!(panic_of(|| wire.stack.remove_handler(netstack::Family::Any)), "second");
    works(&wire);
}

#[test]
fn panic_in_the_drop_of_what_a_stack_has_comes_out_of_its_drop() {
    let _alone = alone();
    let stack = Stack::new().unwrap();
    stack.on_echo(handler_with(Bomb("handler"))).unwrap();
    assert_eq!(panic_of(|| drop(stack)), "handler");

    let bomb = Bomb("transmit");
    let link = CallbackLink::new(None, move |_| {
        let _ = &bomb;
        Ok(())
    });
    assert_eq!(panic_of(|| drop(link)), "transmit");

    let bomb = Bomb("notify");
    let notify = move || {
        let _ = &bomb;
    };
    assert_eq!(panic_of(|| drop(Channel::with(ChannelOptions::new().notify(notify)))), "notify");

    let bomb = Bomb("random");
    let options = StackOptions::new().random(move || {
        let _ = &bomb;
        7
    });
    assert_eq!(panic_of(|| drop(options)), "random");
}

#[test]
fn panic_in_the_drop_of_a_transmit_comes_out_of_the_removal_of_its_nic() {
    let _alone = alone();
    let wire = Wire::new();
    let bomb = Bomb("transmit");
    let link = CallbackLink::new(None, move |_| {
        let _ = &bomb;
        Ok(())
    });
    let nic = wire.stack.add_nic(link.unwrap(), NicOptions::new()).unwrap();
    assert_eq!(nic.id(), 2);
    assert_eq!(panic_of(|| nic.remove()), "transmit");
    // It is removed all the same.
    assert!(wire.stack.nic(2).is_none());
    works(&wire);
}

#[test]
fn drop_of_a_handler_that_removed_itself_panics_where_the_library_lets_it_go() {
    let _alone = alone();
    let wire = Wire::new();
    let stack = Arc::downgrade(&wire.stack);
    let bomb = Bomb("handler");
    wire.on_echo(move |_| {
        let _ = &bomb;
        stack.upgrade().unwrap().remove_handler(netstack::Family::Any).unwrap();
        Verdict::Consumed
    });
    let text = panic_of(|| {
        wire.link.inject(&request(ours(4)).build()).unwrap();
        // It may be let go later: by the next change, of whatever kind.
        wire.the_nic().set_spoofing(true).unwrap();
        wire.stack.add_routes(&[]).unwrap();
        wire.stack.remove_handler(netstack::Family::Any).unwrap();
    });
    assert_eq!(text, "handler");
    works(&wire);
}

/// The last call to leave the library lets go of what others removed meanwhile, be it one that only asks.
#[test]
fn panic_in_the_drop_of_a_notify_comes_out_of_whichever_call_leaves_last() {
    let _alone = alone();
    let wire = Wire::new();
    let socket = wire.stack.ping_socket(Family::V4).unwrap();
    socket.bind(None, 7).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| socket.name()));
            }
        });
        for _ in 0..3000 {
            let bomb = Bomb("notify");
            let options = SocketOptions::new().notify(move || {
                let _ = &bomb;
            });
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                wire.stack.ping_socket_with(Family::V4, options).map(drop)
            }));
        }
        over.store(true, Ordering::Relaxed);
    });
    works(&wire);
}

#[test]
fn panics_of_other_threads_stay_there() {
    let _alone = alone();
    let wire = Wire::new();
    wire.on_echo(|request| {
        assert!(request.sequence() != 2, "two");
        Verdict::Declined
    });
    let inject = |sequence| wire.link.inject(&request(ours(4)).sequence(sequence).build());
    let wire_ref = &wire;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                for at in 0..200u16 {
                    let sequence = 1 + at % 2;
                    let call = || wire_ref.link.inject(&request(ours(4)).sequence(sequence).build());
                    if sequence == 2 {
                        assert_eq!(panic_of(call), "two");
                    } else {
                        call().unwrap();
                    }
                }
            });
        }
    });
    assert!(elsewhere(|| inject(1)).is_ok());
    assert_eq!(counted(&wire.stack), [801, 0, 401, 400, 0]);
}

#[test]
fn manual_clock_is_none_of_those() {
    let _alone = alone();
    let clock = ManualClock::new(Duration::from_secs(3)).unwrap();
    let stack = Stack::with(StackOptions::new().clock(&clock)).unwrap();
    assert!(matches!(stack.run(), Err(Error::Unsupported(_))));
}

/// A descriptor that can't be had.
struct NoFd;

impl AsFd for NoFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        panic!("no descriptor")
    }
}

const CHILD: &str = "NETSTACK_TEST_PANIC_WITHOUT_A_FRAME";

/// Where C delivers, nothing of ours is beneath: the panic has nowhere to go.
#[test]
fn panic_beneath_no_call_of_ours_ends_the_process() {
    let _alone = alone();
    if std::env::var_os(CHILD).is_some() {
        deliver_from_c();
    }
    let name = "panic_beneath_no_call_of_ours_ends_the_process";
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", name])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&outcome.status), Some(6), "{said}");
    assert!(said.contains("nobody catches this"), "{said}");
    assert!(!String::from_utf8_lossy(&outcome.stdout).contains("C went on"));
}

fn deliver_from_c() -> ! {
    // A call that unwound on its way into the library is over as well.
    assert_eq!(panic_of(|| FdLink::new(NoFd, None, PacketInformation::None)), "no descriptor");
    // The notify of a channel, called by C's own ns_link_inject() on the thread's behalf: the link is found by its
    // only field.
    let link = Channel::with(ChannelOptions::new().notify(|| panic!("nobody catches this"))).unwrap();
    let stack = Stack::new().unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    let packet = request(ours(4)).build();
    // SAFETY: a link is one pointer; the bytes are there.
    unsafe {
        let raw: *mut sys::ns_link = *std::ptr::from_ref::<Channel>(&link).cast();
        let _ = sys::ns_link_inject(raw, packet.as_ptr(), packet.len());
    }
    println!("C went on");
    std::process::exit(0)
}

#[test]
fn links_over_descriptors_are_dropped_quietly() {
    let _alone = alone();
    let (peer, ours) = std::os::unix::net::UnixDatagram::pair().unwrap();
    let link = FdLink::new(&ours, None, PacketInformation::None).unwrap();
    drop((peer, ours));
    drop(link);
}
