package netstack

// #cgo noescape ns_packet_get_info
// #cgo nocallback ns_packet_get_info
// #cgo noescape ns_packet_borrow_bytes
// #cgo nocallback ns_packet_borrow_bytes
// #cgo nocallback ns_packet_unref
// #include "shim.h"
import "C"

import (
	"fmt"
	"net/netip"
	"unsafe"
)

// PacketInfo is what there is to know of an ICMP packet: a plain copy, valid for ever, in any goroutine.
// The zero value knows nothing.
type PacketInfo struct {
	info C.ns_packet_info
}

// Source is where the packet came from. A link-local address has the number of its NIC as zone.
func (p *PacketInfo) Source() netip.Addr { return fromAddress(&p.info.source) }

// Destination is where the packet went to.
func (p *PacketInfo) Destination() netip.Addr { return fromAddress(&p.info.destination) }

// NIC is the id of the NIC that the packet came in on.
func (p *PacketInfo) NIC() uint32 { return uint32(p.info.nic) }

// Identifier is that of the echo.
func (p *PacketInfo) Identifier() uint16 { return uint16(p.info.identifier) }

// Sequence is the echo's sequence number.
func (p *PacketInfo) Sequence() uint16 { return uint16(p.info.sequence) }

// Type is the ICMP type: 8 or 128 for an Echo Request, 0 or 129 for an Echo Reply.
func (p *PacketInfo) Type() uint8 { return uint8(p.info._type) }

// Code is the ICMP code, as it came.
func (p *PacketInfo) Code() uint8 { return uint8(p.info.code) }

// TTL is the TTL or Hop Limit, as it came.
func (p *PacketInfo) TTL() uint8 { return uint8(p.info.ttl) }

// TOS is the TOS or Traffic Class, as it came.
func (p *PacketInfo) TOS() uint8 { return uint8(p.info.tos) }

// Len is the length of the whole packet in bytes, from the IP header on.
func (p *PacketInfo) Len() int { return int(p.info.length) }

// IsTemporary tells that nobody assigned the destination: the NIC is promiscuous, or a local prefix covers
// it.
func (p *PacketInfo) IsTemporary() bool { return p.info.flags&C.NS_PACKET_TEMPORARY != 0 }

// IsBroadcast tells that the destination is the limited broadcast address, or a subnet's.
func (p *PacketInfo) IsBroadcast() bool { return p.info.flags&C.NS_PACKET_BROADCAST != 0 }

// IsMulticast tells that the destination is a group that the NIC has joined.
func (p *PacketInfo) IsMulticast() bool { return p.info.flags&C.NS_PACKET_MULTICAST != 0 }

// HasBadChecksum tells that the ICMP checksum is wrong. Only raw sockets see such packets.
func (p *PacketInfo) HasBadChecksum() bool { return p.info.flags&C.NS_PACKET_BAD_CHECKSUM != 0 }

// String is one line for logs: "10.0.0.2 > 10.7.0.1: echo request, id 1, seq 2, 84 bytes".
func (p *PacketInfo) String() string {
	kind := fmt.Sprintf("ICMP type %d", p.Type())
	switch {
	case p.info.source.family == C.NS_FAMILY_IPV4 && p.Type() == 8, p.Type() == 128:
		kind = "echo request"
	case p.info.source.family == C.NS_FAMILY_IPV4 && p.Type() == 0, p.Type() == 129:
		kind = "echo reply"
	}
	return fmt.Sprintf("%v > %v: %s, id %d, seq %d, %d bytes",
		p.Source(), p.Destination(), kind, p.Identifier(), p.Sequence(), p.Len())
}

// Packet is a packet that is kept: its facts and its bytes, in Go's memory, without any right to answer.
type Packet struct {
	PacketInfo
	bytes []byte
}

// Bytes is the whole packet from the IP header on. It is the packet's own: not to be changed.
func (p *Packet) Bytes() []byte { return p.bytes }

// Payload is the echo data. It is the packet's own: not to be changed.
func (p *Packet) Payload() []byte {
	if int(p.info.payload_offset) > len(p.bytes) {
		return nil
	}
	return p.bytes[p.info.payload_offset:]
}

// takePacket copies the library's packet and gives it back.
func takePacket(packet *C.ns_packet) *Packet {
	defer C.ns_packet_unref(packet)
	out := &Packet{}
	var bytes *C.uint8_t
	var length C.size_t
	if C.ns_packet_get_info(packet, &out.info, C.size_t(unsafe.Sizeof(out.info))) != C.NS_OK ||
		C.ns_packet_borrow_bytes(packet, &bytes, &length) != C.NS_OK {
		return out
	}
	out.bytes = C.GoBytes(unsafe.Pointer(bytes), C.int(length))
	return out
}
