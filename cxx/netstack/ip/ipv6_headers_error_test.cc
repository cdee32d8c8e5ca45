// The errors about IPv6 extension headers: code and pointer (reference, 2.4; RFC
// 4443 3.4), and where there is none.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"

namespace netstack::ip {
namespace {

using testing::Build;
using testing::Bytes;
using testing::Extension;
using testing::FromHex;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv6;

constexpr uint8_t kErroneous = 0;
constexpr uint8_t kNextHeader = 1;
constexpr uint8_t kOption = 2;

Extension Options(uint8_t number, const char* options, size_t words = 1) {
  Bytes bytes{0, static_cast<uint8_t>(words - 1)};
  const Bytes hex = FromHex(options);
  bytes.insert(bytes.end(), hex.begin(), hex.end());
  bytes.resize(words * 8);
  return {number, bytes};
}
const Extension kHopByHop = Options(0, "");
const Extension kDestination = Options(60, "");
const Extension kAtomicFragment{44, Bytes(8)};
const Extension kFirstFragment{44, FromHex("00 00 0001 00000001")};
const Extension kLaterFragment{44, FromHex("00 00 0008 00000001")};
const Extension kLongRouting{43, [] {
                               Bytes bytes(31 * 8);
                               bytes[1] = 30;
                               return bytes;
                             }()};
const Extension kSegments{43, FromHex("00 00 09 01 00000000")};

struct Case {
  const char* what;
  std::vector<Extension> extensions;
  uint8_t next_header;
  uint8_t code;
  uint32_t pointer;
  bool to_groups = false;
};
const Case kCases[] = {
    {"a protocol", {}, 17, kNextHeader, 6},
    {"ICMP", {}, 1, kNextHeader, 6},
    {"behind one", {kDestination}, 17, kNextHeader, 40},
    {"behind two", {kHopByHop, kAtomicFragment}, 99, kNextHeader, 48},
    {"encrypted", {kHopByHop}, 50, kNextHeader, 40},
    {"hop by hop twice", {kHopByHop, kHopByHop}, 59, kNextHeader, 40},
    {"hop by hop last", {kAtomicFragment, kDestination, kHopByHop}, 17, kNextHeader, 48},
    {"segments", {kSegments}, 17, kErroneous, 42},
    {"more segments", {kDestination, kSegments}, 17, kErroneous, 50},
    {"option 10", {Options(0, "8000")}, 17, kOption, 42, true},
    {"option 11", {Options(60, "c000")}, 17, kOption, 42},
    {"later", {kHopByHop, Options(60, "0000 0100 bf")}, 17, kOption, 54, true},
    {"before a fragment", {Options(60, "ff00"), kFirstFragment}, 17, kOption, 42},
    // Offsets do not end at 255.
    {"long", {kLongRouting, kLongRouting}, 17, kNextHeader, 288},
    {"long segments", {kLongRouting, kLongRouting, kSegments}, 17, kErroneous, 538},
    {"long padding",
     {kLongRouting, Options(60, "01ff", 40), Options(60, "01fe", 40)},
     17,
     kNextHeader,
     608},
    {"long option", {kLongRouting, Options(60, "0000 8000", 40)}, 17, kOption, 292, true},
    {"late hop by hop", {kLongRouting, kDestination, kHopByHop}, 17, kNextHeader, 288},
};

class Ipv6HeadersErrorTest : public ::testing::Test {
 protected:
  Ipv6HeadersErrorTest() {
    scene_.Assign("a::1/64");
    scene_.AddRoute("::/0");
  }
  Bytes Receive(const Bytes& packet) {
    scene_.Advance(1'000'000'000);  // errors are limited
    scene_.Receive(packet);
    const auto sent = scene_.link().TakeSent();
    EXPECT_LE(sent.size(), 1u);
    return sent.empty() ? Bytes() : sent[0];
  }
  // Empty: none was sent.
  std::string ErrorAbout(const Bytes& packet) {
    const Bytes sent = Receive(packet);
    if (sent.size() < 48 || sent[40] != 4) return {};
    uint32_t pointer = 0;
    for (size_t i = 44; i < 48; ++i) pointer = pointer << 8 | sent[i];
    return "code " + std::to_string(sent[41]) + " at " + std::to_string(pointer);
  }

  IpScene scene_;
};

TEST_F(Ipv6HeadersErrorTest, CodeAndPointer) {
  for (const Case& c : kCases) {
    const std::string expected =
        "code " + std::to_string(c.code) + " at " + std::to_string(c.pointer);
    Ipv6 ip{.extensions = c.extensions, .next_header = c.next_header};
    EXPECT_EQ(ErrorAbout(Build(ip, Bytes(8))), expected) << c.what;
    ip.destination = "ff02::1";
    EXPECT_EQ(ErrorAbout(Build(ip, Bytes(8))), c.to_groups ? expected : "") << c.what;
  }
}

// RFC 4443 2.4 e.1, wherever the error stands.
TEST_F(Ipv6HeadersErrorTest, NoneIsSentAboutAnError) {
  Ipv6 ip{.extensions = {Options(60, "8000"), kHopByHop, kDestination}};
  EXPECT_EQ(ErrorAbout(Build(ip, Icmp{})), "code 2 at 42");
  EXPECT_EQ(ErrorAbout(Build(ip, Icmp{.type = uint8_t{3}})), "");
  EXPECT_EQ(ErrorAbout(Build(ip, Icmp{.type = uint8_t{137}})), "");
  ip.extensions.resize(100, kDestination);
  EXPECT_EQ(ErrorAbout(Build(ip, Icmp{})), "code 2 at 42");
  EXPECT_EQ(ErrorAbout(Build(ip, Icmp{.type = uint8_t{1}})), "") << "behind a hundred headers";
  ip.extensions = {kSegments, kFirstFragment};
  EXPECT_EQ(ErrorAbout(Build(ip, Icmp{})), "code 0 at 42");
  EXPECT_EQ(ErrorAbout(Build(ip, Icmp{.type = uint8_t{1}})), "");
  // What a later fragment begins with is no message.
  ip.extensions = {kSegments, kLaterFragment};
  EXPECT_EQ(ErrorAbout(Build(ip, Icmp{.type = uint8_t{1}})), "code 0 at 42");
}

}  // namespace
}  // namespace netstack::ip
