// A floor as a contestant.
#ifndef NETSTACK_TESTS_BENCH_FLOOR_CONTESTANT_H_
#define NETSTACK_TESTS_BENCH_FLOOR_CONTESTANT_H_

#include <array>
#include <cstdint>
#include <span>

#include "contestant.h"
#include "floor.h"
#include "workload.h"

namespace bench {

class FloorContestant final : public Contestant {
 public:
  explicit FloorContestant(Floor* floor) : floor_(floor) {}

  void Prepare(const Workload& /*workload*/) override {}
  void Echo(std::span<const uint8_t> request) override {
    length_ = floor_(request.data(), request.size(), reply_.data());
  }
  std::span<const uint8_t> EchoAndShow(std::span<const uint8_t> request) override {
    Echo(request);
    return {reply_.data(), length_};
  }

 private:
  Floor* const floor_;
  size_t length_ = 0;
  alignas(64) std::array<uint8_t, 2048> reply_{};
};

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_FLOOR_CONTESTANT_H_
