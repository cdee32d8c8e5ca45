// The table that the bench prints.
#ifndef NETSTACK_TESTS_BENCH_TABLE_H_
#define NETSTACK_TESTS_BENCH_TABLE_H_

#include <algorithm>
#include <string>
#include <vector>

#include "row.h"
#include "workload.h"

namespace bench {

// What a row took: nanoseconds of CPU time per echo, an entry each repetition.
struct Measurement {
  const Row* row = nullptr;
  std::vector<double> nanoseconds;
  double allocations = 0;

  [[nodiscard]] double Minimum() const {
    return *std::min_element(nanoseconds.begin(), nanoseconds.end());
  }
  [[nodiscard]] double Median() const;
};

class Table {
 public:
  void Add(Measurement measurement) { measurements_.push_back(std::move(measurement)); }

  // Every row that was measured, in ns and as ratios to the floors and to smoltcp
  // of the same scenario, then the goals.
  void Print() const;

 private:
  // The row of that name with the same packets, or NULL if it was not measured.
  [[nodiscard]] const Measurement* Find(const Scenario& scenario, const std::string& name) const;

  void PrintRow(const Measurement& measurement) const;
  void PrintGoals() const;
  void PrintGoalsOf(const Scenario& scenario, double times_floor) const;
  void PrintFlatness(const Scenario& scenario) const;

  std::vector<Measurement> measurements_;
};

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_TABLE_H_
