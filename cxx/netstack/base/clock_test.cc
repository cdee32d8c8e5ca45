#include "netstack/base/clock.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <limits>

namespace netstack::base {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kSecond = 1'000 * kMillisecond;

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_.data()), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  [[nodiscard]] int read_end() const { return ends_[0]; }
  void Fill() const { EXPECT_EQ(write(ends_[1], "x", 1), 1); }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// Readable when what it watches is, as a stack's descriptor.
class Watch {
 public:
  explicit Watch(int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    EXPECT_EQ(epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event), 0);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { close(poll_); }
  [[nodiscard]] int descriptor() const { return poll_; }

 private:
  const int poll_ = epoll_create1(EPOLL_CLOEXEC);
};

TEST(SystemClock, NeverGoesBack) {
  SystemClock clock;
  uint64_t last = clock.Now();
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t now = clock.Now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClock, WallTimeIsNanosecondsSince1970) {
  SystemClock clock;
  const auto before = static_cast<uint64_t>(std::time(nullptr));
  const uint64_t wall = clock.WallNow();
  EXPECT_GE(wall, (before - 1) * kSecond);
  EXPECT_LE(wall, (before + 60) * kSecond);
}

TEST(SystemClock, WaitEndsWhenTheDescriptorIsReadable) {
  const Pipe pipe;
  const Watch watch(pipe.read_end());
  const Watch watch_of_watch(watch.descriptor());
  pipe.Fill();
  SystemClock clock;
  ASSERT_TRUE(clock.can_wait());
  for (const int descriptor :
       {pipe.read_end(), watch.descriptor(), watch_of_watch.descriptor(), watch.descriptor()}) {
    EXPECT_EQ(clock.Wait(descriptor, UINT64_MAX), Status::kOk);
  }
}

TEST(SystemClock, WaitEndsAtOnceWhenTheDeadlineHasPassed) {
  const Pipe pipe;
  const Watch watch(pipe.read_end());
  SystemClock clock;
  for (const int descriptor : {pipe.read_end(), watch.descriptor()}) {
    EXPECT_EQ(clock.Wait(descriptor, 0), Status::kOk);
    EXPECT_EQ(clock.Wait(descriptor, clock.Now()), Status::kOk);
  }
}

// Woken too early, a loop would turn until it is time.
TEST(SystemClock, WaitLastsUntilTheDeadlineWithAndWithoutADescriptor) {
  const Pipe pipe;
  const Watch watch(pipe.read_end());
  SystemClock clock;
  for (const int descriptor : {pipe.read_end(), watch.descriptor(), -1}) {
    const uint64_t deadline = clock.Now() + kMillisecond / 2;
    EXPECT_EQ(clock.Wait(descriptor, deadline), Status::kOk);
    EXPECT_GE(clock.Now(), deadline);
  }
}

TEST(ManualClock, StandsStillUntilItIsMoved) {
  ManualClock clock(5);
  EXPECT_EQ(clock.Now(), 5u);
  EXPECT_EQ(clock.Now(), 5u);
  clock.Advance(7);
  EXPECT_EQ(clock.Now(), 12u);
  EXPECT_EQ(clock.WallNow(), 12u);
}

TEST(ManualClock, RefusesToWait) {
  ManualClock clock;
  EXPECT_FALSE(clock.can_wait());
  EXPECT_EQ(clock.Wait(-1, 0), Status::kUnsupported);
}

}  // namespace
}  // namespace netstack::base
