// What fragments are put together to: reference, sections 1.6 and 2.5; RFC 8200 4.5.
#include "netstack/ip/whole_datagram.h"

#include <gtest/gtest.h>

#include "netstack/testing/hex.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {
namespace {

using testing::Build;
using testing::Bytes;
using testing::CountingBytes;
using testing::FromHex;
using testing::FromText;
using testing::Ipv4;
using testing::Ipv6;

void Add(HeldDatagram* held, const Bytes& bytes, uint32_t header, uint32_t offset, bool more,
         const packet::Packet& facts) {
  packet::Packet packet = facts;
  packet.bytes = bytes.data();
  packet.length = static_cast<uint32_t>(bytes.size());
  packet.header_length = static_cast<uint16_t>(header);
  const uint32_t data_at = facts.family == wire::Family::kIpv4 ? header : header + 8;
  EXPECT_EQ(held->Add({packet, data_at, offset, more}), HeldDatagram::Outcome::kTaken);
}

Bytes BytesOf(const packet::Packet& packet) { return {packet.bytes, packet.bytes + packet.length}; }

packet::Packet Facts(wire::Family family, uint8_t protocol, uint32_t nic) {
  packet::Packet facts;
  facts.family = family;
  facts.protocol = protocol;
  facts.nic = nic;
  facts.arrival.broadcast = family == wire::Family::kIpv4;
  return facts;
}
const packet::Packet kIpv4Facts = Facts(wire::Family::kIpv4, 1, 7);

TEST(WholeDatagram, Ipv4HasTheFirstHeaderWithItsLengthAndChecksumRight) {
  Ipv4 header{.tos = 0x20,
              .identification = 0xbeef,
              .dont_fragment = true,
              .more_fragments = true,
              .ttl = 3,
              .options = FromHex("94040000")};
  HeldDatagram held;
  // Later fragments may have another header: that is of no matter.
  Add(&held,
      Build(Ipv4{.identification = 0xbeef, .fragment_offset = 16, .ttl = 9}, FromText("end")), 20,
      16, false, Facts(wire::Family::kIpv4, 1, 8));
  Add(&held, Build(header, CountingBytes(16)), 24, 0, true, kIpv4Facts);
  const WholeDatagram whole(held);
  ASSERT_NE(whole.packet(), nullptr);
  header.more_fragments = false;
  header.dont_fragment = false;
  Bytes data = CountingBytes(16);
  for (const uint8_t byte : FromText("end")) data.push_back(byte);
  EXPECT_EQ(BytesOf(*whole.packet()), Build(header, data));
  EXPECT_EQ(whole.packet()->header_length, 24);
  EXPECT_EQ(whole.packet()->nic, 7u);
  EXPECT_TRUE(whole.packet()->arrival.broadcast);
}

TEST(WholeDatagram, Ipv4IsAtMost65535BytesLongWithTheFirstHeader) {
  for (const uint32_t options : {0u, 4u}) {
    HeldDatagram held;
    const Ipv4 header{.more_fragments = true, .options = Bytes(options, 1)};
    Add(&held, Build(header, Bytes(65504)), 20 + options, 0, true, kIpv4Facts);
    Add(&held, Build(Ipv4{}, Bytes(11)), 20, 65504, false, kIpv4Facts);
    const WholeDatagram whole(held);
    EXPECT_EQ(whole.too_long(), options != 0);
    EXPECT_EQ(whole.packet() != nullptr, options == 0);
    if (whole.packet() != nullptr) {
      EXPECT_EQ(whole.packet()->length, 65535u);
    }
  }
}

Bytes FragmentHeader(uint16_t offset, bool more) {
  return {
      0, 0, static_cast<uint8_t>(offset >> 8), static_cast<uint8_t>(offset | (more ? 1 : 0)), 1, 2,
      3, 4};
}

TEST(WholeDatagram, Ipv6LosesTheFragmentHeaderAndKeepsItForErrors) {
  const Bytes hop_by_hop = FromHex("0000050200000100");
  Ipv6 header{.traffic_class = 0x12,
              .flow_label = 0x12345,
              .hop_limit = 3,
              .extensions = {{0, hop_by_hop}, {44, FragmentHeader(0, true)}}};
  const Bytes first = Build(header, CountingBytes(16));
  packet::Extras extras;
  extras.next_header_offset = 40;
  extras.router_alert = true;
  packet::Packet facts = Facts(wire::Family::kIpv6, 58, 7);
  facts.extras = &extras;
  HeldDatagram held;
  Add(&held, first, 48, 0, true, facts);
  // What a later fragment has in front of the Fragment header, or in it, goes.
  Add(&held,
      Build(Ipv6{.extensions = {{44, FragmentHeader(16, false)}}, .next_header = 17},
            FromText("end")),
      40, 16, false, Facts(wire::Family::kIpv6, 17, 8));

  const WholeDatagram whole(held);
  ASSERT_NE(whole.packet(), nullptr);
  const packet::Packet& packet = *whole.packet();
  Bytes data = CountingBytes(16);
  for (const uint8_t byte : FromText("end")) data.push_back(byte);
  header.extensions.pop_back();
  EXPECT_EQ(BytesOf(packet), Build(header, data));
  EXPECT_EQ(packet.header_length, 48);
  EXPECT_EQ(packet.protocol, 58);
  EXPECT_EQ(packet.nic, 7u);

  ASSERT_NE(packet.extras, nullptr);
  EXPECT_TRUE(packet.extras->fragment_header);
  EXPECT_TRUE(packet.extras->router_alert);
  EXPECT_EQ(packet.extras->next_header_offset, 40);
  EXPECT_EQ(packet.extras->replaced_length, 48);
  const Bytes quoted(packet.extras->quoted_headers,
                     packet.extras->quoted_headers + packet.extras->quoted_length);
  EXPECT_EQ(quoted, Bytes(first.begin(), first.begin() + 56));
}

TEST(WholeDatagram, Ipv6IsAtMost65535BytesLongBehindItsHeader) {
  for (const uint32_t options : {0u, 8u}) {
    HeldDatagram held;
    Ipv6 header{.extensions = {{44, FragmentHeader(0, true)}}};
    if (options != 0) header.extensions.insert(header.extensions.begin(), {60, Bytes(8)});
    const packet::Packet facts = Facts(wire::Family::kIpv6, 58, 7);
    Add(&held, Build(header, Bytes(65512)), 40 + options, 0, true, facts);
    Add(&held, Build(Ipv6{.extensions = {{44, FragmentHeader(65512, false)}}}, Bytes(23)), 40,
        65512, false, facts);
    const WholeDatagram whole(held);
    EXPECT_EQ(whole.too_long(), options != 0);
    ASSERT_EQ(whole.packet() != nullptr, options == 0);
    if (options == 0) {
      EXPECT_EQ(whole.packet()->length, 40u + 65535);
      EXPECT_EQ(wire::Ipv6View(whole.packet()->bytes).payload_length(), 65535);
    }
  }
}

}  // namespace
}  // namespace netstack::ip
