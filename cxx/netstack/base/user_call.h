// One call of user code: how the library knows where it is while a handler, a
// transmit function or a notification runs, and that it was left.
#ifndef NETSTACK_BASE_USER_CALL_H_
#define NETSTACK_BASE_USER_CALL_H_

#include <atomic>
#include <cstdint>

#include "netstack/base/epoch.h"
#include "netstack/base/thread_record.h"

namespace netstack::base {

// Lives exactly while one piece of user code runs.
class UserCall {
 public:
  // `number` is what NextNumber() gave: the request's value, if it is one's
  // callback; then `context` is what it names. `running` is what a remover waits
  // for, or null. Whoever names it must ask afterwards whether it was removed:
  // only from here on does a remover wait.
  UserCall(ThreadRecord& thread, uint64_t number, void* context = nullptr,
           const void* running = nullptr) noexcept;
  explicit UserCall(ThreadRecord& thread) noexcept : UserCall(thread, thread.NextNumber()) {}
  ~UserCall();
  UserCall(const UserCall&) = delete;
  UserCall& operator=(const UserCall&) = delete;

  // False: too many calls inside each other; the user code must not be called.
  explicit operator bool() const noexcept { return outer_ < kMaxFrames; }

 private:
  friend class ThreadRecord;
  friend class Entry;

  // Whether this is still the object that it was, though its stack frame may be
  // gone and others may have written there: no concern of a checker.
  [[nodiscard]] __attribute__((no_sanitize("address"))) bool IsIntact(
      uint64_t number) const noexcept {
    return mark_ == ~number;
  }

  ThreadRecord& thread_;
  const uint32_t outer_;
  volatile uint64_t mark_;  // the number, as no user code has it lying about
};

inline UserCall::UserCall(ThreadRecord& thread, uint64_t number, void* context,
                          const void* running) noexcept
    : thread_(thread), outer_(thread.frame_count_), mark_(~number) {
  if (outer_ >= kMaxFrames) [[unlikely]]
    return;
  CallFrame& frame = thread.frames_[outer_];
  frame.call = this;
  frame.number = number;
  frame.context = context;
  frame.inside = thread.now_;
#if defined(NETSTACK_BASE_ADDRESS_SANITIZER)
  frame.stack_address = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
#endif
  thread.frame_count_ = outer_ + 1;
  if (running == nullptr) return;
  thread.running_[outer_].store(running, std::memory_order_release);
  Epoch::ReaderBarrier();
}

inline UserCall::~UserCall() {
  if (thread_.frame_count_ != outer_ + 1) [[unlikely]] {
    if (thread_.frame_count_ <= outer_) return;
    thread_.PopFramesTo(outer_ + 1);
  }
  thread_.now_ = thread_.frames_[outer_].inside;
  thread_.PopFrame();
}

}  // namespace netstack::base

#endif  // NETSTACK_BASE_USER_CALL_H_
