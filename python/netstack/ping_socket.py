"""Ping sockets: an Echo identifier of the stack's own, requests out, and the replies for it."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from netstack import _convert, _core
from netstack._closing import Closing
from netstack._core import Packet
from netstack.errors import InvalidArgument
from netstack.nic import Nic, optional_number_of
from netstack.stack import Stack

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from netstack._convert import Address


class PingSocket(Closing):
    """A ping socket: more than one ping at a time, without waiting.

    It takes the Echo Replies that bear its identifier, before any handler. An Echo Request that
    bears it is answered as if there were no handler. When the stack is closed, every method raises
    `Closed`.

    - `stack`: the stack.
    - `family`: 4 or 6, by default 4.
    - `nic`: sends and receives over this NIC alone, a `Nic` or its id; None: any.
    - `ttl`: TTL or Hop Limit of what it sends, 1 to 255; None: the stack's.
    - `tos`: TOS or Traffic Class of what it sends, 0 to 255, by default 0.
    - `receive_bytes`: what its queue may hold, in bytes from 1 on, by default 217,088; a reply that
      finds it full is dropped and counted.
    - `notify`: called without arguments when the queue was empty and has a packet; on the thread
      that delivered it, and calls may overlap.

    >>> with netstack.PingSocket(stack) as socket:
    ...     socket.send(sequence=1, payload=b"hello", to="192.168.0.2")
    ...     len(wire.read())
    True
    33
    """

    def __init__(
        self,
        stack: Stack,
        family: int = 4,
        *,
        nic: Nic | int | None = None,
        ttl: int | None = None,
        tos: int = 0,
        receive_bytes: int = 217_088,
        notify: Callable[[], object] | None = None,
    ) -> None:
        self._stack = _convert.instance(stack, "stack", Stack, "a Stack")
        self._has_peer = False
        self._family = _convert.family(family)
        self._core = _core.PingSocket(
            stack._core,
            self._family,
            optional_number_of(nic, stack),
            _convert.optional_integer(ttl, "ttl", 1, 255),
            _convert.integer(tos, "tos", 0, 255),
            _convert.integer(receive_bytes, "receive_bytes", 1, _convert.MAXIMUM_64),
            _convert.optional_function(notify, "notify"),
        )

    def bind(self, address: Address | None = None, identifier: int = 0) -> None:
        """Give the socket its identifier, and the address that it is at.

        - `address`: one that is assigned; None: every one.
        - `identifier`: 1 to 65,535; 0: a free one.

        Raises `NotFound` if nobody assigned the address, `Busy` if another socket has the
        identifier or this one is bound already, `Limited` if none is free, `InvalidArgument`.

        >>> socket = netstack.PingSocket(stack)
        >>> socket.bind("192.168.0.1", 7)
        >>> socket
        <netstack.PingSocket 192.168.0.1 identifier=7>
        """
        self._core.bind(
            _convert.optional_address(address, "address"),
            _convert.integer(identifier, "identifier", 0, _convert.MAXIMUM_16),
        )

    def connect(self, peer: Address) -> None:
        """Make one host the socket's peer: it receives from nobody else. May be called again.

        Binds the socket to a free identifier if it is not bound. Raises `NoRoute` if there is no
        way to the peer, `InvalidArgument` if it is not one host of the socket's family, `Limited`.

        >>> socket = netstack.PingSocket(stack)
        >>> socket.connect("192.168.0.2")
        >>> socket.address
        IPv4Address('192.168.0.1')
        """
        self._core.connect(_convert.address(peer, "peer"))
        self._has_peer = True

    def send(self, sequence: int = 0, payload: Buffer = b"", *, to: Address | None = None) -> bool:
        """Send an Echo Request with the socket's identifier.

        Binds the socket to a free identifier if it is not bound.

        - `sequence`: 0 to 65,535, by default 0.
        - `payload`: the Echo data, bytes-like; by default none.
        - `to`: whom to ask; None: the peer. A group is allowed, a broadcast address not. A group or
          link-local address needs a NIC to leave by: the socket's, its scope's ("fe80::1%1"), or
          that of the socket's address.

        Returns False if the link is full. Raises `NoRoute`, `Unsupported` if the packet is longer
        than IP packets can be, `InvalidArgument` if there is no peer, `Limited`, and what the first
        callback beneath raised.

        >>> socket = netstack.PingSocket(stack)
        >>> socket.connect("192.168.0.2")
        >>> [socket.send(sequence) for sequence in range(3)]
        [True, True, True]
        """
        packed_to = _convert.optional_address(to, "to")
        number = _convert.integer(sequence, "sequence", 0, _convert.MAXIMUM_16)
        data = _convert.octets(payload, "payload")
        if packed_to is None and not self._has_peer and not self.closed:
            raise InvalidArgument("to is None, and the socket is not connected")
        if packed_to is not None and _convert.family_of(packed_to[0]) != self._family:
            raise InvalidArgument(f"to must be an IPv{self._family} address, not {to}")
        return self._core.send(packed_to, number, data)

    def receive(self) -> Packet | None:
        """Take the oldest Echo Reply out of the queue; None, if none waits. Raises `Closed`.

        >>> socket = netstack.PingSocket(stack)
        >>> socket.receive() is None
        True
        """
        return self._core.receive()

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """The address that the socket is at; 0.0.0.0 or ::, if every one; None, if not bound.

        >>> socket = netstack.PingSocket(stack)
        >>> socket.bind()
        >>> socket.address
        IPv4Address('0.0.0.0')
        """
        name = self._core.name()
        return None if name is None else name[0]

    @property
    def identifier(self) -> int | None:
        """The Echo identifier that the socket has; None, if it is not bound.

        >>> netstack.PingSocket(stack).identifier is None
        True
        """
        name = self._core.name()
        return None if name is None else name[1]

    def close(self) -> None:
        """End the socket: its identifier is free, and what it did not receive is lost.

        Never waits: a notify that runs on another thread finishes.

        >>> socket = netstack.PingSocket(stack)
        >>> socket.close()
        """
        self._core.close()

    @property
    def closed(self) -> bool:
        """Whether `close()` was called.

        >>> netstack.PingSocket(stack).closed
        False
        """
        return self._core.closed

    def __repr__(self) -> str:
        if self.closed or self._stack.closed:
            return "<netstack.PingSocket closed>"
        name = self._core.name()
        if name is None:
            return "<netstack.PingSocket not bound>"
        return f"<netstack.PingSocket {name[0]} identifier={name[1]}>"
