"""How an asyncio loop drives a stack, and what ends waiting for it."""

from __future__ import annotations

import asyncio
import gc
import select
import socket
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

import netstack
from netstack import aio
from netstack._driver import Driver

NEAR, FAR = "192.168.0.1", "192.168.0.2"
ECHO_REQUEST = bytes.fromhex(  # from FAR to NEAR, identifier 1, sequence number 2
    "45000024000040004001b985c0a80002c0a80001" + "0800666700010002" + b"abcdefgh".hex()
)
Problems = list[dict[str, Any]]
Wires = tuple[socket.socket, socket.socket]


def run(main: Coroutine[Any, Any, None]) -> Problems:
    """Run a test in a loop of its own. Returns what its exception handler got."""
    problems: Problems = []

    async def watched() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: problems.append(context))
        await asyncio.wait_for(main, timeout=10)

    asyncio.run(watched(), debug=True)
    gc.collect()  # a future that failed unseen tells now
    return problems


def open_sockets() -> list[netstack.PingSocket]:
    return [found for found in gc.get_objects() if type(found) is netstack.PingSocket and not found.closed]


@pytest.fixture(name="wires")
def two_ends() -> Iterator[Wires]:
    """A wire that keeps packets apart: one end for the stack, one for the test."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        theirs.setblocking(False)
        yield ours, theirs


async def answer(theirs: socket.socket) -> None:
    """Be the far host, for one request."""
    with netstack.Stack() as far:
        link = netstack.Channel()
        far.add_nic(link, addresses=[f"{FAR}/24"])
        link.inject(await asyncio.get_running_loop().sock_recv(theirs, 1500))
        for reply in link.drain():
            theirs.send(reply)


def test_devices_are_read_and_handlers_run_in_the_thread_of_the_loop(wires: Wires) -> None:
    async def main() -> None:
        async with aio.Stack() as stack:
            stack.add_nic(netstack.FdLink(wires[0]), addresses=[f"{NEAR}/24"])
            threads = []

            @stack.on_echo
            def handler(request: netstack.Request) -> bool:
                threads.append(threading.get_ident())
                stack.stop()
                return request.reply()

            wires[1].send(ECHO_REQUEST)
            await stack.run()
            assert threads == [threading.get_ident()]
            assert len(wires[1].recv(1500)) == len(ECHO_REQUEST)

    assert run(main()) == []


def test_ping_waits_for_its_reply(wires: Wires) -> None:
    async def main() -> None:
        async with aio.Stack() as stack:
            stack.add_nic(netstack.FdLink(wires[0]), addresses=[f"{NEAR}/24"])
            far = asyncio.create_task(answer(wires[1]))
            reply = await stack.ping(FAR, payload=b"hello", sequence=9, source=NEAR)
            await far
            assert reply.packet.payload() == b"hello"
            assert reply.packet.sequence == 9
            assert 0 < reply.rtt < 10

    assert run(main()) == []


@pytest.mark.parametrize(
    ("timeout", "transmit", "error"),
    [
        (0.001, lambda packet: None, netstack.TimedOut),
        (0, lambda packet: None, netstack.TimedOut),
        (1, lambda packet: False, netstack.WouldBlock),
        (-1, lambda packet: None, netstack.InvalidArgument),
        (1, lambda packet: 3, TypeError),
    ],
)
def test_ping_raises(timeout: float, transmit: Any, error: type[Exception]) -> None:
    async def main() -> None:
        async with aio.Stack() as stack:
            stack.add_nic(netstack.CallbackLink(transmit), addresses=[f"{NEAR}/24"])
            with pytest.raises(error):
                await stack.ping(FAR, timeout=timeout)
            assert open_sockets() == []

    assert run(main()) == []


def test_cancelled_pings_leave_nothing_behind(wires: Wires) -> None:
    async def main() -> None:
        async with aio.Stack() as stack:
            stack.add_nic(netstack.FdLink(wires[0]), addresses=[f"{NEAR}/24"])
            pings = [asyncio.create_task(stack.ping(FAR, sequence=number)) for number in range(3)]
            await asyncio.sleep(0)
            far = [asyncio.create_task(answer(wires[1])) for _ in pings]
            for ping in pings:
                ping.cancel()
            assert all(
                isinstance(outcome, asyncio.CancelledError)
                for outcome in await asyncio.gather(*pings, return_exceptions=True)
            )
            await asyncio.gather(*far)
            assert open_sockets() == []
            while stack.stats["icmp.v4.received.echo_reply"] < len(pings):  # nobody wants them
                await asyncio.sleep(0)

    assert run(main()) == []


def test_cancelling_run_does_not_stop_the_stack(wires: Wires) -> None:
    async def main() -> None:
        async with aio.Stack() as stack:
            stack.add_nic(netstack.FdLink(wires[0]), addresses=[f"{NEAR}/24"])
            waiting = asyncio.create_task(stack.run())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            wires[1].send(ECHO_REQUEST)
            loop = asyncio.get_running_loop()
            assert len(await loop.sock_recv(wires[1], 1500)) == len(ECHO_REQUEST)

    assert run(main()) == []


def test_what_a_handler_raises_goes_to_the_loop_and_the_stack_goes_on(wires: Wires) -> None:
    failure = netstack.Closed("not of the library")

    async def main() -> None:
        async with aio.Stack() as stack:
            stack.add_nic(netstack.FdLink(wires[0]), addresses=[f"{NEAR}/24"])

            @stack.on_echo
            def fail(request: netstack.Request) -> None:
                raise failure

            waiting = asyncio.create_task(stack.run())
            wires[1].send(ECHO_REQUEST)
            while stack.stats["forwarder.failed"] == 0:
                await asyncio.sleep(0)
            assert not waiting.done()
            stack.stop()
            await waiting

    assert [problem["exception"] for problem in run(main())] == [failure]


def test_stop_from_another_thread_ends_run_and_pings() -> None:
    async def main() -> None:
        async with aio.Stack() as stack:
            stack.add_nic(netstack.Channel(), addresses=[f"{NEAR}/24"])
            waiting = [asyncio.create_task(stack.run()) for _ in range(2)]
            ping = asyncio.create_task(stack.ping(FAR, timeout=60))
            await asyncio.sleep(0)
            await asyncio.to_thread(stack.stop)
            await asyncio.gather(*waiting)
            with pytest.raises(netstack.Closed):
                await ping
            await stack.run()  # it stays stopped
            with pytest.raises(netstack.Closed):
                await stack.ping(FAR)

    assert run(main()) == []


@pytest.mark.parametrize("before", [False, True])
def test_stopped_stack_leaves_the_loop_to_others(before: bool) -> None:
    """Its descriptor stays readable: whoever waits for it would be woken for ever."""

    async def main() -> None:
        stack = aio.Stack()
        if before:
            stack.stop()
        async with stack:
            stack.stop()
            await stack.run()
            assert select.select([stack], [], [], 0)[0]
            await asyncio.sleep(0)  # the loop's turn
            assert not asyncio.get_running_loop().remove_reader(stack.fileno())

    assert run(main()) == []


def test_leaving_the_block_ends_run_and_pings() -> None:
    async def main() -> None:
        async with aio.Stack() as stack:
            stack.add_nic(netstack.Channel(), addresses=[f"{NEAR}/24"])
            waiting = asyncio.create_task(stack.run())
            ping = asyncio.create_task(stack.ping(FAR, timeout=60))
            await asyncio.sleep(0)
        await waiting
        with pytest.raises(netstack.Closed):
            await ping
        with pytest.raises(netstack.Closed):
            await stack.run()

    assert run(main()) == []


def test_a_handler_may_close_the_stack(wires: Wires) -> None:
    async def main() -> None:
        async with aio.Stack() as stack:
            stack.add_nic(netstack.FdLink(wires[0]), addresses=[f"{NEAR}/24"])
            stack.on_echo(lambda request: stack.close())
            wires[1].send(ECHO_REQUEST)
            await stack.run()
            assert stack.closed

    assert run(main()) == []


def test_a_device_that_is_gone_ends_run() -> None:
    async def main() -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        async with aio.Stack() as stack:
            stack.add_nic(netstack.FdLink(ours), addresses=[f"{NEAR}/24"])
            waiting = asyncio.create_task(stack.run())
            await asyncio.sleep(0)
            ours.close()
            theirs.close()
            with pytest.raises(netstack.Closed):
                await waiting
            stack.stop()
            await stack.run()

    assert run(main()) == []


class FakeCore:
    """As much of the extension's stack as the driver sees; its timer is due at once."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.now_ns = 1_000
        self.next_deadline_ns: int | None = 500
        self.polled = asyncio.Event()

    def fileno(self) -> int:
        return self.descriptor

    def poll(self) -> int:
        self.next_deadline_ns = None
        self.polled.set()
        return 0


def test_deadlines_are_met_and_nothing_stays_in_the_loop(wires: Wires) -> None:
    async def main() -> None:
        core: Any = FakeCore(wires[0].fileno())
        loop = asyncio.get_running_loop()
        driver = Driver(core, loop, waits=True)
        await core.polled.wait()  # the descriptor is not readable
        core.next_deadline_ns = 2**62
        core.polled.clear()
        wires[1].send(b"readable")
        await core.polled.wait()
        driver.leave()
        driver.leave()
        assert not loop.remove_reader(wires[0])
        assert await driver.wait() is not None

    assert run(main()) == []


def test_only_an_entered_stack_can_be_awaited() -> None:
    async def main() -> None:
        stack = aio.Stack()
        with pytest.raises(RuntimeError):
            await stack.run()
        with pytest.raises(RuntimeError):
            await stack.ping(FAR)
        with pytest.raises(TypeError), stack:
            pass
        async with stack:
            with pytest.raises(RuntimeError):
                await stack.__aenter__()

    assert run(main()) == []
