// The rows of the table: who answers what.
#ifndef NETSTACK_TESTS_BENCH_ROW_H_
#define NETSTACK_TESTS_BENCH_ROW_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "contestant.h"
#include "workload.h"

namespace bench {

// What the others are measured with.
inline constexpr char kOnePassFloor[] = "one-pass floor, default target";
inline constexpr char kOnePassFloorAvx2[] = "one-pass floor, AVX2";
inline constexpr char kSmoltcp[] = "smoltcp";

class Row {
 public:
  using Maker = std::function<std::unique_ptr<Contestant>()>;

  Row(const Scenario& scenario, std::string name, Maker make)
      : scenario_(scenario), name_(std::move(name)), make_(std::move(make)) {}

  [[nodiscard]] const Scenario& scenario() const { return scenario_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  // Makes, at the first call, the contestant and its requests, and verifies its
  // answers: throws what is wrong.
  void Prepare();
  [[nodiscard]] Contestant& contestant() const { return *contestant_; }
  [[nodiscard]] const Workload& workload() const { return *workload_; }

  // Calls of malloc() and its like for one echo.
  [[nodiscard]] double AllocationsPerEcho() const;

 private:
  Scenario scenario_;
  std::string name_;
  Maker make_;
  std::unique_ptr<Workload> workload_;
  std::unique_ptr<Contestant> contestant_;
};

// Without rows for which the machine or the build lacks something.
std::vector<Row> AllRows();

// Why rows are missing, a sentence each.
std::vector<std::string> MissingRows();

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_ROW_H_
