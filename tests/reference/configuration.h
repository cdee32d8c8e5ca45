// What the reference implementation knows of a stack with one NIC, number 1:
// plain lists, looked through from front to back.
#ifndef NETSTACK_TESTS_REFERENCE_CONFIGURATION_H_
#define NETSTACK_TESTS_REFERENCE_CONFIGURATION_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/bytes.h"

namespace reference {

using support::Bytes;

// 4 or 16 bytes, and how many leading bits count.
struct Subnet {
  Bytes address;
  unsigned length = 0;
};

enum class Policy { kDefault, kReply, kSilent };

enum Family { kIpv4, kIpv6 };

struct Configuration {
  // The stack's.
  bool strict_routes = false;
  bool check_local_source = false;
  bool allow_loopback = false;
  uint8_t ttl = 64;
  uint8_t hop_limit = 64;
  Policy temporary_policy[2] = {};  // by family
  Policy group_policy[2] = {};
  // The NIC's.
  bool disabled = false;
  bool promiscuous = false;
  bool spoofing = false;
  size_t mtu = 1500;
  std::vector<Subnet> addresses;       // in the order in which they were assigned
  std::vector<Subnet> local_prefixes;  //
  std::vector<Bytes> groups;           // that were joined
  std::vector<Subnet> routes;          // that were added over this NIC
  // The forwarder's.
  bool handler[2] = {};  // by family
  bool echo_replies = false;
};

// What a handler does with one packet.
struct Decision {
  int replies = 0;  // how often it asks for a reply
  int verdict = 0;  // 0 declined, 1 consumed, anything else a failure
};

inline bool Bit(const Bytes& bytes, size_t index) {
  return (bytes.at(index / 8) >> (7 - index % 8) & 1) != 0;
}

inline size_t CommonBits(const Bytes& a, const Bytes& b) {
  size_t byte = 0;
  while (byte < a.size() && a[byte] == b[byte]) ++byte;
  size_t bits = byte * 8;
  while (bits < a.size() * 8 && Bit(a, bits) == Bit(b, bits)) ++bits;
  return bits;
}

inline bool Covers(const Subnet& subnet, const Bytes& address) {
  return subnet.address.size() == address.size() &&
         CommonBits(subnet.address, address) >= subnet.length;
}

inline bool Contains(const std::vector<Bytes>& all, const Bytes& one) {
  for (const Bytes& each : all) {
    if (each == one) return true;
  }
  return false;
}

inline bool AnyCovers(const std::vector<Subnet>& all, const Bytes& address) {
  for (const Subnet& each : all) {
    if (Covers(each, address)) return true;
  }
  return false;
}

// An address with its subnet, if it is assigned.
inline const Subnet* FindAssigned(const Configuration& configuration, const Bytes& address) {
  for (const Subnet& each : configuration.addresses) {
    if (each.address == address) return &each;
  }
  return nullptr;
}

// The last address of an IPv4 subnet of 30 bits or fewer.
inline bool IsBroadcastOf(const Subnet& subnet, const Bytes& address) {
  if (address.size() != 4 || subnet.length > 30 || !Covers(subnet, address)) return false;
  for (size_t i = subnet.length; i < 32; ++i) {
    if (!Bit(address, i)) return false;
  }
  return true;
}

inline bool IsLimitedBroadcast(const Bytes& address) {
  return address == Bytes{255, 255, 255, 255};
}

// Limited, or a subnet's. An assigned address is judged by its own subnet.
inline bool IsBroadcast(const Configuration& configuration, const Bytes& address) {
  if (IsLimitedBroadcast(address)) return true;
  if (const Subnet* const assigned = FindAssigned(configuration, address)) {
    return IsBroadcastOf(*assigned, address);
  }
  for (const Subnet& each : configuration.addresses) {
    if (IsBroadcastOf(each, address)) return true;
  }
  return false;
}

inline bool IsMulticast(const Bytes& address) {
  return address.size() == 4 ? address[0] >= 224 && address[0] <= 239 : address[0] == 255;
}

inline bool IsLoopback(const Bytes& address) {
  if (address.size() == 4) return address[0] == 127;
  return address == Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
}

inline bool IsMapped(const Bytes& address) {
  static const Bytes kPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0};
  return address.size() == 16 && CommonBits(address, kPrefix) >= 96;
}

inline bool IsLinkLocal(const Bytes& address) {
  return address.size() == 16 && address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

// All hosts, all nodes, the solicited nodes of our addresses, and what was joined.
inline bool IsOurGroup(const Configuration& configuration, const Bytes& group) {
  static const Bytes kAllNodes = {255, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  if (group == Bytes{224, 0, 0, 1} || group == kAllNodes) return true;
  for (const Subnet& each : configuration.addresses) {
    if (each.address.size() != 16) continue;
    Bytes solicited = {255, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 255, 0, 0, 0};
    for (size_t i = 13; i < 16; ++i) solicited[i] = each.address[i];
    if (solicited == group) return true;
  }
  return Contains(configuration.groups, group);
}

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_CONFIGURATION_H_
