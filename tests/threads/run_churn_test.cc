// Several runs while devices come and go, the stack is stopped by a signal
// wherever that interrupts, or freed.
#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <latch>
#include <thread>
#include <vector>

#include "support/device.h"
#include "support/handler.h"

namespace {

using support::Device;
using support::Handler;
using support::StackHandle;

// A loop of one device ends with it, one that finds none is not needed.
ns_status RunOnAndOn(ns_stack* stack, const std::atomic<bool>& ended) {
  ns_status status = NS_OK;
  do {
    status = ns_stack_run(stack, nullptr);
    EXPECT_TRUE(status == NS_OK || status == NS_ERR_BUSY || status == NS_ERR_CLOSED) << status;
    std::this_thread::yield();
  } while (status != NS_OK && !ended);
  return status;
}

TEST(Runs, ServeWhatStaysWhileDevicesComeAndGo) {
  const StackHandle stack = support::NewSystemStack();
  const Device staying(stack.get(), 1);
  std::atomic<bool> ended{false};
  std::vector<std::thread> runs;
  for (int i = 0; i < 3; ++i) {
    runs.emplace_back([&] { RunOnAndOn(stack.get(), ended); });
  }
  for (int i = 0; i < 100; ++i) {
    const Device coming(stack.get(), 2);
    coming.Ask();
    EXPECT_TRUE(coming.IsAnswered());
    EXPECT_EQ(ns_stack_remove_nic(stack.get(), 2, nullptr), NS_OK);
    staying.Ask();
    EXPECT_TRUE(staying.IsAnswered());
  }
  ended = true;
  ns_stack_stop(stack.get());
  for (std::thread& run : runs) run.join();
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK);
}

// Each is in the middle of a handler when that comes.
TEST(Runs, EndAsClosedWhenTheStackIsFreedUnderThem) {
  StackHandle stack = support::NewSystemStack();
  const Device first(stack.get(), 1);
  const Device second(stack.get(), 2);
  std::atomic<bool> hold{false};
  std::latch all_inside(3);
  std::latch freed(1);
  std::atomic<std::thread::id> of_second;
  Handler handler([&](ns_request request) {
    if (support::InfoOf(request).nic == 2) of_second = std::this_thread::get_id();
    if (hold) {
      all_inside.arrive_and_wait();
      freed.wait();
    }
    static_cast<void>(ns_request_reply(request));
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(stack.get());
  handler.Free();
  const auto run = [shared = stack.get()] {
    EXPECT_EQ(ns_stack_run(shared, nullptr), NS_ERR_CLOSED);
  };
  std::thread one(run);
  first.Ask();
  EXPECT_TRUE(first.IsAnswered());
  std::thread two(run);
  while (of_second.load() != two.get_id()) {  // until each has a device
    second.Ask();
    EXPECT_TRUE(second.IsAnswered());
  }
  hold = true;
  first.Ask();
  second.Ask();
  all_inside.arrive_and_wait();
  stack.reset();
  EXPECT_EQ(handler.destroyed(), 0);
  freed.count_down();
  one.join();
  two.join();
  EXPECT_EQ(handler.destroyed(), 1);
  EXPECT_EQ(handler.calls_after_destroy(), 0);
}

std::atomic<ns_stack*> to_stop{nullptr};
std::atomic<int> stops{0};

void StopOnSignal(int) {
  ns_stack_stop(to_stop);
  ++stops;
}

// The signal finds the thread anywhere, also where it holds a lock.
TEST(StopInASignalHandler, MayInterruptAnything) {
  const StackHandle stack = support::NewSystemStack();
  const Device device(stack.get(), 1);
  to_stop = stack.get();
  struct sigaction action {};
  struct sigaction former {};
  action.sa_handler = StopOnSignal;
  action.sa_flags = SA_RESTART;
  ASSERT_EQ(sigaction(SIGUSR1, &action, &former), 0);
  std::atomic<bool> done{false};
  std::atomic<uint64_t> changes{0};
  std::thread changing([&] {
    while (!done) {
      EXPECT_EQ(ns_stack_add_address(stack.get(), 1, "10.0.0.1/24", nullptr), NS_OK);
      EXPECT_EQ(ns_stack_poll(stack.get(), nullptr, nullptr), NS_OK);
      const Handler handler = Handler::Saying(NS_VERDICT_DECLINED);
      handler.InstallIn(stack.get());
      EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK);  // until the first signal, then at once
      support::RemoveForwarder(stack.get());
      EXPECT_EQ(ns_stack_remove_address(stack.get(), 1, "10.0.0.1", nullptr), NS_OK);
      ++changes;
    }
  });
  for (int i = 0; i < 2'000; ++i) {
    const int before = stops;
    EXPECT_EQ(pthread_kill(changing.native_handle(), SIGUSR1), 0);
    while (stops == before && i % 16 == 0) std::this_thread::yield();
  }
  while (changes < 10) std::this_thread::yield();
  done = true;
  changing.join();
  sigaction(SIGUSR1, &former, nullptr);
  EXPECT_GE(stops, 100);
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK);
}

}  // namespace
