// The packet that an ICMP error is about, as far as the error repeats it (RFC 792,
// RFC 4443 3).
#ifndef NETSTACK_WIRE_QUOTED_PACKET_H_
#define NETSTACK_WIRE_QUOTED_PACKET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netstack/wire/address.h"

namespace netstack::wire {

// All of it is what somebody claims.
struct QuotedPacket {
  struct Echo {
    bool reply = false;
    uint16_t identifier = 0;
    uint16_t sequence = 0;
  };
  struct Ports {
    uint16_t source = 0;
    uint16_t destination = 0;
  };

  // `bytes` begin with the packet, and may end before it or behind it. Nothing: its IP header is
  // not there as a whole, or is none of that family.
  static std::optional<QuotedPacket> Parse(Family family, std::span<const uint8_t> bytes) noexcept;

  [[nodiscard]] bool cut() const noexcept { return bytes.size() < length; }

  Family family = Family::kIpv4;
  std::span<const uint8_t> bytes;  // those of the packet that are there; borrowed
  uint32_t length = 0;             // of the packet, by its header
  Address source;
  Address destination;

  // Behind IPv6's extension headers. An extension header's number: the quote ends within that one,
  // or there are more of them than anybody sends.
  uint8_t protocol = 0;
  uint32_t header_length = 0;   // in front of what has that number
  bool later_fragment = false;  // begins in the midst of the upper layer, which tells nothing
  std::optional<Echo> echo;     // of an Echo Request or Echo Reply of the family
  std::optional<Ports> ports;   // of UDP or TCP
};

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_QUOTED_PACKET_H_
