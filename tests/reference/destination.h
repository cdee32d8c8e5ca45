// What a packet's destination is to the NIC, if it is anything.
#ifndef NETSTACK_TESTS_REFERENCE_DESTINATION_H_
#define NETSTACK_TESTS_REFERENCE_DESTINATION_H_

#include <optional>

#include "reference/configuration.h"

namespace reference {

enum class Destination { kAssigned, kTemporary, kBroadcast, kMulticast };

// Reference 1.4 and 2.3, contract 2 and 4.
inline std::optional<Destination> KindOf(const Configuration& configuration,
                                         const Bytes& destination) {
  if (IsMulticast(destination)) {
    if (IsOurGroup(configuration, destination)) return Destination::kMulticast;
    return std::nullopt;
  }
  if (destination.size() == 4 && IsBroadcast(configuration, destination)) {
    return Destination::kBroadcast;
  }
  if (FindAssigned(configuration, destination) != nullptr) return Destination::kAssigned;
  if (configuration.promiscuous || AnyCovers(configuration.local_prefixes, destination)) {
    return Destination::kTemporary;
  }
  return std::nullopt;
}

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_DESTINATION_H_
