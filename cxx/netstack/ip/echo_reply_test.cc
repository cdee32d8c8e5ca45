// The bytes of the Echo Reply: reference, section 3.3.
#include "netstack/ip/echo_reply.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "netstack/base/user_data.h"
#include "netstack/ip/input.h"
#include "netstack/link/channel.h"
#include "netstack/testing/allocations.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/packet_checker.h"

namespace netstack::ip {
namespace {

using testing::Build;
using testing::Bytes;
using testing::CountingBytes;
using testing::Counts;
using testing::FromHex;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;
using testing::Ipv6;
using testing::Matches;
using testing::SameBytes;

class EchoReplyTest : public ::testing::Test {
 protected:
  EchoReplyTest() {
    scene_.Assign("192.168.0.1/24");
    scene_.Assign("a::1/64");
    scene_.configuration().group_policy = {EchoPolicy::kReply, EchoPolicy::kReply};
  }

  // The one reply to `request`; empty if there is none.
  Bytes ReplyTo(const Bytes& request) {
    scene_.Receive(Bytes(request));
    std::vector<Bytes> sent = scene_.link().TakeSent();
    EXPECT_LE(sent.size(), 1u);
    return sent.empty() ? Bytes() : sent[0];
  }

  IpScene scene_;
};

// The reference's golden vectors V1 to V4, made by a program of its own.
TEST_F(EchoReplyTest, GoldenVectors) {
  const struct {
    const char* name;
    const char* request;
    const char* reply;
  } vectors[] = {
      {"V1", "45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364",
       "45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364"},
      {"V2", "47000024000000004001ec7ec0a80002c0a8000107070400000000000800f32c04d20001",
       "470000240000000040013ebec0a80001c0a80002070708c0a80001000000fb2c04d20001"},
      {"V3", "45000020000000004001f927c0a80002c0a8006308002e6604d2000161626364",
       "45000020000000004001f927c0a80063c0a800020000366604d2000161626364"},
      {"V4",
       "62012345000c3a03000a0000000000000000000000000002000a0000000000000000000000000001"
       "8000b60804d2000161626364",
       "62000000000c3a40000a0000000000000000000000000001000a0000000000000000000000000002"
       "8100b50804d2000161626364"},
  };
  scene_.interface().promiscuous = true;
  scene_.configuration().temporary_policy[0] = EchoPolicy::kReply;
  for (const auto& v : vectors) {
    EXPECT_TRUE(SameBytes(ReplyTo(FromHex(v.request)), FromHex(v.reply))) << v.name;
  }
}

TEST_F(EchoReplyTest, Ipv4OptionsComeBackProcessedFromWhomeverTheRequestWasFor) {
  scene_.interface().promiscuous = true;
  scene_.configuration().temporary_policy[0] = EchoPolicy::kReply;
  const struct {
    const char* name;
    const char* destination;
    const char* source;
    const char* options;
    const char* processed;
  } rows[] = {
      {"assigned", "192.168.0.1", "192.168.0.1", "0707040000000000", "070708c0a8000100"},
      {"temporary", "192.168.0.99", "192.168.0.99", "0707040000000000", "070708c0a8000100"},
      {"broadcast", "192.168.0.255", "192.168.0.1", "0707040000000000", "070708c0a8000100"},
      {"multicast", "224.0.0.1", "192.168.0.1", "0707040000000000", "070708c0a8000100"},
      {"unknown ones go", "192.168.0.1", "192.168.0.1", "8203ff0101010101", "0101010101000000"},
      {"none is left", "192.168.0.1", "192.168.0.1", "8208000000000000", ""},
      {"none is left, of a group", "224.0.0.1", "192.168.0.1", "8208000000000000", ""},
  };
  for (const auto& row : rows) {
    for (const size_t length : {size_t{0}, size_t{1}, size_t{56}, size_t{1472 - 8}}) {
      const Ipv4 ip{.destination = row.destination,
                    .tos = 0xb9,
                    .identification = 0xfffe,
                    .dont_fragment = true,
                    .ttl = 1,
                    .options = FromHex(row.options)};
      const Icmp icmp{.code = 7, .payload = CountingBytes(length)};
      EXPECT_TRUE(Matches(ReplyTo(Build(ip, icmp)), {.family = 4,
                                                     .source = row.source,
                                                     .destination = "192.168.0.2",
                                                     .tos = 0xb9,
                                                     .ttl = 64,
                                                     .protocol = 1,
                                                     .identification = 0xfffe,
                                                     .dont_fragment = true,
                                                     .more_fragments = false,
                                                     .fragment_offset = 0,
                                                     .options = FromHex(row.processed),
                                                     .type = 0,
                                                     .code = 7,
                                                     .payload = CountingBytes(length)}))
          << row.name << ", " << length;
    }
  }
}

TEST_F(EchoReplyTest, Ipv4KeepsTosIdFlagsCodeIdentifierSequenceAndPayload) {
  for (const size_t length :
       {size_t{0}, size_t{1}, size_t{2}, size_t{3}, size_t{56}, size_t{1472}}) {
    const Ipv4 ip{
        .tos = 0xb9, .identification = 0xfffe, .dont_fragment = length % 2 == 0, .ttl = 1};
    const Icmp icmp{
        .code = 7, .identifier = 0xffff, .sequence = 0x8000, .payload = CountingBytes(length)};
    EXPECT_TRUE(Matches(ReplyTo(Build(ip, icmp)), {.family = 4,
                                                   .source = "192.168.0.1",
                                                   .destination = "192.168.0.2",
                                                   .tos = 0xb9,
                                                   .ttl = 64,
                                                   .protocol = 1,
                                                   .identification = 0xfffe,
                                                   .dont_fragment = length % 2 == 0,
                                                   .more_fragments = false,
                                                   .fragment_offset = 0,
                                                   .options = Bytes(),
                                                   .type = 0,
                                                   .code = 7,
                                                   .identifier = 0xffff,
                                                   .sequence = 0x8000,
                                                   .payload = CountingBytes(length)}));
  }
}

TEST_F(EchoReplyTest, Ipv6KeepsTrafficClassAndMessageAndHasNoFlowLabel) {
  for (const size_t length :
       {size_t{0}, size_t{1}, size_t{2}, size_t{3}, size_t{56}, size_t{1452}}) {
    const Ipv6 ip{.traffic_class = 0xb9, .flow_label = 0xabcde, .hop_limit = 1};
    const Icmp icmp{
        .code = 7, .identifier = 0xffff, .sequence = 0x8000, .payload = CountingBytes(length)};
    EXPECT_TRUE(Matches(ReplyTo(Build(ip, icmp)), {.family = 6,
                                                   .source = "a::1",
                                                   .destination = "a::2",
                                                   .tos = 0xb9,
                                                   .ttl = 64,
                                                   .protocol = 58,
                                                   .flow_label = 0,
                                                   .type = 129,
                                                   .code = 7,
                                                   .identifier = 0xffff,
                                                   .sequence = 0x8000,
                                                   .payload = CountingBytes(length)}));
  }
}

TEST_F(EchoReplyTest, TtlAndHopLimitAreTheConfiguredOnes) {
  scene_.configuration().default_ttl = 255;
  scene_.configuration().default_hop_limit = 1;
  EXPECT_TRUE(Matches(ReplyTo(Build(Ipv4{}, Icmp{})), {.ttl = 255}));
  EXPECT_TRUE(Matches(ReplyTo(Build(Ipv6{}, Icmp{})), {.ttl = 1}));
}

TEST_F(EchoReplyTest, PaddingBehindThePacketIsNotSentBack) {
  EXPECT_EQ(ReplyTo(Build(Ipv4{.trailer = Bytes(18, 0xaa)}, Icmp{})).size(), 28u);
  Ipv6 ip;
  ip.trailer = Bytes(18, 0xaa);
  ip.payload_length = uint16_t{8};
  EXPECT_EQ(ReplyTo(Build(ip, Icmp{})).size(), 48u);
}

// A group is nobody's source (RFC 1122 3.2.2.6, RFC 4443 4.2): the nearest of
// our own addresses is, and the checksums say so.
TEST_F(EchoReplyTest, GroupsAreAnsweredFromAnAddressOfOurs) {
  scene_.Assign("10.0.0.1/8");
  scene_.Assign("fe80::1/64");
  const struct {
    const char* source;
    const char* destination;
    const char* answers;
  } cases[] = {
      {"192.168.0.2", "192.168.0.255", "192.168.0.1"},
      {"192.168.0.2", "255.255.255.255", "192.168.0.1"},
      {"192.168.0.2", "224.0.0.1", "192.168.0.1"},
      {"10.1.2.3", "224.0.0.1", "10.0.0.1"},
      {"a::2", "ff02::1", "a::1"},
      {"fe80::2", "ff02::1", "fe80::1"},
      {"b::2", "ff02::1:ff00:1", "a::1"},
  };
  for (const auto& c : cases) {
    const bool v4 = c.source[0] == '1';
    const Bytes request =
        v4 ? Build(Ipv4{.source = c.source, .destination = c.destination}, Icmp{})
           : Build(Ipv6{.source = c.source, .destination = c.destination}, Icmp{});
    EXPECT_TRUE(Matches(ReplyTo(request), {.source = c.answers, .destination = c.source}))
        << c.destination;
  }
}

// The patched checksum (RFC 1624) against one made from all bytes.
TEST_F(EchoReplyTest, PatchedChecksumsAreTheComputedOnes) {
  std::mt19937_64 random(42);
  const auto number = [&] { return static_cast<uint16_t>(random()); };
  for (int i = 0; i < 4000; ++i) {
    Bytes payload(random() % 64);
    // Long runs of 0 and 0xff, where the two zeros of the arithmetic meet.
    for (uint8_t& byte : payload) {
      byte = random() % 3 == 0 ? static_cast<uint8_t>(random()) : random() % 2 == 0 ? 0 : 0xff;
    }
    const Icmp icmp{.code = static_cast<uint8_t>(random() % 3),
                    .identifier = number(),
                    .sequence = number(),
                    .payload = payload};
    Icmp reply = icmp;
    reply.type = uint8_t{0};
    const Bytes v4 = ReplyTo(Build(Ipv4{.identification = number()}, icmp));
    ASSERT_TRUE(SameBytes(std::span(v4).subspan(20), testing::BuildMessage(reply)));
    reply.type = uint8_t{129};
    const Bytes v6 = ReplyTo(Build(Ipv6{}, icmp));
    const Ipv6 back{.source = "a::1", .destination = "a::2"};
    ASSERT_TRUE(SameBytes(std::span(v6).subspan(40), testing::BuildMessage(back, reply)));
    const Bytes group = ReplyTo(Build(Ipv6{.destination = "ff02::1"}, icmp));
    ASSERT_TRUE(SameBytes(std::span(group).subspan(40), testing::BuildMessage(back, reply)));
  }
}

// Every value that the checksum of a request and that of its reply can take.
TEST_F(EchoReplyTest, EveryChecksumIncludingBothZeros) {
  for (uint32_t sequence = 0; sequence <= 0xffff; ++sequence) {
    if (sequence == 0x100) sequence = 0xf600;  // the carries and both zeros lie here
    const Icmp icmp{.identifier = 0, .sequence = static_cast<uint16_t>(sequence)};
    Icmp reply = icmp;
    reply.type = uint8_t{0};
    const Bytes v4 = ReplyTo(Build(Ipv4{}, icmp));
    ASSERT_TRUE(SameBytes(std::span(v4).subspan(20), testing::BuildMessage(reply))) << sequence;
    reply.type = uint8_t{129};
    const Bytes v6 = ReplyTo(Build(Ipv6{}, icmp));
    const Ipv6 back{.source = "a::1", .destination = "a::2"};
    ASSERT_TRUE(SameBytes(std::span(v6).subspan(40), testing::BuildMessage(back, reply)))
        << sequence;
  }
}

// The other zero in an ICMPv4 request is as valid; the reply is the same.
TEST_F(EchoReplyTest, ARequestWithTheOtherZeroAsChecksumIsAnsweredAlike) {
  // Type 8: the words 0x0800 and 0xf7ff sum up to 0xffff.
  const Bytes zero = Build(Ipv4{}, Icmp{.identifier = 0, .sequence = 0xf7ff});
  ASSERT_EQ(base::Load16(&zero[22]), 0);
  Bytes all_ones = zero;
  base::Store16(&all_ones[22], 0xffff);
  const Bytes reply = ReplyTo(zero);
  ASSERT_FALSE(reply.empty());
  EXPECT_TRUE(SameBytes(ReplyTo(all_ones), reply));
}

TEST_F(EchoReplyTest, AReplyOfNothingButZerosHasTheChecksum0xffff) {
  const Bytes reply =
      ReplyTo(Build(Ipv4{}, Icmp{.identifier = 0, .sequence = 0, .payload = Bytes(7, 0)}));
  EXPECT_TRUE(
      SameBytes(std::span(reply).subspan(20), FromHex("0000 ffff 0000 0000 00000000000000")));
}

TEST_F(EchoReplyTest, CountsOfAnEcho) {
  const Counts counts{{"ip.packets_received", 1},  {"ip.valid_packets_received", 1},
                      {"ip.packets_delivered", 1}, {"icmp.received.echo_request", 1},
                      {"icmp.sent.echo_reply", 1}, {"ip.packets_sent", 1},
                      {"nic.tx.packets", 1},       {"nic.tx.bytes", 28}};
  ReplyTo(Build(Ipv4{}, Icmp{}));
  EXPECT_EQ(scene_.TakeCounts(), counts);
  Counts of_ipv6 = counts;
  of_ipv6["nic.tx.bytes"] = 48;
  ReplyTo(Build(Ipv6{}, Icmp{}));
  EXPECT_EQ(scene_.TakeCounts(), of_ipv6);
}

TEST_F(EchoReplyTest, ARequestLongerThanTheMtuIsAnsweredInFragments) {
  scene_.Receive(Build(Ipv4{.identification = 0xbeef}, Icmp{.payload = CountingBytes(1473)}));
  const std::vector<Bytes> sent = scene_.link().TakeSent();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_TRUE(
      Matches(sent[0], {.identification = 0xbeef, .more_fragments = true, .fragment_offset = 0}));
  EXPECT_TRUE(Matches(
      sent[1], {.identification = 0xbeef, .more_fragments = false, .fragment_offset = 1480}));
  EXPECT_EQ(scene_.TakeCounts().at("icmp.sent.echo_reply"), 1u);
}

TEST_F(EchoReplyTest, TheLargestPacketsThatThereAre) {
  IpScene wide(65'535);
  wide.Assign("192.168.0.1/24");
  wide.Assign("a::1/64");
  wide.Receive(Build(Ipv4{}, Icmp{.payload = CountingBytes(65'535 - 28)}));
  wide.Receive(Build(Ipv6{}, Icmp{.payload = CountingBytes(65'535 - 48)}));
  const std::vector<Bytes> sent = wide.link().TakeSent();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_TRUE(Matches(sent[0], {.type = 0, .payload = CountingBytes(65'535 - 28)}));
  EXPECT_TRUE(Matches(sent[1], {.type = 129, .payload = CountingBytes(65'535 - 48)}));
}

// Reference 3.3: IPv4 asks the limiter before all else, IPv6 when the way back is known.
TEST_F(EchoReplyTest, LimitedOnesAskTheLimiterAndAreAcceptedWhateverItSays) {
  scene_.configuration().echo_reply_limited = {true, true};
  scene_.configuration().strict_routes = true;
  scene_.AddRoute("192.168.0.0/24");
  scene_.shared().limiter.SetRate(1, 1);
  scene_.shared().limiter.SetLimited(wire::Family::kIpv4, 0, true);
  scene_.shared().limiter.SetLimited(wire::Family::kIpv6, 129, true);
  std::vector<base::Status> outcomes;
  scene_.SetUpperLayer([&](Echo& echo) {
    outcomes.push_back(echo.Reply());
    return Verdict::kConsumed;
  });
  const Bytes farther = Build(Ipv4{.source = "10.0.0.9"}, Icmp{});
  EXPECT_NE(ReplyTo(Build(Ipv4{}, Icmp{})), Bytes());
  EXPECT_EQ(ReplyTo(farther), Bytes());
  EXPECT_EQ(ReplyTo(Build(Ipv4{.options = FromHex("0707040000000000")}, Icmp{})), Bytes());
  EXPECT_EQ(ReplyTo(Build(Ipv4{.destination = "224.0.0.1"}, Icmp{})), Bytes());
  EXPECT_EQ(ReplyTo(Build(Ipv6{}, Icmp{})), Bytes());
  scene_.AddRoute("a::/64");
  EXPECT_EQ(ReplyTo(Build(Ipv6{}, Icmp{})), Bytes());
  EXPECT_EQ(ReplyTo(Build(Ipv6{.destination = "ff02::1"}, Icmp{})), Bytes());
  const base::Status ok = base::Status::kOk;
  EXPECT_EQ(outcomes, (std::vector{ok, ok, ok, ok, base::Status::kNoRoute, ok, ok}));
  EXPECT_EQ(scene_.TakeCounts().at("icmp.sent.rate_limited"), 5u);
  scene_.Advance(1'000'000'000);
  EXPECT_NE(ReplyTo(Build(Ipv6{}, Icmp{})), Bytes());
}

// Nothing per packet: architecture, rule 3.
TEST_F(EchoReplyTest, AnEchoTakesNoMemory) {
  link::Channel* channel = nullptr;
  ASSERT_TRUE(link::Channel::Make({}, base::UserData(), &channel).ok());
  scene_.interface().link = base::Ref<link::Link>(channel);
  channel->Unref();
  scene_.interface().promiscuous = true;
  scene_.AddRoute("192.168.0.0/24");
  scene_.SetUpperLayer([](Echo& echo) {
    static_cast<void>(echo.Reply());
    return Verdict::kConsumed;
  });
  const Bytes requests[] = {Build(Ipv4{}, Icmp{}), Build(Ipv6{}, Icmp{}),
                            Build(Ipv4{.destination = "10.0.0.1"}, Icmp{}),
                            Build(Ipv4{.destination = "224.0.0.1"}, Icmp{}),
                            Build(Ipv6{.destination = "ff02::1"}, Icmp{})};
  const Context context = scene_.context();
  const auto receive_all = [&] {
    for (const Bytes& r : requests) {
      EXPECT_EQ(r[0] >> 4 == 4 ? Ipv4Input(context, r) : Ipv6Input(context, r), Fate::kAnswered);
    }
  };
  receive_all();  // makes this thread's counters
  const uint64_t before = testing::AllocationsOfThread();
  for (int i = 0; i < 20; ++i) receive_all();
  EXPECT_EQ(testing::AllocationsOfThread() - before, 0u);
}

}  // namespace
}  // namespace netstack::ip
