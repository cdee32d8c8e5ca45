// One Echo Request out, and its Echo Reply or the end of patience.
#ifndef NETSTACK_STACK_PING_H_
#define NETSTACK_STACK_PING_H_

#include <cstdint>
#include <memory>
#include <span>

#include "netstack/base/status.h"
#include "netstack/packet/kept_packet.h"
#include "netstack/stack/ping_socket.h"
#include "netstack/stack/stack.h"
#include "netstack/wire/address.h"

namespace netstack::stack {

struct PingOptions {
  uint32_t nic = 0;  // 0: by the routes
  uint8_t ttl = 0;   // or Hop Limit; 0: the stack's default
  uint8_t tos = 0;   // or Traffic Class
  uint16_t sequence = 0;
  uint64_t timeout = 0;  // in nanoseconds; 0: kDefaultPingTimeout
  ZonedAddress source;   // unspecified: chosen
  std::span<const uint8_t> payload;
};
inline constexpr uint64_t kDefaultPingTimeout = 1'000'000'000;

struct PingResult {
  uint64_t round_trip = 0;              // in nanoseconds, by the stack's clock
  packet::KeptPacket* reply = nullptr;  // the caller's
};

// Blocks, and meanwhile does what Stack::Poll() does. kTimedOut; kNoRoute;
// kWouldBlock: the link was full; kUnsupported: the clock can't wait; kClosed:
// the stack was closed or stopped. The caller holds no base::Entry.
base::Error Ping(const std::shared_ptr<Stack>& stack, wire::Family family,
                 const ZonedAddress& destination, const PingOptions& options, PingResult* result);

}  // namespace netstack::stack

#endif  // NETSTACK_STACK_PING_H_
