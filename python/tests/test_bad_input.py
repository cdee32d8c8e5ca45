# mypy: disable-error-code="arg-type, call-overload, list-item"
"""Wrong types are TypeErrors, senseless values InvalidArgument; each sentence names what was wrong.

And nothing that comes from a network or out of a random hat crashes or raises what it should not.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import ipaddress
import mmap
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netstack
from icmp import OURS, request
from wire import Wire

Call = Callable[[Wire], Any]


def stack_of(wire: Wire) -> Any:
    return wire.stack


def ping(**arguments: Any) -> Call:
    return lambda wire: stack_of(wire).ping("192.168.0.2", **arguments)


def socket(**arguments: Any) -> Call:
    return lambda wire: netstack.PingSocket(wire.stack, **arguments)


TYPES: list[tuple[Call, str]] = [
    (lambda wire: netstack.Stack(clock=7), "clock must be a ManualClock, not int"),
    (lambda wire: netstack.Stack(seed="x"), "seed must be an int, not str"),
    (lambda wire: netstack.Stack(seed=True), "seed must be an int, not bool"),
    (lambda wire: netstack.Stack(default_ttl=1.5), "default_ttl must be an int, not float"),
    (lambda wire: netstack.Stack(strict_routes=1), "strict_routes must be True or False, not int"),
    (lambda wire: wire.stack.add_nic("tun0"), "link must be a Link, not str"),
    (lambda wire: wire.stack.add_nic(netstack.Channel(), nic="1"), "nic must be an int, not str"),
    (lambda wire: wire.stack.add_nic(netstack.Channel(), addresses="10.0.0.1"), "addresses must be"),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), addresses=[10]),
        r"addresses\[0\] must be .*, not int",
    ),
    (lambda wire: wire.stack.add_nic(netstack.Channel(), prefixes=5), "prefixes must be .*, not int"),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), disabled="no"),
        "disabled must be True or False, not str",
    ),
    (lambda wire: wire.stack.on_echo(7), "handler must be .*, not int"),
    (lambda wire: wire.stack.on_echo("handler"), "handler must be .*, not str"),
    (lambda wire: wire.stack.on_echo(print, family="4"), "family must be .*, not str"),
    (lambda wire: wire.stack.on_echo(print, replace=1), "replace must be True or False, not int"),
    (lambda wire: wire.stack.on_echo(print, echo_replies="y"), "echo_replies must be True or False, not str"),
    (lambda wire: wire.stack.remove_handler("4"), "family must be .*, not str"),
    (lambda wire: wire.stack.run(on_error=7), "on_error must be .*, not int"),
    (lambda wire: wire.stack.set_echo_policy(1, destination="group"), "policy must be .*, not int"),
    (lambda wire: wire.stack.set_echo_policy("reply", destination=2), "destination must be .*, not int"),
    (lambda wire: wire.stack.set_icmp_rate("9"), "per_second must be an int, not str"),
    (lambda wire: wire.stack.set_icmp_rate(1.5), "per_second must be an int, not float"),
    (lambda wire: wire.stack.set_icmp_rate(1, burst=None), "burst must be an int, not NoneType"),
    (lambda wire: wire.stack.set_icmp_limited("3", True, family=4), "icmp_type must be an int, not str"),
    (lambda wire: wire.stack.set_icmp_limited(3, 1, family=4), "limited must be True or False, not int"),
    (lambda wire: wire.stack.set_icmp_limited(3, True, family=None), "family must be an int, not NoneType"),
    (lambda wire: netstack.Stack(reassembly_high=None), "reassembly_high must be an int, not NoneType"),
    (lambda wire: netstack.Stack(reassembly_low="1"), "reassembly_low must be an int, not str"),
    (lambda wire: wire.stack.add_route(10, 1), "destination must be .*, not int"),
    (lambda wire: wire.stack.add_route("10.0.0.0/8", "1"), "nic must be .*, not str"),
    (lambda wire: wire.stack.add_route("10.0.0.0/8", True), "nic must be .*, not bool"),
    (lambda wire: wire.stack.add_route("10.0.0.0/8", 1, 7), "gateway must be .*, not int"),
    (lambda wire: wire.stack.ping(7), "destination must be .*, not int"),
    (ping(timeout="1"), "timeout must be a number of seconds, not str"),
    (ping(timeout=None), "timeout must be a number of seconds, not NoneType"),
    (ping(timeout=True), "timeout must be a number of seconds, not bool"),
    (ping(payload="text"), "payload must be .*, not str"),
    (ping(payload=7), "payload must be .*, not int"),
    (ping(ttl="64"), "ttl must be an int, not str"),
    (ping(tos=1.0), "tos must be an int, not float"),
    (ping(sequence=None), "sequence must be an int, not NoneType"),
    (ping(source=5), "source must be .*, not int"),
    (ping(nic="eth0"), "nic must be .*, not str"),
    (lambda wire: wire.nic.add_address(b"10.0.0.1"), "address must be .*, not bytes"),
    (lambda wire: wire.nic.add_addresses([None]), r"addresses\[0\] must be .*, not NoneType"),
    (lambda wire: wire.nic.add_prefix(0), "prefix must be .*, not int"),
    (lambda wire: wire.nic.join_group(None), "group must be .*, not NoneType"),
    (lambda wire: setattr(wire.nic, "promiscuous", 1), "promiscuous must be True or False, not int"),
    (lambda wire: setattr(wire.nic, "capture", "file"), "capture must be a Capture.*, not str"),
    (lambda wire: netstack.Channel(mtu="1500"), "mtu must be an int, not str"),
    (lambda wire: netstack.Channel(capacity=1.0), "capacity must be an int, not float"),
    (lambda wire: netstack.Channel(notify=7), "notify must be .*, not int"),
    (lambda wire: netstack.CallbackLink(7), "transmit must be .*, not int"),
    (lambda wire: netstack.CallbackLink(None), "transmit must be .*, not NoneType"),
    (lambda wire: netstack.FdLink("0"), "descriptor must be .*, not str"),
    (lambda wire: netstack.FdLink(True), "descriptor must be .*, not bool"),
    (lambda wire: netstack.FdLink(0, packet_information=1), "packet_information must be .*, not int"),
    (lambda wire: netstack.Tun(7), "name must be a str, not int"),
    (lambda wire: netstack.Tun("t", host_addresses="10.0.0.1"), "host_addresses must be"),
    (lambda wire: wire.link.inject("packet"), "packet must be .*, not str"),
    (lambda wire: wire.link.inject(None), "packet must be .*, not NoneType"),
    (lambda wire: wire.link.inject([1, 2]), "packet must be .*, not list"),
    (lambda wire: netstack.ManualClock("0"), "start must be a number of seconds, not str"),
    (lambda wire: wire.clock.advance("1"), "seconds must be a number of seconds, not str"),
    (lambda wire: wire.clock.advance(True), "seconds must be a number of seconds, not bool"),
    (lambda wire: wire.clock.advance_ns(1.0), "nanoseconds must be an int, not float"),
    (lambda wire: netstack.Capture(7), "target must be .*, not int"),
    (lambda wire: netstack.PingSocket("stack"), "stack must be a Stack, not str"),
    (lambda wire: netstack.RawSocket(None), "stack must be a Stack, not NoneType"),
    (socket(family=None), "family must be .*, not NoneType"),
    (socket(family="4"), "family must be .*, not str"),
    (socket(ttl="1"), "ttl must be an int, not str"),
    (socket(notify=1), "notify must be .*, not int"),
    (socket(receive_bytes="1"), "receive_bytes must be an int, not str"),
    (lambda wire: netstack.PingSocket(wire.stack).bind(7), "address must be .*, not int"),
    (lambda wire: netstack.PingSocket(wire.stack).bind(identifier="7"), "identifier must be an int, not str"),
    (lambda wire: netstack.PingSocket(wire.stack).connect(7), "peer must be .*, not int"),
    (
        lambda wire: netstack.PingSocket(wire.stack).send("1", to="10.0.0.1"),
        "sequence must be an int, not str",
    ),
    (lambda wire: netstack.PingSocket(wire.stack).send(1, "x", to="10.0.0.1"), "payload must be .*, not str"),
    (lambda wire: netstack.PingSocket(wire.stack).send(1, to=7), "to must be .*, not int"),
]

VALUES: list[tuple[Call, str]] = [
    (lambda wire: netstack.Stack(seed=-1), "seed"),
    (lambda wire: netstack.Stack(seed=2**64), "seed"),
    (lambda wire: netstack.Stack(default_ttl=256), "default_ttl"),
    (lambda wire: netstack.Stack(default_ttl=0), "default_ttl"),
    (lambda wire: netstack.Stack(default_hop_limit=-1), "default_hop_limit"),
    (lambda wire: wire.stack.add_nic(netstack.Channel(), nic=0), "nic"),
    (lambda wire: wire.stack.add_nic(netstack.Channel(), nic=-1), "nic"),
    (lambda wire: wire.stack.add_nic(netstack.Channel(), nic=2**32), "nic"),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), addresses=["10.0.0.1", "x"]),
        r"addresses\[1\]: 'x'",
    ),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), prefixes=["10.7.0.0/16", "10.7.0.0/33"]),
        r"^prefixes\[1\]: '10\.7\.0\.0/33' is not an address with a prefix length, "
        r"such as 10\.7\.0\.0/16 or fd07::/64$",
    ),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), prefixes=["10.0.0.1"]),
        r"^prefixes\[0\]: '10\.0\.0\.1' is not an address with a prefix length",
    ),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), prefixes=["10.7.0.0/016"]),
        r"^prefixes\[0\]: '10\.7\.0\.0/016' is not an address with a prefix length",
    ),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), prefixes=["fe80::%1/64"]),
        r"^prefixes\[0\]: 'fe80::%1/64' is not an address with a prefix length",
    ),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), addresses=["fe80::1%1"]),
        r"^addresses\[0\]: 'fe80::1%1' is not an address with a prefix length",
    ),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), addresses=[ipaddress.ip_address("fe80::1%1")]),
        r"^addresses\[0\]: fe80::1%1 has a scope, which means nothing here$",
    ),
    (
        lambda wire: wire.stack.add_nic(
            netstack.Channel(), addresses=[ipaddress.ip_interface("fe80::1%1/64")]
        ),
        r"^addresses\[0\]: fe80::1%1/64 has a scope, which means nothing here$",
    ),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), prefixes=[ipaddress.ip_interface("fe80::%1/64")]),
        r"^prefixes\[0\]: fe80::%1/64 has a scope, which means nothing here$",
    ),
    (
        lambda wire: wire.stack.add_nic(netstack.Channel(), prefixes=[ipaddress.ip_network("fe80::%1/64")]),
        r"^prefixes\[0\]: fe80::%1 has a scope, which means nothing here$",
    ),
    (
        lambda wire: wire.nic.remove_address("192.168.0.1%1"),
        r"^address: '192\.168\.0\.1%1' is not an IPv4 or IPv6 address$",
    ),
    (lambda wire: wire.nic.remove_address("fe80::1%1"), r"^address: fe80::1%1 has a scope, which"),
    (
        lambda wire: wire.nic.remove_addresses(["fd00::1", ipaddress.ip_address("fe80::1%2")]),
        r"^addresses\[1\]: fe80::1%2 has a scope, which",
    ),
    (lambda wire: wire.nic.join_group("ff02::9%1"), r"^group: ff02::9%1 has a scope, which"),
    (lambda wire: wire.nic.leave_group("ff02::9%1"), r"^group: ff02::9%1 has a scope, which"),
    (
        lambda wire: wire.stack.add_route("fd07::/64", 1, "fe80::1%1"),
        r"^gateway: fe80::1%1 has a scope, which",
    ),
    (
        lambda wire: wire.stack.ping("fe80::9%" + "1" * 5000),
        r"^destination: the scope of 'fe80::9%1+' is not the id of a NIC",
    ),
    (
        lambda wire: wire.stack.ping("fe80::9%4294967296"),
        r"^destination: the scope of 'fe80::9%4294967296' is not the id of a NIC",
    ),
    (
        lambda wire: wire.stack.add_route("10.0.0.1", 1),
        r"^destination: '10\.0\.0\.1' is not an address with a prefix length",
    ),
    (
        lambda wire: netstack.Tun("t", host_addresses=["10.0.0.1"]),
        r"^host_addresses\[0\]: '10\.0\.0\.1' is not an address with a prefix length",
    ),
    (lambda wire: wire.stack.add_nic(netstack.Channel(), prefixes=["10.7.0.1/16"]), r"10\.7\.0\.1/16"),
    (lambda wire: wire.stack.on_echo(print, family=5), "family"),
    (lambda wire: wire.stack.on_echo(print, family=0), "family"),
    (lambda wire: wire.stack.set_echo_policy("answer", destination="group"), "policy.*'answer'"),
    (lambda wire: wire.stack.set_echo_policy("reply", destination="all"), "destination.*'all'"),
    (lambda wire: wire.stack.set_echo_policy("reply", destination="group", family=7), "family"),
    (lambda wire: wire.stack.set_icmp_rate(-1), "per_second"),
    (lambda wire: wire.stack.set_icmp_rate(2**32 - 1), "per_second must be from 0 to 4294967294"),
    (lambda wire: wire.stack.set_icmp_rate(None, burst=2**32), "burst"),
    (lambda wire: wire.stack.set_icmp_limited(3, True, family=5), "family must be 4 or 6, not 5"),
    (lambda wire: wire.stack.set_icmp_limited(8, True, family=4), "type is 8; what can be limited"),
    (lambda wire: wire.stack.set_icmp_limited(256, True, family=6), "icmp_type must be from 0 to 255"),
    (lambda wire: netstack.Stack(reassembly_high=0), "reassembly_high must be from 1"),
    (lambda wire: netstack.Stack(reassembly_low=2**64), "reassembly_low must be from 1"),
    (
        lambda wire: netstack.Stack(reassembly_high=1000, reassembly_low=1001),
        "reassembly_low must be from 1 to 1000, not 1001",
    ),
    (lambda wire: wire.stack.add_route("10.0.0.1/8", 1), r"10\.0\.0\.1/8"),
    (lambda wire: wire.stack.add_route("10.0.0.0/8", 1, "a::1"), "a::1"),
    (lambda wire: wire.stack.add_route("10.0.0.0/8", 1, "x"), "gateway.*'x'"),
    (lambda wire: wire.stack.ping("nowhere"), "destination.*'nowhere'"),
    (lambda wire: wire.stack.ping("10.0.0.1/8"), "destination.*10.0.0.1/8"),
    (ping(timeout=-1), "timeout"),
    (ping(timeout=float("nan")), "timeout"),
    (ping(timeout=float("inf")), "timeout"),
    (ping(timeout=1e300), "timeout"),
    (ping(timeout=10**5000), "timeout must be .* seconds, not a number of thousands of digits"),
    (ping(ttl=10**5000), "ttl must be from 1 to 255, not a number of thousands of digits"),
    (ping(ttl=256), "ttl"),
    (ping(ttl=0), "ttl"),
    (ping(tos=256), "tos"),
    (ping(tos=-1), "tos"),
    (ping(sequence=65536), "sequence"),
    (ping(source="a::1"), "^source a::1 is not of the family of the destination"),
    (ping(nic=-1), "nic"),
    (lambda wire: wire.nic.add_address("x"), "address.*'x'"),
    (lambda wire: wire.nic.add_address("10.0.0.1/33"), "10.0.0.1/33"),
    (lambda wire: wire.nic.add_address("224.0.0.1"), r"224\.0\.0\.1"),
    (lambda wire: wire.nic.add_address("10.0.0.1\0"), "address"),
    (lambda wire: wire.nic.remove_address("x"), "address.*'x'"),
    (lambda wire: wire.nic.add_prefix("224.0.0.0/4"), r"224\.0\.0\.0/4"),
    (lambda wire: wire.nic.add_prefix("10.7.0.0"), r"10\.7\.0\.0"),
    (lambda wire: wire.nic.add_prefixes(["a::/16", "a::/129"]), r"prefixes\[1\]"),
    (lambda wire: wire.nic.join_group("10.0.0.1"), r"10\.0\.0\.1"),
    (lambda wire: netstack.Channel(mtu=-1), "mtu"),
    (lambda wire: netstack.Channel(mtu=2**32), "mtu"),
    (lambda wire: netstack.Channel(mtu=65536), "mtu"),
    (lambda wire: netstack.Channel(capacity=65537), "capacity"),
    (lambda wire: netstack.Channel(capacity=0), "capacity"),
    (lambda wire: netstack.CallbackLink(print, mtu=0), "mtu"),
    (lambda wire: netstack.FdLink(-1), "descriptor"),
    (lambda wire: netstack.FdLink(999_999), "descriptor"),
    (lambda wire: netstack.FdLink(2**40), "descriptor"),
    (lambda wire: netstack.FdLink(0, packet_information="bsd"), "packet_information.*'bsd'"),
    (lambda wire: netstack.Tun("name\0"), "name"),
    (lambda wire: netstack.Tun("t", mtu=67), "mtu"),
    (lambda wire: wire.clock.advance(-0.5), "seconds"),
    (lambda wire: wire.clock.advance_ns(-1), "nanoseconds"),
    (lambda wire: wire.clock.advance_ns(2**64), "nanoseconds"),
    (lambda wire: netstack.Capture("a\0b"), "target|path"),
    (socket(family=0), "family"),
    (socket(ttl=300), "ttl"),
    (socket(tos=300), "tos"),
    (socket(receive_bytes=-1), "receive_bytes"),
    (lambda wire: netstack.PingSocket(wire.stack).bind(identifier=65536), "identifier"),
    (lambda wire: netstack.PingSocket(wire.stack).bind(identifier=-1), "identifier"),
    (lambda wire: netstack.PingSocket(wire.stack).send(65536, to="10.0.0.1"), "sequence"),
    (lambda wire: netstack.PingSocket(wire.stack).send(to="a::1"), "^to must be an IPv4 address, not a::1"),
    (lambda wire: netstack.PingSocket(wire.stack, 6).send(to="1.1.1.1"), "^to must be an IPv6 address, not"),
    (lambda wire: netstack.PingSocket(wire.stack).connect("224.0.0.1"), r"224\.0\.0\.1"),
]


def untouched(wire: Wire) -> None:
    assert dict(wire.stack.nics) == {1: wire.nic}
    assert [wire.answers(request(OURS[family])) for family in (4, 6)] == [1, 1]


@pytest.mark.parametrize(("call", "text"), TYPES, ids=[text for _, text in TYPES])
def test_wrong_types(wire: Wire, call: Call, text: str) -> None:
    with pytest.raises(TypeError, match="^" + text):
        call(wire)
    untouched(wire)


@pytest.mark.parametrize(
    ("call", "text"), VALUES, ids=[str(at) + " " + text for at, (_, text) in enumerate(VALUES)]
)
def test_values_that_make_no_sense(wire: Wire, call: Call, text: str) -> None:
    with pytest.raises(netstack.InvalidArgument, match=text) as raised:
        call(wire)
    assert isinstance(raised.value, ValueError)
    assert "\n" not in str(raised.value)
    untouched(wire)


def copies(data: bytes) -> list[Any]:
    mapped = mmap.mmap(-1, len(data))
    mapped[:] = data
    size = len(data) // 4
    return [
        data,
        bytearray(data),
        memoryview(data),
        memoryview(bytearray(data)).toreadonly(),
        memoryview(b"--" + data + b"--")[2:-2],
        array.array("B", data),
        array.array("I", data),
        (ctypes.c_ubyte * len(data)).from_buffer_copy(data),
        (ctypes.c_uint32 * size)(*struct.unpack(f"={size}I", data)),
        mapped,
        memoryview(data).cast("B", [size, 4]),
    ]


def test_bytes_of_every_kind(wire: Wire) -> None:
    echo = request(OURS[4])
    for each in copies(echo.build()):
        assert wire.link.inject(each) is True
        assert wire.link.drain() == [echo.answer().build()], type(each)
    with netstack.PingSocket(wire.stack) as ping_socket:
        for each in copies(bytes(range(16))):
            assert ping_socket.send(payload=each, to="192.168.0.2")
            assert wire.link.drain()[0][28:] == bytes(range(16)), type(each)


def test_bytes_that_lie_apart_are_refused(wire: Wire) -> None:
    packet = request(OURS[4]).build()
    apart = memoryview(bytes(each for byte in packet for each in (byte, 0)))[::2]
    assert bytes(apart) == packet
    with netstack.PingSocket(wire.stack) as ping_socket:
        for call in (wire.link.inject, lambda data: ping_socket.send(payload=data, to="192.168.0.2")):
            for view in (apart, memoryview(packet)[::-1]):
                with pytest.raises((netstack.InvalidArgument, TypeError, BufferError, ValueError)):
                    call(view)
    released = memoryview(packet)
    released.release()
    with pytest.raises(ValueError, match="released"):
        wire.link.inject(released)
    untouched(wire)


def test_empty_packets_do_nothing(wire: Wire) -> None:
    assert wire.send(b"") == []
    assert wire.send(bytearray()) == []
    untouched(wire)


PACKETS = st.one_of(
    st.binary(max_size=100),
    st.builds(
        lambda echo, cut, at, value: (echo[: at % len(echo)] + bytes([value]) + echo[at % len(echo) + 1 :])[
            : len(echo) - cut
        ],
        st.sampled_from([request(OURS[4]).build(), request(OURS[6]).build(), request("ff02::1").build()]),
        st.integers(0, 20),
        st.integers(0, 70),
        st.integers(0, 255),
    ),
)


@given(st.lists(PACKETS, max_size=20), st.booleans())
def test_random_bytes_never_raise(packets: list[bytes], side_by_side: bool) -> None:
    wire = Wire(promiscuous=True, side_by_side=side_by_side)
    wire.on_echo(lambda each: each.retain() and each.reply() and each.payload() != b"x")
    with netstack.RawSocket(wire.stack), netstack.PingSocket(wire.stack):
        for packet in packets:
            assert wire.link.inject(packet) in ((True, False) if side_by_side else (True,))
    assert wire.counter("forwarder.failed") == 0
    wire.stack.close()


ADDRESS = st.sampled_from(
    ["10.0.0.1/8", "10.0.0.1", "a::1/64", "fe80::1%1", "224.0.0.1", "", "x", "10.7.0.0/16", "::/0"]
)
NUMBER = st.sampled_from([0, 1, 2, 3, -1, 2**32, 2**70])
HANDLER = st.sampled_from([None, print, 7, lambda each: True, lambda each: each.reply()])
STEPS: dict[str, tuple[Any, ...]] = {
    "stack.add_route": (ADDRESS, NUMBER, st.one_of(st.none(), ADDRESS)),
    "stack.remove_route": (ADDRESS, NUMBER),
    "stack.on_echo": (HANDLER,),
    "stack.remove_handler": (st.sampled_from([None, 4, 6, 5]),),
    "stack.close": (),
    "stack.poll": (),
    "stack.stop": (),
    "nic.add_address": (ADDRESS,),
    "nic.remove_address": (ADDRESS,),
    "nic.add_prefix": (ADDRESS,),
    "nic.remove_prefix": (ADDRESS,),
    "nic.add_addresses": (st.lists(ADDRESS, max_size=3),),
    "nic.join_group": (ADDRESS,),
    "nic.leave_group": (ADDRESS,),
    "nic.remove": (),
    "link.inject": (PACKETS,),
    "link.read": (),
    "link.close": (),
    "clock.advance": (NUMBER,),
}
STEP = st.sampled_from(sorted(STEPS)).flatmap(lambda name: st.tuples(st.just(name), st.tuples(*STEPS[name])))


@given(st.lists(STEP, max_size=30))
def test_random_calls_never_crash(steps: list[tuple[str, tuple[Any, ...]]]) -> None:
    wire = Wire()
    for name, arguments in steps:
        noun, _, verb = name.partition(".")
        with contextlib.suppress(netstack.NetstackError, TypeError):
            getattr(getattr(wire, noun), verb)(*arguments)
    wire.stack.close()
