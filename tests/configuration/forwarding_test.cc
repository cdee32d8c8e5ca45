// NS_NIC_FORWARDING_IPV4 and NS_NIC_FORWARDING_IPV6, from outside.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoRequest;
using support::IcmpPacket;
using support::Inject;
using support::LinkHandle;
using support::NewChannel;
using support::Wire;
using support::WireOptions;

// Behind NIC 2, which has no address.
constexpr const char* kFar4 = "203.0.113.9";
constexpr const char* kFar6 = "2001:db8::9";

class Forwarding : public testing::Test {
 protected:
  explicit Forwarding(uint32_t flags = 0)
      : wire_(WireOptions{.nic_flags = flags}), far_(NewChannel()) {
    EXPECT_EQ(ns_stack_add_nic(wire_.stack(), 2, far_.get(), nullptr, nullptr), NS_OK);
    for (const char* const route : {"203.0.113.0/24", "2001:db8::/32"}) {
      EXPECT_EQ(ns_stack_add_route(wire_.stack(), route, nullptr, 2, nullptr), NS_OK);
    }
  }

  // Whether a packet goes on, as it is but for its TTL.
  bool GoesOn(const char* destination) {
    IcmpPacket packet =
        EchoRequest(support::IsIpv6(destination) ? "a::2" : "192.168.0.2", destination);
    packet.ttl = 64;
    const std::vector<Bytes> answers = wire_.Send(Build(packet));
    packet.ttl = 63;
    const std::vector<Bytes> sent = support::Drain(far_.get());
    if (sent.empty()) return false;
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(sent, std::vector<Bytes>{Build(packet)});
    return true;
  }
  void SetFlags(uint32_t set, uint32_t clear) {
    EXPECT_EQ(ns_stack_set_nic_flags(wire_.stack(), 1, set, clear, nullptr), NS_OK);
  }
  void Expect(bool ipv4, bool ipv6) {
    EXPECT_EQ(GoesOn(kFar4), ipv4);
    EXPECT_EQ(GoesOn(kFar6), ipv6);
  }

  Wire wire_;
  LinkHandle far_;
};

class ForwardingFromTheStart : public Forwarding {
 protected:
  ForwardingFromTheStart() : Forwarding(NS_NIC_FORWARDING_IPV6) {}
};

TEST_F(Forwarding, IsOffUntilAskedForByFamily) {
  Expect(false, false);
  SetFlags(NS_NIC_FORWARDING_IPV4, 0);
  Expect(true, false);
  SetFlags(NS_NIC_FORWARDING_IPV6, NS_NIC_FORWARDING_IPV4);
  Expect(false, true);
  SetFlags(NS_NIC_FORWARDING_IPV4 | NS_NIC_FORWARDING_IPV6, 0);
  Expect(true, true);
  SetFlags(0, NS_NIC_FORWARDING_IPV4 | NS_NIC_FORWARDING_IPV6);
  Expect(false, false);
}

TEST_F(ForwardingFromTheStart, IsAnOptionOfTheNic) { Expect(false, true); }

TEST_F(Forwarding, IsCountedWhereThePacketCameIn) {
  SetFlags(NS_NIC_FORWARDING_IPV4 | NS_NIC_FORWARDING_IPV6, 0);
  Expect(true, true);
  EXPECT_EQ(wire_.Counter("ip.forwarding.packets"), 2u);
  EXPECT_EQ(wire_.Counter("nic.1.ip.v4.forwarding.packets"), 1u);
  EXPECT_EQ(wire_.Counter("nic.1.ip.v6.forwarding.packets"), 1u);
  EXPECT_EQ(wire_.Counter("nic.2.tx.packets"), 2u);
  wire_.Send(Build(EchoRequest("192.168.0.2", "198.51.100.1")));
  EXPECT_EQ(wire_.Counter("nic.1.ip.v4.forwarding.unrouteable"), 1u);
  EXPECT_EQ(wire_.Counter("nic.1.ip.v4.forwarding.errors"), 1u);
}

// The way that rule 4 of the contract keeps open is for answers alone.
TEST_F(Forwarding, NeedsARoute) {
  SetFlags(NS_NIC_FORWARDING_IPV4, 0);
  EXPECT_EQ(ns_stack_remove_route(wire_.stack(), "203.0.113.0/24", nullptr, 2, nullptr), NS_OK);
  Expect(false, false);
}

TEST_F(Forwarding, ReachesTheAddressesOfOtherNics) {
  ASSERT_EQ(ns_stack_add_address(wire_.stack(), 2, "203.0.113.1/24", nullptr), NS_OK);
  const auto request = EchoRequest("192.168.0.2", "203.0.113.1");
  EXPECT_TRUE(wire_.Send(Build(request)).empty());
  SetFlags(NS_NIC_FORWARDING_IPV4, 0);
  EXPECT_EQ(wire_.Answers(request, "203.0.113.1"), 1u);
  EXPECT_TRUE(support::Drain(far_.get()).empty());
}

TEST_F(Forwarding, LetsAHandlerReplyFromAnAddressOfAnotherNic) {
  ASSERT_EQ(ns_stack_add_address(wire_.stack(), 2, "203.0.113.1/24", nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(wire_.stack(), 2, "2001:db8::1/32", nullptr), NS_OK);
  SetFlags(NS_NIC_FORWARDING_IPV4 | NS_NIC_FORWARDING_IPV6, 0);
  const support::Handler handler([](ns_request request) {
    ns_packet_info info{};
    EXPECT_EQ(ns_request_get_info(request, &info, sizeof info), NS_OK);
    EXPECT_EQ(info.nic, 1u) << "where it came in";
    EXPECT_EQ(info.flags & NS_PACKET_TEMPORARY, 0u);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire_.stack());
  EXPECT_EQ(wire_.Answers(EchoRequest("192.168.0.2", "203.0.113.1")), 1u);
  EXPECT_EQ(wire_.Answers(EchoRequest("a::2", "2001:db8::1")), 1u);
  EXPECT_EQ(handler.calls(), 2);
}

// What this stack can't send on the other may.
TEST_F(Forwarding, HandsBackSideBySideWhatDidNotGoOn) {
  SetFlags(NS_NIC_FORWARDING_IPV4 | NS_NIC_SIDE_BY_SIDE, 0);
  EXPECT_TRUE(GoesOn(kFar4));
  EXPECT_EQ(Inject(wire_.link(), Build(EchoRequest("192.168.0.2", "198.51.100.1"))), NS_UNCLAIMED);
  IcmpPacket last_hop = EchoRequest("192.168.0.2", kFar4);
  last_hop.ttl = 1;
  EXPECT_EQ(Inject(wire_.link(), Build(last_hop)), NS_UNCLAIMED);
  EXPECT_TRUE(support::Drain(wire_.link()).empty()) << "and unanswered";
}

}  // namespace
