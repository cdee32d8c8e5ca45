#include "netstack/ip/reassembly.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

namespace netstack::ip {

namespace {

// Sources that hold about the same are equals, and then the oldest datagram goes:
// a step is more than any one datagram takes, so that among many sources of
// little things nobody is worse off for sending a large one.
constexpr size_t kSteps = 32;

}  // namespace

Reassembly::Reassembly(const Options& options) : options_(options) {
  for (Table& table : tables_) table.step = std::max<size_t>(options.high / kSteps, 1);
}

bool Reassembly::GivesUpBefore::operator()(const Holder* a, const Holder* b) const noexcept {
  if (a->share != b->share) return a->share > b->share;
  return a->entries.front()->second.order < b->entries.front()->second.order;
}

// The datagram with that key, begun if there is none. What it throws leaves the
// table in no order: then all of it goes.
Reassembly::Entries::iterator Reassembly::Table::Find(const Key& key, uint64_t deadline) {
  const auto [entry, begun] = entries.try_emplace(key);
  if (!begun) return entry;
  Entry& fresh = entry->second;
  fresh.datagram = std::make_unique<HeldDatagram>();
  fresh.order = next_order++;
  fresh.deadline = deadline;
  fresh.among_all = by_age.insert(by_age.end(), entry);
  Holder& holder = holders[key.source];
  fresh.holder = &holder;
  fresh.of_holder = holder.entries.insert(holder.entries.end(), entry);
  if (holder.entries.size() == 1) by_share.insert(&holder);
  Resize(&holder, fresh.datagram->bytes(), 0);
  return entry;
}

void Reassembly::Table::Resize(Holder* holder, size_t plus, size_t minus) noexcept {
  bytes += plus - minus;
  holder->bytes += plus - minus;
  const size_t share = holder->bytes / step;
  if (share == holder->share) return;
  auto node = by_share.extract(holder);
  holder->share = share;
  by_share.insert(std::move(node));
}

std::unique_ptr<HeldDatagram> Reassembly::Table::Remove(Entries::iterator entry) noexcept {
  Holder* const holder = entry->second.holder;
  std::unique_ptr<HeldDatagram> datagram = std::move(entry->second.datagram);
  Resize(holder, 0, datagram->bytes());
  // Its place depends on its oldest datagram, which may be this one.
  auto node = by_share.extract(holder);
  holder->entries.erase(entry->second.of_holder);
  if (holder->entries.empty()) {
    holders.erase(entry->first.source);
  } else {
    by_share.insert(std::move(node));
  }
  by_age.erase(entry->second.among_all);
  entries.erase(entry);
  return datagram;
}

Reassembly::Outcome Reassembly::Table::Take(const Key& key, const Fragment& fragment,
                                            uint64_t deadline, Added* added) {
  const auto entry = Find(key, deadline);
  HeldDatagram& datagram = *entry->second.datagram;
  const size_t before = datagram.bytes();
  if (datagram.Add(fragment) == HeldDatagram::Outcome::kConflict) {
    Remove(entry);
    return Outcome::kConflict;
  }
  Resize(entry->second.holder, datagram.bytes(), before);
  if (!datagram.whole()) return Outcome::kHeld;
  added->whole = Remove(entry);
  return Outcome::kWhole;
}

// One source can't crowd out another: who holds most gives up first, its oldest.
size_t Reassembly::Table::GiveUp(size_t low) noexcept {
  size_t count = 0;
  for (; bytes > low; ++count) Remove((*by_share.begin())->entries.front());
  return count;
}

size_t Reassembly::Table::Clear() noexcept {
  const size_t count = by_age.size();
  by_share.clear();
  holders.clear();
  by_age.clear();
  entries.clear();
  bytes = 0;
  return count;
}

Reassembly::Added Reassembly::Add(wire::Family family, const Key& key, const Fragment& fragment,
                                  uint64_t deadline) noexcept {
  Added added;
  Table& table = Of(family);
  const std::lock_guard lock(table.mutex);
  try {
    added.outcome = table.Take(key, fragment, deadline, &added);
    if (table.bytes > options_.high) added.given_up = table.GiveUp(options_.low);
    if (added.outcome == Outcome::kHeld && table.entries.find(key) == table.entries.end()) {
      added.outcome = Outcome::kGivenUp;
    }
  } catch (const std::bad_alloc&) {
    added.given_up = table.Clear();
    added.outcome = Outcome::kGivenUp;
  }
  if (!table.armed && !table.by_age.empty()) {
    table.armed = true;
    added.alarm = table.by_age.front()->second.deadline;
  }
  return added;
}

Reassembly::Expired Reassembly::TakeExpired(wire::Family family, uint64_t now) noexcept {
  Expired expired;
  Table& table = Of(family);
  const std::lock_guard lock(table.mutex);
  if (table.by_age.empty()) {
    table.armed = false;
    return expired;
  }
  const Entries::iterator oldest = table.by_age.front();
  if (oldest->second.deadline <= now) {
    expired.datagram = table.Remove(oldest);
  } else {
    expired.alarm = oldest->second.deadline;
  }
  return expired;
}

void Reassembly::Disarm(wire::Family family) noexcept {
  Table& table = Of(family);
  const std::lock_guard lock(table.mutex);
  table.armed = false;
}

size_t Reassembly::bytes_held(wire::Family family) const noexcept {
  const Table& table = tables_[wire::Index(family)];
  const std::lock_guard lock(table.mutex);
  return table.bytes;
}

}  // namespace netstack::ip
