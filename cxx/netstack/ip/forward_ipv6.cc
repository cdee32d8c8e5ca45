#include <cstdint>
#include <cstring>

#include "netstack/ip/forward.h"
#include "netstack/ip/icmp_error.h"
#include "netstack/ip/input.h"
#include "netstack/ip/ipv6_headers.h"
#include "netstack/ip/output.h"
#include "netstack/ip/way_on.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv6.h"
#include "netstack/wire/ipv6_extension.h"

namespace netstack::ip {

namespace {

constexpr wire::Family kFamily = wire::Family::kIpv6;

[[gnu::cold, gnu::noinline]] void SendError(const Context& context, const packet::Packet& packet,
                                            IcmpError error) noexcept {
  if (context.interface.side_by_side) return;
  SendIcmpv6Error(context, AtUpperLayer(packet), error, Place::kOnWay);
}

Fate Refuse(const Context& context, const packet::Packet& packet, IpCounter reason,
            IcmpError error) noexcept {
  SendError(context, packet, error);
  return CountNotForwarded(context, kFamily, reason);
}

// The owner looks at the packet as at one of its own. Its answers leave by the
// NIC that it came in on, so what follows is counted there.
Fate DeliverTo(const Context& context, const Interface& owner,
               const packet::Packet& packet) noexcept {
  context.On(owner).counters.Add(At(kFamily, IpCounter::kValidPacketsReceived));
  if (packet.protocol != wire::kProtocolIcmpv6) return ReceiveIpv6Headers(context, packet);
  context.counters.Add(At(kFamily, IpCounter::kPacketsDelivered));
  return Icmpv6Input(context, packet);
}

bool Malformed(const Context& context) noexcept {
  context.counters.Add(At(kFamily, IpCounter::kMalformedPacketsReceived));
  return false;
}

// RFC 8200 4.2: what shall become of a packet with an option that we do not know.
bool PassesOver(const Context& context, const packet::Packet& packet,
                const uint8_t* option) noexcept {
  const wire::OptionAction action = wire::ActionOf(option[0]);
  // None of these goes to a group.
  if (action >= wire::OptionAction::kDiscardAndReport) {
    SendError(context, packet, icmpv6::UnknownOption(static_cast<uint32_t>(option - packet.bytes)));
  }
  return action == wire::OptionAction::kSkip;
}

bool OptionsAllow(const Context& context, const packet::Packet& packet, size_t length) noexcept {
  bool alerted = false;
  const auto allows = [&](const uint8_t* option) {
    if (option[0] != wire::kOptionRouterAlert) return PassesOver(context, packet, option);
    if (option[1] != wire::kRouterAlertLength || alerted) return Malformed(context);  // RFC 2711 2
    alerted = true;
    context.counters.Add(At(kFamily, IpCounter::kOptionRouterAlertReceived));
    return true;
  };
  const wire::OptionsWalk walk = wire::WalkOptions(packet.payload(), length, allows);
  if (walk == wire::OptionsWalk::kMalformed) return Malformed(context);
  return walk == wire::OptionsWalk::kThrough;
}

// What is no extension header is whole.
bool IsWhole(const packet::Packet& packet, uint8_t number, size_t at) noexcept {
  return !wire::IsExtensionHeader(number) ||
         wire::Ipv6ExtensionView::Length(number, packet.bytes + at, packet.length - at) != 0;
}

// Of the extension headers only this one is for those on the way (RFC 8200 4.3),
// but the one behind it, or in its place, is looked at so far as to be whole.
[[gnu::cold, gnu::noinline]] bool ForwardHopByHopAllows(const Context& context,
                                                        const packet::Packet& packet) noexcept {
  const size_t at = packet.header_length;
  if (!IsWhole(packet, packet.protocol, at)) return Malformed(context);
  if (packet.protocol != wire::kHopByHopOptions) return true;
  const size_t length =
      wire::Ipv6ExtensionView::Length(packet.protocol, packet.payload(), packet.payload_length());
  if (!OptionsAllow(context, packet, length)) return false;
  const uint8_t next = wire::Ipv6ExtensionView(packet.payload()).next_header();
  if (!IsWhole(packet, next, at + length)) return Malformed(context);
  if (next != wire::kHopByHopOptions) return true;
  SendError(context, packet, icmpv6::UnknownNextHeader(static_cast<uint32_t>(at)));
  return false;
}

Fate SendOn(const Context& context, const Interface& over, const packet::Packet& packet) noexcept {
  const uint32_t mtu = over.link->mtu();
  // What no IPv6 link may have for its MTU, sending refuses.
  if (packet.length > mtu && mtu >= MinimumMtu(kFamily)) [[unlikely]] {
    return Refuse(context, packet, IpCounter::kForwardingPacketTooBig, icmpv6::PacketTooBig(mtu));
  }
  const auto write = [&](uint8_t* to) {
    std::memcpy(to, packet.bytes, packet.length);
    --to[7];
  };
  return CountForwarded(context, kFamily,
                        SendWhole(context.On(over), kFamily, packet.length, write));
}

}  // namespace

Fate ForwardIpv6(const Context& context, const packet::Packet& packet) noexcept {
  // RFC 4291 2.5.2 and 2.5.6.
  if (packet.source.unspecified()) {
    return CountNotForwarded(context, kFamily, IpCounter::kForwardingInitializingSource);
  }
  if (wire::IsIpv6LinkLocal(packet.source)) {
    return CountNotForwarded(context, kFamily, IpCounter::kForwardingLinkLocalSource);
  }
  if (wire::IsIpv6LinkLocal(packet.destination)) {
    return CountNotForwarded(context, kFamily, IpCounter::kForwardingLinkLocalDestination);
  }
  if (wire::Ipv6View(packet.bytes).hop_limit() <= 1) {
    return Refuse(context, packet, IpCounter::kForwardingExhaustedTtl, icmpv6::kHopLimitExceeded);
  }
  if (const Interface* const owner =
          FindOwner(context.configuration, kFamily, packet.destination)) {
    return DeliverTo(context, *owner, packet);
  }
  if (!ForwardHopByHopAllows(context, packet)) {
    return CountNotForwarded(context, kFamily, IpCounter::kForwardingExtensionHeaderProblem);
  }
  const Interface* const over = FindWayOn(context.configuration, kFamily, packet.destination);
  if (over == nullptr) {
    return Refuse(context, packet, IpCounter::kForwardingUnrouteable, icmpv6::kNoRoute);
  }
  return SendOn(context, *over, packet);
}

}  // namespace netstack::ip
