#include "netstack/base/counters.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace netstack::base {
namespace {

constexpr size_t kFirst = 0;
constexpr size_t kLast = 2;
using Block = CounterBlock<3>;

TEST(Counters, BeginAtZero) {
  const Block block;
  EXPECT_EQ(block.Sum(kFirst), 0u);
  EXPECT_EQ(block.Sum(kLast), 0u);
}

TEST(Counters, AddUpEachForItself) {
  Block block;
  const CounterWriter writer = block.ForThread(*ThreadRecord::Current());
  writer.Add(kFirst);
  writer.Add(kLast, 40);
  writer.Add(kLast, 2);
  EXPECT_EQ(block.Sum(kFirst), 1u);
  EXPECT_EQ(block.Sum(1), 0u);
  EXPECT_EQ(block.Sum(kLast), 42u);
}

TEST(Counters, OfTwoBlocksDoNotMix) {
  Block a;
  Block b;
  a.ForThread(*ThreadRecord::Current()).Add(kFirst, 3);
  b.ForThread(*ThreadRecord::Current()).Add(kFirst, 4);
  EXPECT_EQ(a.Sum(kFirst), 3u);
  EXPECT_EQ(b.Sum(kFirst), 4u);
}

// More threads at once than one group of shards is for; none gets lost while
// somebody reads.
TEST(Counters, LoseNothingHoweverManyThreadsCount) {
  constexpr uint32_t kThreads = 2 * Block::kGroup + 16;
  constexpr uint64_t kEach = 2'000;
  Block block;
  std::atomic<uint32_t> started{0};
  std::atomic<uint32_t> finished{0};
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const CounterWriter writer = block.ForThread(*ThreadRecord::Current());
      started.fetch_add(1);
      while (started.load() < kThreads) std::this_thread::yield();  // all have their records
      for (uint64_t n = 0; n < kEach; ++n) writer.Add(kLast);
      finished.fetch_add(1);
    });
  }
  uint64_t last = 0;
  while (finished.load() < kThreads) {
    const uint64_t sum = block.Sum(kLast);
    EXPECT_GE(sum, last);
    last = sum;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(block.Sum(kLast), kThreads * kEach);
}

TEST(Counters, OfAThreadThatEndedAreKeptAndItsShardIsUsedAgain) {
  Block block;
  for (int i = 0; i < 200; ++i) {
    std::thread([&] { block.ForThread(*ThreadRecord::Current()).Add(kFirst); }).join();
  }
  EXPECT_EQ(block.Sum(kFirst), 200u);
}

}  // namespace
}  // namespace netstack::base
