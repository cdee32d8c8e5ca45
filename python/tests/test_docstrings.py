"""Every public name has a docstring with an example, and every example is right."""

from __future__ import annotations

import asyncio
import doctest
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import netstack
from netstack import aio, icmp_limit, stats

# Where public names live, in the order of reading.
MODULES: list[ModuleType] = [netstack, netstack.errors, aio]
# Classes that nobody makes or names, but everybody gets.
UNNAMED: list[type] = [stats.Stats, icmp_limit.IcmpLimit]


def documented() -> Iterator[tuple[str, Any]]:
    """Every public module, class, function, method and property, once."""
    seen: set[int] = set()
    for module in MODULES:
        yield module.__name__, module
        for name in module.__all__:
            yield from documented_beneath(f"{module.__name__}.{name}", getattr(module, name), seen)
    for unnamed in UNNAMED:
        yield from documented_beneath(f"netstack.{unnamed.__name__}", unnamed, seen)


def documented_beneath(name: str, found: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if isinstance(found, (ModuleType, str)) or id(found) in seen:
        return
    seen.add(id(found))
    yield name, found
    if inspect.isclass(found):
        for member, value in vars(found).items():
            is_public = not member.startswith("_")
            if is_public and (callable(value) or inspect.isdatadescriptor(value)):
                yield f"{name}.{member}", value


DOCUMENTED = dict(documented())


def examples_of(name: str) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(inspect.getdoc(DOCUMENTED[name]) or "", name)


def run_examples(name: str, examples: list[doctest.Example], names: dict[str, Any]) -> None:
    test = doctest.DocTest(examples, names, name, None, 0, None)
    test.globs = names  # what the examples define is for the next ones
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.REPORT_NDIFF)
    failed = runner.run(test, out=report.append, clear_globs=False).failed
    assert failed == 0, "".join(report)


def make_handle(stack: netstack.Stack, wire: netstack.Channel, packet: bytes) -> Callable[..., None]:
    def handle(handler: Callable[[netstack.Request], bool | None]) -> None:
        """Let a handler deal with the Echo Request, and print how many replies there are."""
        stack.on_echo(handler, replace=True)
        try:
            wire.inject(packet)
        finally:
            stack.remove_handler()
        replies = len(wire.drain())
        print(f"{replies} {'reply' if replies == 1 else 'replies'}")

    return handle


@pytest.fixture(name="names")
def names_of_examples() -> Iterator[dict[str, Any]]:
    """What examples may use: what the package's own define, and a request and packet out of it."""
    names: dict[str, Any] = {}
    run_examples("netstack", examples_of("netstack"), names)
    kept: list[Any] = []

    def keep(request: netstack.Request) -> None:
        kept.extend([request, request.retain()])

    stack, wire, echo_request = names["stack"], names["wire"], names["echo_request"]
    with netstack.Stack(clock=netstack.ManualClock()) as other:
        other_wire = netstack.Channel()
        other.add_nic(other_wire, addresses=["192.168.0.1/24"])
        other.on_echo(keep)
        other_wire.inject(echo_request)
    names["request"], names["packet"] = kept
    names["handle"] = make_handle(stack, wire, echo_request)
    names["asyncio"], names["aio"] = asyncio, aio
    yield names
    stack.close()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_has_a_docstring_with_an_example(name: str) -> None:
    documentation = inspect.getdoc(DOCUMENTED[name])
    assert documentation, f"{name} has no docstring"
    assert examples_of(name), f"the docstring of {name} has no example"


@pytest.mark.parametrize("name", DOCUMENTED)
def test_examples_are_right(name: str, names: dict[str, Any]) -> None:
    run_examples(name, examples_of(name), names)


def test_the_walk_finds_what_is_public() -> None:
    for name in (
        "netstack.Stack.on_echo",
        "netstack.Nic.promiscuous",
        "netstack.Request.reply",
        "netstack.Packet.payload",
        "netstack.Link.inject",
        "netstack.NetstackError",
        "netstack.aio.Stack.ping",
    ):
        assert name in DOCUMENTED
