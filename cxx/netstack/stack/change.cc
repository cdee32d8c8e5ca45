#include "netstack/stack/change.h"

#include <algorithm>

#include "netstack/wire/text.h"

namespace netstack::stack {

using base::Error;
using base::Invalid;
using base::Status;

namespace {

wire::Prefix Network(const wire::Prefix& p) noexcept {
  return {p.family, p.length, wire::Masked(p.address, p.length)};
}

bool SameWay(const ip::Route& route, uint32_t nic, wire::Address gateway) noexcept {
  return route.nic == nic && route.gateway == gateway;
}

std::string Describe(const RouteEntry& route) {
  std::string text = "the route " + wire::Format(route.destination);
  if (!route.gateway.unspecified()) {
    text += " by " + wire::Format(route.destination.family, route.gateway);
  }
  return text + " over NIC " + std::to_string(route.nic);
}

Error CheckDestination(const RouteEntry& route) {
  if (Network(route.destination) == route.destination) return {};
  return Invalid(Describe(route) + ": the destination has bits set behind its prefix; write " +
                 wire::Format(Network(route.destination)));
}

}  // namespace

Change::Change(Stack& stack)
    : stack_(stack), lock_(stack.mutex_), draft_(std::make_unique<Snapshot>()) {
  draft() = *stack.published_.load(std::memory_order_relaxed);
}

Change::~Change() {
  for (const auto& [nic, interface] : edited_) nic->RollbackTables();
}

Nic* Change::FindNic(uint32_t id) const noexcept {
  for (const auto& nic : stack_.nics_) {
    if (nic != nullptr && nic->id() == id) return nic.get();
  }
  return nullptr;
}

ip::Interface& Change::Edit(const Nic& nic) {
  for (const auto& [edited, interface] : edited_) {
    if (edited == &nic) return *interface;
  }
  auto& slot = draft().interfaces[nic.slot()];
  auto copy = std::make_shared<ip::Interface>(*slot);
  edited_.emplace_back(const_cast<Nic*>(&nic), copy.get());
  slot = std::move(copy);
  return *edited_.back().second;
}

ip::Interface& Change::Add(const std::shared_ptr<Nic>& nic) {
  auto& interfaces = draft().interfaces;
  if (interfaces.size() <= nic->slot()) interfaces.resize(nic->slot() + 1);
  if (stack_.nics_.size() <= nic->slot()) stack_.nics_.resize(nic->slot() + 1);
  auto first = std::make_shared<ip::Interface>(nic->FirstInterface());
  edited_.emplace_back(nic.get(), first.get());
  interfaces[nic->slot()] = std::move(first);
  added_.push_back(nic);
  return *edited_.back().second;
}

void Change::Remove(const Nic& nic) {
  draft().interfaces[nic.slot()] = nullptr;
  RemoveRoutesOf(nic.id());
}

ip::Routes Change::RoutesOf(const wire::Prefix& destination) const {
  const ip::Routes* const routes =
      draft_->routes[wire::Index(destination.family)].Find(destination.address, destination.length);
  return routes != nullptr ? *routes : ip::Routes{};
}

void Change::SetRoutes(const wire::Prefix& destination, ip::Routes routes) {
  auto& tree = draft().routes[wire::Index(destination.family)];
  if (routes.empty()) {
    tree.Erase(destination.address, destination.length);
  } else {
    tree.Set(destination.address, destination.length, std::move(routes));
  }
}

Error Change::AddRoute(const RouteEntry& route) {
  if (FindNic(route.nic) == nullptr) {
    return {Status::kNotFound, Describe(route) + ": there is no such NIC"};
  }
  if (Error error = CheckDestination(route); !error.ok()) return error;
  ip::Routes routes = RoutesOf(route.destination);
  const auto same = std::find_if(routes.begin(), routes.end(), [&](const ip::Route& r) {
    return SameWay(r, route.nic, route.gateway);
  });
  if (same == routes.end()) {
    routes.push_back({route.nic, route.gateway, 0, true});
  } else if (same->added) {
    return {Status::kBusy, Describe(route) + " is already there"};
  } else {
    same->added = true;
  }
  SetRoutes(route.destination, std::move(routes));
  return {};
}

Error Change::RemoveRoute(const RouteEntry& route) {
  if (Error error = CheckDestination(route); !error.ok()) return error;
  ip::Routes routes = RoutesOf(route.destination);
  const auto same = std::find_if(routes.begin(), routes.end(), [&](const ip::Route& r) {
    return SameWay(r, route.nic, route.gateway);
  });
  if (same == routes.end() || !same->added) {
    return {Status::kNotFound,
            Describe(route) + (same == routes.end() ? " is not there"
                                                    : " came with an address, and goes with it")};
  }
  same->added = false;
  if (same->references == 0) routes.erase(same);
  SetRoutes(route.destination, std::move(routes));
  return {};
}

void Change::AddOnLinkRoute(uint32_t nic, const wire::Prefix& address) {
  if (address.length == wire::AddressBits(address.family)) return;
  ip::Routes routes = RoutesOf(Network(address));
  const auto same = std::find_if(routes.begin(), routes.end(),
                                 [&](const ip::Route& r) { return SameWay(r, nic, {}); });
  if (same == routes.end()) {
    routes.push_back({nic, {}, 1, false});
  } else {
    ++same->references;
  }
  SetRoutes(Network(address), std::move(routes));
}

void Change::DropOnLinkRoute(uint32_t nic, const wire::Prefix& address) {
  if (address.length == wire::AddressBits(address.family)) return;
  ip::Routes routes = RoutesOf(Network(address));
  const auto same = std::find_if(routes.begin(), routes.end(),
                                 [&](const ip::Route& r) { return SameWay(r, nic, {}); });
  if (same == routes.end()) return;
  if (--same->references == 0 && !same->added) routes.erase(same);
  SetRoutes(Network(address), std::move(routes));
}

void Change::RemoveRoutesOf(uint32_t nic) {
  for (const wire::Family family : {wire::Family::kIpv4, wire::Family::kIpv6}) {
    std::vector<std::pair<wire::Prefix, ip::Routes>> changed;
    const auto keep = [&](wire::Address prefix, uint32_t length, const ip::Routes& routes) {
      ip::Routes kept;
      std::copy_if(routes.begin(), routes.end(), std::back_inserter(kept),
                   [&](const ip::Route& r) { return r.nic != nic; });
      if (kept.size() == routes.size()) return;
      changed.emplace_back(wire::Prefix{family, static_cast<uint8_t>(length), prefix},
                           std::move(kept));
    };
    draft().routes[wire::Index(family)].ForEach(keep);
    for (auto& [destination, routes] : changed) SetRoutes(destination, std::move(routes));
  }
}

Change::Upper Change::upper() const {
  const auto* const dispatcher = static_cast<const icmp::Dispatcher*>(draft_->upper.get());
  if (dispatcher == nullptr) return {};
  return {dispatcher->installations(), dispatcher->sockets()};
}

void Change::SetUpper(Upper upper) {
  const bool nothing = upper.installations[0] == nullptr && upper.installations[1] == nullptr &&
                       upper.sockets.empty();
  draft_->upper =
      nothing ? nullptr
              : std::make_shared<const icmp::Dispatcher>(std::move(upper.installations),
                                                         std::move(upper.sockets), stack_.poller_);
}

void Change::Commit(bool soon) noexcept {
  for (const auto& [nic, interface] : edited_) nic->CommitTables(interface);
  edited_.clear();
  for (auto& nic : added_) stack_.nics_[nic->slot()] = std::move(nic);
  added_.clear();
  const ip::Configuration* const old =
      stack_.published_.exchange(draft_.release(), std::memory_order_seq_cst);
  lock_.unlock();
  // Whatever is published was made as a Snapshot.
  auto* const snapshot = static_cast<Snapshot*>(const_cast<ip::Configuration*>(old));
  base::Registry::Get().Retire(std::unique_ptr<base::Retired>(snapshot), soon);
}

}  // namespace netstack::stack
