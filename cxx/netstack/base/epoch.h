// What those who read the configuration and those who change it agree by:
// readers store something and then look at something else, writers do the same
// the other way round, so a barrier must stand between on both sides. The
// reader's costs nothing: the writer has one made on every core (membarrier(2)).
// Where the kernel has none, readers pay.
#ifndef NETSTACK_BASE_EPOCH_H_
#define NETSTACK_BASE_EPOCH_H_

#include <atomic>
#include <cstdint>

#if defined(__SANITIZE_THREAD__)
#define NETSTACK_BASE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NETSTACK_BASE_THREAD_SANITIZER 1
#endif
#endif

namespace netstack::base {

class Epoch {
 public:
  static inline constinit std::atomic<uint64_t> now{1};
  // Of the newest object that is to be deleted soon; 0: there is none. Who
  // entered earlier looks after it when leaving.
  static inline constinit std::atomic<uint64_t> soon{0};
  static inline constinit std::atomic<uint32_t> waiters{0};       // for a call of user code to end
  static inline constinit std::atomic<bool> readers_fence{true};  // no membarrier: readers pay

  static void FullBarrier() noexcept {
#if defined(NETSTACK_BASE_THREAD_SANITIZER)
    // ThreadSanitizer knows no fences. Two changes of one number come one after
    // the other, and the second sees what went before the first.
    static_cast<void>(now.fetch_add(0, std::memory_order_acq_rel));
#else
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  }
  // The reader's side.
  static void LightBarrier() noexcept {
    if (readers_fence.load(std::memory_order_relaxed)) [[unlikely]] {
      FullBarrier();
    } else {
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
  }
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_EPOCH_H_
