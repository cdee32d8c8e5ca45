#include "netstack/ip/destination.h"
#include "netstack/ip/input.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

constexpr wire::Family kFamily = wire::Family::kIpv6;

Fate Drop(const Context& context, IpCounter counter, Fate fate) noexcept {
  context.counters.Add(At(kFamily, counter));
  return fate;
}

// RFC 8200 3. Cuts what is behind Payload Length.
bool Parse(std::span<const uint8_t> bytes, packet::Packet* packet) noexcept {
  if (bytes.size() < wire::kIpv6Header) return false;
  const wire::Ipv6View header(bytes.data());
  const size_t length = wire::kIpv6Header + header.payload_length();
  if (length > bytes.size()) return false;
  packet->bytes = bytes.data();
  packet->length = static_cast<uint32_t>(length);
  packet->header_length = static_cast<uint16_t>(wire::kIpv6Header);
  packet->family = kFamily;
  packet->protocol = header.next_header();
  packet->ttl = header.hop_limit();
  packet->tos = header.traffic_class();
  packet->source = header.source();
  packet->destination = header.destination();
  return true;
}

// An IPv4-mapped address is never on the wire (RFC 4291 2.5.5.2), ::1 never
// outside the host (2.5.3). Both ends are counted if both are wrong.
bool IsMartian(const Context& context, const packet::Packet& packet, Fate* fate) noexcept {
  const bool mapped_source = wire::IsIpv4Mapped(packet.source);
  const bool mapped_destination = wire::IsIpv4Mapped(packet.destination);
  const bool loopback =
      !mapped_source && !mapped_destination && !context.configuration.allow_loopback;
  const bool source = mapped_source || (loopback && packet.source == wire::kIpv6Loopback);
  const bool destination =
      mapped_destination || (loopback && !source && packet.destination == wire::kIpv6Loopback);
  if (destination) {
    *fate =
        Drop(context, IpCounter::kInvalidDestinationAddressesReceived, Fate::kInvalidDestination);
  }
  if (source) {
    *fate = Drop(context, IpCounter::kInvalidSourceAddressesReceived, Fate::kInvalidSource);
  }
  return source || destination;
}

Fate Deliver(const Context& context, const packet::Packet& packet) noexcept {
  switch (packet.protocol) {
    case wire::kFragmentHeader:
      return Drop(context, IpCounter::kUnsupportedFragments, Fate::kUnsupportedFragment);
    case wire::kHopByHopOptions:
    case wire::kRoutingHeader:
    case wire::kDestinationOptions:
    case wire::kExperimentHeader:
      return Drop(context, IpCounter::kUnsupportedExtensionHeaders,
                  Fate::kUnsupportedExtensionHeader);
    case wire::kNoNextHeader:
      return Fate::kNotWanted;
    default:
      break;
  }
  context.counters.Add(At(kFamily, IpCounter::kPacketsDelivered));
  if (packet.protocol == wire::kProtocolIcmpv6) return Icmpv6Input(context, packet);
  context.counters.Add(AtUnknownProtocol(packet.protocol));
  return Fate::kUnknownProtocol;
}

}  // namespace

Fate Ipv6Input(const Context& context, std::span<const uint8_t> bytes) noexcept {
  context.counters.Add(At(kFamily, IpCounter::kPacketsReceived));
  packet::Packet packet;
  if (!Parse(bytes, &packet)) {
    return Drop(context, IpCounter::kMalformedPacketsReceived, Fate::kMalformed);
  }
  packet.nic = context.interface.id;
  Fate fate{};
  if (IsMartian(context, packet, &fate)) return fate;
  if (context.configuration.check_local_source &&
      context.interface.of(kFamily).addresses.Find(packet.source).own()) {
    return Drop(context, IpCounter::kInvalidSourceAddressesReceived, Fate::kInvalidSource);
  }
  CopyToRawSockets(context, kFamily, packet);
  context.counters.Add(At(kFamily, IpCounter::kValidPacketsReceived));
  if (wire::IsIpv6Multicast(packet.source)) {
    return Drop(context, IpCounter::kInvalidSourceAddressesReceived, Fate::kInvalidSource);
  }
  if (!ClassifyDestination(context, kFamily, &packet)) {
    return Drop(context, IpCounter::kInvalidDestinationAddressesReceived, Fate::kNotOurs);
  }
  return Deliver(context, packet);
}

}  // namespace netstack::ip
