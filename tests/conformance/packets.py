"""Packets that no program of the others sends: (name, family, packets as bytes), made anew for each run."""
import itertools

from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import (
    HBHOptUnknown,
    ICMPv6EchoRequest,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    PadN,
)
from scapy.packet import Raw
from scapy.utils import checksum

IPV4 = {"src": "10.9.0.2", "dst": "10.9.0.1"}
IPV6 = {"src": "fd09::2", "dst": "fd09::1"}
DATA = bytes(range(56))
ICMP4, ICMP6, FRAGMENT, NONE = 1, 58, 44, 59
MARKERS = itertools.count()


def echo4(data=DATA, **header):
    """An Echo Request; `header` overrides fields of its IPv4 header."""
    return bytes(IP(**{**IPV4, "id": 7, **header}) / ICMP(id=1, seq=1) / Raw(data))


def with_options(options, data=DATA, **header):
    """Options as bytes, padded with End of List: scapy would take them apart."""
    return optioned(echo4(data, **header), options)


def optioned(packet, options):
    options += bytes(-len(options) % 4)
    length = (len(packet) + len(options)).to_bytes(2, "big")
    packet = bytes([0x45 + len(options) // 4]) + packet[1:2] + length + packet[4:10] + bytes(2) + packet[12:20] + options + packet[20:]
    return packet[:10] + checksum(packet[: 20 + len(options)]).to_bytes(2, "big") + packet[12:]


def fragment4(identification, offset, more, data, **header):
    return bytes(IP(**IPV4, id=identification, proto=ICMP4, frag=offset // 8, flags=int(more), **header) / Raw(data))


def fragments4(identification, message, *parts):
    """parts: (first byte, end, more fragments, and instead of the message's bytes)."""
    return [fragment4(identification, a, more, part[0] if part else message[a:b]) for a, b, more, *part in parts]


def message4(size):
    return bytes(ICMP(id=1, seq=1) / Raw(bytes(i & 255 for i in range(size - 8))))


def echo6(*headers, data=DATA, **header):
    packet = IPv6(**{**IPV6, **header})
    for extension in headers:
        packet /= extension
    return bytes(packet / ICMPv6EchoRequest(id=1, seq=1, data=data))


def message6(size):
    packet = bytes(IPv6(**IPV6) / ICMPv6EchoRequest(id=1, seq=1, data=bytes(i & 255 for i in range(size - 8))))
    return packet[40:]


def fragment6(identification, offset, more, data, nh=ICMP6, **header):
    fragment = IPv6ExtHdrFragment(id=identification, offset=offset // 8, m=int(more), nh=nh)
    return bytes(IPv6(**{**IPV6, **header}) / fragment / Raw(data))


def fragments6(identification, message, *parts):
    return [fragment6(identification, a, more, part[0] if part else message[a:b]) for a, b, more, *part in parts]


def changed(packet, *edits):
    """edits: (offset, byte)."""
    packet = bytearray(packet)
    for offset, byte in edits:
        packet[offset] = byte
    return bytes(packet)


def unknown(kind, size=0):
    return HBHOptUnknown(otype=kind, optlen=size, optdata=bytes(size))


def raw6(nh, data, **header):
    return bytes(IPv6(**{**IPV6, "nh": nh, **header}) / Raw(data))


def ipv4_headers():
    yield "echo", echo4()
    yield "echo, TTL 1", echo4(ttl=1)
    yield "echo, TTL 0", echo4(ttl=0)
    yield "echo, DF", echo4(flags=2)
    yield "echo, reserved flag", echo4(flags=4)
    yield "echo, TOS 0xff", echo4(tos=0xFF)
    yield "echo of no data", echo4(data=b"")
    yield "echo, code 7", changed(bytes(IP(**IPV4) / ICMP(code=7, id=1, seq=1) / Raw(DATA)))
    yield "echo behind a trailer", echo4() + b"trailer!"
    yield "wrong header checksum", echo4(chksum=0x1234)
    yield "wrong ICMP checksum", bytes(IP(**IPV4) / ICMP(id=1, seq=1, chksum=0x1234) / Raw(DATA))
    yield "ICMP checksum 0", bytes(IP(**IPV4) / ICMP(id=1, seq=1, chksum=0) / Raw(DATA))
    yield "header length 4 words", echo4(ihl=4)
    yield "header length beyond the packet", echo4(data=b"", ihl=15)
    yield "total length below the header", echo4(len=19)
    yield "total length beyond the packet", echo4(len=200)
    yield "total length that cuts the ICMP header", echo4(len=27)
    yield "ICMP of 7 bytes", bytes(IP(**IPV4, proto=ICMP4) / Raw(b"\x08\0\xf7\xff\0\0\0"))
    yield "version 5", changed(echo4(), (0, 0x55))
    yield "from 0.0.0.0", echo4(src="0.0.0.0")
    yield "from 127.0.0.1", echo4(src="127.0.0.1")
    yield "from a group", echo4(src="224.0.0.9")
    yield "from the broadcast address", echo4(src="255.255.255.255")
    yield "from the net's broadcast address", echo4(src="10.9.0.255")
    yield "from itself", echo4(src="10.9.0.1")
    yield "from 240.0.0.1", echo4(src="240.0.0.1")
    yield "to the net's broadcast address", echo4(dst="10.9.0.255")
    yield "to 255.255.255.255", echo4(dst="255.255.255.255")
    yield "to all hosts", echo4(dst="224.0.0.1")
    yield "to 127.0.0.1", echo4(dst="127.0.0.1")
    yield "to nobody's address", echo4(dst="10.9.0.77")
    yield "to 0.0.0.0", echo4(dst="0.0.0.0")
    yield "Timestamp Request", bytes(IP(**IPV4) / ICMP(type=13, id=1, seq=1))
    yield "Address Mask Request", bytes(IP(**IPV4) / ICMP(type=17, id=1, seq=1) / Raw(bytes(4)))
    yield "Information Request", bytes(IP(**IPV4) / ICMP(type=15, id=1, seq=1))
    yield "Router Solicitation", bytes(IP(**IPV4) / ICMP(type=10))
    yield "Echo Reply that nobody asked for", bytes(IP(**IPV4) / ICMP(type=0, id=1, seq=1) / Raw(DATA))
    yield "ICMP type 42", bytes(IP(**IPV4) / ICMP(type=42, id=1, seq=1))
    yield "protocol 253", bytes(IP(**IPV4, proto=253) / Raw(DATA))
    yield "protocol 253 to the broadcast address", bytes(IP(**{**IPV4, "dst": "10.9.0.255"}, proto=253) / Raw(DATA))
    yield "protocol 253, 1400 bytes", bytes(IP(**IPV4, proto=253) / Raw(bytes(1380)))
    yield "protocol 58", bytes(IP(**IPV4, proto=58) / Raw(DATA))
    yield "IPv6 in IPv4", bytes(IP(**IPV4, proto=41) / Raw(echo6()))
    yield "UDP", bytes(IP(**IPV4) / UDP(sport=9, dport=33434) / Raw(DATA))


def ipv4_options():
    route = b"\x07\x0b\x04" + bytes(8)
    yield "Record Route, 2 places", with_options(route)
    yield "Record Route, 9 places", with_options(b"\x07\x27\x04" + bytes(36))
    yield "Record Route, full", with_options(b"\x07\x07\x08\x0a\x01\x02\x03")
    yield "Record Route, pointer 3", with_options(b"\x07\x0b\x03" + bytes(8))
    yield "Record Route, pointer 5", with_options(b"\x07\x0b\x05" + bytes(8))
    yield "Record Route, pointer 10: half a place left", with_options(b"\x07\x0b\x0a" + bytes(8))
    yield "Record Route, length 2", with_options(b"\x07\x02\x04\x00")
    yield "Record Route, length 3: no place", with_options(b"\x07\x03\x04\x00")
    yield "Record Route, length beyond the header", with_options(b"\x07\x27\x04" + bytes(5))
    yield "Record Route twice", with_options(b"\x07\x07\x04" + bytes(4) + b"\x07\x07\x04" + bytes(4))
    yield "Record Route behind No Operation", with_options(b"\x01" + route)
    yield "Timestamp, 2 places", with_options(b"\x44\x0c\x05\x00" + bytes(8))
    yield "Timestamp, addresses too, 2 places", with_options(b"\x44\x14\x05\x01" + bytes(16))
    yield "Timestamp, prespecified", with_options(b"\x44\x14\x05\x03\x0a\x09\x00\x01" + bytes(12))
    yield "Timestamp, prespecified, somebody else", with_options(b"\x44\x14\x05\x03\x0a\x09\x00\x63" + bytes(12))
    yield "Timestamp, full", with_options(b"\x44\x08\x09\x00" + bytes(4))
    yield "Timestamp, full, overflow 15", with_options(b"\x44\x08\x09\xf0" + bytes(4))
    yield "Timestamp, flags 2", with_options(b"\x44\x0c\x05\x02" + bytes(8))
    yield "Timestamp, pointer 4", with_options(b"\x44\x0c\x04\x00" + bytes(8))
    yield "Timestamp, length 3", with_options(b"\x44\x03\x05\x00")
    yield "Timestamp, length 4: no place", with_options(b"\x44\x04\x05\x00")
    yield "Timestamp twice", with_options(b"\x44\x08\x05\x00" + bytes(4) + b"\x44\x08\x05\x00" + bytes(4))
    yield "Router Alert", with_options(b"\x94\x04\0\0")
    yield "Router Alert, length 3", with_options(b"\x94\x03\0\0")
    yield "Loose Source Route, done", with_options(b"\x83\x07\x08\x0a\x09\x00\x02")
    yield "Loose Source Route, to do", with_options(b"\x83\x07\x04\x0a\x09\x00\x02")
    yield "Security", with_options(b"\x82\x0b" + bytes(9))
    yield "unknown option 0x5e, copied 0", with_options(b"\x5e\x04\xaa\xbb")
    yield "unknown option 0xde, copied 1", with_options(b"\xde\x04\xaa\xbb")
    yield "unknown option, length 0", with_options(b"\x5e\x00\xaa\xbb")
    yield "unknown option, length 1", with_options(b"\x5e\x01\xaa\xbb")
    yield "unknown option without a length", with_options(b"\x01\x01\x01\x5e")
    yield "unknown option, length beyond the header", with_options(b"\x5e\x05\xaa\xbb")
    yield "No Operation only", with_options(b"\x01\x01\x01\x01")
    yield "End of List, then rubbish", with_options(b"\x00\x07\xff\xff")
    yield "40 bytes of No Operation", with_options(b"\x01" * 40)
    yield "bad option to the broadcast address", with_options(b"\x5e\x01\xaa\xbb", dst="10.9.0.255")


def ipv4_fragments():
    whole = message4(72)
    ordered = [(0, 24, True), (24, 48, True), (48, 72, False)]
    yield "3 fragments", fragments4(101, whole, *ordered)
    yield "3 fragments, last first", fragments4(102, whole, *reversed(ordered))
    yield "a fragment twice", fragments4(103, whole, ordered[0], ordered[0], ordered[1], ordered[2])
    yield "a fragment twice, other bytes", fragments4(
        104, whole, ordered[0], (24, 48, True, b"\xee" * 24), ordered[1], ordered[2]
    )
    yield "overlap by 8, same bytes", fragments4(105, whole, (0, 32, True), (24, 48, True), ordered[2])
    yield "overlap by 8, other bytes", fragments4(106, whole, (0, 32, True), (24, 48, True, b"\xee" * 24), ordered[2])
    yield "teardrop: inside the first", fragments4(107, whole, (0, 48, True), (24, 32, False))
    yield "two ends", fragments4(108, whole, (0, 24, True), (48, 72, False), (24, 40, False))
    yield "data behind the end", fragments4(109, whole, (0, 24, True), (24, 40, False), (48, 72, True))
    yield "8-byte fragments", fragments4(110, whole, *((i, i + 8, i < 64) for i in range(0, 72, 8)))
    yield "middle one not a multiple of 8", fragments4(111, whole, (0, 20, True), (24, 72, False))
    yield "empty last fragment", fragments4(112, whole, (0, 72, True), (72, 72, False))
    yield "empty first fragment", fragments4(113, whole, (0, 0, True), *ordered)
    yield "ping of death", [
        *(fragment4(114, i, True, bytes(1480)) for i in range(0, 65120, 1480)),
        fragment4(114, 65120, False, bytes(1480)),
    ]
    yield "last fragment at 65528", fragment4(115, 65528, False, bytes(8))
    yield "DF and MF", [
        bytes(IP(**IPV4, id=116, proto=1, flags=3) / Raw(whole[:24])),
        *fragments4(116, whole, (24, 72, False)),
    ]
    yield "other protocol in the second", [
        fragment4(117, 0, True, whole[:24]),
        bytes(IP(**IPV4, id=117, proto=17, frag=3) / Raw(whole[24:])),
    ]
    yield "fragments to the broadcast address", [
        bytes(IP(**{**IPV4, "dst": "10.9.0.255"}, id=118, proto=1, flags=1) / Raw(whole[:24])),
        bytes(IP(**{**IPV4, "dst": "10.9.0.255"}, id=118, proto=1, frag=3) / Raw(whole[24:])),
    ]
    yield "first of 24 with TTL 1", [
        fragment4(119, 0, True, whole[:24], ttl=1),
        *fragments4(119, whole, (24, 72, False)),
    ]
    yield "65,535 bytes in fragments", [
        fragment4(120, i, i + 1480 < 65515, message4(65515)[i : i + 1480]) for i in range(0, 65515, 1480)
    ]
    record = b"\x07\x0b\x04" + bytes(8) + b"\0"
    yield "Record Route in the first fragment", [
        optioned(fragment4(121, 0, True, whole[:24]), record),
        *fragments4(121, whole, (24, 72, False)),
    ]
    yield "protocol 253 in fragments", [
        bytes(IP(**IPV4, id=122, proto=253, flags=1) / Raw(whole[:24])),
        bytes(IP(**IPV4, id=122, proto=253, frag=3) / Raw(whole[24:])),
    ]


def ipv6_headers():
    yield "echo", echo6()
    yield "echo, hop limit 1", echo6(hlim=1)
    yield "echo, hop limit 0", echo6(hlim=0)
    yield "echo, class and flow label", echo6(tc=0xFF, fl=0xABCDE)
    yield "echo of no data", echo6(data=b"")
    yield "echo behind a trailer", echo6() + b"trailer!"
    yield "echo, code 7", bytes(IPv6(**IPV6) / ICMPv6EchoRequest(code=7, id=1, seq=1, data=DATA))
    yield "wrong ICMPv6 checksum", bytes(IPv6(**IPV6) / ICMPv6EchoRequest(id=1, seq=1, cksum=0x1234, data=DATA))
    yield "ICMPv6 checksum 0", bytes(IPv6(**IPV6) / ICMPv6EchoRequest(id=1, seq=1, cksum=0, data=DATA))
    yield "payload length beyond the packet", echo6(plen=200)
    yield "payload length 0", echo6(plen=0)
    yield "ICMPv6 of 7 bytes", raw6(ICMP6, b"\x80\0\0\0\0\0\0")
    yield "from ::", echo6(src="::")
    yield "from ::1", echo6(src="::1")
    yield "from a group", echo6(src="ff02::9")
    yield "from itself", echo6(src="fd09::1")
    yield "from ::ffff:10.9.0.2", echo6(src="::ffff:10.9.0.2")
    yield "to all nodes", echo6(dst="ff02::1")
    yield "to all nodes, interface-local", echo6(dst="ff01::1")
    yield "to all routers", echo6(dst="ff02::2")
    yield "to its solicited-node group", echo6(dst="ff02::1:ff00:1")
    yield "to ::1", echo6(dst="::1")
    yield "to ::", echo6(dst="::")
    yield "to nobody's address", echo6(dst="fd09::77")
    yield "Echo Reply that nobody asked for", bytes(
        IPv6(**IPV6, nh=ICMP6) / Raw(b"\x81" + echo6()[41:42] + b"\x3d\x5f" + echo6()[44:])
    )
    yield "ICMPv6 type 99, an error", raw6(ICMP6, b"\x63\0\0\0" + bytes(4))
    yield "No Next Header", raw6(NONE, b"")
    yield "next header 253", raw6(253, DATA)
    yield "next header 253, no data", raw6(253, b"")
    yield "next header 254", raw6(254, DATA)
    yield "next header 253 to all nodes", raw6(254, DATA, dst="ff02::1")
    yield "next header 254, 1400 bytes", raw6(254, bytes(1400))
    yield "ICMP for IPv4 over IPv6", raw6(ICMP4, message4(64))
    yield "UDP", bytes(IPv6(**IPV6) / UDP(sport=9, dport=33434) / Raw(DATA))
    yield "AH", raw6(51, b"\x3a\x04" + bytes(22) + message6(64))
    yield "ESP", raw6(50, bytes(40))
    yield "Mobility", raw6(135, b"\x3b\x00\x00\x00" + bytes(4))
    yield "Host Identity", raw6(139, b"\x3b\x04" + bytes(38))
    yield "Shim6", raw6(140, b"\x3b\x00" + bytes(6))


def ipv6_extensions():
    hop, destination, routing = IPv6ExtHdrHopByHop, IPv6ExtHdrDestOpt, IPv6ExtHdrRouting
    yield "Hop-by-Hop, Pad only", echo6(hop())
    yield "Hop-by-Hop twice", echo6(hop(), hop())
    yield "Hop-by-Hop behind Destination Options", echo6(destination(), hop())
    yield "Hop-by-Hop behind Routing", echo6(routing(type=0, segleft=0), hop())
    yield "Hop-by-Hop behind an atomic fragment", echo6(IPv6ExtHdrFragment(id=1), hop())
    yield "Destination Options twice", echo6(destination(), destination())
    for kind, what in ((0x1E, "skip"), (0x5E, "discard"), (0x9E, "report"), (0xDE, "report unless group")):
        yield f"Destination Options, unknown {kind:#x}: {what}", echo6(destination(options=[unknown(kind)]))
        yield f"the same to all nodes, {kind:#x}", echo6(destination(options=[unknown(kind)]), dst="ff02::1")
        yield f"Hop-by-Hop, unknown {kind:#x}: {what}", echo6(hop(options=[unknown(kind)]))
    yield "unknown 0x9e in an Echo Reply", bytes(
        IPv6(**IPV6) / destination(options=[unknown(0x9E)], nh=ICMP6) / Raw(b"\x81\0\0\0" + bytes(4))
    )
    yield "unknown 0x9e before an ICMPv6 error", bytes(
        IPv6(**IPV6) / destination(options=[unknown(0x9E)], nh=ICMP6) / Raw(b"\x01\0\0\0" + bytes(4) + echo6())
    )
    yield "unknown 0x9e from ::", echo6(destination(options=[unknown(0x9E)]), src="::")
    yield "option longer than its header", echo6(destination(options=[HBHOptUnknown(otype=0x1E, optlen=200)]))
    yield "PadN longer than its header", echo6(destination(options=[PadN(optlen=200, optdata=b"")]))
    yield "PadN with bytes that are not 0", echo6(destination(options=[PadN(optdata=b"\1\2\3\4")]))
    yield "PadN of 8 data bytes", echo6(destination(options=[PadN(optdata=bytes(8)), PadN(optdata=bytes(2))]))
    yield "14 × Pad1", raw6(60, b"\x3a\x01" + bytes(14) + message6(64))
    yield "9 unknown options to be skipped", echo6(destination(options=[unknown(0x1E)] * 9))
    yield "60 unknown options to be skipped", echo6(destination(options=[unknown(0x1E)] * 60))
    yield "header longer than the packet", raw6(60, b"\x3a\x20" + bytes(14))
    yield "header of 7 bytes", raw6(60, b"\x3a\0\1\4\0\0\0")
    for count in (8, 16, 32, 33):
        yield f"{count} Destination Options headers", echo6(*([destination()] * count))
    yield "Destination Options, then nothing", raw6(60, b"\x3b\0\1\4\0\0\0\0")
    yield "Destination Options, then next header 254", raw6(60, b"\xfe\0\1\4\0\0\0\0" + DATA)
    for kind in (0, 2, 3, 4, 253, 99):
        for left in (0, 1):
            header = b"\x3a\x02" + bytes([kind, left]) + bytes(4) + bytes.fromhex("fd09" + "0" * 27 + "2")
            yield f"Routing type {kind}, {left} segments left", raw6(43, header + message6(64))
    yield "Routing type 0, 9 segments left of 1", raw6(
        43, b"\x3a\x02\x00\x09" + bytes(4) + bytes.fromhex("fd09" + "0" * 27 + "2") + message6(64)
    )
    yield "Routing type 0, odd length", raw6(43, b"\x3a\x01\x00\x01" + bytes(12) + message6(64))
    yield "Router Alert, MLD", raw6(0, b"\x3a\0\5\2\0\0\1\0" + message6(64))
    yield "Router Alert twice", raw6(0, b"\x3a\1\5\2\0\0\5\2\0\0\1\4\0\0\0\0" + message6(64))
    yield "Router Alert, length 3", raw6(0, b"\x3a\0\5\3\0\0\0\0" + message6(64))
    yield "Router Alert in Destination Options", raw6(60, b"\x3a\0\5\2\0\0\1\0" + message6(64))
    yield "Home Address", raw6(60, b"\x3a\x02\1\2\0\0\xc9\x10" + bytes.fromhex("fd09" + "0" * 27 + "3") + message6(64))
    yield "Tunnel Encapsulation Limit", raw6(60, b"\x3a\0\4\1\4\1\1\0" + message6(64))
    yield "Jumbo Payload", raw6(0, b"\x3a\0\xc2\4\0\1\0\0" + message6(64))
    yield "Jumbo Payload, payload length 0", raw6(0, b"\x3a\0\xc2\4\0\1\0\0" + message6(64), plen=0)


def ipv6_fragments():
    whole = message6(72)
    ordered = [(0, 24, True), (24, 48, True), (48, 72, False)]
    yield "3 fragments", fragments6(101, whole, *ordered)
    yield "3 fragments, last first", fragments6(102, whole, *reversed(ordered))
    yield "a fragment twice", fragments6(103, whole, ordered[0], ordered[1], ordered[1], ordered[2])
    yield "a fragment twice, other bytes", fragments6(
        104, whole, ordered[0], (24, 48, True, b"\xee" * 24), ordered[1], ordered[2]
    )
    yield "overlap by 8, same bytes", fragments6(105, whole, (0, 32, True), (24, 48, True), ordered[2])
    yield "overlap by 8, then the rest again", fragments6(
        106, whole, (0, 32, True), (24, 48, True), ordered[2], *ordered
    )
    yield "two ends", fragments6(108, whole, (0, 24, True), (48, 72, False), (24, 40, False))
    yield "8-byte fragments", fragments6(110, whole, *((i, i + 8, i < 64) for i in range(0, 72, 8)))
    yield "first one not a multiple of 8", fragments6(111, whole, (0, 20, True), (24, 72, False))
    yield "empty last fragment", fragments6(112, whole, (0, 72, True), (72, 72, False))
    yield "empty fragment with more to come", fragments6(113, whole, (0, 0, True), *ordered)
    yield "ends beyond 65,535", fragment6(114, 65528, False, bytes(16))
    yield "ends beyond 65,535, and more", fragment6(115, 65528, True, bytes(16))
    yield "atomic", fragment6(116, 0, False, whole)
    yield "atomic beside fragments of the same number", [
        fragment6(117, 0, True, whole[:24]), fragment6(117, 0, False, whole), fragment6(117, 24, False, whole[24:])
    ]  # RFC 6946 4
    yield "atomic, reserved bits", changed(fragment6(118, 0, False, whole), (41, 0xFF), (43, 0x06))
    yield "atomic, no data", fragment6(119, 0, False, b"")
    yield "atomic in atomic", echo6(IPv6ExtHdrFragment(id=120), IPv6ExtHdrFragment(id=121))
    inner = bytes(IPv6ExtHdrFragment(id=123, offset=0, m=1, nh=ICMP6)) + whole[:24]
    yield "fragment of a fragment", [
        fragment6(122, 0, True, inner[:16], nh=FRAGMENT), fragment6(122, 16, False, inner[16:], nh=FRAGMENT)
    ]
    hop = b"\x3a\0\1\4\0\0\0\0"
    yield "Hop-by-Hop behind Fragment", [
        fragment6(124, 0, True, hop + whole[:24], nh=0), fragment6(124, 32, False, whole[24:], nh=0)
    ]
    skipped = b"\x3a\0\x9e\4\0\0\0\0"
    yield "unknown option 0x9e behind Fragment", [
        fragment6(125, 0, True, skipped + whole[:24], nh=60), fragment6(125, 32, False, whole[24:], nh=60)
    ]
    yield "next header 254 in fragments", [
        fragment6(126, 0, True, whole[:24], nh=254), fragment6(126, 24, False, whole[24:], nh=254)
    ]
    yield "first fragment without its whole chain", [
        fragment6(127, 0, True, b"\x3a\2\1\4\0\0\0\0", nh=60), fragment6(127, 8, False, b"\1\x0e" + bytes(14) + whole, nh=60)
    ]  # RFC 7112
    yield "first fragment ends inside the ICMPv6 header", fragments6(128, whole, (0, 0, True), (8, 72, False)) + [
        fragment6(129, 0, True, b"\x3a\0\1\4\0\0\0\0", nh=60), fragment6(129, 8, False, whole, nh=60)
    ]
    yield "other next header in the second", [
        fragment6(130, 0, True, whole[:24]), fragment6(130, 24, False, whole[24:], nh=17)
    ]
    yield "fragments to all nodes", [
        fragment6(131, 0, True, whole[:24], dst="ff02::1"), fragment6(131, 24, False, whole[24:], dst="ff02::1")
    ]
    yield "65,535 bytes in fragments", [
        fragment6(132, i, i + 1448 < 65535, message6(65535)[i : i + 1448]) for i in range(0, 65535, 1448)
    ]
    yield "Fragment header cut short", raw6(FRAGMENT, b"\x3a\0\0\0")
    yield "Fragment header missing", raw6(FRAGMENT, b"")


def never_whole():
    """(name, its one packet), each of a datagram of its own."""
    whole = message4(72)
    yield "IPv4, first fragment alone", fragment4(201, 0, True, whole[:24])
    yield "IPv4, last fragment alone", fragment4(202, 48, False, whole[48:])
    yield "IPv4, first fragment of an ICMP error", fragment4(203, 0, True, b"\x03\1\0\0" + bytes(20))
    yield "IPv4, first fragment of UDP", bytes(IP(**IPV4, id=204, proto=17, flags=1) / Raw(whole[:24]))
    whole = message6(72)
    yield "IPv6, first fragment alone", fragment6(201, 0, True, whole[:24])
    yield "IPv6, last fragment alone", fragment6(202, 48, False, whole[48:])
    yield "IPv6, first fragment of an ICMPv6 error", fragment6(203, 0, True, b"\1\0\0\0" + bytes(20))
    yield "IPv6, first fragment of UDP", fragment6(204, 0, True, whole[:24], nh=17)
    yield "IPv6, first fragment to all nodes", fragment6(205, 0, True, whole[:24], dst="ff02::1")


def marker():
    return bytes(IP(**IPV4) / ICMP(id=0x4D4B, seq=next(MARKERS)) / Raw(b"marker"))


SETS = (
    ("IPv4 header", ipv4_headers),
    ("IPv4 options", ipv4_options),
    ("IPv4 fragments", ipv4_fragments),
    ("IPv6 header", ipv6_headers),
    ("IPv6 extension headers", ipv6_extensions),
    ("IPv6 fragments", ipv6_fragments),
)


def probes():
    """(set, name, packets)."""
    for title, make in SETS:
        for name, packets in make():
            yield title, name, packets if isinstance(packets, list) else [packets]
