// A packet on its way in: borrowed bytes, what parsing found in them, and the
// circumstances of its arrival. Nothing here can change the bytes.
#ifndef NETSTACK_PACKET_PACKET_H_
#define NETSTACK_PACKET_PACKET_H_

#include <cstddef>
#include <cstdint>

#include "netstack/wire/address.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::packet {

// What the packet's destination is to the NIC that took it. None set: an
// address that somebody assigned.
struct Arrival {
  bool temporary = false;  // nobody assigned it: promiscuous mode or a local prefix
  bool broadcast = false;  // limited, or of an assigned address's subnet
  bool multicast = false;  // a joined group

  [[nodiscard]] bool at_assigned() const noexcept { return !(temporary | broadcast | multicast); }
  [[nodiscard]] bool at_group() const noexcept { return broadcast | multicast; }
};

// What only few packets have. Lives as long as the packet is looked at.
struct Extras {
  // IPv4: the options that an Echo Reply bears, processed (reference, 1.9); whole words.
  const uint8_t* reply_options = nullptr;
  uint8_t reply_options_length = 0;

  // IPv6: where the Next Header byte stands that names the upper layer.
  uint16_t next_header_offset = 6;
  bool fragment_header = false;  // had one, be it atomic
  bool router_alert = false;     // in its Hop-by-Hop header, for MLD (value 0)

  // IPv6, of a datagram put together from fragments: an error about it quotes these headers, as
  // they stood in the first fragment with its Fragment header, in place of the first
  // `replaced_length` bytes.
  const uint8_t* quoted_headers = nullptr;
  uint16_t quoted_length = 0;
  uint16_t replaced_length = 0;
};

struct Packet {
  const uint8_t* bytes = nullptr;  // from the IP header on
  uint32_t length = 0;             // cut to what the IP header says
  uint16_t header_length = 0;      // where the upper layer begins
  wire::Family family = wire::Family::kIpv4;
  uint8_t protocol = 0;
  uint32_t nic = 0;
  wire::Address source;
  wire::Address destination;
  Arrival arrival;
  bool bad_checksum = false;  // of the ICMP message; only raw sockets get to see such
  const Extras* extras = nullptr;

  [[nodiscard]] const uint8_t* payload() const noexcept { return bytes + header_length; }
  [[nodiscard]] size_t payload_length() const noexcept { return length - header_length; }
  // Or Hop Limit, or Traffic Class.
  [[nodiscard]] uint8_t ttl() const noexcept {
    return family == wire::Family::kIpv4 ? wire::Ipv4View(bytes).ttl()
                                         : wire::Ipv6View(bytes).hop_limit();
  }
  [[nodiscard]] uint8_t tos() const noexcept {
    return family == wire::Family::kIpv4 ? wire::Ipv4View(bytes).tos()
                                         : wire::Ipv6View(bytes).traffic_class();
  }
};

}  // namespace netstack::packet

#endif  // NETSTACK_PACKET_PACKET_H_
