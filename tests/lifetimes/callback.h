// The kinds of callback that there are.
#ifndef NETSTACK_TESTS_LIFETIMES_CALLBACK_H_
#define NETSTACK_TESTS_LIFETIMES_CALLBACK_H_

#include <array>
#include <cstddef>
#include <ostream>
#include <string>

namespace support {

enum class Callback : size_t {
  kHandler,
  kTransmit,       // of the callback link that is NIC 1
  kChannelNotify,  // of the channel that is NIC 2
  kCaptureWrite,   // of what passes NIC 1
  kPingNotify,
  kRawNotify,
  kNow,   // of the clock,
  kWait,  // likewise, with the same user data
  kRandom,
  kVisit,  // of the counters, with user data that stays the caller's
};
inline constexpr std::array kCallbacks = {
    Callback::kHandler,    Callback::kTransmit,  Callback::kChannelNotify, Callback::kCaptureWrite,
    Callback::kPingNotify, Callback::kRawNotify, Callback::kNow,           Callback::kWait,
    Callback::kRandom,     Callback::kVisit};

inline std::string NameOf(Callback which) {
  static constexpr std::array<const char*, kCallbacks.size()> kNames = {
      "Handler",   "Transmit", "ChannelNotify", "CaptureWrite", "PingNotify",
      "RawNotify", "Now",      "Wait",          "Random",       "Visit"};
  return kNames[static_cast<size_t>(which)];
}
inline std::ostream& operator<<(std::ostream& out, Callback which) { return out << NameOf(which); }

}  // namespace support

#endif  // NETSTACK_TESTS_LIFETIMES_CALLBACK_H_
