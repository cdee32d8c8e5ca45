"""A user-space IP stack: you decide, for each ping, who owns it and whether the stack answers.

A stack has NICs; a NIC is made from a link with addresses and local prefixes; a handler gets a
request, and says who owns it. `reply()` asks the stack to answer it. Neither implies the other.

>>> import netstack
>>> clock = netstack.ManualClock()
>>> stack = netstack.Stack(clock=clock)
>>> wire = netstack.Channel()
>>> nic = stack.add_nic(wire, addresses=["192.168.0.1/24"])
>>> echo_request = bytes.fromhex(
...     "45000024000040004001b985c0a80002c0a80001"  # IPv4, from 192.168.0.2 to 192.168.0.1
...     "0800666700010002" + b"abcdefgh".hex()  # Echo Request, identifier 1, sequence number 2
... )

The examples of all docstrings begin where this one ends: with a stack in memory whose time stands
still. On a real network the link is a `Tun`, there is no clock, and `stack.run()` does the rest.

Any thread may call anything, also inside callbacks, unless a docstring says otherwise. After a fork
the child may only close what it inherited. A sub-interpreter can't import netstack: ImportError. An
interpreter without a GIL turns it on for netstack, and says so.

In all languages the same, and told in the repository's capi/docs: the life of a request (request.md),
who owns what (ownership.md), what threads may do (threads.md), how calls fail (errors.md).
"""

from netstack import _core, errors
from netstack._core import Packet, Request
from netstack.capture import Capture
from netstack.clock import ManualClock
from netstack.errors import (
    Answered,
    Busy,
    Closed,
    InternalError,
    InvalidArgument,
    Limited,
    NetstackError,
    NoRoute,
    NotFound,
    NotReplyable,
    OutOfMemory,
    RequestExpired,
    TimedOut,
    TooSmall,
    Unsupported,
    WouldBlock,
)
from netstack.link import CallbackLink, Channel, FdLink, Link, Tun
from netstack.nic import Nic
from netstack.ping import PingReply
from netstack.ping_socket import PingSocket
from netstack.raw_socket import RawSocket
from netstack.stack import Stack

__all__ = [
    "Answered",
    "Busy",
    "CallbackLink",
    "Capture",
    "Channel",
    "Closed",
    "FdLink",
    "InternalError",
    "InvalidArgument",
    "Limited",
    "Link",
    "ManualClock",
    "NetstackError",
    "Nic",
    "NoRoute",
    "NotFound",
    "NotReplyable",
    "OutOfMemory",
    "Packet",
    "PingReply",
    "PingSocket",
    "RawSocket",
    "Request",
    "RequestExpired",
    "Stack",
    "TimedOut",
    "TooSmall",
    "Tun",
    "Unsupported",
    "WouldBlock",
    "__version__",
    "errors",
]

__version__: str = _core.version_string()

_core.set_errors(errors.BY_STATUS)
