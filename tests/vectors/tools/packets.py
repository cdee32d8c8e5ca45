"""What the tools know of files of vectors and of their packets, by the RFCs alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

# A vector, a step, a handler or a packet, as it stands in a file.
Object = dict[str, Any]


def load(path: Path) -> Object:
    """Read a file."""
    with path.open(encoding="utf-8") as file:
        value: Object = json.load(file)
    return value


def packets_of(file: Object, vector: Object) -> dict[str, Object]:
    """The packets that a vector may name."""
    return {**file.get("packets", {}), **vector.get("packets", {})}


def names_used(vector: Object) -> set[str]:
    """The packets that a vector names."""
    names: set[str] = set()
    all_handlers = list(vector.get("handlers", []))
    for step in vector["steps"]:
        names.update(step.get("sees", []), step.get("out", []))
        names.update(step[key] for key in ("inject", "packet") if key in step)
        all_handlers += step.get("handlers", [])
    actions = (action for handler in all_handlers for action in handler.get("does", []))
    return names.union(action["inject"] for action in actions if "inject" in action)


def bytes_of(packet: Object, *, padding: bool = True) -> bytes:
    """The packet, with what stands behind it or without."""
    lines = [line.partition(" ") for line in packet["bytes"]]
    return b"".join(bytes.fromhex(digits) for word, _, digits in lines if padding or word != "padding")


def is_ipv6(data: bytes) -> bool:
    """Whether it is an IPv6 packet."""
    return data[0] >> 4 == 6


def calls(vector: Object, packets: dict[str, Object]) -> Iterator[tuple[Object, Object]]:
    """Each call of a handler: the step, and the handler."""
    handlers: dict[bool, Object] = {}

    def install(all_handlers: list[Object]) -> None:
        handlers.clear()
        for handler in all_handlers:
            handlers.update(
                {v6: handler for v6 in (False, True) if handler["family"] != f"ipv{4 if v6 else 6}"}
            )

    install(vector.get("handlers", []))
    for step in vector["steps"]:
        if "handlers" in step:
            install(step["handlers"])
        for name in step.get("sees", []):
            yield step, handlers[is_ipv6(bytes_of(packets[name]))]


def checksum(data: bytes) -> int:
    """RFC 1071: the ones' complement of the ones' complement sum, a last odd byte padded with zero."""
    total = sum(int.from_bytes(data[at : at + 2].ljust(2, b"\0"), "big") for at in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total


class Packet:
    """An ICMP echo without IPv4 options and IPv6 extension headers, taken apart."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.v6 = is_ipv6(data)
        self.header = data[: 40 if self.v6 else 20]
        self.icmp = data[len(self.header) :]
        address = (8, 24, 40) if self.v6 else (12, 16, 20)
        self.source = data[address[0] : address[1]]
        self.destination = data[address[1] : address[2]]

    def faults(self) -> Iterator[str]:
        """What is wrong with lengths and checksums (RFC 791, 792, 8200, 4443)."""
        if len(self.icmp) < 8:
            yield "the ICMP message is too short"
        if self.v6:
            if int.from_bytes(self.header[4:6], "big") != len(self.icmp):
                yield "the payload length is wrong"
            if self.header[6] != 58:
                yield "the next header is not ICMPv6"
        else:
            if self.header[0] != 0x45:
                yield "the version or the header length is wrong"
            if int.from_bytes(self.header[2:4], "big") != len(self.data):
                yield "the total length is wrong"
            if self.header[9] != 1:
                yield "the protocol is not ICMP"
            if checksum(self.header) != 0:
                yield "the header checksum is wrong"
        if checksum(self.pseudo_header() + self.icmp) != 0:
            yield "the ICMP checksum is wrong"

    def pseudo_header(self) -> bytes:
        """RFC 8200 8.1; IPv4 has none."""
        if not self.v6:
            return b""
        return self.source + self.destination + len(self.icmp).to_bytes(4, "big") + b"\0\0\0\x3a"

    def facts(self) -> str:
        """What a handler sees of it, but for the kind of the destination and the NIC."""
        ttl, tos = self.header[8], self.header[1]
        if self.v6:
            ttl, tos = self.header[7], int.from_bytes(self.header[:2], "big") >> 4 & 0xFF
        identifier, sequence = (int.from_bytes(self.icmp[at : at + 2], "big") for at in (4, 6))
        return (
            f"from {ip_address(self.source)} to {ip_address(self.destination)} KIND, nic NIC, "
            f"type {self.icmp[0]} code {self.icmp[1]}, ttl {ttl} tos {tos}, id {identifier} seq {sequence}, "
            f"data {self.icmp[8:].hex() or '-'}"
        )

    def answer(self, source: bytes, ttl: int) -> bytes:
        """The Echo Reply to it from an address, composed anew."""
        if self.v6:
            header = bytes([0x60 | self.header[0] & 0xF, self.header[1] & 0xF0, 0, 0, *self.header[4:7], ttl])
            reply = Packet(header + source + self.source + bytes([129, self.icmp[1], 0, 0]) + self.icmp[4:])
        else:
            header = self.header[:8] + bytes([ttl, 1, 0, 0]) + source + self.source
            header = header[:10] + checksum(header).to_bytes(2, "big") + header[12:]
            reply = Packet(header + bytes([0, self.icmp[1], 0, 0]) + self.icmp[4:])
        return reply.summed_up()

    def refusal(self, ttl: int) -> bytes:
        """The Parameter Problem about an IPv6 Next Header that nobody has (RFC 4443 3.4), composed anew."""
        message = bytes([4, 1, 0, 0, 0, 0, 0, 6]) + self.data[: 1280 - 48]
        header = bytes([0x60, 0, 0, 0]) + len(message).to_bytes(2, "big") + bytes([58, ttl])
        return Packet(header + self.destination + self.source + message).summed_up()

    def summed_up(self) -> bytes:
        """With the ICMP checksum that it should have, where there is none yet."""
        total = checksum(self.pseudo_header() + self.icmp)
        at = len(self.header) + 2
        return self.data[:at] + total.to_bytes(2, "big") + self.data[at + 2 :]
