#include "netstack/ip/path_mtus.h"

#include <algorithm>
#include <new>

namespace netstack::ip {

void PathMtus::Table::ForgetOldest() noexcept {
  ways.erase(by_age.front());
  by_age.pop_front();
  held.store(ways.size(), std::memory_order_relaxed);
}

// Each is told of for the same time, so those that end first come first.
void PathMtus::Table::ForgetUntil(uint64_t now) noexcept {
  const auto is_over = [&](const Entry& entry) {
    return entry.told <= now && now - entry.told >= kLifetime;
  };
  while (!by_age.empty() && is_over(by_age.front()->second)) ForgetOldest();
}

uint32_t PathMtus::Table::Find(const Way& way, uint32_t link_mtu) const noexcept {
  const auto found = ways.find(way);
  return found == ways.end() ? link_mtu : std::min(link_mtu, found->second.mtu);
}

// Throws std::bad_alloc, then nothing was set.
void PathMtus::Table::Set(const Way& way, uint32_t mtu, uint64_t now) {
  const auto known = ways.find(way);
  if (known != ways.end()) {
    known->second.mtu = mtu;
    known->second.told = now;
    by_age.splice(by_age.end(), by_age, known->second.by_age);
    return;
  }
  by_age.emplace_back();
  try {
    by_age.back() = ways.try_emplace(way, Entry{mtu, now, std::prev(by_age.end())}).first;
  } catch (...) {
    by_age.pop_back();
    throw;
  }
  held.store(ways.size(), std::memory_order_relaxed);
}

uint32_t PathMtus::Find(wire::Family family, const Way& way, uint32_t link_mtu,
                        uint64_t now) noexcept {
  Table& table = Of(family);
  const std::lock_guard lock(table.mutex);
  table.ForgetUntil(now);
  return table.Find(way, link_mtu);
}

PathMtus::Outcome PathMtus::Lower(wire::Family family, const Way& way, uint32_t mtu,
                                  uint32_t link_mtu, uint64_t now) noexcept {
  Table& table = Of(family);
  const std::lock_guard lock(table.mutex);
  table.ForgetUntil(now);
  if (mtu >= table.Find(way, link_mtu)) return Outcome::kNotLower;
  try {
    table.Set(way, mtu, now);
  } catch (const std::bad_alloc&) {
    return Outcome::kNotTaken;
  }
  if (table.ways.size() <= most_) return Outcome::kTaken;
  table.ForgetOldest();
  return Outcome::kTakenForAnother;
}

}  // namespace netstack::ip
