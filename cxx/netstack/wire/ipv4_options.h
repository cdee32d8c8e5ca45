// The options of an IPv4 header: their numbers, and what stands where in them
// (RFC 791 3.1, RFC 2113).
#ifndef NETSTACK_WIRE_IPV4_OPTIONS_H_
#define NETSTACK_WIRE_IPV4_OPTIONS_H_

#include <cstddef>
#include <cstdint>

namespace netstack::wire {

inline constexpr size_t kIpv4MaximumOptions = 40;

// The first byte of each. The first two have no other.
enum Ipv4Option : uint8_t {
  kIpv4EndOfOptions = 0,
  kIpv4NoOperation = 1,
  kIpv4RecordRoute = 7,
  kIpv4Experiment = 30,  // RFC 4727
  kIpv4Timestamp = 68,
  kIpv4RouterAlert = 148,
};

// Offsets. A pointer counts from 1, the option's first byte.
inline constexpr uint8_t kIpv4OptionLength = 1;
inline constexpr uint8_t kIpv4OptionPointer = 2;   // Record Route, Timestamp
inline constexpr uint8_t kIpv4OptionOverflow = 3;  // Timestamp; the flag in the lower half
inline constexpr uint8_t kIpv4OptionValue = 2;     // Router Alert

inline constexpr uint8_t kIpv4RecordRouteHeader = 3;
inline constexpr uint8_t kIpv4TimestampHeader = 4;
inline constexpr uint8_t kIpv4RouterAlertSize = 4;
inline constexpr uint8_t kIpv4ExperimentSize = 4;

enum Ipv4TimestampFlag : uint8_t {
  kIpv4TimesOnly = 0,
  kIpv4TimesWithAddresses = 1,
  kIpv4TimesOfGivenAddresses = 3,
};

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_IPV4_OPTIONS_H_
