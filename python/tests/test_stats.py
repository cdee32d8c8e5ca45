"""Counters: a live mapping of names to numbers, for the stack and for each NIC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import netstack
from icmp import OURS, request
from wire import Wire


def test_counters_are_live(wire: Wire) -> None:
    stats = wire.stack.stats
    assert stats["icmp.v4.received.echo_request"] == 0
    for count in range(1, 4):
        wire.send(request(OURS[4]))
        assert stats["icmp.v4.received.echo_request"] == count
        assert wire.stack.stats["icmp.v4.sent.echo_reply"] == count


def test_it_is_a_mapping(wire: Wire) -> None:
    stats = wire.stack.stats
    assert isinstance(stats, Mapping)
    assert len(stats) == len(list(stats)) == len(set(stats)) > 50
    assert "ip.packets_received" in stats
    assert "ip.no_such_thing" not in stats
    assert stats.get("ip.no_such_thing") is None
    assert set(stats.items()) == {(name, stats[name]) for name in stats}
    assert dict(stats) == stats.snapshot()
    assert all(type(value) is int for value in stats.values())


def test_unknown_names_are_key_errors(wire: Wire) -> None:
    for name in (
        "",
        "ip",
        "ip.no_such_thing",
        "IP.PACKETS_RECEIVED",
        "ip.packets_received\0",
        "nic.2.rx.packets",
    ):
        with pytest.raises(KeyError) as raised:
            wire.stack.stats[name]
        assert raised.value.args == (name,) or name in str(raised.value)


@pytest.mark.parametrize("name", [1, None, b"ip.packets_received", ("ip",)])
def test_names_that_are_no_text_are_not_there(wire: Wire, name: Any) -> None:
    with pytest.raises((KeyError, TypeError)):
        wire.stack.stats[name]
    assert wire.stack.stats.get("x") is None


def test_snapshot_stands_still(wire: Wire) -> None:
    before = wire.stack.stats.snapshot()
    wire.send(request(OURS[4]))
    after = wire.stack.stats.snapshot()
    assert type(before) is dict
    moved = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert {name: count for name, count in moved.items() if not name.startswith("nic.")} == {
        "icmp.v4.received.echo_request": 1,
        "icmp.v4.sent.echo_reply": 1,
        "ip.packets_delivered": 1,
        "ip.packets_received": 1,
        "ip.packets_sent": 1,
        "ip.valid_packets_received": 1,
    }


def test_counters_of_a_nic(wire: Wire) -> None:
    other = wire.stack.add_nic(netstack.Channel())
    wire.send(request(OURS[4]))
    assert wire.nic.stats["rx.packets"] == wire.nic.stats["tx.packets"] == 1
    assert wire.nic.stats["rx.bytes"] == 32
    assert wire.nic.stats["rx.bytes"] == wire.stack.stats["nic.1.rx.bytes"]
    assert other.stats["rx.packets"] == 0
    assert set(wire.nic.stats) == set(other.stats)
    assert not any(name.startswith("nic.") for name in wire.nic.stats)
    assert wire.nic.stats.snapshot()["tx.bytes"] == 32
    with pytest.raises(KeyError):
        wire.nic.stats["nic.1.rx.packets"]
    with pytest.raises(KeyError):
        wire.nic.stats["forwarder.requests"]


def test_nics_1_and_11_are_told_apart(wire: Wire) -> None:
    eleven = wire.stack.add_nic(netstack.Channel(), nic=11)
    wire.send(request(OURS[4]))
    assert eleven.stats["rx.packets"] == 0
    assert len(eleven.stats) == len(wire.nic.stats)


def test_repr_shows_what_is_not_0(wire: Wire) -> None:
    wire.send(request(OURS[4]))
    text = repr(wire.stack.stats)
    assert "icmp.v4.sent.echo_reply" in text
    assert "icmp.v6.sent.echo_reply" not in text
    assert "rx.bytes" in repr(wire.nic.stats)
    assert "32" in repr(wire.nic.stats)


def test_it_can_not_be_written(wire: Wire) -> None:
    stats: Any = wire.stack.stats
    with pytest.raises(TypeError):
        stats["ip.packets_received"] = 1
    with pytest.raises(AttributeError):
        wire.stack.stats = {}  # type: ignore[assignment, misc]
