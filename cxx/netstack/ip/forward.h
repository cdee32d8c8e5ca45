// The way of a packet that is not for us, through a NIC that forwards (RFC 1812,
// RFC 8200; reference, 1.7 and 2.6). No handler sees it.
#ifndef NETSTACK_IP_FORWARD_H_
#define NETSTACK_IP_FORWARD_H_

#include "netstack/ip/configuration.h"
#include "netstack/ip/fate.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

// Of packets to unicast addresses, counted as valid. What one of another NIC's
// addresses is asked for is delivered, as if it had come in there: answers leave
// by the NIC that it came in on. Anything else goes on by the longest route,
// which may lead back over that NIC; no Redirect is sent then.
//
// All is counted where the packet came in, but what its sending costs. Side by
// side with another stack no error is sent: that one may know the way.
Fate ForwardIpv4(const Context& context, packet::Packet packet) noexcept;
Fate ForwardIpv6(const Context& context, const packet::Packet& packet) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_FORWARD_H_
