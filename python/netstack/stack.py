"""The stack: made, furnished, driven, ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import count
from sys import maxsize
from threading import RLock
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias, TypeVar, overload

from netstack import _convert, _core, _exit
from netstack._core import Request
from netstack.clock import ManualClock
from netstack.errors import Busy, InvalidArgument, NetstackError
from netstack.icmp_limit import IcmpLimit
from netstack.link import Link
from netstack.nic import Nic, number_of, optional_number_of
from netstack.ping import PingReply
from netstack.stats import Stats

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from netstack._convert import Address, Prefix

# A handler's verdict: True, it owns the packet; False or None, the stack goes on without it.
Handler: TypeAlias = Callable[[Request], bool | None]
_H = TypeVar("_H", bound=Handler)

_POLICIES: Final = {"default": 0, "reply": 1, "silent": 2}
_DESTINATIONS: Final = {"temporary": 1, "group": 2}


class Stack(IcmpLimit):
    """An IP stack. It has NICs, and handlers decide about each Echo Request that comes in.

    It starts no threads: packets are dealt with inside `Link.inject()`, `poll()` and `run()`, on
    the thread that calls them, timers inside the latter two. Any thread may call any method. Close
    it, or use it in a `with` block.

    - `clock`: where time comes from; None: the system's monotonic clock.
    - `seed`: 0 to 2**64 - 1, makes its random numbers the same in every run, for tests; None: the
      system's.
    - `strict_routes`: an answer whose way back no route tells is not sent, instead of leaving by
      the NIC that the request came in on.
    - `check_local_source`: drops packets whose source is an address of the NIC they come in on.
    - `allow_loopback`: takes packets from and to 127.0.0.0/8 and ::1.
    - `default_ttl`, `default_hop_limit`: of what it sends by IPv4 and IPv6, 1 to 255, by default 64.
    - `reassembly_high`: how many bytes fragments may hold in each family, by default 4 MiB. Above
      that it gives datagrams up, those first of whoever holds most, until they hold `reassembly_low`
      bytes; that must not be more; None: three quarters. A datagram of 65,535 bytes takes about
      72,000 in packets of 1500, and never comes whole where that is too much.

    >>> with netstack.Stack(clock=netstack.ManualClock()) as stack:
    ...     wire = netstack.Channel()
    ...     nic = stack.add_nic(wire, addresses=["192.168.0.1/24"])
    ...     wire.inject(echo_request)
    ...     len(wire.drain())
    True
    1
    >>> stack
    <netstack.Stack closed>
    """

    _label: ClassVar[str] = "netstack.Stack"

    def __init__(
        self,
        *,
        clock: ManualClock | None = None,
        seed: int | None = None,
        strict_routes: bool = False,
        check_local_source: bool = False,
        allow_loopback: bool = False,
        default_ttl: int = 64,
        default_hop_limit: int = 64,
        reassembly_high: int = 4 << 20,
        reassembly_low: int | None = None,
    ) -> None:
        if clock is not None:
            _convert.instance(clock, "clock", ManualClock, "a ManualClock")
        high = _convert.integer(reassembly_high, "reassembly_high", 1, maxsize)
        self._core = _core.Stack(
            _convert.flag(strict_routes, "strict_routes", _core.STACK_STRICT_ROUTES)
            | _convert.flag(check_local_source, "check_local_source", _core.STACK_CHECK_LOCAL_SOURCE)
            | _convert.flag(allow_loopback, "allow_loopback", _core.STACK_ALLOW_LOOPBACK),
            _convert.integer(default_ttl, "default_ttl", 1, 255),
            _convert.integer(default_hop_limit, "default_hop_limit", 1, 255),
            high,
            _convert.optional_integer(reassembly_low, "reassembly_low", 1, high),
            None if clock is None else clock._core,
            None if seed is None else _convert.integer(seed, "seed", 0, _convert.MAXIMUM_64),
        )
        self._has_manual_clock = clock is not None
        self._unlock()
        self._nics: dict[int, Nic] = {}
        self._handled: set[int] = set()  # the families that have a handler
        _exit.remember(self)

    def add_nic(
        self,
        link: Link,
        *,
        nic: int | None = None,
        addresses: Iterable[Address] = (),
        prefixes: Iterable[Prefix] = (),
        disabled: bool = False,
        promiscuous: bool = False,
        spoofing: bool = False,
        side_by_side: bool = False,
        forwarding_ipv4: bool = False,
        forwarding_ipv6: bool = False,
    ) -> Nic:
        """Add a NIC. It is a member of 224.0.0.1 and ff02::1.

        - `link`: how its packets enter and leave; in no other NIC.
        - `nic`: its id, from 1 on; None: the lowest that is free.
        - `addresses`: assigned from the start, as by `Nic.add_addresses()`.
        - `prefixes`: local from the start, as by `Nic.add_prefixes()`.
        - `disabled`, `promiscuous`, `spoofing`, `side_by_side`, `forwarding_ipv4`, `forwarding_ipv6`:
          as the properties of `Nic`.

        Raises `Busy` if the id, the link or an address is in use, `InvalidArgument`, `Closed`.

        >>> other = stack.add_nic(netstack.Channel(), prefixes=["10.7.0.0/16", "fd07::/64"])
        >>> other.id
        2
        """
        _convert.instance(link, "link", Link, "a Link")
        flags = (
            _convert.flag(disabled, "disabled", _core.NIC_DISABLED)
            | _convert.flag(promiscuous, "promiscuous", _core.NIC_PROMISCUOUS)
            | _convert.flag(spoofing, "spoofing", _core.NIC_SPOOFING)
            | _convert.flag(side_by_side, "side_by_side", _core.NIC_SIDE_BY_SIDE)
            | _convert.flag(forwarding_ipv4, "forwarding_ipv4", _core.NIC_FORWARDING_IPV4)
            | _convert.flag(forwarding_ipv6, "forwarding_ipv6", _core.NIC_FORWARDING_IPV6)
        )
        packed_addresses = _convert.each(addresses, "addresses", _convert.assigned)
        packed_prefixes = _convert.each(prefixes, "prefixes", _convert.prefix)
        if nic is not None:
            nic = _convert.integer(nic, "nic", 1, _convert.MAXIMUM_NIC)
        with self._lock:
            number = nic or next(free for free in count(1) if free not in self._nics)
            self._core.add_nic(number, link._core, flags, packed_addresses, packed_prefixes)
            added = self._nics[number] = Nic(self, number, link, flags)
        return added

    def _unlock(self) -> None:
        # Of _nics, _handled and what a Nic says it has; never held while the library may wait for a handler.
        self._lock = RLock()

    def _remove_nic(self, number: int) -> None:
        with self._lock:
            self._core.remove_nic(number)
            self._nics.pop(number, None)

    @property
    def nics(self) -> Mapping[int, Nic]:
        """The NICs by their ids; a view that changes with the stack, and that is read only.

        >>> stack.nics[1] is nic
        True
        """
        return MappingProxyType(self._nics)

    def add_route(self, destination: Prefix, nic: Nic | int, gateway: Address | None = None) -> None:
        """Add a route. Of all that match a packet, the one with the longest prefix wins.

        The network of an assigned address has a route already.

        - `destination`: the network, such as "0.0.0.0/0"; no bits set behind the length.
        - `nic`: the NIC to leave by, a `Nic` or its id.
        - `gateway`: the next hop, of the same family; None: destinations are on the link.

        Raises `NotFound` if there is no such NIC, `Busy` if it was added already,
        `InvalidArgument`, `Closed`.

        >>> stack.add_route("0.0.0.0/0", nic, gateway="192.168.0.254")
        """
        self._core.add_routes([self._route(destination, nic, gateway)])

    def remove_route(self, destination: Prefix, nic: Nic | int, gateway: Address | None = None) -> None:
        """Remove a route that was added. Raises `NotFound` if there is none like it, `Closed`.

        >>> stack.add_route("0.0.0.0/0", nic)
        >>> stack.remove_route("0.0.0.0/0", nic)
        """
        self._core.remove_routes([self._route(destination, nic, gateway)])

    def _route(
        self, destination: Prefix, nic: Nic | int, gateway: Address | None
    ) -> tuple[_convert.PackedPrefix, int, bytes | None]:
        packed = _convert.prefix(destination, "destination")
        hop = None if gateway is None else _convert.bare_address(gateway, "gateway")
        if hop is not None and len(hop) != len(packed[0]):
            raise InvalidArgument(f"gateway {gateway} is not of the family of the destination {destination}")
        return packed, number_of(nic, self), hop

    @overload
    def on_echo(
        self, handler: _H, /, *, family: int | None = None, replace: bool = False, echo_replies: bool = False
    ) -> _H: ...
    @overload
    def on_echo(
        self,
        handler: None = None,
        /,
        *,
        family: int | None = None,
        replace: bool = False,
        echo_replies: bool = False,
    ) -> Callable[[_H], _H]: ...
    def on_echo(
        self,
        handler: Handler | None = None,
        /,
        *,
        family: int | None = None,
        replace: bool = False,
        echo_replies: bool = False,
    ) -> Handler | Callable[[_H], _H]:
        """Install a handler for Echo Requests; a decorator, with and without arguments.

        The handler is called with each valid Echo Request to an address, group or prefix of the
        stack, as a `Request`, on the thread that delivered the packet; calls may overlap. It
        returns True: it owns the packet, and nothing more happens; or False or None: the stack goes
        on as if there were no handler, but sends no second reply. Anything else is a `TypeError`.

        A handler that raises has failed: nothing more is sent, `forwarder.failed` counts it, and
        the exception comes out of `Link.inject()` or `poll()`, beneath which it ran, or goes where
        `run()` says.

        - `family`: 4 or 6, for one only; None: both.
        - `replace`: takes the place of a handler that is there. Outside callbacks this waits: when
          it returns, the former one is not running and never runs again.
        - `echo_replies`: the handler also gets Echo Replies that nobody else wanted; see
          `Request.type`.

        Returns the handler. Raises `Busy` if there is a handler and `replace` is not set, `Closed`.

        >>> @stack.on_echo
        ... def answer(request):
        ...     print(request.source, "asks", request.destination)
        ...     return request.reply()
        >>> wire.inject(echo_request)
        192.168.0.2 asks 192.168.0.1
        True
        """
        if handler is None:
            return partial(self.on_echo, family=family, replace=replace, echo_replies=echo_replies)
        _convert.function(handler, "handler")
        _convert.instance(replace, "replace", bool, "True or False")
        _convert.instance(echo_replies, "echo_replies", bool, "True or False")
        families = _families(family)
        with self._lock:
            taken = families & self._handled
            if taken and not replace:
                names = " and ".join(f"IPv{version}" for version in sorted(taken))
                raise Busy(f"there is a handler for {names}; say replace=True to take its place")
            self._handled |= families
        try:
            self._core.set_handler(handler, family or 0, echo_replies)
        except NetstackError:
            self._handled -= families - taken
            raise
        return handler

    def remove_handler(self, family: int | None = None) -> None:
        """Take the handler away, if there is one.

        Outside callbacks this waits: when it returns, the handler is not running and never runs
        again. Inside a callback it returns at once: no new call starts, running ones finish.

        - `family`: 4 or 6, for one only; None: both.

        >>> stack.remove_handler()
        """
        families = _families(family)
        self._core.set_handler(None, family or 0, False)
        with self._lock:
            self._handled -= families

    def set_echo_policy(
        self,
        policy: Literal["default", "reply", "silent"],
        *,
        destination: Literal["temporary", "group"],
        family: int | None = None,
    ) -> None:
        """Set what the stack does by itself with an Echo Request that no handler owns.

        An assigned address always answers, and `Request.reply()` works all the same.

        - `policy`: "reply", "silent" or "default".
        - `destination`: "temporary": an address that nobody assigned, silent by default, but for
          IPv6 on a NIC with `spoofing`; "group": broadcast and multicast, by default silent for
          IPv4 and answered for IPv6.
        - `family`: 4 or 6, for one only; None: both.

        >>> nic.remove_address("192.168.0.1")
        >>> nic.add_prefix("192.168.0.0/24")
        >>> stack.set_echo_policy("reply", destination="temporary")
        >>> wire.inject(echo_request), len(wire.drain())
        (True, 1)
        """
        _families(family)
        self._core.set_echo_policy(
            family or 0,
            _convert.choice(destination, "destination", _DESTINATIONS),
            _convert.choice(policy, "policy", _POLICIES),
        )

    def run(self, on_error: Callable[[Exception], object] | None = None) -> None:
        """Read devices, deliver packets and run timers until `stop()` or `close()`.

        Ctrl-C ends it within a tenth of a second with `KeyboardInterrupt`, and it may be called
        again. Several threads may call it: the first runs the timers and serves every device that
        no other call serves, each further one takes one device over.

        - `on_error`: called with each `Exception` that a handler or another callback raises, on its
          thread; None: `sys.unraisablehook` gets it. The run goes on. It ends with what `on_error`
          raises, and with what is no `Exception`, such as `SystemExit`.

        Raises `Closed` if the stack was closed before or a device is gone (running again serves the
        others), `Busy` if no device is left for this call, `Unsupported` if the stack's clock can't
        wait. It is not for callbacks of this stack.

        >>> with netstack.Stack() as stack:
        ...     stack.stop()
        ...     stack.run()
        """
        self._core.run(_convert.optional_function(on_error, "on_error"))

    def stop(self) -> None:
        """Make every `run()` return, now and from now on. Also for handlers and signal handlers.

        >>> stack.stop()
        """
        self._core.stop()

    def poll(self) -> int:
        """Run the timers that are due, read what the devices have, and return without waiting.

        For loops of your own, by `fileno()` and `next_deadline`. It reads a fair share of each
        device; the descriptor stays readable if more is there.

        Returns how many packets were read. Raises what the first handler beneath raised, and
        `Closed` if the stack was closed or a device is gone.

        >>> clock.advance(1)
        >>> stack.poll()
        0
        """
        return self._core.poll()

    def fileno(self) -> int:
        """Tell the descriptor that is readable when `poll()` has something to do.

        It stays the stack's: only wait for it. It also becomes readable when `next_deadline` has
        moved nearer, and after `stop()` it stays so. Raises `Closed`.

        >>> import select
        >>> stack.poll()
        0
        >>> select.select([stack], [], [], 0)
        ([], [], [])
        """
        return self._core.fileno()

    @property
    def next_deadline(self) -> float | None:
        """When `poll()` must be called at the latest, in seconds, as `time()`; None: no timer is set.

        >>> stack.next_deadline is None
        True
        """
        deadline = self._core.next_deadline_ns
        return None if deadline is None else deadline / _convert.NANOSECONDS

    def time(self) -> float:
        """Tell the time by the stack's clock, in seconds; the system's is `time.monotonic()`.

        >>> clock.advance(4.5)
        >>> stack.time()
        4.5
        """
        return self._core.now_ns / _convert.NANOSECONDS

    def ping(
        self,
        destination: Address,
        *,
        timeout: float = 1.0,
        payload: Buffer = b"",
        ttl: int | None = None,
        tos: int = 0,
        sequence: int = 0,
        source: Address | None = None,
        nic: Nic | int | None = None,
    ) -> PingReply:
        """Send one Echo Request and wait for its reply; `PingSocket` does more, without waiting.

        Meanwhile it reads devices and runs timers as `poll()` does; another thread may be in
        `run()` at the same time. Inside a callback of a packet that a device brought, a reply by
        the same device can't come in time.

        - `destination`: whom to ask. A group or link-local address needs a `nic`, or a scope, which
          is the id of a NIC: "fe80::1%1".
        - `timeout`: how long to wait, in seconds by the stack's clock, by default 1.0.
        - `payload`: the Echo data, bytes-like; by default none.
        - `ttl`: TTL or Hop Limit, 1 to 255; None: the stack's.
        - `tos`: TOS or Traffic Class, 0 to 255, by default 0.
        - `sequence`: 0 to 65,535, by default 0.
        - `source`: an assigned address; None: one is chosen.
        - `nic`: over this NIC alone, a `Nic` or its id; None: by the routes.

        Raises `TimedOut` if no reply came in time, `NoRoute`, `WouldBlock` if the link is full,
        `Unsupported` if the clock can't wait or the packet is longer than IP packets can be, `NotFound`
        if nobody assigned the source, `Limited` if no identifier or descriptor is free, `Closed` if
        the stack was closed or stopped, or a device is gone, `InvalidArgument`, and what the first
        callback beneath raised.

        >>> near, far = netstack.Stack(), netstack.Stack()
        >>> to_far = netstack.CallbackLink(lambda packet: to_near.inject(packet))
        >>> to_near = netstack.CallbackLink(lambda packet: to_far.inject(packet))
        >>> _ = near.add_nic(to_far, addresses=["192.168.0.1/24"])
        >>> _ = far.add_nic(to_near, addresses=["192.168.0.2/24"])
        >>> near.ping("192.168.0.2", payload=b"hello").packet.payload()
        b'hello'
        """
        packed_to = _convert.address(destination, "destination")
        packed_source = _convert.optional_address(source, "source")
        if packed_source is not None and len(packed_source[0]) != len(packed_to[0]):
            raise InvalidArgument(f"source {source} is not of the family of the destination {destination}")
        rtt, packet = self._core.ping(
            packed_to,
            max(1, _convert.nanoseconds(timeout, "timeout")),  # to the library 0 is its default
            _convert.octets(payload, "payload"),
            _convert.optional_integer(ttl, "ttl", 1, 255),
            _convert.integer(tos, "tos", 0, 255),
            _convert.integer(sequence, "sequence", 0, _convert.MAXIMUM_16),
            packed_source,
            optional_number_of(nic, self),
        )
        return PingReply(rtt / _convert.NANOSECONDS, packet)

    @property
    def stats(self) -> Stats:
        """The counters: everything that became of packets, by dotted name.

        NICs are in it by number, such as "nic.1.rx.packets"; what they counted stays in the totals
        when they are removed.

        >>> stack.stats["forwarder.consumed"]
        0
        """
        return Stats(self._core)

    def close(self) -> None:
        """End the stack, at once and for everyone: runs return, links are let go.

        Does not wait: running handlers finish. Allowed inside them. Does nothing the second time.

        >>> stack.close()
        >>> stack
        <netstack.Stack closed>
        """
        self._core.close()
        with self._lock:
            self._nics.clear()
            self._handled.clear()

    @property
    def closed(self) -> bool:
        """Whether `close()` was called.

        >>> stack.closed
        False
        """
        return self._core.closed

    def __repr__(self) -> str:
        if self.closed:
            return f"<{self._label} closed>"
        nics = len(self._nics)
        return f"<{self._label} with {nics} NIC{'' if nics == 1 else 's'}>"


def _families(family: int | None) -> set[int]:
    return {4, 6} if family is None else {_convert.family(family)}
