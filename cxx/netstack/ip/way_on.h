// Where a packet goes that came in and is not for the NIC that it came in on.
#ifndef NETSTACK_IP_WAY_ON_H_
#define NETSTACK_IP_WAY_ON_H_

#include "netstack/base/status.h"
#include "netstack/ip/configuration.h"
#include "netstack/ip/fate.h"
#include "netstack/wire/address.h"

namespace netstack::ip {

// The enabled NIC that `destination` is assigned to, or is a broadcast address of;
// null: none. What a NIC takes without that, its local prefixes or everything, it
// takes from its own link only.
const Interface* FindOwner(const Configuration& configuration, wire::Family family,
                           wire::Address destination) noexcept;

// The NIC over which `destination` is reached, by the longest route over an
// enabled one, whether or not that has an address; null: no route.
const Interface* FindWayOn(const Configuration& configuration, wire::Family family,
                           wire::Address destination) noexcept;

// The end of a packet that does not go on, counted where it came in.
Fate CountNotForwarded(const Context& context, wire::Family family, IpCounter reason) noexcept;

// The end of one that was sent on, with what came of that.
Fate CountForwarded(const Context& context, wire::Family family, base::Status sent) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_WAY_ON_H_
