"""After close() everything says Closed, close() itself nothing; leaving a with block closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import netstack
from icmp import OURS, request
from wire import Wire

STACK_CALLS: dict[str, Callable[[netstack.Stack], Any]] = {
    "add_nic": lambda stack: stack.add_nic(netstack.Channel()),
    "on_echo": lambda stack: stack.on_echo(lambda each: True, replace=True),
    "remove_handler": lambda stack: stack.remove_handler(),
    "run": lambda stack: stack.run(),
    "poll": lambda stack: stack.poll(),
    "fileno": lambda stack: stack.fileno(),
    "ping": lambda stack: stack.ping("192.168.0.2"),
    "add_route": lambda stack: stack.add_route("10.0.0.0/8", 1),
    "remove_route": lambda stack: stack.remove_route("10.0.0.0/8", 1),
    "set_echo_policy": lambda stack: stack.set_echo_policy("reply", destination="group"),
    "set_icmp_rate": lambda stack: stack.set_icmp_rate(1),
    "set_icmp_limited": lambda stack: stack.set_icmp_limited(3, True, family=4),
    "PingSocket": lambda stack: netstack.PingSocket(stack),
    "RawSocket": lambda stack: netstack.RawSocket(stack),
    "stats": lambda stack: stack.stats["ip.packets_received"],
    "snapshot": lambda stack: stack.stats.snapshot(),
}

NIC_CALLS: dict[str, Callable[[netstack.Nic], Any]] = {
    "add_address": lambda nic: nic.add_address("10.0.0.1/8"),
    "add_addresses": lambda nic: nic.add_addresses(["10.0.0.1/8"]),
    "remove_address": lambda nic: nic.remove_address("192.168.0.1"),
    "add_prefix": lambda nic: nic.add_prefix("10.0.0.0/8"),
    "remove_prefix": lambda nic: nic.remove_prefix("10.0.0.0/8"),
    "join_group": lambda nic: nic.join_group("239.1.1.1"),
    "leave_group": lambda nic: nic.leave_group("224.0.0.1"),
    "promiscuous": lambda nic: setattr(nic, "promiscuous", True),
    "disabled": lambda nic: setattr(nic, "disabled", True),
    "capture": lambda nic: setattr(nic, "capture", netstack.Capture(print)),
    "remove": lambda nic: nic.remove(),
    "stats": lambda nic: nic.stats["rx.packets"],
}


@pytest.mark.parametrize("name", STACK_CALLS)
def test_closed_stack(wire: Wire, name: str) -> None:
    wire.stack.close()
    with pytest.raises(netstack.Closed) as raised:
        STACK_CALLS[name](wire.stack)
    assert raised.value.status == -11
    assert "close" in str(raised.value)


@pytest.mark.parametrize("name", NIC_CALLS)
def test_nic_of_a_closed_stack(wire: Wire, name: str) -> None:
    wire.stack.close()
    with pytest.raises(netstack.Closed):
        NIC_CALLS[name](wire.nic)


@pytest.mark.parametrize("name", NIC_CALLS)
def test_nic_that_was_removed(wire: Wire, name: str) -> None:
    wire.nic.remove()
    with pytest.raises((netstack.NotFound, netstack.Closed)):
        NIC_CALLS[name](wire.nic)


def test_closed_stack_may_be_stopped_closed_and_shown(wire: Wire) -> None:
    for _ in range(3):
        wire.stack.close()
        wire.stack.stop()
    assert wire.stack.closed is True
    assert "closed" in repr(wire.stack)


def test_packets_of_a_closed_stack_stay_in_its_channel(wire: Wire) -> None:
    wire.link.inject(request(OURS[4]).build())
    wire.stack.close()
    with pytest.raises(netstack.Closed):
        wire.link.inject(request(OURS[4]).build())
    assert wire.link.drain() == [request(OURS[4]).answer().build()]


def make_links() -> list[netstack.Link]:
    import socket

    ours, peer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, peer:
        return [netstack.Channel(), netstack.CallbackLink(lambda packet: None), netstack.FdLink(ours)]


@pytest.mark.parametrize("at", range(3), ids=["Channel", "CallbackLink", "FdLink"])
def test_closed_link(wire: Wire, at: int) -> None:
    link = make_links()[at]
    states = [link.closed]
    for _ in range(2):
        link.close()
        states.append(link.closed)
    assert states == [False, True, True]
    with pytest.raises(netstack.Closed):
        link.inject(b"x")
    with pytest.raises(netstack.Closed):
        wire.stack.add_nic(link)
    if isinstance(link, netstack.Channel):
        for call in (link.read, link.drain):
            with pytest.raises(netstack.Closed):
                call()


@pytest.mark.parametrize("at", range(3), ids=["Channel", "CallbackLink", "FdLink"])
def test_link_is_a_context_manager(at: int) -> None:
    with make_links()[at] as link:
        assert link.closed is False
    assert link.closed is True


def test_closed_sockets(wire: Wire) -> None:
    ping, raw = netstack.PingSocket(wire.stack), netstack.RawSocket(wire.stack)
    for each in (ping, raw):
        each.close()
        each.close()
    calls: list[Callable[[], Any]] = [
        lambda: ping.bind(identifier=1),
        lambda: ping.connect("192.168.0.2"),
        lambda: ping.send(to="192.168.0.2"),
        ping.receive,
        raw.receive,
    ]
    for call in calls:
        with pytest.raises(netstack.Closed):
            call()


def test_sockets_of_a_closed_stack(wire: Wire) -> None:
    ping, raw = netstack.PingSocket(wire.stack), netstack.RawSocket(wire.stack)
    wire.stack.close()
    for call in (ping.receive, raw.receive, lambda: ping.bind(identifier=1)):
        with pytest.raises(netstack.Closed):
            call()
    ping.close()
    raw.close()


def test_leaving_a_with_block_closes() -> None:
    with netstack.Stack() as stack, netstack.Channel() as link:
        stack.add_nic(link)
        with netstack.PingSocket(stack) as ping, netstack.RawSocket(stack) as raw:
            pass
        for each in (ping, raw):
            with pytest.raises(netstack.Closed):
                each.receive()
    assert stack.closed
    assert link.closed


def test_with_block_lets_exceptions_through() -> None:
    with pytest.raises(ValueError, match="mine"), netstack.Stack() as stack:
        raise ValueError("mine")
    assert stack.closed


def test_descriptors_go(descriptors: Callable[[], int]) -> None:
    before = descriptors()
    for _ in range(20):
        with netstack.Stack() as stack:
            for link in make_links():
                stack.add_nic(link)
            netstack.PingSocket(stack).bind()
        for link in make_links():
            link.close()
    del link, stack
    import gc

    gc.collect()
    assert descriptors() == before
