// What is dropped on the way in, in which order the rules are asked, and which
// counters each drop moves: exactly those, and nothing is sent.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoRequest;
using support::EchoRequestTo;
using support::FixIpv4Header;
using support::IcmpPacket;
using support::Ipv4Packet;
using support::Ipv6Packet;
using support::Set16;
using support::Wire;
using support::WireOptions;
using support::operator+;

constexpr char kMalformed[] = "ip.malformed_packets_received 1, ip.packets_received 1";
constexpr char kInvalidSourceEarly[] =
    "ip.invalid_source_addresses_received 1, ip.packets_received 1";
constexpr char kInvalidDestinationEarly[] =
    "ip.invalid_destination_addresses_received 1, ip.packets_received 1";
constexpr char kInvalidSource[] =
    "ip.invalid_source_addresses_received 1, ip.packets_received 1, ip.valid_packets_received 1";
constexpr char kNotOurs[] =
    "ip.invalid_destination_addresses_received 1, ip.packets_received 1, "
    "ip.valid_packets_received 1";
constexpr char kDelivered[] =
    "ip.packets_delivered 1, ip.packets_received 1, ip.valid_packets_received 1";

const IcmpPacket kV4 = EchoRequestTo("192.168.0.1");
const IcmpPacket kV6 = EchoRequestTo("a::1");

// A good packet, spoilt.
Bytes Spoilt(const IcmpPacket& packet, const std::function<void(Bytes&)>& spoil) {
  Bytes bytes = Build(packet);
  spoil(bytes);
  return bytes;
}

// The same with an IPv4 header whose checksum is right.
Bytes SpoiltHeader(const std::function<void(Bytes&)>& spoil) {
  return Spoilt(kV4, [&](Bytes& bytes) {
    spoil(bytes);
    FixIpv4Header(&bytes);
  });
}

struct Drop {
  std::string name;
  Bytes packet;
  std::string moved;
  uint32_t stack_flags = 0;
  uint32_t nic_flags = 0;
};

std::ostream& operator<<(std::ostream& out, const Drop& drop) { return out << drop.name; }

class Dropped : public testing::TestWithParam<Drop> {};

TEST_P(Dropped, MovesItsCountersAndNothingElse) {
  Wire wire(WireOptions{.stack_flags = GetParam().stack_flags, .nic_flags = GetParam().nic_flags});
  const support::Handler handler([](ns_request) { return NS_VERDICT_DECLINED; },
                                 NS_ICMP_FORWARDER_ECHO_REPLIES);
  handler.InstallIn(wire.stack());
  EXPECT_EQ(wire.MovedBy(GetParam().packet), GetParam().moved);
  EXPECT_EQ(handler.calls(), 0);
  EXPECT_TRUE(support::Drain(wire.link()).empty());
  EXPECT_EQ(wire.Counter("nic.1.rx.packets"), 1u);
  EXPECT_EQ(wire.Counter("nic.1.rx.bytes"), GetParam().packet.size());
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_TRUE(wire.Answers("a::1"));
}

constexpr auto kNameOf = [](const auto& each) { return each.param.name; };

// Reference 1.2. Each error is the only one in its packet.
std::vector<Drop> MalformedIpv4() {
  std::vector<Drop> drops = {
      {"OneByte", {0x45}, kMalformed},
      {"NineteenBytes", support::Part(Build(kV4), 0, 19), kMalformed},
      {"HeaderWithoutTheRest", support::Part(Build(kV4), 0, 20), kMalformed},
      {"OneByteMissing", Spoilt(kV4, [](Bytes& b) { b.pop_back(); }), kMalformed},
      {"HeaderLengthBelow20", SpoiltHeader([](Bytes& b) { b[0] = 0x44; }), kMalformed},
      {"HeaderLength0", Spoilt(kV4, [](Bytes& b) { b[0] = 0x40; }), kMalformed},
      {"HeaderLongerThanThePacket", Spoilt(kV4, [](Bytes& b) { b[0] = 0x4f; }), kMalformed},
      {"TotalLengthBelowTheHeader", SpoiltHeader([](Bytes& b) { Set16(&b, 2, 19); }), kMalformed},
      {"TotalLengthZero", SpoiltHeader([](Bytes& b) { Set16(&b, 2, 0); }), kMalformed},
      {"TotalLengthBeyondTheData", SpoiltHeader([](Bytes& b) { Set16(&b, 2, 33); }), kMalformed},
      {"HeaderChecksumOffByOne", Spoilt(kV4, [](Bytes& b) { b[11] ^= 1; }), kMalformed},
      {"HeaderChecksumZero", Spoilt(kV4, [](Bytes& b) { Set16(&b, 10, 0); }), kMalformed},
  };
  for (Drop& drop : drops) drop.name = "Ipv4" + drop.name;
  return drops;
}

// Reference 2.1.
std::vector<Drop> MalformedIpv6() {
  return {
      {"Ipv6OneByte", {0x60}, kMalformed},
      {"Ipv6ThirtyNineBytes", support::Part(Build(kV6), 0, 39), kMalformed},
      {"Ipv6HeaderWithoutTheRest", support::Part(Build(kV6), 0, 40), kMalformed},
      {"Ipv6OneByteMissing", Spoilt(kV6, [](Bytes& b) { b.pop_back(); }), kMalformed},
      {"Ipv6PayloadLengthBeyondTheData", Spoilt(kV6, [](Bytes& b) { Set16(&b, 4, 13); }),
       kMalformed},
      {"Ipv6PayloadLengthLargest", Spoilt(kV6, [](Bytes& b) { Set16(&b, 4, 65'535); }), kMalformed},
  };
}

INSTANTIATE_TEST_SUITE_P(MalformedIpv4, Dropped, testing::ValuesIn(MalformedIpv4()), kNameOf);
INSTANTIATE_TEST_SUITE_P(MalformedIpv6, Dropped, testing::ValuesIn(MalformedIpv6()), kNameOf);

// Reference 1.3 and 2.2: before a packet counts as valid.
std::vector<Drop> Martians() {
  const auto v4 = [](const char* source, const char* destination) {
    return Build(EchoRequest(source, destination));
  };
  return {
      {"Ipv4LoopbackSource", v4("127.0.0.1", "192.168.0.1"), kInvalidSourceEarly},
      {"Ipv4LastLoopbackSource", v4("127.255.255.255", "192.168.0.1"), kInvalidSourceEarly},
      {"Ipv4LoopbackDestination", v4("192.168.0.2", "127.0.0.1"), kInvalidDestinationEarly},
      {"Ipv4LoopbackBothEnds", v4("127.0.0.1", "127.0.0.1"), kInvalidSourceEarly},
      {"Ipv4LoopbackDestinationPromiscuous", v4("192.168.0.2", "127.9.9.9"),
       kInvalidDestinationEarly, 0, NS_NIC_PROMISCUOUS},
      {"Ipv6LoopbackSource", v4("::1", "a::1"), kInvalidSourceEarly},
      {"Ipv6LoopbackDestination", v4("a::2", "::1"), kInvalidDestinationEarly, 0,
       NS_NIC_PROMISCUOUS},
      {"Ipv6MappedSource", v4("::ffff:10.0.0.1", "a::1"), kInvalidSourceEarly},
      {"Ipv6MappedDestination", v4("a::2", "::ffff:10.0.0.1"), kInvalidDestinationEarly, 0,
       NS_NIC_PROMISCUOUS},
      {"Ipv6MappedBothEnds", v4("::ffff:10.0.0.1", "::ffff:10.0.0.2"),
       "ip.invalid_destination_addresses_received 1, ip.invalid_source_addresses_received 1, "
       "ip.packets_received 1"},
      {"Ipv6MappedSourceWhereLoopbackIsAllowed", v4("::ffff:10.0.0.1", "a::1"), kInvalidSourceEarly,
       NS_STACK_ALLOW_LOOPBACK},
      {"Ipv4OwnSource", v4("192.168.0.1", "192.168.0.1"), kInvalidSourceEarly,
       NS_STACK_CHECK_LOCAL_SOURCE},
      {"Ipv4OwnSourcePromiscuous", v4("192.168.0.1", "192.168.0.1"), kInvalidSourceEarly,
       NS_STACK_CHECK_LOCAL_SOURCE, NS_NIC_PROMISCUOUS},
      {"Ipv6OwnSource", v4("a::1", "a::1"), kInvalidSourceEarly, NS_STACK_CHECK_LOCAL_SOURCE},
  };
}

// Reference 1.4 and 2.3: valid, but from nobody or for nobody here.
std::vector<Drop> Misdirected() {
  const auto v = [](const char* source, const char* destination) {
    return Build(EchoRequest(source, destination));
  };
  return {
      {"Ipv4LimitedBroadcastSource", v("255.255.255.255", "192.168.0.1"), kInvalidSource},
      {"Ipv4MulticastSource", v("224.0.0.1", "192.168.0.1"), kInvalidSource},
      {"Ipv4LastMulticastSource", v("239.255.255.255", "192.168.0.1"), kInvalidSource},
      {"Ipv4SubnetBroadcastSource", v("192.168.0.255", "192.168.0.1"), kInvalidSource},
      {"Ipv4SubnetBroadcastSourceToNobody", v("192.168.0.255", "9.9.9.9"), kInvalidSource},
      {"Ipv6MulticastSource", v("ff02::1", "a::1"), kInvalidSource},
      {"Ipv4NobodysAddress", v("192.168.0.2", "192.168.0.3"), kNotOurs},
      {"Ipv4NobodysGroup", v("192.168.0.2", "239.0.0.1"), kNotOurs},
      {"Ipv4NobodysGroupPromiscuous", v("192.168.0.2", "239.0.0.1"), kNotOurs, 0,
       NS_NIC_PROMISCUOUS},
      {"Ipv4AnotherSubnetsBroadcast", v("192.168.0.2", "192.168.1.255"), kNotOurs},
      {"Ipv6NobodysAddress", v("a::2", "a::3"), kNotOurs},
      {"Ipv6NobodysGroup", v("a::2", "ff02::2"), kNotOurs},
      {"Ipv6NobodysSolicitedNode", v("a::2", "ff02::1:ff00:2"), kNotOurs},
  };
}

INSTANTIATE_TEST_SUITE_P(Martian, Dropped, testing::ValuesIn(Martians()), kNameOf);
INSTANTIATE_TEST_SUITE_P(Misdirected, Dropped, testing::ValuesIn(Misdirected()), kNameOf);

// Reference 3.1 and 3.2: delivered, but no ICMP message to do anything with.
std::vector<Drop> InvalidIcmp() {
  const std::string v4 = std::string("icmp.v4.received.invalid 1, ") + kDelivered;
  const std::string v6 = std::string("icmp.v6.received.invalid 1, ") + kDelivered;
  std::vector<Drop> drops = {
      {"Ipv4ChecksumOfTheMessage", Spoilt(kV4, [](Bytes& b) { b[22] ^= 1; }), v4},
      {"Ipv4ChecksumZero", Spoilt(kV4, [](Bytes& b) { Set16(&b, 22, 0); }), v4},
      {"Ipv4PayloadCorrupted", Spoilt(kV4, [](Bytes& b) { b.back() ^= 0x80; }), v4},
      {"Ipv4MessageOf7Bytes", Ipv4Packet(kV4, 1, {8, 0, 0xf7, 0xff, 0, 0, 0}), v4},
      {"Ipv4MessageOf0Bytes", Ipv4Packet(kV4, 1, {}), v4},
      {"Ipv4AllZeros", Ipv4Packet(kV4, 1, Bytes(8, 0)), v4},
      {"Ipv6ChecksumOfTheMessage", Spoilt(kV6, [](Bytes& b) { b[42] ^= 1; }), v6},
      {"Ipv6ChecksumZero", Spoilt(kV6, [](Bytes& b) { Set16(&b, 42, 0); }), v6},
      {"Ipv6ChecksumWithoutPseudoHeader",
       Spoilt(kV6,
              [](Bytes& b) {
                Set16(&b, 42, 0);
                Set16(&b, 42, support::InternetChecksum(support::Part(b, 40, b.size() - 40)));
              }),
       v6},
      {"Ipv6MessageOf7Bytes", Ipv6Packet(kV6, 58, {128, 0, 0, 0, 0, 0, 0}), v6},
      {"Ipv6MessageOf0Bytes", Ipv6Packet(kV6, 58, {}), v6},
  };
  IcmpPacket other = kV4;
  for (const uint8_t type : Bytes{1, 2, 6, 7, 9, 10, 17, 18, 30, 40, 128, 129, 255}) {
    other.type = type;
    drops.push_back({"Ipv4Type" + std::to_string(type), Build(other), v4});
  }
  return drops;
}

INSTANTIATE_TEST_SUITE_P(InvalidIcmp, Dropped, testing::ValuesIn(InvalidIcmp()), kNameOf);

std::vector<Drop> KnownTypes() {
  struct Type {
    uint8_t type;
    const char* name;
    const char* also;
  };
  std::vector<Drop> drops;
  for (const Type& each :
       {Type{3, "dst_unreachable", ""}, Type{4, "src_quench", ""}, Type{5, "redirect", ""},
        Type{11, "time_exceeded", ""}, Type{12, "param_problem", ""}, Type{13, "timestamp", ""},
        Type{14, "timestamp_reply", ""}, Type{15, "info_request", ""},
        Type{16, "info_reply", ""}}) {
    IcmpPacket packet = kV4;
    packet.type = each.type;
    drops.push_back({"Ipv4Type" + std::to_string(each.type), Build(packet),
                     std::string("icmp.v4.received.") + each.name + " 1, " + kDelivered});
  }
  for (const Type& each :
       {Type{1, "dst_unreachable", ""}, Type{2, "packet_too_big", ", path_mtu.refused 1"},
        Type{3, "time_exceeded", ""}, Type{4, "param_problem", ""}}) {
    IcmpPacket packet = kV6;
    packet.type = each.type;
    drops.push_back(
        {"Ipv6Type" + std::to_string(each.type), Build(packet),
         std::string("icmp.v6.received.") + each.name + " 1, " + kDelivered + each.also});
  }
  for (const uint8_t type : Bytes{0, 8, 5, 100, 127, 138, 160, 255}) {
    IcmpPacket packet = kV6;
    packet.type = type;
    drops.push_back({"Ipv6Type" + std::to_string(type), Build(packet),
                     std::string("icmp.v6.received.unrecognized 1, ") + kDelivered});
  }
  return drops;
}

INSTANTIATE_TEST_SUITE_P(KnownTypes, Dropped, testing::ValuesIn(KnownTypes()), kNameOf);

// MLD without a Router Alert, NDP that does not come from the link.
std::vector<Drop> LinkTypes() {
  struct Type {
    uint8_t type;
    const char* name;
  };
  std::vector<Drop> drops;
  for (const Type& each :
       {Type{130, "multicast_listener_query"}, Type{131, "multicast_listener_report"},
        Type{132, "multicast_listener_done"}, Type{133, "router_solicit"},
        Type{134, "router_advert"}, Type{135, "neighbor_solicit"}, Type{136, "neighbor_advert"},
        Type{137, "redirect_msg"}, Type{143, "multicast_listener_report_v2"}}) {
    IcmpPacket packet = kV6;
    packet.type = each.type;
    packet.ttl = 64;
    // In the order of the names: "invalid" may come before or after the type's.
    const std::string name = std::string("icmp.v6.received.") + each.name + " 1, ";
    const std::string invalid = "icmp.v6.received.invalid 1, ";
    drops.push_back({"Ipv6Type" + std::to_string(each.type), Build(packet),
                     (name < invalid ? name + invalid : invalid + name) + kDelivered});
  }
  return drops;
}

INSTANTIATE_TEST_SUITE_P(LinkTypes, Dropped, testing::ValuesIn(LinkTypes()), kNameOf);

// Reference 2.4: silently fine.
INSTANTIATE_TEST_SUITE_P(NoNextHeader, Dropped,
                         testing::Values(Drop{
                             "Ipv6", Ipv6Packet(kV6, 59, support::IcmpMessage(kV6)),
                             "ip.packets_received 1, ip.valid_packets_received 1"}),
                         kNameOf);

TEST(OtherProtocols, AreCountedByNumber) {
  Wire wire;
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    if (protocol == 1) continue;
    const Bytes packet = Ipv4Packet(kV4, static_cast<uint8_t>(protocol), {1, 2, 3, 4});
    EXPECT_EQ(wire.MovedBy(packet, "nic.1.unknown_l4_protocol_rcvd_packet_counts."),
              "nic.1.unknown_l4_protocol_rcvd_packet_counts." + std::to_string(protocol) + " 1");
  }
}

TEST(OtherVersions, AreNoIpPackets) {
  Wire wire;
  uint64_t expected = 0;
  for (const unsigned version : {0u, 1u, 2u, 3u, 5u, 7u, 8u, 15u}) {
    for (const IcmpPacket& good : {kV4, kV6}) {
      const Bytes packet = Spoilt(
          good, [&](Bytes& b) { b[0] = static_cast<uint8_t>((version << 4) | (b[0] & 15u)); });
      EXPECT_EQ(wire.MovedBy(packet), "") << version;
      EXPECT_EQ(wire.Counter("nic.1.unknown_l3_protocol_rcvd_packets"), ++expected);
    }
  }
  EXPECT_EQ(wire.MovedBy({}), "");
  EXPECT_EQ(wire.Counter("nic.1.unknown_l3_protocol_rcvd_packets"), expected + 1);
}

TEST(Accepted, SourcesAndTtlsThatTheRulesLetThrough) {
  struct Case {
    const char* source;
    const char* destination;
    uint32_t stack_flags;
  };
  for (const Case& each : {Case{"240.0.0.1", "192.168.0.1", 0}, Case{"8.8.8.255", "192.168.0.1", 0},
                           Case{"192.168.0.1", "192.168.0.1", 0}, Case{"a::1", "a::1", 0},
                           Case{"127.0.0.1", "192.168.0.1", NS_STACK_ALLOW_LOOPBACK},
                           Case{"::1", "a::1", NS_STACK_ALLOW_LOOPBACK},
                           Case{"192.168.0.3", "192.168.0.1", NS_STACK_CHECK_LOCAL_SOURCE}}) {
    Wire wire(WireOptions{.stack_flags = each.stack_flags, .nic_flags = NS_NIC_PROMISCUOUS});
    for (const uint8_t ttl : Bytes{0, 1, 255}) {
      IcmpPacket request = EchoRequest(each.source, each.destination);
      request.ttl = ttl;
      EXPECT_EQ(wire.Answers(request), 1u) << each.source << " " << int{ttl};
    }
  }
}

TEST(Accepted, PromiscuityDoesNotMakeEverySourceOurs) {
  Wire wire(WireOptions{.stack_flags = NS_STACK_CHECK_LOCAL_SOURCE,
                        .nic_flags = NS_NIC_PROMISCUOUS,
                        .local_prefixes = {"192.168.0.0/16", "a::/16"}});
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_TRUE(wire.Answers("a::1"));
}

TEST(Accepted, NicsOfOneStackCountApartAndTogether) {
  Wire wire;
  const support::LinkHandle second = support::NewChannel();
  ASSERT_EQ(ns_stack_add_nic(wire.stack(), 2, second.get(), nullptr, nullptr), NS_OK);
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_TRUE(wire.Answers("a::1"));
  ASSERT_EQ(support::Inject(second.get(), Build(kV4)), NS_OK);
  EXPECT_EQ(wire.Counter("ip.packets_received"), 3u);
  EXPECT_EQ(wire.Counter("nic.1.ip.v4.packets_received"), 1u);
  EXPECT_EQ(wire.Counter("nic.1.ip.v6.packets_received"), 1u);
  EXPECT_EQ(wire.Counter("nic.2.ip.v4.packets_received"), 1u);
  EXPECT_EQ(wire.Counter("nic.2.ip.v4.invalid_destination_addresses_received"), 1u);
  EXPECT_EQ(wire.Counter("nic.1.icmp.v4.sent.echo_reply"), 1u);
  EXPECT_EQ(wire.Counter("nic.2.icmp.v4.sent.echo_reply"), 0u);
}

}  // namespace
