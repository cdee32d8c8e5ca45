// Safe reclamation for what packets read without a lock (epochs), the wait for
// a handler that is being removed, and what a fork leaves behind.
#ifndef NETSTACK_BASE_REGISTRY_H_
#define NETSTACK_BASE_REGISTRY_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "netstack/base/epoch.h"
#include "netstack/base/thread_record.h"

namespace netstack::base {

// Something that packets may still be reading. Deleted when none can be.
class Retired {
 public:
  Retired() = default;
  Retired(const Retired&) = delete;
  Retired& operator=(const Retired&) = delete;
  virtual ~Retired() = default;

 private:
  friend class Registry;
  Retired* next_ = nullptr;
  uint64_t epoch_ = 0;  // threads that entered earlier may be reading it
};

class Registry {
 public:
  static Registry& Get() noexcept;

  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Takes what was unpublished before this call and deletes it once every
  // thread that might hold it has left the library. Never waits. `soon`: do it
  // on the way out of the last such thread, not at some later change.
  void Retire(std::unique_ptr<Retired> object, bool soon) noexcept;

  // Deletes what can be deleted now.
  void Reclaim() noexcept;

  // Waits until no thread runs a call marked `running`. The caller has made
  // sure that no new one starts, and is itself outside callbacks.
  void WaitUntilNotRunning(const void* running) noexcept;

  // The epoch of whoever has been inside longest; UINT64_MAX: nobody is.
  uint64_t OldestEpoch() noexcept;
  // Whoever enters from now on has the epoch that is returned, or a later one,
  // and sees all that was published before the call.
  static uint64_t BeginEpoch() noexcept {
    return Epoch::now.fetch_add(1, std::memory_order_seq_cst) + 1;
  }

  // How many objects wait to be deleted. For tests.
  size_t retired() noexcept;

  // Changes in the child of a fork: what was made before belongs to the parent.
  static uint32_t fork_generation() noexcept {
    return fork_generation_.load(std::memory_order_relaxed);
  }

 private:
  friend class ThreadRecord;

  Registry() noexcept;
  ~Registry() = delete;  // never destroyed: threads may outlive static destructors

  // The writer's side of Epoch's barriers.
  static void HeavyBarrier() noexcept;
  static void Ask(uint32_t what, bool on) noexcept;

  ThreadRecord* Adopt() noexcept;
  void Release(ThreadRecord* record) noexcept;
  [[nodiscard]] bool Running(const void* running) noexcept;
  [[nodiscard]] uint64_t InsideSince() const noexcept;
  void AfterFork() noexcept;
  void NotifyFrameLeft() noexcept;

  static std::atomic<uint32_t> fork_generation_;

  std::mutex mutex_;
  std::condition_variable frame_left_;
  uint32_t waiters_ = 0;
  ThreadRecord* records_ = nullptr;
  uint32_t record_count_ = 0;
  // In the order of their epochs.
  Retired* oldest_ = nullptr;
  Retired* newest_ = nullptr;
  size_t retired_ = 0;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_REGISTRY_H_
