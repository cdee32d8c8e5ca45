"""Who is answered, and from which address: what a handler decides, against the table of the design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

import netstack
from icmp import GOLDEN, request
from wire import Wire, put


@dataclass(frozen=True)
class Column:
    """What the handler does."""

    name: str
    replies: int
    verdict: bool | None
    handler: bool = True


COLUMNS = [
    Column("no_handler", 0, None, handler=False),
    Column("false", 0, False),
    Column("none", 0, None),
    Column("true", 0, True),
    Column("reply_false", 1, False),
    Column("reply_none", 1, None),
    Column("reply_true", 1, True),
    Column("reply_twice_false", 2, False),
]
# What the stack does by itself where nothing holds it back, and where silence is the rule.
ANSWERS = [1, 1, 1, 0, 1, 1, 1, 1]
SILENCE = [0, 0, 0, 0, 1, 1, 1, 1]


@dataclass(frozen=True)
class Row:
    """A kind of destination."""

    name: str
    destination: str
    source: str  # of any answer
    kind: str  # what the request says that it is
    answers: list[int]
    nic: dict[str, Any] = field(default_factory=dict)
    group: str | None = None


PROMISCUOUS: dict[str, Any] = {"promiscuous": True}
SPOOFING: dict[str, Any] = {"promiscuous": True, "spoofing": True}
V4, V6 = "192.168.0.1", "a::1"

ROWS = [
    Row("v4_assigned", V4, V4, "", ANSWERS),
    Row("v4_assigned_promiscuous", V4, V4, "", ANSWERS, PROMISCUOUS),
    Row("v4_assigned_in_prefix", V4, V4, "", ANSWERS, {"prefixes": ["192.168.0.0/16"]}),
    Row("v4_temporary", "192.168.0.99", "192.168.0.99", "temporary", SILENCE, PROMISCUOUS),
    Row("v4_prefix", "10.7.1.2", "10.7.1.2", "temporary", SILENCE, {"prefixes": ["10.7.0.0/16"]}),
    Row("v4_spoofing", "192.168.0.99", "192.168.0.99", "temporary", SILENCE, SPOOFING),
    Row("v4_directed_broadcast", "192.168.0.255", V4, "broadcast", SILENCE),
    Row("v4_limited_broadcast", "255.255.255.255", V4, "broadcast", SILENCE, PROMISCUOUS),
    Row("v4_all_hosts", "224.0.0.1", V4, "multicast", SILENCE),
    Row("v4_group", "239.1.2.3", V4, "multicast", SILENCE, group="239.1.2.3"),
    Row("v6_assigned", V6, V6, "", ANSWERS),
    Row("v6_assigned_promiscuous", V6, V6, "", ANSWERS, PROMISCUOUS),
    Row("v6_assigned_in_prefix", V6, V6, "", ANSWERS, {"prefixes": ["a::/16"]}),
    Row("v6_temporary", "a::99", "a::99", "temporary", SILENCE, PROMISCUOUS),
    Row("v6_prefix", "fd07::1:2", "fd07::1:2", "temporary", SILENCE, {"prefixes": ["fd07::/64"]}),
    Row("v6_spoofing", "a::99", "a::99", "temporary", ANSWERS, SPOOFING),
    Row("v6_all_nodes", "ff02::1", V6, "multicast", ANSWERS),
    Row("v6_solicited_node", "ff02::1:ff00:1", V6, "multicast", ANSWERS),
    Row("v6_group", "ff05::77", V6, "multicast", ANSWERS, group="ff05::77"),
]


def kind(each: netstack.Request) -> str:
    flags = {
        "temporary": each.is_temporary,
        "broadcast": each.is_broadcast,
        "multicast": each.is_multicast,
    }
    return " ".join(name for name, set_ in flags.items() if set_)


def build(make_wire: Callable[..., Wire], row: Row) -> Wire:
    wire = make_wire(**row.nic)
    if row.group is not None:
        wire.nic.join_group(row.group)
    return wire


@pytest.mark.parametrize("at", range(len(COLUMNS)), ids=[column.name for column in COLUMNS])
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_neither_decision_implies_the_other(make_wire: Callable[..., Wire], row: Row, at: int) -> None:
    wire = build(make_wire, row)
    column = COLUMNS[at]
    seen: list[Any] = []

    def handler(each: netstack.Request) -> bool | None:
        # A link-local address bears its NIC, as in fe80::1%1.
        seen.append((kind(each), str(each.destination).removesuffix("%1")))
        for _ in range(column.replies):
            assert each.reply() is True
        return column.verdict

    if column.handler:
        wire.on_echo(handler)
    assert wire.answers(request(row.destination), row.source) == row.answers[at]
    assert seen == ([(row.kind, row.destination)] if column.handler else [])
    counts = {
        "forwarder.requests": column.handler,
        "forwarder.declined": column.handler and not column.verdict,
        "forwarder.consumed": column.handler and bool(column.verdict),
        "forwarder.failed": False,
        "forwarder.replied": column.replies > 0,
        "ip.packets_sent": row.answers[at] == 1,
    }
    assert {name: wire.counter(name) for name in counts} == {n: int(c) for n, c in counts.items()}


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_ping_socket_that_matches_comes_before_the_handler(make_wire: Callable[..., Wire], row: Row) -> None:
    wire = build(make_wire, row)
    echo = request(row.destination)
    calls: list[Any] = []
    with netstack.PingSocket(wire.stack, echo.family) as socket:
        socket.bind(identifier=echo.identifier)
        wire.on_echo(lambda each: put(calls, each) and each.reply())
        assert wire.answers(echo, row.source) == row.answers[0]
    assert calls == []


@pytest.mark.parametrize(("name", "asked", "answer"), GOLDEN, ids=[name for name, _, _ in GOLDEN])
@pytest.mark.parametrize("by", ["handler", "stack"])
def test_golden_bytes(
    make_wire: Callable[..., Wire], by: str, name: str, asked: bytes, answer: bytes
) -> None:
    wire = make_wire(promiscuous=True)
    if by == "handler":
        wire.on_echo(lambda each: each.reply())
    else:
        wire.stack.set_echo_policy("reply", destination="temporary")
    assert wire.send(asked) == [answer]


@pytest.mark.parametrize("destination", [V4, V6])
def test_every_size_up_to_the_mtu_is_answered(wire: Wire, destination: str) -> None:
    wire.on_echo(lambda each: each.reply())
    largest = 1500 - (40 if ":" in destination else 20) - 8
    for size in range(largest + 1):
        payload = bytes((size * 7 + at * 13) & 0xFF for at in range(size))
        assert wire.answers(request(destination, payload=payload, sequence=size)) == 1
    fragments = wire.send(request(destination, payload=bytes(largest + 1)))
    assert len(fragments) == 2


ASKED = ["192.168.0.1", "192.168.0.99", "192.168.0.255", "224.0.0.1", "a::1", "a::99", "ff02::1"]
POLICIES: list[tuple[dict[str, Any], str, bool, str]] = [
    # policy, family and destination; whether the NIC spoofs; who is answered, in the order of ASKED
    ({"destination": "temporary"}, "default", False, "1000101"),
    ({"destination": "temporary", "family": 4}, "reply", False, "1100101"),
    ({"destination": "temporary", "family": 6}, "reply", False, "1000111"),
    ({"destination": "temporary"}, "reply", False, "1100111"),
    ({"destination": "temporary", "family": None}, "reply", False, "1100111"),
    ({"destination": "group", "family": 4}, "reply", False, "1011101"),
    ({"destination": "group", "family": 6}, "silent", False, "1000100"),
    ({"destination": "group"}, "silent", False, "1000100"),
    ({"destination": "temporary"}, "silent", True, "1000101"),
    ({"destination": "temporary"}, "default", True, "1000111"),
]


@pytest.mark.parametrize(("about", "policy", "spoofing", "answered"), POLICIES)
@pytest.mark.parametrize("handler", [False, True], ids=["no_handler", "declined"])
def test_policies_turn_silence_into_a_reply_and_back(
    make_wire: Callable[..., Wire],
    about: dict[str, Any],
    policy: Any,
    spoofing: bool,
    answered: str,
    handler: bool,
) -> None:
    wire = make_wire(promiscuous=True, spoofing=spoofing)
    if handler:
        wire.on_echo(lambda each: None)
    wire.stack.set_echo_policy(policy, **about)
    assert [str(len(wire.send(request(each)))) for each in ASKED] == list(answered)
    wire.stack.set_echo_policy("default", **about)
    default = "1000111" if spoofing else "1000101"
    assert [str(len(wire.send(request(each)))) for each in ASKED] == list(default)


@pytest.mark.parametrize("family", [4, 6, None])
def test_handler_is_of_one_family_or_both(wire: Wire, family: int | None) -> None:
    seen: list[Any] = []

    @wire.stack.on_echo(family=family) if family else wire.stack.on_echo
    def handler(each: netstack.Request) -> bool:
        seen.append(each.family)
        return True

    assert wire.send(request(V4)) == [] if family in (4, None) else [request(V4).answer().build()]
    assert wire.send(request(V6)) == [] if family in (6, None) else [request(V6).answer().build()]
    assert seen == ([family] if family else [4, 6])
    wire.stack.remove_handler(family)
    assert wire.answers(request(V4)) == wire.answers(request(V6)) == 1


def test_on_echo_gives_the_function_back(wire: Wire) -> None:
    def handler(each: netstack.Request) -> None:
        return None

    assert wire.stack.on_echo(handler) is handler
    assert wire.stack.on_echo(handler, family=4, replace=True) is handler
    assert wire.stack.on_echo(replace=True)(handler) is handler


@pytest.mark.parametrize("first", [4, 6, None])
@pytest.mark.parametrize("second", [4, 6, None])
def test_second_handler_of_a_family_needs_replace(wire: Wire, first: int | None, second: int | None) -> None:
    wire.stack.on_echo(lambda each: True, family=first)
    if first is not None and second is not None and first != second:
        wire.stack.on_echo(lambda each: True, family=second)
        return
    with pytest.raises(netstack.Busy, match="replace=True"):
        wire.stack.on_echo(lambda each: None, family=second)
    # Nothing was changed: neither family has the second handler.
    assert len(wire.send(request(V4))) == (0 if first in (4, None) else 1)
    assert len(wire.send(request(V6))) == (0 if first in (6, None) else 1)
    wire.stack.on_echo(lambda each: None, family=second, replace=True)
    assert len(wire.send(request(V4))) == (1 if second in (4, None) or first == 6 else 0)
    assert len(wire.send(request(V6))) == (1 if second in (6, None) or first == 4 else 0)


def test_handler_that_was_removed_makes_room(wire: Wire) -> None:
    wire.stack.on_echo(lambda each: True)
    wire.stack.remove_handler(family=4)
    wire.stack.on_echo(lambda each: each.reply(), family=4)
    with pytest.raises(netstack.Busy):
        wire.stack.on_echo(lambda each: True, family=6)
    wire.stack.remove_handler()
    wire.stack.on_echo(lambda each: True)


@pytest.mark.parametrize("destination", [V4, V6])
def test_request_says_what_arrived(wire: Wire, destination: str) -> None:
    echo = request(destination, code=9, identifier=65535, sequence=40000, ttl=7, tos=0xB8, payload=b"xyz")
    seen: dict[str, Any] = {}
    words = "family nic identifier sequence type code ttl tos length payload_offset is_expired"
    names = words.split()

    def handler(each: netstack.Request) -> bool:
        seen.update({name: getattr(each, name) for name in names})
        seen.update(source=each.source, destination=each.destination)
        seen.update(packet=each.packet(), payload=each.payload())
        return True

    wire.on_echo(handler)
    padded = echo.build() + b"padding"
    assert wire.send(padded) == []
    header = 20 if echo.family == 4 else 40
    assert seen == {
        "family": echo.family,
        "nic": 1,
        "identifier": 65535,
        "sequence": 40000,
        "type": echo.type,
        "code": 9,
        "ttl": 7,
        "tos": 0xB8,
        "length": header + 11,
        "payload_offset": header + 8,
        "is_expired": False,
        "source": echo.source,
        "destination": echo.destination,
        "packet": echo.build(),
        "payload": b"xyz",
    }
    assert type(seen["packet"]) is bytes
    assert type(seen["payload"]) is bytes
