// The IPv4 header (RFC 791 3.1).
#ifndef NETSTACK_WIRE_IPV4_H_
#define NETSTACK_WIRE_IPV4_H_

#include <cstddef>
#include <cstdint>

#include "netstack/base/byte_order.h"
#include "netstack/wire/address.h"

namespace netstack::wire {

inline constexpr size_t kIpv4MinimumHeader = 20;
inline constexpr uint32_t kIpv4MinimumMtu = 68;

// A view: the bytes must be there, kIpv4MinimumHeader of them at least.
class Ipv4View {
 public:
  explicit Ipv4View(const uint8_t* bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] uint8_t version() const noexcept { return bytes_[0] >> 4; }
  [[nodiscard]] size_t header_length() const noexcept {
    return static_cast<size_t>(bytes_[0] & 0x0f) * 4;
  }
  [[nodiscard]] uint8_t tos() const noexcept { return bytes_[1]; }
  [[nodiscard]] uint16_t total_length() const noexcept { return base::Load16(bytes_ + 2); }
  [[nodiscard]] uint16_t identification() const noexcept { return base::Load16(bytes_ + 4); }
  // A fragment: More Fragments, or an offset.
  [[nodiscard]] bool is_fragment() const noexcept {
    return (base::Load16(bytes_ + 6) & 0x3fff) != 0;
  }
  [[nodiscard]] bool more_fragments() const noexcept { return (bytes_[6] & 0x20) != 0; }
  // In bytes.
  [[nodiscard]] uint32_t fragment_offset() const noexcept {
    return (base::Load16(bytes_ + 6) & 0x1fffu) * 8;
  }
  [[nodiscard]] bool dont_fragment() const noexcept { return (bytes_[6] & 0x40) != 0; }
  [[nodiscard]] uint8_t ttl() const noexcept { return bytes_[8]; }
  [[nodiscard]] uint8_t protocol() const noexcept { return bytes_[9]; }
  // The first, which tells what kind of address it is.
  [[nodiscard]] uint8_t source_byte() const noexcept { return bytes_[12]; }
  [[nodiscard]] uint8_t destination_byte() const noexcept { return bytes_[16]; }
  [[nodiscard]] Address source() const noexcept { return Address::FromIpv4(bytes_ + 12); }
  [[nodiscard]] Address destination() const noexcept { return Address::FromIpv4(bytes_ + 16); }

 private:
  const uint8_t* bytes_;
};

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_IPV4_H_
