"""The seven groups of tests that the design of the forwarder names, for both families.

1 reply, 2 idempotence, 3 consuming without a reply, 4 reply for what is no Echo Request, 5 the request
after the handler, 6 a kept packet, 7 temporary addresses. Then the shapes of handlers that it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import netstack
from icmp import GROUP, OURS, PEER, TEMPORARY, Echo, reply, request
from wire import Wire, put

both = pytest.mark.parametrize("family", [4, 6])
verdicts = pytest.mark.parametrize("verdict", [True, False, None])


def reply_and(verdict: bool | None) -> Callable[[netstack.Request], bool | None]:
    def handler(each: netstack.Request) -> bool | None:
        assert each.reply() is True
        return verdict

    return handler


def moved(wire: Wire, echo: Echo) -> dict[str, int]:
    before = wire.stack.stats.snapshot()
    wire.send(echo)
    after = wire.stack.stats.snapshot()
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


@both
def test_1_reply_sends_the_very_bytes_of_the_built_in_reply(wire: Wire, family: int) -> None:
    unusual: dict[str, Any] = {"id": 0xBEEF} if family == 4 else {"flow_label": 0x12345}
    echo = request(OURS[family], tos=0x20, ttl=3, **unusual)
    built_in = wire.send(echo)
    wire.on_echo(reply_and(True))
    assert wire.send(echo) == built_in
    assert len(built_in) == 1


@both
def test_1_reply_counts_what_the_built_in_reply_counts(wire: Wire, family: int) -> None:
    echo = request(OURS[family])
    built_in = moved(wire, echo)
    wire.on_echo(reply_and(True))
    forwarder = {"forwarder.requests": 1, "forwarder.consumed": 1, "forwarder.replied": 1}
    assert moved(wire, echo) == built_in | forwarder


@both
def test_2_reply_then_declined_is_one_reply(wire: Wire, family: int) -> None:
    wire.on_echo(reply_and(False))
    assert wire.answers(request(OURS[family])) == 1
    assert wire.counter(f"icmp.v{family}.sent.echo_reply") == 1


@both
@verdicts
def test_2_every_call_reports_the_first_outcome(wire: Wire, family: int, verdict: bool | None) -> None:
    seen: list[Any] = []

    def handler(each: netstack.Request) -> bool | None:
        seen.extend(each.reply() for _ in range(5))
        return verdict

    wire.on_echo(handler)
    assert wire.answers(request(OURS[family])) == 1
    assert seen == [True] * 5


@both
def test_2_each_request_has_a_reply_of_its_own(wire: Wire, family: int) -> None:
    wire.on_echo(reply_and(None))
    for sequence in range(10):
        assert wire.answers(request(OURS[family], sequence=sequence)) == 1


@both
def test_3_consuming_without_a_reply_is_silence(wire: Wire, family: int) -> None:
    wire.on_echo(lambda each: True)
    assert wire.send(request(OURS[family])) == []
    assert wire.counter(f"icmp.v{family}.received.echo_request") == 1
    assert wire.counter(f"icmp.v{family}.sent.echo_reply") == 0
    assert wire.counter("ip.packets_sent") == 0


@both
@verdicts
def test_4_reply_to_what_is_no_echo_request_is_refused(wire: Wire, family: int, verdict: bool | None) -> None:
    seen: list[Any] = []

    @wire.stack.on_echo(echo_replies=True)
    def handler(each: netstack.Request) -> bool | None:
        seen.append(each.type)
        assert [each.reply(), each.reply()] == [False, False]
        return verdict

    assert wire.send(reply(OURS[family])) == []
    assert seen == [0 if family == 4 else 129]


@both
def test_4_echo_replies_come_only_where_they_are_wanted(wire: Wire, family: int) -> None:
    seen: list[netstack.Request] = []
    wire.on_echo(seen.append)
    assert wire.send(reply(OURS[family])) == []
    assert seen == []


@both
@verdicts
@pytest.mark.parametrize("replies", [0, 1])
def test_5_request_ends_with_its_handler(wire: Wire, family: int, verdict: bool | None, replies: int) -> None:
    kept: list[Any] = []

    def handler(each: netstack.Request) -> bool | None:
        kept.append(each)
        for _ in range(replies):
            each.reply()
        return verdict

    wire.on_echo(handler)
    wire.send(request(OURS[family]))
    for method in ("reply", "packet", "payload", "retain"):
        with pytest.raises(netstack.RequestExpired):
            getattr(kept[0], method)()
    assert wire.link.drain() == []


@both
def test_6_kept_packet_survives_and_answers_nothing(wire: Wire, family: int) -> None:
    kept: list[Any] = []
    wire.on_echo(lambda each: put(kept, each.retain()) and True)
    echo = request(OURS[family])
    assert wire.send(echo.build() + b"padding") == []
    wire.stack.close()
    packet = kept[0]
    assert bytes(packet) == echo.build()
    assert (packet.source, packet.destination) == (echo.source, echo.destination)
    assert not hasattr(packet, "reply")


@both
def test_6_kept_packet_leaves_the_right_to_reply_alone(wire: Wire, family: int) -> None:
    def handler(each: netstack.Request) -> bool:
        each.retain()
        assert each.reply() is True
        return False

    wire.on_echo(handler)
    assert wire.answers(request(OURS[family])) == 1


@both
@verdicts
@pytest.mark.parametrize("spoofing", [False, True])
def test_7_reply_for_a_temporary_address_comes_from_it(
    make_wire: Callable[..., Wire], family: int, verdict: bool | None, spoofing: bool
) -> None:
    wire = make_wire(promiscuous=True, spoofing=spoofing)
    wire.on_echo(reply_and(verdict))
    assert wire.answers(request(TEMPORARY[family])) == 1


@both
def test_7_reply_for_a_temporary_address_leaves_nothing_behind(
    make_wire: Callable[..., Wire], family: int
) -> None:
    wire = make_wire(promiscuous=True)
    wire.on_echo(reply_and(True))
    assert wire.answers(request(TEMPORARY[family])) == 1
    with pytest.raises(netstack.NotFound):
        wire.nic.remove_address(TEMPORARY[family])
    wire.nic.promiscuous = False
    assert wire.send(request(TEMPORARY[family])) == []
    assert wire.counter("ip.invalid_destination_addresses_received") == 1
    assert wire.counter("forwarder.requests") == 1


@both
def test_7_no_address_is_needed_on_any_nic(make_wire: Callable[..., Wire], family: int) -> None:
    wire = make_wire(addresses=(), promiscuous=True)
    wire.on_echo(reply_and(False))
    assert wire.answers(request(TEMPORARY[family])) == 1


@both
def test_7_temporary_address_is_never_the_source_of_other_traffic(
    make_wire: Callable[..., Wire], family: int
) -> None:
    wire = make_wire(promiscuous=True, spoofing=True)
    wire.on_echo(reply_and(True))
    assert wire.answers(request(TEMPORARY[family])) == 1
    assert wire.answers(request(GROUP[family]), OURS[family]) == 1


def test_shape_proxy_keeps_the_request_and_answers_nothing(wire: Wire) -> None:
    forwarded = []

    def proxy(each: netstack.Request) -> bool:
        forwarded.append((str(each.source), str(each.destination), each.sequence, each.payload()))
        return True

    wire.on_echo(proxy)
    assert wire.send(request(OURS[4], sequence=7, payload=b"pay")) == []
    assert wire.send(request(OURS[6], sequence=8)) == []
    assert forwarded == [(PEER[4], OURS[4], 7, b"pay"), (PEER[6], OURS[6], 8, b"abcd")]


def test_shape_large_space_answers_only_what_nobody_assigned(make_wire: Callable[..., Wire]) -> None:
    wire = make_wire(prefixes=["10.7.0.0/16", "fd07::/64"])

    @wire.stack.on_echo
    def large_space(each: netstack.Request) -> bool:
        return each.is_temporary and each.reply()

    for destination in ("10.7.200.3", "fd07::beef", OURS[4], OURS[6]):
        assert wire.answers(request(destination)) == 1
    assert wire.counter("forwarder.consumed") == 2
    assert wire.counter("forwarder.declined") == 2


def test_shape_observer_changes_nothing(wire: Wire) -> None:
    observed = []

    @wire.stack.on_echo
    def observer(each: netstack.Request) -> None:
        observed.append((str(each.source), str(each.destination), each.ttl))

    assert wire.answers(request(OURS[4], ttl=9)) == wire.answers(request(OURS[6], ttl=3)) == 1
    assert observed == [(PEER[4], OURS[4], 9), (PEER[6], OURS[6], 3)]


def test_shape_one_handler_for_both_families_of_two_stacks(make_wire: Callable[..., Wire]) -> None:
    wires = [make_wire(), make_wire()]
    seen: list[Any] = []

    def handler(each: netstack.Request) -> bool:
        seen.append(each.family)
        return each.reply()

    for wire in wires:
        wire.on_echo(handler)
    assert [wire.answers(request(OURS[family])) for wire in wires for family in (4, 6)] == [1] * 4
    assert seen == [4, 6, 4, 6]


@both
def test_reply_without_a_route_is_false(make_wire: Callable[..., Wire], family: int) -> None:
    wire = make_wire(stack={"strict_routes": True}, addresses=(), promiscuous=True)
    outcomes: list[Any] = []

    def handler(each: netstack.Request) -> bool:
        outcomes.extend([each.reply(), each.reply()])
        return False

    wire.on_echo(handler)
    assert wire.send(request(TEMPORARY[family])) == []
    assert outcomes == [False, False]
