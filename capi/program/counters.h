// The stack's counters as a table.
#ifndef CAPI_PROGRAM_COUNTERS_H_
#define CAPI_PROGRAM_COUNTERS_H_

#include <netstack/stats.h>

#include <cstdint>
#include <string>
#include <vector>

namespace program {

struct Counter {
  std::string name;
  uint64_t value;
};

// All, in the library's order.
[[nodiscard]] std::vector<Counter> Counters(ns_stack* stack);

// Those that are not 0.
[[nodiscard]] std::vector<Counter> NonZeroCounters(ns_stack* stack);

// Name and value in aligned columns, `per_line` counters beside each other,
// read downwards; each line ends in a line break.
[[nodiscard]] std::string Table(const std::vector<Counter>& counters, size_t per_line = 1);

}  // namespace program

#endif  // CAPI_PROGRAM_COUNTERS_H_
