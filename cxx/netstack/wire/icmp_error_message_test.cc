#include "netstack/wire/icmp_error_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "netstack/testing/packet_builder.h"

namespace netstack::wire {
namespace {

using testing::Build;
using testing::Bytes;
using testing::CountingBytes;
using testing::FromHex;
using testing::Icmp;
using testing::Ipv4;
using testing::Ipv6;
using Kind = IcmpErrorMessage::Kind;

// Type, code, the four bytes behind the checksum, and a quote.
Bytes Message(uint8_t type, uint8_t code, const char* value, const Bytes& quote = {}) {
  Bytes message{type, code, 0, 0};
  const Bytes word = FromHex(value);
  message.insert(message.end(), word.begin(), word.end());
  message.insert(message.end(), quote.begin(), quote.end());
  return message;
}

TEST(IcmpErrorMessageTest, TellsTheKindByTypeAndCode) {
  const struct {
    Family family;
    uint8_t type;
    uint8_t code;
    Kind kind;
  } cases[] = {
      {Family::kIpv4, 3, 0, Kind::kUnreachable},
      {Family::kIpv4, 3, 4, Kind::kPacketTooBig},
      {Family::kIpv4, 3, 13, Kind::kUnreachable},
      {Family::kIpv4, 4, 0, Kind::kSourceQuench},
      {Family::kIpv4, 11, 1, Kind::kTimeExceeded},
      {Family::kIpv4, 12, 0, Kind::kParameterProblem},
      {Family::kIpv6, 1, 4, Kind::kUnreachable},
      {Family::kIpv6, 2, 0, Kind::kPacketTooBig},
      {Family::kIpv6, 2, 9, Kind::kPacketTooBig},
      {Family::kIpv6, 3, 0, Kind::kTimeExceeded},
      {Family::kIpv6, 4, 1, Kind::kParameterProblem},
      {Family::kIpv6, 0, 0, Kind::kUnknown},
      {Family::kIpv6, 100, 0, Kind::kUnknown},
      {Family::kIpv6, 127, 0, Kind::kUnknown},
  };
  for (const auto& c : cases) {
    const auto error = IcmpErrorMessage::Parse(c.family, Message(c.type, c.code, "00000000"));
    ASSERT_TRUE(error) << int{c.type};
    EXPECT_EQ(error->kind, c.kind) << int{c.type} << "/" << int{c.code};
    EXPECT_EQ(error->type, c.type);
    EXPECT_EQ(error->code, c.code);
    EXPECT_EQ(error->family, c.family);
    EXPECT_FALSE(error->quoted);
  }
}

// RFC 1122 3.2.2, RFC 4443 2.1. A Redirect (5) is about a packet that got through.
TEST(IcmpErrorMessageTest, OtherTypesAreNoErrors) {
  for (unsigned type = 0; type < 256; ++type) {
    const bool v4 = type == 3 || type == 4 || type == 11 || type == 12;
    const Bytes message = Message(static_cast<uint8_t>(type), 0, "00000000");
    EXPECT_EQ(IcmpErrorMessage::Parse(Family::kIpv4, message).has_value(), v4) << type;
    EXPECT_EQ(IcmpErrorMessage::Parse(Family::kIpv6, message).has_value(), type < 128) << type;
  }
}

TEST(IcmpErrorMessageTest, HasAWholeHeader) {
  for (size_t length = 0; length <= 8; ++length) {
    const Bytes message(length, 3);
    EXPECT_EQ(IcmpErrorMessage::Parse(Family::kIpv4, message).has_value(), length == 8);
    EXPECT_EQ(IcmpErrorMessage::Parse(Family::kIpv6, message).has_value(), length == 8);
  }
}

// RFC 1191 4, RFC 4443 3.2 and 3.4, RFC 792: of other kinds these bytes are none of both.
TEST(IcmpErrorMessageTest, TellsMtuAndPointer) {
  const struct {
    Family family;
    uint8_t type;
    uint8_t code;
    uint32_t mtu;
    uint32_t pointer;
  } cases[] = {
      {Family::kIpv4, 3, 4, 0x9abc, 0},     {Family::kIpv4, 3, 3, 0, 0},
      {Family::kIpv4, 12, 0, 0, 0x12},      {Family::kIpv4, 11, 0, 0, 0},
      {Family::kIpv6, 2, 0, 0x12009abc, 0}, {Family::kIpv6, 4, 0, 0, 0x12009abc},
      {Family::kIpv6, 1, 0, 0, 0},          {Family::kIpv6, 5, 0, 0, 0},
  };
  for (const auto& c : cases) {
    const auto error = IcmpErrorMessage::Parse(c.family, Message(c.type, c.code, "12009abc"));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->mtu, c.mtu) << int{c.type};
    EXPECT_EQ(error->pointer, c.pointer) << int{c.type};
  }
}

TEST(IcmpErrorMessageTest, RepeatsAPacketOfItsOwnFamily) {
  const Bytes v4 = Build(Ipv4{}, Icmp{});
  const Bytes v6 = Build(Ipv6{}, Icmp{});
  const auto quoted = [](Family family, const Bytes& quote) {
    return IcmpErrorMessage::Parse(family, Message(3, 0, "00000000", quote))->quoted;
  };
  ASSERT_TRUE(quoted(Family::kIpv4, v4));
  EXPECT_TRUE(quoted(Family::kIpv4, v4)->echo);
  EXPECT_FALSE(quoted(Family::kIpv4, v6));
  ASSERT_TRUE(quoted(Family::kIpv6, v6));
  EXPECT_TRUE(quoted(Family::kIpv6, v6)->echo);
  EXPECT_FALSE(quoted(Family::kIpv6, v4));
}

// RFC 4884 4: a length of at least 128 bytes tells where the quote ends, in words or double words;
// behind it stand extensions. Where there is no such length those bytes are an MTU, a pointer or
// nothing.
TEST(IcmpErrorMessageTest, AQuoteEndsWhereItsLengthSays) {
  const struct {
    Family family;
    uint8_t type;
    uint8_t code;
    const char* value;
    size_t quoted;
  } cases[] = {
      {Family::kIpv4, 3, 0, "00200000", 128},  {Family::kIpv4, 3, 4, "00200400", 128},
      {Family::kIpv4, 11, 0, "00200000", 128}, {Family::kIpv4, 12, 0, "14200000", 128},
      {Family::kIpv4, 4, 0, "00200000", 200},  {Family::kIpv4, 3, 0, "20000000", 200},
      {Family::kIpv4, 3, 0, "00000000", 200},  {Family::kIpv4, 3, 0, "00330000", 200},
      {Family::kIpv4, 3, 0, "001f0000", 200},  {Family::kIpv6, 1, 0, "0f000000", 200},
      {Family::kIpv6, 1, 0, "10000000", 128},  {Family::kIpv6, 3, 0, "10000000", 128},
      {Family::kIpv6, 2, 0, "10000500", 200},  {Family::kIpv6, 4, 0, "10000000", 200},
      {Family::kIpv6, 1, 0, "00200000", 200},  {Family::kIpv6, 1, 0, "ff000000", 200},
      {Family::kIpv6, 90, 0, "10000000", 200},
  };
  for (const auto& c : cases) {
    const Icmp icmp{.payload = CountingBytes(300)};
    Bytes quote = c.family == Family::kIpv4 ? Build(Ipv4{}, icmp) : Build(Ipv6{}, icmp);
    quote.resize(200);
    const Bytes message = Message(c.type, c.code, c.value, quote);
    const auto error = IcmpErrorMessage::Parse(c.family, message);
    ASSERT_TRUE(error && error->quoted) << int{c.type} << " " << c.value;
    EXPECT_EQ(error->quoted->bytes.size(), c.quoted) << int{c.type} << " " << c.value;
    EXPECT_TRUE(error->quoted->cut());
  }
}

}  // namespace
}  // namespace netstack::wire
