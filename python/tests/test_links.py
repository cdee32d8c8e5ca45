"""Links: channels, callbacks, descriptors, TUN; and captures of what passes them."""

from __future__ import annotations

import array
import os
import socket
import struct
from pathlib import Path
from typing import Any

import pytest

import netstack
from icmp import OURS, TEMPORARY, request
from wire import ADDRESSES, Wire, put


def test_channel_is_a_queue(wire: Wire) -> None:
    assert wire.link.read() is None
    assert wire.link.drain() == []
    asked = [request(OURS[4], sequence=sequence) for sequence in range(3)]
    for each in asked:
        wire.link.inject(each.build())
    assert wire.link.read() == asked[0].answer().build()
    assert wire.link.drain() == [each.answer().build() for each in asked[1:]]
    assert wire.link.read() is None


def test_channel_drops_and_counts_what_it_has_no_room_for() -> None:
    wire = Wire(capacity=2)
    for _ in range(5):
        wire.link.inject(request(OURS[4]).build())
    assert len(wire.link.drain()) == 2
    assert wire.counter("icmp.v4.sent.dropped") + wire.counter("nic.1.tx.packets") >= 3
    assert wire.answers(request(OURS[4])) == 1
    wire.stack.close()


def test_channel_notifies_when_it_was_empty() -> None:
    calls: list[Any] = []
    with netstack.Stack() as stack:
        link = netstack.Channel(notify=lambda: calls.append(len(link.drain()) if drains else 0))
        drains = False
        stack.add_nic(link, addresses=ADDRESSES)
        for _ in range(3):
            link.inject(request(OURS[4]).build())
        assert calls == [0]
        assert len(link.drain()) == 3
        drains = True
        for _ in range(3):
            link.inject(request(OURS[4]).build())
        assert calls == [0, 1, 1, 1]


@pytest.mark.parametrize("mtu", [68, 576, 1500, 65535])
def test_mtu(mtu: int) -> None:
    with netstack.Stack() as stack, netstack.Channel(mtu=mtu) as link:
        stack.add_nic(link, addresses=["192.168.0.1/24"])
        assert link.mtu == mtu
        fits = request(OURS[4], payload=bytes(mtu - 28))
        link.inject(fits.build())
        assert link.drain() == [fits.answer().build()]
        if mtu < 65535:
            link.inject(request(OURS[4], payload=bytes(mtu - 27)).build())
            fragments = link.drain()
            assert len(fragments) == 2
            assert max(map(len, fragments)) <= mtu


def test_default_mtu_is_1500() -> None:
    assert netstack.Channel().mtu == 1500
    assert netstack.CallbackLink(lambda packet: None).mtu == 1500


@pytest.mark.parametrize("result", [None, True])
def test_callback_link_sends(result: object) -> None:
    sent: list[bytes] = []

    def transmit(packet: bytes) -> Any:
        sent.append(packet)
        return result

    with netstack.Stack() as stack:
        link = netstack.CallbackLink(transmit)
        stack.add_nic(link, addresses=ADDRESSES)
        assert link.inject(request(OURS[6]).build()) is True
        assert sent == [request(OURS[6]).answer().build()]
        assert type(sent[0]) is bytes
        assert stack.stats["nic.1.tx.packets"] == 1


def test_callback_link_without_room(wire: Wire) -> None:
    link = netstack.CallbackLink(lambda packet: False)
    wire.stack.add_nic(link, addresses=["10.0.0.1/24"])
    outcomes: list[Any] = []
    wire.on_echo(lambda each: put(outcomes, each.reply()) and True)
    link.inject(request("10.0.0.1").build())
    assert outcomes == [True]
    assert wire.counter("nic.2.tx.packets") == 0
    with netstack.PingSocket(wire.stack) as ping:
        assert ping.send(to="10.0.0.9") is False


def test_side_by_side_tells_what_nobody_takes() -> None:
    wire = Wire(side_by_side=True)
    udp = bytes.fromhex("4500001c00000000401100000a0000010a0000020035003500080000")
    for unwanted in (
        udp,
        request(TEMPORARY[4]).build(),
        request("10.9.9.9").build(),
        b"",
        b"\x45",
        os.urandom(5),
    ):
        assert wire.link.inject(unwanted) is False
    assert wire.link.inject(request(OURS[4]).build()) is True
    assert wire.link.drain() == [request(OURS[4]).answer().build()]
    wire.on_echo(lambda each: True)
    assert wire.link.inject(request(OURS[4]).build()) is True
    wire.nic.side_by_side = False
    assert wire.link.inject(udp) is True
    wire.stack.close()


def test_link_belongs_to_one_nic(wire: Wire) -> None:
    with pytest.raises(netstack.Busy):
        wire.stack.add_nic(wire.link)
    wire.nic.remove()
    with pytest.raises(netstack.Closed):
        wire.link.inject(request(OURS[4]).build())
    wire.stack.add_nic(wire.link, addresses=ADDRESSES)
    assert wire.answers(request(OURS[4])) == 1


def test_link_is_not_made_by_itself() -> None:
    with pytest.raises(TypeError):
        netstack.Link()  # type: ignore[abstract, call-arg]
    for kind in (netstack.Channel, netstack.CallbackLink, netstack.FdLink, netstack.Tun):
        assert issubclass(kind, netstack.Link)


class WithFileno:
    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def fileno(self) -> int:
        return self.descriptor


@pytest.mark.parametrize("how", ["descriptor", "socket", "fileno"])
def test_fd_link_takes_what_has_a_descriptor(how: str) -> None:
    peer, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with peer, netstack.Stack() as stack:
        given: Any = {"descriptor": ours.fileno(), "socket": ours, "fileno": WithFileno(ours.fileno())}[how]
        link = netstack.FdLink(given)
        ours.close()  # the link has a duplicate
        stack.add_nic(link, addresses=ADDRESSES)
        peer.send(request(OURS[4]).build())
        assert stack.poll() == 1
        assert peer.recv(1500) == request(OURS[4]).answer().build()


@pytest.mark.parametrize(
    ("information", "v4", "v6"),
    [
        ("none", b"", b""),
        ("linux", b"\0\0\x08\x00", b"\0\0\x86\xdd"),
        ("utun", b"\0\0\0\x02", b"\0\0\0\x1e"),
    ],
)
def test_packet_information(information: Any, v4: bytes, v6: bytes) -> None:
    peer, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with peer, netstack.Stack() as stack:
        stack.add_nic(netstack.FdLink(ours, packet_information=information), addresses=ADDRESSES)
        ours.close()
        for before, echo in ((v4, request(OURS[4])), (v6, request(OURS[6]))):
            peer.send(before + echo.build())
            assert stack.poll() == 1
            assert peer.recv(1500) == before + echo.answer().build()


def test_stream_socket_is_refused() -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with one, other, pytest.raises(netstack.NetstackError):
        netstack.FdLink(one)


def test_tun_says_why_it_can_not_be_made() -> None:
    for name in ("", "tun\0", "tun\ud800"):
        with pytest.raises(netstack.InvalidArgument):
            netstack.Tun(name)
    with pytest.raises(netstack.InvalidArgument):
        netstack.Tun("a-name-that-is-too-long")


def test_capture_is_a_file_of_raw_ip(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "out.pcap"
    wire.clock.advance(1.5)
    wire.nic.capture = capture = netstack.Capture(file)
    assert wire.nic.capture is capture
    echo = request(OURS[4])
    wire.send(echo)
    wire.nic.capture = None
    wire.send(echo)
    content = file.read_bytes()
    assert struct.unpack("<IHHiIII", content[:24]) == (0xA1B2C3D4, 2, 4, 0, 0, 65535, 101) or (
        content[:4] == b"\xd4\xc3\xb2\xa1" and content[20:24] == b"\x65\0\0\0"
    )
    packets, at = [], 24
    while at < len(content):
        seconds, micros, kept, length = struct.unpack_from("<IIII", content, at)
        assert (seconds, micros, kept) == (1, 500_000, length)
        packets.append(content[at + 16 : at + 16 + kept])
        at += 16 + kept
    assert packets == [echo.build(), echo.answer().build()]
    assert capture.lost == 0


@pytest.mark.parametrize("kind", [str, Path, os.fsencode])
def test_capture_takes_paths(tmp_path: Path, kind: object) -> None:
    target = str(tmp_path / "out.pcap")
    assert callable(kind)
    try:
        netstack.Capture(kind(target))
    except TypeError:
        assert kind is os.fsencode  # bytes are allowed to be refused
    else:
        assert Path(target).exists()


def test_capture_takes_paths_that_are_no_utf_8(tmp_path: Path) -> None:
    target = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.pcap")
    netstack.Capture(target)
    assert Path(target).exists()
    with pytest.raises(netstack.NotFound):
        netstack.Capture(os.fsdecode(os.fsencode(tmp_path) + b"/\xff/out.pcap"))


def test_capture_into_a_function(wire: Wire) -> None:
    pieces: list[bytes] = []
    wire.nic.capture = netstack.Capture(pieces.append)
    wire.send(request(OURS[4]))
    assert [len(piece) for piece in pieces] == [24, 16 + 32, 16 + 32]
    assert pieces[1][16:] == request(OURS[4]).build()
    assert all(type(piece) is bytes for piece in pieces)


def test_capture_that_can_not_be_made(tmp_path: Path) -> None:
    with pytest.raises(netstack.NetstackError) as raised:
        netstack.Capture(tmp_path / "no" / "such" / "folder.pcap")
    assert "folder.pcap" in str(raised.value)


def test_bytes_that_are_injected_are_not_kept(wire: Wire) -> None:
    echo = request(OURS[4])
    for kind in (bytearray, lambda data: array.array("B", data)):
        packet = kind(echo.build())
        wire.link.inject(packet)
        for at in range(len(packet)):
            packet[at] = 0  # no export is left that would forbid a change of size
        packet.append(0)
    assert wire.link.drain() == [echo.answer().build()] * 2
