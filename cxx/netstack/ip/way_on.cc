#include "netstack/ip/way_on.h"

#include <algorithm>

namespace netstack::ip {

namespace {

template <typename Matches>
const Interface* FindEnabled(const Configuration& configuration, Matches&& matches) noexcept {
  const auto found = std::find_if(
      configuration.interfaces.begin(), configuration.interfaces.end(), [&](const auto& interface) {
        return interface != nullptr && interface->enabled && matches(*interface);
      });
  return found != configuration.interfaces.end() ? found->get() : nullptr;
}

}  // namespace

const Interface* FindOwner(const Configuration& configuration, wire::Family family,
                           wire::Address destination) noexcept {
  return FindEnabled(configuration, [&](const Interface& interface) {
    return interface.of(family).addresses.Find(destination).own();
  });
}

const Interface* FindWayOn(const Configuration& configuration, wire::Family family,
                           wire::Address destination) noexcept {
  const Interface* found = nullptr;  // the last one is by the longest route
  const auto leads_on = [&](const Routes& routes) {
    return std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
      const Interface* const over = FindEnabled(
          configuration, [&](const Interface& interface) { return interface.id == route.nic; });
      if (over != nullptr) found = over;
      return over != nullptr;
    });
  };
  static_cast<void>(configuration.routes[wire::Index(family)].Longest(destination, leads_on));
  return found;
}

Fate CountNotForwarded(const Context& context, wire::Family family, IpCounter reason) noexcept {
  context.counters.Add(At(family, reason));
  context.counters.Add(At(family, IpCounter::kForwardingErrors));
  return Fate::kNotForwarded;
}

Fate CountForwarded(const Context& context, wire::Family family, base::Status sent) noexcept {
  switch (sent) {
    case base::Status::kOk:
      context.counters.Add(At(family, IpCounter::kForwardingPackets));
      return Fate::kForwarded;
    case base::Status::kWouldBlock:
      return CountNotForwarded(context, family, IpCounter::kForwardingNoBufferSpace);
    case base::Status::kClosed:
      return CountNotForwarded(context, family, IpCounter::kForwardingClosedForSend);
    default:
      context.counters.Add(At(family, IpCounter::kForwardingErrors));
      return Fate::kNotForwarded;
  }
}

}  // namespace netstack::ip
