#include "netstack/ip/source_selection.h"

#include <algorithm>

namespace netstack::ip {

namespace {

// RFC 4007 section 5, RFC 6724 section 3.1. A multicast address says its own.
constexpr uint8_t kScopeLinkLocal = 0x2;
constexpr uint8_t kScopeSiteLocal = 0x5;
constexpr uint8_t kScopeGlobal = 0xe;

uint8_t Scope(wire::Address a) noexcept {
  if (wire::IsIpv6Multicast(a)) return static_cast<uint8_t>(a.high >> 48) & 0xf;
  if (wire::IsIpv6LinkLocal(a) || a == wire::kIpv6Loopback) return kScopeLinkLocal;
  if ((a.high >> 54) == 0x3fb) return kScopeSiteLocal;  // fec0::/10
  return kScopeGlobal;
}

// The policy table of RFC 6724 section 2.1, without what is obsolete.
uint8_t Label(wire::Address a) noexcept {
  if (a == wire::kIpv6Loopback) return 0;
  if (wire::IsIpv4Mapped(a)) return 4;
  if ((a.high >> 48) == 0x2002) return 2;
  if ((a.high >> 32) == 0x2001'0000) return 5;
  if ((a.high >> 57) == 0x7e) return 13;  // fc00::/7
  return 1;
}

// Rule 2: the smallest scope that reaches the remote; if none does, the largest.
bool BetterScope(uint8_t a, uint8_t b, uint8_t remote) noexcept {
  return a < b ? a >= remote : b < remote;
}

}  // namespace

SourceCandidates::Class SourceCandidates::ClassOf(wire::Family family, wire::Address address) {
  if (family == wire::Family::kIpv4) return {0, 0, {}};
  return {Scope(address), Label(address), {}};
}

void SourceCandidates::Add(wire::Family family, wire::Address address, uint32_t order) {
  Class wanted = ClassOf(family, address);
  const auto at = std::find_if(classes_.begin(), classes_.end(), [&](const Class& c) {
    return c.scope == wanted.scope && c.label == wanted.label;
  });
  if (at != classes_.end()) {
    at->addresses.Set(address, 128, {}, order);
    return;
  }
  wanted.addresses.Set(address, 128, {}, order);
  classes_.push_back(std::move(wanted));
}

void SourceCandidates::Remove(wire::Family family, wire::Address address) {
  const Class wanted = ClassOf(family, address);
  for (auto at = classes_.begin(); at != classes_.end(); ++at) {
    if (at->scope != wanted.scope || at->label != wanted.label) continue;
    at->addresses.Erase(address, 128);
    if (at->addresses.empty()) classes_.erase(at);
    return;
  }
}

std::optional<wire::Address> SourceCandidates::Choose(wire::Family family,
                                                      wire::Address remote) const noexcept {
  if (classes_.empty()) return std::nullopt;
  if (family == wire::Family::kIpv4) return classes_.front().addresses.Nearest(remote)->address;

  const uint8_t scope = Scope(remote);
  const uint8_t label = Label(remote);
  const Class* best = nullptr;
  std::optional<PrefixTree<Nothing>::Nearby> nearest;
  for (const Class& c : classes_) {
    const auto candidate = c.addresses.Nearest(remote);
    if (candidate->address == remote) return remote;  // rule 1
    bool better = best == nullptr;
    if (best != nullptr && c.scope != best->scope) {
      better = BetterScope(c.scope, best->scope, scope);  // rule 2
    } else if (best != nullptr && (c.label == label) != (best->label == label)) {
      better = c.label == label;  // rule 6
    } else if (best != nullptr) {
      better = candidate->common > nearest->common ||  // rule 8
               (candidate->common == nearest->common && candidate->order < nearest->order);
    }
    if (better) {
      best = &c;
      nearest = candidate;
    }
  }
  return nearest->address;
}

}  // namespace netstack::ip
