#include "netstack/stack/stack.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/icmp/request.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/packet_checker.h"
#include "netstack/testing/scripted_forwarder.h"
#include "netstack/testing/stack_scene.h"

namespace netstack::stack {
namespace {

using base::Error;
using base::Status;
using testing::AddressesOf;
using testing::Build;
using testing::Bytes;
using testing::Icmp;
using testing::Ipv4;
using testing::Ipv6;
using testing::Matches;
using testing::PrefixesOf;
using testing::RouteOf;
using testing::ScriptedForwarder;
using testing::StackScene;

Status Do(const std::function<Error()>& step) {
  const base::Entry entry;
  return step().status();
}
bool Readable(int descriptor) {
  pollfd waiting{descriptor, POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}

class StackTest : public ::testing::Test {
 protected:
  StackTest() : link_(scene_.AddNic(1, {"192.168.0.1/24", "a::1/64"})) {}

  Status Poll() {
    size_t packets = 0;
    return scene_->Poll(&packets).status();
  }
  std::vector<Bytes> Inject(const Bytes& packet) {
    link_->Inject(packet);
    return link_->TakeSent();
  }

  StackScene scene_;
  testing::FakeLink::Pointer link_;
  const Bytes request4_ = Build(Ipv4{}, Icmp{});
  const Bytes request6_ = Build(Ipv6{}, Icmp{});
};

TEST_F(StackTest, WhatConfigurationRefusesAndWhy) {
  const auto link = testing::FakeLink::Make();
  const auto add_nic = [&](uint32_t id, link::Link* l) {
    const base::Entry entry;
    return scene_->AddNic(id, l, {});
  };
  const auto assign = [&](std::string_view address) {
    const base::Entry entry;
    return scene_->AddAddresses(1, PrefixesOf({address}));
  };
  const struct {
    Error error;
    Status status;
    const char* says;
  } cases[] = {
      {add_nic(0, link.get()), Status::kInvalidArgument, "id"},
      {add_nic(1, link.get()), Status::kBusy, "NIC 1"},
      {add_nic(2, link_.get()), Status::kBusy, "link"},
      {assign("0.0.0.0/8"), Status::kInvalidArgument, "unspecified"},
      {assign("::/64"), Status::kInvalidArgument, "unspecified"},
      {assign("224.0.0.5/24"), Status::kInvalidArgument, "multicast"},
      {assign("ff02::5/64"), Status::kInvalidArgument, "multicast"},
      {assign("255.255.255.255/24"), Status::kInvalidArgument, "broadcast"},
      {assign("::ffff:1.2.3.4/128"), Status::kInvalidArgument, "mapped"},
      {assign("192.168.0.1/16"), Status::kBusy, "192.168.0.1"},
      {scene_->AddLocalPrefixes(1, PrefixesOf({"10.0.0.1/8"})), Status::kInvalidArgument,
       "10.0.0.0/8"},
      {scene_->JoinGroup(1, AddressesOf({"10.0.0.1"})[0]), Status::kInvalidArgument, "multicast"},
      {scene_->RemoveNic(9), Status::kNotFound, "NIC 9"},
      {scene_->SetNicFlags(9, {}), Status::kNotFound, "NIC 9"},
      {scene_->AddAddresses(9, {}), Status::kNotFound, "NIC 9"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.error.status(), c.status) << c.says;
    EXPECT_NE(c.error.message().find(c.says), std::string::npos) << c.error.message();
  }
  // The link that was refused twice is free.
  EXPECT_TRUE(add_nic(2, link.get()).ok());
}

// A NIC that failed half way leaves no trace.
TEST_F(StackTest, ANicWithABadAddressIsNotThere) {
  const auto link = testing::FakeLink::Make();
  const auto addresses = PrefixesOf({"10.0.0.1/8", "10.0.0.1/8"});
  NicOptions options;
  options.addresses = addresses;
  EXPECT_EQ(Do([&] { return scene_->AddNic(2, link.get(), options); }), Status::kBusy);
  const auto prefixes = PrefixesOf({"10.0.0.0/8", "10.0.0.0/8"});
  options = {};
  options.local_prefixes = prefixes;
  EXPECT_EQ(Do([&] { return scene_->AddNic(2, link.get(), options); }), Status::kBusy);
  EXPECT_EQ(Do([&] { return scene_->RemoveNic(2); }), Status::kNotFound);
  EXPECT_EQ(link->Inject(request4_), Status::kClosed);
  const RouteEntry route = RouteOf("10.0.0.0/8", 2);
  EXPECT_EQ(Do([&] { return scene_->AddRoutes({&route, 1}); }), Status::kNotFound);
  EXPECT_EQ(Do([&] { return scene_->AddNic(2, link.get(), {}); }), Status::kOk);
}

TEST_F(StackTest, ASlotIsUsedAgainByAnotherNic) {
  const auto second = scene_.AddNic(2, {"10.0.0.1/8"});
  EXPECT_EQ(Do([&] { return scene_->RemoveNic(1); }), Status::kOk);
  const auto third = scene_.AddNic(3, {"172.16.0.1/16"});
  EXPECT_EQ(link_->Inject(request4_), Status::kClosed);
  third->Inject(Build(Ipv4{.source = "172.16.0.2", .destination = "172.16.0.1"}, Icmp{}));
  EXPECT_EQ(third->TakeSent().size(), 1u);
  EXPECT_EQ(scene_.Count("nic.3.rx.packets"), 1u);
}

TEST_F(StackTest, OptionsReachThePackets) {
  StackOptions options;
  options.default_ttl = 7;
  options.default_hop_limit = 9;
  options.allow_loopback = true;
  options.check_local_source = true;
  StackScene scene(options);
  const auto link = scene.AddNic(1, {"192.168.0.1/24", "a::1/64"});
  link->Inject(request4_);
  link->Inject(request6_);
  link->Inject(Build(Ipv4{.source = "127.0.0.1"}, Icmp{}));
  link->Inject(Build(Ipv4{.source = "192.168.0.1"}, Icmp{}));  // ours: dropped
  const std::vector<Bytes> sent = link->TakeSent();
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_TRUE(Matches(sent[0], {.family = 4, .ttl = 7}));
  EXPECT_TRUE(Matches(sent[1], {.family = 6, .ttl = 9}));
  EXPECT_TRUE(Matches(sent[2], {.destination = "127.0.0.1"}));
}

TEST_F(StackTest, TimersRunInTheOrderOfTheirDeadlinesEachAtItsOwn) {
  std::vector<uint64_t> ran;
  const auto note = [&](uint64_t now) { ran.push_back(now); };
  for (const uint64_t deadline : {30u, 10u, 20u, 50u}) scene_->SetTimer(deadline, note);
  const auto cancelled = scene_->SetTimer(15, note);
  EXPECT_EQ(scene_->next_deadline(), 10u);
  EXPECT_TRUE(scene_->CancelTimer(cancelled));
  EXPECT_FALSE(scene_->CancelTimer(cancelled));
  EXPECT_EQ(Poll(), Status::kOk);
  EXPECT_TRUE(ran.empty());
  scene_.clock().Advance(40);  // late: each still sees its own deadline
  EXPECT_EQ(Poll(), Status::kOk);
  EXPECT_EQ(ran, (std::vector<uint64_t>{10, 20, 30}));
  EXPECT_EQ(scene_->next_deadline(), 50u);
  scene_.clock().Advance(10);
  EXPECT_EQ(Poll(), Status::kOk);
  EXPECT_EQ(ran.back(), 50u);
  EXPECT_EQ(scene_->next_deadline(), base::Timers::kNever);
}

TEST_F(StackTest, ATimerThatIsSetByAnotherRunsWhenItIsDueInTheSamePoll) {
  std::vector<uint64_t> ran;
  scene_->SetTimer(10, [&](uint64_t now) {
    ran.push_back(now);
    for (const uint64_t delay : {0u, 5u, 100u}) {
      scene_->SetTimer(now + delay, [&](uint64_t later) { ran.push_back(later); });
    }
  });
  scene_.clock().Advance(20);
  EXPECT_EQ(Poll(), Status::kOk);
  EXPECT_EQ(ran, (std::vector<uint64_t>{10, 10, 15}));
}

// So that a loop that waits for the old deadline looks again.
TEST_F(StackTest, AnEarlierDeadlineWakesTheDescriptor) {
  EXPECT_EQ(Poll(), Status::kOk);
  EXPECT_FALSE(Readable(scene_->descriptor()));
  scene_->SetTimer(100, [](uint64_t) {});
  EXPECT_TRUE(Readable(scene_->descriptor()));
  EXPECT_EQ(Poll(), Status::kOk);
  EXPECT_FALSE(Readable(scene_->descriptor()));
  scene_->SetTimer(100, [](uint64_t) {});
  scene_->SetTimer(200, [](uint64_t) {});
  EXPECT_FALSE(Readable(scene_->descriptor()));
  scene_->SetTimer(99, [](uint64_t) {});
  EXPECT_TRUE(Readable(scene_->descriptor()));
}

TEST_F(StackTest, AClosedStackTakesNothingAndRunsNothing) {
  bool ran = false;
  scene_->SetTimer(1, [&](uint64_t) { ran = true; });
  scene_->Close();
  scene_->Close();
  EXPECT_TRUE(scene_->closed());
  EXPECT_TRUE(Readable(scene_->descriptor()));
  scene_.clock().Advance(5);
  EXPECT_EQ(Poll(), Status::kClosed);
  EXPECT_FALSE(ran);
  EXPECT_EQ(scene_->next_deadline(), base::Timers::kNever);
  EXPECT_EQ(link_->Inject(request4_), Status::kClosed);
  EXPECT_EQ(scene_->Run().status(), Status::kClosed);
  const auto link = testing::FakeLink::Make();
  EXPECT_EQ(Do([&] { return scene_->AddNic(2, link.get(), {}); }), Status::kClosed);
  EXPECT_EQ(Do([&] { return scene_->RemoveNic(1); }), Status::kClosed);
  EXPECT_EQ(Do([&] { return scene_->AddAddresses(1, {}); }), Status::kClosed);
  EXPECT_EQ(Do([&] { return scene_->AddRoutes({}); }), Status::kClosed);
  EXPECT_EQ(Do([&] { return scene_->SetForwarder(true, true, nullptr); }), Status::kClosed);
  // The link may serve another stack now.
  StackScene other;
  EXPECT_EQ(Do([&] { return other->AddNic(1, link_.get(), {}); }), Status::kOk);
}

// No lock of ours is held while users' code runs, be it the end of their data.
TEST_F(StackTest, TheEndOfATimersDataMayCallTheStack) {
  Status from_the_end = Status::kOk;
  std::shared_ptr<int> data(new int(1), [&](const int* number) {
    delete number;
    from_the_end = Do([&] { return scene_->AddAddresses(1, {}); });
  });
  scene_->SetTimer(1, [data](uint64_t) {});
  data.reset();
  EXPECT_EQ(from_the_end, Status::kOk);
  scene_->Close();
  EXPECT_EQ(from_the_end, Status::kClosed);
}

class SetForwarderTest : public StackTest {
 protected:
  Status Install(const ScriptedForwarder* forwarder, bool ipv4 = true, bool ipv6 = true) {
    return Do([&] {
      return scene_->SetForwarder(ipv4, ipv6, forwarder != nullptr ? forwarder->get() : nullptr);
    });
  }
};

TEST_F(SetForwarderTest, FamiliesAreReplacedApart) {
  ScriptedForwarder one([](uint64_t) { return 1; });
  ScriptedForwarder two([](uint64_t) { return 1; });
  EXPECT_EQ(Install(&one), Status::kOk);
  EXPECT_EQ(Install(&two, false, true), Status::kOk);
  Inject(request4_);
  Inject(request6_);
  EXPECT_EQ(one.calls(), 1);
  EXPECT_EQ(two.calls(), 1);
  EXPECT_EQ(Install(nullptr, true, false), Status::kOk);
  EXPECT_EQ(Inject(request4_).size(), 1u);
  EXPECT_EQ(Inject(request6_).size(), 0u);
  EXPECT_EQ(Install(nullptr, false, false), Status::kOk);  // nothing chosen, nothing changed
  EXPECT_EQ(Inject(request6_).size(), 0u);
}

TEST_F(SetForwarderTest, OutsideCallbacksTheOldOneIsGoneOnReturn) {
  ScriptedForwarder one([](uint64_t) { return 1; });
  ScriptedForwarder two([](uint64_t) { return 1; });
  EXPECT_EQ(Install(&one), Status::kOk);
  one.LetGo();
  EXPECT_EQ(one.destroyed(), 0);
  EXPECT_EQ(Install(&two, true, false), Status::kOk);
  EXPECT_EQ(one.destroyed(), 0);  // IPv6 has it still
  EXPECT_EQ(Install(&two), Status::kOk);
  EXPECT_EQ(one.destroyed(), 1);
  two.LetGo();
  EXPECT_EQ(Install(nullptr), Status::kOk);
  EXPECT_EQ(two.destroyed(), 1);
}

// Even while another thread holds the old configuration.
TEST_F(SetForwarderTest, AReaderOfTheOldConfigurationKeepsNoForwarderAlive) {
  ScriptedForwarder one([](uint64_t) { return 1; });
  EXPECT_EQ(Install(&one), Status::kOk);
  one.LetGo();
  const base::Entry reader;
  EXPECT_EQ(Install(nullptr), Status::kOk);
  EXPECT_EQ(one.destroyed(), 1);
}

TEST_F(SetForwarderTest, InsideItsOwnCallItNeverWaitsAndEndsAfterTheCall) {
  ScriptedForwarder* self = nullptr;
  ScriptedForwarder forwarder([&](uint64_t request) {
    EXPECT_EQ(Install(nullptr), Status::kOk);
    EXPECT_EQ(Inject(request6_).size(), 1u);  // no new call starts
    EXPECT_EQ(self->destroyed(), 0);
    EXPECT_EQ(icmp::Reply(request), Status::kOk);
    return 1;
  });
  self = &forwarder;
  EXPECT_EQ(Install(&forwarder), Status::kOk);
  forwarder.LetGo();
  EXPECT_EQ(Inject(request4_).size(), 1u);
  EXPECT_EQ(forwarder.calls(), 1);
  EXPECT_EQ(forwarder.destroyed(), 1);
}

// Contract, section 6: two handlers may remove each other.
TEST_F(SetForwarderTest, TwoHandlersRemoveEachOther) {
  StackScene other;
  const auto other_link = other.AddNic(1, {"192.168.0.1/24"});
  std::atomic<int> inside{0};
  const auto meet = [&] {
    inside.fetch_add(1);
    inside.notify_all();
    inside.wait(1);
  };
  ScriptedForwarder one([&](uint64_t) {
    meet();
    EXPECT_EQ(Do([&] { return other->SetForwarder(true, true, nullptr); }), Status::kOk);
    return 1;
  });
  ScriptedForwarder two([&](uint64_t) {
    meet();
    EXPECT_EQ(Install(nullptr), Status::kOk);
    return 1;
  });
  EXPECT_EQ(Install(&one), Status::kOk);
  EXPECT_EQ(Do([&] { return other->SetForwarder(true, true, two.get()); }), Status::kOk);
  std::thread thread([&] { link_->Inject(request4_); });
  other_link->Inject(request4_);
  thread.join();
  EXPECT_EQ(one.calls() + two.calls(), 2);
  EXPECT_EQ(Inject(request4_).size(), 1u);
}

TEST_F(SetForwarderTest, OutsideItWaitsForTheCallOnAnotherThread) {
  std::atomic<int> step{0};
  std::atomic<bool> left{false};
  ScriptedForwarder forwarder([&](uint64_t) {
    step.store(1);
    step.notify_all();
    step.wait(1);
    left.store(true);
    return 1;
  });
  EXPECT_EQ(Install(&forwarder), Status::kOk);
  std::thread packets([&] { link_->Inject(request4_); });
  step.wait(0);
  std::thread remover([&] {
    EXPECT_EQ(Install(nullptr), Status::kOk);
    EXPECT_TRUE(left.load());
  });
  step.store(2);
  step.notify_all();
  remover.join();
  packets.join();
}

TEST_F(SetForwarderTest, AStackThatIsClosedInsideACallLetsItFinish) {
  ScriptedForwarder forwarder([&](uint64_t request) {
    scene_->Close();
    EXPECT_EQ(icmp::Reply(request), Status::kOk);
    return 1;
  });
  EXPECT_EQ(Install(&forwarder), Status::kOk);
  EXPECT_EQ(Inject(request4_).size(), 1u);
  EXPECT_EQ(link_->Inject(request4_), Status::kClosed);
}

TEST_F(SetForwarderTest, ANicThatIsRemovedInsideACallStillAnswersIt) {
  ScriptedForwarder forwarder([&](uint64_t request) {
    EXPECT_EQ(Do([&] { return scene_->RemoveNic(1); }), Status::kOk);
    EXPECT_EQ(icmp::Reply(request), Status::kOk);
    return 1;
  });
  EXPECT_EQ(Install(&forwarder), Status::kOk);
  EXPECT_EQ(Inject(request4_).size(), 1u);
  EXPECT_EQ(link_->Inject(request4_), Status::kClosed);
}

}  // namespace
}  // namespace netstack::stack
