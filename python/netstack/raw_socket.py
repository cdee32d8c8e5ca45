"""Raw sockets: a copy of each ICMP packet that comes in."""

from __future__ import annotations

from collections.abc import Callable

from netstack import _convert, _core
from netstack._closing import Closing
from netstack._core import Packet
from netstack.nic import Nic, optional_number_of
from netstack.stack import Stack


class RawSocket(Closing):
    """A raw ICMP socket, which receives from the moment it is made.

    It gets a copy of every packet whose headers are in order, also of those that nobody here takes,
    and influences nothing. When the stack is closed, every method raises `Closed`.

    - `stack`: the stack.
    - `family`: 4 (ICMP) or 6 (ICMPv6), by default 4.
    - `nic`: copies what comes in on this NIC alone, a `Nic` or its id; None: on any.
    - `receive_bytes`: what its queue may hold, in bytes from 1 on, by default 217,088; a packet
      that finds it full is dropped and counted.
    - `notify`: called without arguments when the queue was empty and has a packet; on the thread
      that delivered it, and calls may overlap.

    >>> with netstack.RawSocket(stack) as socket:
    ...     wire.inject(echo_request)
    ...     socket.receive().payload()
    True
    b'abcdefgh'
    """

    def __init__(
        self,
        stack: Stack,
        family: int = 4,
        *,
        nic: Nic | int | None = None,
        receive_bytes: int = 217_088,
        notify: Callable[[], object] | None = None,
    ) -> None:
        self._stack = _convert.instance(stack, "stack", Stack, "a Stack")
        self._core = _core.RawSocket(
            stack._core,
            _convert.family(family),
            optional_number_of(nic, stack),
            _convert.integer(receive_bytes, "receive_bytes", 1, _convert.MAXIMUM_64),
            _convert.optional_function(notify, "notify"),
        )

    def receive(self) -> Packet | None:
        """Take the oldest packet out of the queue; None, if none waits. Raises `Closed`.

        `Packet.has_bad_checksum` marks one whose ICMP checksum is wrong.

        >>> netstack.RawSocket(stack).receive() is None
        True
        """
        return self._core.receive()

    def close(self) -> None:
        """End the socket; what it did not receive is lost.

        Never waits: a notify that runs on another thread finishes.

        >>> socket = netstack.RawSocket(stack)
        >>> socket.close()
        """
        self._core.close()

    @property
    def closed(self) -> bool:
        """Whether `close()` was called.

        >>> netstack.RawSocket(stack).closed
        False
        """
        return self._core.closed

    def __repr__(self) -> str:
        return f"<netstack.RawSocket {'closed' if self.closed or self._stack.closed else 'open'}>"
