// What a request tells of its packet, and how its bytes are had.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <ostream>
#include <string>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoReplyTo;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::PacketHandle;
using support::ToHex;
using support::Wire;
using support::WireOptions;

void ExpectInfo(const ns_packet_info& info, const IcmpPacket& packet, uint32_t nic,
                uint32_t flags) {
  const uint32_t header = packet.v6() ? 40 : 20;
  const uint32_t family = packet.v6() ? 6 : 4;
  EXPECT_EQ(support::Text(info.source), packet.source);
  EXPECT_EQ(support::Text(info.destination), packet.destination);
  EXPECT_EQ(info.source.family, family);
  EXPECT_EQ(info.destination.family, family);
  EXPECT_EQ(info.nic, nic);
  EXPECT_EQ(info.flags, flags);
  EXPECT_EQ(info.length, header + 8 + packet.payload.size());
  EXPECT_EQ(info.icmp_offset, header);
  EXPECT_EQ(info.payload_offset, header + 8);
  EXPECT_EQ(info.identifier, packet.identifier);
  EXPECT_EQ(info.sequence, packet.sequence);
  EXPECT_EQ(info.type, packet.type);
  EXPECT_EQ(info.code, packet.code);
  EXPECT_EQ(info.ttl, packet.ttl);
  EXPECT_EQ(info.tos, packet.tos);
}

struct Arrival {
  const char* name;
  const char* destination;
  uint32_t flags;
};

std::ostream& operator<<(std::ostream& out, const Arrival& each) { return out << each.name; }

constexpr Arrival kArrivals[] = {
    {"Ipv4Assigned", "192.168.0.1", 0},
    {"Ipv4Temporary", "10.1.2.3", NS_PACKET_TEMPORARY},
    {"Ipv4SubnetBroadcast", "192.168.0.255", NS_PACKET_BROADCAST},
    {"Ipv4LimitedBroadcast", "255.255.255.255", NS_PACKET_BROADCAST},
    {"Ipv4Multicast", "224.0.0.1", NS_PACKET_MULTICAST},
    {"Ipv6Assigned", "a::1", 0},
    {"Ipv6Temporary", "b::7", NS_PACKET_TEMPORARY},
    {"Ipv6Multicast", "ff02::1", NS_PACKET_MULTICAST},
};

class Info : public testing::TestWithParam<Arrival> {
 protected:
  Wire wire_{WireOptions{.nic_flags = NS_NIC_PROMISCUOUS}};
};

TEST_P(Info, SaysWhatArrived) {
  IcmpPacket packet = EchoRequestTo(GetParam().destination);
  packet.identifier = 0x1234;
  packet.sequence = 0xfedc;
  packet.code = 5;
  packet.ttl = 1;
  packet.tos = 0xb8;
  ns_packet_info info{};
  PacketHandle kept;
  const Handler handler([&](ns_request request) {
    info = support::InfoOf(request);
    ns_packet* made = nullptr;
    EXPECT_EQ(ns_request_ref_packet(request, &made), NS_OK);
    kept.reset(made);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire_.stack());
  Bytes bytes = Build(packet);
  bytes.resize(bytes.size() + 6, 0xee);  // padding of the link
  EXPECT_TRUE(wire_.Send(bytes).empty());
  ExpectInfo(info, packet, 1, GetParam().flags);
  ns_packet_info of_kept{};
  ASSERT_EQ(ns_packet_get_info(kept.get(), &of_kept, sizeof of_kept), NS_OK);
  ExpectInfo(of_kept, packet, 1, GetParam().flags);
}

INSTANTIATE_TEST_SUITE_P(Of, Info, testing::ValuesIn(kArrivals),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(InfoTest, OfAnEchoReplySaysSo) {
  Wire wire;
  for (const char* const destination : {"192.168.0.1", "a::1"}) {
    ns_packet_info info{};
    const Handler handler(
        [&](ns_request request) {
          info = support::InfoOf(request);
          return NS_VERDICT_CONSUMED;
        },
        NS_ICMP_FORWARDER_ECHO_REPLIES);
    handler.InstallIn(wire.stack());
    EXPECT_TRUE(wire.Send(EchoReplyTo(destination)).empty());
    ExpectInfo(info, EchoReplyTo(destination), 1, 0);
  }
}

TEST(InfoTest, NamesTheNicThatThePacketCameInOn) {
  Wire wire;
  const support::LinkHandle second = support::NewChannel();
  ASSERT_EQ(ns_stack_add_nic(wire.stack(), 4'000'000'000u, second.get(), nullptr, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(wire.stack(), 4'000'000'000u, "10.0.0.1/8", nullptr), NS_OK);
  uint32_t nic = 0;
  const Handler handler([&](ns_request request) {
    nic = support::InfoOf(request).nic;
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  ASSERT_EQ(support::Inject(second.get(), Build(EchoRequestTo("10.0.0.1"))), NS_OK);
  EXPECT_EQ(nic, 4'000'000'000u);
  EXPECT_FALSE(wire.Answers("192.168.0.1"));
  EXPECT_EQ(nic, 1u);
}

// Runs `body` as the handler of one request to 192.168.0.1.
template <typename Body>
void InsideAHandler(Body&& body) {
  Wire wire;
  const Handler handler([&](ns_request request) {
    body(request);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Send(EchoRequestTo("192.168.0.1")).empty());
  EXPECT_EQ(handler.calls(), 1);
}

using Filler = std::array<uint8_t, 2 * sizeof(ns_packet_info)>;

// The struct as the library knows it, cut and filled up with zeros as a caller
// of any age expects.
void ExpectGrownStruct(const ns_packet_info& whole, const Filler& filled, size_t size) {
  Filler expected;
  expected.fill(0x5a);
  for (size_t i = 0; i < size; ++i) expected[i] = 0;
  std::memcpy(expected.data(), &whole, std::min(size, sizeof whole));
  EXPECT_EQ(filled, expected) << size;
}

TEST(InfoTest, FillsNoMoreThanTheCallerKnowsAndZerosWhatTheLibraryDoesNot) {
  InsideAHandler([](ns_request request) {
    const ns_packet_info whole = support::InfoOf(request);
    ns_packet* made = nullptr;
    ASSERT_EQ(ns_request_ref_packet(request, &made), NS_OK);
    const PacketHandle kept(made);
    for (size_t size = 1; size <= sizeof(Filler); ++size) {
      alignas(ns_packet_info) Filler filled;
      filled.fill(0x5a);
      void* const memory = filled.data();
      ASSERT_EQ(ns_request_get_info(request, static_cast<ns_packet_info*>(memory), size), NS_OK);
      ExpectGrownStruct(whole, filled, size);
      filled.fill(0x5a);
      ASSERT_EQ(ns_packet_get_info(made, static_cast<ns_packet_info*>(memory), size), NS_OK);
      ExpectGrownStruct(whole, filled, size);
    }
  });
}

TEST(InfoTest, NeedsAPlaceAndASize) {
  InsideAHandler([](ns_request request) {
    ns_packet_info info{};
    EXPECT_EQ(ns_request_get_info(request, nullptr, sizeof info), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(ns_request_get_info(request, &info, 0), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(ns_request_get_info(request, &info, SIZE_MAX), NS_ERR_INVALID_ARGUMENT);
    ns_packet* made = nullptr;
    ASSERT_EQ(ns_request_ref_packet(request, &made), NS_OK);
    const PacketHandle kept(made);
    EXPECT_EQ(ns_packet_get_info(made, nullptr, sizeof info), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(ns_packet_get_info(made, &info, 0), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(ns_packet_get_info(made, &info, SIZE_MAX), NS_ERR_INVALID_ARGUMENT);
  });
}

TEST(BytesTest, BorrowedCopiedAndKeptAreWhatArrived) {
  const std::string arrived = ToHex(Build(EchoRequestTo("192.168.0.1")));
  InsideAHandler([&](ns_request request) {
    const uint8_t* bytes = nullptr;
    size_t length = 0;
    ASSERT_EQ(ns_request_borrow_packet(request, &bytes, &length), NS_OK);
    EXPECT_EQ(ToHex(Bytes(bytes, bytes + length)), arrived);
    Bytes copy(length);
    ASSERT_EQ(ns_request_copy_packet(request, copy.data(), copy.size(), &length), NS_OK);
    EXPECT_EQ(ToHex(copy), arrived);
    ns_packet* made = nullptr;
    ASSERT_EQ(ns_request_ref_packet(request, &made), NS_OK);
    const PacketHandle kept(made);
    ASSERT_EQ(ns_packet_borrow_bytes(made, &bytes, &length), NS_OK);
    EXPECT_EQ(ToHex(Bytes(bytes, bytes + length)), arrived);
  });
}

TEST(BytesTest, CopyIsWholeOrNotAtAll) {
  const size_t needed = Build(EchoRequestTo("192.168.0.1")).size();
  InsideAHandler([&](ns_request request) {
    for (const size_t capacity : {size_t{0}, size_t{1}, needed - 1}) {
      Bytes buffer(needed, 0x77);
      size_t length = 0;
      EXPECT_EQ(ns_request_copy_packet(request, buffer.data(), capacity, &length),
                NS_ERR_TOO_SMALL);
      EXPECT_EQ(length, needed) << capacity;
      EXPECT_EQ(buffer, Bytes(needed, 0x77)) << capacity;
    }
    size_t length = 0;
    EXPECT_EQ(ns_request_copy_packet(request, nullptr, 0, &length), NS_ERR_TOO_SMALL);
    EXPECT_EQ(length, needed);
    Bytes larger(needed + 3, 0x77);
    EXPECT_EQ(ns_request_copy_packet(request, larger.data(), larger.size(), &length), NS_OK);
    EXPECT_EQ(length, needed);
    EXPECT_EQ(support::Part(larger, needed, 3), Bytes(3, 0x77));
  });
}

TEST(BytesTest, PlacesMustBeThere) {
  InsideAHandler([](ns_request request) {
    const uint8_t* bytes = nullptr;
    size_t length = 9;
    uint8_t buffer[4];
    EXPECT_EQ(ns_request_borrow_packet(request, nullptr, &length), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(ns_request_borrow_packet(request, &bytes, nullptr), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(ns_request_copy_packet(request, nullptr, 4, &length), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(length, 0u);
    EXPECT_EQ(ns_request_copy_packet(request, buffer, 4, nullptr), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(ns_request_ref_packet(request, nullptr), NS_ERR_INVALID_ARGUMENT);
  });
}

TEST(BytesTest, OfTheLargestPacketAreAllThere) {
  Wire wire;
  IcmpPacket request = EchoRequestTo("192.168.0.1");
  request.payload.assign(65'535 - 28, 0x42);
  size_t seen = 0;
  const Handler handler([&](ns_request r) {
    const uint8_t* bytes = nullptr;
    EXPECT_EQ(ns_request_borrow_packet(r, &bytes, &seen), NS_OK);
    EXPECT_EQ(support::InfoOf(r).length, 65'535u);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Send(request).empty());
  EXPECT_EQ(seen, 65'535u);
}

}  // namespace
