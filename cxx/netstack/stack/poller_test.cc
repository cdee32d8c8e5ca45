#include "netstack/stack/poller.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

#include "netstack/link/descriptor.h"

namespace netstack::stack {
namespace {

using base::Status;
using link::Descriptor;

bool Readable(int descriptor) {
  pollfd waiting{descriptor, POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}
Descriptor Device() { return Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }
void Signal(const Descriptor& device) {
  const uint64_t one = 1;
  ASSERT_EQ(write(device.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
}

class PollerTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(poller_.Open().ok()); }
  Poller poller_;
};

TEST(PollerWithoutOpenTest, HasNoDescriptor) { EXPECT_EQ(Poller().descriptor(), -1); }

TEST_F(PollerTest, WakeMakesItReadableUntilQuiet) {
  EXPECT_FALSE(Readable(poller_.descriptor()));
  poller_.Wake();
  poller_.Wake();
  EXPECT_TRUE(Readable(poller_.descriptor()));
  poller_.Quiet();
  EXPECT_FALSE(Readable(poller_.descriptor()));
  poller_.Quiet();
  EXPECT_FALSE(Readable(poller_.descriptor()));
}

TEST_F(PollerTest, ItIsReadableWhileAWatchedDeviceIs) {
  const Descriptor device = Device();
  ASSERT_EQ(poller_.Watch(device.get()), Status::kOk);
  EXPECT_FALSE(Readable(poller_.descriptor()));
  Signal(device);
  EXPECT_TRUE(Readable(poller_.descriptor()));
  poller_.Quiet();
  EXPECT_TRUE(Readable(poller_.descriptor()));
  poller_.Unwatch(device.get());
  EXPECT_FALSE(Readable(poller_.descriptor()));
  EXPECT_EQ(poller_.Watch(device.get()), Status::kOk);
  EXPECT_TRUE(Readable(poller_.descriptor()));
}

TEST_F(PollerTest, WatchingTwiceIsFineAndWhatCannotBeWatchedIsToldSo) {
  const Descriptor device = Device();
  EXPECT_EQ(poller_.Watch(device.get()), Status::kOk);
  EXPECT_EQ(poller_.Watch(device.get()), Status::kOk);
  poller_.Unwatch(device.get());
  Signal(device);
  EXPECT_FALSE(Readable(poller_.descriptor()));
  poller_.Unwatch(device.get());  // once too often
  EXPECT_EQ(poller_.Watch(-1), Status::kUnsupported);
  const Descriptor file(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(poller_.Watch(file.get()), Status::kUnsupported);
}

TEST_F(PollerTest, WakeKeepsErrnoForSignalHandlers) {
  errno = 77;
  poller_.Wake();
  EXPECT_EQ(errno, 77);
}

TEST_F(PollerTest, ALoopOfOneDeviceHearsItsDeviceAndWake) {
  const Descriptor mine = Device();
  const Descriptor other = Device();
  const Descriptor waiting(poller_.OpenFor(mine.get()));
  ASSERT_GE(waiting.get(), 0);
  EXPECT_FALSE(Readable(waiting.get()));
  Signal(other);
  EXPECT_FALSE(Readable(waiting.get()));
  poller_.Wake();
  EXPECT_TRUE(Readable(waiting.get()));
  poller_.Quiet();
  EXPECT_FALSE(Readable(waiting.get()));
  Signal(mine);
  EXPECT_TRUE(Readable(waiting.get()));
  EXPECT_FALSE(Readable(poller_.descriptor()));  // nobody watches it there
  Poller::Looked(waiting.get());
  EXPECT_TRUE(Readable(waiting.get()));  // the device still has something
}

TEST_F(PollerTest, ALoopOfOneDeviceHearsEachWakeOnceThoughNobodyMakesItQuiet) {
  const Descriptor device = Device();
  const Descriptor waiting(poller_.OpenFor(device.get()));
  for (int i = 0; i < 3; ++i) {
    poller_.Wake();
    EXPECT_TRUE(Readable(waiting.get())) << i;
    Poller::Looked(waiting.get());
    EXPECT_FALSE(Readable(waiting.get())) << i;
  }
  EXPECT_TRUE(Readable(poller_.descriptor()));
}

TEST_F(PollerTest, NoDescriptorSurvivesAnExec) {
  const Descriptor device = Device();
  const Descriptor waiting(poller_.OpenFor(device.get()));
  for (const int descriptor : {poller_.descriptor(), waiting.get()}) {
    EXPECT_NE(fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_EQ(poller_.OpenFor(-1), -1);
}

}  // namespace
}  // namespace netstack::stack
