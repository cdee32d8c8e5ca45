// IPv6's checks, in the order and with the counters of the reference, sections
// 2.1 to 2.3.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "netstack/ip/destination.h"
#include "netstack/ip/input.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"

namespace netstack::ip {
namespace {

using testing::Build;
using testing::Bytes;
using testing::Counts;
using testing::IpScene;
using testing::Ipv6;

Ipv6 Udp(std::string_view source = "2001:db8::9", std::string_view destination = "2001:db8::1") {
  return {.source = source, .destination = destination, .next_header = 17};
}
const Bytes kPayload = testing::CountingBytes(16);

const Counts kDelivered{{"ip.packets_received", 1},
                        {"ip.valid_packets_received", 1},
                        {"ip.packets_delivered", 1},
                        {"unknown_protocol.17", 1}};
const Counts kMalformed{{"ip.packets_received", 1}, {"ip.malformed_packets_received", 1}};
const Counts kMartianSource{{"ip.packets_received", 1},
                            {"ip.invalid_source_addresses_received", 1}};
const Counts kMartianDestination{{"ip.packets_received", 1},
                                 {"ip.invalid_destination_addresses_received", 1}};
const Counts kBothMartian{{"ip.packets_received", 1},
                          {"ip.invalid_source_addresses_received", 1},
                          {"ip.invalid_destination_addresses_received", 1}};
const Counts kInvalidSource{{"ip.packets_received", 1},
                            {"ip.valid_packets_received", 1},
                            {"ip.invalid_source_addresses_received", 1}};
const Counts kNotOurs{{"ip.packets_received", 1},
                      {"ip.valid_packets_received", 1},
                      {"ip.invalid_destination_addresses_received", 1}};

class Ipv6InputTest : public ::testing::Test {
 protected:
  Ipv6InputTest() {
    scene_.Assign("2001:db8::1/64");
    scene_.configuration().strict_routes = true;  // no way back for errors
  }
  ~Ipv6InputTest() override { EXPECT_TRUE(scene_.link().TakeSent().empty()); }

  void Expect(const Bytes& packet, Fate fate, const Counts& counts, const std::string& what) {
    EXPECT_EQ(scene_.Receive(Bytes(packet)), fate) << what;
    EXPECT_EQ(scene_.TakeCounts(), counts) << what;
  }
  bool Classify(packet::Packet* packet) {
    const Context context = scene_.context();
    const wire::Address destination = packet->destination;
    return ClassifyDestination(context, packet->family, destination,
                               context.interface.of(packet->family).addresses.Find(destination),
                               &packet->arrival);
  }

  IpScene scene_;
};

TEST_F(Ipv6InputTest, AWholePacketIsDelivered) {
  Expect(Build(Udp(), kPayload), Fate::kUnknownProtocol, kDelivered, "with payload");
  Expect(Build(Udp(), Bytes()), Fate::kUnknownProtocol, kDelivered, "without");
}

TEST_F(Ipv6InputTest, PacketsCutOffAnywhereAreMalformed) {
  const Bytes whole = Build(Udp(), kPayload);
  for (size_t length = 1; length < whole.size(); ++length) {
    Expect(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)), Fate::kMalformed,
           kMalformed, std::to_string(length) + " bytes");
  }
}

TEST_F(Ipv6InputTest, PayloadLengthBeyondThePacketIsMalformed) {
  for (const uint16_t length : std::vector<uint16_t>{17, 1000, 65535}) {
    Ipv6 ip = Udp();
    ip.payload_length = length;
    Expect(Build(ip, kPayload), Fate::kMalformed, kMalformed, std::to_string(length));
  }
}

TEST_F(Ipv6InputTest, BytesBehindPayloadLengthAreCutOff) {
  size_t length = 0;
  scene_.SetUpperLayer([&](Echo& echo) {
    length = echo.packet().length;
    return Verdict::kConsumed;
  });
  Ipv6 ip = Udp();
  ip.next_header = 58;
  ip.trailer = Bytes(30, 0xaa);
  ip.payload_length = uint16_t{24};
  EXPECT_EQ(scene_.Receive(Build(ip, testing::Icmp{.payload = kPayload})), Fate::kConsumed);
  EXPECT_EQ(length, 40u + 8u + 16u);
}

TEST_F(Ipv6InputTest, WhatIsNotChecked) {
  for (const uint8_t hop_limit : Bytes{0, 1, 255}) {
    Ipv6 ip = Udp();
    ip.hop_limit = hop_limit;
    ip.traffic_class = 0xff;
    ip.flow_label = 0xfffff;
    Expect(Build(ip, kPayload), Fate::kUnknownProtocol, kDelivered, std::to_string(hop_limit));
  }
}

struct AddressCase {
  const char* source;
  const char* destination;
  Fate fate;
  const Counts* counts;
};

const AddressCase kAddressCases[] = {
    // RFC 4291 2.5.5.2: never on the wire. Both ends are counted.
    {"::ffff:192.0.2.9", "2001:db8::1", Fate::kInvalidSource, &kMartianSource},
    {"2001:db8::9", "::ffff:192.0.2.1", Fate::kInvalidDestination, &kMartianDestination},
    {"::ffff:192.0.2.9", "::ffff:192.0.2.1", Fate::kInvalidSource, &kBothMartian},
    {"::fffe:c000:201", "2001:db8::1", Fate::kUnknownProtocol, &kDelivered},
    // RFC 4291 2.5.3: never from outside. The source is looked at first.
    {"::1", "2001:db8::1", Fate::kInvalidSource, &kMartianSource},
    {"2001:db8::9", "::1", Fate::kInvalidDestination, &kMartianDestination},
    {"::1", "::1", Fate::kInvalidSource, &kMartianSource},
    {"::2", "2001:db8::1", Fate::kUnknownProtocol, &kDelivered},
    // RFC 4291 2.7: no group sends.
    {"ff02::1", "2001:db8::1", Fate::kInvalidSource, &kInvalidSource},
    {"ff0e::1234", "2001:db8::1", Fate::kInvalidSource, &kInvalidSource},
    {"::", "2001:db8::1", Fate::kUnknownProtocol, &kDelivered},
    {"2001:db8::1", "2001:db8::1", Fate::kUnknownProtocol, &kDelivered},
    {"2001:db8::9", "2001:db8::2", Fate::kNotOurs, &kNotOurs},
    {"2001:db8::9", "::", Fate::kNotOurs, &kNotOurs},
    {"2001:db8::9", "ff02::1", Fate::kUnknownProtocol, &kDelivered},
    {"2001:db8::9", "ff02::1:ff00:1", Fate::kUnknownProtocol, &kDelivered},
    {"2001:db8::9", "ff02::1:ff00:2", Fate::kNotOurs, &kNotOurs},
    {"2001:db8::9", "ff02::2", Fate::kNotOurs, &kNotOurs},
    {"2001:db8::9", "ff02::fb", Fate::kUnknownProtocol, &kDelivered},  // joined below
    // IPv6 has no broadcast address.
    {"2001:db8::ffff:ffff:ffff:ffff", "2001:db8::1", Fate::kUnknownProtocol, &kDelivered},
};

TEST_F(Ipv6InputTest, SourcesAndDestinations) {
  scene_.Join("ff02::fb");
  for (const AddressCase& c : kAddressCases) {
    Expect(Build(Udp(c.source, c.destination), kPayload), c.fate, *c.counts,
           std::string(c.source) + " to " + c.destination);
  }
}

TEST_F(Ipv6InputTest, TheLoopbackAddressFromOutsideByOption) {
  scene_.configuration().allow_loopback = true;
  Ipv6 from_loopback = Udp("::1");
  from_loopback.next_header = 59;  // no error goes back there
  Expect(Build(from_loopback, kPayload), Fate::kNotWanted,
         {{"ip.packets_received", 1}, {"ip.valid_packets_received", 1}}, "source");
  Expect(Build(Udp("2001:db8::9", "::1"), kPayload), Fate::kNotOurs, kNotOurs, "destination");
  Expect(Build(Udp("::ffff:1.2.3.4"), kPayload), Fate::kInvalidSource, kMartianSource, "mapped");
}

TEST_F(Ipv6InputTest, OurOwnAddressesAsSourcesByOption) {
  scene_.configuration().check_local_source = true;
  scene_.interface().promiscuous = true;
  Expect(Build(Udp("2001:db8::1"), kPayload), Fate::kInvalidSource, kMartianSource, "ours");
  Expect(Build(Udp("2001:db8::2"), kPayload), Fate::kUnknownProtocol, kDelivered, "not ours");
  Expect(Build(Udp("ff02::1"), kPayload), Fate::kInvalidSource, kInvalidSource, "a group");
}

TEST_F(Ipv6InputTest, APromiscuousNicTakesEveryUnicastDestination) {
  scene_.interface().promiscuous = true;
  Expect(Build(Udp("2001:db8::9", "2400::1"), kPayload), Fate::kUnknownProtocol, kDelivered, "any");
  Expect(Build(Udp("2001:db8::9", "ff02::2"), kPayload), Fate::kNotOurs, kNotOurs, "a group");
  Expect(Build(Udp("2001:db8::9", "::1"), kPayload), Fate::kInvalidDestination, kMartianDestination,
         "loopback");
}

TEST_F(Ipv6InputTest, ALocalPrefixTakesItsAddressesAndNoGroups) {
  scene_.AddLocalPrefix("fd00::/8");
  scene_.AddLocalPrefix("::/0");
  scene_.AddLocalPrefix("ff00::/8");
  Expect(Build(Udp("2001:db8::9", "fd00::7"), kPayload), Fate::kUnknownProtocol, kDelivered, "in");
  Expect(Build(Udp("2001:db8::9", "ff02::2"), kPayload), Fate::kNotOurs, kNotOurs, "a group");
}

TEST_F(Ipv6InputTest, ATemporaryDestinationIsMarked) {
  scene_.AddLocalPrefix("2001:db8::/32");
  const struct {
    const char* destination;
    bool temporary;
    bool multicast;
  } cases[] = {{"2001:db8::1", false, false},
               {"2001:db8::2", true, false},
               {"ff02::1", false, true},
               {"ff02::1:ff00:1", false, true}};
  for (const auto& c : cases) {
    packet::Packet packet;
    packet.family = wire::Family::kIpv6;
    packet.destination = testing::AddressOf(c.destination);
    EXPECT_TRUE(Classify(&packet));
    EXPECT_EQ(packet.arrival.temporary, c.temporary) << c.destination;
    EXPECT_EQ(packet.arrival.multicast, c.multicast) << c.destination;
    EXPECT_FALSE(packet.arrival.broadcast) << c.destination;
  }
}

// Reference, 2.4: silently fine, nothing is counted as delivered.
TEST_F(Ipv6InputTest, NoNextHeaderEndsThePacket) {
  Ipv6 ip = Udp();
  ip.next_header = 59;
  Expect(Build(ip, kPayload), Fate::kNotWanted,
         {{"ip.packets_received", 1}, {"ip.valid_packets_received", 1}}, "59");
}

TEST_F(Ipv6InputTest, EveryUnknownProtocolIsCountedByItsNumber) {
  for (const unsigned protocol : {1u, 2u, 6u, 17u, 50u, 51u, 132u, 255u}) {
    Ipv6 ip = Udp();
    ip.next_header = static_cast<uint8_t>(protocol);
    Expect(Build(ip, kPayload), Fate::kUnknownProtocol,
           {{"ip.packets_received", 1},
            {"ip.valid_packets_received", 1},
            {"ip.packets_delivered", 1},
            {"unknown_protocol." + std::to_string(protocol), 1}},
           std::to_string(protocol));
  }
}

}  // namespace
}  // namespace netstack::ip
