#include "netstack/wire/text.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>

#include "netstack/base/random.h"

namespace netstack::wire {
namespace {

std::string Rewritten(std::string_view text) {
  const auto parsed = ParseAddress(text);
  return parsed ? Format(parsed->family, parsed->address) : "refused";
}

std::string RewrittenPrefix(std::string_view text) {
  const auto parsed = ParsePrefix(text);
  return parsed ? Format(*parsed) : "refused";
}

struct Case {
  const char* text;
  const char* rewritten;
};

TEST(AddressText, IsReadAndWrittenAsTheRfcsSay) {
  const Case cases[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"192.0.2.1", "192.0.2.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:DB8::1", "2001:db8::1"},
      {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      // RFC 5952 4.2.2: one group of zeros is not shortened,
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      // 4.2.3: the longest run is, and the first of equal ones.
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"0:0:1:1:1:1:0:0", "::1:1:1:1:0:0"},
      {"1:0:0:0:0:0:0:0", "1::"},
      {"0:0:0:0:0:0:0:1", "::1"},
      // The last 32 bits may be read as IPv4; they are written so only where
      // the address is an IPv4 one.
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"::ffff:c000:201", "::ffff:192.0.2.1"},
      {"0:0:0:0:0:FFFF:0.0.0.0", "::ffff:0.0.0.0"},
      {"::192.0.2.1", "::c000:201"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"},
      {"1::1.2.3.4", "1::102:304"},
  };
  for (const Case& c : cases) EXPECT_EQ(Rewritten(c.text), c.rewritten) << c.text;
}

TEST(AddressText, IsRefusedWhenItIsAnythingElse) {
  const char* const cases[] = {
      "",
      " ",
      ".",
      ":",
      "1",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.",
      ".1.2.3",
      "1..2.3",
      "1.2.3.4.",
      // Not decimal octets: too large, octal to some, hexadecimal, signed, spaced.
      "256.0.0.1",
      "1.2.3.999",
      "1.2.3.4294967297",
      "01.2.3.4",
      "1.2.3.00",
      "0x1.2.3.4",
      "+1.2.3.4",
      "-1.2.3.4",
      " 1.2.3.4",
      "1.2.3.4 ",
      "1.2.3.4\n",
      "1.2.3.a",
      // IPv6: groups too long, too many, too few, empty.
      "12345::",
      "::00001",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:",
      ":1:2:3:4:5:6:7:8",
      ":1::",
      "1:::2",
      ":::",
      "1::2::3",
      "::1:",
      "1:2:3:4:5:6:7:8::",
      "::1:2:3:4:5:6:7:8",
      "1:2:3:4::5:6:7:8",
      "g::",
      "::-1",
      "::1 ",
      " ::1",
      // IPv4 tails in the wrong place or wrong in themselves.
      "::1.2.3.4:5",
      "1.2.3.4::",
      "1:2:3:4:5:6:7:1.2.3.4",
      "1:2:3:4:5:1.2.3.4",
      "::1.2.3",
      "::1.2.3.4.5",
      "::01.2.3.4",
      "::1.2.3.256",
      "::1.2.3.4.",
      "::a.2.3.4",
      // No zones, no brackets, no prefix lengths.
      "fe80::1%eth0",
      "fe80::1%1",
      "[::1]",
      "::1/64",
      "1.2.3.4/8",
      "localhost",
  };
  for (const char* const text : cases) EXPECT_EQ(Rewritten(text), "refused") << text;
}

TEST(AddressText, EndsWhereTheViewEnds) {
  EXPECT_EQ(Rewritten(std::string_view("1.2.3.45", 7)), "1.2.3.4");
  EXPECT_EQ(Rewritten(std::string_view("::12", 3)), "::1");
  EXPECT_EQ(Rewritten(std::string_view("1.2.3.4\0", 8)), "refused") << "a 0 is a character";
  EXPECT_EQ(Rewritten(std::string_view()), "refused");
}

TEST(PrefixText, IsAnAddressASlashAndALength) {
  const Case cases[] = {
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"192.0.2.1/24", "192.0.2.1/24"},  // host bits are the caller's business
      {"192.0.2.1/32", "192.0.2.1/32"},
      {"::/0", "::/0"},
      {"2001:DB8::1/64", "2001:db8::1/64"},
      {"::1/128", "::1/128"},
      {"::ffff:1.2.3.4/96", "::ffff:1.2.3.4/96"},
  };
  for (const Case& c : cases) EXPECT_EQ(RewrittenPrefix(c.text), c.rewritten) << c.text;
}

TEST(PrefixText, IsRefusedWhenItIsAnythingElse) {
  const char* const cases[] = {
      "",
      "/",
      "/8",
      "10.0.0.0",
      "10.0.0.0/",
      "10.0.0.0/33",
      "::/129",
      "::/1000",
      "::/4294967360",
      "::/18446744073709551680",
      "10.0.0.0/08",
      "10.0.0.0/00",
      "10.0.0.0/+8",
      "10.0.0.0/-8",
      "10.0.0.0/ 8",
      "10.0.0.0 /8",
      "10.0.0.0/8 ",
      "10.0.0.0/8/8",
      "10.0.0.0/0x8",
      "10.0.0.0/255.0.0.0",
      "10.0.0/8",
      "10/8",
      "::%1/64",
      "fe80::1%eth0/64",
  };
  for (const char* const text : cases) EXPECT_EQ(RewrittenPrefix(text), "refused") << text;
}

TEST(Text, OfTheLargestSizeFitsTheBufferThatIsPromised) {
  std::array<char, kMaximumText> buffer{};
  const Prefix longest{Family::kIpv6, 128, {UINT64_MAX, UINT64_MAX}};
  EXPECT_EQ(Format(longest, buffer.data()), kMaximumText);
  const Prefix mapped{Family::kIpv6, 128, {0, 0xffff'ffff'ffff}};
  EXPECT_LE(Format(mapped, buffer.data()), kMaximumText);
}

// inet_pton() of the C library, which takes no 0 inside.
std::optional<ParsedAddress> LibraryParse(const std::string& text) {
  std::array<uint8_t, 16> bytes{};
  if (text.find('\0') != std::string::npos) return std::nullopt;
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return ParsedAddress{Family::kIpv4, Address::FromIpv4(bytes.data())};
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    return ParsedAddress{Family::kIpv6, Address::FromIpv6(bytes.data())};
  }
  return std::nullopt;
}

std::string LibraryFormat(Family family, Address address) {
  std::array<uint8_t, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family == Family::kIpv4) {
    address.ToIpv4(bytes.data());
  } else {
    address.ToIpv6(bytes.data());
  }
  inet_ntop(family == Family::kIpv4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

void ExpectSameAsLibrary(const std::string& text) {
  const auto theirs = LibraryParse(text);
  const auto ours = ParseAddress(text);
  ASSERT_EQ(ours.has_value(), theirs.has_value()) << '"' << text << '"';
  if (!ours) return;
  EXPECT_EQ(ours->family, theirs->family) << text;
  EXPECT_EQ(ours->address, theirs->address) << text;
}

// An address with many zeros and ones, where the rules have their edges.
Address EdgyAddress(base::Random* random) {
  Address a{random->Next(), random->Next()};
  const uint64_t zeros = random->Next();
  for (uint32_t group = 0; group < 8; ++group) {
    uint64_t& half = group < 4 ? a.high : a.low;
    const uint64_t mask = uint64_t{0xffff} << (48 - 16 * (group % 4));
    const uint64_t kind = zeros >> (4 * group) & 15;
    if (kind < 9) half &= ~mask;
    if (kind == 9) half |= mask;
    if (kind == 10) half &= ~mask | uint64_t{1} << (48 - 16 * (group % 4));
  }
  return a;
}

TEST(Text, IsWrittenAsTheCLibraryWritesIt) {
  base::SeededRandom random(3);
  for (int i = 0; i < 50'000; ++i) {
    const Address a = EdgyAddress(&random);
    const Address v4 = Masked(a, 32);
    ASSERT_EQ(Format(Family::kIpv4, v4), LibraryFormat(Family::kIpv4, v4));
    // ::192.0.2.1 was given up by RFC 4291 2.5.5.1; libraries still write it so.
    if (a.high == 0 && a.low >> 32 == 0 && a.low > 0xffff) continue;
    ASSERT_EQ(Format(Family::kIpv6, a), LibraryFormat(Family::kIpv6, a));
  }
}

TEST(Text, ThatWasWrittenReadsAsWhatItWas) {
  base::SeededRandom random(4);
  for (int i = 0; i < 50'000; ++i) {
    const Address a = EdgyAddress(&random);
    const auto length = static_cast<uint8_t>(random.Next() % 129);
    const Prefix v6{Family::kIpv6, length, a};
    ASSERT_EQ(ParsePrefix(Format(v6)), v6);
    const Prefix v4{Family::kIpv4, static_cast<uint8_t>(length / 4), Masked(a, 32)};
    ASSERT_EQ(ParsePrefix(Format(v4)), v4);
  }
}

TEST(Text, OfTheRightLettersIsReadAsTheCLibraryReadsIt) {
  constexpr std::string_view kLetters = "0123456789abcdefAF::::::....%/ -g";
  base::SeededRandom random(5);
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (uint64_t n = random.Next() % 20; n > 0; --n) {
      text += kLetters[random.Next() % kLetters.size()];
    }
    ExpectSameAsLibrary(text);
  }
}

TEST(Text, ThatIsAlmostRightIsReadAsTheCLibraryReadsIt) {
  constexpr std::string_view kLetters = "0123456789abcdef:. \0";
  base::SeededRandom random(6);
  for (int i = 0; i < 100'000; ++i) {
    const Address a = EdgyAddress(&random);
    std::string text =
        i % 3 == 0 ? LibraryFormat(Family::kIpv4, Masked(a, 32)) : LibraryFormat(Family::kIpv6, a);
    for (uint64_t changes = random.Next() % 4; changes > 0 && !text.empty(); --changes) {
      const size_t at = random.Next() % text.size();
      const char letter = kLetters[random.Next() % kLetters.size()];
      switch (random.Next() % 4) {
        case 0:
          text[at] = letter;
          break;
        case 1:
          text.erase(at, 1);
          break;
        case 2:
          text.insert(at, 1, letter);
          break;
        default:
          text.insert(at, text.substr(random.Next() % text.size(), 5));
      }
    }
    ExpectSameAsLibrary(text);
  }
}

}  // namespace
}  // namespace netstack::wire
