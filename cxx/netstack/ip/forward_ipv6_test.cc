// Forwarding of IPv6 by the reference, 2.6, and the contract, section 5.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "netstack/ip/fate.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/router_scene.h"

namespace netstack::ip {
namespace {

using base::Status;
using testing::Build;
using testing::Bytes;
using testing::Counts;
using testing::FromHex;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv6;
using testing::RouterScene;

constexpr const char* kHost = "2001:db8:1::9";    // behind NIC 1
constexpr const char* kServer = "2001:db8:2::7";  // behind NIC 2
const Bytes kPayload = testing::CountingBytes(16);
constexpr uint8_t kHopByHop = 0;

Ipv6 Udp() { return {.source = kHost, .destination = kServer, .next_header = 17}; }

// What NIC 1 counts of a packet that it does not forward, and why.
Counts NotForwarded(const std::string& reason) {
  return {{"ip.packets_received", 1},
          {"ip.valid_packets_received", 1},
          {"ip.forwarding.errors", 1},
          {"ip." + reason, 1}};
}

class ForwardIpv6Test : public ::testing::Test {
 protected:
  ForwardIpv6Test() {
    scene_.AddRoute("2001:db8:2::/48");
    in_.SetUpperLayer([this](Echo&) {
      ++asked_;
      return Verdict::kDeclined;
    });
  }

  void ExpectForwarded(Ipv6 ip, const Bytes& payload, const std::string& what,
                       const Counts& more = {}) {
    const Bytes packet = Build(ip, payload);
    ip.hop_limit = static_cast<uint8_t>(ip.hop_limit - 1);
    ip.trailer = {};
    const Bytes sent = Build(ip, payload);
    EXPECT_EQ(scene_.Receive(packet), Fate::kForwarded) << what;
    EXPECT_EQ(out_.link().TakeSent(), std::vector<Bytes>{sent}) << what;
    EXPECT_TRUE(in_.link().TakeSent().empty()) << what;
    Counts in{
        {"ip.packets_received", 1}, {"ip.valid_packets_received", 1}, {"ip.forwarding.packets", 1}};
    in.insert(more.begin(), more.end());
    EXPECT_EQ(in_.TakeCounts(), in) << what;
    EXPECT_EQ(
        out_.TakeCounts(),
        (Counts{{"ip.packets_sent", 1}, {"nic.tx.packets", 1}, {"nic.tx.bytes", sent.size()}}))
        << what;
  }
  void ExpectRefused(const Bytes& packet, const std::string& reason, const std::string& what,
                     const Counts& more = {}) {
    EXPECT_EQ(scene_.Receive(packet), Fate::kNotForwarded) << what;
    EXPECT_TRUE(out_.link().TakeSent().empty()) << what;
    EXPECT_TRUE(in_.link().TakeSent().empty()) << what;
    Counts in = NotForwarded(reason);
    in.insert(more.begin(), more.end());
    EXPECT_EQ(in_.TakeCounts(), in) << what;
    EXPECT_EQ(out_.TakeCounts(), Counts{}) << what;
  }

  RouterScene scene_;
  IpScene& in_ = scene_.in();
  IpScene& out_ = scene_.out();
  int asked_ = 0;  // what no handler shall see
};

TEST_F(ForwardIpv6Test, APacketGoesOnWithOneHopLess) {
  Ipv6 ip = Udp();
  ip.traffic_class = 0xb9;
  ip.flow_label = 0x12345;
  for (const uint8_t hop_limit : {uint8_t{2}, uint8_t{64}, uint8_t{255}}) {
    ip.hop_limit = hop_limit;
    ExpectForwarded(ip, kPayload, "Hop Limit " + std::to_string(hop_limit));
  }
}

TEST_F(ForwardIpv6Test, PaddingIsCut) {
  Ipv6 ip = Udp();
  ip.trailer = Bytes(26, 0xee);
  ExpectForwarded(ip, kPayload, "26 bytes behind Payload Length");
  ip.extensions = {{kHopByHop, FromHex("11 00 01 04 0000 0000")}};
  ExpectForwarded(ip, kPayload, "and extension headers");
}

TEST_F(ForwardIpv6Test, NoHandlerSeesWhatIsForwarded) {
  EXPECT_EQ(scene_.Receive(Build(Ipv6{.source = kHost, .destination = kServer}, Icmp{})),
            Fate::kForwarded);
  EXPECT_EQ(asked_, 0);
}

TEST_F(ForwardIpv6Test, WhatIsRefused) {
  const struct {
    const char* what;
    const char* source;
    const char* destination;
    uint8_t hop_limit;
    const char* reason;
  } cases[] = {
      {"from ::", "::", kServer, 64, "forwarding.initializing_source"},
      {"from fe80::", "fe80::1", kServer, 64, "forwarding.link_local_source"},
      {"from the end of fe80::/10", "febf::1", kServer, 64, "forwarding.link_local_source"},
      {"to fe80::", kHost, "fe80::1", 64, "forwarding.link_local_destination"},
      {"from :: first", "::", "fe80::1", 0, "forwarding.initializing_source"},
      {"from fe80:: before to", "fe80::1", "fe80::2", 0, "forwarding.link_local_source"},
      {"to fe80:: before Hop Limit", kHost, "fe80::2", 0, "forwarding.link_local_destination"},
      {"Hop Limit 0", kHost, kServer, 0, "forwarding.exhausted_ttl"},
      {"Hop Limit 1", kHost, kServer, 1, "forwarding.exhausted_ttl"},
      {"Hop Limit before route", kHost, "2001:db8:3::1", 1, "forwarding.exhausted_ttl"},
      {"no route", kHost, "2001:db8:3::1", 64, "forwarding.unrouteable"},
  };
  for (const auto& c : cases) {
    Ipv6 ip = Udp();
    ip.source = c.source;
    ip.destination = c.destination;
    ip.hop_limit = c.hop_limit;
    ExpectRefused(Build(ip, kPayload), c.reason, c.what);
  }
}

TEST_F(ForwardIpv6Test, AddressesNextToLinkLocalOnesAreForwarded) {
  scene_.AddRoute("::/0");
  Ipv6 ip = Udp();
  for (const char* const address : {"fec0::1", "fe7f::1", "fd00::1"}) {
    ip.source = address;
    ip.destination = kServer;
    ExpectForwarded(ip, kPayload, address);
    ip.source = kHost;
    ip.destination = address;
    ExpectForwarded(ip, kPayload, address);
  }
}

TEST_F(ForwardIpv6Test, GroupsAreNotForwarded) {
  scene_.AddRoute("::/0");
  Ipv6 ip = Udp();
  ip.destination = "ff0e::1";
  EXPECT_EQ(scene_.Receive(Build(ip, kPayload)), Fate::kNotOurs);
}

TEST_F(ForwardIpv6Test, OnlyWhatComesInOnANicThatForwards) {
  in_.interface().families[1].forwarding = false;
  EXPECT_EQ(scene_.Receive(Build(Udp(), kPayload)), Fate::kNotOurs);
  EXPECT_TRUE(out_.link().TakeSent().empty());
}

TEST_F(ForwardIpv6Test, HeadersForTheDestinationAreNotExamined) {
  const struct {
    const char* what;
    std::vector<testing::Extension> extensions;
    uint8_t next_header;
  } cases[] = {
      {"an unknown Destination option", {{60, FromHex("11 00 c1 04 0000 0000")}}, 17},
      {"a Routing header with segments left", {{43, FromHex("11 00 00 01 0000 0000")}}, 17},
      {"a Fragment header", {{44, FromHex("11 00 0001 0000 0007")}}, 17},
      {"a Hop-by-Hop header that comes late",
       {{60, FromHex("11 00 01 04 0000 0000")}, {kHopByHop, FromHex("11 00 c1 04 0000 0000")}},
       17},
      {"No Next Header", {}, 59},
      {"an unknown one", {}, 200},
  };
  for (const auto& c : cases) {
    Ipv6 ip = Udp();
    ip.extensions = c.extensions;
    ip.next_header = c.next_header;
    ExpectForwarded(ip, kPayload, c.what);
  }
}

TEST_F(ForwardIpv6Test, HopByHopOptionsThatLetThePacketPass) {
  const struct {
    const char* what;
    const char* header;
    Counts more;
  } cases[] = {
      {"Pad1", "11 00 00 00 00 00 00 00", {}},
      {"PadN", "11 00 01 04 0000 0000", {}},
      {"action 00", "11 00 3f 04 0000 0000", {}},
      {"Router Alert", "11 00 05 02 1234 01 00", {{"ip.option_router_alert_received", 1}}},
      {"a long one", "11 01 01 0c 0000 0000 0000 0000 0000 0000", {}},
      {"an option up to the end", "11 00 01 00 1e 02 0000", {}},
  };
  for (const auto& c : cases) {
    Ipv6 ip = Udp();
    ip.extensions = {{kHopByHop, FromHex(c.header)}};
    ExpectForwarded(ip, kPayload, c.what, c.more);
  }
}

TEST_F(ForwardIpv6Test, HopByHopOptionsThatDoNot) {
  const Counts alerted{{"ip.option_router_alert_received", 1}};
  const Counts malformed{{"ip.malformed_packets_received", 1}};
  const Counts both{{"ip.option_router_alert_received", 1}, {"ip.malformed_packets_received", 1}};
  const struct {
    const char* what;
    const char* header;
    Counts more;
  } cases[] = {
      {"action 01", "11 00 7f 04 0000 0000", {}},
      {"action 10", "11 00 bf 04 0000 0000", {}},
      {"action 11", "11 00 ff 04 0000 0000", {}},
      {"action 01 behind Router Alert", "11 00 05 02 0000 7f 00", alerted},
      {"no length", "11 00 01 03 000000 3f", malformed},
      {"longer than the header", "11 00 3f 05 0000 0000", malformed},
      {"PadN longer than the header", "11 00 01 05 0000 0000", malformed},
      {"Router Alert of 1", "11 00 05 01 00 00 00 00", malformed},
      {"Router Alert of 4", "11 00 05 04 0000 0000", malformed},
      {"two Router Alerts", "11 01 05 02 0000 05 02 0000 01 04 0000 0000", both},
  };
  for (const auto& c : cases) {
    Ipv6 ip = Udp();
    ip.extensions = {{kHopByHop, FromHex(c.header)}};
    ExpectRefused(Build(ip, kPayload), "forwarding.extension_header_problem", c.what, c.more);
  }
}

TEST_F(ForwardIpv6Test, ASecondHopByHopHeaderIsAProblem) {
  Ipv6 ip = Udp();
  ip.extensions = {{kHopByHop, FromHex("11 00 01 04 0000 0000")},
                   {kHopByHop, FromHex("11 00 01 04 0000 0000")}};
  ExpectRefused(Build(ip, kPayload), "forwarding.extension_header_problem", "two");
}

TEST_F(ForwardIpv6Test, TheFirstHeaderAndTheOneBehindHopByHopMustBeWhole) {
  const Counts malformed{{"ip.malformed_packets_received", 1}};
  const struct {
    uint8_t number;
    const char* header;  // its first byte too
    bool whole;
  } cases[] = {
      {0, "", false},
      {0, "11", false},
      {0, "11000104000000", false},
      {43, "1100000000000000", true},
      {43, "11000000000000", false},
      {43, "1101000000000000", false},
      {60, "1100010400000000", true},
      {60, "11", false},
      {44, "1100000100000007", true},
      {44, "11000001000000", false},
      {253, "1100000000000000", true},
      {253, "11ff000000000000", true},
      {253, "", false},
      {59, "", true},
      {17, "", true},
      {51, "11", true},
      {50, "", true},
  };
  for (const auto& c : cases) {
    const Bytes header = FromHex(c.header);
    Ipv6 ip = Udp();
    ip.next_header = c.number;
    const std::string what = std::to_string(c.number) + " " + c.header;
    if (c.whole) {
      ExpectForwarded(ip, header, what);
    } else {
      ExpectRefused(Build(ip, header), "forwarding.extension_header_problem", what, malformed);
    }
    if (c.number == kHopByHop) continue;
    ip.extensions = {{kHopByHop, FromHex("11 00 01 04 0000 0000")}};
    if (c.whole) {
      ExpectForwarded(ip, header, "behind Hop-by-Hop: " + what);
    } else {
      ExpectRefused(Build(ip, header), "forwarding.extension_header_problem",
                    "behind Hop-by-Hop: " + what, malformed);
    }
  }
}

TEST_F(ForwardIpv6Test, HopByHopComesBeforeTheRoute) {
  Ipv6 ip = Udp();
  ip.destination = "2001:db8:3::1";
  ip.extensions = {{kHopByHop, FromHex("11 00 ff 04 0000 0000")}};
  ExpectRefused(Build(ip, kPayload), "forwarding.extension_header_problem", "no route either");
}

TEST_F(ForwardIpv6Test, AFullLinkIsNoBufferSpace) {
  out_.link().set_full(true);
  EXPECT_EQ(scene_.Receive(Build(Udp(), kPayload)), Fate::kNotForwarded);
  EXPECT_EQ(in_.TakeCounts(), NotForwarded("forwarding.outgoing_device_no_buffer_space"));
}

TEST_F(ForwardIpv6Test, AClosedLinkIsClosedForSend) {
  out_.link().set_answer(Status::kClosed);
  EXPECT_EQ(scene_.Receive(Build(Udp(), kPayload)), Fate::kNotForwarded);
  EXPECT_EQ(in_.TakeCounts(), NotForwarded("forwarding.outgoing_device_closed_for_send"));
}

TEST(ForwardIpv6Mtu, WhatIsLongerIsTooBig) {
  RouterScene scene(1280);
  scene.AddRoute("2001:db8:2::/48");
  EXPECT_EQ(scene.Receive(Build(Udp(), Bytes(1280 - 40))), Fate::kForwarded) << "just the MTU";
  scene.in().TakeCounts();
  EXPECT_EQ(scene.Receive(Build(Udp(), Bytes(1281 - 40))), Fate::kNotForwarded);
  EXPECT_EQ(scene.in().TakeCounts(), NotForwarded("forwarding.packet_too_big"));
  EXPECT_EQ(scene.out().link().TakeSent().size(), 1u);
}

TEST(ForwardIpv6Mtu, NothingLeavesByALinkThatIsNoneForIpv6) {
  RouterScene scene(1279);
  scene.AddRoute("2001:db8:2::/48");
  for (const size_t size : {0u, 1400u}) {
    EXPECT_EQ(scene.Receive(Build(Udp(), Bytes(size))), Fate::kNotForwarded);
    EXPECT_EQ(scene.in().TakeCounts(), (Counts{{"ip.packets_received", 1},
                                               {"ip.valid_packets_received", 1},
                                               {"ip.forwarding.errors", 1}}));
    EXPECT_EQ(scene.out().TakeCounts(), (Counts{{"ip.outgoing_packet_errors", 1}}));
  }
}

// Those of another NIC.
class ForwardIpv6ToOwnerTest : public ForwardIpv6Test {
 protected:
  ForwardIpv6ToOwnerTest() { out_.Assign("2001:db8:2::1/64"); }
};

TEST_F(ForwardIpv6ToOwnerTest, AnotherNicsAddressIsAnsweredWhereTheRequestCameIn) {
  in_.SetUpperLayer([&](Echo& echo) {
    EXPECT_EQ(echo.packet().nic, RouterScene::kIn);
    EXPECT_EQ(echo.packet().ttl(), 2) << "not lowered";
    EXPECT_TRUE(echo.packet().arrival.at_assigned());
    return Verdict::kDeclined;
  });
  const Ipv6 ip{.source = kHost, .destination = "2001:db8:2::1", .hop_limit = 2};
  EXPECT_EQ(scene_.Receive(Build(ip, Icmp{})), Fate::kAnswered);
  EXPECT_EQ(in_.link().TakeSent(),
            std::vector<Bytes>{
                Build(Ipv6{.source = "2001:db8:2::1", .destination = kHost}, Icmp{.type = 129})});
  EXPECT_TRUE(out_.link().TakeSent().empty());
  EXPECT_EQ(out_.TakeCounts(), (Counts{{"ip.valid_packets_received", 1}}));
  const Counts in = in_.TakeCounts();
  EXPECT_EQ(in.at("ip.valid_packets_received"), 1u) << "on both";
  EXPECT_EQ(in.at("ip.packets_delivered"), 1u);
  EXPECT_FALSE(in.contains("ip.forwarding.packets"));
}

TEST_F(ForwardIpv6ToOwnerTest, TheLastHopIsRefusedUnlikeInIpv4) {
  const Ipv6 ip{.source = kHost, .destination = "2001:db8:2::1", .hop_limit = 1};
  ExpectRefused(Build(ip, Icmp{}), "forwarding.exhausted_ttl", "Hop Limit 1");
}

}  // namespace
}  // namespace netstack::ip
