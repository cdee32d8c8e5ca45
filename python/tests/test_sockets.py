"""Ping sockets, raw sockets and ping()."""

from __future__ import annotations

import dataclasses
import ipaddress
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import netstack
from icmp import OURS, PEER, read, reply, request
from loops import Loop
from wire import ADDRESSES, PATIENCE, Thread, Wire

both = pytest.mark.parametrize("family", [4, 6])


@both
def test_ping_socket_asks_and_receives(wire: Wire, family: int) -> None:
    with netstack.PingSocket(wire.stack, family, ttl=9, tos=0x20) as ping:
        assert (ping.address, ping.identifier) == (None, None)
        ping.bind(identifier=4321)
        assert ping.identifier == 4321
        assert ping.send(7, b"data", to=PEER[family]) is True
        asked = read(wire.link.drain()[0])
        assert (asked.identifier, asked.sequence, asked.payload) == (4321, 7, b"data")
        assert (asked.ttl, asked.tos) == (9, 0x20)
        assert (str(asked.source), str(asked.destination)) == (OURS[family], PEER[family])
        assert ping.receive() is None
        assert wire.send(asked.answer(ttl=33)) == []
        packet = ping.receive()
        assert packet is not None
        assert (packet.payload(), packet.sequence, packet.ttl) == (b"data", 7, 33)
        assert str(packet.source) == PEER[family]
        assert ping.receive() is None


@both
def test_ping_socket_connects(wire: Wire, family: int) -> None:
    with netstack.PingSocket(wire.stack, family) as ping:
        with pytest.raises(netstack.NetstackError):
            ping.send()
        ping.connect(PEER[family])
        assert ping.identifier is not None
        assert ping.address == ipaddress.ip_address(OURS[family])
        assert ping.send() is True
        asked = read(wire.link.drain()[0])
        assert asked.payload == b""
        other = dataclasses.replace(asked.answer(), source=asked.answer().source + 1)
        wire.send(other)
        assert ping.receive() is None
        wire.send(asked.answer())
        assert ping.receive() is not None


def test_ping_socket_bind(wire: Wire) -> None:
    with netstack.PingSocket(wire.stack) as one, netstack.PingSocket(wire.stack) as other:
        one.bind(OURS[4], 5)
        assert (one.address, one.identifier) == (ipaddress.ip_address(OURS[4]), 5)
        with pytest.raises(netstack.Busy):
            other.bind(OURS[4], 5)
        with pytest.raises(netstack.NotFound):
            other.bind("192.168.0.200", 5)
        with pytest.raises(netstack.InvalidArgument):
            other.bind(OURS[6], 6)
        with pytest.raises(netstack.Busy):
            one.bind(identifier=9)
        other.bind()
        assert other.address == ipaddress.ip_address("0.0.0.0")
        assert other.identifier not in (None, 0, 5)
    with netstack.PingSocket(wire.stack) as again:
        again.bind(OURS[4], 5)  # it is free again


def test_ping_socket_is_of_its_nic(wire: Wire) -> None:
    link = netstack.Channel()
    nic = wire.stack.add_nic(link, addresses=["192.168.0.3/24"])
    for form in (nic, nic.id):
        with netstack.PingSocket(wire.stack, nic=form) as ping:
            assert ping.send(to=PEER[4])
            assert len(link.drain()) == 1
            assert wire.link.drain() == []


def test_notify_when_the_queue_was_empty(wire: Wire) -> None:
    calls: list[int] = []
    with netstack.PingSocket(wire.stack, notify=lambda: calls.append(1)) as ping:
        ping.bind(identifier=1234)
        for _ in range(3):
            wire.send(reply(OURS[4]))
        assert len(calls) == 1
        while ping.receive():
            pass
        wire.send(reply(OURS[4]))
        assert len(calls) == 2


def test_queue_is_bounded(wire: Wire) -> None:
    with netstack.PingSocket(wire.stack, receive_bytes=2000) as ping:
        ping.bind(identifier=1234)
        for _ in range(10):
            wire.send(reply(OURS[4], payload=bytes(900)))
        received = 0
        while ping.receive():
            received += 1
        assert 1 <= received <= 2
        assert wire.counter("ping_sockets.queue_full") == 10 - received


@both
def test_raw_socket_has_a_copy_of_everything(wire: Wire, family: int) -> None:
    calls: list[Any] = []
    with netstack.RawSocket(wire.stack, family, notify=lambda: calls.append(1)) as raw:
        good = request(OURS[family])
        bad = bytearray(good.build())
        bad[-1] ^= 1
        wire.send(good)
        wire.send(bytes(bad))
        wire.send(request(OURS[10 - family]))
        first, second = raw.receive(), raw.receive()
        assert first is not None
        assert second is not None
        assert (bytes(first), first.has_bad_checksum) == (good.build(), False)
        assert (bytes(second), second.has_bad_checksum) == (bytes(bad), True)
        assert raw.receive() is None
        assert calls == [1]


class Peer:
    """Answers what the stack asks over a CallbackLink, from inside its transmit."""

    def __init__(self, change: Callable[[Any], Any] = lambda answer: answer) -> None:
        self.asked: list[Any] = []
        self.change = change
        self.stack = netstack.Stack()
        self.link = netstack.CallbackLink(self.transmit)
        self.nic = self.stack.add_nic(self.link, addresses=ADDRESSES)

    def transmit(self, packet: bytes) -> None:
        self.asked.append(read(packet))
        answer = self.change(self.asked[-1].answer())
        if answer is not None:
            self.link.inject(answer.build())


@both
def test_ping(family: int) -> None:
    peer = Peer()
    with peer.stack:
        answer = peer.stack.ping(PEER[family], timeout=PATIENCE, payload=b"12345", ttl=7, tos=4, sequence=99)
        assert isinstance(answer, netstack.PingReply)
        assert 0 <= answer.rtt < PATIENCE
        assert type(answer.rtt) is float
        assert answer.packet.payload() == b"12345"
        assert answer.packet.sequence == 99
        asked = peer.asked[0]
        assert (asked.ttl, asked.tos, asked.payload) == (7, 4, b"12345")
        with pytest.raises(dataclasses.FrozenInstanceError):
            answer.rtt = 0.0  # type: ignore[misc]


def test_ping_takes_objects_a_source_and_a_nic() -> None:
    peer = Peer()
    with peer.stack:
        peer.nic.add_address("192.168.0.7/24")
        for nic in (peer.nic, 1, None):
            peer.stack.ping(
                ipaddress.ip_address(PEER[4]),
                timeout=PATIENCE,
                source="192.168.0.7",
                nic=nic,
                payload=bytearray(b"x"),
            )
            assert str(peer.asked[-1].source) == "192.168.0.7"
        with pytest.raises(netstack.NotFound):
            peer.stack.ping(PEER[4], source="192.168.0.8")
        with pytest.raises(netstack.NetstackError):
            peer.stack.ping(PEER[4], nic=9)


def test_ping_times_out() -> None:
    peer = Peer(change=lambda answer: None)
    with peer.stack:
        began = time.monotonic()
        with pytest.raises(netstack.TimedOut) as raised:
            peer.stack.ping(PEER[4], timeout=0.05)
        assert 0.05 <= time.monotonic() - began < PATIENCE
        assert isinstance(raised.value, TimeoutError)
        assert peer.stack.stats["icmp.v4.sent.echo_request"] == 1


@pytest.mark.parametrize("field", ["identifier", "source"])
def test_ping_takes_only_its_own_answer(field: str) -> None:
    peer = Peer(change=lambda answer: dataclasses.replace(answer, **{field: getattr(answer, field) + 1}))
    with peer.stack, pytest.raises(netstack.TimedOut):
        peer.stack.ping(PEER[4], timeout=0.02)


def test_ping_without_a_route() -> None:
    with netstack.Stack() as stack, pytest.raises(netstack.NoRoute) as raised:
        stack.ping("10.0.0.1")
    assert isinstance(raised.value, OSError)


def test_ping_of_a_stack_that_is_closed_meanwhile(loop: Loop) -> None:
    def work() -> None:
        with pytest.raises(netstack.Closed):
            loop.stack.ping(PEER[4], timeout=600)

    thread = Thread(work)
    loop.peer.recv(1500)
    loop.stack.close()
    thread.join()


def test_ping_inside_a_handler(wire: Wire) -> None:
    """Of another stack: a proxy that waits."""
    peer = Peer()
    with peer.stack:
        wire.on_echo(lambda each: peer.stack.ping(PEER[4], timeout=PATIENCE).rtt >= 0 and each.reply())
        assert wire.answers(request(OURS[4])) == 1


def test_pings_in_several_threads() -> None:
    peer = Peer()
    start = threading.Barrier(4, timeout=PATIENCE)

    def work(number: int) -> None:
        start.wait()
        for sequence in range(20):
            payload = f"{number} {sequence}".encode()
            answer = peer.stack.ping(PEER[4], timeout=PATIENCE, payload=payload, sequence=sequence)
            assert answer.packet.payload() == payload

    with peer.stack:
        for thread in [Thread(partial(work, number)) for number in range(4)]:
            thread.join()
