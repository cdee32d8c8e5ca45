"""What a ping brings back."""

from __future__ import annotations

from dataclasses import dataclass

from netstack._core import Packet


@dataclass(frozen=True)
class PingReply:
    """The Echo Reply that `Stack.ping()` waited for.

    - `rtt`: the round trip time in seconds, by the stack's clock.
    - `packet`: the reply.

    >>> netstack.PingReply(rtt=0.001, packet=packet).packet.source
    IPv4Address('192.168.0.2')
    """

    rtt: float
    packet: Packet
