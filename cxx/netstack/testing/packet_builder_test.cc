#include "netstack/testing/packet_builder.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace netstack::testing {
namespace {

// Packets that another program computed.
TEST(PacketBuilder, MakesAnIpv4EchoRequestAsOthersDo) {
  const Bytes packet = Build(
      Ipv4{.tos = 0x20, .identification = 0xbeef, .dont_fragment = true, .ttl = 3, .options = {}},
      Icmp{.payload = FromText("abcd")});
  EXPECT_EQ(ToHex(packet), "45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364");
}

TEST(PacketBuilder, MakesAnEchoReplyAsOthersDo) {
  const Bytes packet = Build(Ipv4{.source = "192.168.0.1",
                                  .destination = "192.168.0.2",
                                  .tos = 0x20,
                                  .identification = 0xbeef,
                                  .dont_fragment = true},
                             Icmp{.type = 0, .payload = FromText("abcd")});
  EXPECT_EQ(ToHex(packet), "45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364");
}

TEST(PacketBuilder, MakesAnIpv4PacketWithOptionsAsOthersDo) {
  const Bytes packet = Build(Ipv4{.options = FromHex("07070400000000")}, Icmp{});
  EXPECT_EQ(ToHex(packet),
            "47000024000000004001ec7ec0a80002c0a8000107070400000000000800f32c04d20001");
}

TEST(PacketBuilder, MakesAPacketOfAnotherProtocolAsOthersDo) {
  const Bytes packet = Build(Ipv4{.protocol = 99}, FromHex("0000000004d20001"));
  EXPECT_EQ(ToHex(packet), "4500001c000000004063f92bc0a80002c0a800010000000004d20001");
}

TEST(PacketBuilder, MakesAnIpv6EchoRequestAsOthersDo) {
  const Bytes packet = Build(Ipv6{.traffic_class = 0x20, .flow_label = 0x12345, .hop_limit = 3},
                             Icmp{.payload = FromText("abcd")});
  EXPECT_EQ(
      ToHex(packet),
      "62012345000c3a03000a0000000000000000000000000002000a00000000000000000000000000018000b608"
      "04d2000161626364");
}

TEST(PacketBuilder, ChainsExtensionHeaders) {
  const Bytes packet =
      Build(Ipv6{.extensions = {{0, FromHex("ff00 0502 0000 0100")}, {60, Bytes(8)}}}, Bytes{9, 9});
  EXPECT_EQ(packet.size(), 58u);
  EXPECT_EQ(packet[5], 18);
  EXPECT_EQ(packet[6], 0);
  EXPECT_EQ(packet[40], 60) << "filled in";
  EXPECT_EQ(packet[48], 58);
  EXPECT_EQ(packet[56], 9);
}

TEST(PacketBuilder, MakesFragmentsWithTheirOffsetInUnitsOfEight) {
  const Bytes packet = Build(Ipv4{.more_fragments = true, .fragment_offset = 1480}, Bytes(8));
  EXPECT_EQ(packet[6], 0x20);
  EXPECT_EQ(packet[7], 185);
  EXPECT_EQ(SlowChecksum(std::span(packet).first(20)), 0);
}

TEST(PacketBuilder, MakesWrongChecksumsOnlyWhereItIsTold) {
  const Icmp icmp{.payload = FromText("abcd")};
  const Icmp wrong{.payload = FromText("abcd"), .wrong_checksum = true};
  const auto header_sum = [](const Bytes& p) { return SlowChecksum(std::span(p).first(20)); };
  const auto message_sum = [](const Bytes& p) { return SlowChecksum(std::span(p).subspan(20)); };
  const Bytes bad_header = Build(Ipv4{.wrong_checksum = true}, icmp);
  EXPECT_NE(header_sum(bad_header), 0);
  EXPECT_EQ(message_sum(bad_header), 0);
  const Bytes bad_message = Build(Ipv4{}, wrong);
  EXPECT_EQ(header_sum(bad_message), 0);
  EXPECT_NE(message_sum(bad_message), 0);
  EXPECT_NE(ToHex(Build(Ipv6{}, wrong)), ToHex(Build(Ipv6{}, icmp)));
}

TEST(PacketBuilder, LiesAboutLengthsAndVersionsWhereItIsTold) {
  const Bytes ipv4 = Build(Ipv4{.version = 5, .header_words = 15, .total_length = 7}, Bytes{});
  EXPECT_EQ(ipv4.size(), 20u);
  EXPECT_EQ(ipv4[0], 0x5f);
  EXPECT_EQ(ipv4[3], 7);
  const Bytes ipv6 = Build(Ipv6{.version = 7, .payload_length = 0x0102, .trailer = {1}}, Bytes{});
  EXPECT_EQ(ipv6.size(), 41u);
  EXPECT_EQ(ipv6[0], 0x70);
  EXPECT_EQ(ipv6[4], 1);
  EXPECT_EQ(ipv6[5], 2);
}

TEST(PacketBuilder, PutsTrailersBehindThePacketsOwnEnd) {
  const Bytes packet = Build(Ipv4{.trailer = Bytes(6, 0xee)}, Icmp{});
  EXPECT_EQ(packet.size(), 34u);
  EXPECT_EQ(packet[3], 28);
  const Bytes ipv6 = Build(Ipv6{.trailer = Bytes(6, 0xee)}, Icmp{});
  EXPECT_EQ(ipv6.size(), 54u);
  EXPECT_EQ(ipv6[5], 8);
}

TEST(PacketBuilder, MendsAHeaderThatATestChanged) {
  Bytes packet = Build(Ipv4{.options = Bytes(8, 1)}, Icmp{});
  packet[8] = 1;
  EXPECT_NE(SlowChecksum(std::span(packet).first(28)), 0);
  FixHeaderChecksum(&packet);
  EXPECT_EQ(SlowChecksum(std::span(packet).first(28)), 0);
}

TEST(PacketBuilder, RefusesWhatIsNoPacket) {
  EXPECT_THROW(Build(Ipv4{.source = "a::1"}, Bytes{}), std::invalid_argument);
  EXPECT_THROW(Build(Ipv6{.source = "10.0.0.1"}, Bytes{}), std::invalid_argument);
  EXPECT_THROW(Build(Ipv4{.fragment_offset = 4}, Bytes{}), std::invalid_argument);
  EXPECT_THROW(Build(Ipv4{.options = Bytes(41)}, Bytes{}), std::invalid_argument);
}

TEST(Hex, ReadsPairsOfDigitsAndWritesThem) {
  EXPECT_EQ(FromHex("00 ff\nAb"), (Bytes{0, 255, 0xab}));
  EXPECT_EQ(ToHex(Bytes{0, 255, 0xab}), "00ffab");
  EXPECT_EQ(FromHex(""), Bytes{});
  EXPECT_THROW(FromHex("0"), std::invalid_argument);
  EXPECT_THROW(FromHex("0 0"), std::invalid_argument);
  EXPECT_THROW(FromHex("0g"), std::invalid_argument);
}

}  // namespace
}  // namespace netstack::testing
