"""The stack for asyncio among other tasks: much at once, and nothing left in the loop."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any, TypeVar

import pytest

import netstack
import netstack.aio
from icmp import OURS, PEER, Echo, read, request
from wire import ADDRESSES, PATIENCE

T = TypeVar("T")


def play(work: Callable[[], Awaitable[None]]) -> None:
    """Runs the work in a loop of its own, with a limit, and holds that no task is left."""

    async def limited() -> None:
        await asyncio.wait_for(work(), PATIENCE)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left

    asyncio.run(limited(), debug=True)


class Peer:
    """The other end of the device, in the same loop."""

    def __init__(self, stack: netstack.aio.Stack) -> None:
        self.socket, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.setblocking(False)
        with ours:
            self.nic = stack.add_nic(netstack.FdLink(ours), addresses=ADDRESSES)

    async def write(self, echo: Echo) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, echo.build())

    async def read(self) -> Echo:
        return read(await asyncio.get_running_loop().sock_recv(self.socket, 65535))

    async def ask(self, echo: Echo) -> bool:
        await self.write(echo)
        return await self.read() == echo.answer()


@asynccontextmanager
async def scene(**options: Any) -> AsyncIterator[tuple[netstack.aio.Stack, Peer]]:
    threads = threading.active_count()
    async with netstack.aio.Stack(**options) as stack:
        peer = Peer(stack)
        with peer.socket:
            yield stack, peer
        assert threading.active_count() == threads


def watched() -> int:
    """How many descriptors the loop watches."""
    selector = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]
    return len(selector.get_map())


def test_it_answers_while_the_loop_does_other_things() -> None:
    async def work() -> None:
        async with scene() as (stack, peer):
            stack.on_echo(lambda each: each.reply())
            for family in (4, 6):
                for sequence in range(20):
                    assert await peer.ask(request(OURS[family], sequence=sequence))

    play(work)


def test_many_pings_at_once() -> None:
    async def work() -> None:
        async with scene() as (stack, peer):
            pings = [
                asyncio.ensure_future(stack.ping(PEER[6], timeout=PATIENCE, payload=bytes([at])))
                for at in range(20)
            ]
            asked = [await peer.read() for _ in pings]
            assert len({each.identifier for each in asked}) == 20
            for each in reversed(asked):
                await peer.write(each.answer())
            answers = await asyncio.gather(*pings)
            assert [answer.packet.payload() for answer in answers] == [bytes([at]) for at in range(20)]

    play(work)


def test_ping_times_out_and_leaves_nothing() -> None:
    async def work() -> None:
        async with scene() as (stack, peer):
            before = watched()
            with pytest.raises(netstack.TimedOut):
                await stack.ping(PEER[4], timeout=0.01)
            asked = await peer.read()
            assert watched() == before
            # Its identifier is free: an answer that comes now is nobody's.
            with netstack.PingSocket(stack) as again:
                again.bind(identifier=asked.identifier)

    play(work)


def test_ping_that_is_cancelled_leaves_nothing() -> None:
    async def work() -> None:
        async with scene() as (stack, peer):
            before = watched()
            asking = asyncio.ensure_future(stack.ping(PEER[4], timeout=PATIENCE))
            asked = await peer.read()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert watched() == before
            with netstack.PingSocket(stack) as again:
                again.bind(identifier=asked.identifier)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stack.ping(PEER[4], timeout=PATIENCE), 0.01)
            assert watched() == before

    play(work)


def test_ping_without_a_route_fails_at_once() -> None:
    async def work() -> None:
        async with scene() as (stack, _):
            with pytest.raises(netstack.NoRoute):
                await stack.ping("10.9.9.9", timeout=PATIENCE)
            with pytest.raises(TypeError):
                await stack.ping(PEER[4], timeout="soon")  # type: ignore[arg-type]

    play(work)


def test_ping_of_a_link_local_address() -> None:
    async def work() -> None:
        async with scene() as (stack, peer):
            peer.nic.add_address("fe80::1/64")
            asking = asyncio.ensure_future(stack.ping("fe80::9%1", timeout=PATIENCE))
            asked = await peer.read()
            assert (asked.source, asked.destination) == (ip_address("fe80::1"), ip_address("fe80::9"))
            await peer.write(asked.answer())
            assert (await asking).packet.source == ip_address("fe80::9%1")

    play(work)


def test_run_that_is_cancelled() -> None:
    async def work() -> None:
        async with scene() as (stack, peer):
            before = watched()
            running = asyncio.ensure_future(stack.run())
            assert await peer.ask(request(OURS[4]))
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert watched() == before
            # The stack goes on until it is closed, and can be run again.
            running = asyncio.ensure_future(stack.run())
            assert await peer.ask(request(OURS[6]))
            stack.stop()
            await running

    play(work)


def test_leaving_it_leaves_nothing_in_the_loop() -> None:
    async def work() -> None:
        before = watched()
        for _ in range(3):
            async with scene() as (stack, peer):
                assert await peer.ask(request(OURS[4]))
                assert watched() > before
            assert stack.closed
            assert watched() == before
        with pytest.raises(ValueError, match="mine"):
            async with scene() as (stack, _):
                raise ValueError("mine")
        assert stack.closed
        assert watched() == before

    play(work)


def test_two_stacks_in_one_loop() -> None:
    async def work() -> None:
        async with scene() as (one, one_peer), scene() as (other, other_peer):
            asking = [asyncio.ensure_future(each.ping(PEER[4], timeout=PATIENCE)) for each in (one, other)]
            for peer in (other_peer, one_peer):
                await peer.write((await peer.read()).answer())
            assert len(await asyncio.gather(*asking)) == 2

    play(work)
