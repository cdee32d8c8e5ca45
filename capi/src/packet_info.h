// What the C ABI tells of a packet.
#ifndef NETSTACK_CAPI_SRC_PACKET_INFO_H_
#define NETSTACK_CAPI_SRC_PACKET_INFO_H_

#include <netstack/packet.h>

#include "netstack/packet/packet.h"

namespace netstack::capi {

// `packet` holds a whole ICMP header.
ns_packet_info InfoOf(const packet::Packet& packet) noexcept;

}  // namespace netstack::capi

#endif  // NETSTACK_CAPI_SRC_PACKET_INFO_H_
