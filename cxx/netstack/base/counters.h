// Counters that cost a load and a store. Each thread adds to a shard of its
// own; a reader sums the shards.
#ifndef NETSTACK_BASE_COUNTERS_H_
#define NETSTACK_BASE_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "netstack/base/sanitizer.h"
#include "netstack/base/thread_record.h"

namespace netstack::base {

// One thread's view of a counter block: what a packet adds to.
class CounterWriter {
 public:
  explicit CounterWriter(std::atomic<uint64_t>* values) noexcept : values_(values) {}

  void Add(size_t counter, uint64_t n = 1) const noexcept {
    std::atomic<uint64_t>& value = values_[counter];
#if defined(__x86_64__) && !defined(NETSTACK_BASE_THREAD_SANITIZER)
    // The same load and store, in one instruction. Compilers take an atomic store
    // for one that may change anything, and would read all they know again.
    __asm__("addq %1, %0" : "+m"(value) : "er"(n) : "cc");
#else
    value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
#endif
  }

 private:
  std::atomic<uint64_t>* values_;
};

template <size_t kCount>
class CounterBlock {
 public:
  // Threads that have a shard to themselves, if there is memory for it. Others
  // share one, and what two of them count at the same moment may count once.
  static constexpr uint32_t kGroup = 64;
  static constexpr uint32_t kGroups = 64;

  CounterBlock() = default;
  CounterBlock(const CounterBlock&) = delete;
  CounterBlock& operator=(const CounterBlock&) = delete;
  ~CounterBlock() {
    for (const auto& group : groups_) delete group.load(std::memory_order_relaxed);
  }

  // The first use by a thread makes its shard.
  CounterWriter ForThread(const ThreadRecord& thread) noexcept {
    const uint32_t index = thread.index();
    if (index < kGroup) [[likely]] {
      Shard* const shard = first_.shards[index].load(std::memory_order_acquire);
      if (shard != nullptr) [[likely]]
        return CounterWriter(shard->values.data());
    }
    return CounterWriter(MakeShard(index).values.data());
  }

  [[nodiscard]] uint64_t Sum(size_t counter) const noexcept {
    uint64_t sum = common_.values[counter].load(std::memory_order_relaxed) + first_.Sum(counter);
    for (const auto& slot : groups_) {
      const Group* const group = slot.load(std::memory_order_acquire);
      if (group != nullptr) sum += group->Sum(counter);
    }
    return sum;
  }

 private:
  struct alignas(64) Shard {
    std::array<std::atomic<uint64_t>, kCount> values{};
  };
  struct Group {
    Group() = default;
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    ~Group() {
      for (const auto& shard : shards) delete shard.load(std::memory_order_relaxed);
    }
    [[nodiscard]] uint64_t Sum(size_t counter) const noexcept {
      uint64_t sum = 0;
      for (const auto& slot : shards) {
        const Shard* const shard = slot.load(std::memory_order_acquire);
        if (shard != nullptr) sum += shard->values[counter].load(std::memory_order_relaxed);
      }
      return sum;
    }

    std::array<std::atomic<Shard*>, kGroup> shards{};
  };

  // Null: no memory, or more threads than there is room for.
  Group* GroupOf(uint32_t index) noexcept {
    if (index < kGroup) return &first_;
    if (index / kGroup > kGroups) return nullptr;
    std::atomic<Group*>& slot = groups_[index / kGroup - 1];
    Group* group = slot.load(std::memory_order_acquire);
    if (group != nullptr) return group;
    auto* const made = new (std::nothrow) Group();
    // Another thread of the same group may have been faster.
    if (made == nullptr || slot.compare_exchange_strong(group, made)) return made;
    delete made;
    return group;
  }

  [[gnu::cold]] Shard& MakeShard(uint32_t index) noexcept {
    Group* const group = GroupOf(index);
    if (group == nullptr) return common_;
    std::atomic<Shard*>& slot = group->shards[index % kGroup];
    Shard* shard = slot.load(std::memory_order_acquire);
    if (shard == nullptr) {
      shard = new (std::nothrow) Shard();
      if (shard != nullptr) slot.store(shard, std::memory_order_release);
    }
    return shard != nullptr ? *shard : common_;
  }

  Group first_;
  std::array<std::atomic<Group*>, kGroups> groups_{};  // of those that come after
  Shard common_;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_COUNTERS_H_
