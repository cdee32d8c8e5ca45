"""Fixtures of all tests."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from loops import Loop
from wire import Wire

settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci")

# What a shell runs in the background ignores Ctrl-C, and so would tests of it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def make_wire() -> Iterator[Callable[..., Wire]]:
    """Makes stacks that are closed at the end."""
    wires: list[Wire] = []

    def make(**options: Any) -> Wire:
        wires.append(Wire(**options))
        return wires[-1]

    yield make
    for wire in wires:
        wire.stack.close()


@pytest.fixture
def wire(make_wire: Callable[..., Wire]) -> Wire:
    return make_wire()


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What reaches sys.unraisablehook."""
    seen: list[BaseException] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda hooked: seen.append(hooked.exc_value))
    return seen


@pytest.fixture(autouse=True)
def leaves_nothing_behind() -> Iterator[None]:
    """No test leaves a thread."""
    threads = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= threads


@pytest.fixture
def descriptors() -> Callable[[], int]:
    """How many descriptors are open."""
    return lambda: len(os.listdir("/proc/self/fd"))
