#include "netstack/ip/destination.h"
#include "netstack/ip/input.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"

namespace netstack::ip {

namespace {

constexpr wire::Family kFamily = wire::Family::kIpv4;

Fate Drop(const Context& context, IpCounter counter, Fate fate) noexcept {
  context.counters.Add(At(kFamily, counter));
  return fate;
}

// RFC 791 3.1, RFC 1122 3.2.1.1 and 3.2.1.2. Cuts what is behind Total Length.
bool Parse(std::span<const uint8_t> bytes, packet::Packet* packet) noexcept {
  if (bytes.size() < wire::kIpv4MinimumHeader) return false;
  const wire::Ipv4View header(bytes.data());
  const size_t header_length = header.header_length();
  const size_t total_length = header.total_length();
  if (header_length < wire::kIpv4MinimumHeader || header_length > total_length ||
      total_length > bytes.size()) {
    return false;
  }
  // Nearly all are of the smallest length, which the compiler knows how to add.
  const uint64_t sum = header_length == wire::kIpv4MinimumHeader
                           ? wire::PartialSum(bytes.data(), wire::kIpv4MinimumHeader)
                           : wire::PartialSum(bytes.data(), header_length);
  if (wire::Fold(sum) != 0xffff) return false;
  packet->bytes = bytes.data();
  packet->length = static_cast<uint32_t>(total_length);
  packet->header_length = static_cast<uint16_t>(header_length);
  packet->family = kFamily;
  packet->protocol = header.protocol();
  packet->ttl = header.ttl();
  packet->tos = header.tos();
  packet->source = header.source();
  packet->destination = header.destination();
  return true;
}

// RFC 1122 3.2.1.3: a broadcast address is nobody's source. All-ones host bits
// tell at once that most sources are none.
bool IsBroadcastSource(const Context& context, wire::Address source) noexcept {
  if ((source.ipv4() & 3) != 3) return false;
  return context.interface.of(kFamily).addresses.Find(source).broadcast();
}

Fate Deliver(const Context& context, const packet::Packet& packet) noexcept {
  if (wire::Ipv4View(packet.bytes).is_fragment()) {
    return Drop(context, IpCounter::kUnsupportedFragments, Fate::kUnsupportedFragment);
  }
  context.counters.Add(At(kFamily, IpCounter::kPacketsDelivered));
  if (packet.protocol == wire::kProtocolIcmp) return Icmpv4Input(context, packet);
  if (packet.header_length != wire::kIpv4MinimumHeader) {
    return Drop(context, IpCounter::kUnsupportedOptions, Fate::kUnsupportedOptions);
  }
  context.counters.Add(AtUnknownProtocol(packet.protocol));
  return Fate::kUnknownProtocol;
}

}  // namespace

Fate Ipv4Input(const Context& context, std::span<const uint8_t> bytes) noexcept {
  context.counters.Add(At(kFamily, IpCounter::kPacketsReceived));
  packet::Packet packet;
  if (!Parse(bytes, &packet)) {
    return Drop(context, IpCounter::kMalformedPacketsReceived, Fate::kMalformed);
  }
  packet.nic = context.interface.id;
  const auto invalid_source = [&] {
    return Drop(context, IpCounter::kInvalidSourceAddressesReceived, Fate::kInvalidSource);
  };
  if (!context.configuration.allow_loopback) {
    if (wire::IsIpv4Loopback(packet.source)) return invalid_source();
    if (wire::IsIpv4Loopback(packet.destination)) {
      return Drop(context, IpCounter::kInvalidDestinationAddressesReceived,
                  Fate::kInvalidDestination);
    }
  }
  if (context.configuration.check_local_source &&
      context.interface.of(kFamily).addresses.Find(packet.source).own()) {
    return invalid_source();
  }
  CopyToRawSockets(context, kFamily, packet);
  context.counters.Add(At(kFamily, IpCounter::kValidPacketsReceived));
  if (packet.source == wire::kIpv4Broadcast || wire::IsIpv4Multicast(packet.source) ||
      IsBroadcastSource(context, packet.source)) {
    return invalid_source();
  }
  if (!ClassifyDestination(context, kFamily, &packet)) {
    return Drop(context, IpCounter::kInvalidDestinationAddressesReceived, Fate::kNotOurs);
  }
  return Deliver(context, packet);
}

}  // namespace netstack::ip
