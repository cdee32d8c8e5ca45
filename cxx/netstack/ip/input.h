// The way in: from a NIC to who shall have the packet, in the order of checks
// and with the counters of gVisor's netstack.
#ifndef NETSTACK_IP_INPUT_H_
#define NETSTACK_IP_INPUT_H_

#include <cstdint>
#include <span>

#include "netstack/ip/configuration.h"
#include "netstack/ip/echo.h"
#include "netstack/ip/fate.h"
#include "netstack/ip/ipv4_options.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

// A whole packet whose first four bits are 4, or 6.
Fate Ipv4Input(const Context& context, std::span<const uint8_t> bytes) noexcept;
Fate Ipv6Input(const Context& context, std::span<const uint8_t> bytes) noexcept;

// A packet for us whose upper layer is ICMP; its checksum was not looked at.
Fate Icmpv4Input(const Context& context, const packet::Packet& packet) noexcept;
Fate Icmpv6Input(const Context& context, const packet::Packet& packet) noexcept;

// A datagram for us that was put together from fragments; they were counted as valid.
Fate DeliverIpv4(const Context& context, const packet::Packet& packet) noexcept;

// The end of a packet for us whose options are not in order.
Fate RefuseOptions(const Context& context, const packet::Packet& packet,
                   const Ipv4Options& options) noexcept;

// How far a packet got. Each stage has its counter, and a packet is counted in
// all of them when it leaves the last: what comes between two additions must be
// read from memory again. `copied`: in the first it was counted already, before
// raw sockets told their owners of it.
enum class Stage : uint8_t { kReceived, kValid, kDelivered };
inline void CountStages(const Context& context, wire::Family family, Stage last,
                        bool copied = false) noexcept {
  const base::CounterWriter counters = context.counters;
  counters.Add(At(family, IpCounter::kPacketsReceived), copied ? 0 : 1);
  if (last >= Stage::kValid) counters.Add(At(family, IpCounter::kValidPacketsReceived));
  if (last >= Stage::kDelivered) counters.Add(At(family, IpCounter::kPacketsDelivered));
}

// Gives raw sockets their copy of a packet whose IP header is in order, before
// any address is looked at (reference, 1.4 and 2.3).
void CopyToRawSockets(const Context& context, const packet::Packet& packet) noexcept;
inline bool RawSocketsWant(const Context& context, wire::Family family) noexcept {
  const UpperLayer* const upper = context.configuration.upper.get();
  return upper != nullptr && upper->wants_copies(family);
}

}  // namespace netstack::ip

#endif  // NETSTACK_IP_INPUT_H_
