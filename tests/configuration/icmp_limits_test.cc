// How many ICMP messages the stack sends by itself: ns_stack_set_icmp_rate() and
// ns_stack_set_icmp_limited(), on a clock that only the test moves.
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
using support::EchoRequestTo;
using support::IcmpPacket;
using support::Inject;
using support::LinkHandle;

constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kSecond = 1000 * kMillisecond;
constexpr uint8_t kNobodysProtocol = 99;

constexpr char kHeldBack4[] = "icmp.v4.sent.rate_limited";
constexpr char kHeldBack6[] = "icmp.v6.sent.rate_limited";

class IcmpLimits : public testing::Test {
 protected:
  IcmpLimits() : clock_(support::NewManualClock()), link_(support::NewChannel()) {
    ns_stack_options options = NS_STACK_OPTIONS_INIT;
    options.clock = clock_.get();
    ns_stack* stack = nullptr;
    EXPECT_EQ(ns_stack_new(&options, &stack, nullptr), NS_OK);
    stack_.reset(stack);
    const ns_prefix addresses[] = {support::Prefix("192.168.0.1/24"), support::Prefix("a::1/64")};
    ns_nic_options nic = NS_NIC_OPTIONS_INIT;
    nic.addresses = addresses;
    nic.address_count = 2;
    nic.flags = NS_NIC_FORWARDING_IPV4 | NS_NIC_FORWARDING_IPV6;
    EXPECT_EQ(ns_stack_add_nic(stack, 1, link_.get(), &nic, nullptr), NS_OK);
  }

  void SetRate(uint32_t per_second, uint32_t burst) {
    EXPECT_EQ(ns_stack_set_icmp_rate(stack_.get(), per_second, burst, error_.out()), NS_OK)
        << error_.message();
  }
  void SetLimited(ns_family family, uint32_t type, uint32_t limited) {
    EXPECT_EQ(ns_stack_set_icmp_limited(stack_.get(), family, type, limited, error_.out()), NS_OK)
        << error_.message();
  }
  void Advance(uint64_t nanoseconds) {
    EXPECT_EQ(ns_clock_advance(clock_.get(), nanoseconds), NS_OK);
  }

  // How many packets are sent because of `count` such packets.
  size_t Sent(const Bytes& packet, size_t count) {
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(Inject(link_.get(), packet), NS_OK);
    return support::Drain(link_.get()).size();
  }
  // How many errors; IPv4's are Destination Unreachable, IPv6's Parameter Problem.
  size_t Errors4(size_t count) {
    const Bytes data(8);
    return Sent(Ipv4Packet(EchoRequestTo("192.168.0.1"), kNobodysProtocol, data), count);
  }
  size_t Errors6(size_t count) {
    return Sent(Ipv6Packet(EchoRequestTo("a::1"), kNobodysProtocol, Bytes(8)), count);
  }
  size_t Replies4(size_t count) { return Sent(Build(EchoRequestTo("192.168.0.1")), count); }
  size_t Replies6(size_t count) { return Sent(Build(EchoRequestTo("a::1")), count); }

  [[nodiscard]] uint64_t Counter(const char* name) const {
    return support::Counter(stack_.get(), name);
  }

  support::ClockHandle clock_;
  support::StackHandle stack_;
  LinkHandle link_;
  support::Error error_;
};

TEST_F(IcmpLimits, AtFirstAre50AndThenOneAMillisecond) {
  EXPECT_EQ(Errors4(60), 50u);
  EXPECT_EQ(Counter(kHeldBack4), 10u);
  EXPECT_EQ(Counter("icmp.v4.sent.dst_unreachable"), 50u);
  Advance(kMillisecond - 1);
  EXPECT_EQ(Errors4(1), 0u);
  Advance(1);
  EXPECT_EQ(Errors4(2), 1u);
}

TEST_F(IcmpLimits, OfARateAndABurst) {
  const struct {
    uint32_t per_second;
    uint32_t burst;
    size_t at_once;  // of ten
    size_t a_second_later;
  } rows[] = {{5, 2, 2, 2}, {5, 7, 7, 5}, {3, 100, 10, 10},          {1, 1, 1, 1},  {0, 7, 0, 0},
              {7, 0, 0, 0}, {0, 0, 0, 0}, {UINT32_MAX - 1, 4, 4, 4}, {2, 10, 10, 2}};
  for (const auto& row : rows) {
    SetRate(row.per_second, row.burst);
    const uint64_t before = Counter(kHeldBack4);
    EXPECT_EQ(Errors4(10), row.at_once) << row.per_second << "/" << row.burst;
    Advance(kSecond);
    EXPECT_EQ(Errors4(10), row.a_second_later) << row.per_second << "/" << row.burst;
    EXPECT_EQ(Counter(kHeldBack4) - before, 20 - row.at_once - row.a_second_later);
  }
}

TEST_F(IcmpLimits, UnlimitedIsEveryMessageWhateverTheBurst) {
  for (const uint32_t burst : {0u, 1u, UINT32_MAX}) {
    SetRate(NS_ICMP_RATE_UNLIMITED, burst);
    EXPECT_EQ(Errors4(100), 100u);
    EXPECT_EQ(Errors6(100), 100u);
  }
  EXPECT_EQ(Counter(kHeldBack4), 0u);
  EXPECT_EQ(Counter(kHeldBack6), 0u);
}

TEST_F(IcmpLimits, BothFamiliesHaveOneBucket) {
  SetRate(1, 5);
  EXPECT_EQ(Errors4(3), 3u);
  EXPECT_EQ(Errors6(3), 2u);
  EXPECT_EQ(Errors4(3), 0u);
  EXPECT_EQ(Counter(kHeldBack4), 3u);
  EXPECT_EQ(Counter(kHeldBack6), 1u);
}

TEST_F(IcmpLimits, ATypeThatIsNotLimitedTakesNoToken) {
  SetRate(0, 0);
  SetLimited(NS_FAMILY_IPV4, 3, 0);
  EXPECT_EQ(Errors4(100), 100u);
  EXPECT_EQ(Errors6(1), 0u);
  SetLimited(NS_FAMILY_IPV4, 3, 1);
  EXPECT_EQ(Errors4(1), 0u);
  SetLimited(NS_FAMILY_IPV6, 4, 0);
  EXPECT_EQ(Errors6(100), 100u);
  EXPECT_EQ(Errors4(1), 0u);
}

// To NIC 2, which is too narrow for them.
TEST_F(IcmpLimits, PathMtuDiscoveryIsNotLimitedUnlessAskedInIpv6) {
  const LinkHandle narrow = support::NewChannel(1280);
  ASSERT_EQ(ns_stack_add_nic(stack_.get(), 2, narrow.get(), nullptr, nullptr), NS_OK);
  for (const char* const route : {"203.0.113.0/24", "2001:db8::/32"}) {
    ASSERT_EQ(ns_stack_add_route(stack_.get(), route, nullptr, 2, nullptr), NS_OK);
  }
  SetRate(0, 0);
  IcmpPacket wide4 = EchoRequest("192.168.0.2", "203.0.113.9");
  wide4.payload = Bytes(1400);
  wide4.fragment = 0x4000;  // Don't Fragment
  IcmpPacket wide6 = EchoRequest("a::2", "2001:db8::9");
  wide6.payload = Bytes(1400);
  EXPECT_EQ(Sent(Build(wide4), 10), 10u);
  EXPECT_EQ(Sent(Build(wide6), 10), 10u);
  SetLimited(NS_FAMILY_IPV4, 3, 1);
  SetLimited(NS_FAMILY_IPV6, 2, 1);
  EXPECT_EQ(Sent(Build(wide4), 10), 10u);
  EXPECT_EQ(Sent(Build(wide6), 10), 0u);
  EXPECT_EQ(Counter(kHeldBack6), 10u);
}

TEST_F(IcmpLimits, EchoRepliesAreLimitedOnlyWhereAsked) {
  SetRate(1, 3);
  EXPECT_EQ(Replies4(100), 100u);
  EXPECT_EQ(Replies6(100), 100u);
  SetLimited(NS_FAMILY_IPV4, 0, 1);
  EXPECT_EQ(Replies4(5), 3u);
  EXPECT_EQ(Counter(kHeldBack4), 2u);
  EXPECT_EQ(Replies6(5), 5u);
  EXPECT_EQ(Errors4(1), 0u);
  SetLimited(NS_FAMILY_IPV6, 129, 1);
  EXPECT_EQ(Replies6(5), 0u);
  EXPECT_EQ(Counter(kHeldBack6), 5u);
  SetLimited(NS_FAMILY_IPV4, 0, 0);
  EXPECT_EQ(Replies4(5), 5u);
  EXPECT_EQ(Replies6(5), 0u);
  SetLimited(NS_FAMILY_IPV6, 129, 0);
  EXPECT_EQ(Replies6(5), 5u);
}

TEST_F(IcmpLimits, AReplyThatIsHeldBackCountsAsAccepted) {
  const support::Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(stack_.get());
  SetRate(0, 0);
  SetLimited(NS_FAMILY_IPV4, 0, 1);
  SetLimited(NS_FAMILY_IPV6, 129, 1);
  EXPECT_EQ(Replies4(2) + Replies6(2), 0u);
  EXPECT_EQ(handler.calls(), 4);
  EXPECT_EQ(Counter(kHeldBack4), 2u);
  EXPECT_EQ(Counter(kHeldBack6), 2u);
  EXPECT_EQ(Counter("icmp.v4.sent.echo_reply"), 0u);
}

TEST_F(IcmpLimits, EveryErrorHasItsType) {
  for (const uint32_t type : {0u, 3u, 4u, 5u, 11u, 12u}) SetLimited(NS_FAMILY_IPV4, type, 1);
  for (uint32_t type = 1; type < 128; ++type) SetLimited(NS_FAMILY_IPV6, type, 0);
  SetLimited(NS_FAMILY_IPV6, 129, 0);
}

TEST_F(IcmpLimits, WhatIsRefusedIsNamedAndChangesNothing) {
  const struct {
    ns_family family;
    uint32_t type;
    uint32_t limited;
    const char* says;
  } rows[] = {
      {NS_FAMILY_ANY, 3, 0, "family is 0;"},
      {5, 3, 0, "family is 5;"},
      {NS_FAMILY_IPV4, 8, 0, "type is 8;"},
      {NS_FAMILY_IPV4, 1, 0, "type is 1;"},
      {NS_FAMILY_IPV4, 14, 0, "type is 14;"},
      {NS_FAMILY_IPV4, 129, 0, "type is 129;"},
      {NS_FAMILY_IPV4, 259, 0, "type is 259;"},
      {NS_FAMILY_IPV6, 0, 0, "type is 0;"},
      {NS_FAMILY_IPV6, 128, 0, "type is 128;"},
      {NS_FAMILY_IPV6, 130, 0, "type is 130;"},
      {NS_FAMILY_IPV6, 260, 0, "type is 260;"},
      {NS_FAMILY_IPV6, UINT32_MAX, 0, "type is 4294967295;"},
      {NS_FAMILY_IPV4, 3, 2, "limited is 2;"},
      {NS_FAMILY_IPV6, 4, UINT32_MAX, "limited is 4294967295;"},
  };
  SetRate(0, 0);
  for (const auto& row : rows) {
    EXPECT_EQ(
        ns_stack_set_icmp_limited(stack_.get(), row.family, row.type, row.limited, error_.out()),
        NS_ERR_INVALID_ARGUMENT)
        << row.says;
    EXPECT_TRUE(error_.message().starts_with(row.says)) << error_.message();
  }
  EXPECT_EQ(Errors4(1) + Errors6(1), 0u);
}

}  // namespace
