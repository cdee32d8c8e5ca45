// The bound on what is held, who gives up what, deadlines, and many threads.
#include "netstack/ip/reassembly.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "netstack/testing/hex.h"

namespace netstack::ip {
namespace {

using Outcome = Reassembly::Outcome;
using wire::Address;
using wire::Family;

constexpr uint64_t kNever = base::Timers::kNever;
constexpr size_t kData = 1000;
constexpr size_t kOneFragment = kData + HeldDatagram::kOverhead + HeldDatagram::kFragmentOverhead;

Reassembly::Key KeyOf(uint32_t source, uint32_t identification) {
  return {Address::Ipv4(source), Address::Ipv4(0xc0000201), identification, 1};
}

class ReassemblyTest : public ::testing::Test {
 protected:
  static constexpr Family kFamily = Family::kIpv4;

  Reassembly::Added Add(const Reassembly::Key& key, uint32_t offset, bool more,
                        uint64_t deadline = 30, size_t length = kData) {
    const testing::Bytes bytes(length, 0x55);
    packet::Packet packet;
    packet.bytes = bytes.data();
    packet.length = static_cast<uint32_t>(bytes.size());
    return reassembly_.Add(kFamily, key, {packet, 0, offset, more}, deadline);
  }
  Outcome First(const Reassembly::Key& key) { return Add(key, 0, true).outcome; }
  Outcome Last(const Reassembly::Key& key) { return Add(key, kData, false).outcome; }

  // Room for 80 datagrams of one fragment; 60 are left when it is too full.
  Reassembly reassembly_{{.high = 80 * kOneFragment, .low = 60 * kOneFragment}};
};

TEST_F(ReassemblyTest, ADatagramIsNamedByAddressesIdentificationAndProtocol) {
  const Reassembly::Key key = KeyOf(1, 2);
  EXPECT_EQ(First(key), Outcome::kHeld);
  Reassembly::Key others[] = {key, key, key, key};
  others[0].source = Address::Ipv4(9);
  others[1].destination = Address::Ipv4(9);
  others[2].identification = 9;
  others[3].protocol = 9;
  for (const Reassembly::Key& other : others) EXPECT_EQ(Last(other), Outcome::kHeld);
  EXPECT_EQ(Last(key), Outcome::kWhole);
}

TEST_F(ReassemblyTest, TheTwoFamiliesHaveNothingInCommon) {
  EXPECT_EQ(First(KeyOf(1, 2)), Outcome::kHeld);
  EXPECT_EQ(reassembly_.bytes_held(Family::kIpv6), 0u);
  EXPECT_EQ(reassembly_.bytes_held(Family::kIpv4), kOneFragment);
}

TEST_F(ReassemblyTest, WhatIsWholeOrInConflictIsHeldNoMore) {
  First(KeyOf(1, 1));
  Reassembly::Added added = Add(KeyOf(1, 1), kData, false);
  EXPECT_EQ(added.outcome, Outcome::kWhole);
  ASSERT_NE(added.whole, nullptr);
  EXPECT_EQ(added.whole->length(), 2 * kData);
  EXPECT_EQ(reassembly_.bytes_held(kFamily), 0u);

  First(KeyOf(1, 2));
  EXPECT_EQ(Add(KeyOf(1, 2), 8, true).outcome, Outcome::kConflict);
  EXPECT_EQ(reassembly_.bytes_held(kFamily), 0u);
  EXPECT_EQ(Last(KeyOf(1, 2)), Outcome::kHeld) << "a later fragment begins anew";
}

TEST_F(ReassemblyTest, ADuplicateTakesNoMemory) {
  First(KeyOf(1, 1));
  EXPECT_EQ(First(KeyOf(1, 1)), Outcome::kHeld);
  EXPECT_EQ(reassembly_.bytes_held(kFamily), kOneFragment);
}

TEST_F(ReassemblyTest, OneSourceGivesUpItsOldestDownToTheLowMark) {
  for (uint32_t i = 0; i < 80; ++i) EXPECT_EQ(Add(KeyOf(1, i), 0, true).given_up, 0u);
  EXPECT_EQ(reassembly_.bytes_held(kFamily), 80 * kOneFragment);
  EXPECT_EQ(Add(KeyOf(1, 80), 0, true).given_up, 21u);
  EXPECT_EQ(reassembly_.bytes_held(kFamily), 60 * kOneFragment);
  EXPECT_EQ(Last(KeyOf(1, 20)), Outcome::kHeld) << "given up";
  EXPECT_EQ(Last(KeyOf(1, 21)), Outcome::kWhole);
  EXPECT_EQ(Last(KeyOf(1, 80)), Outcome::kWhole);
}

TEST_F(ReassemblyTest, AFloodFromOneSourceLeavesOthersAlone) {
  EXPECT_EQ(First(KeyOf(7, 7)), Outcome::kHeld);  // the oldest of all
  size_t given_up = 0;
  for (uint32_t i = 0; i < 10'000; ++i) {
    given_up += Add(KeyOf(1, i), 0, true).given_up;
    ASSERT_LE(reassembly_.bytes_held(kFamily), 80 * kOneFragment);
  }
  EXPECT_GT(given_up, 9'900u);
  EXPECT_EQ(Last(KeyOf(7, 7)), Outcome::kWhole);
}

TEST_F(ReassemblyTest, AFloodOfLargeDatagramsFromAFewSourcesLeavesOthersAlone) {
  EXPECT_EQ(First(KeyOf(7, 7)), Outcome::kHeld);
  for (uint32_t i = 0; i < 10'000; ++i) {
    Add(KeyOf(1 + i % 4, i / 40), i / 4 % 10 * kData, true);
    ASSERT_LE(reassembly_.bytes_held(kFamily), 80 * kOneFragment);
  }
  EXPECT_EQ(Last(KeyOf(7, 7)), Outcome::kWhole);
}

// They can't be told from honest ones: then the oldest goes, whoever sent more.
TEST_F(ReassemblyTest, AmongManySourcesTheOldestGivesUp) {
  for (uint32_t i = 0; i < 40; ++i) EXPECT_EQ(First(KeyOf(100 + i, 1)), Outcome::kHeld);
  EXPECT_EQ(First(KeyOf(7, 7)), Outcome::kHeld);
  EXPECT_EQ(Add(KeyOf(7, 7), 2 * kData, true).outcome, Outcome::kHeld);
  for (uint32_t i = 40; i < 90; ++i) EXPECT_EQ(First(KeyOf(100 + i, 1)), Outcome::kHeld);
  EXPECT_EQ(Last(KeyOf(100, 1)), Outcome::kHeld) << "given up";
  EXPECT_EQ(Add(KeyOf(7, 7), kData, true).outcome, Outcome::kHeld);
  EXPECT_EQ(Add(KeyOf(7, 7), 3 * kData, false).outcome, Outcome::kWhole);
}

TEST_F(ReassemblyTest, WhereNotEvenOneFitsNothingIsHeld) {
  Reassembly small({.high = 10, .low = 10});
  const testing::Bytes bytes(8);
  packet::Packet packet;
  packet.bytes = bytes.data();
  packet.length = 8;
  const Reassembly::Added added = small.Add(kFamily, KeyOf(1, 1), {packet, 0, 0, true}, 30);
  EXPECT_EQ(added.outcome, Outcome::kGivenUp);
  EXPECT_EQ(small.bytes_held(kFamily), 0u);
}

TEST_F(ReassemblyTest, OneAlarmAtATimeForTheOldest) {
  EXPECT_EQ(Add(KeyOf(1, 1), 0, true, 30).alarm, 30u);
  EXPECT_EQ(Add(KeyOf(1, 2), 0, true, 31).alarm, kNever);
  EXPECT_EQ(Add(KeyOf(1, 3), 0, true, 32).alarm, kNever);
  EXPECT_EQ(Add(KeyOf(1, 1), 2 * kData, true, 40).alarm, kNever) << "the first fragment's counts";

  EXPECT_NE(reassembly_.TakeExpired(kFamily, 30).datagram, nullptr);
  Reassembly::Expired expired = reassembly_.TakeExpired(kFamily, 30);
  EXPECT_EQ(expired.datagram, nullptr);
  EXPECT_EQ(expired.alarm, 31u);
  EXPECT_NE(reassembly_.TakeExpired(kFamily, 32).datagram, nullptr);
  EXPECT_NE(reassembly_.TakeExpired(kFamily, 32).datagram, nullptr);
  expired = reassembly_.TakeExpired(kFamily, 32);
  EXPECT_EQ(expired.datagram, nullptr);
  EXPECT_EQ(expired.alarm, kNever);
  EXPECT_EQ(Add(KeyOf(1, 4), 0, true, 50).alarm, 50u);
}

TEST_F(ReassemblyTest, AnAlarmThatCouldNotBeSetIsAskedForAgain) {
  EXPECT_EQ(Add(KeyOf(1, 1), 0, true, 30).alarm, 30u);
  reassembly_.Disarm(kFamily);
  EXPECT_EQ(Add(KeyOf(1, 2), 0, true, 35).alarm, 30u);
}

TEST_F(ReassemblyTest, AThreadMayHaveReadTheClockBeforeAnother) {
  Add(KeyOf(1, 1), 0, true, 30);
  Add(KeyOf(1, 2), 0, true, 29);
  EXPECT_NE(reassembly_.TakeExpired(kFamily, 30).datagram, nullptr);
  EXPECT_NE(reassembly_.TakeExpired(kFamily, 30).datagram, nullptr);
}

TEST_F(ReassemblyTest, ManyThreadsPutTogetherWhatTheyShare) {
  constexpr uint32_t kThreads = 4;
  constexpr uint32_t kDatagrams = 2000;
  Reassembly shared({});
  std::atomic<uint32_t> whole{0};
  std::atomic<uint32_t> expired{0};
  // Each fragment of a datagram comes by another thread.
  const auto run = [&](uint32_t number) {
    const testing::Bytes bytes(8, static_cast<uint8_t>(number));
    packet::Packet packet;
    packet.bytes = bytes.data();
    packet.length = 8;
    for (uint32_t i = 0; i < kDatagrams; ++i) {
      const Fragment fragment{packet, 0, number * 8, number + 1 < kThreads};
      const auto added = shared.Add(kFamily, KeyOf(i % 3, i), fragment, 30);
      if (added.outcome == Outcome::kWhole) ++whole;
      if (i % 64 == 0 && shared.TakeExpired(kFamily, 29).datagram != nullptr) ++expired;
    }
  };
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kThreads; ++i) threads.emplace_back(run, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(whole, kDatagrams);
  EXPECT_EQ(expired, 0u);
  EXPECT_EQ(shared.bytes_held(kFamily), 0u);
}

}  // namespace
}  // namespace netstack::ip
