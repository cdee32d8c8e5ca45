// Addresses, prefixes and bytes as values.
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "veneer/scene.h"

namespace {

using netstack::Address;
using netstack::ByteView;
using netstack::Family;
using netstack::Prefix;
using veneer::Thrown;

TEST(VeneerAddress, ReadsAndWritesText) {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "2001:db8::1"}) {
    EXPECT_EQ(Address(text).ToString(), text);
    EXPECT_TRUE(Address(text)) << text;
  }
  EXPECT_EQ(Address("2001:DB8:0::1").ToString(), "2001:db8::1");
  EXPECT_EQ(Address("192.0.2.1").family(), Family::kIpv4);
  EXPECT_EQ(Address("::1").family(), Family::kIpv6);
}

TEST(VeneerAddress, OfNoneIsEmpty) {
  const Address none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.family(), Family::kAny);
  EXPECT_EQ(none.ToString(), "");
  EXPECT_TRUE(none.bytes().empty());
}

TEST(VeneerAddress, ShowsItsBytes) {
  const Address v4("192.0.2.1");
  EXPECT_EQ(v4.bytes().Copy(), (std::vector<uint8_t>{192, 0, 2, 1}));
  const Address v6("2001:db8::1");
  EXPECT_EQ(v6.bytes().size(), 16u);
  EXPECT_EQ(v6.bytes()[1], 1);
  EXPECT_EQ(v6.bytes()[15], 1);
}

TEST(VeneerAddress, RefusesWhatIsNone) {
  EXPECT_EQ(Thrown([] { (void)Address("10.0.0.256"); }),
            "NS_ERR_INVALID_ARGUMENT: \"10.0.0.256\" is not an IPv4 or IPv6 address");
  EXPECT_EQ(Thrown([] { (void)Address(""); }),
            "NS_ERR_INVALID_ARGUMENT: \"\" is not an IPv4 or IPv6 address");
  EXPECT_EQ(Thrown([] { (void)Address(std::string("10.0.0.1\0x", 10)); }),
            "NS_ERR_INVALID_ARGUMENT: the address has a 0 character inside");
}

TEST(VeneerAddress, ComparesByFamilyBytesAndScope) {
  const std::vector<Address> ordered = {{}, "10.0.0.1", "10.0.0.2", "::1", "fe80::1"};
  for (size_t i = 0; i < ordered.size(); ++i) {
    for (size_t j = 0; j < ordered.size(); ++j) {
      EXPECT_EQ(ordered[i] < ordered[j], i < j) << i << " " << j;
      EXPECT_EQ(ordered[i] == ordered[j], i == j) << i << " " << j;
      EXPECT_EQ(ordered[i] != ordered[j], i != j) << i << " " << j;
    }
  }
  Address scoped("fe80::1");
  scoped.set_scope(2);
  EXPECT_EQ(scoped.scope(), 2u);
  EXPECT_NE(scoped, Address("fe80::1"));
  EXPECT_LT(Address("fe80::1"), scoped);
}

TEST(VeneerPrefix, ReadsAndWritesText) {
  const Prefix prefix("192.0.2.1/24");
  EXPECT_EQ(prefix.address(), "192.0.2.1");
  EXPECT_EQ(prefix.length(), 24u);
  EXPECT_EQ(prefix.family(), Family::kIpv4);
  EXPECT_EQ(prefix.ToString(), "192.0.2.1/24");
  EXPECT_EQ(Prefix("2001:db8::/64"), Prefix("2001:db8::", 64));
  EXPECT_NE(Prefix("10.0.0.0/8"), Prefix("10.0.0.0/9"));
  EXPECT_LT(Prefix("10.0.0.0/8"), Prefix("10.0.0.0/9"));
  EXPECT_LT(Prefix("10.0.0.0/9"), Prefix("11.0.0.0/8"));
}

TEST(VeneerPrefix, RefusesWhatIsNone) {
  EXPECT_EQ(Thrown([] { (void)Prefix("10.0.0.0/33"); }),
            "NS_ERR_INVALID_ARGUMENT: \"10.0.0.0/33\" is not an address with a prefix length, such "
            "as 10.7.0.0/16 or fd07::/64");
  EXPECT_EQ(Thrown([] { (void)Prefix("10.0.0.1"); }),
            "NS_ERR_INVALID_ARGUMENT: \"10.0.0.1\" is not an address with a prefix length, such "
            "as 10.7.0.0/16 or fd07::/64");
  EXPECT_EQ(Thrown([] { (void)Prefix(std::string("10.0.0.0/8\0", 11)); }),
            "NS_ERR_INVALID_ARGUMENT: the prefix has a 0 character inside");
  EXPECT_EQ(Thrown([] { (void)Prefix("10.0.0.0", 33).ToString(); }),
            "NS_ERR_INVALID_ARGUMENT: Prefix::ToString: an argument makes no sense");
}

TEST(VeneerByteView, IsMadeOfAnyBytesInARow) {
  const std::vector<uint8_t> numbers = {1, 2, 3};
  EXPECT_EQ(ByteView(numbers).data(), numbers.data());
  EXPECT_EQ(ByteView(numbers).size(), 3u);
  const std::array<std::byte, 2> bytes = {std::byte{7}, std::byte{8}};
  EXPECT_EQ(ByteView(bytes)[1], 8);
  EXPECT_EQ(ByteView(std::string("ab"))[0], 'a');
  const uint8_t array[] = {4, 5};
  EXPECT_EQ(ByteView(array).Copy(), (std::vector<uint8_t>{4, 5}));
  EXPECT_TRUE(ByteView().empty());
  static_assert(!std::is_convertible_v<std::vector<int>, ByteView>);
}

TEST(VeneerByteView, SkipsNoFurtherThanItsEnd) {
  const std::vector<uint8_t> numbers = {1, 2, 3};
  EXPECT_EQ(ByteView(numbers).Skip(1).Copy(), (std::vector<uint8_t>{2, 3}));
  EXPECT_TRUE(ByteView(numbers).Skip(3).empty());
  EXPECT_TRUE(ByteView(numbers).Skip(99).empty());
}

}  // namespace
