#include <gtest/gtest.h>
#include <netstack/address.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <string>

namespace {

ns_address Ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return {{a, b, c, d}, NS_FAMILY_IPV4, 0};
}

ns_address Ipv6(std::array<uint8_t, 16> bytes) {
  ns_address address{{}, NS_FAMILY_IPV6, 0};
  std::copy(bytes.begin(), bytes.end(), std::begin(address.bytes));
  return address;
}

const ns_address kDocumentation =
    Ipv6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

bool Same(const ns_address& a, const ns_address& b) {
  return std::equal(std::begin(a.bytes), std::end(a.bytes), std::begin(b.bytes)) &&
         a.family == b.family && a.scope == b.scope;
}

// A value that no successful call leaves behind.
template <typename T>
T Filled() {
  T value;
  std::memset(&value, 0xa5, sizeof value);
  return value;
}

template <typename T>
bool Untouched(const T& value) {
  const T filled = Filled<T>();
  return std::memcmp(&value, &filled, sizeof value) == 0;
}

TEST(AddressLayout, IsWhatTheHeaderSays) {
  EXPECT_EQ(sizeof(ns_address), 24u);
  EXPECT_EQ(offsetof(ns_address, family), 16u);
  EXPECT_EQ(offsetof(ns_address, scope), 20u);
  EXPECT_EQ(sizeof(ns_prefix), 28u);
  EXPECT_EQ(offsetof(ns_prefix, length), 24u);
}

TEST(AddressParse, ReadsBothFamilies) {
  ns_address address = Filled<ns_address>();
  EXPECT_EQ(ns_address_parse("192.0.2.1", &address), NS_OK);
  EXPECT_TRUE(Same(address, Ipv4(192, 0, 2, 1))) << "with zeros behind the fourth byte";
  address = Filled<ns_address>();
  EXPECT_EQ(ns_address_parse("2001:DB8::1", &address), NS_OK);
  EXPECT_TRUE(Same(address, kDocumentation));
}

TEST(AddressParse, RefusesWhatIsNoAddressAndTouchesNothing) {
  for (const char* const text : {"", "1.2.3", "01.2.3.4", "1.2.3.4 ", "1.2.3.4/24", "fe80::1%eth0",
                                 "[::1]", "::1::", "x", "\xff\xff", "%s%n"}) {
    ns_address address = Filled<ns_address>();
    EXPECT_EQ(ns_address_parse(text, &address), NS_ERR_INVALID_ARGUMENT) << text;
    EXPECT_TRUE(Untouched(address)) << text;
  }
}

TEST(AddressParse, RefusesEndlessText) {
  const std::string text(1'000'000, '1');
  ns_address address;
  EXPECT_EQ(ns_address_parse(text.c_str(), &address), NS_ERR_INVALID_ARGUMENT);
}

TEST(AddressParse, RefusesNull) {
  ns_address address = Filled<ns_address>();
  EXPECT_EQ(ns_address_parse(nullptr, &address), NS_ERR_INVALID_ARGUMENT);
  EXPECT_TRUE(Untouched(address));
  EXPECT_EQ(ns_address_parse("::1", nullptr), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_address_parse(nullptr, nullptr), NS_ERR_INVALID_ARGUMENT);
}

TEST(AddressFormat, WritesBothFamilies) {
  std::array<char, NS_ADDRESS_TEXT_SIZE> text{};
  const ns_address ipv4 = Ipv4(192, 0, 2, 1);
  EXPECT_EQ(ns_address_format(&ipv4, text.data(), text.size()), NS_OK);
  EXPECT_STREQ(text.data(), "192.0.2.1");
  EXPECT_EQ(ns_address_format(&kDocumentation, text.data(), text.size()), NS_OK);
  EXPECT_STREQ(text.data(), "2001:db8::1");
}

TEST(AddressFormat, WritesAllOrNothing) {
  const ns_address address = Ipv4(10, 0, 0, 1);
  const std::string expected = "10.0.0.1";
  for (size_t capacity = 0; capacity <= expected.size() + 1; ++capacity) {
    auto text = Filled<std::array<char, 32>>();
    const ns_status status = ns_address_format(&address, text.data(), capacity);
    if (capacity <= expected.size()) {
      EXPECT_EQ(status, NS_ERR_TOO_SMALL) << capacity;
      EXPECT_TRUE(Untouched(text)) << capacity;
    } else {
      EXPECT_EQ(status, NS_OK);
      EXPECT_EQ(text.data(), expected);
    }
  }
}

TEST(AddressFormat, RefusesNull) {
  std::array<char, NS_ADDRESS_TEXT_SIZE> text{};
  EXPECT_EQ(ns_address_format(nullptr, text.data(), text.size()), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_address_format(&kDocumentation, nullptr, 64), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_address_format(&kDocumentation, nullptr, 0), NS_ERR_TOO_SMALL);
}

TEST(AddressFormat, RefusesWhatIsNoAddress) {
  auto text = Filled<std::array<char, NS_ADDRESS_TEXT_SIZE>>();
  for (const uint32_t family : {0u, 1u, 2u, 5u, 7u, 10u, UINT32_MAX}) {
    ns_address address = kDocumentation;
    address.family = family;
    EXPECT_EQ(ns_address_format(&address, text.data(), text.size()), NS_ERR_INVALID_ARGUMENT)
        << family;
  }
  for (size_t i = 4; i < 16; ++i) {
    ns_address address = Ipv4(10, 0, 0, 1);
    address.bytes[i] = 1;
    EXPECT_EQ(ns_address_format(&address, text.data(), text.size()), NS_ERR_INVALID_ARGUMENT) << i;
  }
  EXPECT_TRUE(Untouched(text));
}

TEST(PrefixParse, ReadsBothFamiliesAndKeepsHostBits) {
  ns_prefix prefix = Filled<ns_prefix>();
  EXPECT_EQ(ns_prefix_parse("192.0.2.1/24", &prefix), NS_OK);
  EXPECT_TRUE(Same(prefix.address, Ipv4(192, 0, 2, 1)));
  EXPECT_EQ(prefix.length, 24u);
  EXPECT_EQ(ns_prefix_parse("2001:db8::1/128", &prefix), NS_OK);
  EXPECT_TRUE(Same(prefix.address, kDocumentation));
  EXPECT_EQ(prefix.length, 128u);
  EXPECT_EQ(ns_prefix_parse("::/0", &prefix), NS_OK);
  EXPECT_EQ(prefix.length, 0u);
}

TEST(PrefixParse, RefusesWhatIsNoPrefixAndTouchesNothing) {
  for (const char* const text : {"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "::/129",
                                 "10.0.0.0/08", "10.0.0.0/-1", "10/8", "::/64 ", "::%1/64"}) {
    ns_prefix prefix = Filled<ns_prefix>();
    EXPECT_EQ(ns_prefix_parse(text, &prefix), NS_ERR_INVALID_ARGUMENT) << text;
    EXPECT_TRUE(Untouched(prefix)) << text;
  }
}

TEST(PrefixParse, RefusesNull) {
  ns_prefix prefix = Filled<ns_prefix>();
  EXPECT_EQ(ns_prefix_parse(nullptr, &prefix), NS_ERR_INVALID_ARGUMENT);
  EXPECT_TRUE(Untouched(prefix));
  EXPECT_EQ(ns_prefix_parse("::/0", nullptr), NS_ERR_INVALID_ARGUMENT);
}

TEST(PrefixFormat, WritesWhatParseReads) {
  for (const std::string expected :
       {"0.0.0.0/0", "192.0.2.1/24", "255.255.255.255/32", "::/0", "2001:db8::1/64",
        "::ffff:192.0.2.1/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"}) {
    ns_prefix prefix;
    ASSERT_EQ(ns_prefix_parse(expected.c_str(), &prefix), NS_OK);
    std::array<char, NS_ADDRESS_TEXT_SIZE> text{};
    EXPECT_EQ(ns_prefix_format(&prefix, text.data(), text.size()), NS_OK);
    EXPECT_EQ(text.data(), expected);
    EXPECT_EQ(ns_prefix_format(&prefix, text.data(), expected.size()), NS_ERR_TOO_SMALL);
    EXPECT_EQ(ns_prefix_format(&prefix, text.data(), expected.size() + 1), NS_OK);
  }
}

TEST(PrefixFormat, RefusesNullAndWhatIsNoPrefix) {
  std::array<char, NS_ADDRESS_TEXT_SIZE> text{};
  const ns_prefix good{Ipv4(10, 0, 0, 0), 8};
  EXPECT_EQ(ns_prefix_format(nullptr, text.data(), text.size()), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_prefix_format(&good, nullptr, 64), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_prefix_format(&good, nullptr, 0), NS_ERR_TOO_SMALL);
  const ns_prefix bad[] = {
      {Ipv4(10, 0, 0, 0), 33},         {Ipv4(10, 0, 0, 0), 256 + 8},
      {Ipv4(10, 0, 0, 0), UINT32_MAX}, {kDocumentation, 129},
      {{{10}, NS_FAMILY_ANY, 0}, 8},   {{{10, 0, 0, 0, 1}, NS_FAMILY_IPV4, 0}, 8},
  };
  for (const ns_prefix& prefix : bad) {
    EXPECT_EQ(ns_prefix_format(&prefix, text.data(), text.size()), NS_ERR_INVALID_ARGUMENT)
        << prefix.length;
  }
}

}  // namespace
