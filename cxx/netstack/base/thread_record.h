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
// makes one wait for unless both have the same width.
class EntryMark {
 public:
  [[nodiscard]] uint32_t entries() const noexcept { return static_cast<uint32_t>(word_); }
  [[nodiscard]] uint32_t deliveries() const noexcept {
    return static_cast<uint16_t>(word_ >> kDeliveries);
  }
  [[nodiscard]] uint32_t scratch_depth() const noexcept {
    return static_cast<uint32_t>(word_ >> kScratch);
  }
  void PushEntry() noexcept { ++word_; }
  void PushDelivery() noexcept { word_ += uint64_t{1} << kDeliveries; }
  void PopDelivery() noexcept { word_ -= uint64_t{1} << kDeliveries; }
  void PushScratch() noexcept { word_ += uint64_t{1} << kScratch; }
  void PopScratch() noexcept { word_ -= uint64_t{1} << kScratch; }

 private:
  static constexpr uint32_t kDeliveries = 32;
  static constexpr uint32_t kScratch = 48;

  uint64_t word_ = 0;
};

class UserCall;

// One call of user code that has not returned, as far as this thread knows.
struct CallFrame {
  const UserCall* call = nullptr;
  uint64_t number = 0;      // no other call has it; a request's value
  void* context = nullptr;  // what the request names
  EntryMark inside;         // how things stand while the user code runs
#if defined(NETSTACK_BASE_ADDRESS_SANITIZER)
  uintptr_t stack_address = 0;  // `call` may stand elsewhere
#endif
};

class alignas(64) ThreadRecord {
 public:
  ThreadRecord() = default;
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

  [[nodiscard]] bool InsideCallback() const noexcept { return frame_count_ > 0; }

  // The call whose number `request` is; null: it has ended, or never was.
  [[nodiscard]] const CallFrame* FindRequest(uint64_t request) const noexcept {
    if (request == 0) return nullptr;
    for (uint32_t i = frame_count_; i > 0; --i) {
      if (frames_[i - 1].number == request) return &frames_[i - 1];
    }
    return nullptr;
  }

  // What no call or request of this copy of the library had or will have.
  uint64_t NextNumber() noexcept {
    if (next_number_ == last_number_) TakeNumbers();
    return next_number_++;
  }

  // Memory of kScratchSize bytes, last in, first out; null if there is none.
  uint8_t* PushScratch() noexcept {
    const uint32_t depth = now_.scratch_depth();
    if (depth == kMaxFrames || (scratch_[depth] == nullptr && !MakeScratch(depth))) return nullptr;
    now_.PushScratch();
    return scratch_[depth];
  }
  void PopScratch() noexcept { now_.PopScratch(); }

 private:
  friend class Registry;
  friend class Entry;
  friend class UserCall;
  friend class Delivery;

  [[gnu::cold]] static ThreadRecord* Register() noexcept;
  static void OnThreadExit(void* leaving) noexcept;
  [[gnu::cold]] void TakeNumbers() noexcept;
  [[nodiscard]] bool OnOwnStack(uintptr_t address) const noexcept {
    return address >= stack_low_ && address < stack_high_;
  }
  [[nodiscard]] bool IsDead(uint32_t index, uintptr_t stack_address) const noexcept;
  [[gnu::cold]] void DropDeadFrames() noexcept;
  void PopFrame() noexcept;
  [[gnu::cold]] void PopFramesTo(uint32_t count) noexcept;
  void EnterEpoch() noexcept;
  void LeaveEpoch() noexcept;
  [[nodiscard, gnu::cold]] bool MakeScratch(uint32_t depth) noexcept;
  [[gnu::cold]] static void NotifyFrameLeft() noexcept;
  [[gnu::cold]] static void Reclaim(uint64_t left_epoch) noexcept;

  static thread_local constinit ThreadRecord* current_;

  // 0: this thread holds no configuration. Else it entered in that epoch.
  std::atomic<uint64_t> epoch_{0};
  EntryMark now_;
  uint32_t frame_count_ = 0;
  uint32_t index_ = 0;
  uint64_t next_number_ = 0;
  uint64_t last_number_ = 0;
  uintptr_t stack_low_ = 0;  // bounds of the thread's own stack; 0: not known
  uintptr_t stack_high_ = 0;
  std::array<CallFrame, kMaxFrames> frames_{};
  // Which installed handler each frame runs; scanned by who removes one.
  std::array<std::atomic<const void*>, kMaxFrames> running_{};
  std::array<uint8_t*, kMaxFrames> scratch_{};
  ThreadRecord* next_ = nullptr;  // all records ever made, under the registry's lock
  bool in_use_ = false;           // likewise
};

inline void ThreadRecord::PopFrame() noexcept {
  std::atomic<const void*>& running = running_[--frame_count_];
  if (running.load(std::memory_order_relaxed) == nullptr) return;
  running.store(nullptr, std::memory_order_release);
  if (Epoch::ReaderBarrier()) [[unlikely]]
    NotifyFrameLeft();
}

inline void ThreadRecord::LeaveEpoch() noexcept {
  const uint64_t epoch = epoch_.load(std::memory_order_relaxed);
  if (epoch == 0) return;
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
