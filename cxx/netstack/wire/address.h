// IPv4 and IPv6 addresses as 128 bits, first bit first: an IPv4 address stands
// in the top 32. So one table, one prefix length and one comparison serve both
// families; which of them it is, the container knows.
#ifndef NETSTACK_WIRE_ADDRESS_H_
#define NETSTACK_WIRE_ADDRESS_H_

#include <bit>
#include <compare>
#include <cstdint>

#include "netstack/base/byte_order.h"

namespace netstack::wire {

enum class Family : uint8_t { kIpv4 = 4, kIpv6 = 6 };

inline constexpr uint8_t AddressBits(Family family) noexcept {
  return family == Family::kIpv4 ? 32 : 128;
}
// For arrays of two.
inline constexpr uint32_t Index(Family family) noexcept { return family == Family::kIpv4 ? 0 : 1; }

struct Address {
  uint64_t high = 0;
  uint64_t low = 0;

  static Address FromIpv4(const uint8_t* bytes) noexcept {
    return {static_cast<uint64_t>(base::Load32(bytes)) << 32, 0};
  }
  static Address FromIpv6(const uint8_t* bytes) noexcept {
    return {base::Load64(bytes), base::Load64(bytes + 8)};
  }
  static Address From(Family family, const uint8_t* bytes) noexcept {
    return family == Family::kIpv4 ? FromIpv4(bytes) : FromIpv6(bytes);
  }
  static constexpr Address Ipv4(uint32_t host_order) noexcept {
    return {static_cast<uint64_t>(host_order) << 32, 0};
  }

  [[nodiscard]] constexpr uint32_t ipv4() const noexcept {
    return static_cast<uint32_t>(high >> 32);
  }
  void ToIpv4(uint8_t* bytes) const noexcept { base::Store32(bytes, ipv4()); }
  void ToIpv6(uint8_t* bytes) const noexcept {
    base::Store64(bytes, high);
    base::Store64(bytes + 8, low);
  }
  [[nodiscard]] constexpr bool unspecified() const noexcept { return (high | low) == 0; }

  friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

// The first `length` bits, the rest 0; length 0 to 128.
constexpr Address Masked(Address a, uint32_t length) noexcept {
  if (length == 0) return {};
  if (length <= 64) return {a.high & (~uint64_t{0} << (64 - length)), 0};
  return length == 128 ? a : Address{a.high, a.low & (~uint64_t{0} << (128 - length))};
}

// How many leading bits are the same; 128 for equal ones.
constexpr uint32_t CommonPrefix(Address a, Address b) noexcept {
  if (a.high != b.high) return static_cast<uint32_t>(std::countl_zero(a.high ^ b.high));
  return 64 + static_cast<uint32_t>(std::countl_zero(a.low ^ b.low));
}

// Bit `index`, counted from the first; 0 to 127.
constexpr uint32_t BitAt(Address a, uint32_t index) noexcept {
  const uint64_t word = index < 64 ? a.high : a.low;
  return static_cast<uint32_t>(word >> (63 - (index & 63))) & 1u;
}

// A prefix in CIDR's sense, or an address with the prefix of its subnet.
struct Prefix {
  Family family = Family::kIpv4;
  uint8_t length = 0;
  Address address;

  [[nodiscard]] constexpr bool Contains(Address a) const noexcept {
    return Masked(a, length) == Masked(address, length);
  }
  friend constexpr bool operator==(const Prefix&, const Prefix&) = default;
};

// The special addresses of RFC 1122 3.2.1.3, RFC 5771 and RFC 4291.
inline constexpr Address kIpv4Broadcast = Address::Ipv4(0xffff'ffff);
inline constexpr Address kIpv4AllHosts = Address::Ipv4(0xe000'0001);
inline constexpr Address kIpv4AllRouters = Address::Ipv4(0xe000'0002);
inline constexpr Address kIpv6AllNodes{0xff02'0000'0000'0000, 1};
// Of the interface, the link and the site.
inline constexpr Address kIpv6AllRouters[] = {
    {0xff01'0000'0000'0000, 2}, {0xff02'0000'0000'0000, 2}, {0xff05'0000'0000'0000, 2}};
inline constexpr Address kIpv6Loopback{0, 1};

constexpr bool IsIpv4Multicast(Address a) noexcept { return (a.high >> 60) == 0xe; }
inline constexpr uint8_t kIpv4LoopbackByte = 127;
constexpr bool IsIpv4Loopback(Address a) noexcept { return (a.high >> 56) == kIpv4LoopbackByte; }
constexpr bool IsIpv6Multicast(Address a) noexcept { return (a.high >> 56) == 0xff; }
constexpr bool IsIpv6LinkLocal(Address a) noexcept { return (a.high >> 54) == 0x3fa; }
// Means something on one link alone (RFC 4007 5, RFC 4291 2.7), a group too.
constexpr bool IsIpv6LinkScoped(Address a) noexcept {
  return IsIpv6LinkLocal(a) || (IsIpv6Multicast(a) && (a.high >> 48 & 0xf) <= 2);
}
constexpr bool IsIpv4Mapped(Address a) noexcept { return a.high == 0 && (a.low >> 32) == 0xffff; }

constexpr bool IsMulticast(Family family, Address a) noexcept {
  return family == Family::kIpv4 ? IsIpv4Multicast(a) : IsIpv6Multicast(a);
}

// ff02::1:ffXX:XXXX of an address (RFC 4291 2.7.1).
constexpr Address SolicitedNode(Address a) noexcept {
  return {0xff02'0000'0000'0000, 0x0000'0001'ff00'0000 | (a.low & 0xff'ffff)};
}

// A subnet's broadcast address; /31 and /32 have none (RFC 3021).
constexpr bool HasBroadcast(uint8_t length) noexcept { return length <= 30; }
constexpr Address SubnetBroadcast(Address a, uint8_t length) noexcept {
  const uint32_t host = length == 0 ? ~0u : (1u << (32 - length)) - 1;
  return Address::Ipv4(a.ipv4() | host);
}

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_ADDRESS_H_
