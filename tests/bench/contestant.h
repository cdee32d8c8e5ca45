// What the bench compares: something that gets an Echo Request and answers it.
#ifndef NETSTACK_TESTS_BENCH_CONTESTANT_H_
#define NETSTACK_TESTS_BENCH_CONTESTANT_H_

#include <cstdint>
#include <memory>
#include <span>

#include "workload.h"

namespace bench {

class Contestant {
 public:
  Contestant() = default;
  Contestant(const Contestant&) = delete;
  Contestant& operator=(const Contestant&) = delete;
  virtual ~Contestant() = default;

  // Gets ready for the requests of a workload; called once, not timed.
  virtual void Prepare(const Workload& workload) = 0;

  // Deals with one request; this is what is timed.
  virtual void Echo(std::span<const uint8_t> request) = 0;

  // The same, and where the answer is until the next call; empty for none.
  virtual std::span<const uint8_t> EchoAndShow(std::span<const uint8_t> request) = 0;

  // Whether it is meant to answer at all.
  [[nodiscard]] virtual bool IsToReply() const { return true; }
};

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_CONTESTANT_H_
