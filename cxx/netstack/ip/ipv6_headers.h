// What stands between the IPv6 header and the upper layer (RFC 8200 4).
#ifndef NETSTACK_IP_IPV6_HEADERS_H_
#define NETSTACK_IP_IPV6_HEADERS_H_

#include "netstack/ip/configuration.h"
#include "netstack/ip/fate.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

// Deals with a packet for us, counted as valid, from the header on that stands at
// `packet.header_length` and has the number `packet.protocol`: right behind the IPv6
// header, or behind the Fragment header of a datagram that was put together (then
// packet.extras says so).
Fate ReceiveIpv6Headers(const Context& context, const packet::Packet& packet) noexcept;

// The packet as an error looks at it: behind its extension headers, and that of a first fragment,
// where an ICMPv6 error shows (RFC 4443 2.4 e.1), or as far as there are whole ones.
packet::Packet AtUpperLayer(const packet::Packet& packet) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_IPV6_HEADERS_H_
