"""Links: how packets enter and leave a stack."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Literal, Protocol

from netstack import _convert, _core
from netstack._closing import Closing

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from netstack._convert import Prefix

_MAXIMUM_MTU: Final = 65_535
_MAXIMUM_CAPACITY: Final = 65_536
_MAXIMUM_DESCRIPTOR: Final = 2**31 - 1
_PACKET_INFORMATION: Final = {"none": 0, "linux": 1, "utun": 2}


def _mtu(value: int) -> int:
    return _convert.integer(value, "mtu", 1, _MAXIMUM_MTU)


class Link(Closing):
    """A way in and out for packets: a `Channel`, `CallbackLink`, `FdLink` or `Tun`.

    It moves whole IP packets, from the IP header on, and belongs to at most one NIC at a time.

    >>> isinstance(wire, netstack.Link)
    True
    """

    @abstractmethod
    def __init__(self, core: _core.Link) -> None:
        self._core = core

    def inject(self, packet: Buffer) -> bool:
        """Give the stack one IP packet as if it had come in on this link.

        Handlers run, and answers are sent, before it returns. From inside a callback the packet is
        handled at once, nested up to 8 deep.

        Returns False only on a NIC that is `side_by_side`: nothing here takes the packet, which is
        for the other stack. Raises `Closed` if no NIC has this link, `Busy` if nested too deep, and
        what the first callback beneath raised.

        >>> wire.inject(echo_request)
        True
        """
        return self._core.inject(_convert.octets(packet, "packet"))

    @property
    def mtu(self) -> int:
        """The size of the largest packet, in bytes. Raises `Closed`.

        >>> wire.mtu
        1500
        """
        return self._core.mtu

    def close(self) -> None:
        """Let the link go. It lives on as long as a NIC has it, but this object is of no use.

        >>> wire.close()
        >>> wire
        <netstack.Channel closed>
        """
        self._core.close()

    @property
    def closed(self) -> bool:
        """Whether `close()` was called.

        >>> wire.closed
        False
        """
        return self._core.closed

    def __repr__(self) -> str:
        return f"<netstack.{type(self).__name__} {'closed' if self.closed else self._describe()}>"

    def _describe(self) -> str:
        return f"mtu={self.mtu}"


class Channel(Link):
    """A link in memory: what the stack sends waits in a queue for `read()`.

    A packet that finds the queue full is dropped and counted.

    - `mtu`: bytes, 1 to 65,535, by default 1500.
    - `capacity`: how many packets may wait to be read, 1 to 65,536, by default 256.
    - `notify`: called without arguments when the channel was empty and has a packet; on the thread
      that sent it, which may be inside `inject()`, `poll()` or a handler.

    >>> wire.inject(echo_request)
    True
    >>> len(wire.read())
    36
    """

    def __init__(
        self, mtu: int = 1500, capacity: int = 256, notify: Callable[[], object] | None = None
    ) -> None:
        super().__init__(
            _core.Link.channel(
                _mtu(mtu),
                _convert.integer(capacity, "capacity", 1, _MAXIMUM_CAPACITY),
                _convert.optional_function(notify, "notify"),
            )
        )

    def read(self) -> bytes | None:
        """Take the oldest packet out of the queue; None, if none waits. Raises `Closed`.

        >>> wire.read() is None
        True
        """
        return self._core.read()

    def drain(self) -> list[bytes]:
        """Take all packets out of the queue, the oldest first. Raises `Closed`.

        >>> wire.inject(echo_request) and wire.inject(echo_request)
        True
        >>> len(wire.drain())
        2
        """
        return list(iter(self._core.read, None))


class CallbackLink(Link):
    """A link that sends by a function of yours.

    - `transmit`: called with each packet that the stack sends, as bytes; on the thread that sends
      it, and calls may overlap. It returns True or None if the packet is sent, False if there is no
      room for it; anything else is a `TypeError`. What it raises comes out of the call beneath
      which it ran, and the packet is counted as not sent.
    - `mtu`: bytes, 1 to 65,535, by default 1500.

    >>> sent = []
    >>> link = netstack.CallbackLink(sent.append)
    >>> nic = stack.add_nic(link, addresses=["192.168.0.1/24"])
    >>> link.inject(echo_request)
    True
    >>> len(sent)
    1
    """

    def __init__(self, transmit: Callable[[bytes], bool | None], mtu: int = 1500) -> None:
        super().__init__(_core.Link.callback(_convert.function(transmit, "transmit"), _mtu(mtu)))


class _HasFileno(Protocol):
    def fileno(self) -> int: ...


class FdLink(Link):
    """A link out of an open descriptor that keeps packets apart: a TUN device, a datagram socket.

    It works on a duplicate: the descriptor stays yours, and you may close it. It is made
    non-blocking, which yours shares.

    - `descriptor`: a number, or an object with `fileno()`. A stream socket is refused.
    - `mtu`: bytes, 1 to 65,535, by default 1500.
    - `packet_information`: what stands before each packet, both ways: "none" (Android's VpnService,
      Linux with IFF_NO_PI); "linux": 2 bytes of flags and 2 of EtherType; "utun": 4 bytes of
      address family.

    Raises `InvalidArgument` or `Unsupported`.

    >>> import socket
    >>> ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    >>> with ours, theirs:
    ...     nic = stack.add_nic(netstack.FdLink(ours), addresses=["192.168.0.1/24"])
    ...     theirs.send(echo_request)
    ...     stack.poll()
    ...     len(theirs.recv(1500))
    36
    1
    36
    """

    def __init__(
        self,
        descriptor: int | _HasFileno,
        mtu: int = 1500,
        packet_information: Literal["none", "linux", "utun"] = "none",
    ) -> None:
        number = descriptor if isinstance(descriptor, int) else _fileno(descriptor)
        super().__init__(
            _core.Link.fd(
                _convert.integer(number, "descriptor", 0, _MAXIMUM_DESCRIPTOR),
                _mtu(mtu),
                _convert.choice(packet_information, "packet_information", _PACKET_INFORMATION),
            )
        )


def _fileno(owner: _HasFileno) -> int:
    try:
        fileno = owner.fileno
    except AttributeError:
        kind = type(owner).__name__
        raise TypeError(f"descriptor must be an int or have fileno(), not {kind}") from None
    return fileno()


class Tun(Link):
    """A TUN device of the host, which is made if it does not exist. Linux.

    Without host addresses the device is left as it is: bring it up and give it an address with the
    system's tools.

    - `name`: 1 to 15 characters, such as "tun0"; a "%d" in it becomes the first free number.
    - `mtu`: sets the device's MTU, 68 to 65,535 bytes; None leaves it.
    - `host_addresses`: what the host calls itself on this network, each with the length of its
      subnet, such as "10.7.255.254/16": given to the device, which is then brought up.

    Raises `Busy` if somebody else has the device open, `NotFound` if the system has no TUN,
    `Unsupported` if it is not allowed (it needs CAP_NET_ADMIN), `InvalidArgument`.

    >>> netstack.Tun("a name that is too long")
    Traceback (most recent call last):
    netstack.errors.InvalidArgument: ...
    """

    def __init__(self, name: str, *, mtu: int | None = None, host_addresses: Iterable[Prefix] = ()) -> None:
        super().__init__(
            _core.Link.tun(
                _convert.instance(name, "name", str, "a str").encode(errors="surrogatepass"),
                _convert.optional_integer(mtu, "mtu", 1, _MAXIMUM_MTU),
                _convert.each(host_addresses, "host_addresses", _convert.prefix),
            )
        )

    @property
    def name(self) -> str:
        """The name of the device. Raises `Closed`.

        >>> def name_of(pattern):
        ...     with netstack.Tun(pattern) as tun:  # needs CAP_NET_ADMIN
        ...         return tun.name
        """
        return self._core.device

    def _describe(self) -> str:
        return f"{self.name!r} mtu={self.mtu}"
