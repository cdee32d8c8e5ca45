// What time it is. Nothing in the stack asks the operating system but through
// one of these, so every behaviour can be tested with a clock set by hand.
#ifndef NETSTACK_BASE_CLOCK_H_
#define NETSTACK_BASE_CLOCK_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "netstack/base/status.h"

namespace netstack::base {

// Nanoseconds. Any thread may call a clock.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // Never goes back; its zero means nothing.
  virtual uint64_t Now() noexcept = 0;
  // Since 1970-01-01 UTC; may jump.
  virtual uint64_t WallNow() noexcept = 0;

  // Whether Wait() works, so that the stack's own loop can run on this clock.
  [[nodiscard]] virtual bool can_wait() const noexcept = 0;
  // Returns when `descriptor` is readable, when Now() has reached `deadline`
  // (UINT64_MAX: never), or earlier.
  virtual Status Wait(int descriptor, uint64_t deadline) noexcept = 0;
};

class SystemClock final : public Clock {
 public:
  uint64_t Now() noexcept override;
  uint64_t WallNow() noexcept override;
  [[nodiscard]] bool can_wait() const noexcept override { return true; }
  Status Wait(int descriptor, uint64_t deadline) noexcept override;
};

// Stands still until somebody moves it. Both times are the same number.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(uint64_t start = 0) noexcept : now_(start) {}
  uint64_t Now() noexcept override { return now_.load(std::memory_order_acquire); }
  uint64_t WallNow() noexcept override { return Now(); }
  [[nodiscard]] bool can_wait() const noexcept override { return false; }
  Status Wait(int, uint64_t) noexcept override { return Status::kUnsupported; }

  // Time never goes back: it stops short of the time that never comes.
  void Advance(uint64_t nanoseconds) noexcept {
    constexpr uint64_t kLast = UINT64_MAX - 1;
    uint64_t now = now_.load(std::memory_order_relaxed);
    uint64_t next = 0;
    do {
      next = now < kLast && nanoseconds < kLast - now ? now + nanoseconds : std::max(now, kLast);
    } while (!now_.compare_exchange_weak(now, next, std::memory_order_acq_rel));
  }

 private:
  std::atomic<uint64_t> now_;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_CLOCK_H_
