// IPv6 extension headers and the options in them (RFC 8200 4).
#ifndef NETSTACK_WIRE_IPV6_EXTENSION_H_
#define NETSTACK_WIRE_IPV6_EXTENSION_H_

#include <cstddef>
#include <cstdint>

#include "netstack/base/byte_order.h"
#include "netstack/wire/ipv6.h"

namespace netstack::wire {

inline constexpr uint8_t kOptionPad1 = 0;
inline constexpr uint8_t kOptionPadN = 1;
inline constexpr uint8_t kOptionRouterAlert = 5;
inline constexpr uint8_t kRouterAlertLength = 2;

// RFC 2711 2.1.
inline constexpr uint16_t kRouterAlertMld = 0;

// What the two high bits of an option's type want done by who does not know it (RFC 8200 4.2).
enum class OptionAction : uint8_t {
  kSkip,
  kDiscard,
  kDiscardAndReport,
  kDiscardAndReportUnlessGroup,
};
constexpr OptionAction ActionOf(uint8_t option_type) noexcept {
  return static_cast<OptionAction>(option_type >> 6);
}

// Of those that a host walks over. What is encrypted or authenticated (50, 51) is an upper layer
// to a host that has no keys, and No Next Header is none at all.
constexpr bool IsExtensionHeader(uint8_t number) noexcept {
  return number == kHopByHopOptions || number == kRoutingHeader || number == kFragmentHeader ||
         number == kDestinationOptions || number == kExperimentHeader;
}

// One of those; the bytes must be there, length() of them.
class Ipv6ExtensionView {
 public:
  explicit Ipv6ExtensionView(const uint8_t* bytes) noexcept : bytes_(bytes) {}

  // 0: fewer are there than the header says. The second byte of a Fragment header is reserved
  // and that of an experiment means nothing: both have 8 bytes.
  static size_t Length(uint8_t number, const uint8_t* bytes, size_t available) noexcept {
    if (available < 8) return 0;
    if (number == kFragmentHeader || number == kExperimentHeader) return 8;
    const size_t length = (size_t{bytes[1]} + 1) * 8;
    return length <= available ? length : 0;
  }

  [[nodiscard]] uint8_t next_header() const noexcept { return bytes_[0]; }
  // Of a Routing header.
  [[nodiscard]] uint8_t segments_left() const noexcept { return bytes_[3]; }
  // Of a Fragment header.
  [[nodiscard]] uint16_t fragment_offset() const noexcept {  // in bytes
    return base::Load16(bytes_ + 2) & 0xfff8;
  }
  [[nodiscard]] bool more_fragments() const noexcept { return (bytes_[3] & 1) != 0; }
  // The one fragment of its packet (RFC 6946).
  [[nodiscard]] bool is_atomic() const noexcept {
    return fragment_offset() == 0 && !more_fragments();
  }

 private:
  const uint8_t* bytes_;
};

enum class OptionsWalk : uint8_t {
  kThrough,
  kStopped,    // by who visited an option
  kMalformed,  // an option does not end within the header
};

// Calls `visit` with each option but padding of an options header that has `length` bytes, until it
// returns false.
template <typename Visit>
OptionsWalk WalkOptions(const uint8_t* header, size_t length, Visit&& visit) noexcept {
  for (size_t at = 2; at < length;) {
    const uint8_t* const option = header + at;
    if (option[0] == kOptionPad1) {
      ++at;
      continue;
    }
    const size_t left = length - at;
    if (left < 2 || option[1] > left - 2) return OptionsWalk::kMalformed;
    if (option[0] != kOptionPadN && !visit(option)) return OptionsWalk::kStopped;
    at += size_t{2} + option[1];
  }
  return OptionsWalk::kThrough;
}

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_IPV6_EXTENSION_H_
