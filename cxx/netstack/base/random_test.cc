#include "netstack/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace netstack::base {
namespace {

TEST(SeededRandom, GivesTheNumbersOfSplitMix64OnEveryMachine) {
  SeededRandom random(1'234'567);
  for (const uint64_t expected :
       {6'457'827'717'110'365'317u, 3'203'168'211'198'807'973u, 9'817'491'932'198'370'423u,
        4'593'380'528'125'082'431u, 16'408'922'859'458'223'821u}) {
    EXPECT_EQ(random.Next(), expected);
  }
}

TEST(SeededRandom, GivesTheSameForTheSameSeedAndOthersForAnother) {
  SeededRandom a(7);
  SeededRandom b(7);
  SeededRandom c(8);
  const uint64_t first = a.Next();
  EXPECT_EQ(b.Next(), first);
  EXPECT_NE(c.Next(), first);
}

TEST(SeededRandom, GivesEachNumberToOneThreadOnly) {
  constexpr size_t kEach = 2'000;
  SeededRandom shared(7);
  std::vector<std::vector<uint64_t>> got(4);
  std::vector<std::thread> threads;
  for (auto& numbers : got) {
    threads.emplace_back([&] {
      for (size_t i = 0; i < kEach; ++i) numbers.push_back(shared.Next());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<uint64_t> all;
  for (const auto& numbers : got) all.insert(numbers.begin(), numbers.end());
  std::set<uint64_t> expected;
  SeededRandom again(7);
  for (size_t i = 0; i < got.size() * kEach; ++i) expected.insert(again.Next());
  EXPECT_EQ(all, expected);
}

TEST(SystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  std::set<uint64_t> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(random.Next());
  EXPECT_EQ(seen.size(), 1'000u);
}

// Each of the 64 bits is sometimes set and sometimes not.
TEST(SystemRandom, UsesAllBits) {
  SystemRandom random;
  uint64_t ever_set = 0;
  uint64_t always_set = UINT64_MAX;
  for (int i = 0; i < 200; ++i) {
    const uint64_t number = random.Next();
    ever_set |= number;
    always_set &= number;
  }
  EXPECT_EQ(ever_set, UINT64_MAX);
  EXPECT_EQ(always_set, 0u);
}

}  // namespace
}  // namespace netstack::base
