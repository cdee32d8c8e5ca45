// The bench of the echo in process. Takes the options of Google Benchmark, and:
//   --verify   show that every contestant's answers are right, and time nothing
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "row.h"
#include "table.h"
#include "workload.h"

namespace {

std::string NameOf(const bench::Row& row) {
  const bench::Scenario& scenario = row.scenario();
  return fmt::format("{}/{}/ring {}/addresses {}/{}",
                     scenario.family == bench::Family::kIpv6 ? "IPv6" : "IPv4", scenario.payload,
                     scenario.ring, scenario.addresses, row.name());
}

void Run(benchmark::State& state, bench::Row* row) {
  try {
    row->Prepare();
  } catch (const std::exception& failure) {
    state.SkipWithError(failure.what());
    return;
  }
  const bench::Workload& workload = row->workload();
  bench::Contestant& contestant = row->contestant();
  const size_t mask = workload.size() - 1;
  size_t next = 0;
  for ([[maybe_unused]] auto _ : state) {
    contestant.Echo(workload.Request(next));
    next = (next + 1) & mask;
  }
}

// Keeps what each repetition took; prints nothing by itself but failures.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  explicit Collector(const std::vector<bench::Row>& rows) {
    for (const bench::Row& row : rows) nanoseconds_[NameOf(row)] = {&row, {}, 0};
  }

  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) {
        fmt::print(stderr, "{}: {}\n", run.benchmark_name(), run.error_message);
        failed_ = true;
      } else if (run.run_type == Run::RT_Iteration) {
        nanoseconds_[run.run_name.function_name].nanoseconds.push_back(run.GetAdjustedCPUTime());
      }
    }
  }

  [[nodiscard]] bool failed() const { return failed_; }

  bench::Table TableOf(const std::vector<bench::Row>& rows) {
    bench::Table table;
    for (const bench::Row& row : rows) {
      bench::Measurement& measurement = nanoseconds_[NameOf(row)];
      if (measurement.nanoseconds.empty()) continue;
      measurement.allocations = row.AllocationsPerEcho();
      table.Add(std::move(measurement));
    }
    return table;
  }

 private:
  std::map<std::string, bench::Measurement> nanoseconds_;
  bool failed_ = false;
};

void PrintMissing() {
  for (const std::string& reason : bench::MissingRows()) fmt::print("Without {}\n", reason);
}

bool Verify(std::vector<bench::Row>* rows) {
  bool is_right = true;
  for (bench::Row& row : *rows) {
    try {
      row.Prepare();
    } catch (const std::exception& failure) {
      fmt::print(stderr, "{}: {}\n", NameOf(row), failure.what());
      is_right = false;
      continue;
    }
    const double allocations = row.AllocationsPerEcho();
    if (row.name().starts_with("netstack") && allocations != 0) {
      fmt::print(stderr, "{}: {} heap calls per echo\n", NameOf(row), allocations);
      is_right = false;
    }
  }
  PrintMissing();
  fmt::print("{} rows, {}\n", rows->size(), is_right ? "every answer right" : "not all right");
  return is_right;
}

bool Measure(std::vector<bench::Row>* rows, std::span<char*> arguments) {
  std::vector<std::string> options = {arguments[0], "--benchmark_repetitions=15",
                                      "--benchmark_min_time=0.02",
                                      "--benchmark_enable_random_interleaving=true"};
  options.insert(options.end(), arguments.begin() + 1, arguments.end());
  std::vector<char*> pointers;
  for (std::string& option : options) pointers.push_back(option.data());
  auto count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return false;

  for (bench::Row& row : *rows) {
    benchmark::RegisterBenchmark(NameOf(row).c_str(),
                                 [&row](benchmark::State& state) { Run(state, &row); });
  }
  Collector collector(*rows);
  benchmark::RunSpecifiedBenchmarks(&collector);
  collector.TableOf(*rows).Print();
  PrintMissing();
  return !collector.failed();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<bench::Row> rows = bench::AllRows();
    const std::span<char*> arguments(argv, static_cast<size_t>(argc));
    const bool is_only_to_verify = argc == 2 && std::string_view(argv[1]) == "--verify";
    return (is_only_to_verify ? Verify(&rows) : Measure(&rows, arguments)) ? 0 : 1;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "netstack_bench: {}\n", failure.what());
    return 1;
  }
}
