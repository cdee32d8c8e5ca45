// The way into the library for a thread, and for a packet.
#ifndef NETSTACK_BASE_ENTRY_H_
#define NETSTACK_BASE_ENTRY_H_

#include <cstdint>

#include "netstack/base/thread_record.h"
#include "netstack/base/user_call.h"

namespace netstack::base {

// Every public function makes one first: while it lives, no configuration that
// this thread reads is freed. Making it clears away callbacks that were left
// without returning, as far as the stack tells; leaving restores what it found.
class Entry {
 public:
  [[gnu::always_inline]] Entry() noexcept : record_(ThreadRecord::Current()) {
    if (record_ != nullptr) [[likely]]
      Enter();
  }
  ~Entry() {
    if (record_ != nullptr) [[likely]]
      Leave();
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  // For functions on a running request, whose callback is inside an Entry
  // already: only callbacks that were left are cleared away. Null if there was no
  // memory for this thread's record.
  static ThreadRecord* FromCallback() noexcept;

  // False if there was no memory for this thread's record.
  explicit operator bool() const noexcept { return record_ != nullptr; }
  [[nodiscard]] ThreadRecord& thread() const noexcept { return *record_; }

 private:
  void Enter() noexcept;
  void Leave() noexcept;
  static void DropDeadCalls(ThreadRecord* thread) noexcept;
  // Whether the innermost call surely is under way, seen from a stack address
  // below it; if not, DropDeadFrames() looks closer.
  static bool InnermostIsAlive(const ThreadRecord& thread, uintptr_t stack_address) noexcept;

  ThreadRecord* record_;
  CallFrame* top_ = nullptr;
  EntryMark found_;
};

// Lives while one packet is delivered.
class Delivery {
 public:
  // False: nested too deep, and there must be no other.
  static bool Fits(const ThreadRecord& thread) noexcept {
    return thread.now_.deliveries() <= kMaxNestedDeliveries;
  }

  explicit Delivery(ThreadRecord& thread) noexcept : thread_(thread) {
    thread_.now_.PushDelivery();
  }
  ~Delivery() { thread_.now_.PopDelivery(); }
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

 private:
  ThreadRecord& thread_;
};

// Says no where there is none.
inline bool Entry::InnermostIsAlive(const ThreadRecord& thread, uintptr_t stack_address) noexcept {
  const CallFrame* const frame = thread.top_;
  const auto call = reinterpret_cast<uintptr_t>(frame->call);
  return stack_address >= thread.stack_low_ && call > stack_address && call < thread.stack_high_ &&
         frame->call->IsIntact(frame);
}

[[gnu::always_inline]] inline void Entry::DropDeadCalls(ThreadRecord* thread) noexcept {
  // Its address is below every call that is alive. Not `this`: an object whose
  // address is known stays out of registers.
  const char here = 0;
  if (!InnermostIsAlive(*thread, reinterpret_cast<uintptr_t>(&here))) [[unlikely]] {
    thread->DropDeadFrames();
  }
}

[[gnu::always_inline]] inline ThreadRecord* Entry::FromCallback() noexcept {
  ThreadRecord* const thread = ThreadRecord::Current();
  if (thread != nullptr) [[likely]]
    DropDeadCalls(thread);
  return thread;
}

// Inlined with all around it: so no frame of its own lies between one that was
// left and the address by which that is told.
[[gnu::always_inline]] inline void Entry::Enter() noexcept {
  ThreadRecord& t = *record_;
  if (t.InsideCallback()) [[unlikely]]
    DropDeadCalls(record_);
  top_ = t.top_;
  found_ = t.now_;
  t.now_.PushEntry();
  if (found_.outside()) [[likely]]
    t.EnterEpoch();
}

inline void Entry::Leave() noexcept {
  ThreadRecord& t = *record_;
  if (t.top_ > top_) [[unlikely]]
    t.PopFramesTo(top_);
  t.now_ = found_;
  if (found_.outside()) [[likely]]
    t.LeaveEpoch();
}

}  // namespace netstack::base

#endif  // NETSTACK_BASE_ENTRY_H_
