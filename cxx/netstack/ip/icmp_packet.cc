#include "netstack/ip/icmp_packet.h"

#include "netstack/base/byte_order.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

// RFC 791 3.1: no options, not to be kept whole.
void WriteIpv4Header(const IcmpPacket& packet, size_t length, uint8_t* to) noexcept {
  to[0] = 0x45;
  to[1] = packet.tos;
  base::Store16(to + 2, static_cast<uint16_t>(length));
  base::Store16(to + 4, packet.identification);
  base::Store16(to + 6, 0);
  to[8] = packet.ttl;
  to[9] = wire::kProtocolIcmp;
  base::Store16(to + 10, 0);
  packet.source.ToIpv4(to + 12);
  packet.destination.ToIpv4(to + 16);
  base::StoreNative(to + 10, wire::ChecksumField(wire::PartialSum(to, wire::kIpv4MinimumHeader)));
}

// RFC 8200 3: flow label 0.
void WriteIpv6Header(const IcmpPacket& packet, size_t length, uint8_t* to) noexcept {
  base::Store32(to, 0x6000'0000u | (uint32_t{packet.tos} << 20));
  base::Store16(to + 4, static_cast<uint16_t>(length - wire::kIpv6Header));
  to[6] = wire::kProtocolIcmpv6;
  to[7] = packet.ttl;
  packet.source.ToIpv6(to + 8);
  packet.destination.ToIpv6(to + 24);
}

}  // namespace

size_t MessageOffset(wire::Family family) noexcept {
  return family == wire::Family::kIpv4 ? wire::kIpv4MinimumHeader : wire::kIpv6Header;
}

void Complete(const IcmpPacket& packet, size_t length, uint8_t* to) noexcept {
  const size_t offset = MessageOffset(packet.family);
  const size_t size = length - offset;
  uint64_t pseudo_header = 0;
  if (packet.family == wire::Family::kIpv4) {
    WriteIpv4Header(packet, length, to);
  } else {
    WriteIpv6Header(packet, length, to);
    pseudo_header = wire::PartialSum(to + 8, 32) +
                    wire::PseudoHeaderSum(static_cast<uint32_t>(size), wire::kProtocolIcmpv6);
  }
  uint8_t* const message = to + offset;
  base::Store16(message + 2, 0);
  const uint64_t sum = pseudo_header + wire::PartialSum(message, size);
  base::StoreNative(message + 2, wire::ChecksumField(sum));
}

}  // namespace netstack::ip
