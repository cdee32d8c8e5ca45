// Counts how often somebody was woken.
#ifndef NETSTACK_TESTING_FAKE_WAKER_H_
#define NETSTACK_TESTING_FAKE_WAKER_H_

#include <atomic>

#include "netstack/base/waker.h"

namespace netstack::testing {

class FakeWaker final : public base::Waker {
 public:
  void Wake() const noexcept override { calls_.fetch_add(1); }
  [[nodiscard]] int calls() const { return calls_.load(); }

 private:
  mutable std::atomic<int> calls_{0};
};

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_FAKE_WAKER_H_
