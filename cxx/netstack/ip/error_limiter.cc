#include "netstack/ip/error_limiter.h"

#include <algorithm>

#include "netstack/wire/icmp.h"

namespace netstack::ip {

namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr unsigned kBurstBits = 32;
constexpr uint8_t kFragmentationNeeded = 4;

// No time between tokens: any number of them.
constexpr uint64_t PackRate(uint32_t per_second, uint32_t burst) noexcept {
  if (per_second == ErrorLimiter::kUnlimited) return 1;
  if (per_second == 0) return kSecond << kBurstBits;
  return ((kSecond + per_second - 1) / per_second) << kBurstBits | burst;
}

}  // namespace

ErrorLimiter::ErrorLimiter(const Options& options) noexcept {
  SetRate(options.per_second, options.burst);
  for (const uint8_t type : {wire::kIcmpv4DestinationUnreachable, wire::kIcmpv4SourceQuench,
                             wire::kIcmpv4TimeExceeded, wire::kIcmpv4ParameterProblem}) {
    SetLimited(wire::Family::kIpv4, type, true);
  }
  for (uint8_t type = 0; type < 128; ++type) {
    SetLimited(wire::Family::kIpv6, type, type != wire::kIcmpv6PacketTooBig);
  }
}

void ErrorLimiter::SetRate(uint32_t per_second, uint32_t burst) noexcept {
  rate_.store(PackRate(per_second, burst), std::memory_order_relaxed);
  full_at_.store(0, std::memory_order_relaxed);
}

void ErrorLimiter::SetLimited(wire::Family family, uint8_t type, bool limited) noexcept {
  std::atomic<uint64_t>& word = limited_[wire::Index(family)][type / kWordBits];
  const uint64_t bit = uint64_t{1} << type % kWordBits;
  if (limited) {
    word.fetch_or(bit, std::memory_order_relaxed);
  } else {
    word.fetch_and(~bit, std::memory_order_relaxed);
  }
}

bool ErrorLimiter::IsLimited(wire::Family family, uint8_t type, uint8_t code) const noexcept {
  if (family == wire::Family::kIpv4 && type == wire::kIcmpv4DestinationUnreachable &&
      code == kFragmentationNeeded) {
    return false;
  }
  const uint64_t word =
      limited_[wire::Index(family)][type / kWordBits].load(std::memory_order_relaxed);
  return (word >> type % kWordBits & 1) != 0;
}

// A bucket that lacks tokens is as far from full as it takes to get them.
bool ErrorLimiter::Take(uint64_t now) noexcept {
  const uint64_t rate = rate_.load(std::memory_order_relaxed);
  const uint64_t interval = rate >> kBurstBits;
  if (interval == 0) return true;
  const uint64_t capacity = interval * static_cast<uint32_t>(rate);  // below 2^62
  // That long before the end of time, which nobody sees, it stops to refill.
  now = std::min(now, UINT64_MAX - capacity);
  uint64_t full_at = full_at_.load(std::memory_order_relaxed);
  uint64_t lacking = 0;
  do {
    lacking = full_at > now ? full_at - now : 0;
    if (lacking > capacity || capacity - lacking < interval) return false;
  } while (!full_at_.compare_exchange_weak(full_at, now + lacking + interval,
                                           std::memory_order_relaxed));
  return true;
}

bool ErrorLimiter::Allow(wire::Family family, uint8_t type, uint8_t code, uint64_t now) noexcept {
  return !IsLimited(family, type, code) || Take(now);
}

}  // namespace netstack::ip
