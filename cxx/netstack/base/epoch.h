// What those who read the configuration and those who change it agree by:
// readers store something and then look at something else, writers do the same
// the other way round, so a barrier must stand between on both sides. The
// reader's costs nothing: the writer has one made on every core (membarrier(2)).
// Where the kernel has none, readers pay.
#ifndef NETSTACK_BASE_EPOCH_H_
#define NETSTACK_BASE_EPOCH_H_

#include <atomic>
#include <cstdint>

#include "netstack/base/sanitizer.h"

namespace netstack::base {

class Epoch {
 public:
  static inline constinit std::atomic<uint64_t> now{1};
  // Of the newest object that is to be deleted soon; 0: there is none. Who
  // entered earlier looks after it when leaving.
  static inline constinit std::atomic<uint64_t> soon{0};

  // Why a reader should look closer after its store. 0 is the rule.
  static constexpr uint32_t kNoMembarrier = 1;  // it pays for the barrier
  static constexpr uint32_t kWaiter = 2;        // for a call of user code to end
  static constexpr uint32_t kSoon = 4;          // something is to be deleted soon
  static inline constinit std::atomic<uint32_t> attention{kNoMembarrier};

  static void FullBarrier() noexcept {
#if defined(NETSTACK_BASE_THREAD_SANITIZER)
    // ThreadSanitizer knows no fences. Two changes of one number come one after
    // the other, and the second sees what went before the first.
    static_cast<void>(now.fetch_add(0, std::memory_order_acq_rel));
#else
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  }
  // The reader's side, after its store: whether something asks for attention.
  static bool ReaderBarrier() noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (attention.load(std::memory_order_relaxed) == 0) [[likely]]
      return false;
    SlowBarrier();
    return true;
  }
  static bool Asks(uint32_t what) noexcept {
    return (attention.load(std::memory_order_relaxed) & what) != 0;
  }

 private:
  [[gnu::cold, gnu::noinline]] static void SlowBarrier() noexcept {
    if (Asks(kNoMembarrier)) FullBarrier();
  }
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_EPOCH_H_
