#include "netstack/ip/address_table.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <new>

#include "netstack/base/registry.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace netstack::ip {

namespace {

constexpr uint32_t kForever = UINT32_MAX;
constexpr size_t kSmallest = 16;
constexpr size_t kCacheLine = 64;
constexpr size_t kHugePage = size_t{1} << 21;
// Entries of the past on the way to a slot: time to ask whether their slots are
// free by now; and so many in spite of that that they must be swept out.
constexpr size_t kSomeDead = 8;
constexpr size_t kCrowded = 256;

}  // namespace

constinit const AddressTable::Entry AddressTable::kNone{};

AddressTable::Slots::Slots(size_t capacity) : mask(capacity - 1), entries(Allocate(capacity)) {}

// No entry lies across two cache lines. Strangers choose where packets look, so
// a large table costs one page of the processor's few for each of them; huge
// pages let those few reach over all of it.
AddressTable::Entries AddressTable::Slots::Allocate(size_t capacity) {
  const size_t size = capacity * sizeof(Entry);
  const size_t alignment = size >= 2 * kHugePage ? kHugePage : kCacheLine;
  void* const memory = operator new[](size, std::align_val_t{alignment});
#if defined(__linux__)
  if (alignment == kHugePage) static_cast<void>(madvise(memory, size, MADV_HUGEPAGE));
#endif
  auto* const entries = static_cast<Entry*>(memory);
  std::uninitialized_value_construct_n(entries, capacity);
  return Entries(entries, FreeEntries{alignment});
}

AddressTable::Entry* AddressTable::FindEntry(wire::Address address,
                                             uint32_t version) const noexcept {
  AddressFacts facts;
  if (slots_ == nullptr) return nullptr;
  return const_cast<Entry*>(
      FindIn(slots_->entries.get(), slots_->mask, address, version, seed_, &facts));
}

AddressFacts AddressTable::FindPending(wire::Address address) const noexcept {
  AddressFacts facts;
  if (slots_ == nullptr) return facts;
  FindIn(slots_->entries.get(), slots_->mask, address, version_ + 1, seed_, &facts);
  return facts;
}

// Asks which configurations are still being read. Those of before the last
// question are gone when everybody who was inside then has left.
void AddressTable::LearnOldestReader() noexcept {
  if (oldest_is_fresh_) return;
  oldest_is_fresh_ = true;
  if (base::Registry::Get().OldestEpoch() >= next_oldest_epoch_) {
    oldest_version_ = next_oldest_version_;
    next_oldest_version_ = version_;
    next_oldest_epoch_ = base::Registry::BeginEpoch();
  }
}

// A slot that was never used, or whose entry nobody can see.
AddressTable::Entry* AddressTable::FreeSlot(wire::Address address) noexcept {
  size_t steps = 0;
  for (size_t i = FirstPlace(address, slots_->mask, seed_);; i = (i + 1) & slots_->mask) {
    Entry& e = slots_->entries[i];
    if (e.added.load(std::memory_order_relaxed) == 0) {
      ++used_;
      crowded_ = crowded_ || (steps > kCrowded && used_ > live_);
      return &e;
    }
    if (e.removed.load(std::memory_order_relaxed) != kForever) {
      if (steps > kSomeDead) LearnOldestReader();
      if (e.removed.load(std::memory_order_relaxed) <= oldest_version_) return &e;
    }
    ++steps;
  }
}

void AddressTable::Fill(Entry* entry, wire::Address address, uint16_t facts, uint32_t references,
                        uint32_t added, uint32_t removed) noexcept {
  // Not there for anybody until the last store.
  if (entry->added.load(std::memory_order_relaxed) != 0) {
    entry->added.store(kForever, std::memory_order_relaxed);
  }
  entry->removed.store(removed, std::memory_order_release);
  entry->facts.store(facts, std::memory_order_release);
  entry->high.store(address.high, std::memory_order_release);
  entry->low.store(address.low, std::memory_order_release);
  entry->references = references;
  entry->added.store(added, std::memory_order_release);
}

// A reader of an older version may be looking: what it sees is never written
// again, only followed by a new entry.
void AddressTable::Set(wire::Address address, AddressFacts facts) {
  MakeRoom();
  changed_.push_back({address, 0, false});
  const uint32_t pending = version_ + 1;
  uint32_t references = 0;
  if (Entry* const old = FindEntry(address, pending); old != nullptr) {
    references = old->references;
    old->removed.store(pending, std::memory_order_release);
    --live_;
  }
  if (facts.flags == 0) return;
  if ((facts.flags & (AddressFacts::kBroadcast | AddressFacts::kOwnBroadcast)) != 0) {
    broadcast_ones_ &= address.ipv4() & ~(address.ipv4() + 1);
  }
  Fill(FreeSlot(address), address, Pack(facts), references, pending, kForever);
  ++live_;
}

void AddressTable::AddReference(wire::Address address, uint8_t flag) {
  AddressFacts facts = FindPending(address);
  if ((facts.flags & flag) == 0) {
    facts.flags |= flag;
    Set(address, facts);
  }
  Entry* const entry = FindEntry(address, version_ + 1);
  changed_.push_back({address, 1, Visible(*entry, version_)});
  ++entry->references;
}

void AddressTable::DropReference(wire::Address address, uint8_t flag) {
  Entry* const entry = FindEntry(address, version_ + 1);
  changed_.push_back({address, -1, Visible(*entry, version_)});
  if (--entry->references != 0) return;
  AddressFacts facts = FindPending(address);
  facts.flags = static_cast<uint8_t>(facts.flags & ~flag);
  Set(address, facts);
}

// Keeps the table at most three quarters full, and its versions countable.
void AddressTable::MakeRoom() {
  const bool last_version = version_ + 1 == kForever - 1;
  const bool full = slots_ == nullptr || (used_ + 1) * 4 > (slots_->mask + 1) * 3;
  if (full || last_version || crowded_) Rebuild();
}

// Into a new table, for the old one may be being read, and without the dead.
void AddressTable::Rebuild() {
  const auto old = slots_;
  const auto bigger = std::make_shared<Slots>(std::max(kSmallest, std::bit_ceil((live_ + 1) * 2)));
  const uint32_t committed = version_;
  slots_ = bigger;
  used_ = 0;
  crowded_ = false;
  version_ = 1;
  oldest_version_ = next_oldest_version_ = 0;
  if (old == nullptr) return;
  for (size_t n = 0; n <= old->mask; ++n) {
    const Entry& from = old->entries[n];
    const bool now = Visible(from, committed);
    const bool next = Visible(from, committed + 1);
    if (!now && !next) continue;
    // Numbered anew: 1 is the committed version, 2 the pending one.
    Fill(FreeSlot(from.address()), from.address(), from.facts.load(std::memory_order_relaxed),
         from.references, now ? 1 : 2, next ? kForever : 2);
  }
}

void AddressTable::Commit() noexcept {
  oldest_is_fresh_ = false;
  if (changed_.empty()) return;
  ++version_;
  changed_.clear();
  if (changed_.capacity() > 1024) std::vector<Change>().swap(changed_);
}

// Last change first, so that counts are undone where they were made.
void AddressTable::Rollback() noexcept {
  oldest_is_fresh_ = false;
  const uint32_t pending = version_ + 1;
  for (auto change = changed_.rbegin(); change != changed_.rend(); ++change) {
    if (change->references != 0) {
      if (!change->committed) continue;
      Entry* const entry = FindEntry(change->address, version_);
      entry->references -= static_cast<uint32_t>(change->references);
      continue;
    }
    Entry* const added = FindEntry(change->address, pending);
    if (added != nullptr && added->added.load(std::memory_order_relaxed) == pending) {
      added->removed.store(pending, std::memory_order_release);
      --live_;
    }
    Entry* const old = FindEntry(change->address, version_);
    if (old != nullptr && old->removed.load(std::memory_order_relaxed) == pending) {
      old->removed.store(kForever, std::memory_order_release);
      ++live_;
    }
  }
  changed_.clear();
}

AddressTable::View AddressTable::view() const noexcept {
  View view;
  if (slots_ == nullptr) return view;
  view.entries_ = slots_->entries.get();
  view.mask_ = slots_->mask;
  view.seed_ = seed_;
  view.version_ = version_;
  view.broadcast_ones_ = broadcast_ones_;
  view.slots_ = slots_;
  return view;
}

}  // namespace netstack::ip
