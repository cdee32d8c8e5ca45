#include "netstack/base/registry.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>

#if defined(__linux__)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace netstack::base {

constinit std::atomic<uint32_t> Registry::fork_generation_{0};

namespace {

// Beyond this many, a change tries to delete what earlier ones left.
constexpr size_t kReclaimAt = 64;

#if !defined(__linux__) || defined(NETSTACK_BASE_THREAD_SANITIZER)
#define NETSTACK_BASE_NO_MEMBARRIER 1
#endif

#if defined(NETSTACK_BASE_NO_MEMBARRIER)
bool RegisterMembarrier() noexcept { return false; }
bool Membarrier() noexcept { return false; }
#else
bool RegisterMembarrier() noexcept {
  return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}
bool Membarrier() noexcept {
  return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}
#endif

}  // namespace

Registry& Registry::Get() noexcept {
  // Placed in static memory and never destroyed, so it needs no allocation.
  alignas(Registry) static unsigned char memory[sizeof(Registry)];
  static Registry* const registry = new (memory) Registry();
  return *registry;
}

Registry::Registry() noexcept {
  Ask(Epoch::kNoMembarrier, !RegisterMembarrier());
#if defined(__unix__) || defined(__APPLE__)
  // The lock is held over the fork, so that the child's copy is whole.
  pthread_atfork([] { Get().mutex_.lock(); }, [] { Get().mutex_.unlock(); },
                 [] {
                   Get().AfterFork();
                   Get().mutex_.unlock();
                 });
#endif
}

void Registry::AfterFork() noexcept {
  fork_generation_.fetch_add(1, std::memory_order_relaxed);
  Ask(Epoch::kNoMembarrier, !RegisterMembarrier());
  // Made anew, without an end to the old one: that would wait for threads which
  // do not exist here.
  waiters_ = 0;
  Ask(Epoch::kWaiter, false);
  new (&frame_left_) std::condition_variable();
  ThreadRecord* const mine = ThreadRecord::current_;
  for (ThreadRecord* r = records_; r != nullptr; r = r->next_) {
    if (r == mine) {
      // A handler that forked goes on in both processes; only one may answer.
      for (CallFrame& frame : r->frames_) frame.context = nullptr;
      continue;
    }
    r->epoch_.store(0, std::memory_order_relaxed);
    r->now_ = {};
    r->PopFramesTo(r->frames_.data());
    r->in_use_ = false;
  }
}

ThreadRecord* Registry::Adopt() noexcept {
  const std::lock_guard lock(mutex_);
  for (ThreadRecord* r = records_; r != nullptr; r = r->next_) {
    if (!r->in_use_) {
      r->in_use_ = true;
      return r;
    }
  }
  auto* const record = new (std::nothrow) ThreadRecord();
  if (record == nullptr) return nullptr;
  record->index_ = record_count_++;
  record->in_use_ = true;
  record->next_ = records_;
  records_ = record;
  return record;
}

void Registry::Release(ThreadRecord* record) noexcept {
  const std::lock_guard lock(mutex_);
  record->in_use_ = false;
}

void Registry::Ask(uint32_t what, bool on) noexcept {
  if (on) {
    Epoch::attention.fetch_or(what, std::memory_order_seq_cst);
  } else {
    Epoch::attention.fetch_and(~what, std::memory_order_seq_cst);
  }
}

void Registry::HeavyBarrier() noexcept {
  Epoch::FullBarrier();
  if (Epoch::Asks(Epoch::kNoMembarrier) || Membarrier()) return;
  // A sandbox was closed around us. Readers pay from now on; those that did not
  // know yet get the time to finish what they were storing.
  Ask(Epoch::kNoMembarrier, true);
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

void Registry::Retire(std::unique_ptr<Retired> object, bool soon) noexcept {
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    const uint64_t epoch = BeginEpoch();
    object->epoch_ = epoch;
    (oldest_ == nullptr ? oldest_ : newest_->next_) = object.get();
    newest_ = object.release();
    full = ++retired_ >= kReclaimAt;
    // Before Reclaim() looks who is inside: whoever leaves later sees it.
    if (soon) {
      Epoch::soon.store(epoch, std::memory_order_relaxed);
      Ask(Epoch::kSoon, true);
    }
  }
  if (soon || full) Reclaim();
}

// Under the lock.
uint64_t Registry::InsideSince() const noexcept {
  HeavyBarrier();
  uint64_t oldest = UINT64_MAX;
  for (const ThreadRecord* r = records_; r != nullptr; r = r->next_) {
    const uint64_t epoch = r->epoch_.load(std::memory_order_acquire);
    if (epoch != 0) oldest = std::min(oldest, epoch);
  }
  return oldest;
}

uint64_t Registry::OldestEpoch() noexcept {
  const std::lock_guard lock(mutex_);
  return InsideSince();
}

void Registry::Reclaim() noexcept {
  Retired* dead = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (oldest_ == nullptr) return;
    const uint64_t inside_since = InsideSince();
    Retired** end = &dead;
    while (oldest_ != nullptr && oldest_->epoch_ <= inside_since) {
      *end = oldest_;
      end = &oldest_->next_;
      oldest_ = oldest_->next_;
      --retired_;
    }
    *end = nullptr;
    if (Epoch::soon.load(std::memory_order_relaxed) <= inside_since) {
      Epoch::soon.store(0, std::memory_order_relaxed);
      Ask(Epoch::kSoon, false);
    }
  }
  while (dead != nullptr) {  // runs users' destroy functions, so without the lock
    const std::unique_ptr<Retired> last(dead);
    dead = dead->next_;
  }
}

size_t Registry::retired() noexcept {
  const std::lock_guard lock(mutex_);
  return retired_;
}

bool Registry::Running(const void* running) noexcept {
  for (const ThreadRecord* r = records_; r != nullptr; r = r->next_) {
    for (const CallFrame& frame : r->frames_) {
      if (frame.running.load(std::memory_order_acquire) == running) return true;
    }
  }
  return false;
}

void Registry::WaitUntilNotRunning(const void* running) noexcept {
  std::unique_lock lock(mutex_);
  if (++waiters_ == 1) Ask(Epoch::kWaiter, true);
  HeavyBarrier();
  frame_left_.wait(lock, [&] { return !Running(running); });
  if (--waiters_ == 0) Ask(Epoch::kWaiter, false);
}

void Registry::NotifyFrameLeft() noexcept {
  const std::lock_guard lock(mutex_);
  frame_left_.notify_all();
}

}  // namespace netstack::base
