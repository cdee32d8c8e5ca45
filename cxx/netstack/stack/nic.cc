#include "netstack/stack/nic.h"

#include <utility>

#include "netstack/base/entry.h"
#include "netstack/ip/input.h"
#include "netstack/wire/text.h"

namespace netstack::stack {

using base::Error;
using base::Invalid;
using base::Status;
using ip::AddressFacts;
using ip::NicCounter;
using wire::Family;

Nic::Nic(uint32_t id, uint32_t slot, base::Ref<link::Link> link, const Published& configuration,
         uint64_t seed)
    : id_(id),
      slot_(slot),
      link_(std::move(link)),
      configuration_(configuration),
      counters_(std::make_shared<ip::NicCounters>()),
      tables_{ip::AddressTable(seed), ip::AddressTable(seed)} {}

namespace {

// The NIC stage: reference, section 1.1.
ip::Fate Input(const ip::Context& context, std::span<const uint8_t> packet) noexcept {
  if (!context.interface.enabled) [[unlikely]] {
    context.counters.Add(At(NicCounter::kDisabledRxPackets));
    context.counters.Add(At(NicCounter::kDisabledRxBytes), packet.size());
    return ip::Fate::kDisabled;
  }
  const base::CounterWriter counters = context.counters;
  counters.Add(At(NicCounter::kRxPackets));
  counters.Add(At(NicCounter::kRxBytes), packet.size());
  if (context.interface.capture) [[unlikely]] {
    context.interface.capture->Record(context.configuration.clock->WallNow(), packet);
  }
  switch (packet.empty() ? 0 : packet[0] >> 4) {
    case 4:
      return ip::Ipv4Input(context, packet);
    case 6:
      return ip::Ipv6Input(context, packet);
    default:
      context.counters.Add(At(NicCounter::kUnknownL3ProtocolReceived));
      return ip::Fate::kUnknownVersion;
  }
}

}  // namespace

Status Nic::Receive(base::ThreadRecord& thread, std::span<const uint8_t> packet) noexcept {
  if (!base::Delivery::Fits(thread)) [[unlikely]]
    return Status::kBusy;
  const base::Delivery delivery(thread);
  const ip::Configuration& configuration = *configuration_.load(std::memory_order_acquire);
  if (slot_ >= configuration.interfaces.size()) [[unlikely]]
    return Status::kClosed;
  const ip::Interface* const interface = configuration.interfaces[slot_].get();
  if (interface == nullptr || interface->owner != this) [[unlikely]]
    return Status::kClosed;

  const ip::Context context{thread, configuration, *interface, counters_->ForThread(thread)};
  const ip::Fate fate = Input(context, packet);
  if (!interface->side_by_side || ip::IsTaken(fate)) [[likely]]
    return Status::kOk;
  context.counters.Add(At(NicCounter::kRxUnclaimed));
  return Status::kUnclaimed;
}

ip::Interface Nic::FirstInterface() {
  ip::Interface interface;
  interface.id = id_;
  interface.slot = slot_;
  interface.owner = this;
  interface.link = link_;
  interface.counters = counters_;
  // Every host is among these (RFC 1112 4, RFC 4291 2.8), and is addressed so.
  table(Family::kIpv4).AddReference(wire::kIpv4Broadcast, AddressFacts::kBroadcast);
  table(Family::kIpv4).AddReference(wire::kIpv4AllHosts, AddressFacts::kGroup);
  table(Family::kIpv6).AddReference(wire::kIpv6AllNodes, AddressFacts::kGroup);
  return interface;
}

Error Nic::AddAddress(const wire::Prefix& address, ip::Interface* interface) {
  const Family family = address.family;
  ip::AddressTable& addresses = table(family);
  AddressFacts facts = addresses.FindPending(address.address);
  if (facts.assigned()) {
    return {Status::kBusy, "the address " + wire::Format(family, address.address) +
                               " is already assigned on NIC " + std::to_string(id_)};
  }
  facts.flags |= AddressFacts::kAssigned;
  facts.prefix_length = address.length;
  if (family == Family::kIpv4 && wire::HasBroadcast(address.length)) {
    const wire::Address broadcast = wire::SubnetBroadcast(address.address, address.length);
    if (broadcast == address.address) facts.flags |= AddressFacts::kOwnBroadcast;
    addresses.Set(address.address, facts);
    addresses.AddReference(broadcast, AddressFacts::kBroadcast);
  } else {
    addresses.Set(address.address, facts);
  }
  if (family == Family::kIpv6) {
    addresses.AddReference(wire::SolicitedNode(address.address), AddressFacts::kGroup);
  }
  interface->families[wire::Index(family)].sources.Add(family, address.address, next_order_++);
  return {};
}

Error Nic::RemoveAddress(Family family, wire::Address address, ip::Interface* interface,
                         uint8_t* prefix_length) {
  ip::AddressTable& addresses = table(family);
  AddressFacts facts = addresses.FindPending(address);
  if (!facts.assigned()) {
    return {Status::kNotFound, "the address " + wire::Format(family, address) +
                                   " is not assigned on NIC " + std::to_string(id_)};
  }
  *prefix_length = facts.prefix_length;
  facts.flags &= AddressFacts::kBroadcast;
  facts.prefix_length = 0;
  addresses.Set(address, facts);
  if (family == Family::kIpv4 && wire::HasBroadcast(*prefix_length)) {
    addresses.DropReference(wire::SubnetBroadcast(address, *prefix_length),
                            AddressFacts::kBroadcast);
  }
  if (family == Family::kIpv6) {
    addresses.DropReference(wire::SolicitedNode(address), AddressFacts::kGroup);
  }
  interface->families[wire::Index(family)].sources.Remove(family, address);
  return {};
}

Error Nic::JoinGroup(Family family, wire::Address group) {
  AddressFacts facts = table(family).FindPending(group);
  if ((facts.flags & AddressFacts::kJoined) != 0) {
    return {Status::kBusy, "the group " + wire::Format(family, group) +
                               " is already joined on NIC " + std::to_string(id_)};
  }
  facts.flags |= AddressFacts::kJoined;
  table(family).Set(group, facts);
  return {};
}

Error Nic::LeaveGroup(Family family, wire::Address group) {
  AddressFacts facts = table(family).FindPending(group);
  if ((facts.flags & AddressFacts::kJoined) == 0) {
    return {Status::kNotFound, "the group " + wire::Format(family, group) +
                                   " was not joined on NIC " + std::to_string(id_)};
  }
  facts.flags = static_cast<uint8_t>(facts.flags & ~AddressFacts::kJoined);
  table(family).Set(group, facts);
  return {};
}

void Nic::SetForwarding(Family family, bool on, ip::Interface* interface) {
  bool& forwarding = interface->families[wire::Index(family)].forwarding;
  if (forwarding == on) return;
  forwarding = on;
  const auto set = [&](wire::Address group) {
    if (on) {
      table(family).AddReference(group, AddressFacts::kGroup);
    } else {
      table(family).DropReference(group, AddressFacts::kGroup);
    }
  };
  if (family == Family::kIpv4) return set(wire::kIpv4AllRouters);
  for (const wire::Address& group : wire::kIpv6AllRouters) set(group);
}

void Nic::CommitTables(ip::Interface* interface) noexcept {
  for (size_t i = 0; i < tables_.size(); ++i) {
    tables_[i].Commit();
    interface->families[i].addresses = tables_[i].view();
  }
}

void Nic::RollbackTables() noexcept {
  for (ip::AddressTable& addresses : tables_) addresses.Rollback();
}

}  // namespace netstack::stack
