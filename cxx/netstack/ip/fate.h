// What became of a packet: a closed list.
#ifndef NETSTACK_IP_FATE_H_
#define NETSTACK_IP_FATE_H_

#include <cstdint>

namespace netstack::ip {

enum class Fate : uint8_t {
  kAnswered,        // an Echo Reply went out, or was refused further down
  kConsumed,        // a handler owns it
  kDelivered,       // a socket has it
  kNotAnswered,     // an Echo Request that the rules call silence for
  kNotWanted,       // counted, and nobody here wants it
  kDisabled,        // the NIC is disabled
  kUnknownVersion,  // neither IPv4 nor IPv6
  kMalformed,
  kInvalidSource,
  kInvalidDestination,
  kNotOurs,  // nobody here has that address
  kUnknownProtocol,
  kInvalidIcmp,
  kHeld,           // a fragment whose datagram is not whole yet
  kBadFragment,    // its datagram is given up
  kOptionProblem,  // an IPv4 option, or an option of an IPv6 extension header
  kHeaderProblem,  // an IPv6 extension header
  kForwarded,
  kNotForwarded,  // the counters under `forwarding` say why
};

// Whether somebody here had the packet. Any other may go on to another stack
// (contract, "side by side").
constexpr bool IsTaken(Fate fate) noexcept {
  return fate == Fate::kAnswered || fate == Fate::kConsumed || fate == Fate::kDelivered ||
         fate == Fate::kHeld || fate == Fate::kForwarded;
}

}  // namespace netstack::ip

#endif  // NETSTACK_IP_FATE_H_
