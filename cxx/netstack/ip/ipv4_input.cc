#include "netstack/ip/destination.h"
#include "netstack/ip/forward.h"
#include "netstack/ip/fragments.h"
#include "netstack/ip/icmp_error.h"
#include "netstack/ip/input.h"
#include "netstack/ip/ipv4_options.h"
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
  if (header_length > total_length || total_length > bytes.size()) return false;
  // Nearly all are of the smallest length, which the compiler knows how to add.
  if (header_length == wire::kIpv4MinimumHeader) [[likely]] {
    return wire::IsRight(bytes.data(), wire::kIpv4MinimumHeader);
  }
  return header_length > wire::kIpv4MinimumHeader && wire::IsRight(bytes.data(), header_length);
}

// Cuts what is behind Total Length.
[[gnu::always_inline]] inline packet::Packet Parse(const uint8_t* bytes, uint32_t nic) noexcept {
  const wire::Ipv4View header(bytes);
  return {.bytes = bytes,
          .length = header.total_length(),
          .header_length = static_cast<uint16_t>(header.header_length()),
          .family = kFamily,
          .protocol = header.protocol(),
          .nic = nic,
          .source = header.source(),
          .destination = header.destination(),
          .arrival = {}};
}

[[gnu::noinline]] bool IsBroadcast(const Context& context, wire::Address address) noexcept {
  return context.interface.of(kFamily).addresses.Find(address).broadcast();
}

// RFC 1122 3.2.1.3: groups and broadcast addresses are nobody's source. The first
// byte, and the host bits, tell at once that most sources are none.
[[gnu::always_inline]] inline bool IsGroupSource(const Context& context,
                                                 wire::Address source) noexcept {
  if ((source.high >> 56) >= 0xe0) [[unlikely]] {
    if (source == wire::kIpv4Broadcast || wire::IsIpv4Multicast(source)) return true;
  }
  return context.interface.of(kFamily).addresses.MayBeBroadcast(source) &&
         IsBroadcast(context, source);
}

// What is for us, but no ICMP message. Another stack behind this one may want it.
[[gnu::cold, gnu::noinline]] Fate DeliverOther(const Context& context,
                                               const packet::Packet& packet) noexcept {
  if (context.interface.side_by_side) return Fate::kUnknownProtocol;
  if (packet.header_length != wire::kIpv4MinimumHeader) {
    const Ipv4Options options = ProcessIpv4Options(context, packet, OptionUse::kReceive);
    if (options.outcome != Ipv4Options::Outcome::kFine) {
      return RefuseOptions(context, packet, options);
    }
  }
  context.counters.Add(AtUnknownProtocol(packet.protocol));
  SendIcmpv4Error(context, packet, icmpv4::kProtocolUnreachable, Place::kHere);
  return Fate::kUnknownProtocol;
}

[[gnu::cold, gnu::noinline]] Fate AcceptFragment(const Context& context,
                                                 const packet::Packet& packet,
                                                 bool copied) noexcept {
  CountStages(context, kFamily, Stage::kValid, copied);
  return ReceiveIpv4Fragment(context, packet);
}

[[gnu::always_inline]] inline Fate DeliverPacket(const Context& context,
                                                 const packet::Packet& packet,
                                                 bool copied) noexcept {
  if (wire::Ipv4View(packet.bytes).is_fragment()) [[unlikely]] {
    return AcceptFragment(context, packet, copied);
  }
  CountStages(context, kFamily, Stage::kDelivered, copied);
  if (packet.protocol != wire::kProtocolIcmp) [[unlikely]]
    return DeliverOther(context, packet);
  return Icmpv4Input(context, packet);
}

// Most are for an assigned address, and the way of those runs straight.
[[gnu::noinline]] Fate AcceptOther(const Context& context, packet::Packet packet,
                                   AddressFacts facts, bool copied) noexcept {
  if (!ClassifyDestination(context, kFamily, packet.destination, facts, &packet.arrival)) {
    if (context.interface.of(kFamily).forwarding &&
        !wire::IsMulticast(kFamily, packet.destination)) {
      CountStages(context, kFamily, Stage::kValid, copied);
      return ForwardIpv4(context, packet);
    }
    return Drop(context, Stage::kValid, IpCounter::kInvalidDestinationAddressesReceived,
                Fate::kNotOurs, copied);
  }
  return DeliverPacket(context, packet, copied);
}

// Of a packet that was not dropped as malformed or a martian.
[[gnu::always_inline]] inline Fate Accept(const Context& context, const uint8_t* bytes) noexcept {
  const wire::Ipv4View header(bytes);
  if (IsGroupSource(context, header.source())) [[unlikely]] {
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
  if (IsGroupSource(context, packet.source)) {
    return Drop(context, Stage::kValid, IpCounter::kInvalidSourceAddressesReceived,
                Fate::kInvalidSource, true);
  }
  const AddressFacts facts = context.interface.of(kFamily).addresses.Find(packet.destination);
  return AcceptOther(context, packet, facts, true);
}

}  // namespace

Fate RefuseOptions(const Context& context, const packet::Packet& packet,
                   const Ipv4Options& options) noexcept {
  if (options.outcome == Ipv4Options::Outcome::kProblem) {
    // Side by side, it goes back as not taken: whoever gets it then answers.
    if (!context.interface.side_by_side) {
      SendIcmpv4Error(context, packet, icmpv4::ParameterProblem(options.pointer), Place::kHere);
    }
    context.counters.Add(At(kFamily, IpCounter::kMalformedPacketsReceived));
  }
  return Fate::kOptionProblem;
}

Fate DeliverIpv4(const Context& context, const packet::Packet& packet) noexcept {
  context.counters.Add(At(kFamily, IpCounter::kPacketsDelivered));
  return packet.protocol == wire::kProtocolIcmp ? Icmpv4Input(context, packet)
                                                : DeliverOther(context, packet);
}

Fate Ipv4Input(const Context& context, std::span<const uint8_t> bytes) noexcept {
  if (!IsWellFormed(bytes)) [[unlikely]] {
    return Drop(context, Stage::kReceived, IpCounter::kMalformedPacketsReceived, Fate::kMalformed);
  }
  const wire::Ipv4View header(bytes.data());
  const auto invalid_source = [&] {
    return Drop(context, Stage::kReceived, IpCounter::kInvalidSourceAddressesReceived,
                Fate::kInvalidSource);
  };
  if (!context.configuration.allow_loopback) [[likely]] {
    if (header.source_byte() == wire::kIpv4LoopbackByte) [[unlikely]]
      return invalid_source();
    if (header.destination_byte() == wire::kIpv4LoopbackByte) [[unlikely]] {
      return Drop(context, Stage::kReceived, IpCounter::kInvalidDestinationAddressesReceived,
                  Fate::kInvalidDestination);
    }
  }
  if (context.configuration.check_local_source &&
      context.interface.of(kFamily).addresses.Find(header.source()).own()) {
    return invalid_source();
  }
  if (RawSocketsWant(context, kFamily)) [[unlikely]] {
    return CopyAndAccept(context, bytes.data());
  }
  return Accept(context, bytes.data());
}

}  // namespace netstack::ip
