// The requests of one row of the table.
#ifndef NETSTACK_TESTS_BENCH_WORKLOAD_H_
#define NETSTACK_TESTS_BENCH_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "support/bytes.h"

namespace bench {

enum class Family { kIpv4, kIpv6 };

// What tells rows of the same contestant apart.
struct Scenario {
  Family family = Family::kIpv4;
  size_t payload = 56;
  // Different requests, each from a source of its own. A power of two.
  size_t ring = 1;
  // Addresses that are ours; the requests of a ring go to as many of them as they can.
  size_t addresses = 1;

  friend bool operator==(const Scenario&, const Scenario&) = default;
};

// The n-th of our addresses, as text: all of them lie in LocalPrefix().
std::string LocalAddress(Family family, size_t n);
std::string LocalPrefix(Family family);
support::Bytes LocalAddressBytes(Family family, size_t n);

class Workload {
 public:
  explicit Workload(const Scenario& scenario);

  [[nodiscard]] const Scenario& scenario() const { return scenario_; }
  [[nodiscard]] size_t size() const { return scenario_.ring; }
  [[nodiscard]] std::span<const uint8_t> Request(size_t n) const {
    return {slots_.data() + first_ + n * kSlot, length_};
  }

 private:
  // So that neighbours share neither a cache line nor its set.
  static constexpr size_t kSlot = 2112;

  Scenario scenario_;
  size_t length_ = 0;
  std::vector<uint8_t> slots_;
  size_t first_ = 0;  // where a page begins
};

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_WORKLOAD_H_
