// A handler that is in the middle of a call, in another thread.
#ifndef NETSTACK_TESTS_SUPPORT_BLOCKED_H_
#define NETSTACK_TESTS_SUPPORT_BLOCKED_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "support/handler.h"
#include "support/wire.h"

namespace support {

// Long enough that what does not wait would have been through; a test is no
// slower than this, and never wrong because a machine is.
inline constexpr auto kAWhile = std::chrono::milliseconds(100);

// A handler whose first call runs in a thread of its own until it is let go.
class Blocked {
 public:
  explicit Blocked(Wire& wire)
      : handler_([this](ns_request request) {
          if (handler_.calls() > 1) return NS_VERDICT_CONSUMED;
          entered_.set_value();
          go_.get_future().wait();
          EXPECT_EQ(ns_request_reply(request), NS_OK);
          returning_ = true;
          return NS_VERDICT_CONSUMED;
        }),
        wire_(wire) {
    handler_.InstallIn(wire.stack());
    thread_ = std::thread(
        [this] { EXPECT_EQ(Inject(wire_.link(), Build(EchoRequestTo("192.168.0.1"))), NS_OK); });
    entered_.get_future().wait();
  }
  ~Blocked() {
    if (thread_.joinable()) LetGo();
  }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;

  void LetGo() {
    go_.set_value();
    thread_.join();
  }
  [[nodiscard]] bool returning() const { return returning_; }
  Handler& handler() { return handler_; }
  // Waits for `done` in vain, then lets the handler go and waits for it again.
  void ExpectToHoldUp(std::future<void> done) {
    EXPECT_EQ(done.wait_for(kAWhile), std::future_status::timeout);
    EXPECT_FALSE(returning());
    LetGo();
    done.get();
  }

 private:
  std::promise<void> entered_;
  std::promise<void> go_;
  std::atomic<bool> returning_{false};
  Handler handler_;
  Wire& wire_;
  std::thread thread_;
};

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_BLOCKED_H_
