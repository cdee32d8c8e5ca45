// Echo Requests that the stack sends for a ping socket.
#ifndef NETSTACK_IP_ECHO_REQUEST_H_
#define NETSTACK_IP_ECHO_REQUEST_H_

#include <cstdint>
#include <span>

#include "netstack/base/status.h"
#include "netstack/ip/configuration.h"
#include "netstack/wire/address.h"

namespace netstack::ip {

struct EchoRequest {
  wire::Family family = wire::Family::kIpv4;
  wire::Address source;
  wire::Address destination;
  uint8_t ttl = 0;              // or Hop Limit; 0: the configured default
  uint8_t tos = 0;              // or Traffic Class
  uint16_t identification = 0;  // IPv4
  uint16_t identifier = 0;
  uint16_t sequence = 0;
  std::span<const uint8_t> payload;
};

// Sends it over context.interface, which it is counted for. kWouldBlock: the
// link is full; kUnsupported: longer than IP's lengths can say; or what the link says.
base::Status SendEchoRequest(const Context& context, const EchoRequest& request) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_ECHO_REQUEST_H_
