// Forwarding of IPv4 by the reference, 1.7, and the contract, section 5.
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
using testing::FromText;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;
using testing::RouterScene;

constexpr const char* kHost = "192.0.2.9";       // behind NIC 1
constexpr const char* kServer = "198.51.100.7";  // behind NIC 2
const Bytes kPayload = testing::CountingBytes(16);
const Counts kNothing{};

Ipv4 Udp() { return {.source = kHost, .destination = kServer, .protocol = 17}; }

// What NIC 1 counts of a packet that it does not forward, and why.
Counts NotForwarded(const std::string& reason) {
  return {{"ip.packets_received", 1},
          {"ip.valid_packets_received", 1},
          {"ip.forwarding.errors", 1},
          {"ip." + reason, 1}};
}

class ForwardIpv4Test : public ::testing::Test {
 protected:
  ForwardIpv4Test() {
    scene_.AddRoute("198.51.100.0/24");
    in_.SetUpperLayer([this](Echo&) {
      ++asked_;
      return Verdict::kDeclined;
    });
  }

  void ExpectForwarded(const Bytes& packet, const Bytes& sent, const std::string& what) {
    EXPECT_EQ(scene_.Receive(packet), Fate::kForwarded) << what;
    EXPECT_EQ(out_.link().TakeSent(), std::vector<Bytes>{sent}) << what;
    EXPECT_TRUE(in_.link().TakeSent().empty()) << what;
    EXPECT_EQ(in_.TakeCounts(), (Counts{{"ip.packets_received", 1},
                                        {"ip.valid_packets_received", 1},
                                        {"ip.forwarding.packets", 1}}))
        << what;
    EXPECT_EQ(
        out_.TakeCounts(),
        (Counts{{"ip.packets_sent", 1}, {"nic.tx.packets", 1}, {"nic.tx.bytes", sent.size()}}))
        << what;
  }
  void ExpectRefused(const Bytes& packet, const std::string& reason, const std::string& what) {
    EXPECT_EQ(scene_.Receive(packet), Fate::kNotForwarded) << what;
    EXPECT_TRUE(out_.link().TakeSent().empty()) << what;
    EXPECT_TRUE(in_.link().TakeSent().empty()) << what;
    EXPECT_EQ(in_.TakeCounts(), NotForwarded(reason)) << what;
    EXPECT_EQ(out_.TakeCounts(), kNothing) << what;
  }

  RouterScene scene_;
  IpScene& in_ = scene_.in();
  IpScene& out_ = scene_.out();
  int asked_ = 0;  // what no handler shall see
};

TEST_F(ForwardIpv4Test, APacketGoesOnWithOneHopLess) {
  Ipv4 ip = Udp();
  ip.tos = 0xb9;
  ip.identification = 0xbeef;
  ip.dont_fragment = true;
  for (const uint8_t ttl : {uint8_t{2}, uint8_t{64}, uint8_t{255}}) {
    ip.ttl = ttl;
    const Bytes packet = Build(ip, kPayload);
    ip.ttl = static_cast<uint8_t>(ttl - 1);
    ExpectForwarded(packet, Build(ip, kPayload), "TTL " + std::to_string(ttl));
  }
}

// Every value of a header word, so that each carry of the patched checksum occurs.
TEST_F(ForwardIpv4Test, TheChecksumIsRightWhateverTheHeader) {
  Ipv4 ip = Udp();
  for (uint32_t identification = 0; identification < 0x10000; ++identification) {
    ip.identification = static_cast<uint16_t>(identification);
    ip.ttl = 64;
    ASSERT_EQ(scene_.Receive(Build(ip, Bytes())), Fate::kForwarded);
    ip.ttl = 63;
    ASSERT_EQ(out_.link().TakeSent(), std::vector<Bytes>{Build(ip, Bytes())}) << identification;
  }
}

TEST_F(ForwardIpv4Test, PaddingIsCut) {
  Ipv4 ip = Udp();
  ip.trailer = Bytes(26, 0xee);
  const Bytes packet = Build(ip, kPayload);
  ip.trailer = {};
  ip.ttl = 63;
  ExpectForwarded(packet, Build(ip, kPayload), "26 bytes behind Total Length");
}

TEST_F(ForwardIpv4Test, OptionsKeepTheirRoom) {
  Ipv4 ip = Udp();
  ip.options = Bytes(8, 0);
  const Bytes packet = Build(ip, kPayload);
  ip.ttl = 63;
  ExpectForwarded(packet, Build(ip, kPayload), "End of Options List and its padding");
}

TEST_F(ForwardIpv4Test, WhatIsInsideIsNotLookedAt) {
  Ipv4 ip{.source = kHost, .destination = kServer};
  const auto on = [](Ipv4 sent) {
    sent.ttl = 63;
    return sent;
  };
  const Icmp bad{.payload = FromText("abcd"), .wrong_checksum = true};
  ExpectForwarded(Build(ip, bad), Build(on(ip), bad), "a wrong ICMP checksum");
  ip.protocol = 17;
  const Bytes unsummed{0, 1, 0, 2, 0, 8, 0, 0};
  ExpectForwarded(Build(ip, unsummed), Build(on(ip), unsummed), "UDP without a checksum");
  ip.protocol = 58;
  ExpectForwarded(Build(ip, kPayload), Build(on(ip), kPayload), "ICMPv6");
  ip.protocol = 2;
  ExpectForwarded(Build(ip, Bytes()), Build(on(ip), Bytes()), "nothing");
}

TEST_F(ForwardIpv4Test, FragmentsGoOnAsTheyAre) {
  Ipv4 ip = Udp();
  ip.identification = 9;
  ip.fragment_offset = 1480;
  for (const bool more : {false, true}) {
    ip.more_fragments = more;
    ip.ttl = 64;
    const Bytes packet = Build(ip, kPayload);
    ip.ttl = 63;
    ExpectForwarded(packet, Build(ip, kPayload), more ? "a middle one" : "the last");
  }
}

TEST_F(ForwardIpv4Test, NoHandlerSeesWhatIsForwarded) {
  Ipv4 ip{.source = kHost, .destination = kServer};
  const Bytes packet = Build(ip, Icmp{});
  ip.ttl = 63;
  ExpectForwarded(packet, Build(ip, Icmp{}), "an Echo Request");
  EXPECT_EQ(asked_, 0);
}

TEST_F(ForwardIpv4Test, TheLongestRouteOverAnEnabledNicLeads) {
  const Bytes packet = Build(Udp(), kPayload);
  const auto leaves_by = [&] {
    scene_.Receive(packet);
    const bool in = !in_.link().TakeSent().empty();
    const bool out = !out_.link().TakeSent().empty();
    return in && out ? "both" : in ? "in" : out ? "out" : "none";
  };
  scene_.AddRoute("198.51.100.0/25", RouterScene::kIn);
  EXPECT_STREQ(leaves_by(), "in") << "the longest";
  scene_.AddRoute("198.51.100.7/32", RouterScene::kOut);
  EXPECT_STREQ(leaves_by(), "out") << "a longer one";
  scene_.AddRoute("198.51.100.7/32", RouterScene::kIn);
  EXPECT_STREQ(leaves_by(), "out") << "the oldest of equals";
  out_.interface().enabled = false;
  EXPECT_STREQ(leaves_by(), "in") << "the next of equals";
  in_.interface().enabled = false;  // which the NIC would have noticed
  EXPECT_STREQ(leaves_by(), "none");
}

TEST_F(ForwardIpv4Test, APacketMayLeaveByTheNicThatItCameInOn) {
  scene_.AddRoute("203.0.113.0/24", RouterScene::kIn);
  Ipv4 ip = Udp();
  ip.destination = "203.0.113.1";
  const Bytes packet = Build(ip, kPayload);
  ip.ttl = 63;
  EXPECT_EQ(scene_.Receive(packet), Fate::kForwarded);
  EXPECT_EQ(in_.link().TakeSent(), std::vector<Bytes>{Build(ip, kPayload)}) << "and no Redirect";
}

TEST_F(ForwardIpv4Test, WhatIsRefused) {
  const struct {
    const char* what;
    const char* source;
    const char* destination;
    uint8_t ttl;
    const char* reason;
  } cases[] = {
      {"0.0.0.0", "0.0.0.0", kServer, 64, "forwarding.initializing_source"},
      {"the end of 0/8", "0.255.255.255", kServer, 64, "forwarding.initializing_source"},
      {"0/8 before TTL 0", "0.0.0.1", kServer, 0, "forwarding.initializing_source"},
      {"0/8 before no route", "0.0.0.1", "203.0.113.1", 64, "forwarding.initializing_source"},
      {"TTL 0", kHost, kServer, 0, "forwarding.exhausted_ttl"},
      {"TTL 1", kHost, kServer, 1, "forwarding.exhausted_ttl"},
      {"TTL 1 before no route", kHost, "203.0.113.1", 1, "forwarding.exhausted_ttl"},
      {"no route", kHost, "203.0.113.1", 64, "forwarding.unrouteable"},
      {"no route to 0.0.0.0", kHost, "0.0.0.0", 64, "forwarding.unrouteable"},
  };
  for (const auto& c : cases) {
    Ipv4 ip = Udp();
    ip.source = c.source;
    ip.destination = c.destination;
    ip.ttl = c.ttl;
    ExpectRefused(Build(ip, kPayload), c.reason, c.what);
  }
}

TEST_F(ForwardIpv4Test, LinkLocalAddressesAreForwarded) {
  scene_.AddRoute("169.254.0.0/16");
  Ipv4 ip = Udp();
  ip.source = "169.254.1.2";
  ip.destination = "169.254.3.4";
  const Bytes packet = Build(ip, kPayload);
  ip.ttl = 63;
  ExpectForwarded(packet, Build(ip, kPayload), "169.254/16");
}

TEST_F(ForwardIpv4Test, GroupsAreNotForwarded) {
  scene_.AddRoute("0.0.0.0/0");
  Ipv4 ip = Udp();
  ip.destination = "233.252.0.1";
  EXPECT_EQ(scene_.Receive(Build(ip, kPayload)), Fate::kNotOurs);
  EXPECT_TRUE(out_.link().TakeSent().empty());
}

TEST_F(ForwardIpv4Test, OnlyWhatComesInOnANicThatForwards) {
  in_.interface().families[0].forwarding = false;
  EXPECT_EQ(scene_.Receive(Build(Udp(), kPayload)), Fate::kNotOurs);
  EXPECT_EQ(in_.TakeCounts(), (Counts{{"ip.packets_received", 1},
                                      {"ip.valid_packets_received", 1},
                                      {"ip.invalid_destination_addresses_received", 1}}));
}

TEST_F(ForwardIpv4Test, WhatIsOursIsNotForwarded) {
  in_.Assign("198.51.100.7/32");
  EXPECT_EQ(scene_.Receive(Build(Udp(), kPayload)), Fate::kUnknownProtocol);
  in_.interface().promiscuous = true;
  Ipv4 ip = Udp();
  ip.destination = "198.51.100.8";
  EXPECT_EQ(scene_.Receive(Build(ip, kPayload)), Fate::kUnknownProtocol) << "a temporary address";
  EXPECT_TRUE(out_.link().TakeSent().empty());
}

TEST_F(ForwardIpv4Test, WhatTheLinkRefuses) {
  const struct {
    Status answer;
    Counts in;
    Counts out;
  } cases[] = {
      {Status::kWouldBlock,
       {{"ip.forwarding.outgoing_device_no_buffer_space", 1}},
       {{"nic.tx_packets_dropped_no_buffer_space", 1}}},
      {Status::kClosed, {{"ip.forwarding.outgoing_device_closed_for_send", 1}}, {}},
      {Status::kInternal, {}, {}},
  };
  for (const auto& c : cases) {
    out_.link().set_answer(c.answer);
    EXPECT_EQ(scene_.Receive(Build(Udp(), kPayload)), Fate::kNotForwarded);
    Counts in = c.in;
    in.merge(Counts{
        {"ip.packets_received", 1}, {"ip.valid_packets_received", 1}, {"ip.forwarding.errors", 1}});
    Counts out = c.out;
    out["ip.outgoing_packet_errors"] = 1;
    EXPECT_EQ(in_.TakeCounts(), in);
    EXPECT_EQ(out_.TakeCounts(), out);
  }
}

TEST_F(ForwardIpv4Test, AFullLinkIsNoBufferSpace) {
  out_.link().set_full(true);
  EXPECT_EQ(scene_.Receive(Build(Udp(), kPayload)), Fate::kNotForwarded);
  EXPECT_EQ(in_.TakeCounts()["ip.forwarding.outgoing_device_no_buffer_space"], 1u);
}

TEST(ForwardIpv4Mtu, WhatMayNotBeCutIsTooBig) {
  RouterScene scene(576);
  scene.AddRoute("198.51.100.0/24");
  Ipv4 ip = Udp();
  ip.dont_fragment = true;
  EXPECT_EQ(scene.Receive(Build(ip, Bytes(576 - 20))), Fate::kForwarded) << "just the MTU";
  scene.in().TakeCounts();
  EXPECT_EQ(scene.Receive(Build(ip, Bytes(577 - 20))), Fate::kNotForwarded);
  EXPECT_EQ(scene.in().TakeCounts(), NotForwarded("forwarding.packet_too_big"));
  EXPECT_EQ(scene.out().link().TakeSent().size(), 1u);
}

TEST(ForwardIpv4Mtu, NothingLeavesByALinkThatIsNoneForIpv4) {
  RouterScene scene(67);
  scene.AddRoute("198.51.100.0/24");
  for (const bool dont_fragment : {false, true}) {
    Ipv4 ip = Udp();
    ip.dont_fragment = dont_fragment;
    for (const size_t size : {0u, 100u}) {
      EXPECT_EQ(scene.Receive(Build(ip, Bytes(size))), Fate::kNotForwarded);
      EXPECT_EQ(scene.in().TakeCounts(), (Counts{{"ip.packets_received", 1},
                                                 {"ip.valid_packets_received", 1},
                                                 {"ip.forwarding.errors", 1}}));
      EXPECT_EQ(scene.out().TakeCounts(), (Counts{{"ip.outgoing_packet_errors", 1}}));
    }
  }
}

// Those of another NIC: reference, 1.7 step 4.
class ForwardIpv4ToOwnerTest : public ForwardIpv4Test {
 protected:
  ForwardIpv4ToOwnerTest() { out_.Assign("198.51.100.1/24"); }
};

TEST_F(ForwardIpv4ToOwnerTest, AnotherNicsAddressIsAnsweredWhereTheRequestCameIn) {
  in_.SetUpperLayer([&](Echo& echo) {
    EXPECT_EQ(echo.packet().nic, RouterScene::kIn);
    EXPECT_EQ(echo.packet().ttl(), 1) << "not lowered";
    EXPECT_TRUE(echo.packet().arrival.at_assigned());
    return Verdict::kDeclined;
  });
  const Ipv4 ip{.source = kHost, .destination = "198.51.100.1", .ttl = 1};
  EXPECT_EQ(scene_.Receive(Build(ip, Icmp{})), Fate::kAnswered);
  EXPECT_EQ(in_.link().TakeSent(),
            std::vector<Bytes>{
                Build(Ipv4{.source = "198.51.100.1", .destination = kHost}, Icmp{.type = 0})});
  EXPECT_TRUE(out_.link().TakeSent().empty());
  EXPECT_EQ(out_.TakeCounts(), (Counts{{"ip.valid_packets_received", 1}}));
  const Counts in = in_.TakeCounts();
  EXPECT_EQ(in.at("ip.valid_packets_received"), 1u) << "on both";
  EXPECT_EQ(in.at("ip.packets_delivered"), 1u);
  EXPECT_FALSE(in.contains("ip.forwarding.packets"));
  EXPECT_FALSE(in.contains("ip.forwarding.errors"));
}

TEST_F(ForwardIpv4ToOwnerTest, ThatNicsBroadcastAddressIsOne) {
  packet::Arrival arrival;
  in_.SetUpperLayer([&](Echo& echo) {
    arrival = echo.packet().arrival;
    return Verdict::kDeclined;
  });
  const Ipv4 ip{.source = kHost, .destination = "198.51.100.255"};
  EXPECT_EQ(scene_.Receive(Build(ip, Icmp{})), Fate::kNotAnswered);
  EXPECT_TRUE(arrival.broadcast);
}

// RFC 1122 3.2.2: whatever is wrong with it.
TEST_F(ForwardIpv4ToOwnerTest, NoErrorIsAboutAPacketToThatNicsBroadcastAddress) {
  in_.Assign("192.0.2.1/24");
  const struct {
    uint8_t ttl;
    const char* options;
    uint8_t protocol;
    Fate fate;
  } cases[] = {{0, "", 17, Fate::kNotForwarded},
               {64, "94040001", 17, Fate::kNotForwarded},
               {64, "", 17, Fate::kUnknownProtocol}};
  for (const auto& test : cases) {
    for (const char* destination : {"198.51.100.1", "198.51.100.255"}) {
      const Ipv4 ip{.source = kHost,
                    .destination = destination,
                    .ttl = test.ttl,
                    .protocol = test.protocol,
                    .options = testing::FromHex(test.options)};
      EXPECT_EQ(scene_.Receive(Build(ip, kPayload)), test.fate);
      EXPECT_EQ(in_.link().TakeSent().size(), ip.destination.ends_with(".1") ? 1u : 0u)
          << destination << ", TTL " << int{test.ttl};
    }
  }
}

TEST_F(ForwardIpv4ToOwnerTest, ThatNicsBroadcastAddressIsNobodysSource) {
  const Ipv4 ip{.source = "198.51.100.255", .destination = "198.51.100.1"};
  EXPECT_EQ(scene_.Receive(Build(ip, Icmp{})), Fate::kInvalidSource);
  EXPECT_EQ(out_.TakeCounts(), (Counts{{"ip.valid_packets_received", 1},
                                       {"ip.invalid_source_addresses_received", 1}}));
  EXPECT_EQ(asked_, 0);
}

TEST_F(ForwardIpv4ToOwnerTest, WhatComesFirst) {
  Ipv4 ip{.source = kHost, .destination = "198.51.100.1", .ttl = 0};
  ExpectRefused(Build(ip, Icmp{}), "forwarding.exhausted_ttl", "TTL 0");
  ip.ttl = 64;
  ip.source = "0.0.0.0";
  ExpectRefused(Build(ip, Icmp{}), "forwarding.initializing_source", "0.0.0.0");
}

TEST_F(ForwardIpv4ToOwnerTest, ADisabledNicOwnsNothing) {
  out_.interface().enabled = false;
  const Ipv4 ip{.source = kHost, .destination = "198.51.100.1"};
  ExpectRefused(Build(ip, Icmp{}), "forwarding.unrouteable", "disabled");
}

TEST_F(ForwardIpv4ToOwnerTest, WhatANicTakesWithoutOwningItGoesOverItsLink) {
  out_.AddLocalPrefix("198.51.100.0/24");
  out_.interface().promiscuous = true;
  Ipv4 ip = Udp();
  const Bytes packet = Build(ip, kPayload);
  ip.ttl = 63;
  ExpectForwarded(packet, Build(ip, kPayload), "a temporary address there");
}

}  // namespace
}  // namespace netstack::ip
