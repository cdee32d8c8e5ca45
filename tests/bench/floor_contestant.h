// A floor as a contestant.
#ifndef NETSTACK_TESTS_BENCH_FLOOR_CONTESTANT_H_
#define NETSTACK_TESTS_BENCH_FLOOR_CONTESTANT_H_

#include <array>
#include <cstddef>
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
    length_ = floor_(request.data(), request.size(), Reply());
  }
  std::span<const uint8_t> EchoAndShow(std::span<const uint8_t> request) override {
    Echo(request);
    return {Reply(), length_};
  }

 private:
  // Half a page away from the request, which begins a page: a store to the same place in another
  // page as a load holds that load up, and a unit should not depend on where memory happens to be.
  static constexpr size_t kPlace = 2048;

  uint8_t* Reply() { return reply_.data() + kPlace; }

  Floor* const floor_;
  size_t length_ = 0;
  alignas(4096) std::array<uint8_t, 4096> reply_{};
};

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_FLOOR_CONTESTANT_H_
