#include "netstack/ip/echo_request.h"

#include <algorithm>
#include <cstring>

#include "netstack/base/byte_order.h"
#include "netstack/ip/icmp_packet.h"
#include "netstack/ip/output.h"
#include "netstack/wire/icmp.h"

namespace netstack::ip {

namespace {

// RFC 792, RFC 4443 4.1, but for the checksum.
void WriteMessage(const EchoRequest& request, uint8_t* to) noexcept {
  to[0] = request.family == wire::Family::kIpv4 ? static_cast<uint8_t>(wire::kIcmpv4EchoRequest)
                                                : static_cast<uint8_t>(wire::kIcmpv6EchoRequest);
  to[1] = 0;
  base::Store16(to + 4, request.identifier);
  base::Store16(to + 6, request.sequence);
  if (!request.payload.empty()) {
    std::memcpy(to + wire::kIcmpHeader, request.payload.data(), request.payload.size());
  }
}

}  // namespace

base::Status SendEchoRequest(const Context& context, const EchoRequest& request) noexcept {
  const bool v4 = request.family == wire::Family::kIpv4;
  const Configuration& configuration = context.configuration;
  const uint8_t ttl = v4 ? configuration.default_ttl : configuration.default_hop_limit;
  const IcmpPacket packet{.family = request.family,
                          .source = request.source,
                          .destination = request.destination,
                          .tos = request.tos,
                          .ttl = request.ttl != 0 ? request.ttl : ttl,
                          .identification = request.identification};
  const size_t offset = MessageOffset(request.family);
  // Any size may be asked for; none that is too long shall look short.
  const size_t length =
      offset + wire::kIcmpHeader + std::min<size_t>(request.payload.size(), link::kMaximumMtu);
  const auto write = [&](uint8_t* to) {
    WriteMessage(request, to + offset);
    Complete(packet, length, to);
  };
  const base::Status status = Send(context, request.family, request.destination, length, write);
  const bool sent = status == base::Status::kOk;
  context.counters.Add(
      v4 ? At(Direction::kSent, sent ? Icmpv4Counter::kEchoRequest : Icmpv4Counter::kDropped)
         : At(Direction::kSent, sent ? Icmpv6Counter::kEchoRequest : Icmpv6Counter::kDropped));
  return status;
}

}  // namespace netstack::ip
