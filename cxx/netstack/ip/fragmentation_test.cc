#include "netstack/ip/fragmentation.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/packet_checker.h"

namespace netstack::ip {
namespace {

using base::Status;
using testing::Build;
using testing::Bytes;
using testing::CountingBytes;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;
using testing::Ipv6;
using testing::Matches;
using testing::Parse;
using wire::Family;

std::vector<Bytes> Cut(Family family, const Bytes& packet, uint32_t mtu) {
  IpScene scene(mtu);
  EXPECT_EQ(SendFragments(scene.context(), family, packet, mtu), Status::kOk);
  return scene.link().TakeSent();
}

// What fragments carry, by their offsets.
Bytes DataOf(const std::vector<Bytes>& fragments, size_t begin, size_t size) {
  Bytes data(size);
  for (const Bytes& each : fragments) {
    const bool v4 = each[0] >> 4 == 4;
    const size_t header = v4 ? size_t{4} * (each[0] & 15u) : 48;
    const size_t field = size_t{each[v4 ? 6 : 42]} << 8 | each[v4 ? 7 : 43];
    const size_t offset = v4 ? (field & 0x1fff) * 8 : field & 0xfff8;
    EXPECT_LE(offset - begin + each.size() - header, size);
    std::copy(each.begin() + static_cast<ptrdiff_t>(header), each.end(),
              data.begin() + static_cast<ptrdiff_t>(offset - begin));
  }
  return data;
}

Bytes Behind(const Bytes& packet, size_t header) {
  return {packet.begin() + static_cast<ptrdiff_t>(header), packet.end()};
}

TEST(FragmentationTest, PiecesMakeThePacketAgain) {
  for (const uint32_t mtu : {1280u, 1281u, 1287u, 1500u, 9000u}) {
    for (const size_t payload : {9001u, 12'345u, 65'507u}) {
      const Bytes v4 = Build(Ipv4{}, Icmp{.payload = CountingBytes(payload)});
      EXPECT_EQ(DataOf(Cut(Family::kIpv4, v4, mtu), 0, v4.size() - 20), Behind(v4, 20));
      const Bytes v6 = Build(Ipv6{}, Icmp{.payload = CountingBytes(payload)});
      EXPECT_EQ(DataOf(Cut(Family::kIpv6, v6, mtu), 0, v6.size() - 40), Behind(v6, 40));
    }
  }
}

// RFC 791 2.3: each but the last ends at a multiple of 8; reference 1.11: so does the last, if
// another must follow it.
TEST(FragmentationTest, EachIsAsLongAsFits) {
  const Bytes packet = Build(Ipv4{}, Bytes(100));
  const struct {
    uint32_t mtu;
    std::vector<size_t> lengths;
  } cases[] = {{68, {48, 48, 4}}, {75, {48, 48, 4}}, {76, {56, 44}}, {119, {96, 4}}};
  for (const auto& c : cases) {
    std::vector<size_t> lengths;
    for (const Bytes& each : Cut(Family::kIpv4, packet, c.mtu)) lengths.push_back(each.size() - 20);
    EXPECT_EQ(lengths, c.lengths) << c.mtu;
  }
}

TEST(FragmentationTest, Ipv4KeepsItsHeaderInEach) {
  const Bytes options{7, 7, 4, 0, 0, 0, 0, 0};
  const Bytes packet = Build(Ipv4{.tos = 0x20,
                                  .identification = 0xbeef,
                                  .dont_fragment = true,
                                  .ttl = 9,
                                  .protocol = 99,
                                  .options = options},
                             Bytes(100));
  const std::vector<Bytes> sent = Cut(Family::kIpv4, packet, 100);
  ASSERT_EQ(sent.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(Matches(sent[i], {.tos = 0x20,
                                  .ttl = 9,
                                  .protocol = 99,
                                  .identification = 0xbeef,
                                  .dont_fragment = true,
                                  .more_fragments = i == 0,
                                  .fragment_offset = static_cast<uint16_t>(i * 72),
                                  .options = options}));
  }
}

// RFC 791 2.3: a fragment of a fragment.
TEST(FragmentationTest, OffsetsOfAFragmentGoOn) {
  for (const bool more : {false, true}) {
    const Bytes packet =
        Build(Ipv4{.more_fragments = more, .fragment_offset = 800}, CountingBytes(96));
    const std::vector<Bytes> sent = Cut(Family::kIpv4, packet, 68);
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_TRUE(Matches(sent[0], {.more_fragments = true, .fragment_offset = 800}));
    EXPECT_TRUE(Matches(sent[1], {.more_fragments = more, .fragment_offset = 848}));
    EXPECT_EQ(DataOf(sent, 800, 96), CountingBytes(96));
  }
}

// Only so far as a datagram can reach: RFC 791 3.1 has 13 bits for offsets and 16 for lengths.
TEST(FragmentationTest, AFragmentBeyondAnyDatagramIsNotCut) {
  const struct {
    uint16_t offset;
    size_t size;
    bool sent;
  } cases[] = {{65'416, 99, true},
               {65'416, 100, false},
               {65'416, 200, false},
               {65'528, 99, false},
               {65'400, 115, true}};
  for (const auto& c : cases) {
    IpScene scene(68);
    const Bytes packet = Build(Ipv4{.fragment_offset = c.offset}, CountingBytes(c.size));
    EXPECT_EQ(SendFragments(scene.context(), Family::kIpv4, packet, 68),
              c.sent ? Status::kOk : Status::kUnsupported);
    const std::vector<Bytes> sent = scene.link().TakeSent();
    EXPECT_EQ(!sent.empty(), c.sent) << c.offset << ", " << c.size;
    if (c.sent) {
      EXPECT_EQ(DataOf(sent, c.offset, c.size), CountingBytes(c.size));
    } else {
      EXPECT_EQ(scene.TakeCounts(), (testing::Counts{{"ip.outgoing_packet_errors", 1}}));
    }
  }
}

// RFC 8200 4.5.
TEST(FragmentationTest, Ipv6BearsAFragmentHeader) {
  const Bytes packet =
      Build(Ipv6{.traffic_class = 0x20, .hop_limit = 9}, Icmp{.payload = CountingBytes(1400)});
  std::map<Bytes, int> identifications;
  for (int i = 0; i < 2; ++i) {
    IpScene scene(1280);
    if (i == 1) scene.shared().random.Next();
    ASSERT_EQ(SendFragments(scene.context(), Family::kIpv6, packet, 1280), Status::kOk);
    const std::vector<Bytes> sent = scene.link().TakeSent();
    ASSERT_EQ(sent.size(), 2u);
    for (const Bytes& each : sent) {
      EXPECT_TRUE(Matches(each, {.tos = 0x20, .ttl = 9, .protocol = 58, .extensions = {{44}}}));
      EXPECT_EQ(each[41], 0);
      ++identifications[Bytes(each.begin() + 44, each.begin() + 48)];
    }
    EXPECT_EQ(sent[0].size(), 1280u);
    EXPECT_TRUE(Matches(sent[0], {.more_fragments = true, .fragment_offset = 0}));
    EXPECT_TRUE(Matches(sent[1], {.more_fragments = false, .fragment_offset = 1232}));
  }
  EXPECT_EQ(identifications.size(), 2u) << "one for both fragments, another for the next packet";
  EXPECT_FALSE(identifications.contains(Bytes(4)));
}

// Reference 1.11: the failing and the remaining ones are errors.
TEST(FragmentationTest, WhatALinkRefusesEndsThePacket) {
  IpScene scene(68);
  scene.link().set_full(true);
  EXPECT_EQ(SendFragments(scene.context(), Family::kIpv4, Build(Ipv4{}, Bytes(100)), 68),
            Status::kWouldBlock);
  EXPECT_EQ(scene.TakeCounts().at("ip.outgoing_packet_errors"), 3u);
}

}  // namespace
}  // namespace netstack::ip
