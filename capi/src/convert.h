// Between the C ABI's addresses and ours.
#ifndef NETSTACK_CAPI_SRC_CONVERT_H_
#define NETSTACK_CAPI_SRC_CONVERT_H_

#include <netstack/address.h>

#include <optional>

#include "netstack/wire/address.h"
#include "netstack/wire/text.h"

namespace netstack::capi {

// `nic`, which a link-local address gets as its scope; 0: not told.
ns_address ToC(wire::Family family, wire::Address address, uint32_t nic = 0) noexcept;
// `nic` if an address can have a scope, else 0.
uint32_t ScopeOf(wire::Family family, wire::Address address, uint32_t nic) noexcept;
ns_prefix ToC(const wire::Prefix& prefix) noexcept;
// Whether it stands for no address: all bytes are 0.
bool IsNone(const ns_address& address) noexcept;
// Nothing for an unknown family, a length that it does not have, or a non-zero
// byte behind an IPv4 address.
std::optional<wire::ParsedAddress> FromC(const ns_address& address) noexcept;
std::optional<wire::Prefix> FromC(const ns_prefix& prefix) noexcept;

}  // namespace netstack::capi

#endif  // NETSTACK_CAPI_SRC_CONVERT_H_
