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
  Entry() noexcept : record_(ThreadRecord::Current()) {
    if (record_ != nullptr) Enter();
  }
  ~Entry() {
    if (record_ != nullptr) Leave();
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
  uint32_t frames_ = 0;
  EntryMark found_;
};

// Lives while one packet is delivered; false when nested too deep.
class Delivery {
 public:
  explicit Delivery(ThreadRecord& thread) noexcept
      : thread_(thread), allowed_(thread.now_.deliveries() <= kMaxNestedDeliveries) {
    if (allowed_) thread_.now_.PushDelivery();
  }
  ~Delivery() {
    if (allowed_) thread_.now_.PopDelivery();
  }
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  explicit operator bool() const noexcept { return allowed_; }

 private:
  ThreadRecord& thread_;
  bool allowed_;
};

inline bool Entry::InnermostIsAlive(const ThreadRecord& thread, uintptr_t stack_address) noexcept {
  const CallFrame& frame = thread.frames_[thread.frame_count_ - 1];
  const auto call = reinterpret_cast<uintptr_t>(frame.call);
  return stack_address >= thread.stack_low_ && call > stack_address && call < thread.stack_high_ &&
         frame.call->IsIntact(frame.number);
}

inline void Entry::DropDeadCalls(ThreadRecord* thread) noexcept {
  // Its address is below every call that is alive. Not `this`: an object whose
  // address is known stays out of registers.
  const char here = 0;
  if (thread->frame_count_ != 0 && !InnermostIsAlive(*thread, reinterpret_cast<uintptr_t>(&here))) {
    thread->DropDeadFrames();
  }
}

inline ThreadRecord* Entry::FromCallback() noexcept {
  ThreadRecord* const thread = ThreadRecord::Current();
  if (thread != nullptr) DropDeadCalls(thread);
  return thread;
}

inline void Entry::Enter() noexcept {
  DropDeadCalls(record_);
  ThreadRecord& t = *record_;
  frames_ = t.frame_count_;
  found_ = t.now_;
  t.now_.PushEntry();
  if (found_.entries() == 0) t.EnterEpoch();
}

inline void Entry::Leave() noexcept {
  ThreadRecord& t = *record_;
  if (t.frame_count_ > frames_) [[unlikely]]
    t.PopFramesTo(frames_);
  t.now_ = found_;
  if (found_.entries() == 0) t.LeaveEpoch();
}

}  // namespace netstack::base

#endif  // NETSTACK_BASE_ENTRY_H_
