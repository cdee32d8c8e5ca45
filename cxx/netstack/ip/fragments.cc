#include "netstack/ip/fragments.h"

#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "netstack/base/byte_order.h"
#include "netstack/ip/destination.h"
#include "netstack/ip/echo.h"
#include "netstack/ip/icmp_error.h"
#include "netstack/ip/input.h"
#include "netstack/ip/ipv4_options.h"
#include "netstack/ip/ipv6_headers.h"
#include "netstack/ip/shared.h"
#include "netstack/ip/way_on.h"
#include "netstack/ip/whole_datagram.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

using wire::Family;

// Of an IPv4 datagram, and of what is behind an IPv6 header.
constexpr uint32_t kLongest = 65535;
constexpr uint64_t kSecond = 1'000'000'000;

// RFC 1122 3.3.2 leaves the one to us, RFC 8200 4.5 asks for the other.
constexpr uint64_t Timeout(Family family) noexcept {
  return (family == Family::kIpv4 ? 30 : 60) * kSecond;
}

[[gnu::cold]] Fate DropMalformed(const Context& context, Family family) noexcept {
  context.counters.Add(At(family, IpCounter::kMalformedPacketsReceived));
  context.counters.Add(At(family, IpCounter::kMalformedFragmentsReceived));
  return Fate::kBadFragment;
}

// Whether the destination is ours as things are now, of which `*arrival` then tells: the NIC's
// own, or that of another which it forwards to.
bool IsOursNow(const Context& context, const packet::Packet& packet,
               packet::Arrival* arrival) noexcept {
  const auto facts = [&packet](const Interface& interface) {
    return interface.of(packet.family).addresses.Find(packet.destination);
  };
  *arrival = {};
  if (ClassifyDestination(context, packet.family, packet.destination, facts(context.interface),
                          arrival)) {
    return true;
  }
  if (!context.interface.of(packet.family).forwarding) return false;
  const Interface* const owner =
      FindOwner(context.configuration, packet.family, packet.destination);
  if (owner == nullptr) return false;
  arrival->broadcast = facts(*owner).broadcast();
  return true;
}

// Quotes the first fragment; without it the sender would not know its own. Since that came the NIC
// may have lost the address that would tell, been disabled, or become another of the same number.
void TellOfTimeout(const Context& context, const HeldDatagram& datagram, Family family) noexcept {
  context.counters.Add(At(ReassemblyCounter::kTimedOut));
  if (datagram.first() == nullptr || !context.interface.enabled) return;
  packet::Packet first = *datagram.first();
  if (!IsOursNow(context, first, &first.arrival)) return;
  if (family == Family::kIpv4) {
    SendIcmpv4Error(context, first, icmpv4::kReassemblyTimeExceeded, Place::kHere);
  } else {
    SendIcmpv6Error(context, first, icmpv6::kReassemblyTimeExceeded, Place::kHere);
  }
}

void Arm(Shared& shared, Family family, uint64_t alarm) noexcept;

void Expire(Shared& shared, Family family, uint64_t now) noexcept {
  for (;;) {
    const Reassembly::Expired expired = shared.reassembly.TakeExpired(family, now);
    if (expired.datagram == nullptr) return Arm(shared, family, expired.alarm);
    const HeldDatagram& datagram = *expired.datagram;
    shared.host.OnNic(datagram.nic(), [&datagram, family](const Context& context) {
      TellOfTimeout(context, datagram, family);
    });
  }
}

// One timer per family, for the oldest datagram.
void Arm(Shared& shared, Family family, uint64_t alarm) noexcept {
  if (alarm == base::Timers::kNever) return;
  try {
    shared.host.RunAt(alarm, [&shared, family](uint64_t now) { Expire(shared, family, now); });
  } catch (const std::bad_alloc&) {
    shared.reassembly.Disarm(family);
  }
}

// The datagram, if this was its last fragment, or else what became of that.
std::unique_ptr<HeldDatagram> Hold(const Context& context, const Reassembly::Key& key,
                                   const Fragment& fragment, Fate* fate) noexcept {
  const Family family = fragment.packet.family;
  Shared& shared = *context.configuration.shared;
  const uint64_t deadline = context.configuration.clock->Now() + Timeout(family);
  Reassembly::Added added = shared.reassembly.Add(family, key, fragment, deadline);

  context.counters.Add(At(ReassemblyCounter::kFragments));
  context.counters.Add(At(ReassemblyCounter::kEvicted), added.given_up);
  Arm(shared, family, added.alarm);
  *fate = added.outcome == Reassembly::Outcome::kHeld ? Fate::kHeld : Fate::kBadFragment;
  if (added.outcome == Reassembly::Outcome::kConflict) {
    context.counters.Add(At(ReassemblyCounter::kDiscarded));
    DropMalformed(context, family);
  }
  return std::move(added.whole);
}

// The one packet made of them, if there is one.
const packet::Packet* Use(const Context& context, const WholeDatagram& datagram,
                          Family family) noexcept {
  const packet::Packet* const packet = datagram.packet();
  if (datagram.too_long()) DropMalformed(context, family);
  context.counters.Add(
      At(packet != nullptr ? ReassemblyCounter::kCompleted : ReassemblyCounter::kDiscarded));
  return packet;
}

[[gnu::noinline]] Fate DeliverWholeIpv4(const Context& context, const HeldDatagram& held) noexcept {
  const WholeDatagram datagram(held);
  const packet::Packet* const packet = Use(context, datagram, Family::kIpv4);
  if (packet == nullptr) return Fate::kBadFragment;
  if (RawSocketsWant(context, Family::kIpv4)) CopyToRawSockets(context, *packet);
  return DeliverIpv4(context, *packet);
}

[[gnu::noinline]] Fate DeliverWholeIpv6(const Context& context, const HeldDatagram& held) noexcept {
  const WholeDatagram datagram(held);
  const packet::Packet* const packet = Use(context, datagram, Family::kIpv6);
  return packet != nullptr ? ReceiveIpv6Headers(context, *packet) : Fate::kBadFragment;
}

struct UpperLayerHeader {
  uint32_t at = 0;
  uint8_t number = 0;
};

// Behind the headers that a first fragment must have all of (RFC 8200 4.5, RFC 7112).
std::optional<UpperLayerHeader> FindUpperLayer(const packet::Packet& packet, uint32_t at,
                                               uint8_t number) noexcept {
  for (;;) {
    uint32_t length = 8;
    switch (number) {
      case wire::kHopByHopOptions:
      case wire::kRoutingHeader:
      case wire::kDestinationOptions:
        if (packet.length < at + 2) return std::nullopt;
        length = (packet.bytes[at + 1] + uint32_t{1}) * 8;
        break;
      case wire::kFragmentHeader:
      case wire::kExperimentHeader:
        break;
      case wire::kNoNextHeader:
        return std::nullopt;
      default:
        return UpperLayerHeader{at, number};
    }
    if (packet.length < at + length) return std::nullopt;
    const bool later_fragment =
        number == wire::kFragmentHeader && base::Load16(packet.bytes + at + 2) >= 8;
    number = packet.bytes[at];
    at += length;
    if (later_fragment) return UpperLayerHeader{at, number};
  }
}

// Side by side, what nobody here will take must not end here. `protocol`: of the
// datagram. What kind of ICMP message it is only the whole tells.
bool BelongsToAnotherStack(const Context& context, const packet::Packet& packet,
                           uint8_t protocol) noexcept {
  if (!context.interface.side_by_side) return false;
  const bool v4 = packet.family == Family::kIpv4;
  return protocol != (v4 ? wire::kProtocolIcmp : wire::kProtocolIcmpv6) ||
         !MayTakeEcho(context, packet);
}

[[gnu::cold]] Fate RefuseIpv6(const Context& context, const packet::Packet& about,
                              uint32_t pointer) noexcept {
  // Side by side, whoever gets it back answers.
  if (!context.interface.side_by_side) {
    SendIcmpv6Error(context, about, icmpv6::ErroneousField(pointer), Place::kHere);
  }
  return DropMalformed(context, Family::kIpv6);
}

}  // namespace

[[gnu::cold]] Fate ReceiveIpv4Fragment(const Context& context,
                                       const packet::Packet& packet) noexcept {
  constexpr Family kFamily = Family::kIpv4;
  if (BelongsToAnotherStack(context, packet, packet.protocol)) return Fate::kNotWanted;
  if (packet.payload_length() == 0) return DropMalformed(context, kFamily);
  if (packet.header_length != wire::kIpv4MinimumHeader) {
    const Ipv4Options options = ProcessIpv4Options(context, packet, OptionUse::kVerify);
    if (options.outcome != Ipv4Options::Outcome::kFine) {
      return RefuseOptions(context, packet, options);
    }
  }
  const wire::Ipv4View header(packet.bytes);
  const Fragment fragment{packet, packet.header_length, header.fragment_offset(),
                          header.more_fragments()};
  if (wire::kIpv4MinimumHeader + fragment.end() > kLongest ||
      (fragment.more && fragment.length() % 8 != 0)) {
    return DropMalformed(context, kFamily);
  }
  const Reassembly::Key key{packet.source, packet.destination, header.identification(),
                            packet.protocol};
  Fate fate{};
  const auto whole = Hold(context, key, fragment, &fate);
  return whole != nullptr ? DeliverWholeIpv4(context, *whole) : fate;
}

[[gnu::cold]] Fate ReceiveIpv6Fragment(const Context& context,
                                       const packet::Packet& packet) noexcept {
  constexpr Family kFamily = Family::kIpv6;
  const uint32_t at = packet.header_length;
  const uint8_t* const header = packet.bytes + at;
  if (BelongsToAnotherStack(context, packet, header[0])) return Fate::kNotWanted;
  // No sender makes fragments of fragments. Put together they could be nested as
  // deep as the sender likes.
  if (packet.extras != nullptr && packet.extras->quoted_headers != nullptr) {
    return DropMalformed(context, kFamily);
  }
  // An error is about what the packet is a fragment of, where that can be seen.
  packet::Packet about = packet;
  const uint16_t offset_field = base::Load16(header + 2);
  const Fragment fragment{about, static_cast<uint32_t>(at + wire::kIpv6FragmentHeader),
                          offset_field & 0xfff8u, (offset_field & 1) != 0};
  if (fragment.offset == 0) {
    const auto upper = FindUpperLayer(packet, fragment.data_at, header[0]);
    if (!upper || upper->at > kLongest) return DropMalformed(context, kFamily);
    about.header_length = static_cast<uint16_t>(upper->at);
    about.protocol = upper->number;
  }
  if (fragment.length() == 0) return DropMalformed(context, kFamily);
  if (fragment.more && fragment.length() % 8 != 0) return RefuseIpv6(context, about, 4);
  if (fragment.end() > kLongest) return RefuseIpv6(context, about, at + 2);

  const Reassembly::Key key{packet.source, packet.destination, base::Load32(header + 4), 0};
  Fate fate{};
  const auto whole = Hold(context, key, fragment, &fate);
  return whole != nullptr ? DeliverWholeIpv6(context, *whole) : fate;
}

}  // namespace netstack::ip
