//! Ping sockets and raw sockets: bytes out and in, queues, families, identifiers, ends.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use netstack::{
    Channel, Error, Family, NicOptions, Packet, PingSocket, RawSocketOptions, SocketOptions, StackOptions, Verdict,
};
use wire::{addresses, ip, ours, panic_of, peer, read, reply, request, Echo, Wire, BOTH};

fn family(number: u8) -> Family {
    if number == 4 {
        Family::V4
    } else {
        Family::V6
    }
}

/// A socket of identifier 1234, as the echoes of [`wire`] have it.
fn bound(wire: &Wire, number: u8, options: SocketOptions) -> PingSocket {
    let socket = wire.stack.ping_socket_with(family(number), options).unwrap();
    socket.bind(None, 1234).unwrap();
    socket
}

fn sent(wire: &Wire) -> Echo {
    read(&wire.link.read().expect("a packet"))
}

fn said<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_request_goes_out_and_its_reply_comes_back() {
    for number in BOTH {
        let wire = Wire::new();
        let socket = wire.stack.ping_socket_with(family(number), SocketOptions::new().ttl(9).tos(8)).unwrap();
        socket.connect(ip(peer(number))).unwrap();
        let (address, identifier) = socket.name().unwrap();
        assert_eq!(address, ip(ours(number)));
        socket.send(7, b"data").unwrap();
        let out = sent(&wire);
        assert_eq!((out.source, out.destination), (address, ip(peer(number))));
        assert_eq!((out.kind, out.ttl, out.tos), (if number == 4 { 8 } else { 128 }, 9, 8));
        assert_eq!((out.identifier, out.sequence, out.payload.as_slice()), (identifier, 7, &b"data"[..]));

        let answer = out.answer();
        assert!(wire.send(&answer).is_empty());
        let packet = socket.receive().unwrap().unwrap();
        assert_eq!(packet.as_ref(), answer.build());
        assert_eq!(packet.payload(), b"data");
        assert_eq!((packet.info().sequence(), packet.info().source()), (7, ip(peer(number))));
        assert!(socket.receive().unwrap().is_none());
    }
}

#[test]
fn a_socket_comes_before_the_handler() {
    let wire = Wire::new();
    wire.on_echo(|_| panic!("the socket has it"));
    let socket = bound(&wire, 4, SocketOptions::new());
    assert_eq!(wire.answers(&request(ours(4))), 1);
    assert!(wire.send(&reply(ours(4))).is_empty());
    assert!(socket.receive().unwrap().is_some());
    assert!(socket.receive().unwrap().is_none());
}

#[test]
fn a_connected_socket_hears_from_its_peer_alone() {
    let wire = Wire::new();
    let socket = bound(&wire, 4, SocketOptions::new());
    socket.connect(ip("192.168.0.3")).unwrap();
    wire.send(&reply(ours(4)));
    assert!(socket.receive().unwrap().is_none());
    wire.send(&Echo { source: ip("192.168.0.3"), ..reply(ours(4)) });
    assert!(socket.receive().unwrap().is_some());
}

#[test]
fn a_full_queue_drops_and_counts() {
    let wire = Wire::new();
    let socket = bound(&wire, 4, SocketOptions::new().receive_bytes(1));
    wire.send(&reply(ours(4)));
    assert!(socket.receive().unwrap().is_none());
    assert_eq!(wire.stack.counter("ping_sockets.queue_full").unwrap(), 1);

    let raw = wire.stack.raw_socket_with(Family::V4, RawSocketOptions::new().receive_bytes(1)).unwrap();
    wire.send(&request(ours(4)));
    assert!(raw.receive().unwrap().is_none());
    assert_eq!(wire.stack.counter("raw_sockets.queue_full").unwrap(), 1);
}

#[test]
fn a_full_link_is_told() {
    let wire = Wire::new();
    let link = Channel::with(netstack::ChannelOptions::new().capacity(1)).unwrap();
    wire.stack.add_nic(&link, NicOptions::new().address("10.0.0.1/24")).unwrap();
    let socket = wire.stack.ping_socket(Family::V4).unwrap();
    socket.send_to(ip("10.0.0.2"), 1, b"").unwrap();
    let error = socket.send_to(ip("10.0.0.2"), 2, b"").unwrap_err();
    assert!(matches!(error, Error::WouldBlock), "{error:?}");
    assert_eq!(error.to_string(), "nothing there now, or no room");
}

#[test]
fn arguments_that_make_no_sense_are_named() {
    let wire = Wire::new();
    let make = |options| wire.stack.ping_socket_with(Family::V4, options);
    assert_eq!(said(wire.stack.ping_socket(Family::Any)), "a socket is of one family, V4 or V6");
    assert_eq!(said(wire.stack.raw_socket(Family::Any)), "a socket is of one family, V4 or V6");
    assert_eq!(said(make(SocketOptions::new().ttl(0))), "ttl: 0 is not from 1 to 255");
    let no_nic = "nic: 0 is no NIC: they are numbered from 1 on";
    assert_eq!(said(make(SocketOptions::new().nic(0))), no_nic);
    let by_another = make(SocketOptions::new().nic(2)).unwrap();
    assert!(matches!(by_another.send_to(ip(peer(4)), 1, b""), Err(Error::NoRoute(_))));
    assert_eq!(said(wire.stack.raw_socket_with(Family::V4, RawSocketOptions::new().nic(0))), no_nic);
    let nothing = "receive_bytes: 0 bytes are no room for a packet";
    assert_eq!(said(make(SocketOptions::new().receive_bytes(0))), nothing);
    let raw = wire.stack.raw_socket_with(Family::V4, RawSocketOptions::new().receive_bytes(0));
    assert_eq!(said(raw), nothing);

    let socket = wire.stack.ping_socket(Family::V4).unwrap();
    assert_eq!(said(socket.name()), "the socket is not bound");
    assert_eq!(said(socket.send(1, b"")), "the socket has no peer; connect it, or use send_to()");
    assert_eq!(said(socket.send_to(ip("a::2"), 1, b"")), "destination a::2 is of the other family");
    assert_eq!(said(socket.send_to(ip("192.168.0.255"), 1, b"")), "nobody can be asked at 192.168.0.255");
    assert_eq!(said(socket.send_to(ip("0.0.0.0"), 1, b"")), "nobody can be asked at 0.0.0.0");
    assert_eq!(said(socket.bind(Some(ip("a::1")), 7)), "address a::1 is of the other family");
    assert_eq!(said(socket.connect(ip("a::2"))), "peer a::2 is of the other family");
    assert_eq!(said(socket.connect(ip("224.0.0.1"))), "the peer 224.0.0.1 is not one host");
    assert_eq!(said(socket.connect(ip("10.0.0.1"))), "there is no way to 10.0.0.1");
    let far = socket.send_to(ip("10.0.0.1"), 1, b"").unwrap_err();
    assert!(matches!(far, Error::NoRoute(_)), "{far:?}");
    assert_eq!(far.to_string(), "no route, or no address to answer from");
    let nowhere = make(SocketOptions::new().nic(9)).unwrap().send_to(ip(peer(4)), 1, b"").unwrap_err();
    assert_eq!(nowhere.to_string(), "no route, or no address to answer from");
    assert_eq!(said(socket.connect(ip("0.0.0.0"))), "the peer is the unspecified address");
    assert_eq!(said(socket.bind(Some(ip("224.0.0.1")), 7)), "the address 224.0.0.1 is a multicast address");
    let foreign = socket.bind(Some(ip("192.168.0.9")), 7).unwrap_err();
    assert!(matches!(foreign, Error::NotFound(_)), "{foreign:?}");
    assert_eq!(foreign.to_string(), "the address 192.168.0.9 is not assigned on any NIC");
    // None of all that bound it.
    assert_eq!(said(socket.name()), "the socket is not bound");
    let long = socket.send_to(ip(peer(4)), 1, &vec![0; 65_508]).unwrap_err();
    assert!(matches!(long, Error::Unsupported(_)), "{long:?}");
    assert_eq!(long.to_string(), "65508 bytes of data are more than IP packets can have");
}

#[test]
fn an_identifier_has_one_socket() {
    let wire = Wire::new();
    let first = bound(&wire, 4, SocketOptions::new());
    let second = wire.stack.ping_socket(Family::V4).unwrap();
    let taken = second.bind(None, 1234).unwrap_err();
    assert!(matches!(&taken, Error::Busy(why) if why.contains("1234")), "{taken:?}");
    let twice = first.bind(None, 5).unwrap_err();
    assert!(matches!(twice, Error::Busy(_)), "{twice:?}");
    assert_eq!(twice.to_string(), "the socket is bound already, to identifier 1234");
    // The other family has identifiers of its own, and a dropped socket leaves its.
    wire.stack.ping_socket(Family::V6).unwrap().bind(None, 1234).unwrap();
    drop(first);
    second.bind(None, 1234).unwrap();
    assert_eq!(second.name().unwrap(), (ip("0.0.0.0"), 1234));
}

#[test]
fn sockets_do_not_keep_the_stack() {
    let wire = Wire::new();
    let socket = bound(&wire, 4, SocketOptions::new());
    let raw = wire.stack.raw_socket(Family::V4).unwrap();
    wire.send(&reply(ours(4)));
    drop(wire);
    let gone = "the socket's stack is closed";
    for result in [
        socket.bind(None, 1),
        socket.connect(ip(peer(4))),
        socket.send(1, b""),
        socket.send_to(ip(peer(4)), 1, b""),
        socket.name().map(drop),
        socket.receive().map(drop),
        raw.receive().map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Closed(_)), "{error:?}");
        assert_eq!(error.to_string(), gone);
    }
}

#[test]
fn a_packet_outlives_its_socket_and_its_stack() {
    let wire = Wire::new();
    let socket = bound(&wire, 6, SocketOptions::new());
    let echo = reply(ours(6));
    wire.send(&echo);
    let packet: Packet = socket.receive().unwrap().unwrap();
    drop(socket);
    drop(wire);
    assert_eq!(packet.as_ref(), echo.build());
}

#[test]
fn a_raw_socket_gets_a_copy_of_everything_and_changes_nothing() {
    for number in BOTH {
        let wire = Wire::new();
        wire.on_echo(|_| Verdict::Consumed);
        let raw = wire.stack.raw_socket(family(number)).unwrap();
        let elsewhere = wire.stack.raw_socket_with(family(number), RawSocketOptions::new().nic(2)).unwrap();
        let other = wire.stack.raw_socket(family(if number == 4 { 6 } else { 4 })).unwrap();
        let mut broken = request(ours(number)).build();
        *broken.last_mut().unwrap() ^= 1;
        let packets = [request(ours(number)).build(), reply(peer(number)).build(), broken];
        for packet in &packets {
            wire.link.inject(packet).unwrap();
        }
        assert_eq!(wire.link.drain().count(), 0);
        for (at, packet) in packets.iter().enumerate() {
            let copy = raw.receive().unwrap().unwrap();
            assert_eq!(copy.as_ref(), packet);
            assert_eq!(copy.info().has_bad_checksum(), at == 2);
        }
        assert!(raw.receive().unwrap().is_none());
        assert!(elsewhere.receive().unwrap().is_none());
        assert!(other.receive().unwrap().is_none());
        assert_eq!(wire.stack.counter("forwarder.consumed").unwrap(), 1);
    }
}

#[test]
fn notify_is_called_once_for_a_queue_that_was_empty() {
    let wire = Wire::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = |calls: &Arc<AtomicUsize>| {
        let calls = Arc::clone(calls);
        move || {
            calls.fetch_add(1, Ordering::SeqCst);
        }
    };
    let socket = bound(&wire, 4, SocketOptions::new().notify(count(&calls)));
    let raw_calls = Arc::new(AtomicUsize::new(0));
    let options = RawSocketOptions::new().notify(count(&raw_calls));
    let raw = wire.stack.raw_socket_with(Family::V4, options).unwrap();
    for _ in 0..2 {
        wire.send(&reply(ours(4)));
    }
    assert_eq!((calls.load(Ordering::SeqCst), raw_calls.load(Ordering::SeqCst)), (1, 1));
    while socket.receive().unwrap().is_some() {}
    wire.send(&reply(ours(4)));
    assert_eq!((calls.load(Ordering::SeqCst), raw_calls.load(Ordering::SeqCst)), (2, 1));
    // The closures go with the sockets, once the calls of other tests have left the library as well.
    drop((socket, raw));
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while (Arc::strong_count(&calls), Arc::strong_count(&raw_calls)) != (1, 1) {
        assert!(std::time::Instant::now() < end, "a closure stays");
        wire.stack.poll().unwrap();
        std::thread::yield_now();
    }
}

#[test]
fn a_panic_in_notify_comes_out_of_the_call_that_delivered() {
    let wire = Wire::new();
    let socket = bound(&wire, 4, SocketOptions::new().notify(|| panic!("notify is broken")));
    assert_eq!(panic_of(|| wire.link.inject(&reply(ours(4)).build())), "notify is broken");
    assert!(socket.receive().unwrap().is_some());

    let options = RawSocketOptions::new().notify(|| panic!("so is the raw one"));
    let raw = wire.stack.raw_socket_with(Family::V6, options).unwrap();
    assert_eq!(panic_of(|| wire.link.inject(&request(ours(6)).build())), "so is the raw one");
    assert!(raw.receive().unwrap().is_some());
}

#[test]
fn a_panic_beneath_a_call_of_a_socket_comes_out_of_it() {
    let spent = Arc::new(AtomicUsize::new(0));
    let numbers = Arc::clone(&spent);
    let random = move || if numbers.load(Ordering::SeqCst) == 0 { 4 } else { panic!("no more numbers") };
    let stack = netstack::Stack::with(StackOptions::new().random(random)).unwrap();
    let link = netstack::CallbackLink::new(None, |_| panic!("the link is broken")).unwrap();
    stack.add_nic(&link, addresses()).unwrap();
    let socket = stack.ping_socket(Family::V4).unwrap();
    spent.store(1, Ordering::SeqCst);
    assert_eq!(panic_of(|| socket.bind(None, 0)), "no more numbers");
    spent.store(0, Ordering::SeqCst);
    let socket = stack.ping_socket(Family::V4).unwrap();
    socket.bind(None, 1).unwrap();
    assert_eq!(panic_of(|| socket.send_to(ip(peer(4)), 1, b"")), "the link is broken");
}

#[test]
fn a_socket_may_be_used_and_dropped_by_any_thread_and_inside_a_handler() {
    let wire = Wire::new();
    let socket = Arc::new(bound(&wire, 4, SocketOptions::new()));
    let mine = Arc::clone(&socket);
    wire.on_echo(move |_| {
        mine.send_to(ip(peer(4)), 5, b"").unwrap();
        Verdict::Consumed
    });
    let echo = Echo { identifier: 1, ..request(ours(4)) };
    assert_eq!(read(&wire.send(&echo)[0]).sequence, 5);
    wire.stack.remove_handler(Family::Any).unwrap();
    wire::elsewhere(|| socket.send_to(ip(peer(4)), 6, b"").unwrap());
    assert_eq!(sent(&wire).sequence, 6);

    let last = std::sync::Mutex::new(Some(socket));
    wire.on_echo(move |_| {
        drop(last.lock().unwrap().take());
        Verdict::Declined
    });
    assert_eq!(wire.answers(&echo), 1);
    wire.stack.ping_socket(Family::V4).unwrap().bind(None, 1234).unwrap();
}
