"""What netstack raises: one class for each status of the library, all of them `NetstackError`.

Each is also of the built-in class that says the nearest thing, so that `except TimeoutError` works
as well as `except netstack.TimedOut`. The text is a sentence that names what was wrong, and a call
that raises has changed nothing.

>>> issubclass(netstack.TimedOut, netstack.NetstackError), issubclass(netstack.TimedOut, TimeoutError)
(True, True)
"""

from typing import Final

__all__ = [
    "Answered",
    "Busy",
    "Closed",
    "InternalError",
    "InvalidArgument",
    "Limited",
    "NetstackError",
    "NoRoute",
    "NotFound",
    "NotReplyable",
    "OutOfMemory",
    "RequestExpired",
    "TimedOut",
    "TooSmall",
    "Unsupported",
    "WouldBlock",
]


class NetstackError(Exception):
    """A call of netstack failed. `status` is the library's number for the reason.

    >>> try:
    ...     stack.add_route("0.0.0.0/0", nic=9)
    ... except netstack.NetstackError as error:
    ...     error.status
    -10
    """

    status: int = 0


class InvalidArgument(NetstackError, ValueError):
    """An argument makes no sense.

    >>> nic.join_group("everybody")
    Traceback (most recent call last):
    netstack.errors.InvalidArgument: group: 'everybody' is not an IPv4 or IPv6 address
    """

    status = -1


class OutOfMemory(NetstackError, MemoryError):
    """No memory is left; nothing was changed.

    >>> issubclass(netstack.OutOfMemory, MemoryError)
    True
    """

    status = -2


class RequestExpired(NetstackError, RuntimeError):
    """The request's handler has returned, or this is not its thread.

    >>> request.reply()
    Traceback (most recent call last):
    netstack.errors.RequestExpired: ...
    """

    status = -3


class NotReplyable(NetstackError, ValueError):
    """The packet is no Echo Request.

    >>> issubclass(netstack.NotReplyable, ValueError)
    True
    """

    status = -4


class NoRoute(NetstackError, OSError):
    """There is no way to the peer, or no address to send from.

    >>> netstack.PingSocket(stack).connect("203.0.113.1")
    Traceback (most recent call last):
    netstack.errors.NoRoute: ...
    """

    status = -5


class Limited(NetstackError, RuntimeError):
    """A bound is reached, such as that of open descriptors or of Echo identifiers.

    >>> issubclass(netstack.Limited, RuntimeError)
    True
    """

    status = -6


class Busy(NetstackError, RuntimeError):
    """It is in use by somebody else, or calls are nested too deep.

    >>> stack.add_nic(wire)
    Traceback (most recent call last):
    netstack.errors.Busy: ...
    """

    status = -7


class Unsupported(NetstackError, NotImplementedError):
    """This library, system or configuration cannot do it.

    >>> stack.run()  # a manual clock can't wait
    Traceback (most recent call last):
    netstack.errors.Unsupported: ...
    """

    status = -8


class TooSmall(NetstackError, ValueError):
    """A buffer is too small.

    >>> issubclass(netstack.TooSmall, ValueError)
    True
    """

    status = -9


class NotFound(NetstackError, LookupError):
    """There is no such thing.

    >>> nic.remove_address("192.168.0.7")
    Traceback (most recent call last):
    netstack.errors.NotFound: ...
    """

    status = -10


class Closed(NetstackError, ValueError):
    """The stack, link, socket or device is gone.

    >>> wire.close()
    >>> wire.inject(echo_request)
    Traceback (most recent call last):
    netstack.errors.Closed: the link is closed
    """

    status = -11


class Answered(NetstackError, RuntimeError):
    """The request was answered in another way.

    >>> issubclass(netstack.Answered, RuntimeError)
    True
    """

    status = -12


class TimedOut(NetstackError, TimeoutError):
    """The deadline has passed.

    >>> lonely = netstack.Stack()
    >>> _ = lonely.add_nic(netstack.Channel(), addresses=["192.168.0.1/24"])
    >>> lonely.ping("192.168.0.2", timeout=0.001)
    Traceback (most recent call last):
    netstack.errors.TimedOut: ...
    """

    status = -13


class WouldBlock(NetstackError, BlockingIOError):
    """Nothing can be taken or sent right now.

    >>> jammed = netstack.Stack()
    >>> full = netstack.CallbackLink(lambda packet: False)
    >>> _ = jammed.add_nic(full, addresses=["192.168.0.1/24"])
    >>> jammed.ping("192.168.0.2")
    Traceback (most recent call last):
    netstack.errors.WouldBlock: ...
    """

    status = -14


class InternalError(NetstackError, SystemError):
    """A fault of the library; please report it.

    >>> netstack.InternalError.status
    -99
    """

    status = -99


# For the extension: which class belongs to which status. 0 stands for a status without a class.
BY_STATUS: Final[dict[int, type[NetstackError]]] = {0: NetstackError} | {
    error.status: error for error in NetstackError.__subclasses__()
}
