"""What came back on the wire, in a few words: the answers of this folder's table."""
import collections
import socket
import struct
import time

from scapy.utils import checksum

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 3, 0x0800, 0x86DD
IPV6_FRAGMENT = 44
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35  # of <asm/socket.h>
IGMP, ICMPV6 = 2, 58
OF_NEIGHBOURS = (*range(130, 138), 143)  # and of MLD: a TUN device has none of it
NAMES_IPV4 = {
    0: "Echo Reply",
    3: "Unreachable",
    11: "Time Exceeded",
    12: "Parameter Problem",
    14: "Timestamp Reply",
    18: "Address Mask Reply",
}
NAMES_IPV6 = {
    1: "Unreachable",
    2: "Packet Too Big",
    3: "Time Exceeded",
    4: "Parameter Problem",
    129: "Echo Reply",
    140: "Node Information Reply",
}


def pseudo_sum_is_good(source, destination, protocol, data):
    pseudo = source + destination + struct.pack("!LL", len(data), protocol)
    return checksum(pseudo + data) == 0


class Wire:
    """Every frame that one station sends, read when asked for."""

    def __init__(self, device, station):
        self.station = bytes.fromhex(station.replace(":", ""))
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.socket.bind((device, ETH_P_ALL))

    def send(self, packet):
        """An IP packet as it stands, to the station."""
        kind = ETH_P_IP if packet[0] >> 4 == 4 else ETH_P_IPV6
        mine = self.socket.getsockname()[4]
        self.socket.send(self.station + mine + struct.pack("!H", kind) + packet)

    def frames(self, quiet, deadline=float("inf")):
        """(whether the station sent it, the IP packet), until none has come for `quiet` seconds or it is `deadline`."""
        try:
            while True:
                self.socket.settimeout(max(min(quiet, deadline - time.monotonic()), 0.001))
                frame = self.socket.recv(1 << 16)
                if is_ip(frame) and not is_neighbours(frame[14:]):
                    yield frame[6:12] == self.station, frame[14:]
        except TimeoutError:
            pass

    def answers(self, quiet):
        """The station's packets since the last call, until none has come for `quiet` seconds."""
        return [packet for ours, packet in self.frames(quiet) if ours]

    def drain(self):
        self.answers(0)

    def until(self, marker):
        """What the station answers before the marker, an Echo Request that is sent now."""
        self.send(marker)
        found = []
        for ours, packet in self.frames(2):
            if ours and packet[0] >> 4 == 4 and packet[9] == 1 and packet[20] == 0 and packet[24:] == marker[24:]:
                return found
            if ours:
                found.append(packet)
        raise TimeoutError("the marker was not answered")

    def exchange(self, quiet, process):
        """What the station sends from a program's first packet on, until neither says anything for `quiet` seconds."""
        found, begun = [], False
        end = time.monotonic() + 5
        while not begun or found_some:
            found_some = False
            for ours, packet in self.frames(quiet):
                begun = found_some = True
                if ours:
                    found.append(packet)
            if not begun and (time.monotonic() > end or process.poll() is not None):
                break
        return found

    def note_times(self):
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def timed_answers(self):
        """(when the kernel saw it, the packet) since note_times(), whose socket has room for all of them."""
        found = []
        self.socket.settimeout(0.05)
        try:
            while True:
                frame, [(_, _, stamp)], _, _ = self.socket.recvmsg(1 << 16, 64)
                seconds, nanoseconds = struct.unpack("ll", stamp)
                if frame[6:12] == self.station and is_ip(frame) and not is_neighbours(frame[14:]):
                    found.append((seconds + nanoseconds / 1e9, frame[14:]))
        except TimeoutError:
            return found

    def answers_for(self, seconds):
        return [packet for ours, packet in self.frames(seconds, time.monotonic() + seconds) if ours]


def is_about(answer, packet):
    """Whether it is an ICMP error that quotes the packet's addresses and what identifies the datagram."""
    if answer[0] >> 4 == 4:
        return packet[0] >> 4 == 4 and answer[32:34] == packet[4:6]
    return packet[0] >> 4 == 6 and answer[92:96] == packet[44:48]


def is_ip(frame):
    return struct.unpack("!H", frame[12:14])[0] in (ETH_P_IP, ETH_P_IPV6)


def is_neighbours(packet):
    """What a host says by itself: ARP is no IP packet, and the rest is told by its first byte."""
    if packet[0] >> 4 == 4:
        return packet[9] == IGMP
    at = 48 if packet[6] == 0 else 40  # MLD comes behind a Router Alert
    return len(packet) > at and packet[40 if at == 48 else 6] == ICMPV6 and packet[at] in OF_NEIGHBOURS


def in_words(packets, usual_sources, counted=True):
    """Answers in alphabetical order; `counted`: how many of each."""
    words = collections.Counter(packet_in_words(whole, usual_sources) for whole in reassembled(packets))
    if not words:
        return "silence"
    return "; ".join(f"{count} × {text}" if counted and count > 1 else text for text, count in sorted(words.items()))


def quotes_one_of(answer, sent):
    """True of what is no ICMP error, too: it quotes nothing."""
    data = piece(answer)[2]
    four = answer[0] >> 4 == 4
    if four and data[0] not in (3, 11, 12) or not four and data[0] >= 128:
        return True
    return any(packet.startswith(data[8:]) for packet in sent)


Whole = collections.namedtuple("Whole", "header protocol data fragments")


def piece(raw):
    """(header, protocol, data, first byte, more fragments, what its fragments have in common or None)."""
    if raw[0] >> 4 == 4:
        length = (raw[0] & 15) * 4
        total, identification, flags = struct.unpack("!HHH", raw[2:8])
        offset, more = (flags & 0x1FFF) * 8, bool(flags & 0x2000)
        key = (raw[12:20], identification) if offset or more else None
        return raw[:length], raw[9], raw[length:total], offset, more, key
    data = raw[40 : 40 + struct.unpack("!H", raw[4:6])[0]]
    if raw[6] != IPV6_FRAGMENT:
        return raw[:40], raw[6], data, 0, False, None
    offset, identification = struct.unpack("!HL", data[2:8])
    return raw[:40], data[0], data[8:], offset & 0xFFF8, bool(offset & 1), (raw[8:40], identification)


def reassembled(packets):
    """Whole ones: by somebody who trusts the sender. A negative number of fragments: they make no whole."""
    held = {}
    for raw in packets:
        header, protocol, data, offset, more, key = piece(raw)
        if key is None:
            yield Whole(header, protocol, data, 1)
            continue
        parts = held.setdefault(key, {})
        parts[offset] = (header, protocol, data, more)
        whole, more = b"", True
        while more and len(whole) in parts:
            data, more = parts[len(whole)][2:]
            whole += data
            if not data:
                break
        if not more:
            yield Whole(parts[0][0], parts[0][1], whole, len(parts))
            del held[key]
    for parts in held.values():
        first = parts[min(parts)]
        yield Whole(first[0], first[1], b"", -len(parts))


def packet_in_words(whole, usual_sources):
    header, protocol, data, fragments = whole
    remarks = []
    if fragments != 1:
        remarks.append(f"{fragments} fragments" if fragments > 0 else f"{-fragments} fragments that make no whole")
    if header[0] >> 4 == 4:
        source, hop_limit, service = socket.inet_ntop(socket.AF_INET, header[12:16]), header[8], header[1]
        icmp, names, good = 1, NAMES_IPV4, checksum(data) == 0
        if checksum(header) != 0:
            remarks.append("WRONG HEADER CHECKSUM")
        if header[6] & 0x40:
            remarks.append("DF")
        if len(header) > 20:
            remarks.append("options " + options_in_words(header[20:]))
    else:
        source, hop_limit = socket.inet_ntop(socket.AF_INET6, header[8:24]), header[7]
        service = struct.unpack("!H", header[:2])[0] >> 4 & 0xFF
        icmp, names, good = 58, NAMES_IPV6, pseudo_sum_is_good(header[8:24], header[24:40], 58, data)
    if source not in usual_sources:
        remarks.append(f"from {source}")
    if hop_limit != 64:
        remarks.append(f"hop limit {hop_limit}")
    if service:
        remarks.append(f"TOS {service:#x}")
    if fragments < 0:
        text = "something"
    elif protocol == icmp:
        text = icmp_in_words(names, data)
        if not good:
            remarks.append("WRONG ICMP CHECKSUM")
    else:
        text = {6: "TCP", 17: "UDP"}.get(protocol, f"protocol {protocol}")
    return text + (f" ({', '.join(remarks)})" if remarks else "")


def icmp_in_words(names, data):
    kind, code = data[0], data[1]
    text = names.get(kind, f"type {kind}")
    if text in ("Unreachable", "Time Exceeded", "Parameter Problem"):
        text += f" {kind}/{code}"
    if text.startswith("Parameter Problem"):
        pointer = data[4] if names is NAMES_IPV4 else struct.unpack("!L", data[4:8])[0]
        text += f" at {pointer}"
    if text == "Packet Too Big":
        text += f", {struct.unpack('!L', data[4:8])[0]}"
    size = len(data) - 8
    return f"{text}, {size} bytes"


def options_in_words(options):
    """As bytes; timestamps differ from run to run, so of them only whether there is one."""
    words = []
    while options:
        length = 1 if options[0] < 2 else max(options[1], 2)
        option, options = options[:length], options[length:]
        if option[0] != 68 or len(option) < 4:
            words.append(option.hex())
            continue
        with_address = option[3] & 15 != 0
        text = option[:4].hex()
        for at in range(4, len(option), 8 if with_address else 4):
            if with_address:
                text += " " + option[at : at + 4].hex()
                at += 4
            text += " -" if option[at : at + 4] == bytes(4) else " time"
        words.append(text)
    return " ".join(words)
