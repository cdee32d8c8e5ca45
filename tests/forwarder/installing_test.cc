// Which packets a forwarder sees, by family, by type and by stack, and what is
// made of its verdicts.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <ostream>
#include <string>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoReplyTo;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::Wire;
using support::WireOptions;

struct Choice {
  const char* name;
  ns_family family;
  int ipv4;
  int ipv6;
};

std::ostream& operator<<(std::ostream& out, const Choice& each) { return out << each.name; }

constexpr Choice kChoices[] = {
    {"Ipv4Only", NS_FAMILY_IPV4, 1, 0},
    {"Ipv6Only", NS_FAMILY_IPV6, 0, 1},
    {"Both", NS_FAMILY_ANY, 1, 1},
};

class FamilyOfHandler : public testing::TestWithParam<Choice> {
 protected:
  Wire wire_;
};

TEST_P(FamilyOfHandler, SaysWhichRequestsItSees) {
  const Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
  handler.InstallIn(wire_.stack(), GetParam().family);
  EXPECT_EQ(wire_.Answers("192.168.0.1"), GetParam().ipv4 == 0);
  EXPECT_EQ(handler.calls(), GetParam().ipv4);
  EXPECT_EQ(wire_.Answers("a::1"), GetParam().ipv6 == 0);
  EXPECT_EQ(handler.calls(), GetParam().ipv4 + GetParam().ipv6);
}

TEST_P(FamilyOfHandler, IsReplacedAloneWhereTheOtherStays) {
  const Handler former = Handler::Saying(NS_VERDICT_CONSUMED);
  former.InstallIn(wire_.stack(), NS_FAMILY_ANY);
  const Handler handler = Handler::Saying(NS_VERDICT_DECLINED);
  handler.InstallIn(wire_.stack(), GetParam().family);
  EXPECT_EQ(wire_.Answers("192.168.0.1"), GetParam().ipv4 == 1);
  EXPECT_EQ(wire_.Answers("a::1"), GetParam().ipv6 == 1);
  EXPECT_EQ(handler.calls(), GetParam().ipv4 + GetParam().ipv6);
  EXPECT_EQ(former.calls(), 2 - handler.calls());
}

TEST_P(FamilyOfHandler, IsRemovedAloneWhereTheOtherStays) {
  const Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
  handler.InstallIn(wire_.stack(), NS_FAMILY_ANY);
  support::RemoveForwarder(wire_.stack(), GetParam().family);
  EXPECT_EQ(wire_.Answers("192.168.0.1"), GetParam().ipv4 == 1);
  EXPECT_EQ(wire_.Answers("a::1"), GetParam().ipv6 == 1);
}

INSTANTIATE_TEST_SUITE_P(Is, FamilyOfHandler, testing::ValuesIn(kChoices),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Installing, SameForwarderInTwoStacksServesEachItsOwn) {
  Wire first;
  Wire second(WireOptions{.ttl = 9});
  Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(first.stack());
  handler.InstallIn(second.stack(), NS_FAMILY_IPV4);
  handler.Free();
  EXPECT_TRUE(first.Answers("192.168.0.1"));
  const auto sent = second.Send(EchoRequestTo("192.168.0.1"));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(support::Read(sent[0])->ttl, 9);
  EXPECT_EQ(handler.calls(), 2);
  support::RemoveForwarder(first.stack());
  EXPECT_EQ(handler.destroyed(), 0);
  EXPECT_TRUE(first.Answers("192.168.0.1"));
  EXPECT_EQ(handler.calls(), 2);
  second.FreeStack();
  EXPECT_EQ(handler.destroyed(), 1);
}

TEST(Installing, SameForwarderAgainIsAllowedAndDestroysNothing) {
  Wire wire;
  Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
  for (int i = 0; i < 3; ++i) handler.InstallIn(wire.stack());
  handler.Free();
  EXPECT_EQ(handler.destroyed(), 0);
  EXPECT_FALSE(wire.Answers("a::1"));
  EXPECT_EQ(handler.calls(), 1);
  support::RemoveForwarder(wire.stack());
  EXPECT_EQ(handler.destroyed(), 1);
}

TEST(Installing, RemovingWhereNoneIsDoesNothing) {
  Wire wire;
  support::RemoveForwarder(wire.stack());
  support::RemoveForwarder(wire.stack(), NS_FAMILY_IPV4);
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
}

TEST(Installing, SurvivesChangesOfTheConfiguration) {
  Wire wire;
  const Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
  handler.InstallIn(wire.stack());
  ASSERT_EQ(ns_stack_add_address(wire.stack(), 1, "10.0.0.1/8", nullptr), NS_OK);
  EXPECT_FALSE(wire.Answers("10.0.0.1"));
  ASSERT_EQ(ns_stack_remove_nic(wire.stack(), 1, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_nic(wire.stack(), 2, wire.link(), nullptr, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(wire.stack(), 2, "10.0.0.1/8", nullptr), NS_OK);
  EXPECT_FALSE(wire.Answers("10.0.0.1"));
  EXPECT_EQ(handler.calls(), 2);
}

// Which types a handler sees.

TEST(EchoReplies, AreNotForAHandlerThatDidNotAskForThem) {
  Wire wire;
  const Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
  handler.InstallIn(wire.stack());
  for (const char* const destination : {"192.168.0.1", "a::1", "224.0.0.1", "ff02::1"}) {
    EXPECT_TRUE(wire.Send(EchoReplyTo(destination)).empty());
  }
  EXPECT_EQ(handler.calls(), 0);
  EXPECT_EQ(wire.Counter("forwarder.echo_replies"), 0u);
  EXPECT_EQ(wire.Counter("forwarder.requests"), 0u);
}

TEST(EchoReplies, AreForAHandlerThatAskedForThemToWhateverAddressOfOurs) {
  for (const ns_verdict verdict : {0, 1, 5}) {
    Wire wire(WireOptions{.nic_flags = NS_NIC_PROMISCUOUS | NS_NIC_SPOOFING});
    const Handler handler(
        [&](ns_request request) {
          const ns_packet_info info = support::InfoOf(request);
          EXPECT_TRUE(info.type == 0 || info.type == 129) << int{info.type};
          EXPECT_EQ(ns_request_reply(request), NS_ERR_NOT_REPLYABLE);
          return verdict;
        },
        NS_ICMP_FORWARDER_ECHO_REPLIES);
    handler.InstallIn(wire.stack());
    for (const char* const destination :
         {"192.168.0.1", "192.168.0.9", "192.168.0.255", "224.0.0.1", "a::1", "a::9", "ff02::1"}) {
      EXPECT_TRUE(wire.Send(EchoReplyTo(destination)).empty()) << destination;
    }
    EXPECT_EQ(handler.calls(), 7);
    EXPECT_EQ(wire.Counter("forwarder.echo_replies"), 7u);
    EXPECT_EQ(wire.Counter("forwarder.requests"), 0u);
    EXPECT_EQ(wire.Counter("forwarder.replied"), 0u);
    EXPECT_EQ(wire.Counter("forwarder.no_route"), 0u);
    EXPECT_EQ(wire.Counter("ip.packets_sent"), 0u);
  }
}

TEST(EchoReplies, OptionLeavesEchoRequestsAsTheyAre) {
  Wire wire;
  const Handler handler(
      [](ns_request request) {
        EXPECT_EQ(ns_request_reply(request), NS_OK);
        return NS_VERDICT_DECLINED;
      },
      NS_ICMP_FORWARDER_ECHO_REPLIES);
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_TRUE(wire.Answers("a::1"));
  EXPECT_EQ(wire.Counter("forwarder.requests"), 2u);
}

TEST(OtherTypes, NeverReachAHandler) {
  Wire wire;
  const Handler handler([](ns_request) { return NS_VERDICT_CONSUMED; },
                        NS_ICMP_FORWARDER_ECHO_REPLIES);
  handler.InstallIn(wire.stack());
  for (unsigned type = 0; type < 256; ++type) {
    for (const char* const destination : {"192.168.0.1", "a::1"}) {
      IcmpPacket packet = EchoRequestTo(destination);
      const bool echo = packet.v6() ? type == 128 || type == 129 : type == 8 || type == 0;
      packet.type = static_cast<uint8_t>(type);
      packet.ttl = 255;
      if (echo) continue;
      EXPECT_TRUE(wire.Send(packet).empty()) << type;
    }
  }
  EXPECT_EQ(handler.calls(), 0);
}

TEST(BrokenPackets, NeverReachAHandler) {
  Wire wire;
  const Handler handler([](ns_request) { return NS_VERDICT_CONSUMED; },
                        NS_ICMP_FORWARDER_ECHO_REPLIES);
  handler.InstallIn(wire.stack());
  for (const char* const destination : {"192.168.0.1", "a::1"}) {
    const Bytes good = Build(EchoRequestTo(destination));
    for (size_t length = 0; length < good.size(); ++length) {
      EXPECT_TRUE(wire.Send(support::Part(good, 0, length)).empty()) << length;
    }
    const size_t header = support::IsIpv6(destination) ? 40 : 20;
    for (size_t at = header; at < good.size(); ++at) {
      Bytes corrupted = good;
      corrupted[at] ^= 0x10;
      EXPECT_TRUE(wire.Send(corrupted).empty()) << at;
    }
  }
  EXPECT_EQ(handler.calls(), 0);
}

// Verdicts.

TEST(Verdicts, OutOfRangeAreFailuresThatConsumeAndAreCounted) {
  Wire wire;
  ns_verdict verdict = 0;
  const Handler handler([&](ns_request) { return verdict; });
  handler.InstallIn(wire.stack());
  uint64_t failed = 0;
  for (const ns_verdict out_of_range : {2, 3, -1, 255, 256, 65'536, INT32_MAX, INT32_MIN}) {
    verdict = out_of_range;
    EXPECT_FALSE(wire.Answers("192.168.0.1")) << verdict;
    EXPECT_FALSE(wire.Answers("a::1")) << verdict;
    failed += 2;
    EXPECT_EQ(wire.Counter("forwarder.failed"), failed);
  }
  EXPECT_EQ(wire.Counter("forwarder.consumed"), 0u);
  EXPECT_EQ(wire.Counter("forwarder.declined"), 0u);
  EXPECT_EQ(wire.Counter("forwarder.requests"), failed);
}

TEST(Verdicts, FailureAfterAnAnswerLetsTheAnswerStand) {
  Wire wire;
  const Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return -7;
  });
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_TRUE(wire.Answers("a::1"));
  EXPECT_EQ(wire.Counter("forwarder.failed"), 2u);
}

}  // namespace
