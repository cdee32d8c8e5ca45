"""NICs: a link's place in a stack, and what packets are taken there."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from netstack import _convert, _core
from netstack.capture import Capture
from netstack.errors import InvalidArgument, NotFound
from netstack.stats import Stats

if TYPE_CHECKING:
    from netstack._convert import Address, Prefix
    from netstack.link import Link
    from netstack.stack import Stack


class Nic:
    """A NIC of a stack; from `Stack.add_nic()` alone.

    Each change is made whole or not at all, and packets go on meanwhile. Removing something never
    waits for a handler. All methods raise `NotFound` when the NIC was removed, `Closed` when the
    stack was closed.

    >>> nic
    <netstack.Nic 1 on <netstack.Channel mtu=1500>>
    """

    def __init__(self, stack: Stack, number: int, link: Link, flags: int) -> None:
        self._stack = stack
        self._id = number
        self._link = link
        self._flags = {
            bit: bool(flags & bit)
            for bit in (
                _core.NIC_DISABLED,
                _core.NIC_PROMISCUOUS,
                _core.NIC_SPOOFING,
                _core.NIC_SIDE_BY_SIDE,
                _core.NIC_FORWARDING_IPV4,
                _core.NIC_FORWARDING_IPV6,
            )
        }
        self._capture: Capture | None = None

    @property
    def id(self) -> int:
        """The number of the NIC in its stack, from 1 on.

        >>> nic.id
        1
        """
        return self._id

    @property
    def stack(self) -> Stack:
        """The stack that the NIC is part of.

        >>> nic.stack is stack
        True
        """
        return self._stack

    @property
    def link(self) -> Link:
        """The link that the NIC was made from.

        >>> nic.link is wire
        True
        """
        return self._link

    def add_address(self, address: Address) -> None:
        """Assign an address with its subnet: "192.168.0.1/24" or an ipaddress interface.

        It brings the subnet's broadcast address and on-link route with it, or its solicited-node
        group and route. An address alone is a subnet of its own. Raises `InvalidArgument` if it is
        no unicast address, `Busy` if it is assigned already.

        >>> nic.add_address("192.168.0.3/24")
        """
        self._core.add_addresses(self._present(), [_convert.assigned(address, "address")])

    def add_addresses(self, addresses: Iterable[Address]) -> None:
        """Assign many addresses, all or none. As `add_address()`.

        >>> nic.add_addresses(f"192.168.0.{host}/24" for host in range(10, 20))
        """
        packed = _convert.each(addresses, "addresses", _convert.assigned)
        self._core.add_addresses(self._present(), packed)

    def remove_address(self, address: Address) -> None:
        """Take an address away, given without its prefix length, and what came with it.

        Raises `NotFound` if it is not assigned.

        >>> nic.remove_address("192.168.0.1")
        """
        self._core.remove_addresses(self._present(), [_convert.bare_address(address, "address")])

    def remove_addresses(self, addresses: Iterable[Address]) -> None:
        """Take many addresses away, all or none. As `remove_address()`.

        >>> nic.remove_addresses(["192.168.0.1"])
        """
        packed = _convert.each(addresses, "addresses", _convert.bare_address)
        self._core.remove_addresses(self._present(), packed)

    def add_prefix(self, prefix: Prefix) -> None:
        """Make every unicast address of a prefix ours: "10.7.0.0/16" or an ipaddress network.

        None of them is assigned or stored: their packets are taken as temporary, at the same cost
        however large the prefix. Raises `InvalidArgument` if bits are set behind the length or it is
        multicast, `Busy` if it is local already.

        >>> nic.add_prefix("10.7.0.0/16")
        """
        self._core.add_prefixes(self._present(), [_convert.prefix(prefix, "prefix")])

    def add_prefixes(self, prefixes: Iterable[Prefix]) -> None:
        """Make many prefixes local, all or none. As `add_prefix()`.

        >>> nic.add_prefixes(["10.7.0.0/16", "fd07::/64"])
        """
        packed = _convert.each(prefixes, "prefixes", _convert.prefix)
        self._core.add_prefixes(self._present(), packed)

    def remove_prefix(self, prefix: Prefix) -> None:
        """Take a local prefix away, written as it was added. Raises `NotFound` if it is not local.

        >>> nic.add_prefix("10.7.0.0/16")
        >>> nic.remove_prefix("10.7.0.0/16")
        """
        self._core.remove_prefixes(self._present(), [_convert.prefix(prefix, "prefix")])

    def remove_prefixes(self, prefixes: Iterable[Prefix]) -> None:
        """Take many local prefixes away, all or none. As `remove_prefix()`.

        >>> nic.add_prefixes(["10.7.0.0/16", "fd07::/64"])
        >>> nic.remove_prefixes(["10.7.0.0/16", "fd07::/64"])
        """
        packed = _convert.each(prefixes, "prefixes", _convert.prefix)
        self._core.remove_prefixes(self._present(), packed)

    def join_group(self, group: Address) -> None:
        """Take packets to a multicast group from now on. Nothing is announced to routers.

        Raises `InvalidArgument` if it is no multicast address, `Busy` if it was joined already.

        >>> nic.join_group("224.1.2.3")
        """
        self._core.join_group(self._present(), _group(group))

    def leave_group(self, group: Address) -> None:
        """Leave a group that was joined. Raises `NotFound` if it was not.

        >>> nic.join_group("224.1.2.3")
        >>> nic.leave_group("224.1.2.3")
        """
        self._core.leave_group(self._present(), _group(group))

    @property
    def disabled(self) -> bool:
        """Whether the NIC takes no packets; may be set.

        >>> nic.disabled = True
        >>> wire.inject(echo_request), wire.read()
        (True, None)
        """
        return self._flags[_core.NIC_DISABLED]

    @disabled.setter
    def disabled(self, value: bool) -> None:
        self._set_flag(_core.NIC_DISABLED, value, "disabled")

    @property
    def promiscuous(self) -> bool:
        """Whether the NIC takes packets for every unicast address, as temporary ones; may be set.

        >>> nic.promiscuous = True
        >>> nic.promiscuous
        True
        """
        return self._flags[_core.NIC_PROMISCUOUS]

    @promiscuous.setter
    def promiscuous(self, value: bool) -> None:
        self._set_flag(_core.NIC_PROMISCUOUS, value, "promiscuous")

    @property
    def spoofing(self) -> bool:
        """Whether, by IPv6, the stack answers by itself from temporary addresses; may be set.

        >>> nic.spoofing
        False
        """
        return self._flags[_core.NIC_SPOOFING]

    @spoofing.setter
    def spoofing(self, value: bool) -> None:
        self._set_flag(_core.NIC_SPOOFING, value, "spoofing")

    @property
    def side_by_side(self) -> bool:
        """Whether `Link.inject()` returns False for each packet that nothing here takes; may be set.

        It is for a stack that stands in front of another one, which gets those packets.

        >>> nic.remove_address("192.168.0.1")
        >>> nic.side_by_side = True
        >>> wire.inject(echo_request)
        False
        """
        return self._flags[_core.NIC_SIDE_BY_SIDE]

    @side_by_side.setter
    def side_by_side(self, value: bool) -> None:
        self._set_flag(_core.NIC_SIDE_BY_SIDE, value, "side_by_side")

    @property
    def forwarding_ipv4(self) -> bool:
        """Whether IPv4 packets that come in and are not ours go on, by the stack's routes; may be set.

        They go with one hop less, over any NIC that is not disabled, and no handler sees them. What can't
        go on is answered with an ICMP error, if the NIC has an address to send it from. If the NIC is
        promiscuous every address is ours, so nothing goes on.

        >>> inside = stack.add_nic(netstack.Channel(), addresses=["10.0.0.1/8"], forwarding_ipv4=True)
        >>> inside.link.inject(echo_request)  # 192.168.0.1 is the other NIC's
        True
        >>> len(inside.link.drain())
        1
        """
        return self._flags[_core.NIC_FORWARDING_IPV4]

    @forwarding_ipv4.setter
    def forwarding_ipv4(self, value: bool) -> None:
        self._set_flag(_core.NIC_FORWARDING_IPV4, value, "forwarding_ipv4")

    @property
    def forwarding_ipv6(self) -> bool:
        """Whether IPv6 packets that come in and are not ours go on, as `forwarding_ipv4`; may be set.

        >>> nic.forwarding_ipv6
        False
        """
        return self._flags[_core.NIC_FORWARDING_IPV6]

    @forwarding_ipv6.setter
    def forwarding_ipv6(self, value: bool) -> None:
        self._set_flag(_core.NIC_FORWARDING_IPV6, value, "forwarding_ipv6")

    @property
    def capture(self) -> Capture | None:
        """What captures the packets that pass the NIC; may be set, None ends it.

        >>> nic.capture = netstack.Capture("/dev/null")
        >>> nic.capture = None
        """
        return self._capture

    @capture.setter
    def capture(self, capture: Capture | None) -> None:
        if capture is not None:
            _convert.instance(capture, "capture", Capture, "a Capture")
        core = None if capture is None else capture._core
        with self._stack._lock:
            self._core.set_capture(self._present(), core)
            former, self._capture = self._capture, capture
        del former  # which may run code of the user's, without the lock

    @property
    def stats(self) -> Stats:
        """The NIC's own counters, as `Stack.stats` without "nic.1." before their names.

        >>> wire.inject(echo_request)
        True
        >>> nic.stats["rx.packets"], nic.stats["tx.packets"]
        (1, 1)
        """
        return Stats(self._core, f"nic.{self._present()}.")

    def remove(self) -> None:
        """Remove the NIC with its addresses and routes, and let its link go.

        Running handlers finish; what they answer is still sent.

        >>> nic.remove()
        >>> stack
        <netstack.Stack with 0 NICs>
        """
        self._stack._remove_nic(self._present())

    def __repr__(self) -> str:
        where = f"on {self._link!r}" if self._is_present() else "removed"
        return f"<netstack.Nic {self._id} {where}>"

    @property
    def _core(self) -> _core.Stack:
        return self._stack._core

    def _is_present(self) -> bool:
        return self._stack.nics.get(self._id) is self

    # The id, unless another NIC may have it by now.
    def _present(self) -> int:
        if not self._is_present() and not self._stack.closed:
            raise NotFound(f"NIC {self._id} was removed")
        return self._id

    def _set_flag(self, bit: int, value: bool, name: str) -> None:
        set_bits = _convert.flag(value, name, bit)
        with self._stack._lock:
            self._core.set_nic_flags(self._present(), set_bits, bit & ~set_bits)
            self._flags[bit] = value


def number_of(nic: Nic | int, stack: Stack) -> int:
    """Turn what functions take for a NIC into its id."""
    if not isinstance(nic, Nic):
        return _convert.integer(nic, "nic", 1, _convert.MAXIMUM_NIC, "a Nic or its id")
    if nic.stack is not stack:
        raise InvalidArgument("nic is one of another stack")
    return nic._present()


def optional_number_of(nic: Nic | int | None, stack: Stack) -> int:
    """Turn what functions take for a NIC into its id; None, any one, becomes 0."""
    return 0 if nic is None else number_of(nic, stack)


def _group(group: Address) -> str:
    packed = _convert.bare_address(group, "group")
    return str(ip_address(packed))
