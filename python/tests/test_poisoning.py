"""A request may be used on its handler's thread until the handler returns, and nowhere else, ever."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import netstack
from icmp import OURS, PEER, request
from wire import Thread, Wire, elsewhere, put, wait

both = pytest.mark.parametrize("family", [4, 6])
CAPABILITIES = ("reply", "packet", "payload", "retain")
FACTS = """source destination family nic is_temporary is_broadcast is_multicast identifier sequence type code
ttl tos length payload_offset""".split()  # noqa: SIM905


def facts(of: netstack.Request | netstack.Packet) -> dict[str, Any]:
    return {name: getattr(of, name) for name in FACTS}


def expired(kept: netstack.Request) -> None:
    """Every capability says that it is gone, and goes on saying it; every fact stays."""
    for _ in range(2):
        for name in CAPABILITIES:
            with pytest.raises(netstack.RequestExpired) as raised:
                getattr(kept, name)()
            assert raised.value.status == -3
            assert str(raised.value)
    assert kept.is_expired is True
    assert set(facts(kept)) == set(FACTS)


def alive(kept: netstack.Request) -> None:
    assert kept.is_expired is False
    assert len(kept.packet()) == kept.length
    assert kept.packet()[kept.payload_offset :] == kept.payload()
    assert bytes(kept.retain()) == kept.packet()


class Keeper:
    """A handler that keeps its requests."""

    def __init__(self, then: Callable[[netstack.Request], Any] = lambda each: True) -> None:
        self.kept: list[netstack.Request] = []
        self.facts: list[dict[str, Any]] = []
        self.then = then

    def __call__(self, each: netstack.Request) -> Any:
        alive(each)
        self.kept.append(each)
        self.facts.append(facts(each))
        return self.then(each)


@both
@pytest.mark.parametrize("verdict", [True, False, None])
@pytest.mark.parametrize("replies", [False, True])
def test_after_the_handler_returned(wire: Wire, family: int, verdict: bool | None, replies: bool) -> None:
    keeper = Keeper(lambda each: verdict if not replies or each.reply() else None)
    wire.on_echo(keeper)
    wire.send(request(OURS[family]))
    expired(keeper.kept[0])
    assert wire.link.drain() == []
    assert facts(keeper.kept[0]) == keeper.facts[0]


@both
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_after_an_exception(wire: Wire, family: int, error: type[BaseException]) -> None:
    def fail(each: netstack.Request) -> None:
        raise error

    keeper = Keeper(fail)
    wire.on_echo(keeper)
    with pytest.raises(error):
        wire.link.inject(request(OURS[family]).build())
    expired(keeper.kept[0])


def test_after_a_verdict_that_is_none(wire: Wire) -> None:
    keeper = Keeper(lambda each: "yes")
    wire.on_echo(keeper)
    with pytest.raises(TypeError):
        wire.link.inject(request(OURS[4]).build())
    expired(keeper.kept[0])


@both
def test_another_thread_while_the_handler_runs(wire: Wire, family: int) -> None:
    def meanwhile(each: netstack.Request) -> bool:
        elsewhere(lambda: expired(each))
        alive(each)
        assert each.reply() is True
        elsewhere(lambda: expired(each))
        return True

    wire.on_echo(Keeper(meanwhile))
    assert wire.answers(request(OURS[family])) == 1


def test_another_thread_inside_a_handler_of_its_own(make_wire: Callable[..., Wire]) -> None:
    wire, other = make_wire(), make_wire()
    keeper = Keeper()

    def of_other(each: netstack.Request) -> bool:
        expired(keeper.kept[0])
        alive(each)
        return each.reply()

    other.on_echo(of_other)
    keeper.then = lambda each: elsewhere(lambda: other.answers(request(OURS[4]))) == 1
    wire.on_echo(keeper)
    assert wire.send(request(OURS[4])) == []
    assert other.counter("forwarder.replied") == 1


def test_another_thread_later_while_the_next_request_is_served(wire: Wire) -> None:
    keeper = Keeper()
    wire.on_echo(keeper)
    wire.send(request(OURS[4], sequence=1))
    keeper.then = lambda each: elsewhere(lambda: expired(keeper.kept[0])) is None
    wire.send(request(OURS[4], sequence=2))
    assert [each.sequence for each in keeper.kept] == [1, 2]
    expired(keeper.kept[1])


def test_nested_handler_uses_the_outer_request(wire: Wire) -> None:
    outer: list[netstack.Request] = []
    answered = []

    def handler(each: netstack.Request) -> bool:
        if each.sequence == 1:
            outer.append(each)
            wire.link.inject(request(OURS[6], sequence=2).build())
            outer.append(each)
            alive(each)
        else:
            alive(outer[0])
            alive(each)
            outer.append(each)
            answered.append(outer[0].reply())
        return True

    wire.on_echo(handler)
    sent = wire.send(request(OURS[4], sequence=1))
    assert sent == [request(OURS[4], sequence=1).answer().build()]
    assert answered == [True]
    for each in outer:
        expired(each)


def test_nested_request_in_its_outer_handler(wire: Wire) -> None:
    """The inner handler has returned, the outer one has not."""
    inner: list[netstack.Request] = []

    def handler(each: netstack.Request) -> bool:
        if each.sequence == 2:
            inner.append(each)
            return True
        wire.link.inject(request(OURS[4], sequence=2).build())
        expired(inner[0])
        return each.reply()

    wire.on_echo(handler)
    assert wire.answers(request(OURS[4], sequence=1)) == 1


def test_after_the_stack_is_gone(make_wire: Callable[..., Wire]) -> None:
    wire = make_wire()
    keeper = Keeper()
    wire.on_echo(keeper)
    wire.send(request(OURS[4]))
    wire.stack.close()
    expired(keeper.kept[0])
    elsewhere(lambda: expired(keeper.kept[0]))
    before = keeper.facts[0]
    del wire
    gc.collect()
    expired(keeper.kept[0])
    assert facts(keeper.kept[0]) == before


def test_inside_the_handler_that_closed_the_stack(make_wire: Callable[..., Wire]) -> None:
    wire = make_wire()

    def close(each: netstack.Request) -> bool:
        wire.stack.close()
        alive(each)
        return True

    keeper = Keeper(close)
    wire.on_echo(keeper)
    wire.link.inject(request(OURS[4]).build())
    expired(keeper.kept[0])


def test_after_the_handler_was_replaced(wire: Wire) -> None:
    keeper = Keeper()
    wire.on_echo(keeper)
    wire.send(request(OURS[4]))
    wire.on_echo(lambda each: expired(keeper.kept[0]))
    assert wire.answers(request(OURS[4])) == 1
    wire.stack.remove_handler()
    expired(keeper.kept[0])


def test_while_the_handler_that_was_replaced_still_runs(wire: Wire) -> None:
    def replace(each: netstack.Request) -> bool:
        wire.on_echo(lambda _: True)
        alive(each)
        return each.reply()

    keeper = Keeper(replace)
    wire.on_echo(keeper)
    assert wire.answers(request(OURS[4])) == 1
    expired(keeper.kept[0])


def test_no_thread_ever_has_anothers_request(wire: Wire) -> None:
    """Four threads, each with requests of its own and those that the others have at that moment."""
    current: dict[int, netstack.Request] = {}
    problems: list[str] = []

    def handler(each: netstack.Request) -> bool:
        mine = threading.get_ident()
        current[mine] = each
        for owner, other in list(current.items()):
            try:
                sequence = other.retain().sequence
            except netstack.RequestExpired:
                if owner == mine:
                    problems.append("mine is expired")
            else:
                if owner != mine or sequence != each.sequence:
                    problems.append("another's is alive")
        return True

    wire.on_echo(handler)
    start = threading.Event()

    def work(first: int) -> None:
        wait(start)
        for at in range(250):
            wire.link.inject(request(OURS[4], sequence=first + at).build())

    threads = [Thread(partial(work, first)) for first in range(0, 4000, 1000)]
    start.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert wire.counter("forwarder.consumed") == 1000


@both
def test_facts_are_what_they_were(wire: Wire, family: int) -> None:
    keeper = Keeper()
    wire.on_echo(keeper)
    for sequence in range(50):
        wire.send(request(OURS[family], sequence=sequence, ttl=sequence + 1, payload=bytes(sequence)))
    gc.collect()
    for sequence, (each, then) in enumerate(zip(keeper.kept, keeper.facts, strict=True)):
        assert facts(each) == then
        assert (each.sequence, each.ttl) == (sequence, sequence + 1)
        assert (str(each.source), str(each.destination)) == (PEER[family], OURS[family])
        assert elsewhere(partial(facts, each)) == then


def test_kept_packet_outlives_everything(make_wire: Callable[..., Wire]) -> None:
    wire = make_wire()
    packets: list[Any] = []
    wire.on_echo(lambda each: put(packets, each.retain()) and True)
    echo = request(OURS[4], payload=bytes(range(200)))
    wire.send(echo)
    view = memoryview(packets[0])
    wire.stack.close()
    del wire
    packets.clear()
    gc.collect()
    assert view.readonly
    assert bytes(view) == echo.build()
    assert bytes(view[28:]) == bytes(range(200))


def test_there_is_no_other_way_to_a_request(wire: Wire) -> None:
    """It can't be made, copied into another or written to."""
    keeper = Keeper()
    wire.on_echo(keeper)
    wire.send(request(OURS[4]))
    kept = keeper.kept[0]
    with pytest.raises(TypeError):
        netstack.Request()
    with pytest.raises(TypeError):
        type("Mine", (netstack.Request,), {})
    with pytest.raises(TypeError):
        pickle.dumps(kept)
    with pytest.raises(TypeError):
        copy.copy(kept)
    for name in FACTS:
        with pytest.raises(AttributeError):
            setattr(kept, name, 1)


def test_nothing_is_a_request_or_packet_that_was_not_made_one(wire: Wire) -> None:
    packets: list[netstack.Packet] = []
    wire.on_echo(lambda each: put(packets, each.retain()))
    wire.send(request(OURS[4]))
    (packet,) = packets
    for kind in (netstack.Request, netstack.Packet):
        with pytest.raises(TypeError):
            kind.__new__(kind)
        with pytest.raises(TypeError):
            object.__new__(kind)
    with pytest.raises(TypeError):
        packet.__class__ = netstack.Request  # type: ignore[assignment]
    assert packet.payload() == request(OURS[4]).payload


def test_expired_is_an_error_of_the_package() -> None:
    assert issubclass(netstack.RequestExpired, netstack.NetstackError)
    assert issubclass(netstack.RequestExpired, RuntimeError)
