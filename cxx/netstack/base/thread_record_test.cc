#include "netstack/base/thread_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/user_call.h"

#if defined(__unix__)
#include <csignal>
#endif

namespace netstack::base {
namespace {

constexpr uint64_t kRequest = 77;
int what_it_names = 0;

ThreadRecord& Here() { return *ThreadRecord::Current(); }

template <typename Function>
void OnAnotherThread(Function function) {
  std::thread(function).join();
}

// How deep deliveries can still nest here.
uint32_t DeliveriesLeft() {
  if (!Delivery::Fits(Here())) return 0;
  const Delivery delivery(Here());
  return 1 + DeliveriesLeft();
}
constexpr uint32_t kAllDeliveries = kMaxNestedDeliveries + 1;

// Its variables stand on the stack itself, side by side, with any sanitizer.
#define PLAIN_FRAME __attribute__((noinline, no_sanitize("address")))

// Enters the library, delivers, calls user code that does `inside`, and is left
// without returning, as by longjmp(): nothing of it is ever destroyed.
template <typename Inside>
PLAIN_FRAME void Abandon(uint64_t request, Inside inside) {
  alignas(Entry) std::array<unsigned char, sizeof(Entry)> entry;
  alignas(Delivery) std::array<unsigned char, sizeof(Delivery)> delivery;
  alignas(HandlerCall) std::array<unsigned char, sizeof(HandlerCall)> call;
  new (entry.data()) Entry();
  if (Delivery::Fits(Here())) new (delivery.data()) Delivery(Here());
  Here().PushScratch();
  new (call.data()) HandlerCall(Here(), request, &what_it_names);
  inside();
}
void Abandon(uint64_t request) {
  Abandon(request, [] {});
}

TEST(ThreadRecord, IsOneForEachThread) {
  ThreadRecord* const mine = ThreadRecord::Current();
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(ThreadRecord::Current(), mine);
  OnAnotherThread([&] {
    EXPECT_NE(ThreadRecord::Current(), mine);
    EXPECT_NE(Here().index(), mine->index());
  });
}

TEST(ThreadRecord, OfAThreadThatEndedIsHandedToTheNext) {
  std::set<uint32_t> indices;
  for (int i = 0; i < 50; ++i) OnAnotherThread([&] { indices.insert(Here().index()); });
  EXPECT_EQ(indices.size(), 1u);
}

TEST(ThreadRecord, NeverGivesTheSameRequestTwiceNorZero) {
  constexpr size_t kEach = 70'000;  // more than a thread takes at once
  std::array<std::vector<uint64_t>, 3> got;
  std::vector<std::thread> threads;
  for (auto& requests : got) {
    threads.emplace_back([&] {
      requests.reserve(kEach);
      for (size_t i = 0; i < kEach; ++i) requests.push_back(Here().NextRequest());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<uint64_t> all;
  for (const auto& requests : got) all.insert(all.end(), requests.begin(), requests.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
  EXPECT_NE(all.front(), 0u);
}

TEST(Request, IsFoundWhileItsCallRunsAndNeverElse) {
  int context = 0;
  const Entry entry;
  {
    const HandlerCall call(entry.thread(), kRequest, &context);
    ASSERT_TRUE(call);
    EXPECT_EQ(Here().FindRequest(kRequest), &context);
    EXPECT_EQ(Here().FindRequest(kRequest + 1), nullptr);
    OnAnotherThread([] { EXPECT_EQ(Here().FindRequest(kRequest), nullptr); });
  }
  EXPECT_EQ(Here().FindRequest(kRequest), nullptr);
}

TEST(Request, ZeroIsNeverOne) {
  const Entry entry;
  const UserCall call(entry.thread());
  EXPECT_EQ(Here().FindRequest(0), nullptr);
}

TEST(Request, OfTheOuterCallIsFoundInsideANestedOne) {
  int outer_context = 0;
  int inner_context = 0;
  const Entry outer;
  const HandlerCall outer_call(outer.thread(), kRequest, &outer_context);
  {
    const Entry inner;
    const HandlerCall inner_call(inner.thread(), kRequest + 1, &inner_context);
    EXPECT_EQ(Here().FindRequest(kRequest), &outer_context);
    EXPECT_EQ(Here().FindRequest(kRequest + 1), &inner_context);
  }
  EXPECT_EQ(Here().FindRequest(kRequest), &outer_context);
  EXPECT_EQ(Here().FindRequest(kRequest + 1), nullptr);
}

TEST(UserCall, TellsWhetherThisThreadIsInsideACallback) {
  EXPECT_FALSE(Here().InsideCallback());
  const Entry entry;
  EXPECT_FALSE(Here().InsideCallback());
  const UserCall call(entry.thread());
  EXPECT_TRUE(Here().InsideCallback());
  OnAnotherThread([] { EXPECT_FALSE(Here().InsideCallback()); });
}

TEST(UserCall, IsRefusedWhenTooManyAreInsideEachOther) {
  const Entry entry;
  {
    std::array<std::optional<UserCall>, kMaxFrames> calls;
    for (auto& call : calls) ASSERT_TRUE(call.emplace(entry.thread()));
    EXPECT_FALSE(UserCall::Fits(entry.thread()));
    const UserCall one_more(entry.thread());
    EXPECT_FALSE(one_more);
    while (Here().InsideCallback()) {
      for (size_t i = calls.size(); i > 0; --i) calls[i - 1].reset();
    }
  }
  const UserCall again(entry.thread());
  EXPECT_TRUE(again);
}

TEST(Delivery, NestsEightDeepBelowTheFirst) {
  const Entry entry;
  EXPECT_EQ(DeliveriesLeft(), kAllDeliveries);
  EXPECT_EQ(DeliveriesLeft(), kAllDeliveries) << "and again";
}

TEST(Scratch, IsLastInFirstOutAndUsedAgain) {
  const Entry entry;
  ThreadRecord& thread = entry.thread();
  uint8_t* const first = thread.PushScratch();
  uint8_t* const second = thread.PushScratch();
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_NE(first, second);
  std::memset(first, 1, kScratchSize);
  std::memset(second, 2, kScratchSize);
  EXPECT_EQ(first[kScratchSize - 1], 1);
  thread.PopScratch();
  EXPECT_EQ(thread.PushScratch(), second);
  thread.PopScratch();
  thread.PopScratch();
  EXPECT_EQ(thread.PushScratch(), first);
}

TEST(Scratch, RunsOutAtItsBoundAndIsBackAfterTheEntry) {
  uint8_t* first = nullptr;
  OnAnotherThread([&] {
    {
      const Entry entry;
      first = Here().PushScratch();
      for (uint32_t i = 1; i < kMaxFrames; ++i) ASSERT_NE(Here().PushScratch(), nullptr);
      EXPECT_EQ(Here().PushScratch(), nullptr);
    }
    const Entry entry;
    EXPECT_EQ(Here().PushScratch(), first);
  });
}

TEST(CallbackLeftWithoutReturning, EndsItsRequestAtTheNextEntry) {
  Abandon(kRequest);
  const Entry entry;
  EXPECT_EQ(Here().FindRequest(kRequest), nullptr);
  EXPECT_FALSE(Here().InsideCallback());
}

TEST(CallbackLeftWithoutReturning, LeavesNothingOfItsNesting) {
  uint8_t* first = nullptr;
  {
    const Entry entry;
    first = Here().PushScratch();
  }
  for (int i = 0; i < 1'000; ++i) Abandon(kRequest);
  const Entry entry;
  EXPECT_EQ(DeliveriesLeft(), kAllDeliveries);
  EXPECT_EQ(Here().PushScratch(), first);
}

TEST(CallbackLeftWithoutReturning, NestedInOthersThatWereLeftTooEndsThemAll) {
  Abandon(kRequest, [] { Abandon(kRequest + 1, [] { Abandon(kRequest + 2); }); });
  const Entry entry;
  for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(Here().FindRequest(kRequest + i), nullptr);
  EXPECT_EQ(DeliveriesLeft(), kAllDeliveries);
}

// The library called user code, that called the library, and that was left: by
// an exception or panic caught in the outer callback.
TEST(CallbackLeftWithoutReturning, LeavesTheCallbackAroundItAlive) {
  const Entry entry;
  const Delivery delivery(entry.thread());
  {
    const HandlerCall outer(entry.thread(), kRequest, &what_it_names);
    Abandon(kRequest + 1);
    {
      const Entry next;
      EXPECT_NE(Here().FindRequest(kRequest), nullptr);
      EXPECT_EQ(Here().FindRequest(kRequest + 1), nullptr);
      EXPECT_EQ(DeliveriesLeft(), kAllDeliveries - 1);
    }
    Abandon(kRequest + 2);
  }
  EXPECT_FALSE(Here().InsideCallback());
  EXPECT_EQ(DeliveriesLeft(), kAllDeliveries - 1) << "though no entry came after the last one";
}

// What stands deeper than the callback stood can't be told by its place alone.
PLAIN_FRAME bool FoundFromDeepDown(uint64_t request) {
  volatile unsigned char deep[16'384];
  for (volatile unsigned char& byte : deep) byte = 0x55;
  const Entry entry;
  return Here().FindRequest(request) != nullptr;
}

TEST(CallbackLeftWithoutReturning, IsNoticedFromDeeperInTheStackToo) {
  const auto deeper = []() PLAIN_FRAME {
    volatile unsigned char between[256];
    for (volatile unsigned char& byte : between) byte = 0x55;
    Abandon(kRequest);
  };
  deeper();
  EXPECT_FALSE(FoundFromDeepDown(kRequest));
}

TEST(CallbackOnTheStack, IsNotMistakenForOneThatWasLeft) {
  const Entry entry;
  const HandlerCall call(entry.thread(), kRequest, &what_it_names);
  const Entry beside;  // as if all had been inlined into one function
  EXPECT_NE(Here().FindRequest(kRequest), nullptr);
  EXPECT_TRUE(FoundFromDeepDown(kRequest));
}

TEST(CallbackOnTheStack, MayHaveItsUserCallAnywhere) {
  const Entry entry;
  const auto call = std::make_unique<HandlerCall>(entry.thread(), kRequest, &what_it_names);
  EXPECT_TRUE(FoundFromDeepDown(kRequest));
}

#if defined(__unix__)
bool found_on_the_other_stack = false;

void EnterOnThisStack(int) { found_on_the_other_stack = FoundFromDeepDown(kRequest); }

// A coroutine's stack lies above or below the thread's own; neither says
// anything about the callback that is running there.
TEST(CallbackOnTheStack, SurvivesAnEntryFromAnotherStack) {
  constexpr size_t kSize = 256 * 1024;
  const auto memory = std::make_unique<unsigned char[]>(kSize);
  stack_t other{};
  other.ss_sp = memory.get();
  other.ss_size = kSize;
  stack_t before{};
  ASSERT_EQ(sigaltstack(&other, &before), 0);
  struct sigaction action {};
  action.sa_handler = &EnterOnThisStack;
  action.sa_flags = SA_ONSTACK;
  struct sigaction old {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &old), 0);
  {
    const Entry entry;
    const HandlerCall call(entry.thread(), kRequest, &what_it_names);
    found_on_the_other_stack = false;
    raise(SIGUSR1);
    EXPECT_TRUE(found_on_the_other_stack);
    EXPECT_NE(Here().FindRequest(kRequest), nullptr);
  }
  sigaction(SIGUSR1, &old, nullptr);
  before.ss_flags |= SS_DISABLE;
  sigaltstack(&before, nullptr);
}
#endif

}  // namespace
}  // namespace netstack::base
