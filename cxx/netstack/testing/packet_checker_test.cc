#include "netstack/testing/packet_checker.h"

#include <gtest/gtest.h>

#include "netstack/testing/packet_builder.h"

namespace netstack::testing {
namespace {

Bytes Ipv4Reply() {
  return Build(Ipv4{.source = "10.0.0.1",
                    .destination = "10.0.0.9",
                    .tos = 8,
                    .identification = 0xbeef,
                    .dont_fragment = true,
                    .ttl = 3,
                    .options = {1, 1, 1, 0}},
               Icmp{.type = 0, .code = 5, .payload = FromText("abcd")});
}

Bytes Ipv6Reply() {
  return Build(Ipv6{.source = "2001:db8::1",
                    .destination = "2001:db8::9",
                    .traffic_class = 8,
                    .flow_label = 7,
                    .hop_limit = 3,
                    .extensions = {{0, Bytes(8)}, {60, Bytes(8)}}},
               Icmp{.type = 129, .payload = FromText("abcd")});
}

// What a packet's mismatch is said to be; empty: it matches.
std::string Complaint(const Bytes& packet, const Expected& expected) {
  const ::testing::AssertionResult result = Matches(packet, expected);
  return result ? "" : result.message();
}

bool Says(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

TEST(PacketChecker, IsContentWithASoundPacketWhenNothingIsAsked) {
  EXPECT_TRUE(Matches(Ipv4Reply(), {}));
  EXPECT_TRUE(Matches(Build(Ipv4{.protocol = 99}, Bytes(3)), {}));
  EXPECT_TRUE(Matches(Ipv6Reply(), {}));
}

TEST(PacketChecker, FindsEachFieldOfAnIpv4PacketAsItIs) {
  EXPECT_TRUE(Matches(Ipv4Reply(), {.family = 4,
                                    .source = "10.0.0.1",
                                    .destination = "10.0.0.9",
                                    .tos = 8,
                                    .ttl = 3,
                                    .protocol = 1,
                                    .identification = 0xbeef,
                                    .dont_fragment = true,
                                    .more_fragments = false,
                                    .fragment_offset = 0,
                                    .options = Bytes{1, 1, 1, 0},
                                    .type = 0,
                                    .code = 5,
                                    .identifier = 0x04d2,
                                    .sequence = 1,
                                    .payload = FromText("abcd")}));
}

TEST(PacketChecker, FindsEachFieldOfAnIpv6PacketAsItIs) {
  EXPECT_TRUE(Matches(Ipv6Reply(), {.family = 6,
                                    .source = "2001:DB8:0::1",
                                    .destination = "2001:db8::9",
                                    .tos = 8,
                                    .ttl = 3,
                                    .protocol = 58,
                                    .flow_label = 7,
                                    .extensions = std::vector<uint8_t>{0, 60},
                                    .type = 129,
                                    .payload = FromText("abcd")}));
}

TEST(PacketChecker, NamesEachFieldThatDiffersAndNoOther) {
  struct Case {
    const char* field;
    Expected expected;
  };
  const Case cases[] = {
      {"family", {.family = 6}},
      {"source", {.source = "10.0.0.2"}},
      {"destination", {.destination = "10.0.0.1"}},
      {"tos", {.tos = 9}},
      {"ttl", {.ttl = 64}},
      {"protocol", {.protocol = 58}},
      {"identification", {.identification = 0}},
      {"dont_fragment", {.dont_fragment = false}},
      {"more_fragments", {.more_fragments = true}},
      {"fragment_offset", {.fragment_offset = 8}},
      {"options", {.options = Bytes{}}},
      {"flow_label", {.flow_label = 1}},
      {"extensions", {.extensions = std::vector<uint8_t>{0}}},
      {"type", {.type = 8}},
      {"code", {.code = 0}},
      {"identifier", {.identifier = 0}},
      {"sequence", {.sequence = 2}},
      {"payload", {.payload = Bytes{}}},
  };
  for (const Case& c : cases) {
    const std::string complaint = Complaint(Ipv4Reply(), c.expected);
    EXPECT_TRUE(Says(complaint, (std::string("\n  ") + c.field + ": is ").c_str())) << complaint;
    EXPECT_EQ(complaint.find(": is "), complaint.rfind(": is ")) << complaint;
  }
}

TEST(PacketChecker, FindsWrongChecksumsUnasked) {
  EXPECT_TRUE(
      Says(Complaint(Build(Ipv4{.wrong_checksum = true}, Icmp{}), {}), "header checksum is wrong"));
  const Icmp wrong{.wrong_checksum = true};
  EXPECT_TRUE(Says(Complaint(Build(Ipv4{}, wrong), {}), "ICMP checksum is wrong"));
  EXPECT_TRUE(Says(Complaint(Build(Ipv6{}, wrong), {}), "ICMP checksum is wrong"));
}

TEST(PacketChecker, FindsWrongLengthsUnasked) {
  EXPECT_TRUE(Says(Complaint(Build(Ipv4{.trailer = {0}}, Icmp{}), {}), "Total Length is 28"));
  EXPECT_TRUE(Says(Complaint(Build(Ipv6{.trailer = {0}}, Icmp{}), {}), "Payload Length is 8"));
  EXPECT_TRUE(Says(Complaint(Build(Ipv4{}, Bytes(7)), {}), "an ICMP message of 7 bytes"));
  EXPECT_TRUE(Says(Complaint(Build(Ipv4{.header_words = 6}, Bytes{}), {}), "cut off"));
  EXPECT_TRUE(Says(Complaint({0x60, 0, 0, 0}, {}), "cut off"));
  EXPECT_TRUE(Says(Complaint({}, {}), "neither IPv4 nor IPv6"));
}

TEST(PacketChecker, SaysWhenThereIsNoIcmpMessageToCompare) {
  EXPECT_TRUE(
      Says(Complaint(Build(Ipv4{.protocol = 99}, Bytes(8)), {.type = 0}), "no ICMP message"));
}

TEST(PacketChecker, TakesFragmentsForWhatTheyAre) {
  EXPECT_TRUE(Matches(Build(Ipv4{.more_fragments = true}, Bytes(16, 7)),
                      {.more_fragments = true, .payload = Bytes(16, 7)}));
  const Bytes middle =
      Build(Ipv6{.extensions = {{44, FromHex("00 00 0009 00000001")}}}, Bytes(16, 7));
  EXPECT_TRUE(Matches(middle, {.protocol = 58,
                               .identification = 1,
                               .more_fragments = true,
                               .fragment_offset = 8,
                               .payload = Bytes(16, 7)}));
}

TEST(SameBytes, ShowsWhereTwoPacketsPart) {
  EXPECT_TRUE(SameBytes(Bytes{1, 2}, Bytes{1, 2}));
  EXPECT_TRUE(Says(SameBytes(Bytes{1, 2, 3}, Bytes{1, 9, 3}).message(), "byte 1 differs"));
  EXPECT_TRUE(Says(SameBytes(Bytes{1, 2}, Bytes{1}).message(), "byte 1 differs (lengths 2 and 1)"));
  EXPECT_FALSE(SameBytes(Bytes{}, Bytes{0}));
}

}  // namespace
}  // namespace netstack::testing
