#include "table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "row.h"
#include "workload.h"

namespace bench {

namespace {

std::string Grouped(size_t number) {
  if (number < 1000) return std::to_string(number);
  return fmt::format("{},{:03}", Grouped(number / 1000), number % 1000);
}

std::string TitleOf(const Scenario& scenario) {
  return fmt::format(
      "{}, {} B, {}", scenario.family == Family::kIpv6 ? "IPv6" : "IPv4", Grouped(scenario.payload),
      scenario.ring == 1 ? "one hot packet" : Grouped(scenario.ring) + " different packets");
}

bool HaveSamePackets(const Scenario& a, const Scenario& b) {
  return a.family == b.family && a.payload == b.payload && a.ring == b.ring;
}

// "2.89 3.01", of minima and of medians.
std::string Ratio(const Measurement& measurement, const Measurement* unit) {
  if (unit == nullptr) return fmt::format("{:>11}", "-");
  return fmt::format("{:5.2f} {:5.2f}", measurement.Minimum() / unit->Minimum(),
                     measurement.Median() / unit->Median());
}

void PrintGoal(const std::string& what, double value, double bound, const char* unit) {
  fmt::print("{:<100} {:8.2f} {:>6.2f} {:<3} {}\n", what, value, bound, unit,
             value <= bound ? "met" : "MISSED");
}

}  // namespace

double Measurement::Median() const {
  std::vector<double> sorted = nanoseconds;
  std::sort(sorted.begin(), sorted.end());
  const size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const Measurement* Table::Find(const Scenario& scenario, const std::string& name) const {
  for (const Measurement& measurement : measurements_) {
    if (measurement.row->name() == name && measurement.row->scenario() == scenario) {
      return &measurement;
    }
  }
  return nullptr;
}

void Table::PrintRow(const Measurement& measurement) const {
  Scenario units = measurement.row->scenario();
  units.addresses = 1;
  const size_t addresses = measurement.row->scenario().addresses;
  const std::string name =
      measurement.row->name() +
      (addresses == 1 ? "" : fmt::format(", {} addresses", Grouped(addresses)));
  fmt::print("{:<60} {:7.1f} {:7.1f}  {}  {}  {}  {:5.2f}\n", name, measurement.Minimum(),
             measurement.Median(), Ratio(measurement, Find(units, kOnePassFloor)),
             Ratio(measurement, Find(units, kOnePassFloorAvx2)),
             Ratio(measurement, Find(units, kSmoltcp)), measurement.allocations);
}

void Table::Print() const {
  fmt::print("{:<60} {:^15}  {:^11}  {:^11}  {:^11}  {}\n", "", "ns per echo", "x one-pass",
             "x one-pass", "x smoltcp", "heap");
  fmt::print("{:<60} {:>7} {:>7}  {:^11}  {:^11}  {:^11}  {}\n", "", "min", "median", "default",
             "AVX2", "", "calls");
  for (size_t n = 0; n < measurements_.size(); ++n) {
    const Measurement& first = measurements_[n];
    const auto is_of_group = [&first](const Measurement& other) {
      return HaveSamePackets(first.row->scenario(), other.row->scenario());
    };
    const auto begin = measurements_.begin();
    if (std::any_of(begin, begin + static_cast<ptrdiff_t>(n), is_of_group)) continue;
    fmt::print("\n{}\n", TitleOf(first.row->scenario()));
    for (const Measurement& measurement : measurements_) {
      if (is_of_group(measurement)) PrintRow(measurement);
    }
  }
  PrintGoals();
}

void Table::PrintGoals() const {
  fmt::print("\n{:<100} {:>8} {:>6}\n", "Goals, by minima", "measured", "bound");
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    PrintGoalsOf({.family = family, .payload = 56}, 4.0);
    PrintGoalsOf({.family = family, .payload = 1400}, 1.5);
    PrintFlatness({.family = family, .payload = 56, .ring = 1});
    PrintFlatness({.family = family, .payload = 56, .ring = 4096});
  }
}

void Table::PrintGoalsOf(const Scenario& scenario, double times_floor) const {
  for (const char* const name : {"netstack, no handler", "netstack, handler replies"}) {
    const Measurement* const ours = Find(scenario, name);
    if (ours == nullptr) continue;
    const std::string what = fmt::format("{}: {}", TitleOf(scenario), name);
    for (const char* const unit : {kOnePassFloor, kOnePassFloorAvx2}) {
      if (const Measurement* const floor = Find(scenario, unit)) {
        PrintGoal(fmt::format("{}, {}", what, unit), ours->Minimum() / floor->Minimum(),
                  times_floor, "x");
      }
    }
    if (const Measurement* const smoltcp = Find(scenario, kSmoltcp)) {
      PrintGoal(what + ", smoltcp", ours->Minimum() / smoltcp->Minimum(), 0.6, "x");
    }
    PrintGoal(what + ", heap calls", ours->allocations, 0, "");
  }
}

void Table::PrintFlatness(const Scenario& scenario) const {
  Scenario million = scenario;
  million.addresses = 1'000'000;
  for (const char* const name :
       {"netstack, handler replies", "netstack, handler replies, one prefix"}) {
    const Measurement* const one = Find(scenario, name);
    const Measurement* const many = Find(million, name);
    if (one == nullptr || many == nullptr) continue;
    PrintGoal(fmt::format("{}: {}, 1,000,000 addresses - 1", TitleOf(scenario), name),
              many->Minimum() - one->Minimum(), 15, "ns");
  }
}

}  // namespace bench
