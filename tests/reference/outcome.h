// What the reference implementation says of one packet.
#ifndef NETSTACK_TESTS_REFERENCE_OUTCOME_H_
#define NETSTACK_TESTS_REFERENCE_OUTCOME_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reference/destination.h"

namespace reference {

// By how much counters rise, by their names below "nic.1." (or "forwarder.").
using Counts = std::map<std::string, uint64_t>;

struct Outcome {
  std::optional<Bytes> reply;
  std::optional<Destination> asked;  // a handler was asked about such a packet
  std::vector<int> statuses;         // what each reply said, as the C ABI's numbers

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// A NIC's counters are also the stack's: "ip.v4.x" and "ip.v6.x" are "ip.x"
// there; what is only the NIC's and only the stack's keeps its name.
inline Counts EveryName(const Counts& counts) {
  Counts all;
  for (const auto& [name, count] : counts) {
    if (name.starts_with("forwarder.") || name.starts_with("path_mtu.")) {
      all[name] += count;
      continue;
    }
    all["nic.1." + name] += count;
    if (name.starts_with("ip.")) all["ip." + name.substr(6)] += count;
    if (name.starts_with("icmp.")) all[name] += count;
  }
  return all;
}

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_OUTCOME_H_
