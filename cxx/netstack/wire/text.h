// Addresses and prefixes as people write them (RFC 4291 2.2, RFC 5952).
#ifndef NETSTACK_WIRE_TEXT_H_
#define NETSTACK_WIRE_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "netstack/wire/address.h"

namespace netstack::wire {

struct ParsedAddress {
  Family family;
  Address address;
};

// "192.0.2.1" or "2001:db8::1"; no zone, no leading zeros in IPv4 (they are
// octal to some), nothing around it.
std::optional<ParsedAddress> ParseAddress(std::string_view text) noexcept;

// An address, a slash and a decimal length that the family allows. Host bits
// are kept: whether they may be set is the caller's rule.
std::optional<Prefix> ParsePrefix(std::string_view text) noexcept;

std::string Format(Family family, Address address);
std::string Format(const Prefix& prefix);

// The same without memory of its own: into a buffer of kMaximumText bytes, with
// no 0 at the end. Returns the length.
inline constexpr size_t kMaximumText = 43;
size_t Format(Family family, Address address, char* buffer) noexcept;
size_t Format(const Prefix& prefix, char* buffer) noexcept;

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_TEXT_H_
