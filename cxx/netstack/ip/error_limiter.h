// How many ICMP errors the stack may send: one token bucket for all its NICs
// and both families (RFC 1812 4.3.2.8, RFC 4443 2.4 f).
#ifndef NETSTACK_IP_ERROR_LIMITER_H_
#define NETSTACK_IP_ERROR_LIMITER_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "netstack/wire/address.h"

namespace netstack::ip {

// [any thread], none of which waits for another.
class ErrorLimiter {
 public:
  static constexpr uint32_t kUnlimited = UINT32_MAX;  // as `per_second`

  struct Options {
    uint32_t per_second = 1000;
    uint32_t burst = 50;
  };

  explicit ErrorLimiter(const Options& options) noexcept;

  // From now on the bucket holds up to `burst` tokens, as it does right after this call, and gets
  // another every 1/`per_second` seconds, rounded up to whole nanoseconds. 0 of either: no limited
  // message at all; kUnlimited: all of them, whatever `burst` is.
  void SetRate(uint32_t per_second, uint32_t burst) noexcept;

  // Whether messages of that type cost a token. At first those of IPv4 do that have the types 3, 4,
  // 11 and 12, and ICMPv6 errors (0 to 127) but Packet Too Big (2). IPv4's Fragmentation Needed,
  // type 3 code 4, never does: path MTU discovery depends on it. Of Echo Replies only those ask
  // that Configuration::echo_reply_limited says.
  void SetLimited(wire::Family family, uint8_t type, bool limited) noexcept;

  // Whether a message may be sent now, which costs a token if its type is a limited one. `now` in
  // nanoseconds, as base::Clock::Now() has it.
  bool Allow(wire::Family family, uint8_t type, uint8_t code, uint64_t now) noexcept;

 private:
  static constexpr size_t kWordBits = 64;
  using TypeSet = std::array<std::atomic<uint64_t>, 256 / kWordBits>;

  [[nodiscard]] bool IsLimited(wire::Family family, uint8_t type, uint8_t code) const noexcept;
  bool Take(uint64_t now) noexcept;

  std::array<TypeSet, 2> limited_{};
  // The time between two tokens in nanoseconds, above the burst: one word, so that both are of
  // the same call of SetRate().
  std::atomic<uint64_t> rate_{0};
  // When the bucket is full again if nobody takes a token until then.
  std::atomic<uint64_t> full_at_{0};
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_ERROR_LIMITER_H_
