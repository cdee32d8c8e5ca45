// Reference, section 3.2.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "netstack/ip/input.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"

namespace netstack::ip {
namespace {

using testing::Build;
using testing::Bytes;
using testing::Counts;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv6;

const Counts kDelivered{
    {"ip.packets_received", 1}, {"ip.valid_packets_received", 1}, {"ip.packets_delivered", 1}};
Counts With(const char* name) {
  Counts counts = kDelivered;
  counts[name] = 1;
  return counts;
}

class Icmpv6InputTest : public ::testing::Test {
 protected:
  Icmpv6InputTest() {
    scene_.Assign("2001:db8::1/64");
    scene_.configuration().strict_routes = true;  // no way back for errors
    scene_.SetUpperLayer([this](Echo& echo) {
      seen_.push_back(echo.icmp().type());
      return Verdict::kConsumed;
    });
  }
  ~Icmpv6InputTest() override { EXPECT_TRUE(scene_.link().TakeSent().empty()); }

  static Ipv6 Header(uint8_t hop_limit = 255) {
    return {.source = "2001:db8::9", .destination = "2001:db8::1", .hop_limit = hop_limit};
  }

  IpScene scene_;
  Bytes seen_;  // types that came up
};

struct Type {
  const char* counter;
  bool needs_router_alert;  // MLD
  bool needs_link;          // NDP: hop limit 255, code 0
};
const std::map<unsigned, Type> kTypes{{1, {"dst_unreachable", false, false}},
                                      {2, {"packet_too_big", false, false}},
                                      {3, {"time_exceeded", false, false}},
                                      {4, {"param_problem", false, false}},
                                      {128, {"echo_request", false, false}},
                                      {129, {"echo_reply", false, false}},
                                      {130, {"multicast_listener_query", true, false}},
                                      {131, {"multicast_listener_report", true, false}},
                                      {132, {"multicast_listener_done", true, false}},
                                      {133, {"router_solicit", false, true}},
                                      {134, {"router_advert", false, true}},
                                      {135, {"neighbor_solicit", false, true}},
                                      {136, {"neighbor_advert", false, true}},
                                      {137, {"redirect_msg", false, true}},
                                      {143, {"multicast_listener_report_v2", true, false}}};

// `valid`: hop limit 255 and code 0.
Counts CountsOf(unsigned type, bool valid) {
  const auto known = kTypes.find(type);
  if (known == kTypes.end()) return With("icmp.received.unrecognized");
  Counts counts = With((std::string("icmp.received.") + known->second.counter).c_str());
  if (known->second.needs_router_alert || (known->second.needs_link && !valid)) {
    counts["icmp.received.invalid"] = 1;
  } else if (type == 133) {
    counts["icmp.received.router_only_packets_dropped_by_host"] = 1;
  }
  return counts;
}

TEST_F(Icmpv6InputTest, EveryTypeIsCountedByItsNameAndEchoesAloneGoUp) {
  const struct {
    uint8_t hop_limit;
    uint8_t code;
  } variants[] = {{255, 0}, {254, 0}, {255, 1}};
  for (const auto& v : variants) {
    const bool valid = v.hop_limit == 255 && v.code == 0;
    for (unsigned type = 0; type < 256; ++type) {
      const bool echo = type == 128 || type == 129;
      const Icmp icmp{.type = static_cast<uint8_t>(type), .code = v.code};
      Counts counts = CountsOf(type, valid);
      if (type == 2) counts["path_mtu.refused"] = 1;  // it quotes nothing
      const bool refused =
          counts.contains("icmp.received.invalid") || counts.contains("icmp.received.unrecognized");
      EXPECT_EQ(scene_.Receive(Build(Header(v.hop_limit), icmp)), echo      ? Fate::kConsumed
                                                                  : refused ? Fate::kInvalidIcmp
                                                                            : Fate::kNotWanted);
      EXPECT_EQ(scene_.TakeCounts(), counts) << type << " " << int{v.hop_limit};
      EXPECT_EQ(seen_, echo ? Bytes{static_cast<uint8_t>(type)} : Bytes()) << type;
      seen_.clear();
    }
  }
}

TEST_F(Icmpv6InputTest, FewerThanEightBytesAreInvalid) {
  for (size_t length = 0; length < 8; ++length) {
    EXPECT_EQ(scene_.Receive(Build(Header(), Bytes(length, 0x80))), Fate::kInvalidIcmp);
    EXPECT_EQ(scene_.TakeCounts(), With("icmp.received.invalid")) << length;
  }
}

TEST_F(Icmpv6InputTest, AWrongChecksumReachesNobody) {
  for (const uint8_t type : Bytes{1, 128, 129, 135}) {
    const Icmp icmp{.type = type, .payload = testing::CountingBytes(9), .wrong_checksum = true};
    EXPECT_EQ(scene_.Receive(Build(Header(), icmp)), Fate::kInvalidIcmp);
    EXPECT_EQ(scene_.TakeCounts(), With("icmp.received.invalid"));
  }
  EXPECT_TRUE(seen_.empty());
}

// RFC 8200 8.1: addresses, length and next header are covered too.
TEST_F(Icmpv6InputTest, TheChecksumCoversThePseudoHeader) {
  scene_.AddLocalPrefix("::/0");
  const Bytes right = Build(Header(), Icmp{.payload = Bytes(3, 7)});
  EXPECT_EQ(scene_.Receive(right), Fate::kConsumed);
  for (size_t at = 8; at < right.size(); ++at) {
    Bytes wrong = right;
    wrong[at] ^= 1;
    EXPECT_EQ(scene_.Receive(wrong), Fate::kInvalidIcmp) << at;
  }
  // A zero behind the message changes nothing but the length.
  Bytes longer = right;
  longer.push_back(0);
  longer[5] = static_cast<uint8_t>(longer[5] + 1);
  EXPECT_EQ(scene_.Receive(longer), Fate::kInvalidIcmp);
  // As if the IPv4 protocol number had been summed.
  Bytes of_icmpv4 = Build(Header(), Icmp{});
  base::Store16(&of_icmpv4[42], static_cast<uint16_t>(base::Load16(&of_icmpv4[42]) + 57));
  EXPECT_EQ(scene_.Receive(of_icmpv4), Fate::kInvalidIcmp);
}

// Arithmetic takes 0xffff for 0, but no sender computes it.
TEST_F(Icmpv6InputTest, AChecksumOf0xffffIsNeverRight) {
  Bytes packet = Build(Header(), Icmp{});
  // Make the right checksum 0 by the sequence number.
  const uint32_t sum = base::Load16(&packet[42]) + uint32_t{base::Load16(&packet[46])};
  base::Store16(&packet[46], static_cast<uint16_t>(sum % 0xffff));
  base::Store16(&packet[42], 0);
  EXPECT_EQ(scene_.Receive(packet), Fate::kConsumed);
  base::Store16(&packet[42], 0xffff);
  EXPECT_EQ(scene_.Receive(packet), Fate::kInvalidIcmp);
}

// RFC 2710 3, RFC 3810 5.
TEST_F(Icmpv6InputTest, MldIsValidOnlyBehindARouterAlertForIt) {
  const testing::Extension alert{0, testing::FromHex("0000 0502 0000 0100")};
  const testing::Extension another_alert{0, testing::FromHex("0000 0502 0001 0100")};
  const testing::Extension no_alert{0, testing::FromHex("0000 0104 0000 0000")};
  const testing::Extension not_hop_by_hop{60, testing::FromHex("0000 0502 0000 0100")};
  const testing::Extension fragment{44, Bytes(8)};
  const struct {
    const char* what;
    std::vector<testing::Extension> extensions;
    const char* source;
    uint8_t hop_limit;
    size_t length;
    bool valid;
  } cases[] = {
      {"right", {alert}, "fe80::9", 1, 24, true},
      {"longer", {alert, fragment}, "fe80::9", 1, 28, true},
      {"without", {}, "fe80::9", 1, 24, false},
      {"empty", {no_alert}, "fe80::9", 1, 24, false},
      {"another value", {another_alert}, "fe80::9", 1, 24, false},
      {"in the wrong header", {not_hop_by_hop}, "fe80::9", 1, 24, false},
      {"hop limit", {alert}, "fe80::9", 255, 24, false},
      {"hop limit 0", {alert}, "fe80::9", 0, 24, false},
      {"global source", {alert}, "2001:db8::9", 1, 24, false},
      {"no source", {alert}, "::", 1, 24, false},
      {"short", {alert}, "fe80::9", 1, 23, false},
      {"a bare header", {alert}, "fe80::9", 1, 8, false},
  };
  for (const auto& c : cases) {
    for (const uint8_t type : Bytes{130, 131, 132, 143}) {
      const Ipv6 ip{.source = c.source,
                    .destination = "2001:db8::1",
                    .hop_limit = c.hop_limit,
                    .extensions = c.extensions};
      const Fate fate =
          scene_.Receive(Build(ip, Icmp{.type = type, .payload = Bytes(c.length - 8)}));
      EXPECT_EQ(fate, c.valid ? Fate::kNotWanted : Fate::kInvalidIcmp) << c.what;
      Counts counts = scene_.TakeCounts();
      EXPECT_EQ(counts["icmp.received.invalid"], c.valid ? 0u : 1u) << c.what << int{type};
      EXPECT_EQ(counts[std::string("icmp.received.") + kTypes.at(type).counter], 1u) << c.what;
    }
  }
}

// RFC 6980 5.
TEST_F(Icmpv6InputTest, NdpIsInvalidBehindAFragmentHeader) {
  const testing::Extension fragment{44, Bytes(8)};
  const testing::Extension destination{60, Bytes(8)};
  for (uint8_t type = 133; type <= 137; ++type) {
    Ipv6 ip = Header();
    ip.extensions = {destination};
    EXPECT_EQ(scene_.Receive(Build(ip, Icmp{.type = type})), Fate::kNotWanted);
    EXPECT_EQ(scene_.TakeCounts(), CountsOf(type, true));
    ip.extensions = {fragment, destination};
    EXPECT_EQ(scene_.Receive(Build(ip, Icmp{.type = type})), Fate::kInvalidIcmp);
    EXPECT_EQ(scene_.TakeCounts(), CountsOf(type, false));
  }
}

TEST_F(Icmpv6InputTest, IcmpOverIpv6IsAnUnknownProtocol) {
  Ipv6 header = Header();
  header.next_header = 1;
  EXPECT_EQ(scene_.Receive(Build(header, Icmp{.type = uint8_t{8}})), Fate::kUnknownProtocol);
  EXPECT_EQ(scene_.TakeCounts(), With("unknown_protocol.1"));
}

}  // namespace
}  // namespace netstack::ip
