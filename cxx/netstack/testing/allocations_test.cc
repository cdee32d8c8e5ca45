#include "netstack/testing/allocations.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace netstack::testing {
namespace {

struct alignas(128) Wide {
  unsigned char bytes[128];
};

// What it does, told by somebody who can't leave it out.
void* volatile taken = nullptr;

uint64_t TakeThree() {
  const uint64_t before = AllocationsOfThread();
  taken = std::make_unique<int>(1).get();
  taken = std::make_unique<int[]>(7).get();
  taken = std::make_unique<Wide>().get();
  return AllocationsOfThread() - before;
}

TEST(Allocations, AreCountedWhereTheyAreMade) {
  EXPECT_EQ(TakeThree(), 3u);
  constexpr int kMany = 100;
  const uint64_t before = AllocationsOfThread();
  std::thread([] {
    for (int i = 0; i < kMany; ++i) EXPECT_EQ(TakeThree(), 3u);
  }).join();
  EXPECT_LT(AllocationsOfThread() - before, kMany);  // what it takes to start a thread
}

TEST(Allocations, LiveUntilTheyAreFreed) {
  const int64_t before = LiveAllocations();
  auto one = std::make_unique<int>(1);
  auto wide = std::make_unique<Wide>();
  EXPECT_EQ(LiveAllocations() - before, 2);
  one.reset();
  EXPECT_EQ(LiveAllocations() - before, 1);
  wide.reset();
  EXPECT_EQ(LiveAllocations() - before, 0);
}

}  // namespace
}  // namespace netstack::testing
