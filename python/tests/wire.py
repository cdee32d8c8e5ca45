"""What most tests work with: one stack, one NIC, one channel, time that stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import netstack
from icmp import Echo, read

# How long a test waits for what must happen. It fails then; it never waits that long when it passes.
PATIENCE = 20.0

ADDRESSES = ("192.168.0.1/24", "a::1/64")


class Wire:
    """The test is the peer at the other end of the channel."""

    def __init__(
        self,
        *,
        addresses: Iterable[str] = ADDRESSES,
        prefixes: Iterable[str] = (),
        mtu: int = 1500,
        capacity: int = 256,
        stack: dict[str, Any] | None = None,
        **nic: Any,
    ) -> None:
        self.clock = netstack.ManualClock()
        self.stack = netstack.Stack(clock=self.clock, **(stack or {}))
        self.link = netstack.Channel(mtu=mtu, capacity=capacity)
        self.nic = self.stack.add_nic(self.link, addresses=addresses, prefixes=prefixes, **nic)

    def send(self, echo: Echo | bytes) -> list[bytes]:
        """Delivers a packet; returns what the stack sent because of it."""
        assert self.link.inject(echo.build() if isinstance(echo, Echo) else echo) is True
        return self.link.drain()

    def answers(self, echo: Echo, source: str | None = None) -> int:
        """How many answers came. Each must be the right one."""
        sent = self.send(echo)
        for packet in sent:
            assert read(packet) == echo.answer(source)
        return len(sent)

    def counter(self, name: str) -> int:
        return self.stack.stats[name]

    def on_echo(self, handler: Callable[[netstack.Request], Any]) -> None:
        self.stack.on_echo(handler, replace=True)


class Thread(threading.Thread):
    """A thread whose exception is the test's: join() raises it, and fails where the thread goes on."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.work()
        except BaseException as error:  # it is raised again in join()
            self.error = error

    def join(self, timeout: float | None = PATIENCE) -> None:
        super().join(timeout)
        assert not self.is_alive(), "the thread goes on"
        if self.error is not None:
            raise self.error


def put(into: list[Any], item: Any) -> bool:
    """Appends, and is True: for lambdas that keep what they get."""
    into.append(item)
    return True


def elsewhere(work: Callable[[], Any]) -> Any:
    """Does the work in another thread, to its end."""
    thread = Thread(work)
    thread.join()
    return thread.result


def wait(event: threading.Event) -> None:
    """Waits for what must come."""
    assert event.wait(PATIENCE), "it did not come"
