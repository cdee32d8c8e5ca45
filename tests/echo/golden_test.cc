// The bytes of an Echo Reply, against vectors made by hand and against an
// answer composed anew, slowly, from what the request says.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <ostream>
#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::AnswerTo;
using support::Build;
using support::Bytes;
using support::EchoRequestTo;
using support::FromHex;
using support::FromText;
using support::Handler;
using support::IcmpMessage;
using support::IcmpPacket;
using support::Read;
using support::Set16;
using support::ToHex;
using support::Wire;
using support::WireOptions;

struct Golden {
  const char* name;
  const char* request;
  const char* reply;
};

std::ostream& operator<<(std::ostream& out, const Golden& each) { return out << each.name; }

constexpr Golden kGolden[] = {
    {"Ipv4KeepsTosIdAndDfWithAFreshTtl",
     "45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364",
     "45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364"},
    {"Ipv4TemporaryAddressIsTheSource",
     "45000020000000004001f927c0a80002c0a8006308002e6604d2000161626364",
     "45000020000000004001f927c0a80063c0a800020000366604d2000161626364"},
    {"Ipv6KeepsTheTrafficClassAndClearsTheFlowLabel",
     "62012345000c3a03000a0000000000000000000000000002000a0000000000000000000000000001"
     "8000b60804d2000161626364",
     "62000000000c3a40000a0000000000000000000000000001000a0000000000000000000000000002"
     "8100b50804d2000161626364"},
};

class GoldenTest : public testing::TestWithParam<Golden> {};

TEST_P(GoldenTest, ByTheHandlersReply) {
  Wire wire(WireOptions{.nic_flags = NS_NIC_PROMISCUOUS});
  const Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  const std::vector<Bytes> sent = wire.Send(FromHex(GetParam().request));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(ToHex(sent[0]), GetParam().reply);
  EXPECT_EQ(handler.calls(), 1);
}

TEST_P(GoldenTest, ByTheStackItself) {
  Wire wire(WireOptions{.nic_flags = NS_NIC_PROMISCUOUS});
  ASSERT_EQ(ns_stack_set_echo_policy(wire.stack(), NS_FAMILY_ANY, NS_ECHO_DESTINATION_TEMPORARY,
                                     NS_ECHO_POLICY_REPLY, nullptr),
            NS_OK);
  const std::vector<Bytes> sent = wire.Send(FromHex(GetParam().request));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(ToHex(sent[0]), GetParam().reply);
}

INSTANTIATE_TEST_SUITE_P(Appendix, GoldenTest, testing::ValuesIn(kGolden),
                         [](const auto& each) { return std::string(each.param.name); });

// The builder that the other tests rest on is itself held against the vectors.
TEST(ReferenceAnswerTest, AgreesWithTheGoldenVectors) {
  for (const Golden& golden : kGolden) {
    const auto request = Read(FromHex(golden.request));
    ASSERT_TRUE(request) << golden.name;
    EXPECT_EQ(ToHex(Build(AnswerTo(*request))), golden.reply) << golden.name;
  }
}

// Appendix, V2.
TEST(RecordRoute, IsFilledInWhoeverAsksForTheReply) {
  for (const bool by_handler : {false, true}) {
    Wire wire;
    const Handler handler([by_handler](ns_request request) {
      if (!by_handler) return NS_VERDICT_DECLINED;
      EXPECT_EQ(ns_request_reply(request), NS_OK);
      return NS_VERDICT_CONSUMED;
    });
    handler.InstallIn(wire.stack());
    const std::vector<Bytes> sent =
        wire.Send(FromHex("47000024000000004001ec7ec0a80002c0a80001"
                          "07070400000000000800f32c04d20001"));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(ToHex(sent[0]),
              "470000240000000040013ebec0a80001c0a80002"
              "070708c0a80001000000fb2c04d20001");
  }
}

// Appendix, V5: the IPv4 ID is random, and the header's checksum with it.
TEST(ProtocolUnreachable, QuotesThePacket) {
  Wire wire;
  const std::vector<Bytes> sent =
      wire.Send(FromHex("4500001c000000004063f92bc0a80002c0a800010800000004d20001"));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(ToHex(support::Part(sent[0], 20, sent[0].size() - 20)),
            "0302f02a000000004500001c000000004063f92bc0a80002c0a800010800000004d20001");
  EXPECT_EQ(ToHex(support::Part(sent[0], 12, 8)), "c0a80001c0a80002");
}

class EverySizeTest : public testing::TestWithParam<const char*> {};

// Each payload is different, so that a shifted or repeated part shows.
Bytes Payload(size_t size) {
  Bytes payload(size);
  uint32_t state = static_cast<uint32_t>(size) * 2'654'435'761u + 1;
  for (uint8_t& byte : payload) {
    state = state * 1'664'525u + 1'013'904'223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return payload;
}

TEST_P(EverySizeTest, IsAnsweredUpToTheMtu) {
  Wire wire;
  IcmpPacket request = EchoRequestTo(GetParam());
  const size_t largest = 1500 - (request.v6() ? 40 : 20) - 8;
  for (size_t size = 0; size <= largest; ++size) {
    request.payload = Payload(size);
    request.sequence = static_cast<uint16_t>(size);
    const std::vector<Bytes> sent = wire.Send(request);
    ASSERT_EQ(sent.size(), 1u) << size;
    ASSERT_EQ(ToHex(sent[0]), ToHex(Build(AnswerTo(request)))) << size;
  }
}

TEST_P(EverySizeTest, OneByteMoreThanTheMtuIsSentInTwoFragments) {
  Wire wire;
  IcmpPacket request = EchoRequestTo(GetParam());
  request.payload = Payload(1500 - (request.v6() ? 40 : 20) - 8 + 1);
  EXPECT_EQ(wire.Send(request).size(), 2u);
  EXPECT_EQ(wire.Counter("ip.packets_sent"), 2u);
}

TEST_P(EverySizeTest, PaddingBehindThePacketIsNotSentBack) {
  Wire wire;
  const IcmpPacket request = EchoRequestTo(GetParam());
  for (size_t padding = 1; padding <= 46; ++padding) {
    Bytes packet = Build(request);
    packet.resize(packet.size() + padding, 0xa5);
    const std::vector<Bytes> sent = wire.Send(packet);
    ASSERT_EQ(sent.size(), 1u) << padding;
    ASSERT_EQ(ToHex(sent[0]), ToHex(Build(AnswerTo(request)))) << padding;
  }
}

TEST_P(EverySizeTest, EveryTosCodeAndTtlIsTakenAsItComes) {
  Wire wire;
  IcmpPacket request = EchoRequestTo(GetParam());
  for (unsigned value = 0; value < 256; ++value) {
    request.tos = static_cast<uint8_t>(value);
    request.code = static_cast<uint8_t>(255 - value);
    request.ttl = static_cast<uint8_t>(value);
    request.flow_label = request.v6() ? value * 0x101 : 0;
    EXPECT_EQ(wire.Answers(request), 1u) << value;
  }
}

TEST_P(EverySizeTest, IdentifierAndSequenceOfAnyValueComeBack) {
  Wire wire;
  IcmpPacket request = EchoRequestTo(GetParam());
  for (const unsigned value : {0u, 1u, 0xffu, 0x100u, 0x7fffu, 0x8000u, 0xfffeu, 0xffffu}) {
    request.identifier = static_cast<uint16_t>(value);
    request.sequence = static_cast<uint16_t>(~value);
    EXPECT_EQ(wire.Answers(request), 1u) << value;
  }
}

INSTANTIATE_TEST_SUITE_P(Family, EverySizeTest, testing::Values("192.168.0.1", "a::1"),
                         [](const auto& each) { return each.index == 0 ? "Ipv4" : "Ipv6"; });

unsigned ChecksumOf(const IcmpPacket& packet) { return support::Get16(IcmpMessage(packet), 2); }

// Chooses the payload such that `of(request)`, a packet with that payload, has
// the checksum that is wanted: a word more in the sum is a word less there.
template <typename Of>
bool MakeChecksum(unsigned wanted, IcmpPacket* request, Of&& of) {
  request->payload = {0, 0};
  Set16(&request->payload, 0, (ChecksumOf(of(*request)) + 0xffff - wanted) % 0xffff);
  return ChecksumOf(of(*request)) == wanted;
}

bool MakeReplyChecksum(unsigned wanted, IcmpPacket* request) {
  return MakeChecksum(wanted, request, [](const IcmpPacket& r) {
    return AnswerTo(r, r.v6() ? "a::1" : "192.168.0.1");
  });
}

TEST(ChecksumTest, OfIpv4AnswersIsRightAroundZero) {
  Wire wire;
  for (const unsigned wanted : {0u, 1u, 0xfffeu, 0x00ffu, 0xff00u}) {
    IcmpPacket request = EchoRequestTo("192.168.0.1");
    ASSERT_TRUE(MakeReplyChecksum(wanted, &request)) << wanted;
    EXPECT_EQ(wire.Answers(request), 1u) << wanted;
  }
}

TEST(ChecksumTest, OfIpv6AnswersIsRightAroundZeroAlsoFromAnotherSource) {
  Wire wire;
  for (const char* const destination : {"a::1", "ff02::1"}) {
    for (const unsigned wanted : {0u, 1u, 0xfffeu, 0x00ffu, 0xff00u}) {
      IcmpPacket request = EchoRequestTo(destination);
      ASSERT_TRUE(MakeReplyChecksum(wanted, &request)) << wanted;
      EXPECT_EQ(wire.Answers(request, "a::1"), 1u) << destination << " " << wanted;
    }
  }
}

TEST(ChecksumTest, OfIpv4AnswerThatIsAllZerosIsFfff) {
  Wire wire;
  for (const size_t size : {0u, 1u, 2u, 3u, 4u, 56u, 1472u}) {
    IcmpPacket request = EchoRequestTo("192.168.0.1");
    request.identifier = request.sequence = 0;
    request.payload.assign(size, 0);
    const std::vector<Bytes> sent = wire.Send(request);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(ToHex(support::Part(sent[0], 20, 8)), "0000ffff00000000") << size;
  }
}

TEST(ChecksumTest, OfIpv4AnswerWhoseWordsSumToFfffIs0) {
  Wire wire;
  IcmpPacket request = EchoRequestTo("192.168.0.1");
  request.identifier = 0xffff;
  request.sequence = 0;
  request.payload.clear();
  const std::vector<Bytes> sent = wire.Send(request);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(ToHex(support::Part(sent[0], 20, 8)), "00000000ffff0000");
}

// Ones' complement arithmetic has two zeros. IPv4 takes either (reference 3.1),
// IPv6 only the one that a sender computes (3.2).
TEST(ChecksumTest, OfRequestWrittenAsTheOtherZero) {
  Wire wire;
  for (const char* const destination : {"192.168.0.1", "a::1"}) {
    IcmpPacket request = EchoRequestTo(destination);
    ASSERT_TRUE(MakeChecksum(0, &request, [](const IcmpPacket& r) { return r; }));
    EXPECT_EQ(wire.Answers(request), 1u);
    Bytes packet = Build(request);
    Set16(&packet, (request.v6() ? 40 : 20) + 2, 0xffff);
    const std::vector<Bytes> sent = wire.Send(packet);
    if (request.v6()) {
      EXPECT_TRUE(sent.empty());
      EXPECT_EQ(wire.Counter("icmp.v6.received.invalid"), 1u);
    } else {
      ASSERT_EQ(sent.size(), 1u);
      EXPECT_EQ(Read(sent[0]), AnswerTo(request));
    }
  }
}

TEST(HeaderTest, Ipv4IdAndDfAreKept) {
  Wire wire;
  for (const unsigned fragment : {0u, 0x4000u, 0x8000u, 0xc000u}) {
    IcmpPacket request = EchoRequestTo("192.168.0.1");
    request.id = 0xbeef;
    request.fragment = static_cast<uint16_t>(fragment);
    EXPECT_EQ(wire.Answers(request), 1u) << fragment;
  }
}

struct Limit {
  uint32_t configured;
  uint8_t sent;
};

TEST(HeaderTest, TtlAndHopLimitAreTheStacksOwn) {
  for (const Limit limit : {Limit{0, 64}, Limit{1, 1}, Limit{128, 128}, Limit{255, 255}}) {
    Wire ttl(WireOptions{.ttl = limit.configured});
    Wire hop_limit(WireOptions{.hop_limit = limit.configured});
    for (const uint8_t received : {uint8_t{0}, uint8_t{1}, uint8_t{63}, uint8_t{255}}) {
      IcmpPacket v4 = EchoRequestTo("192.168.0.1");
      IcmpPacket v6 = EchoRequestTo("a::1");
      v4.ttl = v6.ttl = received;
      const std::vector<Bytes> a = ttl.Send(v4);
      const std::vector<Bytes> b = ttl.Send(v6);
      const std::vector<Bytes> c = hop_limit.Send(v4);
      const std::vector<Bytes> d = hop_limit.Send(v6);
      ASSERT_EQ(a.size() + b.size() + c.size() + d.size(), 4u);
      EXPECT_EQ(Read(a[0]), AnswerTo(v4, v4.destination, limit.sent));
      EXPECT_EQ(Read(b[0]), AnswerTo(v6, v6.destination, 64));
      EXPECT_EQ(Read(c[0]), AnswerTo(v4, v4.destination, 64));
      EXPECT_EQ(Read(d[0]), AnswerTo(v6, v6.destination, limit.sent));
    }
  }
}

TEST(HeaderTest, AnswerIsOnTheWireWhenReplyReturns) {
  for (const char* const destination : {"192.168.0.1", "a::1"}) {
    Wire wire;
    size_t waiting = 0;
    const Handler handler([&](ns_request request) {
      EXPECT_TRUE(support::Drain(wire.link()).empty());
      EXPECT_EQ(ns_request_reply(request), NS_OK);
      waiting = support::Drain(wire.link()).size();
      return NS_VERDICT_DECLINED;
    });
    handler.InstallIn(wire.stack());
    EXPECT_TRUE(wire.Send(EchoRequestTo(destination)).empty());
    EXPECT_EQ(waiting, 1u) << destination;
  }
}

TEST(HeaderTest, RequestIsNotWrittenTo) {
  Wire wire;
  for (const char* const destination : {"192.168.0.1", "a::1"}) {
    const Bytes before = Build(EchoRequestTo(destination));
    const Bytes packet = before;
    ASSERT_EQ(wire.Send(packet).size(), 1u);
    EXPECT_EQ(ToHex(packet), ToHex(before));
  }
}

TEST(CountersTest, OfOneAnswerRiseByOneEach) {
  for (const char* const destination : {"192.168.0.1", "a::1"}) {
    Wire wire;
    const std::string family = support::IsIpv6(destination) ? "v6" : "v4";
    EXPECT_EQ(wire.MovedBy(Build(EchoRequestTo(destination))),
              "icmp." + family + ".received.echo_request 1, icmp." + family +
                  ".sent.echo_reply 1, ip.packets_delivered 1, ip.packets_received 1, "
                  "ip.packets_sent 1, ip.valid_packets_received 1");
    const std::string bytes = support::IsIpv6(destination) ? "52" : "32";
    EXPECT_EQ(wire.MovedBy(Build(EchoRequestTo(destination)), "nic.1.rx."),
              "nic.1.rx.bytes " + bytes + ", nic.1.rx.packets 1");
    EXPECT_EQ(wire.MovedBy(Build(EchoRequestTo(destination)), "nic.1.tx."),
              "nic.1.tx.bytes " + bytes + ", nic.1.tx.packets 1");
  }
}

}  // namespace
