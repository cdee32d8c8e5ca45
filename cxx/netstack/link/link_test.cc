#include "netstack/link/link.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "netstack/testing/fake_link.h"
#include "netstack/testing/fake_receiver.h"
#include "netstack/testing/hex.h"

namespace netstack::link {
namespace {

using base::Status;
using testing::Bytes;
using testing::FakeLink;
using testing::FakeReceiver;

TEST(LinkTest, InjectedPacketReachesTheReceiver) {
  const auto link = FakeLink::Make();
  FakeReceiver receiver;
  ASSERT_TRUE(link->Attach(&receiver));
  const Bytes packet{0x45, 1, 2};
  EXPECT_EQ(link->Inject(packet), Status::kOk);
  EXPECT_EQ(receiver.packets, std::vector<Bytes>{packet});
  receiver.result = Status::kBusy;
  EXPECT_EQ(link->Inject(packet), Status::kBusy);
  link->Detach();
}

TEST(LinkTest, InjectWithoutReceiverIsClosed) {
  const auto link = FakeLink::Make();
  EXPECT_EQ(link->Inject(Bytes{0x45}), Status::kClosed);
  FakeReceiver receiver;
  ASSERT_TRUE(link->Attach(&receiver));
  link->Detach();
  EXPECT_EQ(link->Inject(Bytes{0x45}), Status::kClosed);
  EXPECT_TRUE(receiver.packets.empty());
}

TEST(LinkTest, TakesOneReceiverAtATime) {
  const auto link = FakeLink::Make();
  FakeReceiver first;
  FakeReceiver second;
  EXPECT_TRUE(link->Attach(&first));
  EXPECT_FALSE(link->Attach(&second));
  link->Detach();
  EXPECT_TRUE(link->Attach(&second));
  link->Detach();
}

TEST(LinkTest, LinkHasNothingToReadAndNoDevice) {
  const auto link = FakeLink::Make();
  size_t length = 7;
  EXPECT_EQ(link->Read({}, &length), Status::kUnsupported);
  EXPECT_EQ(length, 0u);
  EXPECT_EQ(link->device(), nullptr);
  EXPECT_EQ(link->descriptor(), -1);
  EXPECT_STREQ(link->failure(), "");
}

TEST(LinkTest, ChildOfAForkInheritsLinksAndOwnsItsNewOnes) {
  const auto before = FakeLink::Make();
  EXPECT_FALSE(before->inherited());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto after = FakeLink::Make();
    _exit(before->inherited() && !after->inherited() ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(before->inherited());
}

TEST(LinkTest, MtuOptionOfZeroIsTheDefaultAndTooLargeIsRefused) {
  uint32_t mtu = 0;
  EXPECT_TRUE(ReadMtuOption(0, &mtu).ok());
  EXPECT_EQ(mtu, 1'500u);
  EXPECT_TRUE(ReadMtuOption(65'535, &mtu).ok());
  EXPECT_EQ(mtu, 65'535u);
  EXPECT_TRUE(ReadMtuOption(1, &mtu).ok());
  EXPECT_EQ(mtu, 1u);
  const base::Error error = ReadMtuOption(65'536, &mtu);
  EXPECT_EQ(error.status(), Status::kInvalidArgument);
  EXPECT_NE(error.message().find("65536"), std::string::npos) << error.message();
}

}  // namespace
}  // namespace netstack::link
