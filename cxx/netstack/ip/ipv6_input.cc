#include "netstack/ip/destination.h"
#include "netstack/ip/forward.h"
#include "netstack/ip/input.h"
#include "netstack/ip/ipv6_headers.h"
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
[[gnu::always_inline]] inline packet::Packet Parse(const uint8_t* bytes, uint32_t nic) noexcept {
  const wire::Ipv6View header(bytes);
  return {.bytes = bytes,
          .length = static_cast<uint32_t>(wire::kIpv6Header + header.payload_length()),
          .header_length = static_cast<uint16_t>(wire::kIpv6Header),
          .family = kFamily,
          .protocol = header.next_header(),
          .nic = nic,
          .source = header.source(),
          .destination = header.destination(),
          .arrival = {}};
}

// An IPv4-mapped address is never on the wire (RFC 4291 2.5.5.2), ::1 never
// outside the host (2.5.3). Both ends are counted if both are wrong.
[[gnu::cold]] bool IsMartian(const Context& context, wire::Ipv6View header, Fate* fate) noexcept {
  const bool mapped_source = wire::IsIpv4Mapped(header.source());
  const bool mapped_destination = wire::IsIpv4Mapped(header.destination());
  const bool loopback =
      !mapped_source && !mapped_destination && !context.configuration.allow_loopback;
  const bool source = mapped_source || (loopback && header.source() == wire::kIpv6Loopback);
  const bool destination =
      mapped_destination || (loopback && !source && header.destination() == wire::kIpv6Loopback);
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

// What has something other than an ICMP message right behind the header.
[[gnu::cold, gnu::noinline]] Fate DeliverOther(const Context& context, const packet::Packet& packet,
                                               bool copied) noexcept {
  CountStages(context, kFamily, Stage::kValid, copied);
  return ReceiveIpv6Headers(context, packet);
}

[[gnu::always_inline]] inline Fate DeliverPacket(const Context& context,
                                                 const packet::Packet& packet,
                                                 bool copied) noexcept {
  if (packet.protocol != wire::kProtocolIcmpv6) [[unlikely]]
    return DeliverOther(context, packet, copied);
  CountStages(context, kFamily, Stage::kDelivered, copied);
  return Icmpv6Input(context, packet);
}

// Most are for an assigned address, and the way of those runs straight.
[[gnu::noinline]] Fate AcceptOther(const Context& context, packet::Packet packet,
                                   AddressFacts facts, bool copied) noexcept {
  if (!ClassifyDestination(context, kFamily, packet.destination, facts, &packet.arrival)) {
    if (context.interface.of(kFamily).forwarding &&
        !wire::IsMulticast(kFamily, packet.destination)) {
      CountStages(context, kFamily, Stage::kValid, copied);
      return ForwardIpv6(context, packet);
    }
    return Drop(context, Stage::kValid, IpCounter::kInvalidDestinationAddressesReceived,
                Fate::kNotOurs, copied);
  }
  return DeliverPacket(context, packet, copied);
}

// Of a packet that was not dropped as malformed or a martian.
[[gnu::always_inline]] inline Fate Accept(const Context& context, const uint8_t* bytes) noexcept {
  const wire::Ipv6View header(bytes);
  if (wire::IsIpv6Multicast(header.source())) [[unlikely]] {
    return Drop(context, Stage::kValid, IpCounter::kInvalidSourceAddressesReceived,
                Fate::kInvalidSource);
  }
  const AddressFacts facts = context.interface.of(kFamily).addresses.Find(header.destination());
  const packet::Packet packet = Parse(bytes, context.interface.id);
  if (!IsAssigned(facts)) [[unlikely]]
    return AcceptOther(context, packet, facts, false);
  return DeliverPacket(context, packet, false);
}

// Their owners are called and may look: by then it is counted as received. They
// may write over it too: what was read stays.
[[gnu::cold, gnu::noinline]] Fate CopyAndAccept(const Context& context,
                                                const uint8_t* bytes) noexcept {
  const packet::Packet packet = Parse(bytes, context.interface.id);
  CountStages(context, kFamily, Stage::kReceived);
  CopyToRawSockets(context, packet);
  if (wire::IsIpv6Multicast(packet.source)) {
    return Drop(context, Stage::kValid, IpCounter::kInvalidSourceAddressesReceived,
                Fate::kInvalidSource, true);
  }
  const AddressFacts facts = context.interface.of(kFamily).addresses.Find(packet.destination);
  return AcceptOther(context, packet, facts, true);
}

}  // namespace

Fate Ipv6Input(const Context& context, std::span<const uint8_t> bytes) noexcept {
  if (!IsWellFormed(bytes)) [[unlikely]] {
    return Drop(context, Stage::kReceived, IpCounter::kMalformedPacketsReceived, Fate::kMalformed);
  }
  const wire::Ipv6View header(bytes.data());
  // All that could be martians begin so.
  if (header.source().high == 0 || header.destination().high == 0) [[unlikely]] {
    Fate fate{};
    if (IsMartian(context, header, &fate)) return fate;
  }
  if (context.configuration.check_local_source &&
      context.interface.of(kFamily).addresses.Find(header.source()).own()) {
    return Drop(context, Stage::kReceived, IpCounter::kInvalidSourceAddressesReceived,
                Fate::kInvalidSource);
  }
  if (RawSocketsWant(context, kFamily)) [[unlikely]] {
    return CopyAndAccept(context, bytes.data());
  }
  return Accept(context, bytes.data());
}

}  // namespace netstack::ip
