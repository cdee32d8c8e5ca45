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
  explicit UserCall(ThreadRecord& thread) noexcept;
  ~UserCall();
  UserCall(const UserCall&) = delete;
  UserCall& operator=(const UserCall&) = delete;

  // False: too many calls inside each other. Then one more is refused: its user
  // code must not be called.
  static bool Fits(ThreadRecord& thread) noexcept { return thread.top_ + 1 != End(thread); }
  explicit operator bool() const noexcept { return frame_ != End(thread_); }

 protected:
  [[nodiscard]] CallFrame* frame() const noexcept { return frame_; }

 private:
  friend class ThreadRecord;
  friend class Entry;

  static CallFrame* End(ThreadRecord& thread) noexcept { return &thread.frames_.back(); }
  // What no user code has lying about.
  static uintptr_t MarkOf(const CallFrame* frame) noexcept {
    return ~reinterpret_cast<uintptr_t>(frame);
  }
  // Whether this is still the object that it was, though its stack frame may be
  // gone and others may have written there: no concern of a checker.
  [[nodiscard]] __attribute__((no_sanitize("address"))) bool IsIntact(
      const CallFrame* frame) const noexcept {
    return mark_ == MarkOf(frame);
  }

  ThreadRecord& thread_;
  CallFrame* frame_;  // the record's last: refused
  volatile uintptr_t mark_;
};

// The same for a handler: one that a request is named in, and whose removal
// waits for it.
class HandlerCall : public UserCall {
 public:
  // `request` is what NextRequest() gave, `context` what it names, not null. A
  // refused call's request is never found.
  HandlerCall(ThreadRecord& thread, uint64_t request, void* context) noexcept;
  ~HandlerCall();
  HandlerCall(const HandlerCall&) = delete;
  HandlerCall& operator=(const HandlerCall&) = delete;

  // Names what a remover waits for. Whoever does must ask afterwards whether it
  // was removed: only from here on does a remover wait.
  void Run(const void* running) noexcept;

  // This is the child of a fork inside the call: the request is the parent's.
  [[nodiscard]] bool inherited() const noexcept { return frame()->context == nullptr; }
};

inline UserCall::UserCall(ThreadRecord& thread) noexcept : thread_(thread) {
  CallFrame* const frame = thread.top_ + 1;
  if (!Fits(thread)) [[unlikely]] {
    frame_ = End(thread);
    return;
  }
  frame_ = frame;
  mark_ = MarkOf(frame);
  frame->call = this;
  frame->inside = thread.now_;
#if defined(NETSTACK_BASE_ADDRESS_SANITIZER)
  frame->stack_address = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
#endif
  thread.top_ = frame;
}

// The calls inside it have returned, and left all as it was, or have been left.
inline UserCall::~UserCall() {
  if (thread_.top_ != frame_) [[unlikely]] {
    if (!*this || thread_.top_ < frame_) return;
    thread_.PopFramesTo(frame_);
    thread_.now_ = frame_->inside;
  }
  thread_.top_ = frame_ - 1;
}

inline HandlerCall::HandlerCall(ThreadRecord& thread, uint64_t request, void* context) noexcept
    : UserCall(thread) {
  frame()->request = request;
  frame()->context = context;
}

inline void HandlerCall::Run(const void* running) noexcept {
  frame()->running.store(running, std::memory_order_release);
  Epoch::ReaderBarrier();
}

// What was left and popped has nothing of this in its frame anyway.
inline HandlerCall::~HandlerCall() {
  frame()->request = 0;
  frame()->context = nullptr;
  ThreadRecord::EndRunning(frame());
}

}  // namespace netstack::base

#endif  // NETSTACK_BASE_USER_CALL_H_
