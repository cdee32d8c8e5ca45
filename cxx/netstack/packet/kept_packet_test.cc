#include "netstack/packet/kept_packet.h"

#include <gtest/gtest.h>

#include <span>
#include <thread>
#include <vector>

#include "netstack/testing/packet_builder.h"

namespace netstack::packet {
namespace {

Packet Describe(const testing::Bytes& bytes) {
  Packet packet;
  packet.bytes = bytes.data();
  packet.length = static_cast<uint32_t>(bytes.size());
  packet.header_length = 20;
  packet.protocol = 1;
  packet.nic = 7;
  packet.source = wire::Address::Ipv4(0xc0a80002);
  packet.arrival.temporary = true;
  return packet;
}

TEST(Packet, PayloadIsWhatFollowsTheHeader) {
  const testing::Bytes bytes =
      testing::Build(testing::Ipv4{}, testing::Icmp{.payload = testing::FromText("abcd")});
  const Packet packet = Describe(bytes);
  EXPECT_EQ(packet.payload(), bytes.data() + 20);
  EXPECT_EQ(packet.payload_length(), 12u);
}

TEST(KeptPacket, OutlivesTheBytesItWasMadeOf) {
  const testing::Bytes original =
      testing::Build(testing::Ipv4{}, testing::Icmp{.payload = testing::FromText("abcd")});
  testing::Bytes borrowed = original;
  KeptPacket* const kept = KeptPacket::Copy(Describe(borrowed));
  ASSERT_NE(kept, nullptr);
  borrowed.assign(borrowed.size(), 0xee);
  const Packet& packet = kept->packet();
  EXPECT_EQ(testing::ToHex(std::span(packet.bytes, packet.length)), testing::ToHex(original));
  kept->Unref();
}

TEST(KeptPacket, KeepsWhatWasFoundInThePacketAndHowItArrived) {
  const testing::Bytes bytes =
      testing::Build(testing::Ipv4{.tos = 0xb9, .ttl = 3}, testing::Icmp{});
  KeptPacket* const kept = KeptPacket::Copy(Describe(bytes));
  ASSERT_NE(kept, nullptr);
  const Packet& packet = kept->packet();
  EXPECT_EQ(packet.payload(), packet.bytes + 20);
  EXPECT_EQ(packet.payload_length(), 8u);
  EXPECT_EQ(packet.ttl(), 3);
  EXPECT_EQ(packet.tos(), 0xb9);
  EXPECT_EQ(packet.nic, 7u);
  EXPECT_EQ(packet.source, wire::Address::Ipv4(0xc0a80002));
  EXPECT_TRUE(packet.arrival.temporary);
  EXPECT_FALSE(packet.arrival.multicast);
  kept->Unref();
}

// AddressSanitizer sees an end that comes too early, twice or never.
TEST(KeptPacket, LivesUntilItsLastReferenceIsGivenBackByWhicheverThread) {
  const testing::Bytes bytes =
      testing::Build(testing::Ipv4{.tos = 0xb9, .ttl = 3}, testing::Icmp{});
  KeptPacket* const kept = KeptPacket::Copy(Describe(bytes));
  ASSERT_NE(kept, nullptr);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    kept->Ref();
    threads.emplace_back([kept, &bytes] {
      for (int n = 0; n < 1'000; ++n) {
        kept->Ref();
        EXPECT_EQ(kept->packet().bytes[0], bytes[0]);
        kept->Unref();
      }
      kept->Unref();
    });
  }
  kept->Unref();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace netstack::packet
