#include "netstack/base/random.h"

#include <chrono>
#include <exception>
#include <random>

#if defined(__linux__)
#include <sys/random.h>
#endif

namespace netstack::base {

uint64_t SystemRandomNumber() noexcept {
#if defined(__linux__)
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) == static_cast<ssize_t>(sizeof number)) return number;
#endif
  try {
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) | device();
  } catch (const std::exception&) {
    // No entropy at all: the clock differs between runs, which is all we need.
    return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }
}

uint64_t SeededRandom::Next() noexcept {
  const std::lock_guard lock(mutex_);
  state_ += 0x9e3779b97f4a7c15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace netstack::base
