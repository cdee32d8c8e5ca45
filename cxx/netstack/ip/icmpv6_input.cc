#include <optional>

#include "netstack/ip/echo.h"
#include "netstack/ip/icmp_checksum.h"
#include "netstack/ip/input.h"
#include "netstack/ip/received_error.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/icmp_error_message.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

// Of any but Echo Request.
std::optional<Icmpv6Counter> CounterOf(uint8_t type) noexcept {
  switch (type) {
    case wire::kIcmpv6DestinationUnreachable:
      return Icmpv6Counter::kDstUnreachable;
    case wire::kIcmpv6PacketTooBig:
      return Icmpv6Counter::kPacketTooBig;
    case wire::kIcmpv6TimeExceeded:
      return Icmpv6Counter::kTimeExceeded;
    case wire::kIcmpv6ParameterProblem:
      return Icmpv6Counter::kParamProblem;
    case wire::kIcmpv6EchoReply:
      return Icmpv6Counter::kEchoReply;
    case wire::kIcmpv6MulticastListenerQuery:
      return Icmpv6Counter::kMulticastListenerQuery;
    case wire::kIcmpv6MulticastListenerReport:
      return Icmpv6Counter::kMulticastListenerReport;
    case wire::kIcmpv6MulticastListenerDone:
      return Icmpv6Counter::kMulticastListenerDone;
    case wire::kIcmpv6RouterSolicitation:
      return Icmpv6Counter::kRouterSolicit;
    case wire::kIcmpv6RouterAdvertisement:
      return Icmpv6Counter::kRouterAdvert;
    case wire::kIcmpv6NeighborSolicitation:
      return Icmpv6Counter::kNeighborSolicit;
    case wire::kIcmpv6NeighborAdvertisement:
      return Icmpv6Counter::kNeighborAdvert;
    case wire::kIcmpv6Redirect:
      return Icmpv6Counter::kRedirectMsg;
    case wire::kIcmpv6MulticastListenerReportV2:
      return Icmpv6Counter::kMulticastListenerReportV2;
    default:
      return std::nullopt;
  }
}

// A group's address behind the header (RFC 2710 3); reports of RFC 3810 are not shorter if they
// report anything.
constexpr size_t kMinimumMldMessage = 24;

// RFC 2710 3, RFC 3810 5.
[[gnu::cold, gnu::noinline]] bool IsValidMld(const packet::Packet& packet) noexcept {
  return packet.extras != nullptr && packet.extras->router_alert && packet.ttl() == 1 &&
         wire::IsIpv6LinkLocal(packet.source) && packet.payload_length() >= kMinimumMldMessage;
}

// RFC 4861 6.1, 7.1, 8.1: a hop limit of 255 proves that it is from this link. RFC 6980 5: never
// behind a Fragment header.
[[gnu::cold, gnu::noinline]] bool IsValidNdp(const packet::Packet& packet) noexcept {
  return packet.ttl() == 255 && wire::IcmpView(packet.payload()).code() == 0 &&
         (packet.extras == nullptr || !packet.extras->fragment_header);
}

bool IsValidOnThisLink(const packet::Packet& packet, uint8_t type) noexcept {
  switch (type) {
    case wire::kIcmpv6MulticastListenerQuery:
    case wire::kIcmpv6MulticastListenerReport:
    case wire::kIcmpv6MulticastListenerDone:
    case wire::kIcmpv6MulticastListenerReportV2:
      return IsValidMld(packet);
    case wire::kIcmpv6RouterSolicitation:
    case wire::kIcmpv6RouterAdvertisement:
    case wire::kIcmpv6NeighborSolicitation:
    case wire::kIcmpv6NeighborAdvertisement:
    case wire::kIcmpv6Redirect:
      return IsValidNdp(packet);
    default:
      return true;
  }
}

}  // namespace

Fate Icmpv6Input(const Context& context, const packet::Packet& packet) noexcept {
  const auto count = [&](Icmpv6Counter counter) {
    context.counters.Add(At(Direction::kReceived, counter));
  };
  if (packet.payload_length() < wire::kIcmpHeader || !Icmpv6ChecksumIsRight(packet)) [[unlikely]] {
    count(Icmpv6Counter::kInvalid);
    return Fate::kInvalidIcmp;
  }
  const uint8_t type = wire::IcmpView(packet.payload()).type();
  if (type == wire::kIcmpv6EchoRequest) [[likely]] {
    count(Icmpv6Counter::kEchoRequest);
    return HandleEchoRequest(context, packet);
  }
  const auto counter = CounterOf(type);
  if (!counter) {
    count(Icmpv6Counter::kUnrecognized);
    return Fate::kInvalidIcmp;
  }
  count(*counter);
  if (!IsValidOnThisLink(packet, type)) {
    count(Icmpv6Counter::kInvalid);
    return Fate::kInvalidIcmp;
  }
  if (type == wire::kIcmpv6EchoReply) return HandleEchoReply(context, packet);
  if (wire::IsIcmpError(wire::Family::kIpv6, type)) return ReceiveIcmpError(context, packet);
  if (type == wire::kIcmpv6RouterSolicitation) {
    count(Icmpv6Counter::kRouterOnlyPacketsDroppedByHost);
  }
  return Fate::kNotWanted;
}

}  // namespace netstack::ip
