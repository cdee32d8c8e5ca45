#include "netstack/icmp/packet_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace netstack::icmp {
namespace {

using Pushed = PacketQueue::Pushed;

packet::Packet PacketOf(const std::vector<uint8_t>& bytes) {
  packet::Packet packet;
  packet.bytes = bytes.data();
  packet.length = static_cast<uint32_t>(bytes.size());
  return packet;
}

TEST(PacketQueueTest, GivesBackCopiesInTheirOrder) {
  PacketQueue queue(0);
  EXPECT_EQ(queue.Pop(), nullptr);
  for (uint8_t i = 0; i < 3; ++i) {
    const std::vector<uint8_t> bytes(10, i);
    EXPECT_EQ(queue.Push(PacketOf(bytes)), i == 0 ? Pushed::kFirst : Pushed::kBehindOthers);
  }
  for (uint8_t i = 0; i < 3; ++i) {
    packet::KeptPacket* const kept = queue.Pop();
    ASSERT_NE(kept, nullptr);
    EXPECT_EQ(kept->packet().length, 10u);
    EXPECT_EQ(kept->packet().bytes[9], i);
    kept->Unref();
  }
  EXPECT_EQ(queue.Pop(), nullptr);
  EXPECT_EQ(queue.Push(PacketOf({1})), Pushed::kFirst);
}

TEST(PacketQueueTest, HoldsWhatItsCapacitySaysAndNotAByteMore) {
  const std::vector<uint8_t> bytes(100);
  const uint64_t cost = packet::KeptPacket::CostOf(PacketOf(bytes));
  PacketQueue queue(3 * cost);
  EXPECT_EQ(queue.Push(PacketOf(bytes)), Pushed::kFirst);
  EXPECT_EQ(queue.Push(PacketOf(bytes)), Pushed::kBehindOthers);
  EXPECT_EQ(queue.Push(PacketOf(bytes)), Pushed::kBehindOthers);
  EXPECT_EQ(queue.Push(PacketOf(bytes)), Pushed::kFull);
  EXPECT_EQ(queue.Push(PacketOf({})), Pushed::kFull);
  queue.Pop()->Unref();
  EXPECT_EQ(queue.Push(PacketOf(std::vector<uint8_t>(101))), Pushed::kFull);
  EXPECT_EQ(queue.Push(PacketOf(bytes)), Pushed::kBehindOthers);
  queue.Clear();
  EXPECT_EQ(queue.Pop(), nullptr);
  EXPECT_EQ(queue.Push(PacketOf(bytes)), Pushed::kFirst);
}

TEST(PacketQueueTest, LosesNothingBetweenThreads) {
  PacketQueue queue(1 << 20);
  constexpr size_t kEach = 2'000;
  std::array<std::thread, 2> pushing;
  for (std::thread& thread : pushing) {
    thread = std::thread([&] {
      const std::vector<uint8_t> bytes(20, 7);
      for (size_t i = 0; i < kEach;) {
        if (queue.Push(PacketOf(bytes)) != Pushed::kFull) ++i;
      }
    });
  }
  for (size_t got = 0; got < pushing.size() * kEach;) {
    packet::KeptPacket* const kept = queue.Pop();
    if (kept == nullptr) continue;
    EXPECT_EQ(kept->packet().bytes[19], 7);
    kept->Unref();
    ++got;
  }
  for (std::thread& thread : pushing) thread.join();
  EXPECT_EQ(queue.Pop(), nullptr);
}

}  // namespace
}  // namespace netstack::icmp
