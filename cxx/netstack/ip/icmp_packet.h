// The bytes around an ICMP message that the stack itself thought of, as all such
// packets bear them: Echo Requests and errors.
#ifndef NETSTACK_IP_ICMP_PACKET_H_
#define NETSTACK_IP_ICMP_PACKET_H_

#include <cstddef>
#include <cstdint>

#include "netstack/wire/address.h"

namespace netstack::ip {

struct IcmpPacket {
  wire::Family family = wire::Family::kIpv4;
  wire::Address source;
  wire::Address destination;
  uint8_t tos = 0;              // or Traffic Class
  uint8_t ttl = 0;              // or Hop Limit
  uint16_t identification = 0;  // IPv4 only
};

// Where the message of such a packet begins.
size_t MessageOffset(wire::Family family) noexcept;

// Makes a packet of `length` bytes of a message that stands at its place, but for the checksum:
// writes a header without options or extension headers in front of it, and the checksum.
void Complete(const IcmpPacket& packet, size_t length, uint8_t* to) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_ICMP_PACKET_H_
