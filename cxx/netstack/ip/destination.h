// What a packet's destination is to the NIC that it came in on.
#ifndef NETSTACK_IP_DESTINATION_H_
#define NETSTACK_IP_DESTINATION_H_

#include "netstack/ip/configuration.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

// Whether the destination is one that somebody assigned, and no more than that.
inline bool IsAssigned(AddressFacts facts) noexcept {
  return facts.flags == AddressFacts::kAssigned;
}

// Sets `*arrival`, which says nothing yet, if the destination is ours, which it
// returns. `facts` are what the NIC's table says of it; one that nobody assigned
// needs no object and leaves no trace: it is a flag on the packet.
inline bool ClassifyDestination(const Context& context, wire::Family family,
                                wire::Address destination, AddressFacts facts,
                                packet::Arrival* arrival) noexcept {
  const InterfaceFamily& ours = context.interface.of(family);
  if (wire::IsMulticast(family, destination)) {
    arrival->multicast = facts.group();
    return facts.group();
  }
  if (facts.flags != 0) {
    arrival->broadcast = facts.broadcast();
    return true;
  }
  arrival->temporary = context.interface.promiscuous || ours.local_prefixes.Holds(destination);
  return arrival->temporary;
}

}  // namespace netstack::ip

#endif  // NETSTACK_IP_DESTINATION_H_
