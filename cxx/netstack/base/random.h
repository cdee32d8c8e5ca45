// Where random numbers come from.
#ifndef NETSTACK_BASE_RANDOM_H_
#define NETSTACK_BASE_RANDOM_H_

#include <cstdint>
#include <mutex>

namespace netstack::base {

// 64 bits from the operating system.
uint64_t SystemRandomNumber() noexcept;

// Any thread may call Next().
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  virtual uint64_t Next() noexcept = 0;
};

class SystemRandom final : public Random {
 public:
  uint64_t Next() noexcept override { return SystemRandomNumber(); }
};

// The same numbers for the same seed, on every machine (SplitMix64). Not for
// secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) noexcept : state_(seed) {}
  uint64_t Next() noexcept override;

 private:
  std::mutex mutex_;
  uint64_t state_;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_RANDOM_H_
