// Reads counters, and says which ones a piece of work moved.
#ifndef NETSTACK_TESTS_SUPPORT_COUNTERS_H_
#define NETSTACK_TESTS_SUPPORT_COUNTERS_H_

#include <gtest/gtest.h>
#include <netstack/stats.h>

#include <cstdint>
#include <map>
#include <string>

namespace support {

using Counters = std::map<std::string, uint64_t>;

inline uint64_t Counter(ns_stack* stack, const std::string& name) {
  uint64_t value = 0;
  EXPECT_EQ(ns_stack_get_counter(stack, name.c_str(), &value), NS_OK) << name;
  return value;
}

inline Counters AllCounters(ns_stack* stack) {
  Counters counters;
  const auto note = [](void* to, const char* name, uint64_t value) -> int32_t {
    static_cast<Counters*>(to)->emplace(name, value);
    return 0;
  };
  EXPECT_EQ(ns_stack_for_each_counter(stack, note, &counters), NS_OK);
  return counters;
}

// The names that count for the whole stack, and by how much they rose, as
// "icmp.v4.received.invalid 1, ip.packets_received 1". Sorted.
inline std::string Moved(const Counters& before, const Counters& after,
                         const std::string& prefix = "") {
  std::string text;
  for (const auto& [name, value] : after) {
    const bool of_a_nic = name.starts_with("nic.");
    if (prefix.empty() ? of_a_nic : !name.starts_with(prefix)) continue;
    const auto old = before.find(name);
    const uint64_t rise = value - (old == before.end() ? 0 : old->second);
    if (rise == 0) continue;
    if (!text.empty()) text += ", ";
    text += name + " " + std::to_string(rise);
  }
  return text;
}

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_COUNTERS_H_
