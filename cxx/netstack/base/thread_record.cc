#include "netstack/base/thread_record.h"

#include <new>
#include <utility>

#include "netstack/base/random.h"
#include "netstack/base/registry.h"
#include "netstack/base/user_call.h"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace netstack::base {

thread_local constinit ThreadRecord* ThreadRecord::current_ = nullptr;

namespace {

constexpr uint64_t kRequestBlock = 1u << 16;

// Values of requests start at a random place, so that two copies of the library
// in one process do not take each other's for their own.
std::atomic<uint64_t>& NextBlock() noexcept {
  static std::atomic<uint64_t> next{(SystemRandomNumber() >> 1) | kRequestBlock};
  return next;
}

#if defined(__linux__)
void StackBounds(uintptr_t* low, uintptr_t* high) noexcept {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void* address = nullptr;
  size_t size = 0;
  if (pthread_attr_getstack(&attributes, &address, &size) == 0) {
    *low = reinterpret_cast<uintptr_t>(address);
    *high = *low + size;
  }
  pthread_attr_destroy(&attributes);
}
#else
void StackBounds(uintptr_t*, uintptr_t*) noexcept {}
#endif

#if defined(__unix__) || defined(__APPLE__)
constinit std::atomic<bool> exit_key_deleted{false};

// What tells us that a thread ends. It goes with the library's static objects:
// a thread may outlive the library, if that is unloaded.
struct ExitKey {
  explicit ExitKey(void (*on_exit)(void*)) noexcept
      : made(pthread_key_create(&key, on_exit) == 0) {}
  ExitKey(const ExitKey&) = delete;
  ExitKey& operator=(const ExitKey&) = delete;
  ~ExitKey() {
    exit_key_deleted.store(true, std::memory_order_relaxed);
    if (made) pthread_key_delete(key);
  }

  pthread_key_t key{};
  bool made;
};

bool NoticeExit(ThreadRecord* record, void (*on_exit)(void*)) noexcept {
  static const ExitKey key(on_exit);
  if (exit_key_deleted.load(std::memory_order_relaxed)) return true;  // everything ends now
  return key.made && pthread_setspecific(key.key, record) == 0;
}
#else
bool NoticeExit(ThreadRecord*, void (*)(void*)) noexcept { return true; }
#endif

}  // namespace

ThreadRecord* ThreadRecord::Register() noexcept {
  Registry& registry = Registry::Get();
  ThreadRecord* const record = registry.Adopt();
  if (record == nullptr) return nullptr;
  record->stack_low_ = 0;
  record->stack_high_ = 0;
  StackBounds(&record->stack_low_, &record->stack_high_);
  if (!NoticeExit(record, &OnThreadExit)) {
    registry.Release(record);
    return nullptr;
  }
  current_ = record;
  return record;
}

// Destroy functions that run from here may enter the library again; then the
// system calls this once more.
void ThreadRecord::OnThreadExit(void* leaving) noexcept {
  auto* const record = static_cast<ThreadRecord*>(leaving);
  record->PopFramesTo(record->frames_.data());
  record->now_ = {};
  record->LeaveEpoch();
  for (uint8_t*& buffer : record->scratch_) delete[] std::exchange(buffer, nullptr);
  current_ = nullptr;
  Registry::Get().Release(record);
}

void ThreadRecord::TakeRequests() noexcept {
  next_request_ = NextBlock().fetch_add(kRequestBlock, std::memory_order_relaxed);
  last_request_ = next_request_ + kRequestBlock;
}

bool ThreadRecord::MakeScratch() noexcept {
  const uint32_t depth = now_.scratch_depth();
  if (depth == kMaxFrames) return false;
  scratch_[depth] = new (std::nothrow) uint8_t[kScratchSize];
  return HasScratch();
}

// Stacks grow downwards: a frame below the caller's is gone. One above it is
// gone if something else stands where its UserCall stood. In doubt it is alive;
// and on a coroutine's stack, which may be switched away, nothing can be told.
bool ThreadRecord::IsDead(const CallFrame& frame, uintptr_t stack_address) const noexcept {
  const auto call = reinterpret_cast<uintptr_t>(frame.call);
  if (OnOwnStack(call)) {
    return call < stack_address || !frame.call->IsIntact(&frame);
  }
#if defined(NETSTACK_BASE_ADDRESS_SANITIZER)
  return OnOwnStack(frame.stack_address) && frame.stack_address < stack_address;
#else
  return false;
#endif
}

// Not inlined: then its frame lies below whatever is alive, in whichever
// function that stands.
[[gnu::noinline]] void ThreadRecord::DropDeadFrames() noexcept {
  const auto stack_address = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (!OnOwnStack(stack_address)) return;
  CallFrame* alive = top_;
  while (alive != frames_.data() && IsDead(*alive, stack_address)) --alive;
  if (alive == top_) return;
  now_ = alive->inside;
  PopFramesTo(alive);
  if (now_.outside()) LeaveEpoch();
}

void ThreadRecord::PopFramesTo(CallFrame* top) noexcept {
  for (; top_ != top; --top_) {
    top_->left.fetch_add(1, std::memory_order_acq_rel);
    top_->request = 0;
    top_->context = nullptr;
    if (top_->running.load(std::memory_order_relaxed) != nullptr) EndRunning(top_);
  }
}

void ThreadRecord::NotifyFrameLeft() noexcept {
  if (Epoch::Asks(Epoch::kWaiter)) Registry::Get().NotifyFrameLeft();
}
void ThreadRecord::Reclaim(uint64_t left_epoch) noexcept {
  if (left_epoch < Epoch::soon.load(std::memory_order_relaxed)) Registry::Get().Reclaim();
}

}  // namespace netstack::base
