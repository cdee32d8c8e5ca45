"""Echo Requests of the bench, as bytes; built from RFC 791, 792, 8200 and 4443, not by netstack."""

import struct
from ipaddress import ip_address

HOST = {4: "192.168.0.1", 6: "2001:db8::1"}
PEER = {4: "192.168.0.2", 6: "2001:db8::2"}


def checksum(data: bytes) -> int:
    """The Internet checksum, RFC 1071."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(family: int, payload_length: int) -> bytes:
    """An Echo Request from PEER to HOST."""
    source, destination = ip_address(PEER[family]).packed, ip_address(HOST[family]).packed
    payload = bytes(range(256)) * (payload_length // 256 + 1)
    message = struct.pack("!BBHHH", 8 if family == 4 else 128, 0, 0, 0x1234, 1)
    message += payload[:payload_length]
    if family == 4:
        message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, 64, 1, 0)
        header += source + destination
        return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + message
    pseudo_header = source + destination + struct.pack("!II", len(message), 58)
    message = message[:2] + struct.pack("!H", checksum(pseudo_header + message)) + message[4:]
    header = struct.pack("!IHBB", 0x60000000, len(message), 58, 64) + source + destination
    return header + message
