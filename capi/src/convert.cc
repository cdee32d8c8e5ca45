#include "convert.h"

#include <algorithm>
#include <iterator>

namespace netstack::capi {

static_assert(static_cast<uint32_t>(wire::Family::kIpv4) == NS_FAMILY_IPV4);
static_assert(static_cast<uint32_t>(wire::Family::kIpv6) == NS_FAMILY_IPV6);

uint32_t ScopeOf(wire::Family family, wire::Address address, uint32_t nic) noexcept {
  return family == wire::Family::kIpv6 && wire::IsIpv6LinkScoped(address) ? nic : 0;
}

ns_address ToC(wire::Family family, wire::Address address, uint32_t nic) noexcept {
  ns_address c{};
  c.scope = ScopeOf(family, address, nic);
  c.family = static_cast<uint32_t>(family);
  if (family == wire::Family::kIpv4) {
    address.ToIpv4(c.bytes);
  } else {
    address.ToIpv6(c.bytes);
  }
  return c;
}

ns_prefix ToC(const wire::Prefix& prefix) noexcept {
  return {ToC(prefix.family, prefix.address), prefix.length};
}

bool IsNone(const ns_address& address) noexcept {
  return address.family == 0 && address.scope == 0 &&
         std::all_of(std::begin(address.bytes), std::end(address.bytes),
                     [](uint8_t b) { return b == 0; });
}

std::optional<wire::ParsedAddress> FromC(const ns_address& address) noexcept {
  if (address.family == NS_FAMILY_IPV6) {
    return wire::ParsedAddress{wire::Family::kIpv6, wire::Address::FromIpv6(address.bytes)};
  }
  if (address.family != NS_FAMILY_IPV4) return std::nullopt;
  if (std::any_of(address.bytes + 4, std::end(address.bytes), [](uint8_t b) { return b != 0; })) {
    return std::nullopt;
  }
  return wire::ParsedAddress{wire::Family::kIpv4, wire::Address::FromIpv4(address.bytes)};
}

std::optional<wire::Prefix> FromC(const ns_prefix& prefix) noexcept {
  const std::optional<wire::ParsedAddress> parsed = FromC(prefix.address);
  if (!parsed || prefix.length > wire::AddressBits(parsed->family)) return std::nullopt;
  return wire::Prefix{parsed->family, static_cast<uint8_t>(prefix.length), parsed->address};
}

}  // namespace netstack::capi
