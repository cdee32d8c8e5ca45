#!/usr/bin/env python3
"""Joins an Ethernet device and a TUN device: frames lose and gain their Ethernet header, nothing else is touched.

    bridge.py ETHERNET TUN ADDRESS...

A TUN device has no neighbours, so the bridge itself answers ARP and Neighbor Solicitations for the addresses, and asks
for whoever a packet is for. The kernel must have no address on either device.
"""
import ipaddress
import select
import socket
import struct
import sys

SO_RCVBUFFORCE = 33  # of <asm/socket.h>
ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 3, 0x0800, 0x0806, 0x86DD


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Bridge:
    def __init__(self, ethernet, tun, addresses):
        self.wire = self.open(ethernet)
        self.tun = self.open(tun)
        self.mac = self.wire.getsockname()[4]
        self.ours = {ipaddress.ip_address(a).packed for a in addresses}
        self.peer = b"\xff" * 6  # there is one other station: whoever was heard last

    @staticmethod
    def open(device):
        opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        opened.bind((device, ETH_P_ALL))
        return opened

    def answer_arp(self, arp):
        operation = struct.unpack("!H", arp[6:8])[0]
        if operation == 1 and arp[24:28] in self.ours:
            answer = arp[:6] + b"\0\2" + self.mac + arp[24:28] + arp[8:18]
            self.wire.send(arp[8:14] + self.mac + struct.pack("!H", ETH_P_ARP) + answer)

    def answer_solicitation(self, packet):
        """Whether it was a solicitation, which the stack need not see: on a TUN device there are none."""
        if packet[6] != 58 or len(packet) < 64 or packet[40] != 135:
            return False
        target, source = packet[48:64], packet[8:24]
        if target in self.ours and any(source):
            icmp = struct.pack("!BBHL", 136, 0, 0, 0x60000000) + target + b"\2\1" + self.mac
            pseudo = target + source + struct.pack("!LL", len(icmp), 58)
            icmp = icmp[:2] + struct.pack("!H", checksum(pseudo + icmp)) + icmp[4:]
            header = struct.pack("!LHBB", 0x60000000, len(icmp), 58, 255) + target + source
            self.wire.send(self.peer + self.mac + struct.pack("!H", ETH_P_IPV6) + header + icmp)
        return True

    def from_wire(self):
        frame, (_, _, kind, _, _) = self.wire.recvfrom(1 << 16)
        if kind == socket.PACKET_OUTGOING or len(frame) < 15:
            return
        kind = struct.unpack("!H", frame[12:14])[0]
        self.peer = frame[6:12]
        packet = frame[14:]
        if kind == ETH_P_ARP:
            self.answer_arp(packet)
        elif kind == ETH_P_IPV6 and len(packet) >= 40 and self.answer_solicitation(packet):
            return
        elif kind in (ETH_P_IP, ETH_P_IPV6):
            try:
                self.tun.sendto(packet, (self.tun.getsockname()[0], kind))
            except OSError as error:  # longer than the MTU
                print("bridge:", error, len(packet), file=sys.stderr)

    def from_tun(self):
        packet, (_, _, kind, _, _) = self.tun.recvfrom(1 << 16)
        if kind != socket.PACKET_OUTGOING and packet:
            kind = ETH_P_IP if packet[0] >> 4 == 4 else ETH_P_IPV6
            self.wire.send(self.peer + self.mac + struct.pack("!H", kind) + packet)

    def run(self):
        while True:
            for ready in select.select([self.wire, self.tun], [], [])[0]:
                self.from_wire() if ready is self.wire else self.from_tun()


if __name__ == "__main__":
    Bridge(sys.argv[1], sys.argv[2], sys.argv[3:]).run()
