"""What keeps what alive, and that everything goes when nobody can reach it."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import netstack
from icmp import OURS, request
from loops import Loop
from wire import Thread, Wire, elsewhere


class Marker:
    """Something that a callback closes over; its end shows that the callback's end came."""

    def __call__(self, *_: object) -> None:
        return None


def gone(reference: weakref.ref[Any]) -> bool:
    for _ in range(3):
        gc.collect()
    return reference() is None


def make_stack(handler: Any = None) -> tuple[netstack.Stack, netstack.Channel, netstack.Nic]:
    stack, link = netstack.Stack(clock=netstack.ManualClock()), netstack.Channel()
    nic = stack.add_nic(link, addresses=["192.168.0.1/24"])
    if handler is not None:
        stack.on_echo(handler)
    return stack, link, nic


def test_handler_lives_as_long_as_it_is_installed() -> None:
    marker = Marker()
    reference = weakref.ref(marker)
    stack, _, _ = make_stack(marker)
    del marker
    assert not gone(reference)
    stack.on_echo(lambda each: None, replace=True)
    assert gone(reference)
    stack.close()


@pytest.mark.parametrize("how", ["remove_handler", "close", "families"])
def test_handler_ends_with_what_had_it(how: str) -> None:
    marker = Marker()
    reference = weakref.ref(marker)
    stack, _, _ = make_stack(marker)
    del marker
    if how == "close":
        stack.close()
    elif how == "remove_handler":
        stack.remove_handler()
    else:
        stack.remove_handler(4)
        assert not gone(reference)
        stack.remove_handler(6)
    assert gone(reference)
    stack.close()


def test_stack_ends_with_its_last_reference() -> None:
    marker = Marker()
    references: list[weakref.ref[Any]] = [weakref.ref(marker)]
    stack, link, _ = make_stack(marker)
    references.append(weakref.ref(stack))
    del marker, stack, _
    assert all(gone(each) for each in references)
    with pytest.raises(netstack.Closed):
        link.inject(request(OURS[4]).build())


def test_nic_keeps_its_stack() -> None:
    stack, link, nic = make_stack()
    reference = weakref.ref(stack)
    del stack
    assert not gone(reference)
    assert nic.stack is reference()
    assert link.inject(request(OURS[4]).build())
    del nic
    assert gone(reference)


def test_cycle_of_stack_and_handler_is_collected() -> None:
    def build() -> list[weakref.ref[Any]]:
        marker = Marker()
        stack, link, nic = make_stack()

        def handler(each: netstack.Request) -> bool:
            return all((marker, stack, link, nic))

        stack.on_echo(handler)
        link.inject(request(OURS[4]).build())
        everything: tuple[Any, ...] = (marker, stack, link, nic, handler)
        return [weakref.ref(each) for each in everything]

    assert [gone(each) for each in build()] == [True] * 5


def test_cycle_of_a_class_with_a_stack_and_a_method_is_collected() -> None:
    class Network:
        def __init__(self) -> None:
            self.stack, self.link, self.nic = make_stack(self.answer)

        def answer(self, each: netstack.Request) -> bool:
            self.last = each
            self.kept = each.retain()
            return True

    network = Network()
    network.link.inject(request(OURS[4]).build())
    reference = weakref.ref(network)
    del network
    assert gone(reference)


def cycles() -> dict[str, Callable[[netstack.Stack, Any], Any]]:
    def transmit(stack: netstack.Stack, marker: Any) -> Any:
        link = netstack.CallbackLink(lambda packet: None if all((marker, stack, link)) else True)
        stack.add_nic(link)
        return link

    def notify(stack: netstack.Stack, marker: Any) -> Any:
        link = netstack.Channel(notify=lambda: marker and stack and link and None)
        stack.add_nic(link)
        return link

    def capture(stack: netstack.Stack, marker: Any) -> Any:
        known: list[Any] = [marker, stack]
        made = netstack.Capture(lambda record: known and None)
        known.append(made)
        stack.nics[1].capture = made
        return made

    def ping_socket(stack: netstack.Stack, marker: Any) -> Any:
        made = netstack.PingSocket(stack, notify=lambda: marker and stack and made and None)
        made.bind(identifier=7)
        return made

    def raw_socket(stack: netstack.Stack, marker: Any) -> Any:
        made = netstack.RawSocket(stack, notify=lambda: marker and stack and made and None)
        return made

    return {each.__name__: each for each in (transmit, notify, capture, ping_socket, raw_socket)}


@pytest.mark.parametrize("what", cycles())
@pytest.mark.parametrize("closed", [False, True])
def test_cycle_of_a_stack_and_another_callback_is_collected(what: str, closed: bool) -> None:
    marker = Marker()
    marker.__call__ = None  # type: ignore[method-assign, assignment]
    stack, link, nic = make_stack()
    made = cycles()[what](stack, marker)
    link.inject(request(OURS[4]).build())
    references: list[Any] = [weakref.ref(marker), weakref.ref(stack), weakref.ref(made)]
    if closed:
        stack.close()
    del marker, stack, link, nic, made
    assert [gone(each) for each in references] == [True] * 3


def test_exception_that_was_raised_keeps_nothing() -> None:
    marker = Marker()
    reference = weakref.ref(marker)

    def handler(each: netstack.Request, marker: Marker = marker) -> bool:
        raise ValueError("mine")

    stack, link, _ = make_stack(handler)
    del marker, handler
    for _ in range(3):
        with pytest.raises(ValueError, match="mine"):
            link.inject(request(OURS[4]).build())
    stack.close()
    del stack, link
    assert gone(reference)


def test_handler_replaces_itself(wire: Wire) -> None:
    seen: list[Any] = []

    def first(each: netstack.Request) -> bool:
        seen.append("first")
        wire.on_echo(second)
        return each.reply()

    def second(each: netstack.Request) -> bool:
        seen.append("second")
        wire.on_echo(first)
        return each.reply()

    wire.on_echo(first)
    for _ in range(6):
        assert wire.answers(request(OURS[4])) == 1
    assert seen == ["first", "second"] * 3


def test_handler_removes_itself(wire: Wire) -> None:
    marker = Marker()
    reference = weakref.ref(marker)

    def handler(each: netstack.Request, marker: Any = marker) -> bool:
        wire.stack.remove_handler()
        gc.collect()
        assert marker is not None
        return True

    wire.on_echo(handler)
    del handler, marker
    assert wire.send(request(OURS[4])) == []
    assert wire.answers(request(OURS[4])) == 1
    # It could not go while it ran; the next change lets go of it.
    wire.stack.remove_handler()
    assert gone(reference)


def test_handler_closes_the_stack(wire: Wire) -> None:
    def handler(each: netstack.Request) -> bool:
        wire.stack.close()
        assert wire.stack.closed
        with pytest.raises(netstack.Closed):
            wire.stack.poll()
        with pytest.raises(netstack.Closed):
            wire.link.inject(b"")
        return True

    wire.on_echo(handler)
    wire.link.inject(request(OURS[4]).build())
    with pytest.raises(netstack.Closed):
        wire.link.inject(request(OURS[4]).build())


def test_handler_closes_the_stack_inside_run(loop: Loop) -> None:
    def handler(each: netstack.Request) -> bool:
        loop.stack.close()
        return True

    loop.stack.on_echo(handler)
    loop.write(request(OURS[4]))
    loop.stack.run()
    assert loop.stack.closed
    with pytest.raises(netstack.Closed):
        loop.stack.run()


def test_handler_drops_the_last_reference_to_its_stack() -> None:
    kept: list[Any] = list(make_stack())

    def handler(each: netstack.Request) -> bool:
        kept.clear()
        gc.collect()
        return each.reply()

    kept[0].on_echo(handler)
    link = kept[1]
    link.inject(request(OURS[4]).build())
    del handler
    gc.collect()
    with pytest.raises(netstack.Closed):
        link.inject(request(OURS[4]).build())


@pytest.mark.parametrize("depth", [1, 8, 9])
def test_handlers_nest_8_deep(wire: Wire, depth: int) -> None:
    """The packet from outside, and eight inside."""
    seen: list[object] = []

    def handler(each: netstack.Request) -> bool:
        seen.append(each.sequence)
        if each.sequence < depth:
            wire.link.inject(request(OURS[4], sequence=each.sequence + 1).build())
        return each.reply()

    wire.on_echo(handler)
    assert len(wire.send(request(OURS[4], sequence=1))) == depth
    assert seen == list(range(1, depth + 1))


def test_handlers_nested_deeper_are_busy(wire: Wire) -> None:
    depth = []

    def handler(each: netstack.Request) -> bool:
        depth.append(each.sequence)
        return wire.link.inject(request(OURS[4], sequence=each.sequence + 1).build())

    wire.on_echo(handler)
    with pytest.raises(netstack.Busy):
        wire.link.inject(request(OURS[4], sequence=1).build())
    assert len(depth) == 9
    assert wire.counter("forwarder.failed") == 9


def test_results_of_a_call_in_another_thread_inside_a_handler(wire: Wire) -> None:
    """The GIL is free while a handler waits for another thread that uses the same stack."""

    def handler(each: netstack.Request) -> bool:
        if each.sequence == 1:
            assert elsewhere(lambda: wire.link.inject(request(OURS[4], sequence=2).build())) is True
        return each.reply()

    wire.on_echo(handler)
    assert len(wire.send(request(OURS[4], sequence=1))) == 2


def test_replacing_waits_for_a_handler_that_runs_elsewhere(wire: Wire) -> None:
    entered, leave, replaced = threading.Event(), threading.Event(), threading.Event()
    order = []

    def slow(each: netstack.Request) -> bool:
        entered.set()
        assert leave.wait(20)
        order.append("handler ends")
        return True

    def replace() -> None:
        wire.on_echo(lambda each: None)
        order.append("replaced")
        replaced.set()

    wire.on_echo(slow)
    injecting = Thread(lambda: wire.link.inject(request(OURS[4]).build()))
    assert entered.wait(20)
    replacing = Thread(replace)
    assert not replaced.wait(0.05)
    leave.set()
    replacing.join()
    injecting.join()
    assert order == ["handler ends", "replaced"]
