#include "netstack/ip/output.h"

#include <algorithm>
#include <new>
#include <optional>

namespace netstack::ip {

namespace {

// Such a destination is on the link by definition (gVisor: no route needed).
bool NeedsRoute(wire::Family family, wire::Address remote) noexcept {
  if (wire::IsMulticast(family, remote)) return false;
  return family == wire::Family::kIpv4
             ? remote != wire::kIpv4Broadcast && !wire::IsIpv4Loopback(remote)
             : !wire::IsIpv6LinkLocal(remote) && remote != wire::kIpv6Loopback;
}

}  // namespace

std::optional<wire::Address> NextHop(const Context& context, wire::Family family,
                                     const wire::Address& remote) noexcept {
  if (!NeedsRoute(family, remote)) return remote;
  const Route* match = nullptr;  // the last one that is accepted is the longest
  const auto over_this_nic = [&](const Routes& routes) {
    for (const Route& route : routes) {
      if (route.nic != context.interface.id) continue;
      match = &route;
      return true;
    }
    return false;
  };
  static_cast<void>(
      context.configuration.routes[wire::Index(family)].Longest(remote, over_this_nic));
  if (match == nullptr) return std::nullopt;
  return match->on_link() ? remote : match->gateway;
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

base::Status CountRefusal(const Context& context, wire::Family family) noexcept {
  context.counters.Add(At(family, IpCounter::kOutgoingPacketErrors));
  context.counters.Add(At(NicCounter::kTxPacketsDroppedNoBufferSpace));
  return base::Status::kWouldBlock;
}

base::Status CountFailure(const Context& context, wire::Family family,
                          base::Status status) noexcept {
  context.counters.Add(At(family, IpCounter::kOutgoingPacketErrors));
  if (status == base::Status::kWouldBlock) {
    context.counters.Add(At(NicCounter::kTxPacketsDroppedNoBufferSpace));
  }
  return status;
}

uint32_t PathMtuTo(const Context& context, wire::Family family,
                   wire::Address destination) noexcept {
  const uint64_t now = context.configuration.clock->Now();
  return context.configuration.shared->path_mtus.Find(family, {context.interface.id, destination},
                                                      context.interface.link->mtu(), now);
}

std::unique_ptr<uint8_t[]> ReserveLong(const Context& context, wire::Family family, size_t length,
                                       base::Status* why) noexcept {
  // Total Length has 16 bits; IPv6's length does not count the header.
  const size_t longest = family == wire::Family::kIpv4 ? 65'535 : wire::kIpv6Header + 65'535;
  const bool allowed = length <= longest && context.interface.link->mtu() >= MinimumMtu(family);
  std::unique_ptr<uint8_t[]> buffer;
  if (allowed) buffer.reset(new (std::nothrow) uint8_t[length]);
  if (buffer == nullptr) {
    context.counters.Add(At(family, IpCounter::kOutgoingPacketErrors));
    *why = allowed ? base::Status::kNoMemory : base::Status::kUnsupported;
  }
  return buffer;
}

}  // namespace netstack::ip
