// The addresses of one NIC and family in one hash table: what is assigned, the
// broadcast addresses of assigned subnets, and joined groups. One lookup tells
// which of these an address is.
//
// Each entry says from which version of the table on, and up to which, it is
// there. A view is a table and a version: it never changes, though entries of
// later versions are added in place. So a change costs the same with one
// address and with a million, and many appear at once or not at all.
#ifndef NETSTACK_IP_ADDRESS_TABLE_H_
#define NETSTACK_IP_ADDRESS_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "netstack/wire/address.h"

namespace netstack::ip {

// What an address is to a NIC; several at once are possible.
struct AddressFacts {
  static constexpr uint8_t kAssigned = 1;
  static constexpr uint8_t kOwnBroadcast = 2;  // assigned, though its subnet's broadcast address
  static constexpr uint8_t kBroadcast = 4;     // limited, or of an assigned address's subnet
  static constexpr uint8_t kGroup = 8;         // one that every such host is in
  static constexpr uint8_t kJoined = 16;       // a group that the user joined

  uint8_t flags = 0;
  uint8_t prefix_length = 0;  // of the assigned address

  [[nodiscard]] bool assigned() const noexcept { return (flags & kAssigned) != 0; }
  // Assigned, or a broadcast address: what no packet from outside comes from.
  [[nodiscard]] bool own() const noexcept { return (flags & (kAssigned | kBroadcast)) != 0; }
  [[nodiscard]] bool group() const noexcept { return (flags & (kGroup | kJoined)) != 0; }
  // An assigned address is a broadcast address only of its own subnet.
  [[nodiscard]] bool broadcast() const noexcept {
    return assigned() ? (flags & kOwnBroadcast) != 0 : (flags & kBroadcast) != 0;
  }
  friend bool operator==(const AddressFacts&, const AddressFacts&) = default;
};

class AddressTable {
 private:
  static size_t Hash(wire::Address a, uint64_t seed) noexcept {
    uint64_t h = (a.high ^ seed) * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 32) ^ a.low) * 0xd6e8feb86659fd93u;
    return static_cast<size_t>(h ^ (h >> 32));
  }
  static constexpr AddressFacts Unpack(uint16_t packed) noexcept {
    return {static_cast<uint8_t>(packed >> 8), static_cast<uint8_t>(packed)};
  }
  // All atomic, because a slot whose entry nobody can see any more is used
  // again while readers pass by.
  struct Entry {
    std::atomic<uint64_t> high{0};
    std::atomic<uint64_t> low{0};
    std::atomic<uint32_t> added{0};  // 0: the slot was never used
    std::atomic<uint32_t> removed{0};
    std::atomic<uint16_t> facts{0};
    uint32_t references = 0;  // how many subnets or joins ask for it; for the writer

    [[nodiscard]] bool Is(wire::Address address) const noexcept {
      return ((high.load(std::memory_order_relaxed) ^ address.high) |
              (low.load(std::memory_order_acquire) ^ address.low)) == 0;
    }
    [[nodiscard]] wire::Address address() const noexcept {
      return {high.load(std::memory_order_relaxed), low.load(std::memory_order_relaxed)};
    }
  };
  // Where the search begins: in a large table at the first of the two entries that
  // share a line of the cache.
  static constexpr size_t kLarge = size_t{1} << 15;  // entries, a megabyte of them
  static size_t FirstPlace(wire::Address address, size_t mask, uint64_t seed) noexcept {
    const size_t home = Hash(address, seed) & mask;
    return mask < kLarge ? home : home & ~size_t{1};
  }
  // The entry as that version has it, and what it says; null: none. A slot may be
  // filled anew while it is read: then `added` has changed.
  static const Entry* FindIn(const Entry* entries, size_t mask, wire::Address address,
                             uint32_t version, uint64_t seed, AddressFacts* facts) noexcept {
    size_t i = FirstPlace(address, mask, seed);
    // Which of the two it is no processor can foretell, and a wrong guess throws away
    // what was done while memory was waited for: an addition, not a branch.
    if (mask >= kLarge) i += static_cast<size_t>(!entries[i].Is(address));
    for (;; i = (i + 1) & mask) {
      const Entry& e = entries[i];
      const uint32_t added = e.added.load(std::memory_order_acquire);
      if (added == 0) return nullptr;
      if (!e.Is(address) || added > version || version >= e.removed.load(std::memory_order_acquire))
          [[unlikely]] {
        continue;
      }
      const uint16_t packed = e.facts.load(std::memory_order_acquire);
      if (e.added.load(std::memory_order_relaxed) != added) [[unlikely]]
        continue;
      *facts = Unpack(packed);
      return &e;
    }
  }
  struct FreeEntries {
    size_t alignment;
    void operator()(Entry* entries) const noexcept {
      operator delete[](entries, std::align_val_t{alignment});
    }
  };
  using Entries = std::unique_ptr<Entry[], FreeEntries>;
  static const Entry kNone;  // a table without any
  struct Slots {
    explicit Slots(size_t capacity);
    static Entries Allocate(size_t capacity);

    size_t mask;
    Entries entries;
  };

 public:
  // One version. Copies share the table; reading is for any thread that stays
  // in the base::Entry in which it got hold of the view.
  class View {
   public:
    View() noexcept = default;
    // Flags 0: no such address.
    [[nodiscard]] AddressFacts Find(wire::Address address) const noexcept {
      AddressFacts facts;
      FindIn(entries_, mask_, address, version_, seed_, &facts);
      return facts;
    }

    // False for most that are no IPv4 broadcast address, by their host bits alone.
    [[nodiscard]] bool MayBeBroadcast(wire::Address address) const noexcept {
      return (address.ipv4() & broadcast_ones_) == broadcast_ones_;
    }

   private:
    friend class AddressTable;
    const Entry* entries_ = &kNone;  // of slots_
    size_t mask_ = 0;
    uint64_t seed_ = 0;
    uint32_t version_ = 0;
    uint32_t broadcast_ones_ = UINT32_MAX;
    std::shared_ptr<const Slots> slots_;
  };

  // `seed` keeps strangers from aiming at long probe sequences.
  explicit AddressTable(uint64_t seed) noexcept : seed_(seed) {}

  // The writer's part; one thread at a time. Changes become visible to views
  // taken after Commit(); Rollback() makes them never have been.
  [[nodiscard]] AddressFacts FindPending(wire::Address address) const noexcept;
  // Facts without flags erase. Throws std::bad_alloc, then nothing was set.
  void Set(wire::Address address, AddressFacts facts);
  // Counts who asks for `flag` (broadcast or group) at an address, and sets it
  // for the first, clears it after the last. Throws as Set() does.
  void AddReference(wire::Address address, uint8_t flag);
  void DropReference(wire::Address address, uint8_t flag);
  void Commit() noexcept;
  void Rollback() noexcept;

  [[nodiscard]] View view() const noexcept;

  // Every address of the committed version, in no order.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    if (slots_ == nullptr) return;
    for (size_t i = 0; i <= slots_->mask; ++i) {
      const Entry& e = slots_->entries[i];
      if (Visible(e, version_)) visit(e.address(), Unpack(e.facts.load(std::memory_order_relaxed)));
    }
  }

 private:
  static constexpr uint16_t Pack(AddressFacts facts) noexcept {
    return static_cast<uint16_t>(facts.flags << 8 | facts.prefix_length);
  }
  static bool Visible(const Entry& entry, uint32_t version) noexcept {
    const uint32_t added = entry.added.load(std::memory_order_acquire);
    return added != 0 && added <= version &&
           version < entry.removed.load(std::memory_order_relaxed);
  }
  [[nodiscard]] Entry* FindEntry(wire::Address address, uint32_t version) const noexcept;
  void MakeRoom();
  void Rebuild();
  Entry* FreeSlot(wire::Address address) noexcept;
  void Fill(Entry* entry, wire::Address address, uint16_t facts, uint32_t references,
            uint32_t added, uint32_t removed) noexcept;
  void LearnOldestReader() noexcept;

  uint64_t seed_;
  std::shared_ptr<Slots> slots_;
  uint32_t version_ = 1;  // committed
  size_t used_ = 0;       // slots, by the dead as well
  size_t live_ = 0;       // entries visible in the pending version
  bool crowded_ = false;  // too many dead in one place
  // The last bits that were 1 in every IPv4 broadcast address so far.
  uint32_t broadcast_ones_ = UINT32_MAX;
  // No reader has a version before this one: what was removed by then is gone.
  uint32_t oldest_version_ = 0;
  uint32_t next_oldest_version_ = 0;  // becomes it when readers of before
  uint64_t next_oldest_epoch_ = 0;    // this epoch have left
  bool oldest_is_fresh_ = false;      // learned in this transaction
  struct Change {
    wire::Address address;
    int32_t references;  // how many were added in place; 0: Set() was called
    bool committed;      // to an entry that is there whatever becomes of the change
  };
  std::vector<Change> changed_;  // since the last commit
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_ADDRESS_TABLE_H_
