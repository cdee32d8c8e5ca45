// One answer for a request, and what an answer's status means.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <atomic>
#include <ostream>
#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::EchoRequest;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::LinkHandle;
using support::Wire;
using support::WireOptions;

struct Stranger {
  const char* name;
  const char* source;  // behind no route
  const char* destination;
  const char* route;  // that would reach it
};

std::ostream& operator<<(std::ostream& out, const Stranger& each) { return out << each.name; }

constexpr Stranger kStrangers[] = {
    {"Ipv4", "10.9.9.9", "192.168.0.1", "10.0.0.0/8"},
    {"Ipv4Temporary", "10.9.9.9", "192.168.0.99", "10.0.0.0/8"},
    {"Ipv4Broadcast", "10.9.9.9", "255.255.255.255", "10.0.0.0/8"},
    {"Ipv6", "f::9", "a::1", "f::/16"},
    {"Ipv6Temporary", "f::9", "a::99", "f::/16"},
    {"Ipv6Multicast", "f::9", "ff02::1", "f::/16"},
};

class StrictRoutes : public testing::TestWithParam<Stranger> {
 protected:
  [[nodiscard]] IcmpPacket Request() const {
    return EchoRequest(GetParam().source, GetParam().destination);
  }

  Wire wire_{WireOptions{.stack_flags = NS_STACK_STRICT_ROUTES,
                         .nic_flags = NS_NIC_PROMISCUOUS | NS_NIC_SPOOFING}};
};

TEST_P(StrictRoutes, WithoutARouteThereIsNoAnswerAndDecliningMakesNone) {
  const Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_ERR_NO_ROUTE);
    EXPECT_EQ(ns_request_reply(request), NS_ERR_NO_ROUTE);
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(wire_.stack());
  EXPECT_TRUE(wire_.Send(Request()).empty());
  EXPECT_EQ(wire_.Counter("forwarder.no_route"), 1u);
  EXPECT_EQ(wire_.Counter("forwarder.replied"), 0u);
  EXPECT_EQ(wire_.Counter("ip.packets_sent"), 0u);
}

TEST_P(StrictRoutes, WithoutARouteTheStackIsSilentByItself) {
  EXPECT_TRUE(wire_.Send(Request()).empty());
  const Handler handler = Handler::Saying(NS_VERDICT_DECLINED);
  handler.InstallIn(wire_.stack());
  EXPECT_TRUE(wire_.Send(Request()).empty());
}

TEST_P(StrictRoutes, ARouteThatComesDuringTheCallbackDoesNotChangeTheOutcome) {
  const Handler handler([&](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_ERR_NO_ROUTE);
    EXPECT_EQ(ns_stack_add_route(wire_.stack(), GetParam().route, nullptr, 1, nullptr), NS_OK);
    EXPECT_EQ(ns_request_reply(request), NS_ERR_NO_ROUTE);
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(wire_.stack());
  EXPECT_TRUE(wire_.Send(Request()).empty());
}

TEST_P(StrictRoutes, ARouteMakesTheAnswerPossible) {
  ASSERT_EQ(ns_stack_add_route(wire_.stack(), GetParam().route, nullptr, 1, nullptr), NS_OK);
  const Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(wire_.stack());
  EXPECT_EQ(wire_.Send(Request()).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(From, StrictRoutes, testing::ValuesIn(kStrangers),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(LaxRoutes, WithoutARouteTheAnswerLeavesWhereTheRequestCameIn) {
  for (const Stranger& stranger : kStrangers) {
    Wire wire(WireOptions{.nic_flags = NS_NIC_PROMISCUOUS | NS_NIC_SPOOFING});
    const Handler handler([](ns_request request) {
      EXPECT_EQ(ns_request_reply(request), NS_OK);
      return NS_VERDICT_DECLINED;
    });
    handler.InstallIn(wire.stack());
    EXPECT_EQ(wire.Send(EchoRequest(stranger.source, stranger.destination)).size(), 1u)
        << stranger.name;
  }
}

TEST(NoSource, GroupRequestOnANicWithoutAnAddressOfTheFamilyHasNoAnswer) {
  struct Case {
    const char* destination;
    std::vector<std::string> addresses;
  };
  for (const Case& each :
       {Case{"255.255.255.255", {}}, Case{"224.0.0.1", {}}, Case{"224.0.0.1", {"a::1/64"}},
        Case{"ff02::1", {}}, Case{"ff02::1", {"192.168.0.1/24"}}}) {
    Wire wire(WireOptions{.nic_flags = NS_NIC_PROMISCUOUS, .addresses = each.addresses});
    EXPECT_TRUE(wire.Send(EchoRequestTo(each.destination)).empty()) << each.destination;
    const Handler handler([](ns_request request) {
      EXPECT_EQ(ns_request_reply(request), NS_ERR_NO_ROUTE);
      EXPECT_EQ(ns_request_reply(request), NS_ERR_NO_ROUTE);
      return NS_VERDICT_DECLINED;
    });
    handler.InstallIn(wire.stack());
    EXPECT_TRUE(wire.Send(EchoRequestTo(each.destination)).empty()) << each.destination;
    EXPECT_EQ(handler.calls(), 1);
  }
}

class FullLink : public testing::TestWithParam<const char*> {};

TEST_P(FullLink, TakesTheAnswerAsAcceptedAndCountsTheDrop) {
  Wire wire(WireOptions{.capacity = 1});
  const Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(wire.stack());
  const IcmpPacket request = EchoRequestTo(GetParam());
  const std::string family = request.v6() ? "v6" : "v4";
  ASSERT_EQ(support::Inject(wire.link(), Build(request)), NS_OK);
  EXPECT_EQ(wire.MovedBy(Build(request)),
            "forwarder.declined 1, forwarder.replied 1, forwarder.requests 1, icmp." + family +
                ".received.echo_request 1, icmp." + family +
                ".sent.dropped 1, ip.outgoing_packet_errors 1, ip.packets_delivered 1, "
                "ip.packets_received 1, ip.valid_packets_received 1");
  EXPECT_EQ(wire.Counter("nic.1.tx_packets_dropped_no_buffer_space"), 1u);
  EXPECT_EQ(support::Drain(wire.link()).size(), 1u);
  EXPECT_EQ(wire.Answers(request), 1u);
}

INSTANTIATE_TEST_SUITE_P(Family, FullLink, testing::Values("192.168.0.1", "a::1"),
                         [](const auto& each) { return each.index == 0 ? "Ipv4" : "Ipv6"; });

struct Refusal {
  ns_status status;
  uint64_t no_buffer_space;
};

TEST(RefusingLink, TakesTheAnswerAsAcceptedAndCountsTheDrop) {
  for (const Refusal& refusal :
       {Refusal{NS_ERR_WOULD_BLOCK, 1}, Refusal{NS_ERR_CLOSED, 0}, Refusal{-12345, 0}}) {
    ns_status says = refusal.status;
    const auto transmit = [](void* user_data, const uint8_t*, size_t) {
      return *static_cast<ns_status*>(user_data);
    };
    ns_link* made = nullptr;
    ASSERT_EQ(ns_link_callback_new(nullptr, transmit, &says, nullptr, &made, nullptr), NS_OK);
    const LinkHandle link(made);
    const support::StackHandle stack = support::NewStack();
    ASSERT_EQ(ns_stack_add_nic(stack.get(), 1, made, nullptr, nullptr), NS_OK);
    ASSERT_EQ(ns_stack_add_address(stack.get(), 1, "192.168.0.1/24", nullptr), NS_OK);
    const Handler handler([](ns_request request) {
      EXPECT_EQ(ns_request_reply(request), NS_OK);
      return NS_VERDICT_DECLINED;
    });
    handler.InstallIn(stack.get());
    ASSERT_EQ(support::Inject(made, Build(EchoRequestTo("192.168.0.1"))), NS_OK);
    EXPECT_EQ(support::Counter(stack.get(), "icmp.v4.sent.dropped"), 1u);
    EXPECT_EQ(support::Counter(stack.get(), "icmp.v4.sent.echo_reply"), 0u);
    EXPECT_EQ(support::Counter(stack.get(), "ip.outgoing_packet_errors"), 1u);
    EXPECT_EQ(support::Counter(stack.get(), "nic.1.tx_packets_dropped_no_buffer_space"),
              refusal.no_buffer_space)
        << refusal.status;
  }
}

TEST(Isolation, RepliesOfNestedRequestsGoToTheirOwnSenders) {
  Wire wire;
  std::atomic<int> depth{0};
  const Handler handler([&](ns_request request) {
    const int mine = depth++;
    if (mine < 4) {
      IcmpPacket next = EchoRequestTo(mine % 2 == 0 ? "a::1" : "192.168.0.1");
      next.sequence = static_cast<uint16_t>(mine + 1);
      EXPECT_EQ(support::Inject(wire.link(), Build(next)), NS_OK);
    }
    EXPECT_EQ(support::InfoOf(request).sequence, mine);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  IcmpPacket first = EchoRequestTo("192.168.0.1");
  first.sequence = 0;
  const auto sent = wire.Send(first);
  ASSERT_EQ(sent.size(), 5u);
  for (size_t i = 0; i < sent.size(); ++i) {
    const auto answer = support::Read(sent[i]);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->sequence, 4 - i);
    EXPECT_EQ(answer->v6(), (4 - i) % 2 == 1);
  }
}

TEST(Isolation, WhatTheCallerDoesWithItsBufferAfterwardsChangesNothing) {
  Wire wire;
  support::Bytes packet = Build(EchoRequestTo("192.168.0.1"));
  ASSERT_EQ(support::Inject(wire.link(), packet), NS_OK);
  packet.assign(packet.size(), 0xff);
  const auto sent = support::Drain(wire.link());
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(support::Read(sent[0]), support::AnswerTo(EchoRequestTo("192.168.0.1")));
}

}  // namespace
