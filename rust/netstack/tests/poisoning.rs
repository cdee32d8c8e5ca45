//! A request may be used on its handler's thread until the handler returns, and nowhere else, ever. The compiler sees
//! to that (`compile_fail/`); here it is smuggled past the compiler.
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::mem::transmute;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use netstack::{Error, Packet, Request, Verdict};
use netstack_sys as sys;
use wire::{elsewhere, ours, panic_of, request, wait, Echo, Wire, BOTH};

/// A request whose lifetime and thread nobody checks any more.
struct Smuggled(Request<'static>);

// SAFETY: none: that is what is tested. A request holds a number and a copied info.
unsafe impl Send for Smuggled {}
// SAFETY: as above.
unsafe impl Sync for Smuggled {}

/// The request of a handler, moved out of it.
fn smuggle(request: &mut Request<'_>) -> Smuggled {
    // So that the info was read while it could be.
    let _ = request.info();
    // SAFETY: a bitwise copy; a request has no Drop. Its info is plain data.
    Smuggled(unsafe { transmute::<Request<'_>, Request<'static>>(std::ptr::read(request)) })
}

fn is_expired(kept: &mut Smuggled) {
    let id = kept.0.as_raw();
    for _ in 0..2 {
        assert!(matches!(kept.0.reply(), Err(Error::Expired)));
        assert!(matches!(kept.0.keep(), Err(Error::Expired)));
        assert_eq!(kept.0.packet(), b"");
        assert_eq!(kept.0.payload(), b"");
        assert_eq!(raw_status(id), [sys::NS_ERR_EXPIRED; 3]);
    }
    let why = kept.0.reply().unwrap_err().to_string();
    assert_eq!(why, "the request has expired: its handler has returned, or runs on another thread");
}

/// What C says to each use of a request.
fn raw_status(id: sys::ns_request) -> [sys::ns_status; 3] {
    let (mut packet, mut bytes, mut length) = (std::ptr::null_mut(), std::ptr::null(), 0);
    // SAFETY: any number will do, the places are there.
    unsafe {
        let statuses = [
            sys::ns_request_reply(id),
            sys::ns_request_ref_packet(id, &raw mut packet),
            sys::ns_request_borrow_packet(id, &raw mut bytes, &raw mut length),
        ];
        sys::ns_packet_unref(packet);
        statuses
    }
}

fn is_alive(request: &mut Request<'_>, echo: &Echo) {
    assert_eq!(request.packet(), echo.build());
    assert_eq!(request.keep().unwrap().as_ref(), echo.build());
}

type Kept = Arc<Mutex<Vec<Smuggled>>>;

fn keeper(wire: &Wire, verdict: impl Fn(&mut Request<'_>) -> Verdict + Send + Sync + 'static) -> Kept {
    let kept = Kept::default();
    let keeps = Arc::clone(&kept);
    wire.on_echo(move |request| {
        keeps.lock().unwrap().push(smuggle(request));
        verdict(request)
    });
    kept
}

fn take(kept: &Kept) -> Smuggled {
    kept.lock().unwrap().pop().unwrap()
}

#[test]
fn after_the_handler_returned() {
    for family in BOTH {
        for (verdict, replies) in [(Verdict::Consumed, false), (Verdict::Declined, false), (Verdict::Consumed, true)] {
            let wire = Wire::new();
            let kept = keeper(&wire, move |request| {
                if replies {
                    request.reply().unwrap();
                }
                verdict
            });
            wire.send(&request(ours(family)));
            let mut kept = take(&kept);
            is_expired(&mut kept);
            assert_eq!(wire.link.read(), None);
            // Facts stay.
            assert_eq!((kept.0.sequence(), kept.0.length()), (1, request(ours(family)).build().len()));
        }
    }
}

#[test]
fn after_a_panic() {
    let wire = Wire::new();
    let kept = keeper(&wire, |_| panic!("mine"));
    assert_eq!(panic_of(|| wire.link.inject(&request(ours(4)).build())), "mine");
    is_expired(&mut take(&kept));
}

#[test]
fn another_thread_while_the_handler_runs_and_later() {
    let wire = Wire::new();
    let kept = keeper(&wire, |each| {
        let mut other = smuggle(each);
        elsewhere(move || is_expired(&mut other));
        is_alive(each, &request(ours(4)));
        each.reply().unwrap();
        let mut other = smuggle(each);
        elsewhere(move || is_expired(&mut other));
        Verdict::Consumed
    });
    assert_eq!(wire.answers(&request(ours(4))), 1);
    let mut kept = take(&kept);
    elsewhere(move || is_expired(&mut kept));
}

#[test]
fn another_thread_inside_a_handler_of_its_own() {
    let (wire, other) = (Wire::new(), Arc::new(Wire::new()));
    let outer = Kept::default();
    let shared = Arc::clone(&outer);
    other.on_echo(move |each| {
        is_expired(&mut take(&shared));
        is_alive(each, &request(ours(6)));
        each.reply().unwrap();
        Verdict::Consumed
    });
    wire.on_echo(move |each| {
        outer.lock().unwrap().push(smuggle(each));
        assert_eq!(elsewhere(|| other.answers(&request(ours(6)))), 1);
        Verdict::Consumed
    });
    assert!(wire.send(&request(ours(4))).is_empty());
}

#[test]
fn another_thread_later_while_the_next_request_is_served() {
    let wire = Wire::new();
    let kept = keeper(&wire, |_| Verdict::Consumed);
    wire.send(&request(ours(4)));
    let first = Mutex::new(Some(take(&kept)));
    wire.on_echo(move |_| {
        let mut first = first.lock().unwrap().take().unwrap();
        is_expired(&mut first);
        elsewhere(move || is_expired(&mut first));
        Verdict::Consumed
    });
    wire.send(&request(ours(4)).sequence(2));
}

#[test]
fn nested_handler_uses_the_outer_request() {
    let wire = Wire::new();
    let link = Arc::clone(&wire.link);
    let outer = Kept::default();
    let shared = Arc::clone(&outer);
    wire.on_echo(move |each| {
        if each.sequence() == 1 {
            outer.lock().unwrap().push(smuggle(each));
            link.inject(&request(ours(6)).sequence(2).build()).unwrap();
            is_alive(each, &request(ours(4)));
        } else {
            let mut first = take(&outer);
            is_alive(&mut first.0, &request(ours(4)));
            is_alive(each, &request(ours(6)).sequence(2));
            first.0.reply().unwrap();
            outer.lock().unwrap().push(first);
        }
        Verdict::Consumed
    });
    assert_eq!(wire.answers(&request(ours(4))), 1);
    is_expired(&mut take(&shared));
}

#[test]
fn nested_request_in_its_outer_handler() {
    let wire = Wire::new();
    let link = Arc::clone(&wire.link);
    let inner = Kept::default();
    wire.on_echo(move |each| {
        if each.sequence() == 2 {
            inner.lock().unwrap().push(smuggle(each));
            return Verdict::Consumed;
        }
        link.inject(&request(ours(4)).sequence(2).build()).unwrap();
        is_expired(&mut take(&inner));
        each.reply().unwrap();
        Verdict::Consumed
    });
    assert_eq!(wire.answers(&request(ours(4))), 1);
}

#[test]
fn after_the_stack_is_gone() {
    let wire = Wire::new();
    let kept = keeper(&wire, |_| Verdict::Consumed);
    wire.send(&request(ours(4)));
    drop(wire);
    let mut kept = take(&kept);
    is_expired(&mut kept);
    elsewhere(move || is_expired(&mut kept));
}

#[test]
fn inside_the_handler_that_dropped_the_stack_it_lives_to_the_end() {
    let Wire { clock: _clock, stack, link } = Wire::new();
    let stack = Arc::new(Mutex::new(Some(stack)));
    let drops = Arc::clone(&stack);
    let kept = Kept::default();
    let keeps = Arc::clone(&kept);
    let handler = move |each: &mut Request<'_>| {
        drop(drops.lock().unwrap().take());
        is_alive(each, &request(ours(4)));
        keeps.lock().unwrap().push(smuggle(each));
        Verdict::Consumed
    };
    stack.lock().unwrap().as_ref().unwrap().on_echo(handler).unwrap();
    link.inject(&request(ours(4)).build()).unwrap();
    is_expired(&mut take(&kept));
    assert!(matches!(link.inject(&request(ours(4)).build()), Err(Error::Closed(_))));
}

#[test]
fn while_the_handler_that_was_replaced_still_runs() {
    let wire = Wire::new();
    let stack = Arc::downgrade(&wire.stack);
    let kept = keeper(&wire, move |each| {
        stack.upgrade().unwrap().on_echo(|_| Verdict::Consumed).unwrap();
        is_alive(each, &request(ours(4)));
        each.reply().unwrap();
        Verdict::Consumed
    });
    assert_eq!(wire.answers(&request(ours(4))), 1);
    is_expired(&mut take(&kept));
}

#[test]
fn numbers_that_were_never_a_request() {
    let wire = Wire::new();
    let real = Arc::new(AtomicU64::new(0));
    let sees = Arc::clone(&real);
    wire.on_echo(move |each| {
        let id = each.as_raw();
        sees.store(id, Ordering::Relaxed);
        for other in [0, 1, u64::MAX, id.wrapping_add(1), id.wrapping_sub(1), id ^ 1 << 63, id << 1] {
            assert_eq!(raw_status(other), [sys::NS_ERR_EXPIRED; 3]);
        }
        assert_eq!(raw_status(id), [sys::NS_OK; 3]);
        Verdict::Consumed
    });
    assert_eq!(wire.send(&request(ours(4))).len(), 1);
    assert_eq!(raw_status(real.load(Ordering::Relaxed)), [sys::NS_ERR_EXPIRED; 3]);
}

#[test]
fn no_thread_ever_has_anothers_request() {
    let wire = Wire::new();
    let current: Arc<[AtomicU64; 4]> = Arc::default();
    let shared = Arc::clone(&current);
    wire.on_echo(move |each| {
        let mine = usize::from(each.identifier());
        shared[mine].store(each.as_raw(), Ordering::SeqCst);
        for (owner, id) in shared.iter().enumerate() {
            let expected = if owner == mine { sys::NS_OK } else { sys::NS_ERR_EXPIRED };
            let mut packet = std::ptr::null_mut();
            // SAFETY: any number will do.
            let status = unsafe { sys::ns_request_ref_packet(id.load(Ordering::SeqCst), &raw mut packet) };
            // SAFETY: null, or what this owns.
            unsafe { sys::ns_packet_unref(packet) };
            assert_eq!(status, expected);
        }
        Verdict::Consumed
    });
    std::thread::scope(|scope| {
        for identifier in 0..4 {
            let wire = &wire;
            scope.spawn(move || {
                for sequence in 0..500 {
                    let echo = Echo { identifier, sequence, ..request(ours(4)) };
                    wire.link.inject(&echo.build()).unwrap();
                }
            });
        }
    });
    assert_eq!(wire.link.read(), None);
}

#[test]
fn kept_packets_outlive_everything_on_any_thread() {
    let (sender, receiver) = channel::<Packet>();
    let wire = Wire::new();
    let sender = Mutex::new(sender);
    wire.on_echo(move |each| {
        sender.lock().unwrap().send(each.keep().unwrap()).unwrap();
        Verdict::Consumed
    });
    let payload: Vec<u8> = (0..200).collect();
    let echo = request(ours(4)).payload(&payload);
    wire.send(&echo);
    drop(wire);
    let packet = wait(&receiver);
    let clones: Vec<Packet> = (0..4).map(|_| packet.clone()).collect();
    drop(packet);
    std::thread::scope(|scope| {
        for clone in clones {
            let echo = &echo;
            scope.spawn(move || {
                for _ in 0..100 {
                    assert_eq!(clone.clone().as_ref(), echo.build());
                }
                assert_eq!(clone.payload(), echo.payload);
            });
        }
    });
}
