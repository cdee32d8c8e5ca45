// What a child inherits, object by object: it may be freed, and nothing else.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <array>
#include <functional>
#include <ostream>
#include <string>

#include "sockets/sockets.h"
#include "support/child.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::InAChild;
using support::Wire;

// One of each, made by the parent and in use.
struct Objects {
  Objects() {
    const auto write = [](void*, const uint8_t*, size_t) {};
    ns_capture* made = nullptr;
    EXPECT_EQ(ns_capture_callback_new(write, nullptr, nullptr, &made, nullptr), NS_OK);
    capture.reset(made);
    EXPECT_EQ(ns_stack_set_capture(wire.stack(), 1, made, nullptr), NS_OK);
    ns_random* numbers = nullptr;
    EXPECT_EQ(ns_random_seeded_new(5, &numbers), NS_OK);
    random.reset(numbers);
    EXPECT_EQ(Bind(ping, "", 777), NS_OK);
    handler.InstallIn(wire.stack());
    KeepAPacket();
  }

  void KeepAPacket() {
    EXPECT_TRUE(wire.Answers("192.168.0.1"));
    ns_packet* received = nullptr;
    EXPECT_EQ(ns_raw_socket_receive(raw.get(), &received), NS_OK);
    packet.reset(received);
  }
  void Free() {
    wire.FreeStack();
    wire.FreeLink();
    handler.Free();
    link.reset();
    clock.reset();
    random.reset();
    capture.reset();
    ping.reset();
    raw.reset();
    packet.reset();
  }

  Wire wire;
  support::LinkHandle link = support::NewChannel();
  support::ClockHandle clock = support::NewManualClock();
  support::RandomHandle random;
  support::CaptureHandle capture;
  Handler handler = Handler::Saying(NS_VERDICT_DECLINED);
  support::PingSocketHandle ping = support::NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
  support::RawSocketHandle raw = support::NewRawSocket(wire.stack(), NS_FAMILY_IPV4);
  support::PacketHandle packet;
};

struct Use {
  const char* name;
  std::function<ns_status(const Objects&)> act;
};

std::ostream& operator<<(std::ostream& out, const Use& each) { return out << each.name; }

const ns_address kPeer = support::Address("192.168.0.2");

ns_status NewStackWith(ns_clock* clock, ns_random* random) {
  ns_stack_options options = NS_STACK_OPTIONS_INIT;
  options.clock = clock;
  options.random = random;
  ns_stack* stack = nullptr;
  const ns_status status = ns_stack_new(&options, &stack, nullptr);
  ns_stack_free(stack);
  return status;
}

const Use kUses[] = {
    {"Clock", [](const Objects& o) { return ns_clock_advance(o.clock.get(), 1); }},
    {"ClockInAStackOfItsOwn",
     [](const Objects& o) { return NewStackWith(o.clock.get(), nullptr); }},
    {"RandomInAStackOfItsOwn",
     [](const Objects& o) { return NewStackWith(nullptr, o.random.get()); }},
    {"LinkInAStackOfItsOwn",
     [](const Objects& o) {
       const support::StackHandle own = support::NewStack();
       return ns_stack_add_nic(own.get(), 1, o.link.get(), nullptr, nullptr);
     }},
    {"CaptureInAStackOfItsOwn",
     [](const Objects& o) {
       const Wire own;
       return ns_stack_set_capture(own.stack(), 1, o.capture.get(), nullptr);
     }},
    {"ForwarderInAStackOfItsOwn",
     [](const Objects& o) {
       const Wire own;
       return ns_stack_set_icmp_forwarder(own.stack(), NS_FAMILY_ANY, o.handler.get(), nullptr);
     }},
    {"PacketInfo",
     [](const Objects& o) {
       ns_packet_info info;
       return ns_packet_get_info(o.packet.get(), &info, sizeof info);
     }},
    {"PacketBytes",
     [](const Objects& o) {
       const uint8_t* bytes = nullptr;
       size_t length = 0;
       return ns_packet_borrow_bytes(o.packet.get(), &bytes, &length);
     }},
    {"Ping",
     [](const Objects& o) {
       return ns_ping(o.wire.stack(), &kPeer, nullptr, nullptr, nullptr, nullptr);
     }},
    {"NewPingSocket",
     [](const Objects& o) {
       ns_ping_socket* made = nullptr;
       const ns_status status =
           ns_ping_socket_new(o.wire.stack(), NS_FAMILY_IPV4, nullptr, &made, nullptr);
       ns_ping_socket_free(made);
       return status;
     }},
    {"BoundPingSocket", [](const Objects& o) { return Bind(o.ping, "", 778); }},
    {"ConnectedPingSocket", [](const Objects& o) { return Connect(o.ping, "192.168.0.2"); }},
    {"SendingPingSocket", [](const Objects& o) { return Send(o.ping, "192.168.0.2"); }},
    {"ReceivingPingSocket",
     [](const Objects& o) {
       ns_packet* packet = nullptr;
       return ns_ping_socket_receive(o.ping.get(), &packet);
     }},
    {"NameOfPingSocket",
     [](const Objects& o) { return ns_ping_socket_get_name(o.ping.get(), nullptr, nullptr); }},
    {"NewRawSocket",
     [](const Objects& o) {
       ns_raw_socket* made = nullptr;
       const ns_status status =
           ns_raw_socket_new(o.wire.stack(), NS_FAMILY_IPV4, nullptr, &made, nullptr);
       ns_raw_socket_free(made);
       return status;
     }},
    {"ReceivingRawSocket",
     [](const Objects& o) {
       ns_packet* packet = nullptr;
       return ns_raw_socket_receive(o.raw.get(), &packet);
     }},
};

class Inherited : public testing::TestWithParam<Use> {};

TEST_P(Inherited, IsClosedInTheChildAndMayBeFreedThere) {
  Objects objects;
  const auto as_a_child = [&] {
    if (GetParam().act(objects) != NS_ERR_CLOSED) return 1;
    objects.Free();
    return 0;
  };
  EXPECT_NE(GetParam().act(objects), NS_ERR_CLOSED);
  EXPECT_EQ(InAChild(as_a_child), 0);
  // The parent's are as they were.
  EXPECT_NE(GetParam().act(objects), NS_ERR_CLOSED);
}

INSTANTIATE_TEST_SUITE_P(Object, Inherited, testing::ValuesIn(kUses),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(InheritedClock, ShowsNoTime) {
  const support::ClockHandle clock = support::NewManualClock(5);
  EXPECT_EQ(ns_clock_get_now(clock.get()), 5u);
  EXPECT_EQ(InAChild([&] { return ns_clock_get_now(clock.get()) == 0 ? 0 : 1; }), 0);
}

// User data end with their last owner, which is the
// parent: what the child frees is its own copy.
TEST(InheritedUserData, EndsInTheParent) {
  Objects objects;
  EXPECT_EQ(InAChild([&] {
              objects.Free();
              return objects.handler.destroyed();
            }),
            0);
  EXPECT_EQ(objects.handler.destroyed(), 0);
  objects.Free();
  EXPECT_EQ(objects.handler.destroyed(), 1);
}

}  // namespace
