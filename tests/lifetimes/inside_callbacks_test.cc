// Inside any callback everything may be called: what the callback stands on may
// be removed and freed, nothing waits, and user data ends once, after the last
// call.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <csetjmp>
#include <functional>
#include <thread>

#include "lifetimes/scene.h"
#include "support/blocked.h"
#include "support/device.h"

namespace {

using support::Blocked;
using support::Callback;
using support::Scene;
using support::Wire;

struct Deed {
  const char* name;
  std::function<void(Scene&)> act;
};

void RemoveHandler(Scene& s) {
  EXPECT_EQ(ns_stack_set_icmp_forwarder(s.stack(), NS_FAMILY_ANY, nullptr, nullptr), NS_OK);
}
void RemoveNic(Scene& s, uint32_t nic) {
  EXPECT_EQ(ns_stack_remove_nic(s.stack(), nic, nullptr), NS_OK);
}
void EndCapture(Scene& s) {
  EXPECT_EQ(ns_stack_set_capture(s.stack(), 1, nullptr, nullptr), NS_OK);
}

const Deed kDeeds[] = {
    {"nothing", [](Scene&) {}},
    {"stops", [](Scene& s) { ns_stack_stop(s.stack()); }},
    {"polls", [](Scene& s) { EXPECT_EQ(ns_stack_poll(s.stack(), nullptr, nullptr), NS_OK); }},
    {"reads counters",
     [](Scene& s) { static_cast<void>(support::Counter(s.stack(), "ip.packets_received")); }},
    {"removes the handler", RemoveHandler},
    {"frees the forwarder", [](Scene& s) { s.FreeForwarder(); }},
    {"removes the handler and frees the forwarder",
     [](Scene& s) {
       RemoveHandler(s);
       s.FreeForwarder();
     }},
    {"removes an address",
     [](Scene& s) {
       EXPECT_EQ(ns_stack_remove_address(s.stack(), 1, "192.168.0.1", nullptr), NS_OK);
     }},
    {"adds and removes a prefix and a route",
     [](Scene& s) {
       EXPECT_EQ(ns_stack_add_local_prefix(s.stack(), 1, "172.16.0.0/12", nullptr), NS_OK);
       EXPECT_EQ(ns_stack_add_route(s.stack(), "0.0.0.0/0", nullptr, 2, nullptr), NS_OK);
       EXPECT_EQ(ns_stack_remove_local_prefix(s.stack(), 1, "172.16.0.0/12", nullptr), NS_OK);
       EXPECT_EQ(ns_stack_remove_route(s.stack(), "0.0.0.0/0", nullptr, 2, nullptr), NS_OK);
     }},
    {"removes the NICs and frees the links",
     [](Scene& s) {
       RemoveNic(s, 1);
       RemoveNic(s, 2);
       s.FreeLinks();
     }},
    {"frees the links", [](Scene& s) { s.FreeLinks(); }},
    {"makes a NIC anew",
     [](Scene& s) {
       RemoveNic(s, 1);
       EXPECT_EQ(ns_stack_add_nic(s.stack(), 3, s.link(), nullptr, nullptr), NS_OK);
     }},
    {"ends and frees the capture",
     [](Scene& s) {
       EndCapture(s);
       s.FreeCapture();
     }},
    {"frees the sockets", [](Scene& s) { s.FreeSockets(); }},
    {"frees the clock and the random numbers", [](Scene& s) { s.FreeClockAndRandom(); }},
    {"frees the stack", [](Scene& s) { s.FreeStack(); }},
    {"frees everything", [](Scene& s) { s.FreeEverything(); }},
};

class InsideA : public testing::TestWithParam<Callback> {};

TEST_P(InsideA, CallbackEverythingMayBeRemovedAndFreed) {
  for (const Deed& deed : kDeeds) {
    SCOPED_TRACE(deed.name);
    Scene scene;
    scene.RunInside(GetParam(), [&] { deed.act(scene); });
    scene.FreeEverything();
    EXPECT_EQ(scene.Complaints(), "");
  }
}

TEST_P(InsideA, CallbackARemovalReturnsAtOnce) {
  Scene scene;
  Wire wire;
  Blocked blocked(wire);
  scene.RunInside(GetParam(), [&] {
    support::RemoveForwarder(wire.stack());
    EXPECT_FALSE(blocked.returning());
    EXPECT_TRUE(wire.Answers("a::1"));  // no new call starts
  });
}

INSTANTIATE_TEST_SUITE_P(Each, InsideA, testing::ValuesIn(support::kCallbacks),
                         [](const auto& each) { return support::NameOf(each.param); });

// Where packets are delivered and timers run. Others hold something of the stack
// in the frame that is lost.
constexpr Callback kLeft[] = {
    Callback::kHandler,      Callback::kTransmit,   Callback::kChannelNotify,
    Callback::kCaptureWrite, Callback::kPingNotify, Callback::kRawNotify,
    Callback::kNow};

class LeftByAJump : public testing::TestWithParam<Callback> {};

TEST_P(LeftByAJump, DoesNotBreakTheNextCall) {
  Scene scene;
  // More often than callbacks may nest.
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(scene.LeaveByJump(GetParam()));
    const int before = scene.calls(GetParam());
    scene.RunInside(GetParam(), [] {});
    EXPECT_GT(scene.calls(GetParam()), before);
  }
  // Nobody waits for a call that will never return, and nothing is kept for one.
  RemoveHandler(scene);
  scene.FreeEverything();
  EXPECT_EQ(scene.Complaints(), "");
}

// The thread never enters the library again.
TEST_P(LeftByAJump, EndsWithItsThread) {
  Scene scene;
  std::thread([&] { ASSERT_TRUE(scene.LeaveByJump(GetParam())); }).join();
  RemoveHandler(scene);
  scene.FreeEverything();
  EXPECT_EQ(scene.Complaints(), "");
}

INSTANTIATE_TEST_SUITE_P(Each, LeftByAJump, testing::ValuesIn(kLeft),
                         [](const auto& each) { return support::NameOf(each.param); });

// A handler that was left while a device was read does not keep the device.
struct Leaver {
  jmp_buf back;
  bool leave = true;

  static ns_verdict Handle(void* data, ns_request request) {
    auto* const self = static_cast<Leaver*>(data);
    if (self->leave) longjmp(self->back, 1);
    return ns_request_reply(request) == NS_OK ? NS_VERDICT_CONSUMED : -1;
  }
};

[[gnu::noinline]] void PollAndLand(Leaver* leaver, ns_stack* stack) {
  volatile unsigned char deep[16'384];
  deep[0] = 0;
  deep[sizeof deep - 1] = 0;
  if (setjmp(leaver->back) == 0) static_cast<void>(ns_stack_poll(stack, nullptr, nullptr));
}

TEST(LeftWithoutReturning, OutOfPollLeavesTheDeviceToTheNextPoll) {
  const support::StackHandle stack = support::NewStack();
  const support::Device device(stack.get(), 1);
  Leaver leaver;
  ns_icmp_forwarder* made = nullptr;
  ASSERT_EQ(ns_icmp_forwarder_new(nullptr, Leaver::Handle, &leaver, nullptr, &made, nullptr),
            NS_OK);
  const support::ForwarderHandle forwarder(made);
  ASSERT_EQ(ns_stack_set_icmp_forwarder(stack.get(), NS_FAMILY_ANY, made, nullptr), NS_OK);
  for (int i = 0; i < 3; ++i) {
    leaver.leave = true;
    device.Ask();
    PollAndLand(&leaver, stack.get());
    leaver.leave = false;
    device.Ask();
    EXPECT_EQ(ns_stack_poll(stack.get(), nullptr, nullptr), NS_OK);
    EXPECT_TRUE(device.IsAnswered());
  }
}

}  // namespace
