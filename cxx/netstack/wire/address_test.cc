#include "netstack/wire/address.h"

#include <gtest/gtest.h>

#include <array>

#include "netstack/base/random.h"
#include "netstack/testing/hex.h"

namespace netstack::wire {
namespace {

constexpr Address kEveryBit{UINT64_MAX, UINT64_MAX};

// Bit by bit, the plainest way.
Address SlowMasked(Address a, uint32_t length) {
  Address masked;
  for (uint32_t i = 0; i < length; ++i) {
    if (BitAt(a, i) == 0) continue;
    (i < 64 ? masked.high : masked.low) |= uint64_t{1} << (63 - i % 64);
  }
  return masked;
}

TEST(Address, StandsFirstBitFirstInBothFamilies) {
  const auto bytes = testing::FromHex("c0000201 00000000 00000000 00000000");
  const Address ipv4 = Address::FromIpv4(bytes.data());
  EXPECT_EQ(ipv4, Address::Ipv4(0xc0000201));
  EXPECT_EQ(ipv4.ipv4(), 0xc0000201u);
  EXPECT_EQ(ipv4, Address::FromIpv6(bytes.data()));
  EXPECT_EQ(Address::From(Family::kIpv4, bytes.data()), ipv4);
}

TEST(Address, GoesToBytesAndBack) {
  const auto bytes = testing::CountingBytes(16);
  std::array<uint8_t, 16> out{};
  Address::FromIpv6(bytes.data()).ToIpv6(out.data());
  EXPECT_EQ(testing::ToHex(out), testing::ToHex(bytes));
  EXPECT_EQ(Address::From(Family::kIpv6, bytes.data()), Address::FromIpv6(bytes.data()));
  out.fill(0);
  Address::FromIpv4(bytes.data() + 4).ToIpv4(out.data());
  EXPECT_EQ(testing::ToHex(out), "04050607000000000000000000000000");
}

TEST(Address, IsOrderedAsItsBytesAre) {
  EXPECT_LT(Address::Ipv4(0x0a000001), Address::Ipv4(0x0a000002));
  EXPECT_LT((Address{1, UINT64_MAX}), (Address{2, 0}));
  EXPECT_LT((Address{1, 1}), (Address{1, 2}));
  EXPECT_TRUE(Address{}.unspecified());
  EXPECT_FALSE((Address{0, 1}.unspecified()));
  EXPECT_FALSE((Address{1, 0}.unspecified()));
}

TEST(Family, KnowsHowManyBitsItsAddressesHave) {
  EXPECT_EQ(AddressBits(Family::kIpv4), 32);
  EXPECT_EQ(AddressBits(Family::kIpv6), 128);
  EXPECT_NE(Index(Family::kIpv4), Index(Family::kIpv6));
  EXPECT_LT(Index(Family::kIpv4) + Index(Family::kIpv6), 2u);
}

TEST(Bits, OfAPrefixAreKeptAndTheOthersCleared) {
  base::SeededRandom random(1);
  for (uint32_t length = 0; length <= 128; ++length) {
    EXPECT_EQ(Masked(kEveryBit, length), SlowMasked(kEveryBit, length)) << length;
    const Address a{random.Next(), random.Next()};
    EXPECT_EQ(Masked(a, length), SlowMasked(a, length)) << length;
  }
}

TEST(Bits, CommonPrefixEndsAtTheFirstBitThatDiffers) {
  base::SeededRandom random(2);
  for (uint32_t bit = 0; bit < 128; ++bit) {
    const Address a{random.Next(), random.Next()};
    Address b = a;
    (bit < 64 ? b.high : b.low) ^= uint64_t{1} << (63 - bit % 64);
    EXPECT_EQ(CommonPrefix(a, b), bit);
    EXPECT_NE(BitAt(a, bit), BitAt(b, bit));
    EXPECT_EQ(Masked(a, bit), Masked(b, bit));
    EXPECT_EQ(CommonPrefix(a, a), 128u);
  }
}

TEST(Prefix, ContainsTheAddressesThatBeginLikeIt) {
  const Prefix network{Family::kIpv4, 8, Address::Ipv4(0x0a000000)};
  EXPECT_TRUE(network.Contains(Address::Ipv4(0x0a000000)));
  EXPECT_TRUE(network.Contains(Address::Ipv4(0x0affffff)));
  EXPECT_FALSE(network.Contains(Address::Ipv4(0x0b000000)));
  EXPECT_FALSE(network.Contains(Address::Ipv4(0x09ffffff)));
}

TEST(Prefix, OfLengthZeroContainsAllAndOfFullLengthOne) {
  const Prefix all{Family::kIpv6, 0, {}};
  EXPECT_TRUE(all.Contains(kEveryBit));
  const Prefix one{Family::kIpv6, 128, {1, 2}};
  EXPECT_TRUE(one.Contains({1, 2}));
  EXPECT_FALSE(one.Contains({1, 3}));
}

TEST(Prefix, IsAnAddressInItsSubnetToo) {
  const Prefix address{Family::kIpv4, 24, Address::Ipv4(0xc0a80007)};
  EXPECT_TRUE(address.Contains(Address::Ipv4(0xc0a800ff)));
  EXPECT_FALSE(address.Contains(Address::Ipv4(0xc0a801ff)));
}

TEST(SpecialAddress, Ipv4MulticastIs224To239) {
  EXPECT_FALSE(IsIpv4Multicast(Address::Ipv4(0xdfffffff)));
  EXPECT_TRUE(IsIpv4Multicast(Address::Ipv4(0xe0000000)));
  EXPECT_TRUE(IsIpv4Multicast(Address::Ipv4(0xefffffff)));
  EXPECT_FALSE(IsIpv4Multicast(Address::Ipv4(0xf0000000)));
  EXPECT_FALSE(IsIpv4Multicast(kIpv4Broadcast));
  EXPECT_TRUE(IsIpv4Multicast(kIpv4AllHosts));
}

TEST(SpecialAddress, Ipv4LoopbackIs127) {
  EXPECT_FALSE(IsIpv4Loopback(Address::Ipv4(0x7effffff)));
  EXPECT_TRUE(IsIpv4Loopback(Address::Ipv4(0x7f000000)));
  EXPECT_TRUE(IsIpv4Loopback(Address::Ipv4(0x7fffffff)));
  EXPECT_FALSE(IsIpv4Loopback(Address::Ipv4(0x80000000)));
}

TEST(SpecialAddress, Ipv6OnesAreWhatTheRfcsSay) {
  EXPECT_TRUE(IsIpv6Multicast(kIpv6AllNodes));
  EXPECT_FALSE(IsIpv6Multicast({0xfeff'ffff'ffff'ffff, 0}));
  EXPECT_TRUE(IsIpv6LinkLocal({0xfe80'0000'0000'0000, 1}));
  EXPECT_TRUE(IsIpv6LinkLocal({0xfebf'ffff'ffff'ffff, 1}));
  EXPECT_FALSE(IsIpv6LinkLocal({0xfec0'0000'0000'0000, 1}));
  EXPECT_FALSE(IsIpv6LinkLocal({0xfe7f'ffff'ffff'ffff, 1}));
  EXPECT_TRUE(IsIpv4Mapped({0, 0xffff'c000'0201}));
  EXPECT_FALSE(IsIpv4Mapped({0, 0xc000'0201}));
  EXPECT_FALSE(IsIpv4Mapped({1, 0xffff'c000'0201}));
  EXPECT_EQ(kIpv6Loopback, (Address{0, 1}));
}

TEST(SpecialAddress, MulticastIsAskedByFamily) {
  EXPECT_TRUE(IsMulticast(Family::kIpv4, kIpv4AllHosts));
  EXPECT_FALSE(IsMulticast(Family::kIpv6, kIpv4AllHosts));
  EXPECT_TRUE(IsMulticast(Family::kIpv6, kIpv6AllNodes));
  EXPECT_FALSE(IsMulticast(Family::kIpv4, kIpv6AllNodes)) << "255. is no group";
}

// The example of RFC 4291 2.7.1.
TEST(SpecialAddress, SolicitedNodeKeepsTheLast24Bits) {
  EXPECT_EQ(SolicitedNode({0x4037'0000'0000'0000, 0x0001'0800'200e'8c6c}),
            (Address{0xff02'0000'0000'0000, 0x0000'0001'ff0e'8c6c}));
}

TEST(SubnetBroadcast, HasAllHostBitsSet) {
  const Address a = Address::Ipv4(0xc0a80a01);
  EXPECT_EQ(SubnetBroadcast(a, 24), Address::Ipv4(0xc0a80aff));
  EXPECT_EQ(SubnetBroadcast(a, 30), Address::Ipv4(0xc0a80a03));
  EXPECT_EQ(SubnetBroadcast(a, 8), Address::Ipv4(0xc0ffffff));
  EXPECT_EQ(SubnetBroadcast(a, 0), kIpv4Broadcast);
}

TEST(SubnetBroadcast, IsNotThereInNetworksOfOneOrTwo) {
  EXPECT_TRUE(HasBroadcast(30));
  EXPECT_FALSE(HasBroadcast(31));
  EXPECT_FALSE(HasBroadcast(32));
}

}  // namespace
}  // namespace netstack::wire
