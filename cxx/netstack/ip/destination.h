// What a packet's destination is to the NIC that it came in on.
#ifndef NETSTACK_IP_DESTINATION_H_
#define NETSTACK_IP_DESTINATION_H_

#include "netstack/ip/configuration.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

// Sets packet->arrival if the destination is ours, which it returns. One
// lookup; a destination that nobody assigned needs no object and leaves no
// trace: it is a flag on the packet.
inline bool ClassifyDestination(const Context& context, wire::Family family,
                                packet::Packet* packet) noexcept {
  const wire::Address destination = packet->destination;
  const InterfaceFamily& ours = context.interface.of(family);
  const AddressFacts facts = ours.addresses.Find(destination);
  if (wire::IsMulticast(family, destination)) {
    packet->arrival.multicast = facts.group();
    return facts.group();
  }
  if (facts.flags != 0) {
    packet->arrival.broadcast = facts.broadcast();
    return true;
  }
  packet->arrival.temporary =
      context.interface.promiscuous || ours.local_prefixes.Holds(destination);
  return packet->arrival.temporary;
}

}  // namespace netstack::ip

#endif  // NETSTACK_IP_DESTINATION_H_
