// Datagrams whose fragments have not all come yet (RFC 791 3.2, RFC 8200 4.5):
// the memory of them, bounded in each family.
#ifndef NETSTACK_IP_REASSEMBLY_H_
#define NETSTACK_IP_REASSEMBLY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <tuple>

#include "netstack/base/timers.h"
#include "netstack/ip/held_datagram.h"
#include "netstack/wire/address.h"

namespace netstack::ip {

// Nobody else's code is called in here, nor while its lock is held. [any thread]
class Reassembly {
 public:
  struct Options {
    size_t high = size_t{4} << 20;  // bytes, per family; above it, what is held is
    size_t low = size_t{3} << 20;   // given up down to here
  };

  // What the fragments of one datagram have in common.
  struct Key {
    wire::Address source;
    wire::Address destination;
    uint32_t identification = 0;
    uint8_t protocol = 0;  // of IPv4; 0 in IPv6

    [[nodiscard]] auto AsTuple() const noexcept {
      return std::make_tuple(identification, protocol, source.high, source.low, destination.high,
                             destination.low);
    }
    friend bool operator<(const Key& a, const Key& b) noexcept { return a.AsTuple() < b.AsTuple(); }
  };

  explicit Reassembly(const Options& options);
  Reassembly(const Reassembly&) = delete;
  Reassembly& operator=(const Reassembly&) = delete;

  enum class Outcome : uint8_t {
    kHeld,
    kWhole,
    kConflict,  // the fragment and all of its datagram that was here are gone
    kGivenUp,   // likewise: there is no room
  };
  struct Added {
    Outcome outcome = Outcome::kHeld;
    uint64_t alarm = base::Timers::kNever;  // if not, TakeExpired() is to be called then
    size_t given_up = 0;                    // datagrams, to make room
    std::unique_ptr<HeldDatagram> whole;
  };
  // `deadline` counts if this is the first fragment of its datagram.
  Added Add(wire::Family family, const Key& key, const Fragment& fragment,
            uint64_t deadline) noexcept;

  struct Expired {
    std::unique_ptr<HeldDatagram> datagram;
    uint64_t alarm = base::Timers::kNever;
  };
  // Takes out the oldest datagram whose deadline has come. To be called until
  // there is none: only then is there another alarm, which may be never.
  Expired TakeExpired(wire::Family family, uint64_t now) noexcept;
  // The alarm could not be set: the next fragment asks for another.
  void Disarm(wire::Family family) noexcept;

  [[nodiscard]] size_t bytes_held(wire::Family family) const noexcept;

 private:
  struct Entry;
  using Entries = std::map<Key, Entry>;
  using OldestFirst = std::list<Entries::iterator>;

  // All that came from one source.
  struct Holder {
    size_t share = 0;  // its bytes, in steps: see Table::step
    size_t bytes = 0;
    OldestFirst entries;
  };
  struct Entry {
    std::unique_ptr<HeldDatagram> datagram;
    uint64_t order = 0;  // the later the higher
    uint64_t deadline = 0;
    Holder* holder = nullptr;
    OldestFirst::iterator among_all;
    OldestFirst::iterator of_holder;
  };
  // Who is to give something up comes first.
  struct GivesUpBefore {
    bool operator()(const Holder* a, const Holder* b) const noexcept;
  };

  struct AddressOrder {
    bool operator()(const wire::Address& a, const wire::Address& b) const noexcept {
      return a.high != b.high ? a.high < b.high : a.low < b.low;
    }
  };
  // One family.
  struct Table {
    mutable std::mutex mutex;
    size_t step = 1;
    size_t bytes = 0;
    bool armed = false;
    uint64_t next_order = 0;
    Entries entries;
    OldestFirst by_age;
    std::map<wire::Address, Holder, AddressOrder> holders;
    std::set<Holder*, GivesUpBefore> by_share;

    Entries::iterator Find(const Key& key, uint64_t deadline);
    void Resize(Holder* holder, size_t plus, size_t minus) noexcept;
    std::unique_ptr<HeldDatagram> Remove(Entries::iterator entry) noexcept;
    Outcome Take(const Key& key, const Fragment& fragment, uint64_t deadline, Added* added);
    size_t GiveUp(size_t low) noexcept;
    size_t Clear() noexcept;
  };

  Table& Of(wire::Family family) noexcept { return tables_[wire::Index(family)]; }

  const Options options_;
  std::array<Table, 2> tables_;
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_REASSEMBLY_H_
