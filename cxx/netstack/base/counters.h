// Counters that cost a load and a store. Each thread adds to a shard of its
// own; a reader sums the shards.
#ifndef NETSTACK_BASE_COUNTERS_H_
#define NETSTACK_BASE_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "netstack/base/thread_record.h"

namespace netstack::base {

// So many threads have a shard to themselves; further ones share one.
inline constexpr uint32_t kExclusiveShards = 64;

// One thread's view of a counter block: what a packet adds to.
class CounterWriter {
 public:
  CounterWriter(std::atomic<uint64_t>* values, bool exclusive) noexcept
      : values_(values), exclusive_(exclusive) {}

  void Add(size_t counter, uint64_t n = 1) const noexcept {
    std::atomic<uint64_t>& value = values_[counter];
    if (exclusive_) {
      value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    } else {
      value.fetch_add(n, std::memory_order_relaxed);
    }
  }

 private:
  std::atomic<uint64_t>* values_;
  bool exclusive_;
};

template <size_t kCount>
class CounterBlock {
 public:
  CounterBlock() = default;
  CounterBlock(const CounterBlock&) = delete;
  CounterBlock& operator=(const CounterBlock&) = delete;
  ~CounterBlock() {
    for (auto& shard : shards_) delete shard.load(std::memory_order_relaxed);
  }

  // The first use by a thread makes its shard; without memory it shares one.
  CounterWriter ForThread(const ThreadRecord& thread) noexcept {
    const uint32_t index = thread.index();
    if (index < kExclusiveShards) {
      Shard* shard = shards_[index].load(std::memory_order_acquire);
      if (shard == nullptr) shard = MakeShard(index);
      if (shard != nullptr) return {shard->values.data(), true};
    }
    return {common_.values.data(), false};
  }

  [[nodiscard]] uint64_t Sum(size_t counter) const noexcept {
    uint64_t sum = common_.values[counter].load(std::memory_order_relaxed);
    for (const auto& slot : shards_) {
      const Shard* const shard = slot.load(std::memory_order_acquire);
      if (shard != nullptr) sum += shard->values[counter].load(std::memory_order_relaxed);
    }
    return sum;
  }

 private:
  struct alignas(64) Shard {
    std::array<std::atomic<uint64_t>, kCount> values{};
  };

  Shard* MakeShard(uint32_t index) noexcept {
    auto* const shard = new (std::nothrow) Shard();
    if (shard != nullptr) shards_[index].store(shard, std::memory_order_release);
    return shard;
  }

  std::array<std::atomic<Shard*>, kExclusiveShards> shards_{};
  Shard common_;
};

}  // namespace netstack::base

#endif  // NETSTACK_BASE_COUNTERS_H_
