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
  // `running` is what a remover waits for, or null. Whoever names it must ask
  // afterwards whether it was removed: only from here on does a remover wait.
  explicit UserCall(ThreadRecord& thread, uint64_t request = 0, void* context = nullptr,
                    const void* running = nullptr) noexcept;
  ~UserCall();
  UserCall(const UserCall&) = delete;
  UserCall& operator=(const UserCall&) = delete;

  // False: too many calls inside each other; the user code must not be called.
  explicit operator bool() const noexcept { return made_; }

 private:
  friend class ThreadRecord;
  friend class Entry;

  // Whether this is still the object that it was, though its stack frame may be
  // gone and others may have written there: no concern of a checker.
  [[nodiscard]] __attribute__((no_sanitize("address"))) bool IsIntact(
      const ThreadRecord& thread, uint32_t outer, uint64_t serial) const noexcept {
    return &thread_ == &thread && outer_ == outer && serial_ == serial;
  }

  ThreadRecord& thread_;
  volatile uint64_t serial_;  // no other call has it
  uint32_t outer_;
  bool made_;
};

inline UserCall::UserCall(ThreadRecord& thread, uint64_t request, void* context,
                          const void* running) noexcept
    : thread_(thread),
      serial_(++thread.calls_ * 0x9e3779b97f4a7c15u),
      outer_(thread.frame_count_),
      made_(outer_ < kMaxFrames) {
  if (!made_) return;
  CallFrame& frame = thread.frames_[outer_];
  frame.stack_address = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  frame.call = this;
  frame.serial = serial_;
  frame.request = request;
  frame.context = context;
  frame.inside = thread.now_;
  thread.frame_count_ = outer_ + 1;
  if (running == nullptr) return;
  thread.running_[outer_].store(running, std::memory_order_release);
  Epoch::LightBarrier();
}

inline UserCall::~UserCall() {
  if (!made_ || thread_.frame_count_ <= outer_) return;
  thread_.now_ = thread_.frames_[outer_].inside;
  if (thread_.frame_count_ == outer_ + 1) {
    thread_.PopFrame();
  } else {
    thread_.PopFramesTo(outer_);
  }
}

}  // namespace netstack::base

#endif  // NETSTACK_BASE_USER_CALL_H_
