#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "netstack/base/byte_order.h"
#include "netstack/ip/forward.h"
#include "netstack/ip/fragmentation.h"
#include "netstack/ip/fragments.h"
#include "netstack/ip/icmp_error.h"
#include "netstack/ip/input.h"
#include "netstack/ip/ipv4_options.h"
#include "netstack/ip/output.h"
#include "netstack/ip/way_on.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/ipv4.h"

namespace netstack::ip {

using base::LoadNative;
using base::Status;
using base::StoreNative;

namespace {

constexpr wire::Family kFamily = wire::Family::kIpv4;

Fate Refuse(const Context& context, const packet::Packet& packet, IpCounter reason,
            IcmpError error) noexcept {
  if (!context.interface.side_by_side) SendIcmpv4Error(context, packet, error, Place::kOnWay);
  return CountNotForwarded(context, kFamily, reason);
}

Fate RefuseOptionsOnWay(const Context& context, const packet::Packet& packet,
                        const Ipv4Options& options) noexcept {
  constexpr IpCounter kReason = IpCounter::kMalformedPacketsReceived;
  if (options.outcome != Ipv4Options::Outcome::kProblem) {
    return CountNotForwarded(context, kFamily, kReason);
  }
  return Refuse(context, packet, kReason, icmpv4::ParameterProblem(options.pointer));
}

// The owner looks at the packet as at one of its own. Its answers leave by the
// NIC that it came in on, so what follows is counted there.
Fate DeliverTo(const Context& context, const Interface& owner,
               const packet::Packet& packet) noexcept {
  const Context there = context.On(owner);
  there.counters.Add(At(kFamily, IpCounter::kValidPacketsReceived));
  if (owner.of(kFamily).addresses.Find(packet.source).broadcast()) {
    there.counters.Add(At(kFamily, IpCounter::kInvalidSourceAddressesReceived));
    return Fate::kInvalidSource;
  }
  return wire::Ipv4View(packet.bytes).is_fragment() ? ReceiveIpv4Fragment(context, packet)
                                                    : DeliverIpv4(context, packet);
}

// The packet with one hop less to go (RFC 1812 5.3.1), and with its options as
// they are now.
void Write(const packet::Packet& packet, const Ipv4Options& options, uint8_t* to) noexcept {
  std::memcpy(to, packet.bytes, packet.length);
  --to[8];
  if (packet.header_length != wire::kIpv4MinimumHeader) [[unlikely]] {
    const size_t room = packet.header_length - wire::kIpv4MinimumHeader;
    const size_t filled = std::min<size_t>(options.length, room);
    std::memcpy(to + wire::kIpv4MinimumHeader, options.bytes.data(), filled);
    std::memset(to + wire::kIpv4MinimumHeader + filled, 0, room - filled);
    StoreNative<uint16_t>(to + 10, 0);
    StoreNative(to + 10, wire::ChecksumField(wire::PartialSum(to, packet.header_length)));
    return;
  }
  // RFC 1624 equation 3.
  const auto checksum = LoadNative<uint16_t>(packet.bytes + 10);
  const auto old_word = LoadNative<uint16_t>(packet.bytes + 8);
  const uint64_t sum = uint64_t{static_cast<uint16_t>(~checksum)} +
                       static_cast<uint16_t>(~old_word) + LoadNative<uint16_t>(to + 8);
  StoreNative(to + 10, wire::ChecksumField(sum));
}

[[gnu::cold, gnu::noinline]] Status SendCut(const Context& out, const packet::Packet& packet,
                                            const Ipv4Options& options, uint32_t mtu) noexcept {
  const std::unique_ptr<uint8_t[]> whole(new (std::nothrow) uint8_t[packet.length]);
  if (whole == nullptr) return Status::kNoMemory;
  Write(packet, options, whole.get());
  return SendFragments(out, kFamily, {whole.get(), packet.length}, mtu);
}

Fate SendOn(const Context& context, const Interface& over, const packet::Packet& packet,
            const Ipv4Options& options) noexcept {
  const Context out = context.On(over);
  const uint32_t mtu = over.link->mtu();
  // What no IPv4 link may have for its MTU, sending refuses.
  if (packet.length > mtu && mtu >= MinimumMtu(kFamily)) [[unlikely]] {
    if (wire::Ipv4View(packet.bytes).dont_fragment()) {
      return Refuse(context, packet, IpCounter::kForwardingPacketTooBig,
                    icmpv4::FragmentationNeeded(static_cast<uint16_t>(mtu)));
    }
    return CountForwarded(context, kFamily, SendCut(out, packet, options, mtu));
  }
  return CountForwarded(context, kFamily, SendWhole(out, kFamily, packet.length, [&](uint8_t* to) {
                          Write(packet, options, to);
                        }));
}

}  // namespace

Fate ForwardIpv4(const Context& context, packet::Packet packet) noexcept {
  const wire::Ipv4View header(packet.bytes);
  if (header.source_byte() == 0) {
    return CountNotForwarded(context, kFamily, IpCounter::kForwardingInitializingSource);
  }
  const Interface* const owner = FindOwner(context.configuration, kFamily, packet.destination);
  if (owner != nullptr) {
    const AddressFacts facts = owner->of(kFamily).addresses.Find(packet.destination);
    packet.arrival.broadcast = facts.broadcast();
  }
  // The last hop may be ours (RFC 1812 5.3.1).
  if (header.ttl() < (owner != nullptr ? 1 : 2)) {
    return Refuse(context, packet, IpCounter::kForwardingExhaustedTtl, icmpv4::kTtlExceeded);
  }
  Ipv4Options options;
  if (packet.header_length != wire::kIpv4MinimumHeader) [[unlikely]] {
    options = ProcessIpv4Options(context, packet, OptionUse::kForward);
    if (options.outcome != Ipv4Options::Outcome::kFine) {
      return RefuseOptionsOnWay(context, packet, options);
    }
  }
  if (owner != nullptr) return DeliverTo(context, *owner, packet);
  const Interface* const over = FindWayOn(context.configuration, kFamily, packet.destination);
  if (over == nullptr) {
    return Refuse(context, packet, IpCounter::kForwardingUnrouteable, icmpv4::kNetUnreachable);
  }
  return SendOn(context, *over, packet, options);
}

}  // namespace netstack::ip
