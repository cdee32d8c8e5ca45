#include "netstack/base/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/user_call.h"

#if defined(__unix__)
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace netstack::base {
namespace {

Registry& TheRegistry() { return Registry::Get(); }

// Does something when it is deleted.
class Object final : public Retired {
 public:
  explicit Object(std::function<void()> at_end) : at_end_(std::move(at_end)) {}
  ~Object() override { at_end_(); }

 private:
  std::function<void()> at_end_;
};

std::unique_ptr<Retired> Counted(std::atomic<int>* deleted) {
  return std::make_unique<Object>([deleted] { deleted->fetch_add(1); });
}

// Another thread that runs steps inside the library, one by one.
class Visitor {
 public:
  Visitor() : thread_([this] { Run(); }) {}
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  ~Visitor() {
    Leave();
    Do(nullptr);
    thread_.join();
  }

  void Enter() {
    Do([this] { entry_.emplace(); });
  }
  void Leave() {
    Do([this] { entry_.reset(); });
  }
  // Returns when the step is done.
  void Do(std::function<void()> step) {
    step_ = std::move(step);
    turn_.store(1);
    turn_.notify_one();
    turn_.wait(1);
  }

 private:
  void Run() {
    for (bool more = true; more;) {
      turn_.wait(0);
      more = step_ != nullptr;
      if (more) step_();
      turn_.store(0);
      turn_.notify_one();
    }
  }

  std::function<void()> step_;
  std::atomic<int> turn_{0};
  std::optional<Entry> entry_;
  std::thread thread_;
};

class RegistryTest : public ::testing::Test {
 protected:
  void SetUp() override { ExpectNothingWaits(); }
  void TearDown() override { ExpectNothingWaits(); }

  static void ExpectNothingWaits() {
    TheRegistry().Reclaim();
    EXPECT_EQ(TheRegistry().retired(), 0u);
  }

  std::atomic<int> deleted_{0};
};

TEST_F(RegistryTest, DeletesAtOnceWhatNobodyCanBeReading) {
  TheRegistry().Retire(Counted(&deleted_), true);
  EXPECT_EQ(deleted_, 1);
}

TEST_F(RegistryTest, KeepsWhatAThreadInsideMayBeReading) {
  Visitor visitor;
  visitor.Enter();
  TheRegistry().Retire(Counted(&deleted_), true);
  TheRegistry().Reclaim();
  EXPECT_EQ(deleted_, 0);
  EXPECT_EQ(TheRegistry().retired(), 1u);
}

TEST_F(RegistryTest, KeepsWhatTheCallerItselfMayBeReading) {
  {
    const Entry entry;
    {
      const Entry nested;
      TheRegistry().Retire(Counted(&deleted_), true);
    }
    EXPECT_EQ(deleted_, 0);
  }
  EXPECT_EQ(deleted_, 1);
}

TEST_F(RegistryTest, DeletesSoonOnTheWayOutOfTheLastThread) {
  Visitor first;
  Visitor last;
  first.Enter();
  last.Enter();
  TheRegistry().Retire(Counted(&deleted_), true);
  first.Leave();
  EXPECT_EQ(deleted_, 0);
  last.Leave();
  EXPECT_EQ(deleted_, 1);
}

TEST_F(RegistryTest, DoesNotWaitForThreadsThatEnteredLater) {
  Visitor earlier;
  Visitor later;
  earlier.Enter();
  TheRegistry().Retire(Counted(&deleted_), true);
  later.Enter();
  earlier.Leave();
  EXPECT_EQ(deleted_, 1);
}

TEST_F(RegistryTest, DeletesWithoutHurryAtALaterChange) {
  Visitor visitor;
  visitor.Enter();
  TheRegistry().Retire(Counted(&deleted_), false);
  visitor.Leave();
  EXPECT_EQ(deleted_, 0);
  TheRegistry().Retire(Counted(&deleted_), true);
  EXPECT_EQ(deleted_, 2);
}

TEST_F(RegistryTest, DeletesWithoutHurryBeforeTooManyWait) {
  size_t most = 0;
  for (int i = 0; i < 1'000; ++i) {
    TheRegistry().Retire(Counted(&deleted_), false);
    most = std::max(most, TheRegistry().retired());
  }
  EXPECT_LT(most, 100u);
}

TEST_F(RegistryTest, DeletesTheOldestFirst) {
  std::vector<int> order;
  {
    const Entry entry;
    for (int i = 0; i < 5; ++i) {
      TheRegistry().Retire(std::make_unique<Object>([&order, i] { order.push_back(i); }), i == 2);
    }
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(RegistryTest, IsFreeToBeUsedByWhatItDeletes) {
  const auto at_end = [this] {
    const Entry entry;
    TheRegistry().Retire(Counted(&deleted_), true);
    TheRegistry().Reclaim();
    EXPECT_EQ(TheRegistry().retired(), 1u) << "this thread is inside";
  };
  TheRegistry().Retire(std::make_unique<Object>(at_end), true);
  EXPECT_EQ(deleted_, 1);
}

// A callback that was left by longjmp() holds nothing for ever.
TEST_F(RegistryTest, DeletesWhatOnlyAnAbandonedEntryHeld) {
  const auto abandon = []() __attribute__((noinline)) {
    alignas(Entry) std::array<unsigned char, sizeof(Entry)> entry;
    alignas(UserCall) std::array<unsigned char, sizeof(UserCall)> call;
    new (entry.data()) Entry();
    new (call.data()) UserCall(*ThreadRecord::Current());
  };
  abandon();
  std::thread([this] { TheRegistry().Retire(Counted(&deleted_), true); }).join();
  EXPECT_EQ(deleted_, 0);
  { const Entry next; }
  EXPECT_EQ(deleted_, 1);
}

TEST_F(RegistryTest, DeletesWhatAThreadHeldThatEndedInsideTheLibrary) {
  {
    Visitor visitor;
    visitor.Do([] {
      static constinit std::array<std::byte, sizeof(Entry)> never_left{};
      new (never_left.data()) Entry();
    });
    TheRegistry().Retire(Counted(&deleted_), true);
    EXPECT_EQ(deleted_, 0);
  }
  EXPECT_EQ(deleted_, 1);
}

TEST_F(RegistryTest, TellsWhoHasBeenInsideLongest) {
  EXPECT_EQ(TheRegistry().OldestEpoch(), UINT64_MAX);
  Visitor earlier;
  Visitor later;
  earlier.Enter();
  const uint64_t between = Registry::BeginEpoch();
  later.Enter();
  EXPECT_LT(TheRegistry().OldestEpoch(), between);
  earlier.Leave();
  EXPECT_GE(TheRegistry().OldestEpoch(), between);
  EXPECT_NE(TheRegistry().OldestEpoch(), UINT64_MAX);
  later.Leave();
  EXPECT_EQ(TheRegistry().OldestEpoch(), UINT64_MAX);
}

TEST_F(RegistryTest, WaitEndsAtOnceWhenNothingIsRunning) {
  int handler = 0;
  int other = 0;
  Visitor visitor;
  visitor.Enter();
  std::optional<HandlerCall> call;
  visitor.Do([&] { call.emplace(*ThreadRecord::Current(), 0, nullptr).Run(&other); });
  TheRegistry().WaitUntilNotRunning(&handler);
  visitor.Do([&] { call.reset(); });
}

TEST_F(RegistryTest, WaitLastsUntilTheLastCallHasReturned) {
  int handler = 0;
  for (int i = 0; i < 500; ++i) {
    std::atomic<int> inside{0};
    std::atomic<int> returning{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        const Entry entry;
        HandlerCall call(entry.thread(), entry.thread().NextRequest(), nullptr);
        call.Run(&handler);
        inside.fetch_add(1);
        while (inside.load() < 2) std::this_thread::yield();
        returning.fetch_add(1);
      });
    }
    while (inside.load() < 2) std::this_thread::yield();
    TheRegistry().WaitUntilNotRunning(&handler);
    ASSERT_EQ(returning.load(), 2);
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_F(RegistryTest, WaitEndsWhenAThreadEndsInsideItsCall) {
  int handler = 0;
  for (int i = 0; i < 500; ++i) {
    std::atomic<bool> inside{false};
    std::thread thread([&] {
      alignas(HandlerCall) std::array<unsigned char, sizeof(HandlerCall)> call;
      (new (call.data()) HandlerCall(*ThreadRecord::Current(), 0, nullptr))->Run(&handler);
      inside.store(true);
      for (int n = 0; n < i % 50; ++n) std::this_thread::yield();
    });
    while (!inside.load()) std::this_thread::yield();
    TheRegistry().WaitUntilNotRunning(&handler);
    thread.join();
  }
}

#if defined(__unix__)
// Runs `body` in a child process, which must say that all is well.
void InChild(const std::function<bool()>& body) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(20);  // a child that hangs ends as a failure
    _exit(body() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(RegistryTest, InAChildCountsTheFork) {
  const uint32_t mine = Registry::fork_generation();
  InChild([&] { return Registry::fork_generation() == mine + 1; });
  EXPECT_EQ(Registry::fork_generation(), mine);
}

TEST_F(RegistryTest, InAChildNeitherWaitsNorKeepsForThreadsOfTheParent) {
  int handler = 0;
  Visitor visitor;
  visitor.Enter();
  std::optional<HandlerCall> call;
  visitor.Do([&] { call.emplace(*ThreadRecord::Current(), 0, nullptr).Run(&handler); });
  std::thread waiter([&] { TheRegistry().WaitUntilNotRunning(&handler); });
  for (int i = 0; i < 20; ++i) {
    InChild([&] {
      std::atomic<int> deleted{0};
      TheRegistry().Retire(Counted(&deleted), true);
      TheRegistry().WaitUntilNotRunning(&handler);
      return deleted == 1;
    });
  }
  visitor.Do([&] { call.reset(); });
  waiter.join();
}

// The handler goes on in both processes, but only the parent may answer.
TEST_F(RegistryTest, InAChildTheForkingThreadKeepsItsCallsAndLosesItsRequests) {
  constexpr uint64_t kRequest = 99;
  const Entry entry;
  int context = 0;
  const HandlerCall call(entry.thread(), kRequest, &context);
  InChild([&] {
    std::atomic<int> deleted{0};
    const Entry nested;
    TheRegistry().Retire(Counted(&deleted), true);
    const ThreadRecord* const mine = ThreadRecord::Current();
    return deleted == 0 && mine->InsideCallback() && call.inherited() &&
           mine->FindRequest(kRequest) == nullptr;
  });
  EXPECT_FALSE(call.inherited());
  EXPECT_EQ(entry.thread().FindRequest(kRequest), &context);
}
#endif

}  // namespace
}  // namespace netstack::base
