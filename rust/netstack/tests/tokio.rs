//! A stack in tokio: who drives, who waits, what ends it. Time is tokio's, and passes at once where it is paused.
#![cfg(feature = "tokio")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "wire/sequenced.rs"]
mod sequenced;
mod wire;

use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

use netstack::tokio::{ping, ping_with, run};
use netstack::{
    CallbackLink, Channel, ClockSource, Error, Family, FdLink, NicOptions, PacketInformation, PingOptions,
    SocketOptions, Stack, StackOptions, Verdict,
};
use tokio::task::{spawn, yield_now};
use tokio::time::Instant;
use wire::{addresses, checksum, ip, ours, peer, read, reply, request, Loop, Wire, BOTH};

/// A stack whose peer answers at once.
fn answered() -> Stack {
    let stack = Stack::new().unwrap();
    let end = Arc::new(OnceLock::<CallbackLink>::new());
    let mine = Arc::clone(&end);
    let link =
        CallbackLink::new(None, move |packet| mine.get().unwrap().inject(&read(packet).answer().build()).map(drop));
    let link = link.unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    assert!(end.set(link).is_ok());
    stack
}

/// The peer of a loop answers one ping from another thread.
fn answer_one(lp: Loop) -> std::thread::JoinHandle<Loop> {
    std::thread::spawn(move || {
        let echo = lp.read();
        lp.write(&echo.answer());
        lp
    })
}

/// What a task ended with; a panic there is one here.
async fn end<T>(task: tokio::task::JoinHandle<T>) -> T {
    task.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

fn running(stack: &Arc<Stack>) -> tokio::task::JoinHandle<netstack::Result<()>> {
    let stack = Arc::clone(stack);
    spawn(async move { run(&stack).await })
}

/// Polls a future once.
async fn once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

#[tokio::test]
async fn run_serves_a_device_until_the_stack_is_stopped() {
    for family in BOTH {
        let Loop { stack, peer } = Loop::new();
        let lp = Loop { stack: Arc::clone(&stack), peer };
        let task = running(&stack);
        let asked = std::thread::spawn(move || {
            for sequence in 0..300 {
                let echo = request(ours(family)).sequence(sequence);
                lp.write(&echo);
                assert_eq!(lp.read(), echo.answer());
            }
            lp.stack.stop();
        });
        end(task).await.unwrap();
        asked.join().unwrap();
        // Stopped is stopped.
        run(&stack).await.unwrap();
    }
}

/// Each request brings the next, so that the device always has more.
#[tokio::test]
async fn a_run_that_always_has_packets_lets_others_run() {
    const ALL: u64 = 2000;
    let lp = Loop::new();
    let (feeder, count) = (lp.peer.try_clone().unwrap(), Arc::new(AtomicU64::new(0)));
    let counts = Arc::clone(&count);
    lp.stack
        .on_echo(move |_| {
            if counts.fetch_add(1, Ordering::SeqCst) < ALL {
                feeder.send(&request(ours(4)).build()).unwrap();
            }
            Verdict::Consumed
        })
        .unwrap();
    let other = async {
        let at = count.load(Ordering::SeqCst);
        lp.stack.stop();
        at
    };
    lp.write(&request(ours(4)));
    let (ran, at) = tokio::join!(run(&lp.stack), other);
    ran.unwrap();
    assert!((1..ALL).contains(&at), "{at}");
}

#[tokio::test]
async fn run_ends_when_it_is_dropped() {
    let lp = Loop::new();
    {
        let mut task = pin!(run(&lp.stack));
        assert!(once(task.as_mut()).await.is_pending());
        lp.write(&request(ours(4)));
    }
    yield_now().await;
    assert_eq!(lp.stack.counter("ip.packets_received").unwrap(), 0);
    lp.stack.poll().unwrap();
    assert_eq!(lp.read(), request(ours(4)).answer());
}

#[tokio::test]
async fn a_device_that_is_gone_ends_the_run_and_it_may_run_again() {
    let lp = Loop::new();
    let [near, far] = sequenced::pair();
    let link = FdLink::new(near, None, PacketInformation::None).unwrap();
    lp.stack.add_nic(link, NicOptions::new()).unwrap();
    drop(far);
    match run(&lp.stack).await {
        Err(Error::Closed(why)) => assert!(why.starts_with("NIC 2: "), "{why}"),
        other => panic!("{other:?}"),
    }
    let task = running(&lp.stack);
    lp.write(&request(ours(4)));
    let lp = tokio::task::spawn_blocking(move || {
        assert_eq!(lp.read(), request(ours(4)).answer());
        lp
    });
    end(lp).await.stack.stop();
    end(task).await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_handler_comes_out_of_the_run_that_drives() {
    let lp = Loop::new();
    lp.stack.on_echo(|_| panic!("the handler is broken")).unwrap();
    let task = running(&lp.stack);
    lp.write(&request(ours(4)));
    let panic = task.await.unwrap_err().into_panic();
    assert_eq!(*panic.downcast::<&str>().unwrap(), "the handler is broken");
    // The stack goes on.
    lp.stack.on_echo(|_| Verdict::Declined).unwrap();
    let task = running(&lp.stack);
    lp.write(&request(ours(4)));
    let lp = tokio::task::spawn_blocking(move || {
        assert_eq!(lp.read(), request(ours(4)).answer());
        lp
    });
    end(lp).await.stack.stop();
    end(task).await.unwrap();
}

#[tokio::test]
async fn a_reply_that_is_there_at_once_is_taken() {
    let stack = answered();
    for family in BOTH {
        let options = PingOptions::new().sequence(7).payload("data").ttl(9).tos(8).source(ip(ours(family)));
        let reply = ping_with(&stack, ip(peer(family)), options).await.unwrap();
        assert_eq!((reply.packet.info().sequence(), reply.packet.payload()), (7, &b"data"[..]));
        assert_eq!(reply.packet.info().tos(), 8);
        assert!(reply.rtt < wire::PATIENCE);
    }
}

#[tokio::test]
async fn a_ping_drives_the_stack_where_nobody_does() {
    let lp = Loop::new();
    let stack = Arc::clone(&lp.stack);
    let far = answer_one(lp);
    let options = PingOptions::new().timeout(wire::PATIENCE);
    let reply = ping_with(&stack, ip(peer(4)), options).await.unwrap();
    assert_eq!(reply.packet.info().source(), ip(peer(4)));
    far.join().unwrap();
}

#[tokio::test]
async fn a_ping_beside_a_run_leaves_the_driving_to_it() {
    let lp = Loop::new();
    let mut task = pin!(run(&lp.stack));
    assert!(once(task.as_mut()).await.is_pending());
    let mut waiting = pin!(ping_with(&lp.stack, ip(peer(6)), PingOptions::new().timeout(wire::PATIENCE)));
    assert!(once(waiting.as_mut()).await.is_pending());
    lp.write(&lp.read().answer());
    // Often enough for tokio to look at the descriptor.
    for _ in 0..200 {
        yield_now().await;
        assert!(once(waiting.as_mut()).await.is_pending());
    }
    assert_eq!(lp.stack.counter("ip.packets_received").unwrap(), 0);
    tokio::select! {
        ended = task => panic!("{ended:?}"),
        reply = waiting => assert_eq!(reply.unwrap().packet.info().source(), ip(peer(6))),
    }
}

#[tokio::test]
async fn a_ping_goes_on_by_itself_when_the_run_is_dropped() {
    let lp = Loop::new();
    let stack = Arc::clone(&lp.stack);
    let mut waiting = pin!(ping_with(&stack, ip(peer(4)), PingOptions::new().timeout(wire::PATIENCE)));
    {
        let mut task = pin!(run(&stack));
        assert!(once(task.as_mut()).await.is_pending());
        assert!(once(waiting.as_mut()).await.is_pending());
    }
    let far = answer_one(lp);
    waiting.await.unwrap();
    far.join().unwrap();
}

#[tokio::test]
async fn a_panic_in_a_handler_comes_out_of_the_ping_that_drives() {
    let lp = Loop::new();
    lp.stack.on_echo(|_| panic!("the handler is broken")).unwrap();
    lp.write(&request(ours(4)));
    let stack = Arc::clone(&lp.stack);
    let task = spawn(async move { ping(&stack, ip(peer(4))).await.map(drop) });
    let panic = task.await.unwrap_err().into_panic();
    assert_eq!(*panic.downcast::<&str>().unwrap(), "the handler is broken");
}

#[tokio::test(start_paused = true)]
async fn silence_ends_with_the_timeout_and_leaves_nothing_behind() {
    let stack = Stack::new().unwrap();
    let link = Channel::new().unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    for (options, expected) in [
        (PingOptions::new(), Duration::from_secs(1)),
        (PingOptions::new().timeout(Duration::from_secs(100)), Duration::from_secs(100)),
    ] {
        let begin = Instant::now();
        let error = ping_with(&stack, ip(peer(4)), options).await.unwrap_err();
        assert!(matches!(error, Error::TimedOut), "{error:?}");
        assert_eq!(error.to_string(), "the deadline has passed");
        assert_eq!(begin.elapsed().as_secs(), expected.as_secs());
        // Its identifier is free again.
        let sent = read(&link.read().unwrap());
        stack.ping_socket(Family::V4).unwrap().bind(None, sent.identifier).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn another_sequence_number_is_no_reply() {
    let stack = Stack::new().unwrap();
    let link = Channel::new().unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    let mut waiting = pin!(ping_with(&stack, ip(peer(4)), PingOptions::new().sequence(7)));
    assert!(once(waiting.as_mut()).await.is_pending());
    let sent = read(&link.read().unwrap());
    link.inject(&sent.answer().sequence(8).build()).unwrap();
    assert!(once(waiting.as_mut()).await.is_pending());
    link.inject(&sent.answer().build()).unwrap();
    assert_eq!(waiting.await.unwrap().packet.info().sequence(), 7);
}

/// A clock whose time is set.
#[derive(Clone, Default)]
struct Set(Arc<AtomicU64>);

impl ClockSource for Set {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Tokio's time, which passes where it is paused as soon as nobody has anything else to do.
struct TokioTime(Instant);

impl ClockSource for TokioTime {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A poll of somebody else's takes the wake that says that the next deadline moved nearer.
#[tokio::test(start_paused = true)]
async fn a_run_keeps_the_deadline_that_another_poll_was_woken_for() {
    let clock = TokioTime(Instant::now());
    let stack = Arc::new(Stack::with(StackOptions::new().clock_source(clock)).unwrap());
    let link = Channel::new().unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    let driver = running(&stack);
    yield_now().await;

    let mut first_fragment = request(ours(4)).payload(&[0; 24]).build();
    first_fragment[6] = 0x20;
    first_fragment[10..12].fill(0);
    let sum = checksum(&[&first_fragment[..20]]);
    first_fragment[10..12].copy_from_slice(&sum.to_be_bytes());
    link.inject(&first_fragment).unwrap();
    stack.poll().unwrap();
    tokio::time::sleep(Duration::from_secs(31)).await;
    let error = link.read().expect("what tells the sender that the others did not come");
    assert_eq!(error[20..22], [11, 1]);

    stack.stop();
    end(driver).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_time_of_another_reply_is_not_that_of_the_right_one() {
    let clock = Set::default();
    let stack = Stack::with(StackOptions::new().clock_source(clock.clone())).unwrap();
    let link = Channel::new().unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    for seen_between in [true, false] {
        clock.0.store(0, Ordering::SeqCst);
        let mut waiting = pin!(ping_with(&stack, ip(peer(4)), PingOptions::new().sequence(7)));
        assert!(once(waiting.as_mut()).await.is_pending());
        let sent = read(&link.read().unwrap());
        for (milliseconds, sequence) in [(10, 8), (42, 7)] {
            clock.0.store(milliseconds, Ordering::SeqCst);
            link.inject(&sent.answer().sequence(sequence).build()).unwrap();
            if seen_between && sequence == 8 {
                assert!(once(waiting.as_mut()).await.is_pending());
            }
        }
        assert_eq!(waiting.await.unwrap().rtt, Duration::from_millis(42));
    }
}

#[tokio::test]
async fn a_stop_ends_those_that_wait() {
    let lp = Loop::new();
    let socket = lp.stack.ping_socket(Family::V4).unwrap();
    for with_run in [false, true] {
        let stack = Stack::new().unwrap();
        let link = Channel::new().unwrap();
        stack.add_nic(&link, addresses()).unwrap();
        let stack = Arc::new(stack);
        let task = with_run.then(|| running(&stack));
        yield_now().await;
        let waiting = spawn({
            let stack = Arc::clone(&stack);
            let options = PingOptions::new().timeout(wire::PATIENCE);
            async move { ping_with(&stack, ip(peer(4)), options).await.map(drop) }
        });
        while link.read().is_none() {
            yield_now().await;
        }
        stack.stop();
        let error = end(waiting).await.unwrap_err();
        assert!(matches!(error, Error::Closed(_)), "{error:?}");
        assert_eq!(error.to_string(), "the stack is stopped");
        if let Some(task) = task {
            end(task).await.unwrap();
        }
    }
    lp.stack.stop();
    assert_eq!(socket.received(&lp.stack).await.unwrap_err().to_string(), "the stack is stopped");
}

#[tokio::test]
async fn what_makes_no_sense_is_named() {
    let stack = answered();
    let with = |options| ping_with(&stack, ip(peer(4)), options);
    let said = |result: netstack::Result<netstack::PingReply>| result.unwrap_err().to_string();
    assert_eq!(said(with(PingOptions::new().ttl(0)).await), "ttl: 0 is not from 1 to 255");
    assert_eq!(
        said(with(PingOptions::new().source(ip("a::1"))).await),
        "source a::1 is not of the family of the destination 192.168.0.2"
    );
    assert_eq!(said(ping(&stack, ip("10.0.0.1")).await), "there is no way to 10.0.0.1");

    let wire = Wire::new();
    let with = |options| ping_with(&stack, ip(peer(4)), options);
    assert_eq!(said(with(PingOptions::new().nic(0)).await), "nic: 0 is no NIC: they are numbered from 1 on");
    let nobody = "source 0.0.0.0 is nobody's; leave it out to have one chosen";
    assert_eq!(said(with(PingOptions::new().source(ip("0.0.0.0"))).await), nobody);

    let manual = "a manual clock can't wait; call poll() when it was advanced";
    assert_eq!(run(&wire.stack).await.unwrap_err().to_string(), manual);
    assert_eq!(said(ping(&wire.stack, ip(peer(4))).await), manual);
    assert!(wire.link.read().is_none());
    let socket = wire.stack.ping_socket(Family::V4).unwrap();
    assert_eq!(socket.received(&wire.stack).await.unwrap_err().to_string(), manual);
}

#[tokio::test]
async fn sockets_await_their_packets() {
    let lp = Loop::new();
    let stack = Arc::clone(&lp.stack);
    let raw = stack.raw_socket(Family::V4).unwrap();
    let told = Arc::new(OnceLock::new());
    let tell = Arc::clone(&told);
    let options = SocketOptions::new().notify(move || tell.set(()).expect("it is told once"));
    let socket = stack.ping_socket_with(Family::V4, options).unwrap();
    socket.bind(None, 1234).unwrap();
    let mut waiting = pin!(socket.received(&stack));
    assert!(once(waiting.as_mut()).await.is_pending());
    for sequence in 1..=2 {
        lp.write(&reply(ours(4)).sequence(sequence));
    }
    assert_eq!(waiting.await.unwrap().info().sequence(), 1);
    assert!(told.get().is_some());
    assert_eq!(socket.received(&stack).await.unwrap().info().sequence(), 2);
    for sequence in 1..=2 {
        assert_eq!(raw.received(&stack).await.unwrap().info().sequence(), sequence);
    }
}

#[tokio::test]
async fn two_that_wait_for_one_socket_get_a_packet_each() {
    let lp = Loop::new();
    let stack = Arc::clone(&lp.stack);
    let socket = stack.ping_socket(Family::V4).unwrap();
    socket.bind(None, 1234).unwrap();
    let (mut first, mut second) = (pin!(socket.received(&stack)), pin!(socket.received(&stack)));
    assert!(once(first.as_mut()).await.is_pending());
    assert!(once(second.as_mut()).await.is_pending());
    for sequence in 1..=2 {
        lp.write(&reply(ours(4)).sequence(sequence));
    }
    let (first, second) = tokio::join!(first, second);
    let mut sequences = [first.unwrap(), second.unwrap()].map(|packet| packet.info().sequence());
    sequences.sort_unstable();
    assert_eq!(sequences, [1, 2]);
}

#[test]
fn futures_may_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let stack = Stack::new().unwrap();
    let socket = stack.ping_socket(Family::V4).unwrap();
    let raw = stack.raw_socket(Family::V4).unwrap();
    is_send(&run(&stack));
    is_send(&ping(&stack, ip(peer(4))));
    is_send(&socket.received(&stack));
    is_send(&raw.received(&stack));
}
