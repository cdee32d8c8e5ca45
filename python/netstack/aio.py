"""A stack that asyncio drives: handlers run in the loop's thread, and nothing blocks.

>>> import asyncio
>>> from netstack import aio
>>> async def main():
...     async with aio.Stack() as stack:
...         stack.add_nic(netstack.Channel(), addresses=["192.168.0.1/24"])
...         asyncio.get_running_loop().call_later(0.01, stack.stop)
...         await stack.run()
>>> asyncio.run(main())
"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import TYPE_CHECKING, ClassVar

import netstack
from netstack import _convert, _core
from netstack._core import Packet
from netstack._driver import CLOSED, STOPPED, Driver
from netstack.errors import Closed, TimedOut, Unsupported, WouldBlock
from netstack.ping import PingReply
from netstack.ping_socket import PingSocket

if TYPE_CHECKING:
    from typing import NoReturn

    from typing_extensions import Buffer, Self

    from netstack._convert import Address
    from netstack.nic import Nic

__all__ = ["Stack"]


class Stack(netstack.Stack):
    """A stack for `async with`, which the running loop drives to the end of the block or `stop()`.

    It is a `netstack.Stack`, and made like one, in all but the methods here. What a handler or
    another callback raises while the loop drives it goes to the loop's exception handler, and the
    stack goes on. Only `stop()` is for other threads too: everything else belongs to the loop's.

    With a manual clock `poll()` is still yours to call when the clock was advanced.

    >>> async def main():
    ...     async with aio.Stack() as stack:
    ...         wire = netstack.Channel()
    ...         stack.add_nic(wire, addresses=["192.168.0.1/24"])
    ...         wire.inject(echo_request)
    ...         return len(wire.drain())
    >>> asyncio.run(main())
    1
    """

    _label: ClassVar[str] = "netstack.aio.Stack"

    _driver: Driver | None = None
    _stopped = False

    async def __aenter__(self) -> Self:
        if self._driver is not None:
            raise RuntimeError("a loop drives this stack already")
        self._driver = Driver(self._core, asyncio.get_running_loop(), waits=not self._has_manual_clock)
        if self._stopped:
            self._driver.leave(STOPPED)
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()

    def __enter__(self) -> NoReturn:
        raise TypeError("use `async with` for a netstack.aio.Stack")

    async def run(self) -> None:  # type: ignore[override]  # awaited where the other one blocks
        """Wait until `stop()` or `close()`. The loop drives the stack also if nobody waits.

        Several tasks may wait, and cancelling one changes nothing else. Raises `Closed` if the stack
        was closed before or a device is gone; the others are served all the same.

        >>> async def main():
        ...     async with aio.Stack() as stack:
        ...         stack.stop()
        ...         await stack.run()
        >>> asyncio.run(main())
        """
        driver = self._driven()
        if self.closed:
            raise Closed(CLOSED)
        if self._stopped:
            return
        why = await driver.wait()
        if why not in {STOPPED, CLOSED}:
            raise Closed(why)

    def stop(self) -> None:
        """Make every `run()` return, now and from now on, and every `ping()` raise `Closed`.

        The loop drives the stack no more; `poll()` still works. For any thread, handlers and signal
        handlers.

        >>> aio.Stack().stop()
        """
        super().stop()
        self._stopped = True
        if self._driver is not None:
            self._driver.stop_soon()

    async def ping(  # type: ignore[override]  # awaited where the other one blocks
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
        """Send one Echo Request and wait for its reply, as `netstack.Stack.ping()` does.

        Many may wait at once. Cancelling one leaves nothing behind.

        >>> async def main():
        ...     far = netstack.Stack()
        ...     async with aio.Stack() as near:
        ...         to_far = netstack.CallbackLink(lambda packet: to_near.inject(packet))
        ...         to_near = netstack.CallbackLink(lambda packet: to_far.inject(packet))
        ...         near.add_nic(to_far, addresses=["192.168.0.1/24"])
        ...         far.add_nic(to_near, addresses=["192.168.0.2/24"])
        ...         return await near.ping("192.168.0.2", payload=b"hello")
        >>> asyncio.run(main()).packet.payload()
        b'hello'
        """
        driver = self._driven()
        if self._has_manual_clock:
            raise Unsupported("a manual clock can't wait; use a ping socket")
        if self._stopped:
            raise Closed(STOPPED)
        seconds = _convert.nanoseconds(timeout, "timeout") / _convert.NANOSECONDS
        to = ip_address(_convert.address(destination, "destination")[0])
        echo = _Echo(self._core, driver.loop, sequence)
        with PingSocket(self, to.version, nic=nic, ttl=ttl, tos=tos, notify=echo.notify) as socket:
            if source is not None:
                socket.bind(source)
            if not to.is_multicast:
                socket.connect(destination)
            echo.begin(socket)
            if not socket.send(sequence, payload, to=destination):
                raise WouldBlock(f"nothing was sent to {to}: the link is full")
            return await echo.end(driver, seconds)

    def close(self) -> None:
        """End the stack, as `netstack.Stack.close()` does, and take it out of the loop.

        `run()` returns, and `ping()` raises `Closed`.

        >>> stack = aio.Stack()
        >>> stack.close()
        >>> stack
        <netstack.aio.Stack closed>
        """
        if self._driver is not None:
            self._driver.leave()
        super().close()

    def _driven(self) -> Driver:
        if self._driver is None:
            raise RuntimeError("no loop drives this stack; use `async with`")
        return self._driver


class _Echo:
    """One Echo Request and its reply, which a task of the loop awaits."""

    def __init__(self, core: _core.Stack, loop: asyncio.AbstractEventLoop, sequence: int) -> None:
        self._core = core
        self._loop = loop
        self._sequence = sequence
        self._reply: asyncio.Future[Packet] = loop.create_future()
        self._began_ns = self._came_ns = 0

    def begin(self, socket: PingSocket) -> None:
        self._socket = socket
        self._began_ns = self._came_ns = self._core.now_ns

    # On the thread that delivers the reply.
    def notify(self) -> None:
        self._came_ns = self._core.now_ns
        self._loop.call_soon_threadsafe(self._take)

    async def end(self, driver: Driver, seconds: float) -> PingReply:
        self._take()  # in memory it is there at once
        why = None
        if not self._reply.done():
            why = await driver.wait(self._reply, seconds)
        if self._reply.done():
            rtt = max(0, self._came_ns - self._began_ns)
            return PingReply(rtt / _convert.NANOSECONDS, self._reply.result())
        raise TimedOut("no reply came in time") if why is None else Closed(why)

    def _take(self) -> None:
        if self._socket.closed:  # nobody waits any more
            return
        while not self._reply.done() and (packet := self._socket.receive()) is not None:
            if packet.sequence == self._sequence:
                self._reply.set_result(packet)
