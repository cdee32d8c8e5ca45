// An ICMP error that came in: what it says, and of which packet (RFC 792, RFC 1191,
// RFC 4443 3).
#ifndef NETSTACK_WIRE_ICMP_ERROR_MESSAGE_H_
#define NETSTACK_WIRE_ICMP_ERROR_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <span>

#include "netstack/wire/address.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/quoted_packet.h"

namespace netstack::wire {

// Redirect is none: what it is about got through. Of ICMPv6 half of all types are (RFC 4443 2.1).
constexpr bool IsIcmpError(Family family, uint8_t type) noexcept {
  if (family == Family::kIpv6) return type < 128;
  return type == kIcmpv4DestinationUnreachable || type == kIcmpv4SourceQuench ||
         type == kIcmpv4TimeExceeded || type == kIcmpv4ParameterProblem;
}

struct IcmpErrorMessage {
  // What both families have in common; type and code tell more.
  enum class Kind : uint8_t {
    kUnreachable,
    kPacketTooBig,  // of IPv4, Fragmentation Needed
    kTimeExceeded,
    kParameterProblem,
    kSourceQuench,
    kUnknown,  // a type of ICMPv6 that is to be passed up all the same (RFC 4443 2.4 a)
  };

  // From the ICMP header on; its checksum is not looked at. Nothing: not an error, or not a whole
  // header.
  static std::optional<IcmpErrorMessage> Parse(Family family,
                                               std::span<const uint8_t> message) noexcept;

  Family family = Family::kIpv4;
  uint8_t type = 0;
  uint8_t code = 0;
  Kind kind = Kind::kUnknown;
  uint32_t mtu = 0;      // of kPacketTooBig: of the next hop, as told, which may be 0
  uint32_t pointer = 0;  // of kParameterProblem: the byte of the packet that it is about
  std::optional<QuotedPacket> quoted;  // nothing: what is repeated is no packet
};

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_ICMP_ERROR_MESSAGE_H_
