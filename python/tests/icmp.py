"""Echo packets built and read by the RFCs, with checksums of their own: nothing of netstack is used."""

from __future__ import annotations

import dataclasses
import ipaddress
import struct
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

OURS = {4: "192.168.0.1", 6: "a::1"}
PEER = {4: "192.168.0.2", 6: "a::2"}
TEMPORARY = {4: "192.168.0.99", 6: "a::99"}
GROUP = {4: "224.0.0.1", 6: "ff02::1"}
REQUEST_TYPE = {4: 8, 6: 128}
REPLY_TYPE = {4: 0, 6: 129}

# The same three that the tests of the C++ core hold: (name, request, reply).
GOLDEN = [
    (
        "ipv4_keeps_tos_id_and_df",
        bytes.fromhex("45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364"),
        bytes.fromhex("45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364"),
    ),
    (
        "ipv4_temporary_address_is_the_source",
        bytes.fromhex("45000020000000004001f927c0a80002c0a8006308002e6604d2000161626364"),
        bytes.fromhex("45000020000000004001f927c0a80063c0a800020000366604d2000161626364"),
    ),
    (
        "ipv6_keeps_the_traffic_class",
        bytes.fromhex(
            "62012345000c3a03000a0000000000000000000000000002000a0000000000000000000000000001"
            "8000b60804d2000161626364"
        ),
        bytes.fromhex(
            "62000000000c3a40000a0000000000000000000000000001000a0000000000000000000000000002"
            "8100b50804d2000161626364"
        ),
    ),
]


def checksum(data: bytes) -> int:
    """RFC 1071: the complement of the ones' complement sum of 16-bit words."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(word for (word,) in struct.iter_unpack("!H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def pseudo_header(source: Address, destination: Address, length: int) -> bytes:
    """RFC 8200 8.1."""
    return source.packed + destination.packed + struct.pack("!I3xB", length, 58)


@dataclass(frozen=True)
class Echo:
    """An Echo Request or Reply without IP options or extension headers."""

    source: Address
    destination: Address
    type: int
    code: int = 0
    identifier: int = 1234
    sequence: int = 1
    payload: bytes = b"abcd"
    ttl: int = 64
    tos: int = 0
    id: int = 0
    fragment: int = 0
    flow_label: int = 0

    @property
    def family(self) -> int:
        return self.source.version

    def build(self) -> bytes:
        message = struct.pack("!BBHHH", self.type, self.code, 0, self.identifier, self.sequence)
        message += self.payload
        covered = message
        if self.family == 6:
            covered = pseudo_header(self.source, self.destination, len(message)) + message
        message = message[:2] + struct.pack("!H", checksum(covered)) + message[4:]
        return self.header(len(message)) + message

    def header(self, length: int) -> bytes:
        addresses = self.source.packed + self.destination.packed
        if self.family == 6:
            first = 6 << 28 | self.tos << 20 | self.flow_label
            return struct.pack("!IHBB", first, length, 58, self.ttl) + addresses
        fields = struct.pack("!BBHHHBBH", 0x45, self.tos, 20 + length, self.id, self.fragment, self.ttl, 1, 0)
        return fields[:10] + struct.pack("!H", checksum(fields + addresses)) + addresses

    def answer(self, source: str | None = None, ttl: int = 64) -> Echo:
        """The reply that belongs to this request; `source` where it is not the destination."""
        return dataclasses.replace(
            self,
            source=self.destination if source is None else ipaddress.ip_address(source),
            destination=self.source,
            type=REPLY_TYPE[self.family],
            ttl=ttl,
            flow_label=0,
        )


def request(destination: str, **changes: object) -> Echo:
    """An Echo Request from the peer of the destination's family."""
    to = ipaddress.ip_address(destination)
    source = ipaddress.ip_address(PEER[to.version])
    echo = Echo(source=source, destination=to, type=REQUEST_TYPE[to.version])
    return dataclasses.replace(echo, **changes)  # type: ignore[arg-type]


def reply(destination: str, **changes: object) -> Echo:
    """An Echo Reply from the peer that nobody asked for."""
    return request(destination, type=REPLY_TYPE[ipaddress.ip_address(destination).version], **changes)


def read(packet: bytes) -> Echo:
    """Takes an echo apart and holds every length and checksum to be right."""
    return read4(packet) if packet[0] >> 4 == 4 else read6(packet)


def read4(packet: bytes) -> Echo:
    first, tos, length, ident, fragment, ttl, protocol, _ = struct.unpack_from("!BBHHHBBH", packet)
    assert first == 0x45
    assert length == len(packet)
    assert protocol == 1
    assert checksum(packet[:20]) == 0
    assert checksum(packet[20:]) == 0
    kind, code, _, identifier, sequence = struct.unpack_from("!BBHHH", packet, 20)
    return Echo(
        source=ipaddress.IPv4Address(packet[12:16]),
        destination=ipaddress.IPv4Address(packet[16:20]),
        type=kind,
        code=code,
        identifier=identifier,
        sequence=sequence,
        payload=packet[28:],
        ttl=ttl,
        tos=tos,
        id=ident,
        fragment=fragment,
    )


def read6(packet: bytes) -> Echo:
    first, length, protocol, ttl = struct.unpack_from("!IHBB", packet)
    assert length == len(packet) - 40
    assert protocol == 58
    source = ipaddress.IPv6Address(packet[8:24])
    destination = ipaddress.IPv6Address(packet[24:40])
    assert checksum(pseudo_header(source, destination, length) + packet[40:]) == 0
    kind, code, _, identifier, sequence = struct.unpack_from("!BBHHH", packet, 40)
    return Echo(
        source=source,
        destination=destination,
        type=kind,
        code=code,
        identifier=identifier,
        sequence=sequence,
        payload=packet[48:],
        ttl=ttl,
        tos=first >> 20 & 0xFF,
        flow_label=first & 0xFFFFF,
    )
