// The IPv6 header (RFC 8200 3) and the numbers of its extension headers.
#ifndef NETSTACK_WIRE_IPV6_H_
#define NETSTACK_WIRE_IPV6_H_

#include <cstddef>
#include <cstdint>

#include "netstack/base/byte_order.h"
#include "netstack/wire/address.h"

namespace netstack::wire {

inline constexpr size_t kIpv6Header = 40;
inline constexpr size_t kIpv6FragmentHeader = 8;
inline constexpr uint32_t kIpv6MinimumMtu = 1280;

inline constexpr uint8_t kHopByHopOptions = 0;
inline constexpr uint8_t kRoutingHeader = 43;
inline constexpr uint8_t kFragmentHeader = 44;
inline constexpr uint8_t kNoNextHeader = 59;
inline constexpr uint8_t kDestinationOptions = 60;
inline constexpr uint8_t kExperimentHeader = 253;

// A view: the bytes must be there, kIpv6Header of them.
class Ipv6View {
 public:
  explicit Ipv6View(const uint8_t* bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] uint8_t version() const noexcept { return bytes_[0] >> 4; }
  [[nodiscard]] uint8_t traffic_class() const noexcept {
    return static_cast<uint8_t>(base::Load16(bytes_) >> 4);
  }
  [[nodiscard]] uint16_t payload_length() const noexcept { return base::Load16(bytes_ + 4); }
  [[nodiscard]] uint8_t next_header() const noexcept { return bytes_[6]; }
  [[nodiscard]] uint8_t hop_limit() const noexcept { return bytes_[7]; }
  [[nodiscard]] Address source() const noexcept { return Address::FromIpv6(bytes_ + 8); }
  [[nodiscard]] Address destination() const noexcept { return Address::FromIpv6(bytes_ + 24); }

 private:
  const uint8_t* bytes_;
};

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_IPV6_H_
