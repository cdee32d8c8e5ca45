// In front of another stack: whatever nothing here takes comes back, untouched
// and unanswered.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <ostream>
#include <string>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::Wire;
using support::WireOptions;

Bytes Udp(const std::string& source, const std::string& destination) {
  const Bytes datagram{0x30, 0x39, 0x00, 0x35, 0x00, 0x08, 0x00, 0x00};
  const IcmpPacket ip{.source = source, .destination = destination};
  return ip.v6() ? support::Ipv6Packet(ip, 17, datagram) : support::Ipv4Packet(ip, 17, datagram);
}

Bytes Icmp(const std::string& source, const std::string& destination, uint8_t type) {
  return support::Build(IcmpPacket{.source = source, .destination = destination, .type = type});
}

Bytes WithBadChecksum(Bytes packet) {
  packet.back() ^= 0xff;
  return packet;
}

// One fragment: the first 16 bytes of a message.
Bytes FragmentTo(const std::string& destination, uint8_t protocol) {
  IcmpPacket ip = EchoRequestTo(destination);
  if (!ip.v6()) {
    ip.fragment = 0x2000;
    return support::Ipv4Packet(ip, protocol, Bytes(16));
  }
  Bytes data{protocol, 0, 0, 1, 0, 0, 0, 9};
  data.resize(8 + 16);
  return support::Ipv6Packet(ip, 44, data);
}

struct Row {
  const char* name;
  Bytes packet;
  ns_status with_no_handler;
  ns_status declined;
  ns_status consumed;
  ns_status replied_and_declined;
};

std::ostream& operator<<(std::ostream& out, const Row& each) { return out << each.name; }

constexpr ns_status kOk = NS_OK;
constexpr ns_status kBack = NS_UNCLAIMED;

// Assigned: 192.168.0.1 and a::1; temporary: 10.7.0.0/16 and fd07::/64.
const Row kRows[] = {
    {"Ipv4EchoToAssigned", Build(EchoRequestTo("192.168.0.1")), kOk, kOk, kOk, kOk},
    {"Ipv6EchoToAssigned", Build(EchoRequestTo("a::1")), kOk, kOk, kOk, kOk},
    {"Ipv4EchoToTemporary", Build(EchoRequestTo("10.7.0.9")), kBack, kBack, kOk, kOk},
    {"Ipv6EchoToTemporary", Build(EchoRequestTo("fd07::9")), kBack, kBack, kOk, kOk},
    {"Ipv4EchoToBroadcast", Build(EchoRequestTo("192.168.0.255")), kBack, kBack, kOk, kOk},
    {"Ipv4EchoToAllHosts", Build(EchoRequestTo("224.0.0.1")), kBack, kBack, kOk, kOk},
    {"Ipv6EchoToAllNodes", Build(EchoRequestTo("ff02::1")), kOk, kOk, kOk, kOk},
    {"Ipv4EchoToSomebodyElse", Build(EchoRequestTo("192.168.0.7")), kBack, kBack, kBack, kBack},
    {"Ipv6EchoToSomebodyElse", Build(EchoRequestTo("a::7")), kBack, kBack, kBack, kBack},
    {"Ipv4FragmentToAssigned", FragmentTo("192.168.0.1", 1), kOk, kOk, kOk, kOk},
    {"Ipv6FragmentToAssigned", FragmentTo("a::1", 58), kOk, kOk, kOk, kOk},
    {"Ipv4FragmentToTemporary", FragmentTo("10.7.0.9", 1), kBack, kOk, kOk, kOk},
    {"Ipv6FragmentToTemporary", FragmentTo("fd07::9", 58), kBack, kOk, kOk, kOk},
    {"Ipv4FragmentToBroadcast", FragmentTo("192.168.0.255", 1), kBack, kOk, kOk, kOk},
    {"Ipv4FragmentOfUdp", FragmentTo("192.168.0.1", 17), kBack, kBack, kBack, kBack},
    {"Ipv6FragmentOfUdp", FragmentTo("a::1", 17), kBack, kBack, kBack, kBack},
    {"Ipv4FragmentToSomebodyElse", FragmentTo("192.168.0.7", 1), kBack, kBack, kBack, kBack},
    {"Ipv4EchoReply", Icmp("192.168.0.2", "192.168.0.1", 0), kBack, kBack, kBack, kBack},
    {"Ipv6EchoReply", Icmp("a::2", "a::1", 129), kBack, kBack, kBack, kBack},
    {"Ipv4Unreachable", Icmp("192.168.0.2", "192.168.0.1", 3), kBack, kBack, kBack, kBack},
    {"Ipv6TimeExceeded", Icmp("a::2", "a::1", 3), kBack, kBack, kBack, kBack},
    {"Ipv4UnknownType", Icmp("192.168.0.2", "192.168.0.1", 99), kBack, kBack, kBack, kBack},
    {"Ipv4Udp", Udp("192.168.0.2", "192.168.0.1"), kBack, kBack, kBack, kBack},
    {"Ipv6Udp", Udp("a::2", "a::1"), kBack, kBack, kBack, kBack},
    {"Ipv4UdpToTemporary", Udp("192.168.0.2", "10.7.0.9"), kBack, kBack, kBack, kBack},
    {"Ipv4BadIcmpChecksum", WithBadChecksum(Build(EchoRequestTo("192.168.0.1"))), kBack, kBack,
     kBack, kBack},
    {"Ipv6BadIcmpChecksum", WithBadChecksum(Build(EchoRequestTo("a::1"))), kBack, kBack, kBack,
     kBack},
    {"Ipv4LoopbackSource", Icmp("127.0.0.1", "192.168.0.1", 8), kBack, kBack, kBack, kBack},
    {"Truncated", Bytes{0x45, 0, 0}, kBack, kBack, kBack, kBack},
    {"NeitherIpv4NorIpv6", Bytes{0xf0, 1, 2, 3}, kBack, kBack, kBack, kBack},
    {"Empty", Bytes{}, kBack, kBack, kBack, kBack},
};

class SideBySideTest : public testing::TestWithParam<Row> {
 protected:
  static WireOptions Options() {
    return {.nic_flags = NS_NIC_SIDE_BY_SIDE, .local_prefixes = {"10.7.0.0/16", "fd07::/64"}};
  }

  // The packet must come out as it went in.
  static ns_status InjectInto(const Wire& wire) {
    const Bytes packet = GetParam().packet;
    const ns_status status = support::Inject(wire.link(), packet);
    EXPECT_EQ(packet, GetParam().packet);
    EXPECT_EQ(wire.Counter("nic.1.rx.unclaimed"), status == NS_UNCLAIMED ? 1u : 0u);
    if (status == NS_UNCLAIMED) {
      EXPECT_TRUE(support::Drain(wire.link()).empty());
    }
    return status;
  }
};

TEST_P(SideBySideTest, WithoutAHandlerWhatTheStackDoesNotAnswerComesBack) {
  const Wire wire(Options());
  EXPECT_EQ(InjectInto(wire), GetParam().with_no_handler);
}

TEST_P(SideBySideTest, WhatAHandlerDeclinedAndTheStackDoesNotAnswerComesBack) {
  const Wire wire(Options());
  Handler::Saying(NS_VERDICT_DECLINED).InstallIn(wire.stack());
  EXPECT_EQ(InjectInto(wire), GetParam().declined);
}

TEST_P(SideBySideTest, WhatAHandlerConsumedIsOurs) {
  const Wire wire(Options());
  Handler::Saying(NS_VERDICT_CONSUMED).InstallIn(wire.stack());
  EXPECT_EQ(InjectInto(wire), GetParam().consumed);
}

TEST_P(SideBySideTest, WhatWasAnsweredIsOursThoughItWasDeclined) {
  const Wire wire(Options());
  const Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_EQ(InjectInto(wire), GetParam().replied_and_declined);
}

TEST_P(SideBySideTest, OnAnyOtherNicEverythingIsDealtWith) {
  WireOptions options = Options();
  options.nic_flags = 0;
  const Wire wire(options);
  EXPECT_EQ(support::Inject(wire.link(), GetParam().packet), NS_OK);
  EXPECT_EQ(wire.Counter("nic.1.rx.unclaimed"), 0u);
}

INSTANTIATE_TEST_SUITE_P(Packet, SideBySideTest, testing::ValuesIn(kRows),
                         [](const auto& each) { return std::string(each.param.name); });

// A failed handler has decided nothing, but the packet is consumed.
TEST(SideBySide, WhatAFailedHandlerSawIsOurs) {
  const Wire wire({.nic_flags = NS_NIC_SIDE_BY_SIDE});
  Handler::Saying(77).InstallIn(wire.stack());
  EXPECT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("192.168.0.1"))), NS_OK);
}

// One answer: nobody gets another stack's ping because no way back was found.
TEST(SideBySide, AReplyWithoutARouteIsAnAnswer) {
  const Wire wire({.stack_flags = NS_STACK_STRICT_ROUTES, .nic_flags = NS_NIC_SIDE_BY_SIDE});
  const Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_ERR_NO_ROUTE);
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(wire.stack());
  IcmpPacket request = EchoRequestTo("192.168.0.1");
  request.source = "203.0.113.1";
  EXPECT_EQ(support::Inject(wire.link(), Build(request)), NS_OK);
}

TEST(SideBySide, ADisabledNicTakesNothing) {
  const Wire wire({.nic_flags = NS_NIC_SIDE_BY_SIDE | NS_NIC_DISABLED});
  EXPECT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("192.168.0.1"))), NS_UNCLAIMED);
}

TEST(SideBySide, ANicCanBeSwitched) {
  const Wire wire;
  const Bytes stranger = Udp("192.168.0.2", "192.168.0.1");
  EXPECT_EQ(support::Inject(wire.link(), stranger), NS_OK);
  wire.SetNicFlags(NS_NIC_SIDE_BY_SIDE);
  EXPECT_EQ(support::Inject(wire.link(), stranger), NS_UNCLAIMED);
  wire.SetNicFlags(0, NS_NIC_SIDE_BY_SIDE);
  EXPECT_EQ(support::Inject(wire.link(), stranger), NS_OK);
}

TEST(SideBySide, AHandlerThatInjectsIsToldAsWell) {
  const Wire wire({.nic_flags = NS_NIC_SIDE_BY_SIDE});
  ns_status nested = NS_OK;
  const Handler handler([&](ns_request) {
    nested = support::Inject(wire.link(), Udp("a::2", "a::1"));
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("192.168.0.1"))), NS_OK);
  EXPECT_EQ(nested, NS_UNCLAIMED);
}

}  // namespace
