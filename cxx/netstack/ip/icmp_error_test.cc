// ICMP errors: reference, section 3.4; contract, section 5.
#include "netstack/ip/icmp_error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "netstack/base/byte_order.h"
#include "netstack/ip/input.h"
#include "netstack/ip/shared.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/router_scene.h"

namespace netstack::ip {
namespace {

using testing::Build;
using testing::Bytes;
using testing::Counts;
using testing::FromHex;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;
using testing::Ipv6;
using testing::ToHex;
using wire::Family;

constexpr uint8_t kUdp = 17;

Bytes Numbers(size_t length) {
  Bytes bytes(length);
  for (size_t i = 0; i < length; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + 1);
  return bytes;
}

packet::Packet View4(const Bytes& bytes) {
  const wire::Ipv4View header(bytes.data());
  return {.bytes = bytes.data(),
          .length = static_cast<uint32_t>(bytes.size()),
          .header_length = static_cast<uint16_t>(header.header_length()),
          .family = Family::kIpv4,
          .protocol = header.protocol(),
          .nic = IpScene::kNic,
          .source = header.source(),
          .destination = header.destination(),
          .arrival = {}};
}

packet::Packet View6(const Bytes& bytes) {
  const wire::Ipv6View header(bytes.data());
  return {.bytes = bytes.data(),
          .length = static_cast<uint32_t>(bytes.size()),
          .header_length = wire::kIpv6Header,
          .family = Family::kIpv6,
          .protocol = header.next_header(),
          .nic = IpScene::kNic,
          .source = header.source(),
          .destination = header.destination(),
          .arrival = {}};
}

// The error as it must look, but for the identification, which is that of `sent`.
Bytes ErrorOf(IcmpError error, std::string_view from, std::string_view to, const Bytes& quote,
              const Bytes& sent) {
  const Icmp icmp{.type = error.type,
                  .code = error.code,
                  .identifier = static_cast<uint16_t>(error.value >> 16),
                  .sequence = static_cast<uint16_t>(error.value),
                  .payload = quote};
  if (from.find(':') != std::string_view::npos) {
    return Build(Ipv6{.source = from, .destination = to}, icmp);
  }
  const uint16_t identification = sent.size() < 6 ? uint16_t{0} : base::Load16(sent.data() + 4);
  return Build(Ipv4{.source = from, .destination = to, .identification = identification}, icmp);
}

Bytes Begin(const Bytes& bytes, size_t length) {
  return {bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(std::min(length, bytes.size()))};
}

class IcmpErrorTest : public ::testing::Test {
 protected:
  IcmpErrorTest() { Prepare(&scene_); }

  static void Prepare(IpScene* scene) {
    scene->Assign("192.168.0.1/24");
    scene->Assign("10.0.0.1/8");
    scene->Assign("a::1/64");
    scene->Assign("b::1/64");
    scene->TakeCounts();
  }

  // The one error; empty: none.
  static Bytes Send(IpScene* scene, const packet::Packet& about, IcmpError error,
                    Place place = Place::kHere, bool groups_too = false) {
    if (about.family == Family::kIpv4) {
      SendIcmpv4Error(scene->context(), about, error, place);
    } else {
      SendIcmpv6Error(scene->context(), about, error, place, groups_too);
    }
    const std::vector<Bytes> sent = scene->link().TakeSent();
    EXPECT_LE(sent.size(), 1u);
    return sent.empty() ? Bytes() : sent[0];
  }
  Bytes Send(const packet::Packet& about, IcmpError error, Place place = Place::kHere,
             bool groups_too = false) {
    return Send(&scene_, about, error, place, groups_too);
  }
  // Nothing was sent, and nothing counted.
  void ExpectSilence(const packet::Packet& about, IcmpError error, const std::string& what,
                     Place place = Place::kHere, bool groups_too = false) {
    EXPECT_EQ(ToHex(Send(about, error, place, groups_too)), "") << what;
    EXPECT_EQ(scene_.TakeCounts(), Counts()) << what;
  }

  IpScene scene_;
};

// The reference's golden vector V5.
TEST_F(IcmpErrorTest, GoldenVector) {
  const Bytes request = FromHex("4500001c000000004063f92bc0a80002c0a800010800000004d20001");
  EXPECT_EQ(scene_.Receive(request), Fate::kUnknownProtocol);
  const std::vector<Bytes> sent = scene_.link().TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(ToHex(Bytes(sent[0].begin() + 20, sent[0].end())),
            "0302f02a000000004500001c000000004063f92bc0a80002c0a800010800000004d20001");
  EXPECT_EQ(ToHex(sent[0]), ToHex(ErrorOf(icmpv4::kProtocolUnreachable, "192.168.0.1",
                                          "192.168.0.2", request, sent[0])));
}

TEST_F(IcmpErrorTest, EveryReason) {
  const struct {
    IcmpError error;
    const char* begin;  // type, code, and what is behind the checksum
    const char* counter;
  } reasons4[] = {
      {icmpv4::kNetUnreachable, "0300 00000000", "dst_unreachable"},
      {icmpv4::kHostUnreachable, "0301 00000000", "dst_unreachable"},
      {icmpv4::kProtocolUnreachable, "0302 00000000", "dst_unreachable"},
      {icmpv4::kPortUnreachable, "0303 00000000", "dst_unreachable"},
      {icmpv4::FragmentationNeeded(1400), "0304 00000578", "dst_unreachable"},
      {icmpv4::kAdministrativelyProhibited, "030d 00000000", "dst_unreachable"},
      {icmpv4::kTtlExceeded, "0b00 00000000", "time_exceeded"},
      {icmpv4::kReassemblyTimeExceeded, "0b01 00000000", "time_exceeded"},
      {icmpv4::ParameterProblem(0x15), "0c00 15000000", "param_problem"},
  };
  const struct {
    IcmpError error;
    const char* begin;
    const char* counter;
  } reasons6[] = {
      {icmpv6::kNoRoute, "0100 00000000", "dst_unreachable"},
      {icmpv6::kAdministrativelyProhibited, "0101 00000000", "dst_unreachable"},
      {icmpv6::kAddressUnreachable, "0103 00000000", "dst_unreachable"},
      {icmpv6::kPortUnreachable, "0104 00000000", "dst_unreachable"},
      {icmpv6::PacketTooBig(0x12345), "0200 00012345", "packet_too_big"},
      {icmpv6::kHopLimitExceeded, "0300 00000000", "time_exceeded"},
      {icmpv6::kReassemblyTimeExceeded, "0301 00000000", "time_exceeded"},
      {icmpv6::ErroneousField(0x10042), "0400 00010042", "param_problem"},
      {icmpv6::UnknownNextHeader(6), "0401 00000006", "param_problem"},
      {icmpv6::UnknownOption(42), "0402 0000002a", "param_problem"},
  };
  const auto check = [&](const Bytes& about, const packet::Packet& view, const auto& reason,
                         std::string_view from, std::string_view to, size_t header) {
    const Bytes sent = Send(view, reason.error);
    ASSERT_GT(sent.size(), header + 8) << reason.begin;
    Bytes begin(sent.begin() + static_cast<ptrdiff_t>(header),
                sent.begin() + static_cast<ptrdiff_t>(header) + 8);
    begin.erase(begin.begin() + 2, begin.begin() + 4);
    EXPECT_EQ(ToHex(begin), ToHex(FromHex(reason.begin)));
    EXPECT_EQ(ToHex(sent), ToHex(ErrorOf(reason.error, from, to, about, sent)));
    EXPECT_EQ(scene_.TakeCounts(), (Counts{{std::string("icmp.sent.") + reason.counter, 1},
                                           {"ip.packets_sent", 1},
                                           {"nic.tx.packets", 1},
                                           {"nic.tx.bytes", sent.size()}}))
        << reason.begin;
  };
  const Bytes about4 =
      Build(Ipv4{.tos = 0x20, .dont_fragment = true, .ttl = 9, .protocol = kUdp}, Numbers(33));
  for (const auto& reason : reasons4) {
    check(about4, View4(about4), reason, "192.168.0.1", "192.168.0.2", 20);
  }
  const Bytes about6 =
      Build(Ipv6{.traffic_class = 0x20, .flow_label = 5, .hop_limit = 9, .next_header = kUdp},
            Numbers(33));
  for (const auto& reason : reasons6) {
    check(about6, View6(about6), reason, "a::1", "a::2", 40);
  }
}

TEST_F(IcmpErrorTest, TtlAndHopLimitAreTheDefault) {
  scene_.configuration().default_ttl = 7;
  scene_.configuration().default_hop_limit = 9;
  const Bytes about4 = Build(Ipv4{.protocol = kUdp}, Numbers(8));
  EXPECT_EQ(Send(View4(about4), icmpv4::kPortUnreachable).at(8), 7);
  const Bytes about6 = Build(Ipv6{.next_header = kUdp}, Numbers(8));
  EXPECT_EQ(Send(View6(about6), icmpv6::kPortUnreachable).at(7), 9);
}

TEST_F(IcmpErrorTest, IdentificationsAreRandomAndNeverZero) {
  scene_.shared().limiter.SetRate(ErrorLimiter::kUnlimited, 0);
  const Bytes about = Build(Ipv4{.protocol = kUdp}, Numbers(8));
  std::vector<uint16_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const Bytes sent = Send(View4(about), icmpv4::kPortUnreachable);
    seen.push_back(base::Load16(sent.data() + 4));
    ASSERT_NE(seen.back(), 0);
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_GT(std::unique(seen.begin(), seen.end()) - seen.begin(), 950);
}

// RFC 1812 4.3.2.3: 576 bytes in all; RFC 4443 2.4 c: 1,280.
TEST_F(IcmpErrorTest, QuotesWhatFits) {
  const struct {
    uint32_t mtu;
    size_t room4;
    size_t room6;  // 0: no IPv6 below its smallest MTU
  } links[] = {{68, 40, 0},       {100, 72, 0},       {575, 547, 0},     {576, 548, 0},
               {577, 548, 0},     {1279, 548, 0},     {1280, 548, 1232}, {1281, 548, 1232},
               {1500, 548, 1232}, {65'535, 548, 1232}};
  for (const auto& link : links) {
    IpScene scene(link.mtu);
    Prepare(&scene);
    scene.shared().limiter.SetRate(ErrorLimiter::kUnlimited, 0);
    for (size_t length = 0; length <= 2000; ++length) {
      const Bytes about4 = Build(Ipv4{.protocol = kUdp}, Numbers(length));
      const Bytes sent4 = Send(&scene, View4(about4), icmpv4::kPortUnreachable);
      ASSERT_EQ(sent4, ErrorOf(icmpv4::kPortUnreachable, "192.168.0.1", "192.168.0.2",
                               Begin(about4, link.room4), sent4))
          << link.mtu << ": " << length;
      const Bytes about6 = Build(Ipv6{.next_header = kUdp}, Numbers(length));
      const Bytes sent6 = Send(&scene, View6(about6), icmpv6::kPortUnreachable);
      const Bytes expected6 = link.room6 == 0 ? Bytes()
                                              : ErrorOf(icmpv6::kPortUnreachable, "a::1", "a::2",
                                                        Begin(about6, link.room6), sent6);
      ASSERT_EQ(sent6, expected6) << link.mtu << ": " << length;
    }
  }
}

// The header and eight bytes of what follows, or nothing (RFC 792).
TEST_F(IcmpErrorTest, NoErrorWhereTheQuoteWouldBeTooShort) {
  for (const auto& [mtu, options, sent] : {std::tuple{68u, 12u, true},
                                           {68u, 16u, false},
                                           {68u, 40u, false},
                                           {95u, 40u, false},
                                           {96u, 40u, true},
                                           {67u, 0u, false}}) {
    IpScene scene(mtu);
    Prepare(&scene);
    const Bytes about = Build(Ipv4{.protocol = kUdp, .options = Bytes(options)}, Numbers(100));
    EXPECT_EQ(!Send(&scene, View4(about), icmpv4::kPortUnreachable).empty(), sent)
        << mtu << ", " << options;
  }
}

TEST_F(IcmpErrorTest, NeverAboutAnIcmpv4MessageThatAsksNothing) {
  for (int type = 0; type < 256; ++type) {
    const bool allowed = type == 0 || type == 8 || (type >= 13 && type <= 16);
    const Bytes about = Build(Ipv4{.more_fragments = true},
                              Icmp{.type = static_cast<uint8_t>(type), .payload = Numbers(8)});
    scene_.shared().limiter.SetRate(1000, 50);
    if (allowed) {
      EXPECT_NE(ToHex(Send(View4(about), icmpv4::kReassemblyTimeExceeded)), "") << type;
      scene_.TakeCounts();
    } else {
      ExpectSilence(View4(about), icmpv4::kReassemblyTimeExceeded, std::to_string(type));
    }
  }
  for (const size_t length : {0u, 1u, 7u}) {
    const Bytes about = Build(Ipv4{}, Bytes(length, 8));
    ExpectSilence(View4(about), icmpv4::kTtlExceeded, std::to_string(length), Place::kOnWay);
  }
}

TEST_F(IcmpErrorTest, NeverAboutAnIcmpv6ErrorOrRedirect) {
  for (int type = 0; type < 256; ++type) {
    const Bytes about = Build(Ipv6{}, Icmp{.type = static_cast<uint8_t>(type)});
    scene_.shared().limiter.SetRate(1000, 50);
    if (type >= 128 && type != 137) {
      EXPECT_NE(ToHex(Send(View6(about), icmpv6::kHopLimitExceeded)), "") << type;
      scene_.TakeCounts();
    } else {
      ExpectSilence(View6(about), icmpv6::kHopLimitExceeded, std::to_string(type));
      ExpectSilence(View6(about), icmpv6::PacketTooBig(1400), std::to_string(type), Place::kOnWay,
                    true);
    }
  }
  // Its type is where the upper layer begins, not behind the IPv6 header.
  Bytes about = Build(Ipv6{.extensions = {{60, FromHex("0001040000000000")}}}, Icmp{.type = 1});
  packet::Packet view = View6(about);
  view.header_length = 48;
  view.protocol = 58;
  ExpectSilence(view, icmpv6::UnknownOption(42), "behind an extension header");
  about[48] = 128;
  EXPECT_NE(ToHex(Send(view, icmpv6::UnknownOption(42))), "");
}

// RFC 1812 4.3.2.7. IPv6 tells of them (RFC 8200 4.5).
TEST_F(IcmpErrorTest, NeverAboutALaterIpv4Fragment) {
  for (const bool more : {false, true}) {
    for (const uint16_t offset : {uint16_t{8}, uint16_t{2048}, uint16_t{65'528}}) {
      const Bytes about = Build(
          Ipv4{.more_fragments = more, .fragment_offset = offset, .protocol = kUdp}, Numbers(16));
      for (const Place place : {Place::kHere, Place::kOnWay}) {
        ExpectSilence(View4(about), icmpv4::kTtlExceeded, std::to_string(offset), place);
      }
    }
  }
  const Bytes first = Build(Ipv4{.more_fragments = true, .protocol = kUdp}, Numbers(16));
  EXPECT_NE(ToHex(Send(View4(first), icmpv4::kTtlExceeded)), "");
  const Bytes about6 = Build(Ipv6{.next_header = 44}, FromHex("1100000900000001 0102030405060708"));
  EXPECT_NE(ToHex(Send(View6(about6), icmpv6::ErroneousField(4))), "");
}

TEST_F(IcmpErrorTest, NeverToNobody) {
  const Bytes about4 = Build(Ipv4{.source = "0.0.0.0", .protocol = kUdp}, Numbers(8));
  const Bytes about6 = Build(Ipv6{.source = "::", .next_header = kUdp}, Numbers(8));
  for (const Place place : {Place::kHere, Place::kOnWay}) {
    ExpectSilence(View4(about4), icmpv4::kPortUnreachable, "0.0.0.0", place);
    ExpectSilence(View6(about6), icmpv6::PacketTooBig(1280), "::", place, true);
  }
}

// RFC 1812 4.3.2.7. Most are dropped where they come in.
TEST_F(IcmpErrorTest, NeverToAnAddressThatIsNoHostElsewhere) {
  testing::RouterScene router;
  router.in().Assign("192.168.0.1/24");
  router.out().Assign("203.0.113.1/25");
  router.AddRoute("0.0.0.0/0");
  const auto answers = [&](const char* source, const char* destination, uint8_t ttl) {
    router.Receive(
        Build(Ipv4{.source = source, .destination = destination, .ttl = ttl, .protocol = kUdp},
              Numbers(8)));
    return router.in().link().TakeSent().size();
  };
  for (const char* source : {"192.168.0.2", "203.0.113.126", "203.0.113.255"}) {
    EXPECT_EQ(answers(source, "192.168.0.1", 64), 1u) << source;
    EXPECT_EQ(answers(source, "8.8.8.8", 1), 1u) << source;
  }
  for (const char* source : {"192.168.0.255", "203.0.113.127", "255.255.255.255", "224.0.0.1",
                             "239.1.2.3", "127.0.0.1", "127.255.255.255", "0.0.0.0"}) {
    EXPECT_EQ(answers(source, "192.168.0.1", 64), 0u) << source;
    EXPECT_EQ(answers(source, "8.8.8.8", 1), 0u) << source;
  }
}

TEST_F(IcmpErrorTest, NeverAboutAnIpv4PacketToAGroup) {
  for (const char* destination : {"224.0.0.1", "239.1.2.3", "255.255.255.255", "192.168.0.255"}) {
    const Bytes about = Build(Ipv4{.destination = destination, .protocol = kUdp}, Numbers(8));
    packet::Packet view = View4(about);
    view.arrival.broadcast = about[19] == 255;
    view.arrival.multicast = !view.arrival.broadcast;
    ExpectSilence(view, icmpv4::kProtocolUnreachable, destination);
    if (about[19] != 255 || about[16] == 255) {
      ExpectSilence(View4(about), icmpv4::kTtlExceeded, destination, Place::kOnWay);
    }
  }
}

TEST_F(IcmpErrorTest, AboutAnIpv6PacketToAGroupOnlyByException) {
  const Bytes about =
      Build(Ipv6{.source = "b::2", .destination = "ff02::1", .next_header = kUdp}, Numbers(8));
  packet::Packet view = View6(about);
  view.arrival.multicast = true;
  for (const IcmpError error : {icmpv6::kPortUnreachable, icmpv6::kHopLimitExceeded,
                                icmpv6::UnknownNextHeader(6), icmpv6::UnknownOption(42)}) {
    ExpectSilence(view, error, std::to_string(error.type));
  }
  // From the address of ours that suits who asked.
  for (const auto& [error, groups_too] :
       {std::pair{icmpv6::PacketTooBig(1280), false}, {icmpv6::UnknownOption(42), true}}) {
    const Bytes sent = Send(view, error, Place::kHere, groups_too);
    EXPECT_EQ(ToHex(sent), ToHex(ErrorOf(error, "b::1", "b::2", about, sent)));
  }
}

TEST_F(IcmpErrorTest, NeverFromATemporaryAddress) {
  const Bytes about4 = Build(Ipv4{.destination = "192.168.0.99", .protocol = kUdp}, Numbers(8));
  packet::Packet view4 = View4(about4);
  view4.arrival.temporary = true;
  ExpectSilence(view4, icmpv4::kProtocolUnreachable, "IPv4");
  const Bytes about6 = Build(Ipv6{.destination = "a::99", .next_header = kUdp}, Numbers(8));
  packet::Packet view6 = View6(about6);
  view6.arrival.temporary = true;
  ExpectSilence(view6, icmpv6::UnknownOption(42), "IPv6", Place::kHere, true);

  scene_.interface().promiscuous = true;
  EXPECT_EQ(scene_.Receive(about4), Fate::kUnknownProtocol);
  EXPECT_EQ(scene_.link().TakeSent().size(), 0u);
}

// On its way to others, a packet fails at the NIC that it came in on.
TEST_F(IcmpErrorTest, AForwardedPacketsErrorComesFromTheNicsAddress) {
  for (const auto& [source, ours] :
       {std::pair{"192.168.0.2", "192.168.0.1"}, {"10.5.5.5", "10.0.0.1"}}) {
    const Bytes about =
        Build(Ipv4{.source = source, .destination = "8.8.8.8", .protocol = kUdp}, Numbers(8));
    const Bytes sent = Send(View4(about), icmpv4::kTtlExceeded, Place::kOnWay);
    EXPECT_EQ(ToHex(sent), ToHex(ErrorOf(icmpv4::kTtlExceeded, ours, source, about, sent)));
  }
  for (const auto& [source, ours] : {std::pair{"a::2", "a::1"}, {"b::2", "b::1"}}) {
    const Bytes about =
        Build(Ipv6{.source = source, .destination = "c::1", .next_header = kUdp}, Numbers(8));
    const Bytes sent = Send(View6(about), icmpv6::kHopLimitExceeded, Place::kOnWay);
    EXPECT_EQ(ToHex(sent), ToHex(ErrorOf(icmpv6::kHopLimitExceeded, ours, source, about, sent)));
  }
  IpScene bare;
  const Bytes about4 = Build(Ipv4{.destination = "8.8.8.8", .protocol = kUdp}, Numbers(8));
  EXPECT_EQ(ToHex(Send(&bare, View4(about4), icmpv4::kTtlExceeded, Place::kOnWay)), "");
  const Bytes about6 = Build(Ipv6{.destination = "c::1", .next_header = kUdp}, Numbers(8));
  EXPECT_EQ(ToHex(Send(&bare, View6(about6), icmpv6::kNoRoute, Place::kOnWay)), "");
  EXPECT_EQ(bare.TakeCounts(), Counts());
}

TEST_F(IcmpErrorTest, NoneWithoutAWayBack) {
  scene_.configuration().strict_routes = true;
  const Bytes about4 = Build(Ipv4{.protocol = kUdp}, Numbers(8));
  const Bytes about6 = Build(Ipv6{.next_header = kUdp}, Numbers(8));
  ExpectSilence(View4(about4), icmpv4::kPortUnreachable, "IPv4");
  ExpectSilence(View6(about6), icmpv6::kPortUnreachable, "IPv6");
  scene_.AddRoute("192.168.0.0/24");
  scene_.AddRoute("a::/64");
  EXPECT_NE(ToHex(Send(View4(about4), icmpv4::kPortUnreachable)), "");
  EXPECT_NE(ToHex(Send(View6(about6), icmpv6::kPortUnreachable)), "");
}

TEST_F(IcmpErrorTest, WhatTheLinkRefusesIsCounted) {
  const Bytes about4 = Build(Ipv4{.protocol = kUdp}, Numbers(8));
  const Bytes about6 = Build(Ipv6{.next_header = kUdp}, Numbers(8));
  scene_.link().set_full(true);
  Send(View4(about4), icmpv4::kPortUnreachable);
  EXPECT_EQ(scene_.TakeCounts()["icmp.sent.dropped"], 1u);
  Send(View6(about6), icmpv6::kPortUnreachable);
  const Counts counts = scene_.TakeCounts();
  EXPECT_EQ(counts.at("icmp.sent.dropped"), 1u);
  EXPECT_EQ(counts.count("icmp.sent.dst_unreachable"), 0u);
}

TEST_F(IcmpErrorTest, NoMoreThanTheLimiterAllows) {
  const Bytes about4 = Build(Ipv4{.protocol = kUdp}, Numbers(8));
  const Bytes about6 = Build(Ipv6{.next_header = kUdp}, Numbers(8));
  for (int i = 0; i < 25; ++i) {
    ASSERT_NE(ToHex(Send(View4(about4), icmpv4::kPortUnreachable)), "") << i;
    ASSERT_NE(ToHex(Send(View6(about6), icmpv6::kPortUnreachable)), "") << i;
  }
  scene_.TakeCounts();
  EXPECT_EQ(ToHex(Send(View4(about4), icmpv4::kPortUnreachable)), "");
  EXPECT_EQ(scene_.TakeCounts(), (Counts{{"icmp.sent.rate_limited", 1}}));
  EXPECT_EQ(ToHex(Send(View6(about6), icmpv6::kPortUnreachable)), "");
  EXPECT_EQ(scene_.TakeCounts(), (Counts{{"icmp.sent.rate_limited", 1}}));
  EXPECT_NE(ToHex(Send(View4(about4), icmpv4::FragmentationNeeded(1280))), "");
  EXPECT_NE(ToHex(Send(View6(about6), icmpv6::PacketTooBig(1280))), "");
  scene_.Advance(1'000'000);
  EXPECT_NE(ToHex(Send(View4(about4), icmpv4::kPortUnreachable)), "");
  EXPECT_EQ(ToHex(Send(View6(about6), icmpv6::kPortUnreachable)), "");
}

// What the rules forbid costs no token.
TEST_F(IcmpErrorTest, SilenceIsFree) {
  scene_.shared().limiter.SetRate(1, 1);
  const Bytes error4 = Build(Ipv4{}, Icmp{.type = 3});
  const Bytes error6 = Build(Ipv6{}, Icmp{.type = 1});
  ExpectSilence(View4(error4), icmpv4::kTtlExceeded, "IPv4");
  ExpectSilence(View6(error6), icmpv6::kHopLimitExceeded, "IPv6");
  const Bytes about = Build(Ipv4{.protocol = kUdp}, Numbers(8));
  EXPECT_NE(ToHex(Send(View4(about), icmpv4::kPortUnreachable)), "");
}

// The sender knows its fragments, not what became of them: the quote has the
// first one's headers, and pointers count in it.
TEST_F(IcmpErrorTest, QuotesADatagramThatWasPutTogetherAsItCame) {
  const Bytes whole = Build(
      Ipv6{.extensions = {{0, FromHex("0001040000000000")}}, .next_header = kUdp}, Numbers(1500));
  const Bytes headers = Bytes(56, 0xee);
  packet::Extras extras;
  extras.fragment_header = true;
  extras.next_header_offset = 40;
  extras.quoted_headers = headers.data();
  extras.quoted_length = 56;
  extras.replaced_length = 48;
  packet::Packet view = View6(whole);
  view.header_length = 48;
  view.protocol = kUdp;
  view.extras = &extras;
  Bytes quote = headers;
  quote.insert(quote.end(), whole.begin() + 48, whole.end());
  for (const auto& [pointer, moved] : {std::pair{40u, 48u}, {48u, 56u}, {50u, 58u}, {700u, 708u}}) {
    const Bytes sent = Send(view, icmpv6::UnknownNextHeader(pointer));
    EXPECT_EQ(ToHex(sent), ToHex(ErrorOf(icmpv6::UnknownNextHeader(moved), "a::1", "a::2",
                                         Begin(quote, 1232), sent)))
        << pointer;
  }
  // An MTU is no pointer.
  const Bytes sent = Send(view, icmpv6::PacketTooBig(1300));
  EXPECT_EQ(ToHex(sent),
            ToHex(ErrorOf(icmpv6::PacketTooBig(1300), "a::1", "a::2", Begin(quote, 1232), sent)));
  // Headers alone can be more than fits.
  const Bytes longer = Bytes(1300, 0xdd);
  extras.quoted_headers = longer.data();
  extras.quoted_length = 1300;
  EXPECT_EQ(Send(view, icmpv6::kPortUnreachable).size(), 1280u);
}

}  // namespace
}  // namespace netstack::ip
