// What became of a packet: a closed list.
#ifndef NETSTACK_IP_FATE_H_
#define NETSTACK_IP_FATE_H_

#include <cstdint>

namespace netstack::ip {

enum class Fate : uint8_t {
  kAnswered,        // an Echo Reply went out, or was refused further down
  kConsumed,        // a handler owns it
  kNotAnswered,     // delivered; the rules call for silence
  kDelivered,       // an ICMP message that was counted and calls for nothing
  kDisabled,        // the NIC is disabled
  kUnknownVersion,  // neither IPv4 nor IPv6
  kMalformed,
  kInvalidSource,
  kInvalidDestination,
  kNotOurs,  // nobody here has that address
  kUnknownProtocol,
  kInvalidIcmp,
  kUnsupportedOptions,
  kUnsupportedExtensionHeader,
  kUnsupportedFragment,
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_FATE_H_
