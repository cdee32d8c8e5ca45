"""Counters: everything that became of packets, by dotted name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netstack import _core
from netstack.errors import Closed, InvalidArgument, NotFound


class Stats(Mapping[str, int]):
    """The counters of a stack or a NIC, read anew at each look; from `Stack.stats` and `Nic.stats`.

    Names stay as they are; later versions add some. Counts go on meanwhile: two that belong
    together may be read a packet apart. Raises `Closed` when the stack is closed.

    >>> stack.stats["icmp.v4.received.echo_request"]
    0
    >>> wire.inject(echo_request)
    True
    >>> stack.stats["icmp.v4.received.echo_request"]
    1
    """

    def __init__(self, core: _core.Stack, prefix: str = "") -> None:
        self._core = core
        self._prefix = prefix

    def __getitem__(self, name: str) -> int:
        try:
            return self._core.counter(self._prefix + name)
        except (NotFound, InvalidArgument, TypeError):  # the latter two: it is no name at all
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.snapshot())

    def __len__(self) -> int:
        return len(self.snapshot())

    def snapshot(self) -> dict[str, int]:
        """Read all counters at once, always in the same order.

        >>> before = stack.stats.snapshot()
        >>> wire.inject(echo_request)
        True
        >>> stack.stats["ip.packets_received"] - before["ip.packets_received"]
        1
        """
        counters = self._core.counters()
        if not self._prefix:
            return counters
        skipped = len(self._prefix)
        return {name[skipped:]: count for name, count in counters.items() if name.startswith(self._prefix)}

    def __repr__(self) -> str:
        try:
            counters = self.snapshot()
        except Closed:
            return "<netstack.Stats of a closed stack>"
        counted = " ".join(f"{name}={count}" for name, count in counters.items() if count)
        return f"<netstack.Stats {counted or 'all 0'}>"
