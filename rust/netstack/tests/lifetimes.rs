//! What lives how long: drops in any order, from any thread, inside handlers, while packets flow.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Barrier, Mutex, Weak};
use std::thread;
use std::time::Duration;

use netstack::{
    CallbackLink, Capture, Channel, ChannelOptions, ClockSource, EchoOptions, Error, Family, Injected, NicOptions,
    Prefix, RawSocketOptions, Request, Route, SocketOptions, Stack, StackOptions, Verdict,
};
use wire::{addresses, alone, elsewhere, ip, ours, request, wait, Loop, Wire, BOTH};

/// Counts how often it was dropped.
#[derive(Clone, Default)]
struct Drops(Arc<AtomicUsize>);

struct Marker(Arc<AtomicUsize>);

impl Drops {
    fn marker(&self) -> Marker {
        Marker(Arc::clone(&self.0))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Marker {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A handler that consumes, and closes over a value.
fn holding<T: Send + Sync + 'static>(value: T) -> impl Fn(&mut Request<'_>) -> Verdict + Send + Sync + 'static {
    move |_| {
        let _ = &value;
        Verdict::Consumed
    }
}

#[test]
fn handler_ends_once_with_the_last_that_had_it() {
    let _alone = alone();
    let drops = Drops::default();
    let wire = Wire::new();
    wire.on_echo(holding(drops.marker()));
    wire.send(&request(ours(4)));
    assert_eq!(drops.count(), 0);
    wire.on_echo(holding(drops.marker()));
    assert_eq!(drops.count(), 1);
    wire.stack.remove_handler(Family::V4).unwrap();
    assert_eq!(drops.count(), 1);
    wire.stack.remove_handler(Family::V6).unwrap();
    assert_eq!(drops.count(), 2);
    wire.stack.remove_handler(Family::Any).unwrap();
    wire.on_echo(holding(drops.marker()));
    wire.stack.on_echo_with(EchoOptions::new().family(Family::V6), holding(drops.marker())).unwrap();
    assert_eq!(drops.count(), 2);
    drop(wire);
    assert_eq!(drops.count(), 4);
}

#[test]
fn everything_that_a_stack_was_given_ends_with_it() {
    struct Source(#[allow(dead_code, reason = "it is dropped")] Marker);
    impl ClockSource for Source {
        fn now(&self) -> Duration {
            Duration::ZERO
        }
    }
    let _alone = alone();
    let drops = Drops::default();
    let (transmit, notify, random) = (drops.marker(), drops.marker(), drops.marker());
    let options = StackOptions::new().clock_source(Source(drops.marker())).random(move || {
        let _ = &random;
        7
    });
    let stack = Stack::with(options).unwrap();
    let out = CallbackLink::new(None, move |_| {
        let _ = &transmit;
        Ok(())
    });
    let notify = move || {
        let _ = &notify;
    };
    let queue = Channel::with(ChannelOptions::new().notify(notify)).unwrap();
    stack.add_nic(out.unwrap(), NicOptions::new()).unwrap();
    stack.add_nic(&queue, addresses()).unwrap();
    assert_eq!(queue.inject(&request(ours(4)).build()).unwrap(), Injected::Taken);
    assert_eq!(drops.count(), 0);
    drop(stack);
    assert_eq!(drops.count(), 3);
    assert!(matches!(queue.inject(b""), Err(Error::Closed(_))));
    assert_eq!(queue.drain().count(), 1);
    drop(queue);
    assert_eq!(drops.count(), 4);
}

#[test]
fn what_was_never_used_ends_too() {
    let _alone = alone();
    let drops = Drops::default();
    let marker = drops.marker();
    drop(StackOptions::new().random(move || {
        let _ = &marker;
        7
    }));
    let marker = drops.marker();
    let notify = move || {
        let _ = &marker;
    };
    assert!(Channel::with(ChannelOptions::new().capacity(0).notify(notify)).is_err());
    let marker = drops.marker();
    let transmit = move |_: &[u8]| {
        let _ = &marker;
        Ok(())
    };
    assert!(CallbackLink::new(Some(0), transmit).is_err());
    assert_eq!(drops.count(), 3);
}

#[test]
fn link_that_was_refused_is_free_if_lent_and_dropped_if_given() {
    let _alone = alone();
    let (wire, drops) = (Wire::new(), Drops::default());
    let link = || {
        let marker = drops.marker();
        let transmit = move |_: &[u8]| {
            let _ = &marker;
            Ok(())
        };
        CallbackLink::new(None, transmit).unwrap()
    };
    let lent = link();
    for options in [NicOptions::new().id(1), NicOptions::new().address("224.0.0.1"), NicOptions::new().id(0)] {
        assert!(wire.stack.add_nic(&lent, options).is_err());
    }
    assert_eq!(wire.stack.add_nic(&lent, NicOptions::new()).unwrap().id(), 2);
    assert_eq!(drops.count(), 0);
    assert!(wire.stack.add_nic(link(), NicOptions::new().id(1)).is_err());
    assert_eq!(drops.count(), 1);
}

#[test]
fn drops_in_any_order_from_any_thread() {
    type Part = Box<dyn std::any::Any + Send>;
    let _alone = alone();
    for order in 0..24 {
        for threads in [false, true] {
            let drops = Drops::default();
            let Wire { clock, stack, link } = Wire::new();
            stack.on_echo(holding(drops.marker())).unwrap();
            let kept = Arc::new(Mutex::new(Vec::new()));
            let keeps = Arc::clone(&kept);
            let (other, marker) = (Channel::new().unwrap(), drops.marker());
            stack.add_nic(&other, NicOptions::new().address("10.0.0.1/24")).unwrap();
            stack
                .on_echo(move |each| {
                    let _ = &marker;
                    keeps.lock().unwrap().push(each.keep().unwrap());
                    Verdict::Consumed
                })
                .unwrap();
            link.inject(&request(ours(4)).build()).unwrap();
            let mut parts: Vec<Part> = vec![Box::new(clock), Box::new(stack), Box::new((link, other)), Box::new(kept)];
            let mut order = order;
            while !parts.is_empty() {
                let part = parts.remove(order % parts.len());
                order /= parts.len() + 1;
                if threads {
                    thread::spawn(move || drop(part)).join().unwrap();
                } else {
                    drop(part);
                }
            }
            assert_eq!(drops.count(), 2);
        }
    }
}

/// A writer that goes with its captures.
struct Counted(#[allow(dead_code, reason = "it is dropped")] Marker);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn sockets_captures_and_packets_drop_in_any_order_from_any_thread() {
    type Part = Box<dyn std::any::Any + Send>;
    let _alone = alone();
    for (order, threads) in (0..720).flat_map(|order| [(order, false), (order, true)]) {
        let drops = Drops::default();
        let notify = || {
            let marker = drops.marker();
            move || {
                let _ = &marker;
            }
        };
        let Wire { clock: _clock, stack, link } = Wire::new();
        let ping = stack.ping_socket_with(Family::V4, SocketOptions::new().notify(notify())).unwrap();
        ping.bind(None, 7).unwrap();
        let raw = stack.raw_socket_with(Family::V4, RawSocketOptions::new().notify(notify())).unwrap();
        let capture = Capture::to_writer(Counted(drops.marker())).unwrap();
        stack.nic(1).unwrap().set_capture(Some(&capture)).unwrap();
        link.inject(&request(ours(4)).build()).unwrap();
        let packet = raw.receive().unwrap().unwrap();
        link.inject(&request(ours(4)).build()).unwrap();
        let mut parts: Vec<Part> =
            vec![Box::new(stack), Box::new(link), Box::new(ping), Box::new(raw), Box::new(capture), Box::new(packet)];
        let mut left = order;
        while !parts.is_empty() {
            let part = parts.remove(left % parts.len());
            left /= parts.len() + 1;
            if threads {
                thread::spawn(move || drop(part)).join().unwrap();
            } else {
                drop(part);
            }
        }
        assert_eq!(drops.count(), 3, "order {order}");
    }
}

#[test]
fn handler_drops_the_last_reference_to_its_stack() {
    let _alone = alone();
    for reply_after in [false, true] {
        let drops = Drops::default();
        let Wire { clock: _clock, stack, link } = Wire::new();
        let last = Arc::new(Mutex::new(Some(stack)));
        let (drops_it, marker) = (Arc::clone(&last), drops.marker());
        let handler = move |each: &mut Request<'_>| {
            let _ = &marker;
            drop(drops_it.lock().unwrap().take());
            assert_eq!(marker.0.load(Ordering::SeqCst), 0);
            if reply_after {
                let _ = each.reply();
            }
            Verdict::Declined
        };
        last.lock().unwrap().as_ref().unwrap().on_echo(handler).unwrap();
        link.inject(&request(ours(4)).build()).unwrap();
        assert_eq!(drops.count(), 1);
        assert!(matches!(link.inject(&request(ours(4)).build()), Err(Error::Closed(_))));
    }
}

/// The handler's own reference is the last: it goes with the handler, inside a call of the library's.
#[test]
fn handler_that_owns_its_stack_ends_it() {
    let _alone = alone();
    for inside in [false, true] {
        let drops = Drops::default();
        let Wire { clock: _clock, stack, link } = Wire::new();
        let weak = Arc::downgrade(&stack);
        let (own, marker) = (Arc::clone(&stack), drops.marker());
        let handler = move |_: &mut Request<'_>| {
            let _ = &marker;
            if inside {
                own.remove_handler(Family::Any).unwrap();
            }
            Verdict::Consumed
        };
        stack.on_echo(handler).unwrap();
        if inside {
            drop(stack);
            link.inject(&request(ours(4)).build()).unwrap();
        } else {
            stack.remove_handler(Family::Any).unwrap();
            drop(stack);
        }
        assert!(weak.upgrade().is_none());
        assert_eq!(drops.count(), 1);
        assert!(matches!(link.inject(b""), Err(Error::Closed(_))));
    }
}

#[test]
fn handler_replaces_and_removes_itself() {
    fn install(stack: &Arc<Stack>, calls: &Arc<AtomicUsize>, drops: &Drops) {
        let (weak, calls, drops, marker) = (Arc::downgrade(stack), Arc::clone(calls), drops.clone(), drops.marker());
        stack
            .on_echo(move |each| {
                let before = marker.0.load(Ordering::SeqCst);
                calls.fetch_add(1, Ordering::Relaxed);
                let stack = weak.upgrade().unwrap();
                if each.sequence() == 9 {
                    stack.remove_handler(Family::Any).unwrap();
                } else {
                    install(&stack, &calls, &drops);
                }
                assert_eq!(marker.0.load(Ordering::SeqCst), before);
                each.reply().unwrap();
                Verdict::Consumed
            })
            .unwrap();
    }
    let _alone = alone();
    let (wire, calls, drops) = (Wire::new(), Arc::new(AtomicUsize::new(0)), Drops::default());
    install(&wire.stack, &calls, &drops);
    for sequence in 0..12 {
        assert_eq!(wire.answers(&request(ours(4)).sequence(sequence)), 1);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 10);
    drop(wire);
    assert_eq!(drops.count(), 10);
}

#[test]
fn handler_removes_its_nic() {
    let _alone = alone();
    for family in BOTH {
        let wire = Wire::new();
        let stack = Arc::downgrade(&wire.stack);
        wire.on_echo(move |each| {
            let stack = stack.upgrade().unwrap();
            stack.nic(1).unwrap().remove().unwrap();
            assert!(stack.nics().is_empty());
            assert_eq!(each.payload(), b"abcd");
            let _ = each.reply();
            Verdict::Declined
        });
        wire.link.inject(&request(ours(family)).build()).unwrap();
        assert!(matches!(wire.link.inject(&request(ours(family)).build()), Err(Error::Closed(_))));
        // The link is free again.
        wire.stack.remove_handler(Family::Any).unwrap();
        wire.link.drain().for_each(drop);
        wire.stack.add_nic(&*wire.link, addresses()).unwrap();
        assert_eq!(wire.answers(&request(ours(family))), 1);
    }
}

#[test]
fn handlers_nest_8_deep_then_it_is_busy() {
    let _alone = alone();
    let wire = Wire::new();
    let link = Arc::clone(&wire.link);
    let deepest = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&deepest);
    wire.on_echo(move |each| {
        counts.fetch_add(1, Ordering::Relaxed);
        let next = request(ours(4)).sequence(each.sequence() + 1);
        match link.inject(&next.build()) {
            Ok(Injected::Taken) => assert!(each.sequence() < 9),
            Err(Error::Busy(why)) => assert_eq!((each.sequence(), &*why), (9, "in use, or nested too deep")),
            other => panic!("{other:?}"),
        }
        each.reply().unwrap();
        Verdict::Consumed
    });
    // The packet from outside, and eight inside.
    assert_eq!(wire.send(&request(ours(4)).sequence(1)).len(), 9);
    assert_eq!(deepest.load(Ordering::Relaxed), 9);
}

fn signals() -> (Mutex<Sender<()>>, Receiver<()>) {
    let (sender, receiver) = channel();
    (Mutex::new(sender), receiver)
}

#[test]
fn replacing_waits_for_the_former_and_it_never_runs_again() {
    let _alone = alone();
    for remove in [false, true] {
        let wire = Wire::new();
        let drops = Drops::default();
        let ((entered, has_entered), (leave, may_leave)) = (signals(), signals());
        let (may_leave, marker, over) = (Mutex::new(may_leave), drops.marker(), Arc::new(AtomicBool::new(false)));
        let is_over = Arc::clone(&over);
        wire.on_echo(move |_| {
            let _ = &marker;
            entered.lock().unwrap().send(()).unwrap();
            wait(&may_leave.lock().unwrap());
            is_over.store(true, Ordering::SeqCst);
            Verdict::Consumed
        });
        thread::scope(|scope| {
            scope.spawn(|| wire.link.inject(&request(ours(4)).build()).unwrap());
            wait(&has_entered);
            let changing = scope.spawn(|| {
                if remove {
                    wire.stack.remove_handler(Family::Any).unwrap();
                } else {
                    wire.on_echo(|_| Verdict::Declined);
                }
                // It has ended, and its value is gone.
                assert!(over.load(Ordering::SeqCst));
                assert_eq!(drops.count(), 1);
            });
            leave.lock().unwrap().send(()).unwrap();
            changing.join().unwrap();
        });
        assert_eq!(wire.answers(&request(ours(4))), 1);
    }
}

#[test]
fn two_handlers_remove_each_other() {
    let _alone = alone();
    let wires = [Arc::new(Wire::new()), Arc::new(Wire::new())];
    let (both, drops) = (Arc::new(Barrier::new(2)), Drops::default());
    for (own, other) in [(0, 1), (1, 0)] {
        let (stack, both, marker) = (Arc::downgrade(&wires[other].stack), Arc::clone(&both), drops.marker());
        wires[own].on_echo(move |each| {
            let _ = &marker;
            both.wait();
            stack.upgrade().unwrap().remove_handler(Family::Any).unwrap();
            both.wait();
            each.reply().unwrap();
            Verdict::Consumed
        });
    }
    thread::scope(|scope| {
        for wire in &wires {
            scope.spawn(move || assert_eq!(wire.answers(&request(ours(4))), 1));
        }
    });
    for wire in &wires {
        assert_eq!(wire.answers(&request(ours(4))), 1);
        wire.stack.remove_handler(Family::Any).unwrap();
    }
    assert_eq!(drops.count(), 2);
}

#[test]
fn nothing_is_called_after_a_removal_that_waited() {
    let _alone = alone();
    let wire = Wire::new();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    wire.link.inject(&request(ours(4)).build()).unwrap();
                    let _ = wire.link.read();
                }
            });
        }
        for round in 0..300 {
            let removed = Arc::new(AtomicBool::new(false));
            let is_removed = Arc::clone(&removed);
            wire.on_echo(move |_| {
                assert!(!is_removed.load(Ordering::SeqCst), "called after its removal");
                Verdict::Consumed
            });
            if round % 2 == 0 {
                wire.stack.remove_handler(Family::Any).unwrap();
            } else {
                wire.on_echo(|_| Verdict::Consumed);
            }
            removed.store(true, Ordering::SeqCst);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn injectors_go_on_while_everything_changes() {
    let _alone = alone();
    let wire = Wire::nic(addresses().promiscuous());
    let (over, drops, made) = (AtomicBool::new(false), Drops::default(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for family in BOTH {
            let (wire, over) = (&wire, &over);
            scope.spawn(move || {
                let echo = request(ours(family)).build();
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(wire.link.inject(&echo).unwrap(), Injected::Taken);
                    let _ = wire.link.read();
                }
            });
        }
        let changers: Vec<_> = (0..3u8)
            .map(|number| {
                let (wire, drops, made) = (&wire, &drops, &made);
                scope.spawn(move || change(wire, number, drops, made))
            })
            .collect();
        for changer in changers {
            changer.join().unwrap();
        }
        over.store(true, Ordering::Relaxed);
    });
    wire.link.drain().for_each(drop);
    wire.stack.remove_handler(Family::Any).unwrap();
    assert_eq!(drops.count(), made.load(Ordering::SeqCst));
    assert_eq!(wire.stack.nics().len(), 1);
    for family in BOTH {
        assert_eq!(wire.answers(&request(ours(family))), 1);
    }
}

/// Adds and takes away one of everything, a hundred times.
fn change(wire: &Wire, number: u8, drops: &Drops, made: &AtomicUsize) {
    let nic = wire.the_nic();
    let address = format!("10.{number}.0.1");
    let prefix = |text: &str| text.parse::<Prefix>().unwrap();
    let prefixes = [prefix(&format!("11.{number}.0.0/16")), prefix(&format!("fd0{number}::/32"))];
    let route = |nic| Route { destination: prefix(&format!("12.{number}.0.0/16")), gateway: None, nic };
    for at in 0..100 {
        nic.add_addresses(&[prefix(&format!("{address}/24"))]).unwrap();
        nic.add_local_prefixes(&prefixes).unwrap();
        nic.set_spoofing(at % 2 == 0).unwrap();
        made.fetch_add(1, Ordering::SeqCst);
        wire.on_echo(holding(drops.marker()));
        let link = Channel::new().unwrap();
        let other = wire.stack.add_nic(&link, NicOptions::new()).unwrap();
        wire.stack.add_routes(&[route(other.id())]).unwrap();
        link.inject(&request(ours(4)).build()).unwrap();
        if at % 2 == 0 {
            wire.stack.remove_routes(&[route(other.id())]).unwrap();
            wire.stack.remove_handler(Family::Any).unwrap();
        }
        other.remove().unwrap();
        assert!(matches!(other.set_disabled(true), Err(Error::NotFound(_))));
        nic.remove_local_prefixes(&prefixes).unwrap();
        nic.remove_addresses(&[ip(&address)]).unwrap();
    }
}

#[test]
fn stop_from_another_thread_ends_run() {
    let _alone = alone();
    for handled in [false, true] {
        let driven = Loop::new();
        if handled {
            driven.stack.on_echo(|each| each.reply().map_or(Verdict::Declined, |()| Verdict::Consumed)).unwrap();
        }
        thread::scope(|scope| {
            let running = scope.spawn(|| driven.stack.run());
            for sequence in 0..50 {
                driven.write(&request(ours(4)).sequence(sequence));
                assert_eq!(driven.read(), request(ours(4)).sequence(sequence).answer());
            }
            assert!(matches!(driven.stack.run(), Err(Error::Busy(_))));
            driven.stack.stop();
            running.join().unwrap().unwrap();
        });
        // It is remembered.
        driven.stack.run().unwrap();
    }
}

#[test]
fn stop_inside_a_handler_ends_run() {
    let _alone = alone();
    let driven = Loop::new();
    let stack = Arc::downgrade(&driven.stack);
    driven
        .stack
        .on_echo(move |each| {
            stack.upgrade().unwrap().stop();
            each.reply().map_or(Verdict::Declined, |()| Verdict::Consumed)
        })
        .unwrap();
    driven.write(&request(ours(4)));
    driven.run().unwrap();
    assert_eq!(driven.read(), request(ours(4)).answer());
}

/// Asks its stack when it is dropped, which must find no lock held.
struct Asks(Weak<Stack>, Sender<usize>);

impl Drop for Asks {
    fn drop(&mut self) {
        let count = self.0.upgrade().map_or(0, |stack| stack.nics().len());
        self.1.send(count).unwrap();
    }
}

/// Runs on a thread of its own, so that a deadlock fails the test and does not hang it.
fn asks(act: impl FnOnce(&Wire, Asks) + Send + 'static) -> usize {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let wire = Wire::new();
        let asks = Asks(Arc::downgrade(&wire.stack), sender);
        act(&wire, asks);
    });
    wait(&receiver)
}

#[test]
fn what_goes_with_its_nic_may_use_the_stack_as_it_goes() {
    let _alone = alone();
    let by_transmit = asks(|wire, value| {
        let link = CallbackLink::new(None, move |_| {
            let _ = &value;
            Ok(())
        });
        wire.stack.add_nic(link.unwrap(), NicOptions::new()).unwrap().remove().unwrap();
    });
    let by_notify = asks(|wire, value| {
        let notify = move || {
            let _ = &value;
        };
        let link = Channel::with(ChannelOptions::new().notify(notify)).unwrap();
        wire.stack.add_nic(link, NicOptions::new()).unwrap().remove().unwrap();
    });
    assert_eq!((by_transmit, by_notify), (1, 1));
}

/// Whether the library lets a value go in that very call is its own affair: where it does, no lock is held.
#[test]
fn handler_that_removed_itself_may_use_the_stack_as_it_goes() {
    let _alone = alone();
    let nics = asks(|wire, value| {
        let stack = Arc::downgrade(&wire.stack);
        wire.on_echo(move |_| {
            let _ = &value;
            stack.upgrade().unwrap().remove_handler(Family::Any).unwrap();
            Verdict::Consumed
        });
        let link = Arc::clone(&wire.link);
        thread::scope(|scope| {
            scope.spawn(move || link.inject(&request(ours(4)).build()).unwrap());
        });
        wire.the_nic().add_addresses(&["10.0.0.1/24".parse().unwrap()]).unwrap();
        wire.stack.add_nic(Channel::new().unwrap(), NicOptions::new()).unwrap().remove().unwrap();
    });
    assert_eq!(nics, 1);
}

#[test]
fn link_of_ones_own_type_may_use_the_stack() {
    struct Odd(Channel, Weak<Stack>);
    impl AsRef<netstack::Link> for Odd {
        fn as_ref(&self) -> &netstack::Link {
            assert_eq!(self.1.upgrade().unwrap().nics().len(), 1);
            &self.0
        }
    }
    let _alone = alone();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let wire = Wire::new();
        let odd = Odd(Channel::new().unwrap(), Arc::downgrade(&wire.stack));
        sender.send(wire.stack.add_nic(odd, NicOptions::new()).unwrap().id()).unwrap();
    });
    assert_eq!(wait(&receiver), 2);
}

#[test]
fn nic_handles_are_used_by_other_threads() {
    let _alone = alone();
    let wire = Wire::new();
    let nic = wire.the_nic();
    elsewhere(|| nic.set_promiscuous(true)).unwrap();
    assert_eq!(nic.stack().nics().len(), 1);
    wire.on_echo(|each| each.reply().map_or(Verdict::Declined, |()| Verdict::Consumed));
    assert_eq!(wire.answers(&request(wire::temporary(6))), 1);
}
