// What callgrind looks at: the same echo, many times, inside of CountedEchoes().
//   netstack_bench_cycles v4|v6 PAYLOAD none|replies
#include <fmt/core.h>

#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "netstack_contestant.h"
#include "workload.h"

namespace {

constexpr size_t kEchoes = 1000;

bench::NetstackContestant::Options OptionsFor(std::string_view handler) {
  bench::NetstackContestant::Options options;
  options.handler = handler == "none" ? bench::Handler::kNone : bench::Handler::kReplies;
  return options;
}

}  // namespace

// Its name is what collection is switched on and off by.
extern "C" __attribute__((noinline)) void CountedEchoes(bench::Contestant* contestant,
                                                        std::span<const uint8_t> request) {
  for (size_t i = 0; i < kEchoes; ++i) contestant->Echo(request);
}

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<size_t>(argc));
  if (arguments.size() != 4) {
    fmt::print(stderr, "usage: {} v4|v6 PAYLOAD none|replies\n", arguments[0]);
    return 2;
  }
  try {
    bench::Scenario scenario;
    scenario.family =
        std::string_view(arguments[1]) == "v6" ? bench::Family::kIpv6 : bench::Family::kIpv4;
    scenario.payload = std::stoul(arguments[2]);
    const bench::Workload workload(scenario);
    bench::NetstackContestant contestant(OptionsFor(arguments[3]));
    contestant.Prepare(workload);
    const std::span<const uint8_t> request = workload.Request(0);
    if (contestant.EchoAndShow(request).size() != request.size()) {
      fmt::print(stderr, "netstack_bench_cycles: the request was not answered\n");
      return 1;
    }
    CountedEchoes(&contestant, request);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "netstack_bench_cycles: {}\n", failure.what());
    return 1;
  }
  return 0;
}
