//! Links and clocks: channels, callbacks, descriptors; time that stands still, and time of one's own.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "wire/sequenced.rs"]
mod sequenced;
mod wire;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use netstack::{
    CallbackLink, Channel, ChannelOptions, ClockSource, Error, FdLink, Injected, ManualClock, NicOptions,
    PacketInformation, Result, Stack, StackOptions, Verdict,
};
use wire::{addresses, elsewhere, ip, ours, request, wait, Loop, Wire, BOTH, PATIENCE};

fn with_link(link: impl AsRef<netstack::Link>) -> Stack {
    let stack = Stack::new().unwrap();
    stack.add_nic(link, addresses()).unwrap();
    stack
}

#[test]
fn channel_is_a_queue() {
    let wire = Wire::new();
    assert_eq!(wire.link.read(), None);
    let asked: Vec<_> = (0..3).map(|sequence| request(ours(4)).sequence(sequence)).collect();
    for each in &asked {
        wire.link.inject(&each.build()).unwrap();
    }
    assert_eq!(wire.link.read(), Some(asked[0].answer().build()));
    let rest: Vec<_> = asked[1..].iter().map(|each| each.answer().build()).collect();
    assert_eq!(wire.link.drain().collect::<Vec<_>>(), rest);
    assert_eq!(wire.link.read(), None);
}

#[test]
fn channel_drops_what_it_has_no_room_for() {
    let link = Channel::with(ChannelOptions::new().capacity(2)).unwrap();
    let stack = with_link(&link);
    stack.on_echo(|each| each.reply().map_or(Verdict::Declined, |()| Verdict::Consumed)).unwrap();
    for sequence in 0..5 {
        assert_eq!(link.inject(&request(ours(4)).sequence(sequence).build()).unwrap(), Injected::Taken);
    }
    let sequences: Vec<_> = link.drain().map(|packet| wire::read(&packet).sequence).collect();
    assert_eq!(sequences, [0, 1]);
    link.inject(&request(ours(4)).build()).unwrap();
    assert_eq!(link.drain().count(), 1);
}

#[test]
fn read_into_too_small_a_buffer_keeps_the_packet() {
    let wire = Wire::new();
    let mut buffer = [0; 100];
    assert!(matches!(wire.link.read_into(&mut buffer), Err(Error::WouldBlock)));
    let answer = request(ours(4)).answer().build();
    wire.link.inject(&request(ours(4)).build()).unwrap();
    for room in [0, 1, answer.len() - 1] {
        let why = wire.link.read_into(&mut buffer[..room]).unwrap_err();
        assert!(matches!(why, Error::InvalidArgument(_)));
        assert_eq!(why.to_string(), format!("the packet has 32 bytes, the buffer room for {room}"));
    }
    assert_eq!(wire.link.read_into(&mut buffer[..32]).unwrap(), 32);
    assert_eq!(buffer[..32], answer);
    assert_eq!(wire.link.read_into(&mut []).unwrap_err().to_string(), "nothing there now, or no room");
}

#[test]
fn channel_notifies_when_it_was_empty() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&calls);
    let notify = move || {
        counts.fetch_add(1, Ordering::Relaxed);
    };
    let link = Channel::with(ChannelOptions::new().notify(notify)).unwrap();
    let _stack = with_link(&link);
    let inject = || link.inject(&request(ours(4)).build()).unwrap();
    for _ in 0..3 {
        inject();
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(link.drain().count(), 3);
    inject();
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[test]
fn notify_may_read_the_channel() {
    let shared: Arc<Mutex<Option<Arc<Channel>>>> = Arc::default();
    let (weak, read) = (Arc::downgrade(&shared), Arc::new(AtomicUsize::new(0)));
    let counts = Arc::clone(&read);
    let notify = move || {
        let link = weak.upgrade().unwrap().lock().unwrap().clone().unwrap();
        counts.fetch_add(link.drain().count(), Ordering::Relaxed);
    };
    let link = Arc::new(Channel::with(ChannelOptions::new().notify(notify)).unwrap());
    *shared.lock().unwrap() = Some(Arc::clone(&link));
    let _stack = with_link(&*link);
    for _ in 0..3 {
        link.inject(&request(ours(6)).build()).unwrap();
    }
    assert_eq!(read.load(Ordering::Relaxed), 3);
}

#[test]
fn mtu_is_the_largest_packet() {
    for mtu in [68, 576, 1500, netstack::MTU_MAX] {
        let link = Channel::with_mtu(mtu).unwrap();
        let stack = Stack::new().unwrap();
        stack.add_nic(&link, NicOptions::new().address("192.168.0.1/24")).unwrap();
        assert_eq!(link.mtu(), mtu);
        let payload = vec![7; mtu as usize - 28];
        let fits = request(ours(4)).payload(&payload);
        link.inject(&fits.build()).unwrap();
        assert_eq!(link.drain().collect::<Vec<_>>(), [fits.answer().build()]);
        if mtu < netstack::MTU_MAX {
            link.inject(&request(ours(4)).payload(&vec![7; mtu as usize - 27]).build()).unwrap();
            let fragments: Vec<_> = link.drain().collect();
            assert_eq!(fragments.len(), 2);
            assert!(fragments.iter().all(|each| each.len() <= mtu as usize));
        }
    }
    assert_eq!(Channel::new().unwrap().mtu(), 1500);
    assert_eq!(CallbackLink::new(None, |_| Ok(())).unwrap().mtu(), 1500);
    assert_eq!(CallbackLink::new(Some(99), |_| Ok(())).unwrap().mtu(), 99);
}

#[test]
fn callback_link_sends() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let sends = Arc::clone(&sent);
    let link = CallbackLink::new(None, move |packet| {
        sends.lock().unwrap().push(packet.to_vec());
        Ok(())
    })
    .unwrap();
    let _stack = with_link(&link);
    for family in BOTH {
        assert_eq!(link.inject(&request(ours(family)).build()).unwrap(), Injected::Taken);
    }
    assert_eq!(*sent.lock().unwrap(), BOTH.map(|family| request(ours(family)).answer().build()));
}

#[test]
fn callback_link_that_fails_is_no_failure_of_the_reply() {
    let errors: [fn() -> Error; 5] = [
        || Error::WouldBlock,
        || Error::NoMemory,
        || Error::Closed("gone".into()),
        || io::Error::other("broken").into(),
        || Error::Internal("odd".into()),
    ];
    for error in errors {
        let calls = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&calls);
        let link = CallbackLink::new(None, move |_| {
            counts.fetch_add(1, Ordering::Relaxed);
            Err(error())
        })
        .unwrap();
        let stack = with_link(&link);
        assert_eq!(link.inject(&request(ours(4)).build()).unwrap(), Injected::Taken);
        stack
            .on_echo(|each| {
                each.reply().unwrap();
                each.reply().unwrap();
                Verdict::Declined
            })
            .unwrap();
        assert_eq!(link.inject(&request(ours(4)).build()).unwrap(), Injected::Taken);
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}

#[test]
fn transmit_may_inject_into_another_link() {
    // Two stacks face to face: what one sends, the other gets.
    let inner = Arc::new(Wire::nic(NicOptions::new().address("10.0.0.2/24")));
    let to = Arc::clone(&inner);
    let link = CallbackLink::new(None, move |packet| to.link.inject(packet).map(drop)).unwrap();
    let stack = Stack::new().unwrap();
    stack.add_nic(&link, NicOptions::new().address("10.0.0.1/24")).unwrap();
    let mut echo = request("10.0.0.1");
    echo.source = ip("10.0.0.2");
    // The inner stack gets a reply that it did not ask for.
    let seen = Arc::new(AtomicUsize::new(0));
    let shows = Arc::clone(&seen);
    inner
        .stack
        .on_echo_with(netstack::EchoOptions::new().echo_replies(), move |each| {
            assert_eq!((each.icmp_type(), each.source()), (0, ip("10.0.0.1")));
            shows.fetch_add(1, Ordering::Relaxed);
            Verdict::Consumed
        })
        .unwrap();
    link.inject(&echo.build()).unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), 1);
}

#[test]
fn packet_information_goes_both_ways() {
    let kinds: [(PacketInformation, &[u8], &[u8]); 3] = [
        (PacketInformation::None, b"", b""),
        (PacketInformation::Linux, b"\0\0\x08\0", b"\0\0\x86\xdd"),
        (PacketInformation::Utun, b"\0\0\0\x02", b"\0\0\0\x1e"),
    ];
    for (information, v4, v6) in kinds {
        let (peer, ours_) = UnixDatagram::pair().unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        let link = FdLink::new(&ours_, Some(1400), information).unwrap();
        // It has a duplicate.
        drop(ours_);
        assert_eq!(link.mtu(), 1400);
        let stack = with_link(link);
        for (family, before) in [(4, v4), (6, v6)] {
            let echo = request(ours(family));
            peer.send(&[before, &echo.build()].concat()).unwrap();
            assert_eq!(stack.poll().unwrap(), 1);
            let mut buffer = [0; 2000];
            let length = peer.recv(&mut buffer).unwrap();
            assert_eq!(buffer[..length], [before, &echo.answer().build()].concat());
        }
        // Too short for what stands before a packet, and nothing at all.
        for odd in [&b"\0"[..], b"\0\0\0", b"\0\0\0\0"] {
            peer.send(odd).unwrap();
        }
        stack.poll().unwrap();
        peer.set_nonblocking(true).unwrap();
        assert_eq!(peer.recv(&mut [0; 100]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}

#[test]
fn fd_link_is_injected_into_as_well() {
    let driven = Loop::new();
    let (peer, ours_) = UnixDatagram::pair().unwrap();
    let link = FdLink::new(&ours_, None, PacketInformation::None).unwrap();
    driven.stack.add_nic(&link, NicOptions::new().address("10.0.0.1/24")).unwrap();
    let mut echo = request("10.0.0.1");
    echo.source = ip("10.0.0.7");
    link.inject(&echo.build()).unwrap();
    let mut buffer = [0; 100];
    assert_eq!(peer.recv(&mut buffer).unwrap(), 32);
    assert_eq!(buffer[..32], echo.answer().build());
}

#[test]
fn descriptors_that_do_not_keep_packets_apart_are_refused() {
    let (stream, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    let said = |descriptor: BorrowedFd<'_>| {
        let why = FdLink::new(descriptor, None, PacketInformation::None).unwrap_err();
        assert!(matches!(why, Error::InvalidArgument(_)), "{why:?}");
        why.to_string().replace(&format!("descriptor {} ", descriptor.as_raw_fd()), "descriptor N ")
    };
    assert_eq!(
        said(stream.as_fd()),
        "descriptor N is a stream socket, which does not keep packets apart; use a datagram or sequenced-packet socket"
    );
    assert_eq!(
        said(File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap().as_fd()),
        "descriptor N is a file, directory or pipe, which does not keep packets apart; pass an open TUN device or socket"
    );
    assert_eq!(
        said(File::open("/dev/null").unwrap().as_fd()),
        "descriptor N is open for one direction only; open it for reading and writing"
    );
}

fn readable(stack: &Stack) -> bool {
    let mut waiting = libc::pollfd { fd: stack.as_fd().as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one entry, which is there.
    unsafe { libc::poll(&raw mut waiting, 1, 0) == 1 }
}

#[test]
fn descriptor_is_readable_when_poll_has_something_to_do() {
    let driven = Loop::new();
    // The NIC is new.
    assert_eq!(driven.stack.poll().unwrap(), 0);
    assert!(!readable(&driven.stack));
    for sequence in 0..20 {
        driven.write(&request(ours(4)).sequence(sequence));
    }
    let mut read = 0;
    while read < 20 {
        assert!(readable(&driven.stack));
        read += driven.stack.poll().unwrap();
    }
    assert_eq!(read, 20);
    for sequence in 0..20 {
        assert_eq!(driven.read().sequence, sequence);
    }
    assert!(!readable(&driven.stack));
    assert_eq!(driven.stack.next_deadline(), None);
}

#[test]
fn peer_that_is_gone_ends_run_and_poll() {
    let [peer, own] = sequenced::pair();
    let stack = with_link(FdLink::new(own, None, PacketInformation::None).unwrap());
    drop(peer);
    assert!(matches!(stack.run(), Err(Error::Closed(why)) if why.starts_with("NIC 1: ")));
    // It is told once.
    assert_eq!(stack.poll().unwrap(), 0);

    let [peer, own] = sequenced::pair();
    let stack = with_link(FdLink::new(own, None, PacketInformation::None).unwrap());
    drop(peer);
    assert!(matches!(stack.poll(), Err(Error::Closed(why)) if why.starts_with("NIC 1: ")));
}

#[test]
fn signals_do_not_end_run() {
    static SIGNALS: AtomicUsize = AtomicUsize::new(0);
    extern "C" fn count(_: libc::c_int) {
        SIGNALS.fetch_add(1, Ordering::SeqCst);
    }
    let driven = Loop::new();
    // SAFETY: the handler does nothing but count; the thread is there until it is joined.
    unsafe { libc::signal(libc::SIGUSR1, count as extern "C" fn(libc::c_int) as libc::sighandler_t) };
    std::thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::channel();
        let driven = &driven;
        let running = scope.spawn(move || {
            // SAFETY: plain.
            sender.send(unsafe { libc::pthread_self() }).unwrap();
            driven.stack.run()
        });
        let thread = wait(&receiver);
        for sequence in 0..50 {
            driven.write(&request(ours(4)).sequence(sequence));
            assert_eq!(driven.read(), request(ours(4)).sequence(sequence).answer());
            // It has nothing to do any more, and waits.
            let before = SIGNALS.load(Ordering::SeqCst);
            // SAFETY: as above.
            unsafe { libc::pthread_kill(thread, libc::SIGUSR1) };
            while SIGNALS.load(Ordering::SeqCst) == before {
                assert!(!running.is_finished());
                std::thread::yield_now();
            }
        }
        assert!(!running.is_finished());
        driven.stack.stop();
        running.join().unwrap().unwrap();
    });
}

#[test]
fn manual_clock_stands_still_until_it_is_advanced() {
    let clock = ManualClock::new(Duration::new(5, 3)).unwrap();
    let same = clock.clone();
    assert_eq!(clock.now(), Duration::new(5, 3));
    clock.advance(Duration::ZERO);
    assert_eq!(same.now(), Duration::new(5, 3));
    elsewhere(|| same.advance(Duration::from_nanos(1)));
    assert_eq!(clock.now(), Duration::new(5, 4));
    // It stops short of the time that never comes, and never goes back.
    clock.advance(Duration::MAX);
    let last = clock.now();
    assert_eq!(last, Duration::from_nanos(u64::MAX - 1));
    clock.advance(Duration::MAX);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(clock.now(), last);
    assert_eq!(ManualClock::new(Duration::MAX).unwrap().now(), last);
}

#[test]
fn manual_clock_does_not_go_beyond_the_end_of_time() {
    let end = Duration::from_nanos(u64::MAX - 1);
    let clock = ManualClock::new(Duration::MAX).unwrap();
    assert_eq!(clock.now(), end);
    let wire = Wire::new();
    for by in [Duration::MAX, Duration::from_nanos(1), Duration::ZERO] {
        clock.advance(by);
        wire.clock.advance(by);
        assert_eq!((clock.now(), wire.clock.now()), (end, end));
    }
    assert_eq!((wire.stack.poll().unwrap(), wire.stack.next_deadline()), (0, None));
    assert_eq!(wire.answers(&request(ours(4))), 1);
}

#[test]
fn one_clock_of_two_stacks_outlives_both() {
    let clock = ManualClock::new(Duration::ZERO).unwrap();
    let stacks = [(); 2].map(|()| Stack::with(StackOptions::new().clock(&clock)).unwrap());
    clock.advance(Duration::from_secs(1));
    for stack in &stacks {
        stack.poll().unwrap();
    }
    drop(stacks);
    clock.advance(Duration::from_secs(1));
    assert_eq!(clock.now(), Duration::from_secs(2));
    let stack = Stack::with(StackOptions::new().clock(&clock)).unwrap();
    drop(clock);
    stack.poll().unwrap();
}

#[test]
fn run_is_refused_with_a_manual_clock() {
    let wire = Wire::new();
    let why = wire.stack.run().unwrap_err();
    assert!(matches!(why, Error::Unsupported(_)));
    assert_eq!(why.to_string(), "this stack's clock has no wait function, so the stack can't wait for time to pass; give the clock one, or call poll \
         from a loop of your own");
}

/// A clock whose wait counts its calls and ends the third.
struct Counting {
    waits: Arc<AtomicU64>,
    end: fn() -> Error,
}

impl ClockSource for Counting {
    fn now(&self) -> Duration {
        Duration::from_secs(self.waits.load(Ordering::Relaxed))
    }

    fn wait(&self, descriptor: BorrowedFd<'_>, deadline: Option<Duration>) -> Result<()> {
        assert!(descriptor.as_raw_fd() >= 0);
        assert_eq!(deadline, None);
        if self.waits.fetch_add(1, Ordering::Relaxed) < 2 {
            Ok(())
        } else {
            Err((self.end)())
        }
    }
}

#[test]
fn error_of_a_clocks_wait_ends_run_and_comes_out_of_it() {
    type End = fn() -> Error;
    let ends: [(End, &str); 5] = [
        (|| Error::TimedOut, "the deadline has passed"),
        (|| Error::Closed("the radio is off".into()), "the radio is off"),
        (|| Error::Limited("enough".into()), "enough"),
        (|| io::Error::other("no such thing").into(), "the system refused: no such thing"),
        (|| Error::Internal("odd".into()), "odd"),
    ];
    for (end, text) in ends {
        let waits = Arc::default();
        let source = Counting { waits: Arc::clone(&waits), end };
        let driven = Loop::with(StackOptions::new().clock_source(source));
        driven.write(&request(ours(4)));
        let why = driven.run().unwrap_err();
        assert_eq!(waits.load(Ordering::Relaxed), 3);
        assert_eq!(std::mem::discriminant(&why), std::mem::discriminant(&end()), "{why:?}");
        assert_eq!(why.to_string(), text);
        assert_eq!(driven.read(), request(ours(4)).answer());
    }
}

#[test]
fn clock_source_without_a_wait_is_refused_by_run() {
    struct Still;
    impl ClockSource for Still {
        fn now(&self) -> Duration {
            Duration::from_secs(9)
        }
    }
    let stack = Stack::with(StackOptions::new().clock_source(Still)).unwrap();
    let why = stack.run().unwrap_err();
    assert!(matches!(why, Error::Unsupported(_)));
    assert_eq!(why.to_string(), "the clock can't wait");
    assert_eq!(stack.poll().unwrap(), 0);
}

#[test]
fn seeded_and_ones_own_random_numbers() {
    let calls = Arc::new(AtomicU64::new(0));
    let counts = Arc::clone(&calls);
    let stack = Stack::with(StackOptions::new().random(move || counts.fetch_add(1, Ordering::Relaxed))).unwrap();
    drop(stack);
    assert!(calls.load(Ordering::Relaxed) > 0);
    assert!(Stack::with(StackOptions::new().seed(7)).is_ok());
}

#[test]
fn what_there_is_shows_itself() {
    let wire = Wire::new();
    assert_eq!(format!("{:?}", wire.stack), "Stack { .. }");
    assert_eq!(format!("{:?}", wire.link), "Channel(Link { mtu: 1500, .. })");
    assert!(format!("{:?}", wire.the_nic()).contains("id: 1"));
    assert_eq!(netstack::version().split('.').count(), 3);
}
