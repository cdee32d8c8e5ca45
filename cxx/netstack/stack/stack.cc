#include "netstack/stack/stack.h"

#include <string>
#include <utility>

#include "netstack/base/entry.h"
#include "netstack/stack/change.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/text.h"

namespace netstack::stack {

using base::Error;
using base::Invalid;
using base::Status;
using wire::Family;

namespace {

// Keeps an object until no packet can be using it.
template <typename T>
struct Holder final : base::Retired {
  explicit Holder(std::shared_ptr<T> o) noexcept : object(std::move(o)) {}
  std::shared_ptr<T> object;
};

template <typename T>
void RetireShared(std::shared_ptr<T> object) noexcept {
  try {
    base::Registry::Get().Retire(std::make_unique<Holder<T>>(std::move(object)), true);
  } catch (const std::bad_alloc&) {
    // `object` was not moved from; without memory to remember it by, it stays.
    new std::shared_ptr<T>(std::move(object));
  }
}

Error NoSuchNic(uint32_t id) {
  return {Status::kNotFound, "there is no NIC " + std::to_string(id)};
}

Error CheckAddress(const wire::Prefix& p) {
  const std::string text = "the address " + wire::Format(p);
  if (p.address.unspecified()) return Invalid(text + " is unspecified");
  if (wire::IsMulticast(p.family, p.address)) {
    return Invalid(text + " is a multicast address; join the group instead");
  }
  if (p.family == Family::kIpv4 && p.address == wire::kIpv4Broadcast) {
    return Invalid(text + " is the limited broadcast address");
  }
  if (p.family == Family::kIpv6 && wire::IsIpv4Mapped(p.address)) {
    return Invalid(text + " is an IPv4-mapped address; assign the IPv4 address");
  }
  return {};
}

Error CheckPrefix(const wire::Prefix& p) {
  const wire::Address network = wire::Masked(p.address, p.length);
  if (network == p.address) return {};
  return Invalid("the prefix " + wire::Format(p) + " has bits set behind its length; write " +
                 wire::Format({p.family, p.length, network}));
}

// Addresses that no packet is taken for as a temporary one.
Error CheckUnicast(const wire::Prefix& p) {
  const bool v4 = p.family == Family::kIpv4;
  if (p.length >= (v4 ? 4 : 8) && wire::IsMulticast(p.family, p.address)) {
    return Invalid("the prefix " + wire::Format(p) + " is multicast; join groups instead");
  }
  if (!v4 && p.length >= 96 && wire::IsIpv4Mapped(p.address)) {
    return Invalid("the prefix " + wire::Format(p) + " is IPv4-mapped; add the IPv4 prefix");
  }
  return {};
}

Error AddPrefix(const wire::Prefix& p, uint32_t nic, ip::Interface* interface) {
  if (Error error = CheckPrefix(p); !error.ok()) return error;
  if (Error error = CheckUnicast(p); !error.ok()) return error;
  auto& prefixes = interface->families[wire::Index(p.family)].local_prefixes;
  if (prefixes.Find(p.address, p.length) != nullptr) {
    return {Status::kBusy,
            "the prefix " + wire::Format(p) + " is already local on NIC " + std::to_string(nic)};
  }
  prefixes.Set(p.address, p.length, {});
  return {};
}

Error AddAddress(Change& change, Nic& nic, const wire::Prefix& address) {
  if (Error error = CheckAddress(address); !error.ok()) return error;
  if (Error error = nic.AddAddress(address, &change.Edit(nic)); !error.ok()) return error;
  change.AddOnLinkRoute(nic.id(), address);
  return {};
}

}  // namespace

Error Stack::Create(StackOptions options, std::shared_ptr<Stack>* stack) {
  if (options.clock == nullptr) options.clock = std::make_shared<base::SystemClock>();
  if (options.random == nullptr) options.random = std::make_shared<base::SystemRandom>();
  std::shared_ptr<Stack> made(new Stack(std::move(options)));
  if (Error error = made->poller_.Open(); !error.ok()) return error;
  *stack = std::move(made);
  return {};
}

Stack::Stack(StackOptions options)
    : options_(std::move(options)),
      hash_seed_(options_.random->Next()),
      shared_(*this, *options_.random, options_.shared) {
  auto first = std::make_unique<Snapshot>();
  first->clock = options_.clock.get();
  first->shared = &shared_;
  first->strict_routes = options_.strict_routes;
  first->check_local_source = options_.check_local_source;
  first->allow_loopback = options_.allow_loopback;
  first->default_ttl = options_.default_ttl;
  first->default_hop_limit = options_.default_hop_limit;
  published_.store(first.release(), std::memory_order_release);
}

Stack::~Stack() { delete static_cast<const Snapshot*>(published_.load(std::memory_order_acquire)); }

bool Stack::closed() const noexcept {
  return closed_.load(std::memory_order_acquire) || inherited();
}

Error Stack::Closed() const {
  return {Status::kClosed, inherited() ? "the stack belongs to the process that forked this one"
                                       : "the stack is closed"};
}

void Stack::Close() noexcept {
  if (closed_.exchange(true, std::memory_order_acq_rel)) return;
  poller_.Wake();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& nic : nics_) {
      if (nic == nullptr) continue;
      nic->link().Detach();
      if (nic->link().descriptor() >= 0) poller_.Unwatch(nic->link().descriptor());
    }
  }
  timers_.Clear();  // ends what tasks hold, be it users' data: without the lock
}

Error Stack::AddNic(uint32_t id, link::Link* link, const NicOptions& options) {
  std::shared_ptr<Nic> nic;
  Error error = MakeNic(id, link, options, &nic);
  // For a moment the link may have had it: packets may be inside.
  if (!error.ok() && nic != nullptr) RetireShared(std::move(nic));
  return error;
}

Error Stack::MakeNic(uint32_t id, link::Link* link, const NicOptions& options,
                     std::shared_ptr<Nic>* made) {
  if (id == 0) return Invalid("the NIC id is 0; ids begin at 1");
  Change change(*this);
  if (closed()) return Closed();
  if (change.FindNic(id) != nullptr) {
    return {Status::kBusy, "there is already a NIC " + std::to_string(id)};
  }
  uint32_t slot = 0;
  while (slot < nics_.size() && nics_[slot] != nullptr) ++slot;
  *made = std::make_shared<Nic>(id, slot, base::Ref<link::Link>(link), published_, hash_seed_);
  Nic& nic = **made;
  ip::Interface& interface = change.Add(*made);
  interface.enabled = !options.disabled;
  interface.promiscuous = options.promiscuous;
  interface.spoofing = options.spoofing;
  interface.side_by_side = options.side_by_side;
  for (const wire::Family family : {wire::Family::kIpv4, wire::Family::kIpv6}) {
    nic.SetForwarding(family, options.forwarding[wire::Index(family)], &interface);
  }
  for (const wire::Prefix& address : options.addresses) {
    if (Error error = AddAddress(change, nic, address); !error.ok()) return error;
  }
  for (const wire::Prefix& prefix : options.local_prefixes) {
    if (Error error = AddPrefix(prefix, id, &interface); !error.ok()) return error;
  }
  if (!link->Attach(&nic)) return {Status::kBusy, "the link already belongs to a NIC"};
  if (link->descriptor() >= 0 && poller_.Watch(link->descriptor()) != Status::kOk) {
    link->Detach();
    return {Status::kUnsupported, "the link's descriptor can't be waited for"};
  }
  change.Commit(false);
  poller_.Wake();
  return {};
}

Error Stack::RemoveNic(uint32_t id) {
  std::shared_ptr<Nic> removed;
  {
    Change change(*this);
    if (closed()) return Closed();
    const Nic* const nic = change.FindNic(id);
    if (nic == nullptr) return NoSuchNic(id);
    AddUpLeaving();
    leaving_.reserve(leaving_.size() + 1);
    change.Remove(*nic);
    leaving_.push_back(nic->counters());
    removed = nics_[nic->slot()];
    removed->link().Detach();
    // Who serves its device alone looks up, and leaves.
    loops_to_end_.fetch_add(1, std::memory_order_acq_rel);
    if (!removed->loop().End()) loops_to_end_.fetch_sub(1, std::memory_order_acq_rel);
    if (removed->link().descriptor() >= 0) poller_.Unwatch(removed->link().descriptor());
    nics_[nic->slot()] = nullptr;
    change.Commit(true);
  }
  poller_.Wake();
  RetireShared(std::move(removed));
  return {};
}

Error Stack::EditNic(uint32_t nic, const NicEdit& edit) {
  Change change(*this);
  if (closed()) return Closed();
  Nic* const found = change.FindNic(nic);
  if (found == nullptr) return NoSuchNic(nic);
  if (Error error = edit(change, *found); !error.ok()) return error;
  change.Commit(false);
  return {};
}

Error Stack::SetNicFlags(uint32_t id, const NicFlags& flags) {
  return EditNic(id, [&](Change& change, Nic& nic) -> Error {
    ip::Interface& interface = change.Edit(nic);
    if (flags.disabled) interface.enabled = !*flags.disabled;
    interface.promiscuous = flags.promiscuous.value_or(interface.promiscuous);
    interface.spoofing = flags.spoofing.value_or(interface.spoofing);
    interface.side_by_side = flags.side_by_side.value_or(interface.side_by_side);
    for (const wire::Family family : {wire::Family::kIpv4, wire::Family::kIpv6}) {
      const auto& wanted = flags.forwarding[wire::Index(family)];
      if (wanted) nic.SetForwarding(family, *wanted, &interface);
    }
    return {};
  });
}

// A capture that is taken away ends soon: its file shall be closed, though no
// other change may come.
Error Stack::SetCapture(uint32_t id, link::Capture* capture) {
  Change change(*this);
  if (closed()) return Closed();
  Nic* const nic = change.FindNic(id);
  if (nic == nullptr) return NoSuchNic(id);
  change.Edit(*nic).capture = base::Ref<link::Capture>(capture);
  change.Commit(true);
  return {};
}

Error Stack::AddAddresses(uint32_t nic, std::span<const wire::Prefix> addresses) {
  return EditNic(nic, [&](Change& change, Nic& found) -> Error {
    for (const wire::Prefix& address : addresses) {
      if (Error error = AddAddress(change, found, address); !error.ok()) return error;
    }
    return {};
  });
}

Error Stack::RemoveAddresses(uint32_t nic, std::span<const wire::ParsedAddress> addresses) {
  return EditNic(nic, [&](Change& change, Nic& found) -> Error {
    for (const auto& [family, address] : addresses) {
      uint8_t length = 0;
      Error error = found.RemoveAddress(family, address, &change.Edit(found), &length);
      if (!error.ok()) return error;
      change.DropOnLinkRoute(nic, {family, length, address});
    }
    return {};
  });
}

Error Stack::AddLocalPrefixes(uint32_t nic, std::span<const wire::Prefix> prefixes) {
  return EditNic(nic, [&](Change& change, Nic& found) -> Error {
    for (const wire::Prefix& p : prefixes) {
      if (Error error = AddPrefix(p, nic, &change.Edit(found)); !error.ok()) return error;
    }
    return {};
  });
}

Error Stack::RemoveLocalPrefixes(uint32_t nic, std::span<const wire::Prefix> prefixes) {
  return EditNic(nic, [&](Change& change, Nic& found) -> Error {
    for (const wire::Prefix& p : prefixes) {
      if (Error error = CheckPrefix(p); !error.ok()) return error;
      auto& tree = change.Edit(found).families[wire::Index(p.family)].local_prefixes;
      if (!tree.Erase(p.address, p.length)) {
        return {Status::kNotFound,
                "the prefix " + wire::Format(p) + " is not local on NIC " + std::to_string(nic)};
      }
    }
    return {};
  });
}

Error Stack::JoinGroup(uint32_t nic, const wire::ParsedAddress& group) {
  if (!wire::IsMulticast(group.family, group.address)) {
    return Invalid("the group " + wire::Format(group.family, group.address) +
                   " is no multicast address");
  }
  return EditNic(nic, [&](Change& change, Nic& found) {
    static_cast<void>(change.Edit(found));
    return found.JoinGroup(group.family, group.address);
  });
}

Error Stack::LeaveGroup(uint32_t nic, const wire::ParsedAddress& group) {
  return EditNic(nic, [&](Change& change, Nic& found) {
    static_cast<void>(change.Edit(found));
    return found.LeaveGroup(group.family, group.address);
  });
}

Error Stack::AddRoutes(std::span<const RouteEntry> routes) {
  Change change(*this);
  if (closed()) return Closed();
  for (const RouteEntry& route : routes) {
    if (Error error = change.AddRoute(route); !error.ok()) return error;
  }
  change.Commit(false);
  return {};
}

Error Stack::RemoveRoutes(std::span<const RouteEntry> routes) {
  Change change(*this);
  if (closed()) return Closed();
  for (const RouteEntry& route : routes) {
    if (Error error = change.RemoveRoute(route); !error.ok()) return error;
  }
  change.Commit(false);
  return {};
}

Error Stack::SetEchoPolicy(bool ipv4, bool ipv6, bool temporary, ip::EchoPolicy policy) {
  Change change(*this);
  if (closed()) return Closed();
  auto& policies = temporary ? change.draft().temporary_policy : change.draft().group_policy;
  if (ipv4) policies[wire::Index(Family::kIpv4)] = policy;
  if (ipv6) policies[wire::Index(Family::kIpv6)] = policy;
  change.Commit(false);
  return {};
}

Error Stack::SetIcmpRate(uint32_t per_second, uint32_t burst) {
  if (closed()) return Closed();
  shared_.limiter.SetRate(per_second, burst);
  return {};
}

Error Stack::SetIcmpLimited(Family family, uint8_t type, bool limited) {
  Change change(*this);
  if (closed()) return Closed();
  if (family == Family::kIpv4 ? type == wire::kIcmpv4EchoReply : type == wire::kIcmpv6EchoReply) {
    change.draft().echo_reply_limited[wire::Index(family)] = limited;
    change.Commit(false);
  }
  shared_.limiter.SetLimited(family, type, limited);
  return {};
}

Error Stack::SetForwarder(bool ipv4, bool ipv6, icmp::Forwarder* forwarder) {
  std::array<std::shared_ptr<icmp::Installation>, 2> old;
  {
    Change change(*this);
    if (closed()) return Closed();
    Change::Upper upper = change.upper();
    icmp::Dispatcher::Installations& now = upper.installations;
    const std::array<bool, 2> chosen{ipv4, ipv6};
    for (size_t i = 0; i < chosen.size(); ++i) {
      if (!chosen[i]) continue;
      old[i] = std::move(now[i]);
      now[i] = forwarder != nullptr ? std::make_shared<icmp::Installation>(forwarder) : nullptr;
    }
    const icmp::Dispatcher::Installations next = now;
    change.SetUpper(std::move(upper));
    for (size_t i = 0; i < old.size(); ++i) {
      if (old[i] != nullptr) old[i]->Supersede(next[i].get());
    }
    change.Commit(true);
  }
  // Without a lock: the handler that is waited for may be configuring too.
  const base::ThreadRecord* const thread = base::ThreadRecord::Current();
  const bool inside = thread == nullptr || thread->InsideCallback();
  for (const auto& installation : old) {
    if (installation == nullptr || inside) continue;
    base::Registry::Get().WaitUntilNotRunning(installation.get());
    installation->Release();
  }
  return {};
}

void Stack::RunAt(uint64_t deadline, base::Timers::Task task) {
  SetTimer(deadline, std::move(task));
}

void Stack::OnNic(uint32_t nic, const Work& work) {
  const base::Entry entry;
  if (!entry || closed()) return;
  const ip::Configuration& configuration = *published_.load(std::memory_order_acquire);
  for (const auto& interface : configuration.interfaces) {
    if (interface == nullptr || interface->id != nic) continue;
    work({entry.thread(), configuration, *interface,
          interface->counters->ForThread(entry.thread())});
    return;
  }
}

base::Timers::Id Stack::SetTimer(uint64_t deadline, base::Timers::Task task) {
  bool earlier = false;
  const base::Timers::Id id = timers_.Set(deadline, std::move(task), &earlier);
  if (earlier) poller_.Wake();
  return id;
}

}  // namespace netstack::stack
