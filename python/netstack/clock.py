"""Clocks: where a stack's time comes from if not from the system."""

from __future__ import annotations

from netstack import _convert, _core

_MAXIMUM_NS = _convert.MAXIMUM_SECONDS * _convert.NANOSECONDS


class ManualClock:
    """A clock that stands still until it is told to advance, for tests that are exact.

    A stack with such a clock is driven by `Stack.poll()`; `Stack.run()` and `Stack.ping()` raise
    `Unsupported`, since it can't wait. Several stacks may share one.

    - `start`: the first time that it shows, in seconds from 0 on, by default 0.0; it is also the
      wall time, since 1970 UTC, that captures bear.

    >>> clock = netstack.ManualClock(start=100.0)
    >>> clock.advance(4.242)
    >>> clock
    <netstack.ManualClock at 104.242 s>
    """

    def __init__(self, start: float = 0.0) -> None:
        self._core = _core.Clock(_convert.nanoseconds(start, "start"))

    def advance(self, seconds: float) -> None:
        """Move the clock on by seconds, from 0 on. Timers that become due run at the next poll.

        >>> clock.advance(0.5)
        >>> clock.now
        0.5
        """
        self._core.advance(_convert.nanoseconds(seconds, "seconds"))

    def advance_ns(self, nanoseconds: int) -> None:
        """Move the clock on by nanoseconds, from 0 on.

        >>> clock.advance_ns(1)
        >>> clock.now_ns
        1
        """
        self._core.advance(_convert.integer(nanoseconds, "nanoseconds", 0, _MAXIMUM_NS))

    @property
    def now(self) -> float:
        """The time that the clock shows, in seconds.

        >>> clock.now
        0.0
        """
        return self.now_ns / _convert.NANOSECONDS

    @property
    def now_ns(self) -> int:
        """The time that the clock shows, in nanoseconds.

        >>> netstack.ManualClock(start=2).now_ns
        2000000000
        """
        return self._core.now_ns

    def __repr__(self) -> str:
        return f"<netstack.ManualClock at {self.now} s>"
