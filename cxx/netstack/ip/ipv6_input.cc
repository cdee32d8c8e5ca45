#include "netstack/ip/destination.h"
#include "netstack/ip/input.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

constexpr wire::Family kFamily = wire::Family::kIpv6;

[[gnu::cold, gnu::noinline]] Fate Drop(const Context& context, Stage last, IpCounter counter,
                                       Fate fate, bool copied = false) noexcept {
  CountStages(context, kFamily, last, copied);
  context.counters.Add(At(kFamily, counter));
  return fate;
}

// RFC 8200 3.
bool IsWellFormed(std::span<const uint8_t> bytes) noexcept {
  return bytes.size() >= wire::kIpv6Header &&
         wire::kIpv6Header + wire::Ipv6View(bytes.data()).payload_length() <= bytes.size();
}

// Cuts what is behind Payload Length.
packet::Packet Parse(const uint8_t* bytes, uint32_t nic) noexcept {
  const wire::Ipv6View header(bytes);
  return {.bytes = bytes,
          .length = static_cast<uint32_t>(wire::kIpv6Header + header.payload_length()),
          .header_length = static_cast<uint16_t>(wire::kIpv6Header),
          .family = kFamily,
          .protocol = header.next_header(),
          .ttl = header.hop_limit(),
          .tos = header.traffic_class(),
          .nic = nic,
          .source = header.source(),
          .destination = header.destination(),
          .arrival = {}};
}

// An IPv4-mapped address is never on the wire (RFC 4291 2.5.5.2), ::1 never
// outside the host (2.5.3). Both ends are counted if both are wrong.
[[gnu::cold]] bool IsMartian(const Context& context, const packet::Packet& packet,
                             Fate* fate) noexcept {
  const bool mapped_source = wire::IsIpv4Mapped(packet.source);
  const bool mapped_destination = wire::IsIpv4Mapped(packet.destination);
  const bool loopback =
      !mapped_source && !mapped_destination && !context.configuration.allow_loopback;
  const bool source = mapped_source || (loopback && packet.source == wire::kIpv6Loopback);
  const bool destination =
      mapped_destination || (loopback && !source && packet.destination == wire::kIpv6Loopback);
  if (!source && !destination) return false;
  CountStages(context, kFamily, Stage::kReceived);
  if (destination) {
    context.counters.Add(At(kFamily, IpCounter::kInvalidDestinationAddressesReceived));
    *fate = Fate::kInvalidDestination;
  }
  if (source) {
    context.counters.Add(At(kFamily, IpCounter::kInvalidSourceAddressesReceived));
    *fate = Fate::kInvalidSource;
  }
  return true;
}

[[gnu::always_inline]] inline Fate Deliver(const Context& context, const packet::Packet& packet,
                                           bool copied) noexcept {
  switch (packet.protocol) {
    case wire::kFragmentHeader:
      return Drop(context, Stage::kValid, IpCounter::kUnsupportedFragments,
                  Fate::kUnsupportedFragment, copied);
    case wire::kHopByHopOptions:
    case wire::kRoutingHeader:
    case wire::kDestinationOptions:
    case wire::kExperimentHeader:
      return Drop(context, Stage::kValid, IpCounter::kUnsupportedExtensionHeaders,
                  Fate::kUnsupportedExtensionHeader, copied);
    case wire::kNoNextHeader:
      CountStages(context, kFamily, Stage::kValid, copied);
      return Fate::kNotWanted;
    default:
      break;
  }
  CountStages(context, kFamily, Stage::kDelivered, copied);
  if (packet.protocol == wire::kProtocolIcmpv6) return Icmpv6Input(context, packet);
  context.counters.Add(AtUnknownProtocol(packet.protocol));
  return Fate::kUnknownProtocol;
}

// Of a packet that was not dropped as malformed or a martian.
[[gnu::always_inline]] inline Fate Accept(const Context& context, packet::Packet& packet,
                                          bool copied) noexcept {
  if (wire::IsIpv6Multicast(packet.source)) {
    return Drop(context, Stage::kValid, IpCounter::kInvalidSourceAddressesReceived,
                Fate::kInvalidSource, copied);
  }
  if (!ClassifyDestination(context, kFamily, &packet)) {
    return Drop(context, Stage::kValid, IpCounter::kInvalidDestinationAddressesReceived,
                Fate::kNotOurs, copied);
  }
  return Deliver(context, packet, copied);
}

// Their owners are called and may look: by then it is counted as received.
[[gnu::cold, gnu::noinline]] Fate CopyAndAccept(const Context& context,
                                                packet::Packet& packet) noexcept {
  CountStages(context, kFamily, Stage::kReceived);
  CopyToRawSockets(context, packet);
  return Accept(context, packet, true);
}

}  // namespace

Fate Ipv6Input(const Context& context, std::span<const uint8_t> bytes) noexcept {
  if (!IsWellFormed(bytes)) {
    return Drop(context, Stage::kReceived, IpCounter::kMalformedPacketsReceived, Fate::kMalformed);
  }
  packet::Packet packet = Parse(bytes.data(), context.interface.id);
  Fate fate{};
  // All that could be one begin so.
  if ((packet.source.high == 0 || packet.destination.high == 0) &&
      IsMartian(context, packet, &fate)) {
    return fate;
  }
  if (context.configuration.check_local_source &&
      context.interface.of(kFamily).addresses.Find(packet.source).own()) {
    return Drop(context, Stage::kReceived, IpCounter::kInvalidSourceAddressesReceived,
                Fate::kInvalidSource);
  }
  if (RawSocketsWant(context, kFamily)) [[unlikely]] {
    return CopyAndAccept(context, packet);
  }
  return Accept(context, packet, false);
}

}  // namespace netstack::ip
