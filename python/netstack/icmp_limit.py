"""How many ICMP messages a stack sends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from netstack import _convert
from netstack._closing import Closing

if TYPE_CHECKING:
    from netstack import _core


_MAXIMUM: Final = 2**32 - 2  # the number above stands for no limit in C


class IcmpLimit(Closing):
    """What every `Stack` has of limits.

    >>> stack.set_icmp_rate(100, burst=10)
    >>> stack.set_icmp_limited(3, False, family=4)
    """

    _core: _core.Stack

    def set_icmp_rate(self, per_second: int | None, burst: int = 50) -> None:
        """Set how many limited ICMP messages it sends; `set_icmp_limited()` says which are.

        All NICs and both families have one bucket of tokens: a message takes one, and is not sent
        if there is none, but counted as "icmp.v4.sent.rate_limited" or "icmp.v6.sent.rate_limited".

        - `per_second`: how many tokens come in a second, one at a time, at first 1000; 0: none
          ever; None: every message is sent, whatever `burst` is.
        - `burst`: how many tokens the bucket holds, as it does right after this call unless
          `per_second` is 0. 0: no limited message is sent.

        Raises `InvalidArgument` if one is not from 0 to 2**32 - 2, and `Closed`.

        >>> stack.set_icmp_limited(0, True, family=4)  # not errors alone, but also Echo Replies
        >>> for rate in 5, None:
        ...     stack.set_icmp_rate(rate, burst=1)
        ...     for _ in range(3):
        ...         _ = wire.inject(echo_request)
        ...     len(wire.drain()), stack.stats["icmp.v4.sent.rate_limited"]
        (1, 2)
        (3, 2)
        """
        self._core.set_icmp_rate(
            None if per_second is None else _convert.integer(per_second, "per_second", 0, _MAXIMUM),
            _convert.integer(burst, "burst", 0, _MAXIMUM),
        )

    def set_icmp_limited(self, icmp_type: int, limited: bool, *, family: int) -> None:
        """Set whether ICMP messages of a type each take a token of `set_icmp_rate()`.

        At first errors do, but IPv4's Redirect (5) and IPv6's Packet Too Big (2); Echo Replies do
        not. IPv4's Fragmentation Needed (type 3, code 4) never does: path MTU discovery needs it.
        Nor does what sockets send.

        - `icmp_type`: an error's, in IPv4 3, 4, 5, 11 or 12, in IPv6 1 to 127; or an Echo Reply's, in IPv4
          0, in IPv6 129. For `Request.reply()` one that is not sent counts as accepted.
        - `family`: 4 or 6, since each has types of its own.

        Raises `InvalidArgument` if it is none of those types, and `Closed`.

        >>> stack.set_icmp_rate(1, burst=1)
        >>> stack.set_icmp_limited(0, True, family=4)
        >>> for _ in range(3):
        ...     _ = wire.inject(echo_request)
        >>> len(wire.drain()), stack.stats["icmp.v4.sent.rate_limited"]
        (1, 2)
        """
        self._core.set_icmp_limited(
            _convert.family(family),
            _convert.integer(icmp_type, "icmp_type", 0, 255),
            bool(_convert.flag(limited, "limited", 1)),
        )
