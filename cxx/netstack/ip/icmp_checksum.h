// Whether an ICMP message that came in has the right checksum.
#ifndef NETSTACK_IP_ICMP_CHECKSUM_H_
#define NETSTACK_IP_ICMP_CHECKSUM_H_

#include "netstack/base/byte_order.h"
#include "netstack/packet/packet.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

// Both for messages of at least a header.
inline bool Icmpv4ChecksumIsRight(const packet::Packet& packet) noexcept {
  return wire::IsRight(packet.payload(), packet.payload_length());
}

// The checksum must be the very number that a sender computes: 0xffff, though
// arithmetic takes it for 0, never is, for no pseudo-header sums up to 0.
inline bool Icmpv6ChecksumIsRight(const packet::Packet& packet) noexcept {
  const auto length = static_cast<uint16_t>(packet.payload_length());
  // The addresses stand right before the message, but for extension headers.
  const uint64_t more = wire::PseudoHeaderSum(length, wire::kProtocolIcmpv6);
  const bool right =
      packet.header_length == wire::kIpv6Header
          ? wire::IsRight(packet.bytes + 8, 32 + size_t{length}, more)
          : wire::IsRight(packet.payload(), length, more + wire::PartialSum(packet.bytes + 8, 32));
  return right && base::LoadNative<uint16_t>(packet.payload() + 2) != 0xffff;
}

}  // namespace netstack::ip

#endif  // NETSTACK_IP_ICMP_CHECKSUM_H_
