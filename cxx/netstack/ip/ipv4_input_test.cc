// IPv4's checks, in the order and with the counters of the reference, sections
// 1.2 to 1.5.
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
using testing::Ipv4;

// UDP, so that a packet that gets through ends in a counter of its own.
Ipv4 Udp(std::string_view source = "192.0.2.9", std::string_view destination = "192.0.2.1") {
  return {.source = source, .destination = destination, .protocol = 17};
}
const Bytes kPayload = testing::CountingBytes(16);

const Counts kDelivered{{"ip.packets_received", 1},
                        {"ip.valid_packets_received", 1},
                        {"ip.packets_delivered", 1},
                        {"unknown_protocol.17", 1}};
const Counts kMalformed{{"ip.packets_received", 1}, {"ip.malformed_packets_received", 1}};
// Found before the packet is called valid (martians), and after.
const Counts kMartianSource{{"ip.packets_received", 1},
                            {"ip.invalid_source_addresses_received", 1}};
const Counts kMartianDestination{{"ip.packets_received", 1},
                                 {"ip.invalid_destination_addresses_received", 1}};
const Counts kInvalidSource{{"ip.packets_received", 1},
                            {"ip.valid_packets_received", 1},
                            {"ip.invalid_source_addresses_received", 1}};
const Counts kNotOurs{{"ip.packets_received", 1},
                      {"ip.valid_packets_received", 1},
                      {"ip.invalid_destination_addresses_received", 1}};

class Ipv4InputTest : public ::testing::Test {
 protected:
  Ipv4InputTest() {
    scene_.Assign("192.0.2.1/24");
    // Whatever comes up here is answered by nobody, and no error finds a way.
    scene_.configuration().strict_routes = true;
    scene_.SetUpperLayer([](Echo&) { return Verdict::kConsumed; });
  }
  ~Ipv4InputTest() override { EXPECT_TRUE(scene_.link().TakeSent().empty()); }

  // The packet in memory of just its size, so that a sanitizer sees a byte read
  // behind its end.
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

TEST_F(Ipv4InputTest, AWholePacketIsDelivered) {
  Expect(Build(Udp(), kPayload), Fate::kUnknownProtocol, kDelivered, "with payload");
  Expect(Build(Udp(), Bytes()), Fate::kUnknownProtocol, kDelivered, "without");
}

TEST_F(Ipv4InputTest, HeadersThatAreMalformed) {
  const struct {
    const char* what;
    Ipv4 ip;
  } cases[] = {
      {"IHL 0", {.protocol = 17, .header_words = 0}},
      {"IHL 4", {.protocol = 17, .header_words = 4}},
      {"IHL beyond the packet", {.protocol = 17, .header_words = 15}},
      {"Total Length below the header's", {.protocol = 17, .total_length = 19}},
      {"Total Length 0", {.protocol = 17, .total_length = 0}},
      {"Total Length beyond the packet", {.protocol = 17, .total_length = 37}},
      {"Total Length 65535", {.protocol = 17, .total_length = 65535}},
      {"header checksum", {.protocol = 17, .wrong_checksum = true}},
  };
  for (const auto& c : cases) {
    Ipv4 ip = c.ip;
    ip.source = "192.0.2.9";
    ip.destination = "192.0.2.1";
    Expect(Build(ip, kPayload), Fate::kMalformed, kMalformed, c.what);
  }
}

// The header checksum is right, so nothing but the length can be the reason.
TEST_F(Ipv4InputTest, OptionsThatTotalLengthDoesNotCountAreMalformed) {
  Ipv4 ip = Udp();
  ip.options = Bytes(40, 1);
  ip.total_length = 59;
  Expect(Build(ip, kPayload), Fate::kMalformed, kMalformed, "a header longer than its packet");
}

TEST_F(Ipv4InputTest, PacketsCutOffAnywhereAreMalformed) {
  Ipv4 ip = Udp();
  ip.options = Bytes(8, 1);
  const Bytes whole = Build(ip, kPayload);
  for (size_t length = 1; length < whole.size(); ++length) {
    Expect(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)), Fate::kMalformed,
           kMalformed, std::to_string(length) + " bytes");
  }
}

TEST_F(Ipv4InputTest, AChecksumOf0xffffIsAsGoodAs0) {
  // The header's other words sum up to 0xffff, so that its checksum is 0.
  Bytes packet = Build(Udp(), Bytes());
  const uint16_t checksum = base::Load16(&packet[10]);
  base::Store16(&packet[4], static_cast<uint16_t>(base::Load16(&packet[4]) + checksum));
  testing::FixHeaderChecksum(&packet);
  ASSERT_EQ(base::Load16(&packet[10]), 0);
  Expect(packet, Fate::kUnknownProtocol, kDelivered, "0");
  base::Store16(&packet[10], 0xffff);
  Expect(packet, Fate::kUnknownProtocol, kDelivered, "0xffff");
}

TEST_F(Ipv4InputTest, BytesBehindTotalLengthAreCutOff) {
  size_t length = 0;
  scene_.SetUpperLayer([&](Echo& echo) {
    length = echo.packet().length;
    return Verdict::kConsumed;
  });
  const Ipv4 ip{.source = "192.0.2.9", .destination = "192.0.2.1", .trailer = Bytes(30, 0xaa)};
  EXPECT_EQ(scene_.Receive(Build(ip, testing::Icmp{.payload = kPayload})), Fate::kConsumed);
  EXPECT_EQ(length, 20u + 8u + 16u);
}

// Reference, 1.2: TTL, TOS, the reserved flag and ID are not checked.
TEST_F(Ipv4InputTest, WhatIsNotChecked) {
  for (const uint8_t ttl : Bytes{0, 1, 255}) {
    Ipv4 ip = Udp();
    ip.ttl = ttl;
    ip.tos = 0xff;
    ip.identification = 0xffff;
    ip.dont_fragment = true;
    Bytes packet = Build(ip, kPayload);
    packet[6] |= 0x80;
    testing::FixHeaderChecksum(&packet);
    Expect(packet, Fate::kUnknownProtocol, kDelivered, "TTL " + std::to_string(ttl));
  }
}

struct AddressCase {
  const char* source;
  const char* destination;
  Fate fate;
  const Counts* counts;
};

const AddressCase kAddressCases[] = {
    // Sources.
    {"127.0.0.1", "192.0.2.1", Fate::kInvalidSource, &kMartianSource},
    {"127.255.255.255", "192.0.2.1", Fate::kInvalidSource, &kMartianSource},
    {"128.0.0.1", "192.0.2.1", Fate::kUnknownProtocol, &kDelivered},
    {"255.255.255.255", "192.0.2.1", Fate::kInvalidSource, &kInvalidSource},
    {"224.0.0.1", "192.0.2.1", Fate::kInvalidSource, &kInvalidSource},
    {"239.255.255.255", "192.0.2.1", Fate::kInvalidSource, &kInvalidSource},
    {"240.0.0.1", "192.0.2.1", Fate::kUnknownProtocol, &kDelivered},
    {"192.0.2.255", "192.0.2.1", Fate::kInvalidSource, &kInvalidSource},
    {"192.0.2.127", "192.0.2.1", Fate::kUnknownProtocol, &kDelivered},
    {"192.0.2.0", "192.0.2.1", Fate::kUnknownProtocol, &kDelivered},
    {"0.0.0.0", "192.0.2.1", Fate::kUnknownProtocol, &kDelivered},
    {"192.0.2.1", "192.0.2.1", Fate::kUnknownProtocol, &kDelivered},
    // Destinations.
    {"192.0.2.9", "127.0.0.1", Fate::kInvalidDestination, &kMartianDestination},
    {"127.0.0.1", "127.0.0.1", Fate::kInvalidSource, &kMartianSource},
    {"192.0.2.9", "192.0.2.2", Fate::kNotOurs, &kNotOurs},
    {"192.0.2.9", "192.0.2.255", Fate::kUnknownProtocol, &kDelivered},
    {"192.0.2.9", "192.0.2.0", Fate::kNotOurs, &kNotOurs},
    {"192.0.2.9", "255.255.255.255", Fate::kUnknownProtocol, &kDelivered},
    {"192.0.2.9", "224.0.0.1", Fate::kUnknownProtocol, &kDelivered},
    {"192.0.2.9", "224.0.0.2", Fate::kNotOurs, &kNotOurs},
    {"192.0.2.9", "224.0.0.251", Fate::kUnknownProtocol, &kDelivered},  // joined below
    {"192.0.2.9", "0.0.0.0", Fate::kNotOurs, &kNotOurs},
};

TEST_F(Ipv4InputTest, SourcesAndDestinations) {
  scene_.Join("224.0.0.251");
  for (const AddressCase& c : kAddressCases) {
    Expect(Build(Udp(c.source, c.destination), kPayload), c.fate, *c.counts,
           std::string(c.source) + " to " + c.destination);
  }
}

TEST_F(Ipv4InputTest, LoopbackAddressesFromOutsideByOption) {
  scene_.configuration().allow_loopback = true;
  // It is on every link, so an error finds its way there.
  Counts told = kDelivered;
  told.insert({{"icmp.sent.dst_unreachable", 1},
               {"ip.packets_sent", 1},
               {"nic.tx.packets", 1},
               {"nic.tx.bytes", 28 + Build(Udp("127.0.0.1"), kPayload).size()}});
  Expect(Build(Udp("127.0.0.1"), kPayload), Fate::kUnknownProtocol, told, "source");
  EXPECT_EQ(scene_.link().TakeSent().size(), 1u);
  Expect(Build(Udp("192.0.2.9", "127.0.0.1"), kPayload), Fate::kNotOurs, kNotOurs, "destination");
  scene_.Assign("127.0.0.1/8");
  Expect(Build(Udp("192.0.2.9", "127.0.0.1"), kPayload), Fate::kUnknownProtocol, kDelivered,
         "assigned");
}

TEST_F(Ipv4InputTest, OurOwnAddressesAsSourcesByOption) {
  scene_.configuration().check_local_source = true;
  scene_.interface().promiscuous = true;  // does not enter the check: contract, section 5
  scene_.Join("224.0.0.251");
  const AddressCase cases[] = {
      {"192.0.2.1", "192.0.2.1", Fate::kInvalidSource, &kMartianSource},
      {"192.0.2.255", "192.0.2.1", Fate::kInvalidSource, &kMartianSource},
      {"255.255.255.255", "192.0.2.1", Fate::kInvalidSource, &kMartianSource},
      {"192.0.2.9", "192.0.2.1", Fate::kUnknownProtocol, &kDelivered},
      // Groups are nobody's own address: the later check finds them.
      {"224.0.0.1", "192.0.2.1", Fate::kInvalidSource, &kInvalidSource},
      {"224.0.0.251", "192.0.2.1", Fate::kInvalidSource, &kInvalidSource},
  };
  for (const AddressCase& c : cases) {
    Expect(Build(Udp(c.source, c.destination), kPayload), c.fate, *c.counts, c.source);
  }
}

// 255.255.255.254 is the network's address of a /31, 192.0.2.3 its other end.
TEST_F(Ipv4InputTest, SubnetsOf31And32BitsHaveNoBroadcastAddress) {
  scene_.Assign("198.51.100.2/31");
  scene_.Assign("203.0.113.6/32");
  scene_.Assign("203.0.113.129/30");
  Expect(Build(Udp("198.51.100.3"), kPayload), Fate::kUnknownProtocol, kDelivered, "/31");
  Expect(Build(Udp("203.0.113.6"), kPayload), Fate::kUnknownProtocol, kDelivered, "/32");
  Expect(Build(Udp("203.0.113.131"), kPayload), Fate::kInvalidSource, kInvalidSource, "/30");
  Expect(Build(Udp("192.0.2.9", "198.51.100.3"), kPayload), Fate::kNotOurs, kNotOurs, "to /31");
}

TEST_F(Ipv4InputTest, APromiscuousNicTakesEveryUnicastDestination) {
  scene_.interface().promiscuous = true;
  const AddressCase cases[] = {
      {"192.0.2.9", "198.51.100.1", Fate::kUnknownProtocol, &kDelivered},
      {"192.0.2.9", "224.0.0.2", Fate::kNotOurs, &kNotOurs},
      {"192.0.2.9", "127.0.0.1", Fate::kInvalidDestination, &kMartianDestination},
  };
  for (const AddressCase& c : cases) {
    Expect(Build(Udp(c.source, c.destination), kPayload), c.fate, *c.counts, c.destination);
  }
}

TEST_F(Ipv4InputTest, ALocalPrefixTakesItsAddressesAndNoGroups) {
  scene_.AddLocalPrefix("10.0.0.0/8");
  scene_.AddLocalPrefix("224.0.0.0/4");
  const AddressCase cases[] = {
      {"192.0.2.9", "10.255.255.255", Fate::kUnknownProtocol, &kDelivered},
      {"192.0.2.9", "11.0.0.0", Fate::kNotOurs, &kNotOurs},
      {"192.0.2.9", "224.0.0.2", Fate::kNotOurs, &kNotOurs},
  };
  for (const AddressCase& c : cases) {
    Expect(Build(Udp(c.source, c.destination), kPayload), c.fate, *c.counts, c.destination);
  }
}

TEST_F(Ipv4InputTest, WhatADestinationIsToTheNic) {
  scene_.Assign("203.0.113.255/24");  // the broadcast address of its own subnet
  scene_.Assign("10.0.0.255/16");     // and of a subnet that is not its own
  scene_.Assign("10.0.0.1/24");
  scene_.Join("224.0.0.251");
  scene_.AddLocalPrefix("192.0.0.0/16");
  const struct {
    const char* destination;
    packet::Arrival arrival;
  } cases[] = {
      {"192.0.2.1", {}},
      {"192.0.2.2", {.temporary = true}},
      {"192.0.2.255", {.broadcast = true}},
      {"255.255.255.255", {.broadcast = true}},
      {"203.0.113.255", {.broadcast = true}},
      {"10.0.0.255", {}},
      {"10.0.255.255", {.broadcast = true}},
      {"224.0.0.1", {.multicast = true}},
      {"224.0.0.251", {.multicast = true}},
  };
  for (const auto& c : cases) {
    packet::Packet packet;
    packet.destination = testing::AddressOf(c.destination);
    EXPECT_TRUE(Classify(&packet));
    EXPECT_EQ(packet.arrival.temporary, c.arrival.temporary) << c.destination;
    EXPECT_EQ(packet.arrival.broadcast, c.arrival.broadcast) << c.destination;
    EXPECT_EQ(packet.arrival.multicast, c.arrival.multicast) << c.destination;
  }
}

TEST_F(Ipv4InputTest, EveryProtocolButIcmpIsCountedByItsNumber) {
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    if (protocol == 1) continue;
    Ipv4 ip = Udp();
    ip.protocol = static_cast<uint8_t>(protocol);
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
