// Sending what is longer than its way takes (RFC 791 2.3, RFC 8200 4.5).
#ifndef NETSTACK_IP_FRAGMENTATION_H_
#define NETSTACK_IP_FRAGMENTATION_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "netstack/base/status.h"
#include "netstack/ip/configuration.h"
#include "netstack/wire/address.h"

namespace netstack::ip {

// Sends a composed packet over the context's NIC in fragments of at most `mtu` bytes, which it
// exceeds. IPv4: of a packet that is a fragment itself the offsets go on from its own; options and
// Don't Fragment stand in each (reference, 1.11). IPv6: a packet of our own, without extension
// headers. When one is lost at the link, those behind it are not sent. kUnsupported, and
// nothing is sent: what an IPv4 fragment brings is beyond the end of any datagram.
base::Status SendFragments(const Context& context, wire::Family family,
                           std::span<const uint8_t> packet, uint32_t mtu) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_FRAGMENTATION_H_
