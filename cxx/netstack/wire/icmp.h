// ICMP messages (RFC 792, RFC 4443, RFC 4861, RFC 2710, RFC 3810).
#ifndef NETSTACK_WIRE_ICMP_H_
#define NETSTACK_WIRE_ICMP_H_

#include <cstddef>
#include <cstdint>

#include "netstack/base/byte_order.h"

namespace netstack::wire {

inline constexpr uint8_t kProtocolIcmp = 1;
inline constexpr uint8_t kProtocolIcmpv6 = 58;

// Type, code, checksum, and four bytes that depend on the type.
inline constexpr size_t kIcmpHeader = 8;

enum Icmpv4Type : uint8_t {
  kIcmpv4EchoReply = 0,
  kIcmpv4DestinationUnreachable = 3,
  kIcmpv4SourceQuench = 4,
  kIcmpv4Redirect = 5,
  kIcmpv4EchoRequest = 8,
  kIcmpv4TimeExceeded = 11,
  kIcmpv4ParameterProblem = 12,
  kIcmpv4Timestamp = 13,
  kIcmpv4TimestampReply = 14,
  kIcmpv4InformationRequest = 15,
  kIcmpv4InformationReply = 16,
};

enum Icmpv6Type : uint8_t {
  kIcmpv6DestinationUnreachable = 1,
  kIcmpv6PacketTooBig = 2,
  kIcmpv6TimeExceeded = 3,
  kIcmpv6ParameterProblem = 4,
  kIcmpv6EchoRequest = 128,
  kIcmpv6EchoReply = 129,
  kIcmpv6MulticastListenerQuery = 130,
  kIcmpv6MulticastListenerReport = 131,
  kIcmpv6MulticastListenerDone = 132,
  kIcmpv6RouterSolicitation = 133,
  kIcmpv6RouterAdvertisement = 134,
  kIcmpv6NeighborSolicitation = 135,
  kIcmpv6NeighborAdvertisement = 136,
  kIcmpv6Redirect = 137,
  kIcmpv6MulticastListenerReportV2 = 143,
};

// A view: the bytes must be there, kIcmpHeader of them at least.
class IcmpView {
 public:
  explicit IcmpView(const uint8_t* bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] uint8_t type() const noexcept { return bytes_[0]; }
  [[nodiscard]] uint8_t code() const noexcept { return bytes_[1]; }
  [[nodiscard]] uint16_t identifier() const noexcept { return base::Load16(bytes_ + 4); }
  [[nodiscard]] uint16_t sequence() const noexcept { return base::Load16(bytes_ + 6); }

 private:
  const uint8_t* bytes_;
};

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_ICMP_H_
