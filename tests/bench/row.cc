#include "row.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "allocations.h"
#include "contestant.h"
#include "floor.h"
#include "floor_contestant.h"
#include "lwip_contestant.h"
#include "netstack_contestant.h"
#include "verify.h"
#include "workload.h"
#if defined(BENCH_SMOLTCP)
#include "smoltcp_contestant.h"
#endif

namespace bench {

namespace {

constexpr size_t kRing = 4096;

bool HasAvx2() { return __builtin_cpu_supports("avx2") > 0; }

class Rows {
 public:
  void AddFloor(const Scenario& scenario, const char* name, Floor* floor) {
    Add(scenario, name, [floor] { return std::make_unique<FloorContestant>(floor); });
  }
  void AddNetstack(const Scenario& scenario, std::string name,
                   const NetstackContestant::Options& options) {
    Add(scenario, "netstack, " + name,
        [options] { return std::make_unique<NetstackContestant>(options); });
  }
  void Add(const Scenario& scenario, std::string name, Row::Maker make) {
    rows_.emplace_back(scenario, std::move(name), std::move(make));
  }
  void AddPeers(const Scenario& scenario) {
#if defined(BENCH_SMOLTCP)
    Add(scenario, kSmoltcp, [] { return std::make_unique<SmoltcpContestant>(); });
#endif
    Add(scenario, "lwIP", NewLwipContestant);
  }
  void AddOnePassFloors(const Scenario& scenario) {
    AddFloor(scenario, kOnePassFloor, default_target::OnePassFloor);
    if (HasAvx2()) AddFloor(scenario, kOnePassFloorAvx2, avx2_target::OnePassFloor);
  }

  std::vector<Row> Take() { return std::move(rows_); }

 private:
  std::vector<Row> rows_;
};

// One packet again and again, or a ring of them.
void AddComparison(Rows* rows, const Scenario& scenario) {
  rows->AddOnePassFloors(scenario);
  rows->AddFloor(scenario, "plain floor, default target", default_target::PlainFloor);
  if (HasAvx2()) rows->AddFloor(scenario, "plain floor, AVX2", avx2_target::PlainFloor);
  rows->AddNetstack(scenario, "no handler", {.handler = Handler::kNone});
  rows->AddNetstack(scenario, "handler replies", {.handler = Handler::kReplies});
  if (scenario.ring == 1) {
    rows->AddNetstack(scenario, "handler declines", {.handler = Handler::kDeclines});
    rows->AddNetstack(scenario, "handler consumes", {.handler = Handler::kConsumes});
    rows->AddNetstack(scenario, "handler replies, channel link",
                      {.handler = Handler::kReplies, .carrier = Carrier::kChannel});
  }
  rows->AddPeers(scenario);
}

// From one address to a million.
void AddAddressCounts(Rows* rows, Family family) {
  for (const size_t ring : {size_t{1}, kRing}) {
    for (const size_t addresses : {1u, 1'000u, 1'000'000u}) {
      const Scenario scenario{
          .family = family, .payload = 56, .ring = ring, .addresses = addresses};
      if (addresses > 1) rows->AddNetstack(scenario, "handler replies", {});
      rows->AddNetstack(scenario, "handler replies, one prefix", {.locals = Locals::kPrefix});
    }
  }
}

}  // namespace

void Row::Prepare() {
  if (contestant_ != nullptr) return;
  auto workload = std::make_unique<Workload>(scenario_);
  auto contestant = make_();
  contestant->Prepare(*workload);
  if (const std::string wrong = Verify(contestant.get(), *workload); !wrong.empty()) {
    throw std::runtime_error(wrong);
  }
  workload_ = std::move(workload);
  contestant_ = std::move(contestant);
}

double Row::AllocationsPerEcho() const {
  constexpr size_t kEchoes = 4096;
  const uint64_t before = AllocationsOfThread();
  for (size_t n = 0; n < kEchoes; ++n) {
    contestant_->Echo(workload_->Request(n & (workload_->size() - 1)));
  }
  return static_cast<double>(AllocationsOfThread() - before) / kEchoes;
}

std::vector<Row> AllRows() {
  Rows rows;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    for (const size_t payload : {56u, 1'400u}) {
      for (const size_t ring : {size_t{1}, kRing}) {
        AddComparison(&rows, {.family = family, .payload = payload, .ring = ring});
      }
    }
    AddAddressCounts(&rows, family);
  }
  return rows.Take();
}

std::vector<std::string> MissingRows() {
  std::vector<std::string> missing;
#if !defined(BENCH_SMOLTCP)
  missing.emplace_back("smoltcp: " BENCH_NO_SMOLTCP);
#endif
  if (!HasAvx2()) missing.emplace_back("floors for AVX2: this processor has none");
  return missing;
}

}  // namespace bench
