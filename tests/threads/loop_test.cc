// ns_stack_run(), ns_stack_stop(), ns_stack_poll() and the descriptor.
#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <future>
#include <thread>

#include "support/device.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::ClockHandle;
using support::Device;
using support::EchoRequestTo;
using support::Error;
using support::LinkHandle;
using support::NewSystemStack;
using support::Readable;
using support::StackHandle;

std::future<ns_status> RunInAThread(ns_stack* stack) {
  return std::async(std::launch::async, [stack] { return ns_stack_run(stack, nullptr); });
}

TEST(Stop, EndsARunInAnotherThread) {
  const StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  auto run = RunInAThread(stack.get());
  device.Ask();
  EXPECT_TRUE(device.IsAnswered());  // so it runs
  ns_stack_stop(stack.get());
  EXPECT_EQ(run.get(), NS_OK);
}

TEST(Stop, BeforeARunEndsItAtOnceAndEveryLaterOne) {
  const StackHandle stack = NewSystemStack();
  ns_stack_stop(stack.get());
  for (int i = 0; i < 3; ++i) {
    Error error;
    EXPECT_EQ(ns_stack_run(stack.get(), error.out()), NS_OK);
    EXPECT_FALSE(error.is_set());
  }
  ns_stack_stop(stack.get());
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK);
}

TEST(Stop, InsideACallbackEndsTheRunAfterIt) {
  const StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  const support::Handler handler([&](ns_request request) {
    ns_stack_stop(stack.get());
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(stack.get());
  device.Ask();
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK);
  EXPECT_TRUE(device.IsAnswered());
}

TEST(Stop, LeavesEverythingElseWorking) {
  const StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  ns_stack_stop(stack.get());
  device.Ask();
  size_t packets = 0;
  EXPECT_EQ(ns_stack_poll(stack.get(), &packets, nullptr), NS_OK);
  EXPECT_EQ(packets, 1u);
  EXPECT_TRUE(device.IsAnswered());
  EXPECT_EQ(ns_stack_add_address(stack.get(), 1, "10.0.0.1/8", nullptr), NS_OK);
}

std::atomic<ns_stack*> to_stop{nullptr};
std::atomic<int> errno_kept{-1};

void StopOnSignal(int) {
  const int before = errno;
  ns_stack_stop(to_stop.load());
  errno_kept = errno == before ? 1 : 0;
}

TEST(Stop, InASignalHandlerEndsTheRunThatItInterrupts) {
  const StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  to_stop = stack.get();
  struct sigaction action {};
  struct sigaction former {};
  action.sa_handler = StopOnSignal;
  ASSERT_EQ(sigaction(SIGUSR1, &action, &former), 0);
  std::promise<pthread_t> thread;
  auto run = std::async(std::launch::async, [&] {
    thread.set_value(pthread_self());
    return ns_stack_run(stack.get(), nullptr);
  });
  const pthread_t running = thread.get_future().get();
  device.Ask();
  EXPECT_TRUE(device.IsAnswered());
  EXPECT_EQ(pthread_kill(running, SIGUSR1), 0);
  EXPECT_EQ(run.get(), NS_OK);
  EXPECT_EQ(errno_kept, 1);
  sigaction(SIGUSR1, &former, nullptr);
}

void Ignore(int) {}

TEST(Run, GoesOnAfterASignalThatStopsNothing) {
  const StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  struct sigaction action {};
  struct sigaction former {};
  action.sa_handler = Ignore;
  ASSERT_EQ(sigaction(SIGUSR2, &action, &former), 0);
  std::promise<pthread_t> thread;
  auto run = std::async(std::launch::async, [&] {
    thread.set_value(pthread_self());
    return ns_stack_run(stack.get(), nullptr);
  });
  const pthread_t running = thread.get_future().get();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(pthread_kill(running, SIGUSR2), 0);
    device.Ask();
    EXPECT_TRUE(device.IsAnswered());
  }
  ns_stack_stop(stack.get());
  EXPECT_EQ(run.get(), NS_OK);
  sigaction(SIGUSR2, &former, nullptr);
}

TEST(Run, RefusesAManualClock) {
  const StackHandle stack = support::NewStack();
  Error error;
  EXPECT_EQ(ns_stack_run(stack.get(), error.out()), NS_ERR_UNSUPPORTED);
  EXPECT_NE(error.message().find("clock"), std::string::npos) << error.message();
}

TEST(Run, OnceMoreIsBusyWhereNoDeviceIsLeft) {
  const StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  auto run = RunInAThread(stack.get());
  device.Ask();
  EXPECT_TRUE(device.IsAnswered());
  Error error;
  EXPECT_EQ(ns_stack_run(stack.get(), error.out()), NS_ERR_BUSY);
  EXPECT_TRUE(error.is_set());
  ns_stack_stop(stack.get());
  EXPECT_EQ(run.get(), NS_OK);
}

TEST(Run, InSeveralThreadsServesEveryDevice) {
  const StackHandle stack = NewSystemStack();
  const Device first(stack.get(), 1);
  const Device second(stack.get(), 2);
  const Device third(stack.get(), 3);
  std::array<std::future<ns_status>, 3> runs;
  for (auto& run : runs) run = RunInAThread(stack.get());
  for (int i = 0; i < 20; ++i) {
    for (const Device* const device : {&first, &second, &third}) device->Ask();
    for (const Device* const device : {&first, &second, &third}) {
      EXPECT_TRUE(device->IsAnswered());
    }
  }
  ns_stack_stop(stack.get());
  for (auto& run : runs) EXPECT_EQ(run.get(), NS_OK);
}

TEST(Run, EndsAsClosedWhenTheStackIsFreed) {
  StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  auto run = RunInAThread(stack.get());
  device.Ask();
  EXPECT_TRUE(device.IsAnswered());
  stack.reset();
  EXPECT_EQ(run.get(), NS_ERR_CLOSED);
}

// A clock of the test's whose wait function it holds.
struct WaitingClock {
  std::function<ns_status(int, uint64_t)> wait;
  int destroyed = 0;

  static uint64_t Now(void*) { return 12'345; }
  static ns_status Wait(void* self, int descriptor, uint64_t deadline) {
    return static_cast<WaitingClock*>(self)->wait(descriptor, deadline);
  }
  static void Destroy(void* self) { ++static_cast<WaitingClock*>(self)->destroyed; }

  StackHandle MakeStack(bool can_wait) {
    ns_clock_options options = NS_CLOCK_OPTIONS_INIT;
    if (can_wait) options.wait = Wait;
    ns_clock* made = nullptr;
    EXPECT_EQ(ns_clock_callback_new(&options, Now, this, Destroy, &made, nullptr), NS_OK);
    const ClockHandle clock(made);
    EXPECT_EQ(ns_clock_get_now(made), 12'345u);
    ns_stack_options stack_options = NS_STACK_OPTIONS_INIT;
    stack_options.clock = made;
    ns_stack* stack = nullptr;
    EXPECT_EQ(ns_stack_new(&stack_options, &stack, nullptr), NS_OK);
    return StackHandle(stack);
  }
};

TEST(CustomClock, WithoutAWaitFunctionIsRefused) {
  WaitingClock clock;
  StackHandle stack = clock.MakeStack(false);
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_ERR_UNSUPPORTED);
  EXPECT_EQ(ns_stack_poll(stack.get(), nullptr, nullptr), NS_OK);
  EXPECT_EQ(clock.destroyed, 0);
  stack.reset();
  EXPECT_EQ(clock.destroyed, 1);
}

TEST(CustomClock, IsAskedToWaitForTheDescriptor) {
  WaitingClock clock;
  const StackHandle stack = clock.MakeStack(true);
  int waits = 0;
  clock.wait = [&](int descriptor, uint64_t deadline) {
    EXPECT_EQ(descriptor, ns_stack_get_descriptor(stack.get()));
    EXPECT_EQ(deadline, NS_TIME_NEVER);
    if (++waits == 3) ns_stack_stop(stack.get());
    return NS_OK;
  };
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK);
  EXPECT_EQ(waits, 3);
}

TEST(CustomClock, EndsTheRunWithWhatItsWaitFunctionReturns) {
  for (const ns_status status : {NS_ERR_TIMED_OUT, NS_ERR_INTERNAL}) {
    WaitingClock clock;
    const StackHandle stack = clock.MakeStack(true);
    clock.wait = [status](int, uint64_t) { return ns_status{status}; };
    Error error;
    EXPECT_EQ(ns_stack_run(stack.get(), error.out()), status);
    EXPECT_EQ(error.status(), status);
  }
}

TEST(CustomClock, StoppedWhileAnotherRunIsStillInsideIsStoppedForTheNext) {
  WaitingClock clock;
  const StackHandle stack = clock.MakeStack(true);
  std::promise<void> waiting;
  std::promise<void> go;
  clock.wait = [&](int, uint64_t) {
    waiting.set_value();
    go.get_future().wait();
    return NS_OK;
  };
  auto run = RunInAThread(stack.get());
  waiting.get_future().wait();
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_ERR_BUSY);
  ns_stack_stop(stack.get());
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK);  // it was stopped before the call
  go.set_value();
  EXPECT_EQ(run.get(), NS_OK);
}

// The main loop ends with its device, and nobody takes its part; then the NIC
// that is added wakes whoever waits, once.
TEST(CustomClock, IsAskedToWaitAgainByALoopThatHasNothingToDo) {
  WaitingClock clock;
  std::atomic<int> quiet{0};
  std::atomic<int> busy{0};
  clock.wait = [&](int descriptor, uint64_t) -> ns_status {
    if (Readable(descriptor)) return ++busy > 1'000 ? NS_ERR_LIMITED : NS_OK;
    ++quiet;
    static_cast<void>(Readable(descriptor, -1));
    return NS_OK;
  };
  const StackHandle stack = clock.MakeStack(true);
  Device ending(stack.get(), 1);
  const Device staying(stack.get(), 2);
  const auto until_quiet = [&](int times) {
    while (quiet < times && busy <= 1'000) std::this_thread::yield();
  };
  auto first = RunInAThread(stack.get());
  until_quiet(1);
  auto second = RunInAThread(stack.get());
  until_quiet(2);
  ending.HangUp();
  EXPECT_EQ(first.get(), NS_ERR_CLOSED);
  const LinkHandle link = support::NewChannel();
  const int before = quiet;
  ASSERT_EQ(ns_stack_add_nic(stack.get(), 3, link.get(), nullptr, nullptr), NS_OK);
  until_quiet(before + 1);
  ns_stack_stop(stack.get());
  EXPECT_EQ(second.get(), NS_OK);
}

TEST(CustomClock, MayUseTheStackWhileItWaits) {
  WaitingClock clock;
  const StackHandle stack = clock.MakeStack(true);
  const LinkHandle link = support::NewChannel();
  ASSERT_EQ(ns_stack_add_nic(stack.get(), 1, link.get(), nullptr, nullptr), NS_OK);
  clock.wait = [&](int, uint64_t) {
    EXPECT_EQ(ns_stack_add_address(stack.get(), 1, "192.168.0.1/24", nullptr), NS_OK);
    EXPECT_EQ(support::Inject(link.get(), Build(EchoRequestTo("192.168.0.1"))), NS_OK);
    ns_stack_stop(stack.get());
    return NS_OK;
  };
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK);
  EXPECT_EQ(support::Drain(link.get()).size(), 1u);
}

// Who waits reads no configuration: what others let go of need not wait for it.
TEST(CustomClock, KeepsNothingAliveWhileItWaits) {
  WaitingClock clock;
  const StackHandle stack = clock.MakeStack(true);
  int destroyed = 0;
  ns_raw_socket_options options = NS_RAW_SOCKET_OPTIONS_INIT;
  options.user_data = &destroyed;
  options.destroy = [](void* count) { ++*static_cast<int*>(count); };
  ns_raw_socket* socket = nullptr;
  ASSERT_EQ(ns_raw_socket_new(stack.get(), NS_FAMILY_IPV4, &options, &socket, nullptr), NS_OK);
  int destroyed_meanwhile = 0;
  clock.wait = [&](int, uint64_t) {
    std::thread([&] {
      ns_raw_socket_free(socket);
      destroyed_meanwhile = destroyed;
    }).join();
    ns_stack_stop(stack.get());
    return NS_OK;
  };
  EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK);
  EXPECT_EQ(destroyed_meanwhile, 1);
}

TEST(Descriptor, IsQuietUntilThereIsSomethingToDo) {
  const StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  const int descriptor = ns_stack_get_descriptor(stack.get());
  ASSERT_GE(descriptor, 0);
  EXPECT_EQ(ns_stack_poll(stack.get(), nullptr, nullptr), NS_OK);
  EXPECT_FALSE(Readable(descriptor));
  device.Ask();
  EXPECT_TRUE(Readable(descriptor));
  EXPECT_TRUE(device.IsSilent());
  size_t packets = 0;
  EXPECT_EQ(ns_stack_poll(stack.get(), &packets, nullptr), NS_OK);
  EXPECT_EQ(packets, 1u);
  EXPECT_TRUE(device.IsAnswered());
  EXPECT_EQ(ns_stack_poll(stack.get(), &packets, nullptr), NS_OK);
  EXPECT_EQ(packets, 0u);
  EXPECT_FALSE(Readable(descriptor));
}

TEST(Descriptor, BecomesReadableOnStopAndStaysSo) {
  const StackHandle stack = support::NewStack();
  const int descriptor = ns_stack_get_descriptor(stack.get());
  EXPECT_EQ(ns_stack_poll(stack.get(), nullptr, nullptr), NS_OK);
  EXPECT_FALSE(Readable(descriptor));
  ns_stack_stop(stack.get());
  EXPECT_TRUE(Readable(descriptor));
  EXPECT_EQ(ns_stack_poll(stack.get(), nullptr, nullptr), NS_OK);
  EXPECT_TRUE(Readable(descriptor));
}

TEST(Descriptor, IsNotReadableForADeviceThatWasRemoved) {
  const StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  ASSERT_EQ(ns_stack_remove_nic(stack.get(), 1, nullptr), NS_OK);
  EXPECT_EQ(ns_stack_poll(stack.get(), nullptr, nullptr), NS_OK);
  device.Ask();
  EXPECT_FALSE(Readable(ns_stack_get_descriptor(stack.get())));
}

TEST(Poll, InSeveralThreadsAnswersEachPacketOnce) {
  const StackHandle stack = NewSystemStack();
  const Device device(stack.get(), 1);
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!done) EXPECT_EQ(ns_stack_poll(stack.get(), nullptr, nullptr), NS_OK);
    });
  }
  for (int i = 0; i < 100; ++i) {
    device.Ask();
    EXPECT_TRUE(device.IsAnswered());
  }
  EXPECT_TRUE(device.IsSilent());
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(support::Counter(stack.get(), "ip.packets_sent"), 100u);
}

}  // namespace
