// One record per thread that ever entered the library: which configuration it
// may be reading, which user code it is running, and its share of the counters.
//
// A record outlives its thread and is handed to the next one. Only its own
// thread writes it; writers of configuration read the atomics.
#ifndef NETSTACK_BASE_THREAD_RECORD_H_
#define NETSTACK_BASE_THREAD_RECORD_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "netstack/base/epoch.h"
#include "netstack/base/sanitizer.h"

namespace netstack::base {

// A packet injected from inside a callback is handled at once, this deep.
inline constexpr uint32_t kMaxNestedDeliveries = 8;
// Each delivery may call a handler, which may call a transmit function.
inline constexpr uint32_t kMaxFrames = 32;
// A packet of the largest size, and the four bytes of packet information.
inline constexpr size_t kScratchSize = 65'536 + 64;

// What an entry into the library found, and what leaving it goes back to. One
// word: it is copied right after a part of it was changed, which a processor
// makes one wait for unless both have the same width. The entries, which have no
// bound, come last.
class EntryMark {
 public:
  [[nodiscard]] bool outside() const noexcept { return word_ < kEntry; }
  [[nodiscard]] uint32_t deliveries() const noexcept { return static_cast<uint8_t>(word_); }
  [[nodiscard]] uint32_t scratch_depth() const noexcept {
    return static_cast<uint8_t>(word_ / kScratch);
  }
  void PushEntry() noexcept { word_ += kEntry; }
  void PushDelivery() noexcept { ++word_; }
  void PopDelivery() noexcept { --word_; }
  void PushScratch() noexcept { word_ += kScratch; }
  void PopScratch() noexcept { word_ -= kScratch; }

 private:
  static constexpr uint64_t kScratch = 1u << 8;
  static constexpr uint64_t kEntry = 1u << 16;

  uint64_t word_ = 0;
};

class UserCall;

// One call of user code that has not returned, as far as this thread knows. What
// only a handler's call has is put back when that ends, so that others need not
// set it.
struct CallFrame {
  const UserCall* call = nullptr;
  EntryMark inside;         // how things stand while the user code runs
  uint64_t request = 0;     // whose callback it is; 0: no request's
  void* context = nullptr;  // what that names; null: nothing, or lost to the parent of a fork
  std::atomic<const void*> running{nullptr};  // looked at by who removes a handler
  std::atomic<uint16_t> left{0};              // how often a call here was left without returning
#if defined(NETSTACK_BASE_ADDRESS_SANITIZER)
  uintptr_t stack_address = 0;  // `call` may stand elsewhere
#endif
};

class alignas(64) ThreadRecord {
 public:
  ThreadRecord() noexcept { top_ = frames_.data(); }
  ThreadRecord(const ThreadRecord&) = delete;
  ThreadRecord& operator=(const ThreadRecord&) = delete;

  // The calling thread's record; null if there is no memory for one.
  static ThreadRecord* Current() noexcept {
    ThreadRecord* record = current_;
    return record != nullptr ? record : Register();
  }

  // Where this thread's share of every counter block is. No other thread that
  // lives has it; a later one gets it again.
  [[nodiscard]] uint32_t index() const noexcept { return index_; }

  [[nodiscard]] bool InsideCallback() const noexcept { return top_ != frames_.data(); }

  // What `request` names; null: it has ended, or never was.
  [[nodiscard]] void* FindRequest(uint64_t request) const noexcept {
    const CallFrame* frame = top_;
    while (frame->request != request) [[unlikely]] {
        if (frame == frames_.data()) return nullptr;
        --frame;
      }
    return frame->context;
  }

  // What no request of this copy of the library had or will have; never 0.
  uint64_t NextRequest() noexcept {
    if (next_request_ == last_request_) [[unlikely]]
      TakeRequests();
    return next_request_++;
  }

  // Memory of kScratchSize bytes, last in, first out; null if there is none.
  uint8_t* PushScratch() noexcept {
    if (!HasScratch() && !MakeScratch()) [[unlikely]]
      return nullptr;
    uint8_t* const scratch = scratch_[now_.scratch_depth()];
    now_.PushScratch();
    return scratch;
  }
  void PopScratch() noexcept { now_.PopScratch(); }
  // Whether the next is there already, and need not be made.
  [[nodiscard]] bool HasScratch() const noexcept {
    return scratch_[now_.scratch_depth()] != nullptr;
  }

 private:
  friend class Registry;
  friend class Entry;
  friend class UserCall;
  friend class HandlerCall;
  friend class Delivery;
  friend class CallMark;

  [[gnu::cold]] static ThreadRecord* Register() noexcept;
  static void OnThreadExit(void* leaving) noexcept;
  [[gnu::cold]] void TakeRequests() noexcept;
  [[nodiscard]] bool OnOwnStack(uintptr_t address) const noexcept {
    return address >= stack_low_ && address < stack_high_;
  }
  [[nodiscard]] bool IsDead(const CallFrame& frame, uintptr_t stack_address) const noexcept;
  [[gnu::cold]] void DropDeadFrames() noexcept;
  [[gnu::cold]] void PopFramesTo(CallFrame* top) noexcept;
  static void EndRunning(CallFrame* frame) noexcept;
  void EnterEpoch() noexcept;
  void LeaveEpoch() noexcept;
  [[nodiscard, gnu::cold]] bool MakeScratch() noexcept;
  [[gnu::cold]] static void NotifyFrameLeft() noexcept;
  [[gnu::cold]] static void Reclaim(uint64_t left_epoch) noexcept;

  static thread_local constinit ThreadRecord* current_;

  // 0: this thread holds no configuration. Else it entered in that epoch.
  std::atomic<uint64_t> epoch_{0};
  EntryMark now_;
  CallFrame* top_ = nullptr;
  uintptr_t stack_low_ = 0;  // bounds of the thread's own stack; 0: not known
  uintptr_t stack_high_ = 0;
  uint64_t next_request_ = 0;
  uint64_t last_request_ = 0;
  uint32_t index_ = 0;
  // The first is no call's, the last that of every call which is refused.
  std::array<CallFrame, kMaxFrames + 2> frames_{};
  std::array<uint8_t*, kMaxFrames + 1> scratch_{};  // the last is none
  ThreadRecord* next_ = nullptr;  // all records ever made, under the registry's lock
  bool in_use_ = false;           // likewise
};

inline void ThreadRecord::EndRunning(CallFrame* frame) noexcept {
  frame->running.store(nullptr, std::memory_order_release);
  if (Epoch::ReaderBarrier()) [[unlikely]]
    NotifyFrameLeft();
}

inline void ThreadRecord::LeaveEpoch() noexcept {
  const uint64_t epoch = epoch_.load(std::memory_order_relaxed);
  epoch_.store(0, std::memory_order_release);
  if (Epoch::ReaderBarrier()) [[unlikely]]
    Reclaim(epoch);
}

inline void ThreadRecord::EnterEpoch() noexcept {
  epoch_.store(Epoch::now.load(std::memory_order_acquire), std::memory_order_release);
  Epoch::ReaderBarrier();
}

}  // namespace netstack::base

#endif  // NETSTACK_BASE_THREAD_RECORD_H_
