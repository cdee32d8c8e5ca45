// Raw sockets: a copy of what comes in, and no influence on it (rule 6).
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <ostream>
#include <string>
#include <vector>

#include "sockets/sockets.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::NewRawSocket;
using support::PacketHandle;
using support::RawSocketHandle;
using support::ReceiveAll;
using support::Wire;
using support::WireOptions;

Bytes Icmp(const std::string& source, const std::string& destination, uint8_t type) {
  return support::Build(IcmpPacket{.source = source, .destination = destination, .type = type});
}

struct Row {
  const char* name;
  Bytes packet;
  ns_family family;  // of the raw socket that gets it
  bool copied;
  uint32_t flags;
};
std::ostream& operator<<(std::ostream& out, const Row& each) { return out << each.name; }

Bytes BadChecksum(Bytes packet) {
  packet.back() ^= 0xff;
  return packet;
}
Bytes Fragment(Bytes packet) {
  packet[6] |= 0x20;
  support::FixIpv4Header(&packet);
  return packet;
}
Bytes Padded(Bytes packet) {
  packet.resize(packet.size() + 7, 0xee);
  return packet;
}

constexpr ns_family kV4 = NS_FAMILY_IPV4;
constexpr ns_family kV6 = NS_FAMILY_IPV6;

const Row kRows[] = {
    {"Ipv4EchoRequest", Build(EchoRequestTo("192.168.0.1")), kV4, true, 0},
    {"Ipv6EchoRequest", Build(EchoRequestTo("a::1")), kV6, true, 0},
    {"Ipv4EchoReply", Icmp("192.168.0.2", "192.168.0.1", 0), kV4, true, 0},
    {"Ipv6EchoReply", Icmp("a::2", "a::1", 129), kV6, true, 0},
    {"Ipv4Unreachable", Icmp("192.168.0.2", "192.168.0.1", 3), kV4, true, 0},
    {"Ipv6UnknownType", Icmp("a::2", "a::1", 200), kV6, true, 0},
    {"Ipv4NotOurs", Build(EchoRequestTo("192.168.0.77")), kV4, true, 0},
    {"Ipv6NotOurs", Build(EchoRequestTo("a::77")), kV6, true, 0},
    {"Ipv4Broadcast", Build(EchoRequestTo("192.168.0.255")), kV4, true, NS_PACKET_BROADCAST},
    {"Ipv6AllNodes", Build(EchoRequestTo("ff02::1")), kV6, true, NS_PACKET_MULTICAST},
    {"Ipv4Temporary", Build(EchoRequestTo("10.7.0.9")), kV4, true, NS_PACKET_TEMPORARY},
    {"Ipv4BadChecksum", BadChecksum(Build(EchoRequestTo("192.168.0.1"))), kV4, true,
     NS_PACKET_BAD_CHECKSUM},
    {"Ipv6BadChecksum", BadChecksum(Build(EchoRequestTo("a::1"))), kV6, true,
     NS_PACKET_BAD_CHECKSUM},
    {"Ipv4Fragment", Fragment(Build(EchoRequestTo("192.168.0.1"))), kV4, false, 0},
    {"Ipv4MulticastSource", Icmp("224.0.0.9", "192.168.0.1", 8), kV4, true, 0},
    {"Ipv4LoopbackSource", Icmp("127.0.0.1", "192.168.0.1", 8), kV4, false, 0},
    {"Ipv6LoopbackSource", Icmp("::1", "a::1", 128), kV6, false, 0},
    {"Ipv4WrongHeaderChecksum",
     [] {
       Bytes packet = Build(EchoRequestTo("192.168.0.1"));
       packet[11] ^= 1;
       return packet;
     }(),
     kV4, false, 0},
    {"Ipv4Udp", support::Ipv4Packet(EchoRequestTo("192.168.0.1"), 17, Bytes(8)), kV4, false, 0},
    {"Ipv6Udp", support::Ipv6Packet(EchoRequestTo("a::1"), 17, Bytes(8)), kV6, false, 0},
    {"Ipv4ShortMessage", support::Ipv4Packet(EchoRequestTo("192.168.0.1"), 1, Bytes(7)), kV4, false,
     0},
};

class RawSocket : public testing::TestWithParam<Row> {
 protected:
  static WireOptions Options() { return {.local_prefixes = {"10.7.0.0/16"}}; }
};

TEST_P(RawSocket, GetsACopyOfWhatIsIcmpAndWhole) {
  const Wire wire(Options());
  const RawSocketHandle v4 = NewRawSocket(wire.stack(), kV4);
  const RawSocketHandle v6 = NewRawSocket(wire.stack(), kV6);
  ASSERT_EQ(support::Inject(wire.link(), GetParam().packet), NS_OK);
  const RawSocketHandle& ours = GetParam().family == kV4 ? v4 : v6;
  EXPECT_TRUE(ReceiveAll(GetParam().family == kV4 ? v6 : v4).empty());
  ns_packet* raw = nullptr;
  ASSERT_EQ(ns_raw_socket_receive(ours.get(), &raw),
            GetParam().copied ? NS_OK : NS_ERR_WOULD_BLOCK);
  EXPECT_EQ(wire.Counter("raw_sockets.received"), GetParam().copied ? 1u : 0u);
  if (!GetParam().copied) return;
  const PacketHandle packet(raw);
  EXPECT_EQ(support::BytesOf(packet), GetParam().packet);
  EXPECT_EQ(support::InfoOf(packet).flags, GetParam().flags);
  EXPECT_TRUE(ReceiveAll(ours).empty());
}

// With a raw socket and without: the same answers and the same counters.
TEST_P(RawSocket, InfluencesNothing) {
  Wire with(Options());
  Wire without(Options());
  const RawSocketHandle v4 = NewRawSocket(with.stack(), kV4);
  const RawSocketHandle v6 = NewRawSocket(with.stack(), kV6);
  for (const ns_verdict verdict : {NS_VERDICT_DECLINED, NS_VERDICT_CONSUMED}) {
    const Handler one = Handler::Saying(verdict);
    const Handler other = Handler::Saying(verdict);
    one.InstallIn(with.stack());
    other.InstallIn(without.stack());
    EXPECT_EQ(with.Send(GetParam().packet), without.Send(GetParam().packet));
    EXPECT_EQ(one.calls(), other.calls());
  }
  auto counters = with.AllCounters();
  counters["raw_sockets.received"] = 0;
  EXPECT_EQ(counters, without.AllCounters());
}

INSTANTIATE_TEST_SUITE_P(Packet, RawSocket, testing::ValuesIn(kRows),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(RawSockets, SeePacketsWithoutTheirPadding) {
  const Wire wire;
  const RawSocketHandle socket = NewRawSocket(wire.stack(), kV4);
  const Bytes packet = Build(EchoRequestTo("192.168.0.1"));
  ASSERT_EQ(support::Inject(wire.link(), Padded(packet)), NS_OK);
  EXPECT_EQ(ReceiveAll(socket), std::vector<Bytes>{packet});
}

TEST(RawSockets, EachGetACopy) {
  const Wire wire;
  const RawSocketHandle one = NewRawSocket(wire.stack(), kV4);
  const RawSocketHandle two = NewRawSocket(wire.stack(), kV4);
  ASSERT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("192.168.0.1"))), NS_OK);
  EXPECT_EQ(ReceiveAll(one).size(), 1u);
  EXPECT_EQ(ReceiveAll(two).size(), 1u);
}

TEST(RawSockets, OnOneNicSeeOnlyWhatComesInThere) {
  const Wire wire;
  ns_raw_socket_options options = NS_RAW_SOCKET_OPTIONS_INIT;
  options.nic = 2;
  const RawSocketHandle two = NewRawSocket(wire.stack(), kV4, &options);
  options.nic = 1;
  const RawSocketHandle one = NewRawSocket(wire.stack(), kV4, &options);
  ASSERT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("192.168.0.1"))), NS_OK);
  EXPECT_TRUE(ReceiveAll(two).empty());
  EXPECT_EQ(ReceiveAll(one).size(), 1u);
}

TEST(RawSockets, DropWhatFindsTheirQueueFull) {
  const Wire wire;
  ns_raw_socket_options options = NS_RAW_SOCKET_OPTIONS_INIT;
  options.receive_bytes = 1;
  const RawSocketHandle socket = NewRawSocket(wire.stack(), kV4, &options);
  ASSERT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("192.168.0.1"))), NS_OK);
  EXPECT_TRUE(ReceiveAll(socket).empty());
  EXPECT_EQ(wire.Counter("raw_sockets.queue_full"), 1u);
  EXPECT_EQ(support::Drain(wire.link()).size(), 1u);  // answered all the same
}

TEST(RawSockets, EndWhenTheyAreFreedOrTheStackIs) {
  Wire wire;
  RawSocketHandle first = NewRawSocket(wire.stack(), kV4);
  const RawSocketHandle second = NewRawSocket(wire.stack(), kV4);
  first.reset();
  ASSERT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("192.168.0.1"))), NS_OK);
  EXPECT_EQ(wire.Counter("raw_sockets.received"), 1u);
  wire.FreeStack();
  ns_packet* packet = nullptr;
  EXPECT_EQ(ns_raw_socket_receive(second.get(), &packet), NS_ERR_CLOSED);
}

// A notify that reads counters finds its packet in them, once.
TEST(RawSocket, IsNotifiedOfAPacketThatIsCountedAsReceived) {
  struct Seen {
    ns_stack* stack;
    uint64_t received;
  };
  const struct {
    const char* name;
    Bytes packet;
    ns_family family;
  } packets[] = {{"v4 for us", Build(EchoRequestTo("192.168.0.1")), kV4},
                 {"v4 not ours", Build(EchoRequestTo("192.168.0.77")), kV4},
                 {"v4 from a group", Icmp("224.0.0.1", "192.168.0.1", 8), kV4},
                 {"v6 for us", Build(EchoRequestTo("a::1")), kV6},
                 {"v6 not ours", Build(EchoRequestTo("a::77")), kV6},
                 {"v6 from a group", Icmp("ff02::1", "a::1", 128), kV6}};
  for (const auto& each : packets) {
    const Wire wire;
    Seen seen{wire.stack(), 77};
    ns_raw_socket_options options = NS_RAW_SOCKET_OPTIONS_INIT;
    options.notify = [](void* data) {
      auto* const s = static_cast<Seen*>(data);
      s->received = support::Counter(s->stack, "ip.packets_received");
    };
    options.user_data = &seen;
    const RawSocketHandle socket = NewRawSocket(wire.stack(), each.family, &options);
    EXPECT_EQ(support::Inject(wire.link(), each.packet), NS_OK) << each.name;
    EXPECT_EQ(seen.received, 1u) << each.name;
    EXPECT_EQ(wire.Counter("ip.packets_received"), 1u) << each.name;
  }
}

// Whoever reads into one buffer, also inside a notify, writes over the packet
// that is being dealt with: it is as long as it was all the same.
TEST(RawSocket, MayHaveItsPacketOverwrittenInsideItsNotify) {
  for (const bool v4 : {true, false}) {
    const Wire wire;
    Bytes packet = Build(EchoRequestTo(v4 ? "192.168.0.1" : "a::1"));
    struct Length {
      uint8_t* field;
    } length{packet.data() + (v4 ? 2 : 4)};
    ns_raw_socket_options options = NS_RAW_SOCKET_OPTIONS_INIT;
    options.notify = [](void* data) {
      uint8_t* const field = static_cast<Length*>(data)->field;
      field[0] = field[1] = 0xff;
    };
    options.user_data = &length;
    const RawSocketHandle socket = NewRawSocket(wire.stack(), v4 ? kV4 : kV6, &options);
    EXPECT_EQ(support::Inject(wire.link(), packet), NS_OK);
    const std::vector<Bytes> sent = support::Drain(wire.link());
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].size(), packet.size());
  }
}

}  // namespace
