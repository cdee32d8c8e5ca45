// Ways that are narrower than their links, as routers told (RFC 1191, RFC 8201).
#ifndef NETSTACK_IP_PATH_MTUS_H_
#define NETSTACK_IP_PATH_MTUS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <tuple>

#include "netstack/wire/address.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

// Every way is taken to carry this much, whatever anybody says. IPv6: RFC 8201 4. IPv4: RFC 1191 3
// allows 68, which would let whoever forges one message have each answer cut into thirty pieces;
// Linux's least (512 bytes and two headers) leaves no real way out.
constexpr uint32_t LeastPathMtu(wire::Family family) noexcept {
  return family == wire::Family::kIpv4 ? 552 : wire::kIpv6MinimumMtu;
}

// Nobody else's code is called in here. [any thread]
class PathMtus {
 public:
  struct Options {
    size_t most = 1024;  // ways that are remembered, per family; those told of last
  };
  // RFC 1191 6.3, RFC 8201 4: after that a longer packet finds out what the way is like by then.
  // In nanoseconds.
  static constexpr uint64_t kLifetime = 600'000'000'000;

  // One and the same address may be two hosts on two NICs.
  struct Way {
    uint32_t nic = 0;
    wire::Address destination;

    [[nodiscard]] auto AsTuple() const noexcept {
      return std::make_tuple(nic, destination.high, destination.low);
    }
    friend bool operator<(const Way& a, const Way& b) noexcept { return a.AsTuple() < b.AsTuple(); }
  };

  explicit PathMtus(const Options& options) noexcept : most_(options.most) {}
  PathMtus(const PathMtus&) = delete;
  PathMtus& operator=(const PathMtus&) = delete;

  // Nothing is known of any way, or nothing that is still true.
  [[nodiscard]] bool empty(wire::Family family) const noexcept { return held(family) == 0; }
  [[nodiscard]] size_t held(wire::Family family) const noexcept {
    return Of(family).held.load(std::memory_order_relaxed);
  }

  // Of a way over a link with that MTU; at most that. `now` as base::Clock::Now() has it.
  uint32_t Find(wire::Family family, const Way& way, uint32_t link_mtu, uint64_t now) noexcept;

  enum class Outcome : uint8_t {
    kTaken,
    kTakenForAnother,  // another way was forgotten
    kNotLower,         // than what is known already
    kNotTaken,         // no memory
  };
  Outcome Lower(wire::Family family, const Way& way, uint32_t mtu, uint32_t link_mtu,
                uint64_t now) noexcept;

 private:
  struct Entry;
  using Ways = std::map<Way, Entry>;
  using OldestFirst = std::list<Ways::iterator>;
  struct Entry {
    uint32_t mtu = 0;
    uint64_t told = 0;
    OldestFirst::iterator by_age;
  };
  // One family.
  struct Table {
    std::mutex mutex;
    std::atomic<size_t> held{0};  // ways.size(), for those who don't want to wait
    Ways ways;
    OldestFirst by_age;

    void ForgetOldest() noexcept;
    void ForgetUntil(uint64_t now) noexcept;
    [[nodiscard]] uint32_t Find(const Way& way, uint32_t link_mtu) const noexcept;
    void Set(const Way& way, uint32_t mtu, uint64_t now);
  };

  Table& Of(wire::Family family) noexcept { return tables_[wire::Index(family)]; }
  [[nodiscard]] const Table& Of(wire::Family family) const noexcept {
    return tables_[wire::Index(family)];
  }

  const size_t most_;
  std::array<Table, 2> tables_;
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_PATH_MTUS_H_
