#include "netstack/ip/output.h"

#include <algorithm>
#include <optional>

#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

// Such a destination is on the link by definition (gVisor: no route needed).
bool NeedsRoute(wire::Family family, wire::Address remote) noexcept {
  if (wire::IsMulticast(family, remote)) return false;
  return family == wire::Family::kIpv4
             ? remote != wire::kIpv4Broadcast && !wire::IsIpv4Loopback(remote)
             : !wire::IsIpv6LinkLocal(remote) && remote != wire::kIpv6Loopback;
}

base::CounterWriter CountersOf(const Context& context, const Interface& interface) noexcept {
  return &interface == &context.interface ? context.counters
                                          : interface.counters->ForThread(context.thread);
}

}  // namespace

Egress FindEgress(const Context& context, wire::Family family, wire::Address remote) noexcept {
  const Interface& in = context.interface;
  if (!NeedsRoute(family, remote)) return {&in, remote};
  const Route* match = nullptr;  // the last one that is accepted is the longest
  const auto over_this_nic = [&](const Routes& routes) {
    for (const Route& route : routes) {
      if (route.nic != in.id) continue;
      match = &route;
      return true;
    }
    return false;
  };
  static_cast<void>(
      context.configuration.routes[wire::Index(family)].Longest(remote, over_this_nic));
  if (match != nullptr) return {&in, match->on_link() ? remote : match->gateway};
  if (context.configuration.strict_routes || in.link->needs_resolution()) return {};
  return {&in, remote};
}

Departure FindDeparture(const Configuration& configuration, wire::Family family, uint32_t nic,
                        wire::Address local, wire::Address remote) noexcept {
  Departure found;
  const auto leaves_by = [&](const Interface& interface) {
    if (!interface.enabled || (nic != 0 && interface.id != nic)) return false;
    const InterfaceFamily& addresses = interface.of(family);
    std::optional<wire::Address> source;
    if (local.unspecified()) {
      source = addresses.sources.Choose(family, remote);
    } else if (addresses.addresses.Find(local).assigned()) {
      source = local;
    }
    if (source) found = {&interface, *source};
    return source.has_value();
  };
  const auto any_of = [&](auto&& matches) {
    for (const auto& interface : configuration.interfaces) {
      if (interface != nullptr && matches(*interface) && leaves_by(*interface)) return true;
    }
    return false;
  };
  if (!NeedsRoute(family, remote)) {
    if (nic != 0 || !local.unspecified()) any_of([](const Interface&) { return true; });
    return found;
  }
  const auto works = [&](const Routes& routes) {  // the last that does is the longest
    return std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
      return any_of([&](const Interface& interface) { return interface.id == route.nic; });
    });
  };
  static_cast<void>(configuration.routes[wire::Index(family)].Longest(remote, works));
  return found;
}

Outgoing::Outgoing(const Context& context, wire::Family family, const Interface& interface,
                   size_t length) noexcept
    : context_(context),
      interface_(interface),
      family_(family),
      counters_(CountersOf(context, interface)) {
  const uint32_t mtu = interface.link->mtu();
  const uint32_t minimum =
      family == wire::Family::kIpv4 ? wire::kIpv4MinimumMtu : wire::kIpv6MinimumMtu;
  if (mtu < minimum) {
    status_ = base::Status::kUnsupported;
    counters_.Add(At(family, IpCounter::kOutgoingPacketErrors));
    return;
  }
  if (length > mtu) {
    status_ = base::Status::kUnsupported;
    counters_.Add(At(family, IpCounter::kOutgoingPacketErrors));
    counters_.Add(At(family, IpCounter::kUnsupportedFragmentation));
    return;
  }
  buffer_ = interface.link->Reserve(context.thread, length);
  if (buffer_.data != nullptr) return;
  status_ = base::Status::kWouldBlock;
  counters_.Add(At(family, IpCounter::kOutgoingPacketErrors));
  counters_.Add(At(NicCounter::kTxPacketsDroppedNoBufferSpace));
}

Outgoing::~Outgoing() {
  if (buffer_.data != nullptr) interface_.link->Abandon(context_.thread, buffer_);
}

bool Outgoing::Send() noexcept {
  if (interface_.capture) {
    interface_.capture->Record(context_.configuration.clock->WallNow(),
                               {buffer_.data, buffer_.length});
  }
  const size_t length = buffer_.length;
  status_ = interface_.link->Transmit(context_.thread, buffer_);
  buffer_.data = nullptr;
  if (status_ != base::Status::kOk) {
    counters_.Add(At(family_, IpCounter::kOutgoingPacketErrors));
    if (status_ == base::Status::kWouldBlock) {
      counters_.Add(At(NicCounter::kTxPacketsDroppedNoBufferSpace));
    }
    return false;
  }
  counters_.Add(At(family_, IpCounter::kPacketsSent));
  counters_.Add(At(NicCounter::kTxPackets));
  counters_.Add(At(NicCounter::kTxBytes), length);
  return true;
}

}  // namespace netstack::ip
