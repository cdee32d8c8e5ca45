// Which of its own addresses a NIC answers a group from: the rules of RFC 6724
// for IPv6, the longest common prefix for IPv4, one candidate after the other.
#ifndef NETSTACK_TESTS_REFERENCE_SOURCE_SELECTION_H_
#define NETSTACK_TESTS_REFERENCE_SOURCE_SELECTION_H_

#include <optional>

#include "reference/configuration.h"

namespace reference {

inline int ScopeOf(const Bytes& address) {
  if (IsLinkLocal(address) || IsLoopback(address)) return 2;
  if (address[0] == 0xfe && (address[1] & 0xc0) == 0xc0) return 5;
  return 14;
}

// Section 2.1's table as far as reference 2.8 has it.
inline int LabelOf(const Bytes& address) {
  if (IsLoopback(address)) return 0;
  if (IsMapped(address)) return 4;
  if (address[0] == 0x20 && address[1] == 0x02) return 2;
  if (address[0] == 0x20 && address[1] == 0x01 && address[2] == 0 && address[3] == 0) return 5;
  if ((address[0] & 0xfe) == 0xfc) return 13;
  return 1;
}

// Whether `a` is a better source for `remote` than `b`; false for equally good.
inline bool IsBetterSource(const Bytes& a, const Bytes& b, const Bytes& remote) {
  if (remote.size() == 4) return CommonBits(a, remote) > CommonBits(b, remote);
  // Rule 1: the same address.
  if (a == remote || b == remote) return a == remote && b != remote;
  // Rule 2: the appropriate scope.
  const int scope_a = ScopeOf(a);
  const int scope_b = ScopeOf(b);
  const int scope = ScopeOf(remote);
  if (scope_a < scope_b) return scope_a >= scope;
  if (scope_b < scope_a) return scope_b < scope;
  // Rule 6: the matching label.
  const bool label_a = LabelOf(a) == LabelOf(remote);
  const bool label_b = LabelOf(b) == LabelOf(remote);
  if (label_a != label_b) return label_a;
  // Rule 8: the longest matching prefix.
  return CommonBits(a, remote) > CommonBits(b, remote);
}

inline std::optional<Bytes> ChooseSource(const Configuration& configuration, const Bytes& remote) {
  std::optional<Bytes> best;
  for (const Subnet& each : configuration.addresses) {
    if (each.address.size() != remote.size()) continue;
    if (!best || IsBetterSource(each.address, *best, remote)) best = each.address;
  }
  return best;
}

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_SOURCE_SELECTION_H_
