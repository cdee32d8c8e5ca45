#include "netstack/ip/input.h"

namespace netstack::ip {

// One lookup. A destination that nobody assigned needs no object and leaves no
// trace: it is a flag on the packet.
bool ClassifyDestination(const Context& context, packet::Packet* packet) noexcept {
  const InterfaceFamily& family = context.interface.of(packet->family);
  const AddressFacts facts = family.addresses.Find(packet->destination);
  if (wire::IsMulticast(packet->family, packet->destination)) {
    packet->arrival.multicast = facts.group();
    return facts.group();
  }
  if (facts.flags != 0) {
    packet->arrival.broadcast = facts.broadcast();
    return true;
  }
  packet->arrival.temporary =
      context.interface.promiscuous || family.local_prefixes.Holds(packet->destination);
  return packet->arrival.temporary;
}

}  // namespace netstack::ip
