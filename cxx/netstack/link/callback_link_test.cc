#include "netstack/link/callback_link.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/user_call.h"
#include "netstack/testing/hex.h"

namespace netstack::link {
namespace {

using base::Status;
using testing::Bytes;

struct Embedder {
  std::vector<Bytes> sent;
  int destroyed = 0;
  int32_t result = 0;
  std::function<void()> on_transmit = [] {};

  static int32_t Transmit(void* self, const uint8_t* packet, size_t length) {
    auto* const embedder = static_cast<Embedder*>(self);
    embedder->on_transmit();
    embedder->sent.emplace_back(packet, packet + length);
    return embedder->result;
  }
  static void Destroy(void* self) { ++static_cast<Embedder*>(self)->destroyed; }
};

class CallbackLinkTest : public ::testing::Test {
 protected:
  CallbackLinkTest() {
    const base::Error error =
        CallbackLink::Make(100, &Embedder::Transmit, {&embedder_, &Embedder::Destroy}, &link_);
    EXPECT_TRUE(error.ok()) << error.message();
  }
  ~CallbackLinkTest() override { link_->Unref(); }

  base::ThreadRecord& thread() { return entry_.thread(); }
  Status Send(const Bytes& packet) {
    const OutputBuffer buffer = link_->Reserve(thread(), packet.size());
    if (buffer.data == nullptr) return Status::kWouldBlock;
    std::memcpy(buffer.data, packet.data(), packet.size());
    return link_->Transmit(thread(), buffer);
  }

  Embedder embedder_;
  base::Entry entry_;
  CallbackLink* link_ = nullptr;
};

TEST_F(CallbackLinkTest, PacketGoesToTheFunction) {
  EXPECT_EQ(link_->mtu(), 100u);
  EXPECT_EQ(Send({1, 2, 3}), Status::kOk);
  EXPECT_EQ(Send({4}), Status::kOk);
  EXPECT_EQ(embedder_.sent, (std::vector<Bytes>{{1, 2, 3}, {4}}));
}

TEST_F(CallbackLinkTest, NegativeResultIsTheStatus) {
  embedder_.result = static_cast<int32_t>(Status::kWouldBlock);
  EXPECT_EQ(Send({1}), Status::kWouldBlock);
  embedder_.result = -12345;
  EXPECT_EQ(static_cast<int32_t>(Send({1})), -12345);
  embedder_.result = 3;  // such as the number of bytes written
  EXPECT_EQ(Send({1}), Status::kOk);
}

TEST_F(CallbackLinkTest, FunctionIsACallbackAndMaySendMore) {
  bool inside = false;
  bool nested = false;
  embedder_.on_transmit = [&] {
    inside = thread().InsideCallback();
    if (std::exchange(nested, true)) return;
    EXPECT_EQ(Send({2, 2}), Status::kOk);
  };
  EXPECT_EQ(Send({1, 1, 1}), Status::kOk);
  EXPECT_TRUE(inside);
  EXPECT_EQ(embedder_.sent, (std::vector<Bytes>{{2, 2}, {1, 1, 1}}));
}

TEST_F(CallbackLinkTest, ScratchMemoryIsGivenBack) {
  for (uint32_t i = 0; i < 3 * base::kMaxFrames; ++i) {
    ASSERT_EQ(Send({1}), Status::kOk);
  }
  EXPECT_EQ(embedder_.sent.size(), 3 * base::kMaxFrames);
}

TEST_F(CallbackLinkTest, NestingHasAnEnd) {
  uint32_t depth = 0;
  Status innermost = Status::kOk;
  embedder_.on_transmit = [&] {
    ++depth;
    const Status status = Send({1});
    if (status != Status::kOk) innermost = status;
  };
  EXPECT_EQ(Send({1}), Status::kOk);
  EXPECT_EQ(depth, base::kMaxFrames);
  EXPECT_EQ(innermost, Status::kWouldBlock);
}

TEST_F(CallbackLinkTest, TooManyCallsInsideEachOtherAreBusy) {
  std::vector<std::unique_ptr<base::UserCall>> calls;
  while (calls.size() < base::kMaxFrames) {
    calls.push_back(std::make_unique<base::UserCall>(thread()));
  }
  EXPECT_EQ(Send({1}), Status::kBusy);
  EXPECT_TRUE(embedder_.sent.empty());
  while (!calls.empty()) calls.pop_back();
  EXPECT_EQ(Send({1}), Status::kOk);
}

TEST_F(CallbackLinkTest, PacketLongerThanTheMtuHasNoRoom) {
  EXPECT_EQ(link_->Reserve(thread(), 101).data, nullptr);
  EXPECT_EQ(Send(Bytes(100, 7)), Status::kOk);
}

TEST(CallbackLinkMakeTest, RefusesWhatMakesNoSenseAndDestroysUserData) {
  Embedder embedder;
  CallbackLink* link = nullptr;
  base::Error error = CallbackLink::Make(0, nullptr, {&embedder, &Embedder::Destroy}, &link);
  EXPECT_EQ(error.status(), Status::kInvalidArgument);
  EXPECT_NE(error.message().find("transmit"), std::string::npos) << error.message();
  EXPECT_EQ(embedder.destroyed, 1);
  error = CallbackLink::Make(65'536, &Embedder::Transmit, {&embedder, &Embedder::Destroy}, &link);
  EXPECT_EQ(error.status(), Status::kInvalidArgument);
  EXPECT_NE(error.message().find("mtu"), std::string::npos) << error.message();
  EXPECT_EQ(embedder.destroyed, 2);
  EXPECT_EQ(link, nullptr);
}

TEST(CallbackLinkMakeTest, UserDataIsDestroyedOnceWithTheLastReference) {
  Embedder embedder;
  CallbackLink* link = nullptr;
  ASSERT_TRUE(
      CallbackLink::Make(0, &Embedder::Transmit, {&embedder, &Embedder::Destroy}, &link).ok());
  EXPECT_EQ(link->mtu(), 1'500u);
  link->Ref();
  link->Unref();
  EXPECT_EQ(embedder.destroyed, 0);
  link->Unref();
  EXPECT_EQ(embedder.destroyed, 1);
}

}  // namespace
}  // namespace netstack::link
