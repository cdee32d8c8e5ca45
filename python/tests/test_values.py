"""Values in and out: addresses, prefixes, seconds, and how objects show themselves."""

from __future__ import annotations

import dataclasses
import ipaddress
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netstack
from icmp import OURS, PEER, checksum, request
from wire import Wire

ip = ipaddress.ip_address


@pytest.mark.parametrize("address", ["10.0.0.1/8", "10.0.0.1", "fe80::1/10", "2001:db8::1"])
def test_addresses_in_as_text_and_as_objects(wire: Wire, address: str) -> None:
    bare = ip(address.partition("/")[0])
    forms: list[Any] = [address, ipaddress.ip_interface(address)]
    if "/" not in address:
        forms.append(bare)
    for form in forms:
        wire.nic.add_address(form)
        assert len(wire.send(request(str(bare)))) == 1
        wire.nic.remove_address(bare)
        wire.nic.add_addresses([form])
        wire.nic.remove_addresses([str(bare)])
        assert wire.send(request(str(bare))) == []


@pytest.mark.parametrize("prefix", ["10.7.0.0/16", "fd07::/64", "0.0.0.0/0", "::/0", "10.8.0.1/32"])
def test_prefixes_in_as_text_and_as_objects(wire: Wire, prefix: str) -> None:
    network = ipaddress.ip_network(prefix)
    inside = str(network[-1] if network.num_addresses == 1 else network[5])
    wire.on_echo(lambda each: each.reply())
    for form in (prefix, network, ipaddress.ip_interface(prefix)):
        wire.nic.add_prefix(form)
        assert len(wire.send(request(inside))) == 1
        wire.nic.remove_prefix(network)
        assert wire.send(request(inside)) == []
        wire.nic.add_prefixes(iter([form]))
        wire.nic.remove_prefixes({form})
        assert wire.send(request(inside)) == []


def test_groups_in_as_text_and_as_objects(wire: Wire) -> None:
    for group in ("239.9.9.9", "ff05::99"):
        for form in (group, ip(group)):
            wire.nic.join_group(form)
            wire.nic.leave_group(form)
            with pytest.raises(netstack.NotFound):
                wire.nic.leave_group(form)


def test_plurals_are_all_or_none(wire: Wire) -> None:
    with pytest.raises(netstack.Busy):
        wire.nic.add_addresses(["10.0.0.1/24", "192.168.0.1/24"])
    with pytest.raises(netstack.InvalidArgument):
        wire.nic.add_addresses(["10.0.0.1/24", "no address"])
    with pytest.raises(netstack.NotFound):
        wire.nic.remove_address("10.0.0.1")
    with pytest.raises(netstack.NotFound):
        wire.nic.remove_addresses(["192.168.0.1", "10.0.0.1"])
    assert wire.answers(request(OURS[4])) == 1
    wire.nic.add_prefix("10.8.0.0/16")
    with pytest.raises(netstack.Busy):
        wire.nic.add_prefixes(["10.7.0.0/16", "10.8.0.0/16"])
    with pytest.raises(netstack.NotFound):
        wire.nic.remove_prefixes(["10.8.0.0/16", "10.7.0.0/16"])
    wire.nic.remove_prefix("10.8.0.0/16")


def test_text_is_no_list_of_addresses(wire: Wire) -> None:
    """A single text where a list belongs is a mistake that would else go character by character."""
    link: Any = netstack.Channel()
    with pytest.raises(TypeError):
        wire.stack.add_nic(link, addresses="10.0.0.1/24")
    with pytest.raises(TypeError):
        wire.nic.add_prefixes("10.7.0.0/16")
    wire.stack.add_nic(link)


@pytest.mark.parametrize("family", [4, 6])
def test_addresses_out_are_objects(wire: Wire, family: int) -> None:
    seen: list[Any] = []
    wire.on_echo(lambda each: seen.extend([each.source, each.destination, each.retain()]))
    wire.send(request(OURS[family]))
    source, destination, packet = seen
    assert (source, destination) == (ip(PEER[family]), ip(OURS[family]))
    assert (packet.source, packet.destination) == (source, destination)
    assert type(source) is type(packet.source) is type(ip(OURS[family]))


def test_scope_of_an_address_is_a_nic(wire: Wire) -> None:
    second = netstack.Channel()
    wire.nic.add_address("fe80::1/64")
    wire.stack.add_nic(second, addresses=["fe80::2/64"])
    with netstack.PingSocket(wire.stack, 6) as ping:
        for text, link in (("fe80::9%1", wire.link), ("fe80::9%2", second)):
            for form in (text, ip(text)):
                assert ping.send(to=form) is True
                assert len(link.drain()) == 1
        with pytest.raises(netstack.NoRoute):
            ping.send(to="fe80::9%3")
        for wrong in ("fe80::9%0", "fe80::9%eth0", "fe80::9%", "192.168.0.2%1"):
            with pytest.raises(netstack.InvalidArgument, match=r"^to: "):
                ping.send(to=wrong)
    assert wire.link.drain() == second.drain() == []


@pytest.mark.parametrize("seconds", [0, 1, 0.5, 4.242, 1e-9, 2**31, 3 * 10**8])
def test_seconds_in_and_out(seconds: float) -> None:
    clock = netstack.ManualClock(seconds)
    assert clock.now == pytest.approx(seconds, rel=1e-15)
    assert clock.now_ns == round(seconds * 10**9)
    clock.advance(seconds)
    assert clock.now_ns == 2 * round(seconds * 10**9)
    assert type(clock.now) is float
    assert type(clock.now_ns) is int


def test_nanoseconds_are_exact() -> None:
    clock = netstack.ManualClock()
    clock.advance_ns(10**17 + 1)
    clock.advance_ns(1)
    assert clock.now_ns == 10**17 + 2
    clock.advance(0)
    assert clock.now_ns == 10**17 + 2


@given(st.floats(min_value=0, max_value=1e9))
def test_seconds_are_rounded_to_the_nearest_nanosecond(seconds: float) -> None:
    clock = netstack.ManualClock()
    clock.advance(seconds)
    assert clock.now_ns == round(seconds * 1e9)


@pytest.mark.parametrize("seconds", [-1, -1e-9, math.nan, math.inf, -math.inf, 1e300, 2**80])
def test_seconds_that_make_no_sense(seconds: float) -> None:
    clock = netstack.ManualClock(5)
    with pytest.raises(netstack.InvalidArgument, match="seconds"):
        clock.advance(seconds)
    with pytest.raises(netstack.InvalidArgument, match="start"):
        netstack.ManualClock(seconds)
    assert clock.now == 5.0


def test_one_clock_of_two_stacks() -> None:
    clock = netstack.ManualClock(1.0)
    with netstack.Stack(clock=clock) as one, netstack.Stack(clock=clock) as other:
        clock.advance(0.25)
        assert one.time() == other.time() == clock.now == 1.25


def test_reprs(wire: Wire) -> None:
    assert repr(wire.stack) == "<netstack.Stack with 1 NIC>"
    wire.stack.add_nic(netstack.Channel())
    assert repr(wire.stack) == "<netstack.Stack with 2 NICs>"
    seen: list[Any] = []
    wire.on_echo(lambda each: seen.extend([each, each.retain()]))
    wire.send(request(OURS[4], sequence=77))
    assert all(text in repr(seen[0]) for text in ("netstack.Request", OURS[4], PEER[4], "77"))
    assert all(text in repr(seen[1]) for text in ("netstack.Packet", OURS[4], PEER[4], "77"))
    clock = netstack.ManualClock(4.25)
    assert "4.25" in repr(clock)
    assert "1" in repr(wire.nic)
    ping, raw = netstack.PingSocket(wire.stack), netstack.RawSocket(wire.stack)
    for each in (wire.nic, clock, wire.link, ping, raw):
        assert f"netstack.{type(each).__name__}" in repr(each)
    empty = netstack.Stack()
    assert repr(empty) == "<netstack.Stack with 0 NICs>"
    empty.close()
    assert repr(empty) == "<netstack.Stack closed>"


def test_packet_is_a_read_only_buffer(wire: Wire) -> None:
    kept: list[netstack.Packet] = []
    wire.on_echo(lambda each: kept.append(each.retain()))
    echo = request(OURS[4], payload=bytes(range(100)))
    wire.send(echo)
    packet = kept[0]
    view = memoryview(packet)
    assert (view.readonly, view.format, view.itemsize, view.ndim) == (True, "B", 1, 1)
    assert bytes(packet) == view.tobytes() == echo.build()
    assert len(packet) == packet.length == 128
    assert packet.payload() == bytes(range(100))
    assert packet.payload_offset == 28
    with pytest.raises(TypeError):
        view[0] = 1
    with pytest.raises(TypeError):
        netstack.Packet()
    assert packet.has_bad_checksum is False


def test_nics_are_a_read_only_mapping(wire: Wire) -> None:
    assert dict(wire.stack.nics) == {1: wire.nic}
    third = wire.stack.add_nic(netstack.Channel(), nic=3)
    second = wire.stack.add_nic(netstack.Channel())
    assert (second.id, third.id) == (2, 3)
    assert sorted(wire.stack.nics) == [1, 2, 3]
    assert wire.stack.nics[3] is third
    with pytest.raises(KeyError):
        wire.stack.nics[4]
    with pytest.raises(TypeError):
        wire.stack.nics[4] = third  # type: ignore[index]
    wire.nic.remove()
    assert sorted(wire.stack.nics) == [2, 3]
    assert wire.stack.add_nic(netstack.Channel()).id == 1
    with pytest.raises(netstack.Busy):
        wire.stack.add_nic(netstack.Channel(), nic=2)


def test_nic_properties(wire: Wire) -> None:
    assert wire.nic.link is wire.link
    assert wire.nic.stack is wire.stack
    names = ("disabled", "promiscuous", "spoofing", "side_by_side", "forwarding_ipv4", "forwarding_ipv6")
    for name in names:
        assert getattr(wire.nic, name) is False
        setattr(wire.nic, name, True)
        assert getattr(wire.nic, name) is True
        setattr(wire.nic, name, False)
    wire.nic.disabled = True
    assert wire.send(request(OURS[4])) == []
    wire.nic.disabled = False
    assert wire.answers(request(OURS[4])) == 1
    with pytest.raises(TypeError):
        netstack.Nic()  # type: ignore[call-arg]


@pytest.mark.parametrize("family", [4, 6])
def test_a_nic_that_forwards_sends_on_what_is_not_ours(wire: Wire, family: int) -> None:
    far = netstack.Channel()
    wire.stack.add_nic(far, addresses=["203.0.113.1/24", "2001:db8::1/64"])
    echo = request({4: "203.0.113.9", 6: "2001:db8::9"}[family])
    assert wire.send(echo) == []
    assert far.drain() == []
    setattr(wire.nic, f"forwarding_ipv{family}", True)
    assert wire.send(echo) == []
    assert far.drain() == [dataclasses.replace(echo, ttl=echo.ttl - 1).build()]
    wire.nic.remove()
    again = wire.stack.add_nic(wire.link, forwarding_ipv4=family == 4, forwarding_ipv6=family == 6)
    assert getattr(again, f"forwarding_ipv{family}") is True
    assert getattr(again, f"forwarding_ipv{10 - family}") is False
    assert wire.send(echo) == []
    assert len(far.drain()) == 1


def test_routes_say_where_packets_leave(wire: Wire) -> None:
    other = netstack.Channel()
    nic = wire.stack.add_nic(other, addresses=["172.16.0.1/24"])

    def leaves_by_other() -> bool:
        with netstack.PingSocket(wire.stack) as ping:
            try:
                ping.send(to="10.9.9.9")
            except netstack.NoRoute:
                return False
        assert wire.link.drain() == []
        return len(other.drain()) == 1

    assert not leaves_by_other()
    wire.stack.add_route("10.0.0.0/8", nic, "172.16.0.9")
    assert leaves_by_other()
    wire.stack.remove_route("10.0.0.0/8", nic.id, "172.16.0.9")
    assert not leaves_by_other()
    with pytest.raises(netstack.NotFound):
        wire.stack.remove_route("10.0.0.0/8", nic)
    wire.stack.add_route(ipaddress.ip_network("0.0.0.0/0"), 1, ip("192.168.0.254"))
    with pytest.raises(netstack.Busy):
        wire.stack.add_route("0.0.0.0/0", 1, "192.168.0.254")
    wire.stack.remove_route("0.0.0.0/0", 1, "192.168.0.254")


def test_stack_options_reach_it() -> None:
    for options, ttl4, ttl6 in (
        ({}, 64, 64),
        ({"default_ttl": 1}, 1, 64),
        ({"default_hop_limit": 255}, 64, 255),
    ):
        wire = Wire(stack=options)
        for family, ttl in ((4, ttl4), (6, ttl6)):
            echo = request(OURS[family])
            assert wire.send(echo) == [echo.answer(ttl=ttl).build()]
        wire.stack.close()
    own = dataclasses.replace(request(OURS[4]), source=ip(OURS[4]))
    for option, answered in ((False, 1), (True, 0)):
        wire = Wire(stack={"check_local_source": option})
        assert len(wire.send(own)) == answered
        wire.stack.close()
        wire = Wire(stack={"allow_loopback": option}, promiscuous=True)
        wire.on_echo(lambda each: each.reply())
        assert len(wire.send(request("127.0.0.1"))) == 1 - answered
        wire.stack.close()


def test_fragments_hold_no_more_than_the_options_say() -> None:
    first = dataclasses.replace(request(OURS[4]), fragment=0x2000, payload=bytes(992))  # more come
    for options, given_up in (
        ({}, 0),
        ({"reassembly_high": 1000}, 1),
        ({"reassembly_high": 4000}, 2),  # down to three quarters
        ({"reassembly_high": 4000, "reassembly_low": 4000}, 1),
        ({"reassembly_low": 1}, 0),
    ):
        wire = Wire(stack=options)
        for number in range(3 if options.get("reassembly_high") == 4000 else 1):
            assert wire.send(dataclasses.replace(first, id=number)) == []
        assert wire.counter("reassembly.evicted") == given_up
        assert wire.answers(request(OURS[4])) == 1
        wire.stack.close()


@pytest.mark.parametrize("family", [4, 6])
def test_icmp_messages_are_limited(wire: Wire, family: int) -> None:
    held_back = f"icmp.v{family}.sent.rate_limited"
    wire.stack.set_icmp_rate(10, burst=2)
    for _ in range(5):
        assert wire.answers(request(OURS[family])) == 1
    wire.stack.set_icmp_limited(0 if family == 4 else 129, True, family=family)
    assert sum(wire.answers(request(OURS[family])) for _ in range(5)) == 2
    assert wire.counter(held_back) == 3
    wire.clock.advance(0.1)
    assert sum(wire.answers(request(OURS[family])) for _ in range(5)) == 1
    wire.stack.set_icmp_rate(None, burst=0)
    assert sum(wire.answers(request(OURS[family])) for _ in range(5)) == 5
    wire.stack.set_icmp_rate(0)
    assert wire.answers(request(OURS[10 - family])) == 1
    assert wire.answers(request(OURS[family])) == 0
    wire.stack.set_icmp_limited(0 if family == 4 else 129, False, family=family)
    assert wire.answers(request(OURS[family])) == 1
    assert wire.counter(held_back) == 8


@pytest.mark.parametrize("family", [4, 6])
def test_errors_are_limited_from_the_start(wire: Wire, family: int) -> None:
    unknown = bytearray(request(OURS[family]).build())
    unknown[9 if family == 4 else 6] = 99  # nobody's protocol
    if family == 4:
        unknown[10:12] = bytes(2)
        unknown[10:12] = checksum(bytes(unknown[:20])).to_bytes(2, "big")
    sent = sum(len(wire.send(bytes(unknown))) for _ in range(60))
    assert (sent, wire.counter(f"icmp.v{family}.sent.rate_limited")) == (50, 10)


def test_seeds_make_stacks_alike() -> None:
    def identifiers(seed: int | None) -> list[int]:
        with netstack.Stack(seed=seed) as stack:
            sockets = [netstack.PingSocket(stack) for _ in range(8)]
            for each in sockets:
                each.bind()
            return [each.identifier or 0 for each in sockets]

    assert identifiers(7) == identifiers(7)
    assert identifiers(7) != identifiers(8)
    assert identifiers(None) != identifiers(None)


STATUSES = {
    "InvalidArgument": (-1, ValueError),
    "OutOfMemory": (-2, MemoryError),
    "RequestExpired": (-3, RuntimeError),
    "NotReplyable": (-4, ValueError),
    "NoRoute": (-5, OSError),
    "Limited": (-6, RuntimeError),
    "Busy": (-7, RuntimeError),
    "Unsupported": (-8, NotImplementedError),
    "TooSmall": (-9, ValueError),
    "NotFound": (-10, LookupError),
    "Closed": (-11, ValueError),
    "Answered": (-12, RuntimeError),
    "TimedOut": (-13, TimeoutError),
    "WouldBlock": (-14, BlockingIOError),
    "InternalError": (-99, SystemError),
}


@pytest.mark.parametrize("name", STATUSES)
def test_errors_are_those_of_python_too(name: str) -> None:
    status, base = STATUSES[name]
    kind = getattr(netstack, name)
    assert kind is getattr(netstack.errors, name)
    assert issubclass(kind, netstack.NetstackError)
    assert issubclass(kind, base)
    error = kind("a sentence")
    assert (error.status, str(error)) == (status, "a sentence")


def test_everything_public_is_there() -> None:
    nouns = "Stack Nic Tun Channel FdLink CallbackLink Link ManualClock Request Packet PingSocket RawSocket"
    public = [*nouns.split(), "PingReply", "Capture", "NetstackError", "errors", "__version__"]
    assert set(public) <= set(netstack.__all__)
    for name in netstack.__all__:
        assert getattr(netstack, name).__doc__, name
    for name in ("Request", "Packet"):
        assert getattr(netstack, name).__module__ == "netstack"
