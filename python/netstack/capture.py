"""Captures: what passes a NIC, for Wireshark and tcpdump."""

from __future__ import annotations

import os
from collections.abc import Callable

from netstack import _core


class Capture:
    """Writes what passes a NIC, both ways, in the pcap format. Give it to `Nic.capture`.

    The link type is raw IP, the timestamps are microseconds of the stack's wall time. It may serve
    several NICs at once, and ends when the last one has another and nobody holds it any more.

    - `target`: the path of a file, whose former content is lost and which has each packet at once;
      or a function that takes the next bytes: first the file's header, then a whole record a call.
      It is called on the thread that delivers or sends the packet, never twice at once.

    Raises `NotFound` or `Unsupported` if the file can't be made.

    >>> records = []
    >>> nic.capture = netstack.Capture(records.append)
    >>> wire.inject(echo_request)
    True
    >>> [len(record) for record in records]  # the header, the request, the reply
    [24, 52, 52]
    """

    def __init__(self, target: str | os.PathLike[str] | Callable[[bytes], object]) -> None:
        if isinstance(target, (str, os.PathLike)):
            self._core = _core.Capture.file(os.fsencode(target))
        elif callable(target):
            self._core = _core.Capture.callback(target)
        else:
            raise TypeError(f"target must be a path or callable, not {type(target).__name__}")

    @property
    def lost(self) -> int:
        """How many records could not be written because the file refused them.

        >>> netstack.Capture("/dev/null").lost
        0
        """
        return self._core.lost
