package main

import (
	"encoding/binary"
	"slices"
)

const (
	identifier = 0x04d2
	sequence   = 7
	tos        = 0x20
	arrivedTTL = 57 // on its way; a reply starts anew
	defaultTTL = 64
)

// packets makes an Echo Request with so many bytes of data, and the reply that it must get.
func packets(version, data int) (request, reply []byte) {
	payload := make([]byte, data)
	for i := range payload {
		payload[i] = byte(i * 7)
	}
	if version == 4 {
		ours, peer := ours4.Addr().AsSlice(), theirs[4].AsSlice()
		return ipv4Packet(peer, ours, arrivedTTL, 8, payload), ipv4Packet(ours, peer, defaultTTL, 0, payload)
	}
	ours, peer := ours6.Addr().AsSlice(), theirs[6].AsSlice()
	return ipv6Packet(peer, ours, arrivedTTL, 128, payload), ipv6Packet(ours, peer, defaultTTL, 129, payload)
}

func ipv4Packet(source, destination []byte, ttl, kind byte, payload []byte) []byte {
	header := []byte{0x45, tos, 0, 0, 0xbe, 0xef, 0x40, 0, ttl, 1, 0, 0}
	header = slices.Concat(header, source, destination)
	binary.BigEndian.PutUint16(header[2:], uint16(len(header)+8+len(payload)))
	binary.BigEndian.PutUint16(header[10:], checksum(header))
	return append(header, echo(kind, nil, payload)...)
}

func ipv6Packet(source, destination []byte, hopLimit, kind byte, payload []byte) []byte {
	length := binary.BigEndian.AppendUint16(nil, uint16(8+len(payload)))
	header := slices.Concat([]byte{0x60 | tos>>4, tos << 4 & 0xff, 0, 0}, length, []byte{58, hopLimit}, source, destination)
	// The pseudo-header of RFC 8200 8.1.
	return append(header, echo(kind, slices.Concat(source, destination, []byte{0, 0}, length, []byte{0, 0, 0, 58}), payload)...)
}

func echo(kind byte, pseudoHeader, payload []byte) []byte {
	message := append([]byte{kind, 0, 0, 0, identifier >> 8, identifier & 0xff, 0, sequence}, payload...)
	binary.BigEndian.PutUint16(message[2:], checksum(slices.Concat(pseudoHeader, message)))
	return message
}

// checksum is that of RFC 1071.
func checksum(bytes []byte) uint16 {
	sum := 0
	for i, b := range bytes {
		sum += int(b) << (8 * (1 - i&1))
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
