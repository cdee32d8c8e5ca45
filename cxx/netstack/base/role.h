// What one call at a time does for all, such as serving a device; free again when
// that call was left without returning.
#ifndef NETSTACK_BASE_ROLE_H_
#define NETSTACK_BASE_ROLE_H_

#include <atomic>
#include <cstdint>

#include "netstack/base/thread_record.h"

namespace netstack::base {

// Names a call that is under way, so that every thread can tell when it was left.
// One word, to be exchanged at once: the thread's record, whose address is below
// 2^48 and ends in zeros; which of its frames the user code beneath the call has;
// and how often that was left before.
class CallMark {
 public:
  // No call's.
  constexpr CallMark() noexcept = default;
  // What `thread`, which is the calling one, does from here on: inside an Entry,
  // or right after Entry::FromCallback().
  explicit CallMark(const ThreadRecord& thread) noexcept
      : CallMark(thread, static_cast<uint64_t>(thread.top_ + 1 - thread.frames_.data())) {}
  // No call's, and there shall be none.
  static constexpr CallMark Never() noexcept { return CallMark(1); }

  bool operator==(const CallMark&) const noexcept = default;
  [[nodiscard]] bool IsCall() const noexcept { return word_ >= kFrames; }
  // Whether user code beneath the call did not return, as far as is known.
  [[nodiscard]] bool WasLeft() const noexcept {
    return IsCall() && CallMark(*thread(), word_ % kFrames) != *this;
  }

 private:
  static constexpr uint64_t kFrames = alignof(ThreadRecord);
  static constexpr uint64_t kRecord = (uint64_t{1} << 48) - kFrames;
  static_assert(kMaxFrames + 2 <= kFrames);

  explicit constexpr CallMark(uint64_t word) noexcept : word_(word) {}
  CallMark(const ThreadRecord& thread, uint64_t frame) noexcept
      : word_(reinterpret_cast<uintptr_t>(&thread) | frame |
              uint64_t{thread.frames_[frame].left.load(std::memory_order_acquire)} << 48) {}

  [[nodiscard]] const ThreadRecord* thread() const noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): pointer and counts are exchanged as one word
    return reinterpret_cast<const ThreadRecord*>(static_cast<uintptr_t>(word_ & kRecord));
  }

  uint64_t word_ = 0;
};

class Role {
 public:
  [[nodiscard]] bool Take(const ThreadRecord& thread) noexcept {
    CallMark has = call_.load(std::memory_order_acquire);
    return (has == CallMark() || has.WasLeft()) &&
           call_.compare_exchange_strong(has, CallMark(thread), std::memory_order_acq_rel);
  }
  // By whoever took it. False: it was ended meanwhile.
  bool Leave() noexcept {
    CallMark mine = call_.load(std::memory_order_relaxed);
    return mine != CallMark::Never() &&
           call_.compare_exchange_strong(mine, CallMark(), std::memory_order_acq_rel);
  }
  [[nodiscard]] bool taken() const noexcept {
    const CallMark has = call_.load(std::memory_order_acquire);
    return has.IsCall() && !has.WasLeft();
  }
  // Whether somebody had it who left without returning. Said once.
  bool FreeIfLeft() noexcept {
    CallMark has = call_.load(std::memory_order_acquire);
    return has.WasLeft() &&
           call_.compare_exchange_strong(has, CallMark(), std::memory_order_acq_rel);
  }
  // Nobody takes it any more. Whether somebody has it.
  bool End() noexcept {
    const CallMark had = call_.exchange(CallMark::Never(), std::memory_order_acq_rel);
    return had.IsCall() && !had.WasLeft();
  }

 private:
  std::atomic<CallMark> call_{};
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_ROLE_H_
