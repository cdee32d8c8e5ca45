#include "counters.h"

#include <fmt/format.h>

#include <algorithm>

namespace program {

std::vector<Counter> Counters(ns_stack* stack) {
  std::vector<Counter> counters;
  const ns_counter_fn collect = [](void* user_data, const char* name, uint64_t value) -> int32_t {
    static_cast<std::vector<Counter>*>(user_data)->push_back({name, value});
    return 0;
  };
  // Without a stack there is nothing to show, which is not worth a failure.
  static_cast<void>(ns_stack_for_each_counter(stack, collect, &counters) == NS_OK);
  return counters;
}

std::vector<Counter> NonZeroCounters(ns_stack* stack) {
  std::vector<Counter> counters = Counters(stack);
  std::erase_if(counters, [](const Counter& counter) { return counter.value == 0; });
  return counters;
}

std::string Table(const std::vector<Counter>& counters, size_t per_line) {
  size_t name_width = 0;
  size_t value_width = 0;
  for (const Counter& counter : counters) {
    name_width = std::max(name_width, counter.name.size());
    value_width = std::max(value_width, fmt::formatted_size("{}", counter.value));
  }
  const size_t lines = (counters.size() + per_line - 1) / per_line;
  std::string table;
  for (size_t line = 0; line < lines; ++line) {
    for (size_t i = line; i < counters.size(); i += lines) {
      table += fmt::format("  {:<{}}  {:>{}}", counters[i].name, name_width, counters[i].value,
                           value_width);
    }
    table += '\n';
  }
  return table;
}

}  // namespace program
