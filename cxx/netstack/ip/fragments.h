// The way of a fragment that came in for us: held until its datagram is whole,
// then on as a packet of its own (reference, 1.6 and 2.5).
#ifndef NETSTACK_IP_FRAGMENTS_H_
#define NETSTACK_IP_FRAGMENTS_H_

#include <cstddef>

#include "netstack/ip/configuration.h"
#include "netstack/ip/fate.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

// Of a packet with More Fragments or an offset. It is counted as valid.
Fate ReceiveIpv4Fragment(const Context& context, const packet::Packet& packet) noexcept;
// Of a packet whose Fragment header, not an atomic one, stands at
// `packet.header_length`; packet.extras says which byte names it.
Fate ReceiveIpv6Fragment(const Context& context, const packet::Packet& packet) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_FRAGMENTS_H_
