// Poll, and several calls of Run, on devices that a test fills.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/stack/change.h"
#include "netstack/stack/stack.h"
#include "netstack/testing/fake_device.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/scripted_forwarder.h"
#include "netstack/testing/stack_scene.h"

namespace netstack::stack {
namespace {

using base::Error;
using base::Status;
using testing::Build;
using testing::Bytes;
using testing::FakeDevice;
using testing::Icmp;
using testing::Ipv4;
using testing::ScriptedForwarder;
using testing::StackScene;

bool Readable(int descriptor) {
  pollfd waiting{descriptor, POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}
Status Do(const std::function<Error()>& step) {
  const base::Entry entry;
  return step().status();
}
const Bytes kRequest = Build(Ipv4{}, Icmp{});

StackOptions RealTime() {
  StackOptions options;
  options.clock = std::make_shared<base::SystemClock>();
  return options;
}

// A NIC that takes every packet, on a device.
FakeDevice::Pointer AddDevice(StackScene* scene, uint32_t id) {
  auto device = FakeDevice::Make();
  NicOptions options;
  options.promiscuous = true;
  EXPECT_EQ(Do([&] { return (*scene)->AddNic(id, device.get(), options); }), Status::kOk);
  return device;
}

class PollTest : public ::testing::Test {
 protected:
  Error Poll() { return scene_->Poll(&packets_); }

  StackScene scene_;
  size_t packets_ = 0;
};

TEST_F(PollTest, ReadsEveryDeviceUntilItIsDrained) {
  const auto one = AddDevice(&scene_, 1);
  const auto two = AddDevice(&scene_, 2);
  const auto no_device = scene_.AddNic(3);
  EXPECT_TRUE(Poll().ok());
  EXPECT_FALSE(Readable(scene_->descriptor()));
  for (int i = 0; i < 200; ++i) one->Push(kRequest);
  two->Push(kRequest);
  EXPECT_TRUE(Readable(scene_->descriptor()));
  EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(packets_, 201u);
  EXPECT_EQ(scene_.Count("nic.1.rx.packets"), 200u);
  EXPECT_EQ(scene_.Count("nic.2.rx.packets"), 1u);
  EXPECT_TRUE(Poll().ok());  // what woke us is read away
  EXPECT_EQ(packets_, 0u);
  EXPECT_FALSE(Readable(scene_->descriptor()));
}

// A device that never runs dry does not keep the others waiting.
TEST_F(PollTest, ADeviceGetsItsFairShareAndOthersTheirTurn) {
  const auto busy = AddDevice(&scene_, 1);
  const auto quiet = AddDevice(&scene_, 2);
  for (int i = 0; i < 5000; ++i) busy->Push(kRequest);
  quiet->Push(kRequest);
  EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(scene_.Count("nic.2.rx.packets"), 1u);
  EXPECT_LT(scene_.Count("nic.1.rx.packets"), 5000u);
  while (packets_ != 0) EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(scene_.Count("nic.1.rx.packets"), 5000u);
}

TEST_F(PollTest, ADeviceThatIsGoneIsReportedOnceAndOthersGoOn) {
  const auto gone = AddDevice(&scene_, 1);
  const auto alive = AddDevice(&scene_, 2);
  EXPECT_TRUE(Poll().ok());
  gone->Push(kRequest);
  gone->Vanish();
  alive->Push(kRequest);
  const Error error = Poll();
  EXPECT_EQ(error.status(), Status::kClosed);
  EXPECT_NE(error.message().find("NIC 1"), std::string::npos) << error.message();
  EXPECT_NE(error.message().find("the device is gone"), std::string::npos) << error.message();
  EXPECT_EQ(packets_, 1u);  // what it still had is not lost
  EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(packets_, 1u);
  EXPECT_EQ(scene_.Count("nic.2.rx.packets"), 1u);
  // It wakes nobody any more, though its descriptor stays readable.
  EXPECT_FALSE(Readable(scene_->descriptor()));
  const int reads = gone->reads();
  EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(gone->reads(), reads);
}

TEST_F(PollTest, TimersRunBeforePackets) {
  const auto device = AddDevice(&scene_, 1);
  uint64_t packets_before = 99;
  scene_->SetTimer(0, [&](uint64_t) { packets_before = scene_.Count("nic.1.rx.packets"); });
  device->Push(kRequest);
  EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(packets_before, 0u);
  EXPECT_EQ(packets_, 1u);
}

TEST_F(PollTest, ARemovedNicsDeviceIsNotReadAndWakesNobody) {
  const auto device = AddDevice(&scene_, 1);
  EXPECT_EQ(Do([&] { return scene_->RemoveNic(1); }), Status::kOk);
  EXPECT_TRUE(Poll().ok());
  device->Push(kRequest);
  EXPECT_FALSE(Readable(scene_->descriptor()));
  EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(device->waiting(), 1u);
}

TEST_F(PollTest, StopIsStickyAndStaysReadable) {
  scene_->Stop();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Readable(scene_->descriptor()));
    EXPECT_TRUE(Poll().ok());
  }
}

// Contract, section 6: a change, however long it takes, never stops packets.
TEST_F(PollTest, AChangeUnderWayStopsNoPackets) {
  const auto device = AddDevice(&scene_, 1);
  const base::Entry entry;
  const Change change(*scene_);  // holds the lock until the end
  device->Push(kRequest);
  EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(packets_, 1u);
}

TEST_F(PollTest, ANicThatIsRemovedByItsOwnPacketEndsQuietly) {
  const auto device = AddDevice(&scene_, 1);
  ScriptedForwarder forwarder([&](uint64_t) {
    EXPECT_EQ(Do([&] { return scene_->RemoveNic(1); }), Status::kOk);
    return 1;
  });
  EXPECT_EQ(Do([&] { return scene_->SetForwarder(true, false, forwarder.get()); }), Status::kOk);
  for (int i = 0; i < 3; ++i) device->Push(kRequest);
  EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(forwarder.calls(), 1);
}

// Nobody woke the loop of an echo, so it asks nobody whether it was woken.
TEST_F(PollTest, AWakeIsLeftUntilAPollFindsNothingElse) {
  const auto device = AddDevice(&scene_, 1);
  EXPECT_TRUE(Poll().ok());
  EXPECT_FALSE(Readable(scene_->descriptor()));
  scene_->SetTimer(1'000, [](uint64_t) {});
  device->Push(kRequest);
  EXPECT_TRUE(Poll().ok());
  EXPECT_EQ(packets_, 1u);
  EXPECT_TRUE(Readable(scene_->descriptor()));
  EXPECT_TRUE(Poll().ok());
  EXPECT_FALSE(Readable(scene_->descriptor()));
}

TEST_F(PollTest, RunNeedsAClockThatCanWait) {
  const Error error = scene_->Run();
  EXPECT_EQ(error.status(), Status::kUnsupported);
  EXPECT_NE(error.message().find("wait"), std::string::npos);
}

// Calls of Run, each on a thread of its own. Every wait is for something that
// the loops do.
class RunTest : public ::testing::Test {
 protected:
  RunTest()
      : scene_(RealTime()), forwarder_([this](uint64_t) {
          handled_.fetch_add(1);
          handled_.notify_all();
          return 1;
        }) {
    EXPECT_EQ(Do([&] { return scene_->SetForwarder(true, true, forwarder_.get()); }), Status::kOk);
  }
  ~RunTest() override { StopAndJoin(); }

  void StopAndJoin() {
    scene_->Stop();
    for (std::thread& loop : loops_) loop.join();
    loops_.clear();
  }
  void StartLoop(Error* outcome = nullptr) {
    loops_.emplace_back([this, outcome] {
      Error error = scene_->Run();
      if (outcome != nullptr) *outcome = std::move(error);
      returned_.fetch_add(1);
      returned_.notify_all();
    });
  }
  // Until so many packets were handled.
  void WaitForPackets(int count) { WaitFor(handled_, count); }
  void WaitForReturns(int count) { WaitFor(returned_, count); }
  static void WaitFor(std::atomic<int>& number, int count) {
    for (int now = number.load(); now < count; now = number.load()) number.wait(now);
  }
  // Until the second of two loops has its device: then there is none for a third.
  // A call that comes too early would take it, so it is asked from the side.
  void WaitForOtherLoop() {
    const base::Entry entry;
    bool served = false;
    while (!served) {
      const Change change(*scene_);
      served = change.FindNic(2)->loop().taken();
    }
  }

  StackScene scene_;
  std::atomic<int> handled_{0};
  std::atomic<int> returned_{0};
  ScriptedForwarder forwarder_;
  std::array<Error, 3> outcomes_;  // of loops, which end after the test's body
  std::vector<std::thread> loops_;
};

TEST_F(RunTest, OneLoopServesAllDevicesAndTimers) {
  const auto one = AddDevice(&scene_, 1);
  const auto two = AddDevice(&scene_, 2);
  StartLoop();
  one->Push(kRequest);
  two->Push(kRequest);
  WaitForPackets(2);
  std::atomic<int> ran{0};
  scene_->SetTimer(scene_->clock().Now(), [&](uint64_t) {
    ran.store(1);
    ran.notify_all();
  });
  WaitFor(ran, 1);
  StopAndJoin();
}

TEST_F(RunTest, ADeviceThatIsAddedWhileItRunsIsServed) {
  StartLoop();
  const auto device = AddDevice(&scene_, 1);
  device->Push(kRequest);
  WaitForPackets(1);
}

TEST_F(RunTest, EachCallTakesADeviceThatNoOtherHasAndThenThereIsNone) {
  const auto one = AddDevice(&scene_, 1);
  const auto two = AddDevice(&scene_, 2);
  const auto three = AddDevice(&scene_, 3);
  for (Error& outcome : outcomes_) StartLoop(&outcome);
  // Three loops, three devices. Every packet is handled, whoever has it.
  for (int round = 1; round <= 20; ++round) {
    for (const auto* device : {&one, &two, &three}) (*device)->Push(kRequest);
    WaitForPackets(3 * round);
  }
  StopAndJoin();
  for (const Error& outcome : outcomes_) EXPECT_TRUE(outcome.ok()) << outcome.message();
}

// Instead of waiting it does what a test has for each wait of a loop, on the
// loop's own thread. After the last, a wait that would last fails, so that the
// loop ends.
class ScriptedClock final : public base::Clock {
 public:
  using Step = std::function<void(int descriptor)>;

  uint64_t Now() noexcept override { return 0; }
  uint64_t WallNow() noexcept override { return 0; }
  [[nodiscard]] bool can_wait() const noexcept override { return true; }
  Status Wait(int descriptor, uint64_t) noexcept override {
    if (steps_.empty()) return Readable(descriptor) ? Status::kOk : Status::kTimedOut;
    const Step step = std::move(steps_.front());
    steps_.pop_front();
    step(descriptor);
    return Status::kOk;
  }
  void First(Step step) { steps_.push_front(std::move(step)); }
  void Then(Step step) { steps_.push_back(std::move(step)); }
  [[nodiscard]] size_t waits_left() const { return steps_.size(); }

 private:
  std::deque<Step> steps_;
};

// What a loop does between two waits: the main loop, and one that serves NIC 2
// alone and runs inside a wait of the main loop.
class WaitTest : public ::testing::TestWithParam<bool> {
 protected:
  WaitTest() : scene_(OnClock(clock_)), other_(AddDevice(&scene_, 1)) {
    served_ = AddDevice(&scene_, 2);
  }
  static StackOptions OnClock(const std::shared_ptr<base::Clock>& clock) {
    StackOptions options;
    options.clock = clock;
    return options;
  }
  void Then(ScriptedClock::Step step) { clock_->Then(std::move(step)); }
  void Wake() {
    scene_->SetTimer(--sooner_, [](uint64_t) {});
  }
  Error Run() {
    Error outcome;
    if (GetParam()) {
      ScriptedClock::Step inside = [&](int) { outcome = scene_->Run(); };
      clock_->First(std::move(inside));
      EXPECT_TRUE(scene_->Run().ok());
    } else {
      outcome = scene_->Run();
    }
    EXPECT_EQ(clock_->waits_left(), 0u);
    return outcome;
  }

  std::shared_ptr<ScriptedClock> clock_ = std::make_shared<ScriptedClock>();
  StackScene scene_;
  FakeDevice::Pointer other_;
  FakeDevice::Pointer served_;
  uint64_t sooner_ = base::Timers::kNever;
};

INSTANTIATE_TEST_SUITE_P(Loops, WaitTest, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "OfOneDevice" : "OfAll"; });

TEST_P(WaitTest, APacketThatComesAloneCostsOneLookAndOneWait) {
  int reads = 0;
  const auto ask = [&](int) {
    reads = served_->reads();
    served_->Push(kRequest);
  };
  Then([&](int descriptor) {
    EXPECT_FALSE(Readable(descriptor));
    ask(descriptor);
  });
  for (int i = 1; i <= 3; ++i) {
    Then([&, i](int descriptor) {
      EXPECT_EQ(scene_.Count("nic.2.rx.packets"), static_cast<uint64_t>(i));
      EXPECT_EQ(served_->reads(), reads + 1);
      EXPECT_FALSE(Readable(descriptor));
      if (i == 3) return scene_->Stop();
      ask(descriptor);
    });
  }
  EXPECT_TRUE(Run().ok());
}

// More than one share: what is left makes the wait return at once.
TEST_P(WaitTest, NoPacketIsLeftWhileALoopSleeps) {
  Then([&](int) {
    for (int i = 0; i < 600; ++i) served_->Push(kRequest);
  });
  for (int i = 0; i < 2; ++i) {
    Then([&](int descriptor) {
      EXPECT_GT(served_->waiting(), 0u);
      EXPECT_TRUE(Readable(descriptor));
    });
  }
  Then([&](int descriptor) {
    EXPECT_EQ(scene_.Count("nic.2.rx.packets"), 600u);
    EXPECT_FALSE(Readable(descriptor));
    scene_->Stop();
  });
  EXPECT_TRUE(Run().ok());
}

// A wake that comes with a packet is heard, and does not keep the loop awake.
TEST_P(WaitTest, AWakeBesideAPacketCostsOneMoreTurn) {
  Then([&](int) {
    served_->Push(kRequest);
    Wake();
  });
  Then([&](int descriptor) {
    EXPECT_EQ(scene_.Count("nic.2.rx.packets"), 1u);
    EXPECT_TRUE(Readable(descriptor));
  });
  Then([&](int descriptor) {
    EXPECT_FALSE(Readable(descriptor));
    Wake();
    EXPECT_TRUE(Readable(descriptor));
  });
  Then([&](int descriptor) {
    EXPECT_FALSE(Readable(descriptor));
    scene_->Stop();
  });
  EXPECT_TRUE(Run().ok());
}

TEST_P(WaitTest, AStopBesideAPacketIsHeardAtOnce) {
  Then([&](int) {
    served_->Push(kRequest);
    scene_->Stop();
  });
  EXPECT_TRUE(Run().ok());
  EXPECT_TRUE(Readable(scene_->descriptor()));
}

// What comes between the look and the wait is not taken for what was looked at.
TEST_P(WaitTest, AStopWhileALoopLooksForPacketsIsHeard) {
  Then([&](int) {
    served_->DuringRead([&] { scene_->Stop(); });
    Wake();
  });
  EXPECT_TRUE(Run().ok());
  EXPECT_TRUE(Readable(scene_->descriptor()));
}

// Time stands still; a wait begins, but does not look before it may.
class GatedClock final : public base::Clock {
 public:
  uint64_t Now() noexcept override { return 0; }
  uint64_t WallNow() noexcept override { return 0; }
  [[nodiscard]] bool can_wait() const noexcept override { return true; }
  Status Wait(int descriptor, uint64_t deadline) noexcept override {
    if (deadline == base::Timers::kNever) {
      waits_.store(1);
      waits_.notify_all();
      gate_.wait(false);
      woken_ = Readable(descriptor);
      looked_.store(true);
      looked_.notify_all();
    }
    return woken_ ? Status::kOk : Status::kTimedOut;  // lest the loop goes on for ever
  }
  void UntilItWaits() { waits_.wait(0); }
  void LetItLook() {
    gate_.store(true);
    gate_.notify_all();
    looked_.wait(false);
  }

 private:
  std::atomic<int> waits_{0};
  std::atomic<bool> gate_{false};
  std::atomic<bool> looked_{false};
  bool woken_ = false;
};

TEST(RunAndPollTest, WhatWokeARunIsNotTakenAwayByAPollInAnotherThread) {
  const auto clock = std::make_shared<GatedClock>();
  StackOptions options;
  options.clock = clock;
  StackScene scene(options);
  Error outcome;
  std::thread loop([&] { outcome = scene->Run(); });
  clock->UntilItWaits();
  scene->SetTimer(1'000, [](uint64_t) {});  // sooner than it waits for
  size_t packets = 0;
  EXPECT_TRUE(scene->Poll(&packets).ok());
  clock->LetItLook();
  scene->Stop();
  loop.join();
  EXPECT_TRUE(outcome.ok()) << outcome.message();
}

TEST_F(RunTest, AfterStopRunReturnsAtOnce) {
  scene_->Stop();
  EXPECT_TRUE(scene_->Run().ok());
  const auto device = AddDevice(&scene_, 1);
  device->Push(kRequest);
  EXPECT_TRUE(scene_->Run().ok());
}

TEST_F(RunTest, CloseEndsEveryLoop) {
  const auto one = AddDevice(&scene_, 1);
  const auto two = AddDevice(&scene_, 2);
  StartLoop(&outcomes_[0]);
  one->Push(kRequest);
  WaitForPackets(1);
  StartLoop(&outcomes_[1]);
  WaitForOtherLoop();
  scene_->Close();
  WaitForReturns(2);
  EXPECT_EQ(outcomes_[0].status(), Status::kClosed);
  EXPECT_EQ(outcomes_[1].status(), Status::kClosed);
}

TEST_F(RunTest, ALoopWhoseDeviceIsGoneSaysSoAndTheOtherGoesOn) {
  const auto one = AddDevice(&scene_, 1);
  const auto two = AddDevice(&scene_, 2);
  StartLoop(&outcomes_[0]);
  one->Push(kRequest);
  WaitForPackets(1);
  StartLoop(&outcomes_[1]);
  WaitForOtherLoop();
  two->Vanish();
  WaitForReturns(1);
  // Mostly the device's own loop sees it; the main one may, and is replaced then.
  StartLoop(&outcomes_[2]);
  one->Push(kRequest);
  WaitForPackets(2);
  StopAndJoin();
  const auto reports = std::count_if(outcomes_.begin(), outcomes_.end(),
                                     [](const Error& e) { return e.status() == Status::kClosed; });
  EXPECT_EQ(reports, 1);
}

TEST_F(RunTest, ALoopWhoseNicIsRemovedEndsAndTheDeviceMayServeAnother) {
  const auto one = AddDevice(&scene_, 1);
  auto two = AddDevice(&scene_, 2);
  StartLoop(&outcomes_[0]);
  one->Push(kRequest);
  WaitForPackets(1);
  StartLoop(&outcomes_[1]);
  WaitForOtherLoop();
  EXPECT_EQ(Do([&] { return scene_->RemoveNic(2); }), Status::kOk);
  WaitForReturns(1);
  EXPECT_EQ(outcomes_[1].status(), Status::kClosed);
  EXPECT_NE(outcomes_[1].message().find("NIC 2"), std::string::npos) << outcomes_[1].message();
  NicOptions options;
  options.promiscuous = true;
  EXPECT_EQ(Do([&] { return scene_->AddNic(3, two.get(), options); }), Status::kOk);
  two->Push(kRequest);
  one->Push(kRequest);
  WaitForPackets(3);
  EXPECT_EQ(scene_.Count("nic.3.rx.packets"), 1u);
}

}  // namespace
}  // namespace netstack::stack
