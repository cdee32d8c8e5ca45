// ICMP errors that came in: what others say of packets that we sent.
#ifndef NETSTACK_IP_RECEIVED_ERROR_H_
#define NETSTACK_IP_RECEIVED_ERROR_H_

#include "netstack/ip/configuration.h"
#include "netstack/ip/fate.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

// A packet for us whose message is of an error's type (wire::IsIcmpError), with the right checksum
// and counted. Who tells that a packet of ours was too big for its way is believed if we may have
// sent that one, and may make the way narrower for a while, down to LeastPathMtu().
Fate ReceiveIcmpError(const Context& context, const packet::Packet& packet) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_RECEIVED_ERROR_H_
