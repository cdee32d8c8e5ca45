#include "netstack/base/timers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace netstack::base {
namespace {

// Writes down what ran, and what time it was told.
struct Log {
  Timers::Task Task(std::string name) {
    return [this, name = std::move(name)](uint64_t now) {
      text += name + "@" + std::to_string(now) + " ";
    };
  }
  std::string text;
};

TEST(Timers, RunInTheOrderOfTheirDeadlinesEachAtItsOwn) {
  Timers timers;
  Log log;
  timers.Set(30, log.Task("c"));
  timers.Set(10, log.Task("a"));
  timers.Set(20, log.Task("b"));
  EXPECT_EQ(timers.RunDue(100), 3u);
  EXPECT_EQ(log.text, "a@10 b@20 c@30 ");
}

TEST(Timers, OfOneDeadlineRunInTheOrderInWhichTheyWereSet) {
  Timers timers;
  Log log;
  for (const char* name : {"a", "b", "c", "d"}) timers.Set(10, log.Task(name));
  timers.RunDue(10);
  EXPECT_EQ(log.text, "a@10 b@10 c@10 d@10 ");
}

TEST(Timers, RunAtTheirInstantAndNotBefore) {
  Timers timers;
  Log log;
  timers.Set(10, log.Task("a"));
  EXPECT_EQ(timers.RunDue(9), 0u);
  EXPECT_EQ(timers.RunDue(10), 1u);
  EXPECT_EQ(timers.RunDue(11), 0u);
}

TEST(Timers, SetByATimerRunInTheSameTurnIfTheyAreDue) {
  Timers timers;
  Log log;
  timers.Set(10, [&](uint64_t now) {
    log.Task("first")(now);
    timers.Set(now, log.Task("same instant"));
    timers.Set(now + 5, log.Task("later"));
    timers.Set(now + 50, log.Task("not yet"));
  });
  timers.Set(12, log.Task("between"));
  EXPECT_EQ(timers.RunDue(20), 4u);
  EXPECT_EQ(log.text, "first@10 same instant@10 between@12 later@15 ");
  EXPECT_EQ(timers.next_deadline(), 60u);
}

TEST(Timers, NextDeadlineIsTheEarliestOfThoseThatWait) {
  Timers timers;
  EXPECT_EQ(timers.next_deadline(), Timers::kNever);
  const Timers::Id late = timers.Set(30, [](uint64_t) {});
  const Timers::Id early = timers.Set(10, [](uint64_t) {});
  EXPECT_EQ(timers.next_deadline(), 10u);
  EXPECT_TRUE(timers.Cancel(early));
  EXPECT_EQ(timers.next_deadline(), 30u);
  EXPECT_TRUE(timers.Cancel(late));
  EXPECT_EQ(timers.next_deadline(), Timers::kNever);
}

TEST(Timers, SetTellsWhetherAWaitingLoopMustWakeUpSooner) {
  Timers timers;
  bool earlier = false;
  timers.Set(
      20, [](uint64_t) {}, &earlier);
  EXPECT_TRUE(earlier);
  timers.Set(
      20, [](uint64_t) {}, &earlier);
  EXPECT_FALSE(earlier);
  timers.Set(
      30, [](uint64_t) {}, &earlier);
  EXPECT_FALSE(earlier);
  timers.Set(
      10, [](uint64_t) {}, &earlier);
  EXPECT_TRUE(earlier);
}

TEST(Timers, CancelledNeverRun) {
  Timers timers;
  Log log;
  const Timers::Id id = timers.Set(10, log.Task("a"));
  timers.Set(10, log.Task("b"));
  EXPECT_TRUE(timers.Cancel(id));
  EXPECT_FALSE(timers.Cancel(id)) << "twice";
  timers.RunDue(10);
  EXPECT_EQ(log.text, "b@10 ");
}

TEST(Timers, CannotBeCancelledOnceTheyRunOrIfTheyNeverWere) {
  Timers timers;
  Timers::Id id = 0;
  bool cancelled = true;
  id = timers.Set(10, [&](uint64_t) { cancelled = timers.Cancel(id); });
  timers.RunDue(10);
  EXPECT_FALSE(cancelled);
  EXPECT_FALSE(timers.Cancel(id));
  EXPECT_FALSE(timers.Cancel(0));
  EXPECT_FALSE(timers.Cancel(id + 1));
}

TEST(Timers, IdsAreNeverZeroAndNeverTheSame) {
  Timers timers;
  const Timers::Id first = timers.Set(1, [](uint64_t) {});
  timers.RunDue(1);
  const Timers::Id second = timers.Set(1, [](uint64_t) {});
  EXPECT_NE(first, 0u);
  EXPECT_NE(second, first);
}

TEST(Timers, AtTheEndOfTimeNeitherHangNorGetLost) {
  Timers timers;
  Log log;
  EXPECT_EQ(timers.RunDue(UINT64_MAX), 0u);
  timers.Set(UINT64_MAX, log.Task("last"));
  EXPECT_EQ(timers.RunDue(UINT64_MAX - 1), 0u);
  EXPECT_EQ(timers.RunDue(UINT64_MAX), 1u);
}

// A task may hold the last reference to a user's data, whose destroy function
// may call anything.
class CallsBack {
 public:
  explicit CallsBack(Timers* timers) : timers_(timers) {}
  CallsBack(const CallsBack&) = delete;
  CallsBack& operator=(const CallsBack&) = delete;
  ~CallsBack() {
    timers_->Set(99, [](uint64_t) {});
  }

 private:
  Timers* timers_;
};

TEST(Timers, AreNotLockedWhileATaskIsRunCancelledOrDropped) {
  Timers timers;
  const auto set = [&](uint64_t deadline) {
    return timers.Set(deadline, [held = std::make_shared<CallsBack>(&timers)](uint64_t) {});
  };
  set(10);
  EXPECT_EQ(timers.RunDue(10), 1u);
  EXPECT_EQ(timers.next_deadline(), 99u);
  EXPECT_TRUE(timers.Cancel(set(10)));
  set(10);
  timers.Clear();
  EXPECT_EQ(timers.next_deadline(), 99u) << "the one that the end of a task set";
}

TEST(Timers, SetByManyThreadsAllRunInOrder) {
  constexpr uint64_t kEach = 1'000;
  Timers timers;
  std::vector<uint64_t> ran;
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = 0; i < kEach; ++i) {
        const Timers::Id unwanted = timers.Set(i, [](uint64_t) { ADD_FAILURE(); });
        timers.Set(4 * i + t, [&](uint64_t now) { ran.push_back(now); });
        EXPECT_TRUE(timers.Cancel(unwanted));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(timers.RunDue(UINT64_MAX - 1), 4 * kEach);
  for (uint64_t i = 0; i < ran.size(); ++i) ASSERT_EQ(ran[i], i);
}

}  // namespace
}  // namespace netstack::base
