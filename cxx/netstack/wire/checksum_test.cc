#include "netstack/wire/checksum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>

#include "netstack/base/random.h"
#include "netstack/testing/hex.h"
#include "netstack/testing/packet_builder.h"

namespace netstack::wire {
namespace {

using testing::Bytes;

// The checksum field of `bytes` as a number.
uint16_t Checksum(std::span<const uint8_t> bytes) {
  return Word(ChecksumField(PartialSum(bytes.data(), bytes.size())));
}

Bytes RandomBytes(size_t length, uint64_t seed) {
  base::SeededRandom random(seed);
  Bytes bytes(length);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Next());
  return bytes;
}

// RFC 1071 3.
TEST(Checksum, OfTheRfcsExampleIsWhatTheRfcSays) {
  EXPECT_EQ(Checksum(testing::FromHex("0001 f203 f4f5 f6f7")), uint16_t{0xffff & ~0xddf2u});
}

TEST(Checksum, OfNothingAndOfZerosIsAllOnes) {
  EXPECT_EQ(Checksum({}), 0xffff);
  EXPECT_EQ(Checksum(Bytes(64)), 0xffff);
}

TEST(Checksum, IsTheSlowOneForEveryLengthAtEveryAlignment) {
  constexpr size_t kLongest = 300;
  constexpr size_t kAlignment = 64;
  alignas(kAlignment) std::array<uint8_t, kLongest + kAlignment> room{};
  for (size_t length = 0; length <= kLongest; ++length) {
    const Bytes bytes = RandomBytes(length, length);
    const uint16_t expected = testing::SlowChecksum(bytes);
    for (size_t at = 0; at < kAlignment; ++at) {
      room.fill(0xff);  // so that a byte read too much shows
      std::copy(bytes.begin(), bytes.end(), room.data() + at);
      ASSERT_EQ(Checksum({room.data() + at, length}), expected) << length << " at " << at;
    }
  }
}

// What is chosen when it runs, and what every processor can do.
TEST(Checksum, IsTheSameWhateverTheProcessorHas) {
  for (size_t length = 0; length <= 1'501; ++length) {
    const Bytes bytes = RandomBytes(length + 3, length);
    for (size_t at = 0; at <= 3; ++at) {
      const uint8_t* const from = bytes.data() + at;
      const uint16_t expected = testing::SlowChecksum({from, length});
      ASSERT_EQ(Word(ChecksumField(LongSum(from, length))), expected) << length << " at " << at;
      ASSERT_EQ(Word(ChecksumField(PortableSum(from, length))), expected) << length << " at " << at;
    }
  }
}

TEST(Checksum, ReadsNoByteOutside) {
  for (size_t length = 0; length <= 300; ++length) {
    // Memory of exactly this size: AddressSanitizer sees the next byte.
    const auto exact = std::make_unique<uint8_t[]>(length);
    std::fill_n(exact.get(), length, uint8_t{0x5a});
    ASSERT_EQ(Checksum({exact.get(), length}), testing::SlowChecksum(Bytes(length, 0x5a)));
  }
}

TEST(Checksum, LosesNoCarryInTheLongestPacket) {
  for (const size_t length : {size_t{65'535}, size_t{65'534}, size_t{1'000'001}}) {
    const Bytes ones(length, 0xff);
    EXPECT_EQ(Checksum(ones), testing::SlowChecksum(ones)) << length;
  }
}

TEST(Checksum, OfPartsAddsUpWhereTheyAreCutAtEvenBytes) {
  const Bytes bytes = RandomBytes(301, 9);
  for (size_t cut = 0; cut <= bytes.size(); cut += 2) {
    const uint64_t sum =
        PartialSum(bytes.data(), cut) + PartialSum(bytes.data() + cut, bytes.size() - cut);
    ASSERT_EQ(Word(ChecksumField(sum)), testing::SlowChecksum(bytes)) << cut;
  }
}

TEST(Fold, IsTheSumModulo65535WhereverItsCarriesStand) {
  base::SeededRandom random(10);
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t sum = random.Next() >> (random.Next() % 64);
    const uint16_t folded = Fold(sum);
    ASSERT_EQ(folded % 65'535, sum % 65'535) << sum;
    ASSERT_EQ(folded == 0, sum == 0) << sum;
  }
  EXPECT_EQ(Fold(UINT64_MAX), 0xffff);
}

TEST(PseudoHeader, IsWhatAnIcmpv6ChecksumNeeds) {
  const testing::Ipv6 ip{.source = "2001:db8::2", .destination = "ff02::1"};
  for (const size_t length : {size_t{0}, size_t{5}, size_t{1'000}, size_t{65'527}}) {
    const Bytes packet = testing::Build(ip, testing::Icmp{.payload = RandomBytes(length, length)});
    const size_t message = packet.size() - 40;
    const uint64_t sum = PartialSum(packet.data() + 8, 32) +
                         PseudoHeaderSum(static_cast<uint32_t>(message), 58) +
                         PartialSum(packet.data() + 40, message);
    EXPECT_EQ(ChecksumField(sum), 0) << length;
  }
}

TEST(PseudoHeader, CountsAllFourBytesOfALength) {
  const Bytes written = testing::FromHex("0123 4567 0000 003a");
  EXPECT_EQ(Fold(PseudoHeaderSum(0x01234567, 58)), Fold(PartialSum(written.data(), 8)));
}

}  // namespace
}  // namespace netstack::wire
