#include "netstack/base/role.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <new>
#include <thread>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/user_call.h"

namespace netstack::base {
namespace {

const ThreadRecord& Here() { return *Entry::FromCallback(); }

template <typename Function>
void OnAnotherThread(Function function) {
  std::thread(function).join();
}

bool IsFree(Role& role) {
  bool free = false;
  OnAnotherThread([&] {
    free = role.Take(Here());
    if (free) role.Leave();
  });
  return free;
}

// Its variables stand on the stack itself, side by side, with any sanitizer.
#define PLAIN_FRAME __attribute__((noinline, no_sanitize("address")))

PLAIN_FRAME void TakeAndAbandonHere(Role& role) {
  alignas(Entry) std::array<unsigned char, sizeof(Entry)> entry;
  alignas(UserCall) std::array<unsigned char, sizeof(UserCall)> call;
  new (entry.data()) Entry();
  EXPECT_TRUE(role.Take(*ThreadRecord::Current()));
  new (call.data()) UserCall(*ThreadRecord::Current());
  EXPECT_TRUE(role.taken());
  EXPECT_FALSE(IsFree(role));
}

// Takes the role and calls user code, which is left without returning: so far below that whoever
// looks next stands above it, however much its compiler puts on the stack.
PLAIN_FRAME void TakeAndAbandon(Role& role) {
  std::array<volatile char, 16'384> between;
  between.front() = 0;
  TakeAndAbandonHere(role);
  between.back() = 0;
}

TEST(Role, IsOneCallsAtATime) {
  Role role;
  EXPECT_FALSE(role.taken());
  EXPECT_TRUE(role.Take(Here()));
  EXPECT_TRUE(role.taken());
  EXPECT_FALSE(role.Take(Here()));
  EXPECT_FALSE(IsFree(role));
  EXPECT_FALSE(role.FreeIfLeft());
  EXPECT_TRUE(role.Leave());
  EXPECT_FALSE(role.taken());
  EXPECT_TRUE(IsFree(role));
}

TEST(Role, StaysTakenWhileUserCodeRunsAndReturns) {
  Role role;
  const Entry entry;
  EXPECT_TRUE(role.Take(entry.thread()));
  for (int i = 0; i < 3; ++i) {
    const UserCall call(entry.thread());
    EXPECT_FALSE(role.Take(entry.thread()));
    EXPECT_FALSE(IsFree(role));
  }
  EXPECT_FALSE(IsFree(role));
  role.Leave();
}

TEST(Role, IsFreeForEveryThreadOnceItsThreadKnowsThatItWasLeft) {
  Role role;
  for (int i = 0; i < 3; ++i) {
    TakeAndAbandon(role);
    static_cast<void>(Here());
    EXPECT_FALSE(role.taken());
    EXPECT_TRUE(IsFree(role));
    EXPECT_TRUE(role.Take(Here()));
    EXPECT_FALSE(IsFree(role));
    EXPECT_TRUE(role.Leave());
  }
}

TEST(Role, ThatWasLeftIsTakenByOne) {
  Role role;
  TakeAndAbandon(role);
  static_cast<void>(Here());
  std::atomic<int> took{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { took += role.Take(Here()) ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(took, 1);
}

TEST(Role, ThatWasLeftIsSaidToBeOnce) {
  Role role;
  TakeAndAbandon(role);
  EXPECT_TRUE((static_cast<void>(Here()), role.FreeIfLeft()));
  EXPECT_FALSE(role.FreeIfLeft());
  EXPECT_TRUE(IsFree(role));
}

// Another call, deeper inside, was left; the one that has the role goes on.
TEST(Role, OfAnOuterCallStaysTaken) {
  Role outer;
  Role inner;
  const Entry entry;
  EXPECT_TRUE(outer.Take(entry.thread()));
  const UserCall call(entry.thread());
  TakeAndAbandon(inner);
  static_cast<void>(Here());
  EXPECT_TRUE(outer.taken());
  EXPECT_FALSE(inner.taken());
  outer.Leave();
}

TEST(Role, OfAThreadThatEndedInsideUserCodeIsFree) {
  Role role;
  OnAnotherThread([&] { TakeAndAbandon(role); });
  EXPECT_FALSE(role.taken());
  EXPECT_TRUE(IsFree(role));
}

TEST(Role, ThatWasEndedIsNobodysAnyMore) {
  Role role;
  EXPECT_TRUE(role.Take(Here()));
  EXPECT_TRUE(role.End());
  EXPECT_FALSE(role.taken());
  EXPECT_FALSE(role.Leave());
  EXPECT_FALSE(role.Take(Here()));
  EXPECT_FALSE(role.End());
  Role left;
  TakeAndAbandon(left);
  static_cast<void>(Here());
  EXPECT_FALSE(left.End()) << "nobody is there to be told";
}

}  // namespace
}  // namespace netstack::base
