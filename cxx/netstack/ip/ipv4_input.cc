#include "netstack/ip/destination.h"
#include "netstack/ip/input.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"

namespace netstack::ip {

namespace {

constexpr wire::Family kFamily = wire::Family::kIpv4;

[[gnu::cold, gnu::noinline]] Fate Drop(const Context& context, Stage last, IpCounter counter,
                                       Fate fate, bool copied = false) noexcept {
  CountStages(context, kFamily, last, copied);
  context.counters.Add(At(kFamily, counter));
  return fate;
}

// RFC 791 3.1, RFC 1122 3.2.1.1 and 3.2.1.2.
bool IsWellFormed(std::span<const uint8_t> bytes) noexcept {
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
  return wire::Fold(sum) == 0xffff;
}

// Cuts what is behind Total Length.
packet::Packet Parse(const uint8_t* bytes, uint32_t nic) noexcept {
  const wire::Ipv4View header(bytes);
  return {.bytes = bytes,
          .length = header.total_length(),
          .header_length = static_cast<uint16_t>(header.header_length()),
          .family = kFamily,
          .protocol = header.protocol(),
          .ttl = header.ttl(),
          .tos = header.tos(),
          .nic = nic,
          .source = header.source(),
          .destination = header.destination(),
          .arrival = {}};
}

// RFC 1122 3.2.1.3: a broadcast address is nobody's source. All-ones host bits
// tell at once that most sources are none.
bool IsBroadcastSource(const Context& context, wire::Address source) noexcept {
  if ((source.ipv4() & 3) != 3) return false;
  return context.interface.of(kFamily).addresses.Find(source).broadcast();
}

[[gnu::always_inline]] inline Fate Deliver(const Context& context, const packet::Packet& packet,
                                           bool copied) noexcept {
  if (wire::Ipv4View(packet.bytes).is_fragment()) {
    return Drop(context, Stage::kValid, IpCounter::kUnsupportedFragments,
                Fate::kUnsupportedFragment, copied);
  }
  CountStages(context, kFamily, Stage::kDelivered, copied);
  if (packet.protocol == wire::kProtocolIcmp) return Icmpv4Input(context, packet);
  if (packet.header_length != wire::kIpv4MinimumHeader) {
    context.counters.Add(At(kFamily, IpCounter::kUnsupportedOptions));
    return Fate::kUnsupportedOptions;
  }
  context.counters.Add(AtUnknownProtocol(packet.protocol));
  return Fate::kUnknownProtocol;
}

// Of a packet that was not dropped as malformed or a martian.
[[gnu::always_inline]] inline Fate Accept(const Context& context, packet::Packet& packet,
                                          bool copied) noexcept {
  if (packet.source == wire::kIpv4Broadcast || wire::IsIpv4Multicast(packet.source) ||
      IsBroadcastSource(context, packet.source)) {
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

Fate Ipv4Input(const Context& context, std::span<const uint8_t> bytes) noexcept {
  if (!IsWellFormed(bytes)) {
    return Drop(context, Stage::kReceived, IpCounter::kMalformedPacketsReceived, Fate::kMalformed);
  }
  packet::Packet packet = Parse(bytes.data(), context.interface.id);
  const auto invalid_source = [&] {
    return Drop(context, Stage::kReceived, IpCounter::kInvalidSourceAddressesReceived,
                Fate::kInvalidSource);
  };
  if (!context.configuration.allow_loopback) {
    if (wire::IsIpv4Loopback(packet.source)) return invalid_source();
    if (wire::IsIpv4Loopback(packet.destination)) {
      return Drop(context, Stage::kReceived, IpCounter::kInvalidDestinationAddressesReceived,
                  Fate::kInvalidDestination);
    }
  }
  if (context.configuration.check_local_source &&
      context.interface.of(kFamily).addresses.Find(packet.source).own()) {
    return invalid_source();
  }
  if (RawSocketsWant(context, kFamily)) [[unlikely]] {
    return CopyAndAccept(context, packet);
  }
  return Accept(context, packet, false);
}

}  // namespace netstack::ip
