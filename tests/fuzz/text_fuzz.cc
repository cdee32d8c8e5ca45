// Addresses and prefixes as text: ours against the C library's, and back again.

#include <arpa/inet.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "netstack/wire/text.h"

namespace {

using netstack::wire::Address;
using netstack::wire::AddressBits;
using netstack::wire::Family;
using netstack::wire::Format;
using netstack::wire::ParseAddress;
using netstack::wire::ParsedAddress;
using netstack::wire::ParsePrefix;
using netstack::wire::Prefix;

void Require(bool right, const char* rule, std::string_view text) {
  if (right) return;
  std::fprintf(stderr, "%s: \"%.*s\"\n", rule, static_cast<int>(text.size()), text.data());
  std::abort();
}

std::optional<ParsedAddress> LibraryParse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return ParsedAddress{Family::kIpv4, Address::FromIpv4(bytes.data())};
  }
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) {
    return ParsedAddress{Family::kIpv6, Address::FromIpv6(bytes.data())};
  }
  return std::nullopt;
}

// Digits without a leading zero, up to `largest`.
std::optional<unsigned> LibraryLength(std::string_view text, unsigned largest) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const unsigned long length = std::stoul(std::string(text));
  return length <= largest ? std::optional(static_cast<unsigned>(length)) : std::nullopt;
}

void CheckAddress(std::string_view text) {
  const auto ours = ParseAddress(text);
  const auto theirs = LibraryParse(text);
  Require(ours.has_value() == theirs.has_value(), "only one takes it for an address", text);
  if (!ours) return;
  Require(ours->family == theirs->family, "the families differ", text);
  Require(ours->address == theirs->address, "the addresses differ", text);
  const std::string written = Format(ours->family, ours->address);
  const auto again = ParseAddress(written);
  Require(again && again->family == ours->family && again->address == ours->address,
          "written and read it is another", written);
  Require(Format(again->family, again->address) == written, "it is written in two ways", written);
}

void CheckPrefix(std::string_view text) {
  const auto ours = ParsePrefix(text);
  const size_t slash = text.find('/');
  std::optional<Prefix> theirs;
  if (slash != std::string_view::npos) {
    const auto address = LibraryParse(text.substr(0, slash));
    const auto length = address
                            ? LibraryLength(text.substr(slash + 1), AddressBits(address->family))
                            : std::nullopt;
    if (length) theirs = Prefix{address->family, static_cast<uint8_t>(*length), address->address};
  }
  Require(ours == theirs, "the prefixes differ", text);
  if (ours) Require(ParsePrefix(Format(*ours)) == ours, "written and read it is another", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckAddress(text);
  CheckPrefix(text);
  return 0;
}
