#include "netstack/link/channel.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "netstack/base/byte_order.h"
#include "netstack/base/entry.h"
#include "netstack/testing/hex.h"

namespace netstack::link {
namespace {

using base::Status;
using testing::Bytes;

// What the embedder's notify does in a test.
struct Embedder {
  std::atomic<int> notified{0};
  std::atomic<int> destroyed{0};
  std::function<void()> on_notify = [] {};

  static void Notify(void* self) {
    auto* const embedder = static_cast<Embedder*>(self);
    embedder->notified.fetch_add(1);
    embedder->on_notify();
  }
  static void Destroy(void* self) { static_cast<Embedder*>(self)->destroyed.fetch_add(1); }
};

class ChannelTest : public ::testing::Test {
 protected:
  ~ChannelTest() override {
    if (channel_ != nullptr) channel_->Unref();
  }

  void Make(uint32_t mtu, uint32_t capacity) {
    const base::Error error = Channel::Make({mtu, capacity, &Embedder::Notify},
                                            {&embedder_, &Embedder::Destroy}, &channel_);
    ASSERT_TRUE(error.ok()) << error.message();
  }
  base::ThreadRecord& thread() { return entry_.thread(); }
  OutputBuffer Reserve(const Bytes& packet) {
    const OutputBuffer buffer = channel_->Reserve(thread(), packet.size());
    if (buffer.data != nullptr) std::memcpy(buffer.data, packet.data(), packet.size());
    return buffer;
  }
  void Transmit(OutputBuffer buffer) {
    EXPECT_EQ(channel_->Transmit(thread(), buffer), Status::kOk);
  }
  bool Send(const Bytes& packet) {
    const OutputBuffer buffer = Reserve(packet);
    if (buffer.data == nullptr) return false;
    Transmit(buffer);
    return true;
  }
  // The next packet; empty if none waits.
  Bytes Read() {
    Bytes packet(channel_->mtu());
    size_t length = 0;
    const Status status = channel_->Read(packet, &length);
    EXPECT_EQ(status, length == 0 ? Status::kWouldBlock : Status::kOk);
    packet.resize(length);
    return packet;
  }

  Embedder embedder_;
  base::Entry entry_;
  Channel* channel_ = nullptr;
};

TEST_F(ChannelTest, PacketsLeaveInTheOrderTheyCame) {
  Make(1'500, 4);
  EXPECT_EQ(Read(), Bytes());
  EXPECT_TRUE(Send({1}));
  EXPECT_TRUE(Send({2, 2}));
  EXPECT_TRUE(Send({3, 3, 3}));
  EXPECT_EQ(Read(), (Bytes{1}));
  EXPECT_EQ(Read(), (Bytes{2, 2}));
  EXPECT_EQ(Read(), (Bytes{3, 3, 3}));
  EXPECT_EQ(Read(), Bytes());
}

TEST_F(ChannelTest, HoldsExactlyItsCapacity) {
  for (const uint32_t capacity : {1u, 2u, 3u, 4u, 5u, 7u, 256u}) {
    SCOPED_TRACE(capacity);
    Make(16, capacity);
    for (uint32_t lap = 0; lap < 5; ++lap) {
      for (uint32_t i = 0; i < capacity; ++i) ASSERT_TRUE(Send({static_cast<uint8_t>(i + 1)}));
      ASSERT_FALSE(Send({0}));
      EXPECT_EQ(Read(), (Bytes{1}));
      ASSERT_TRUE(Send({99}));
      ASSERT_FALSE(Send({0}));
      for (uint32_t i = 1; i < capacity; ++i)
        EXPECT_EQ(Read(), (Bytes{static_cast<uint8_t>(i + 1)}));
      EXPECT_EQ(Read(), (Bytes{99}));
      EXPECT_EQ(Read(), Bytes());
    }
    channel_->Unref();
    channel_ = nullptr;
  }
}

TEST_F(ChannelTest, ClaimedSlotsCountAsHeld) {
  Make(16, 2);
  const OutputBuffer first = Reserve({1});
  const OutputBuffer second = Reserve({2});
  EXPECT_EQ(Reserve({3}).data, nullptr);
  Transmit(second);
  Transmit(first);
}

TEST_F(ChannelTest, SlotHasRoomForTheMtuAndNotForMore) {
  Make(100, 2);
  const Bytes first(100, 0xaa);
  const Bytes second(100, 0xbb);
  EXPECT_TRUE(Send(first));
  EXPECT_TRUE(Send(second));
  EXPECT_EQ(Read(), first);
  EXPECT_EQ(Read(), second);
  EXPECT_EQ(channel_->Reserve(thread(), 101).data, nullptr);
  EXPECT_EQ(Read(), Bytes());
}

TEST_F(ChannelTest, LargestPacketPasses) {
  Make(kMaximumMtu, 1);
  const Bytes packet(kMaximumMtu, 0x5c);
  EXPECT_TRUE(Send(packet));
  EXPECT_EQ(Read(), packet);
}

TEST_F(ChannelTest, PacketStaysWhenTheReadersBufferIsTooSmall) {
  Make(16, 4);
  EXPECT_TRUE(Send({1, 2, 3}));
  Bytes small(2);
  size_t length = 0;
  EXPECT_EQ(channel_->Read(small, &length), Status::kTooSmall);
  EXPECT_EQ(length, 3u);
  EXPECT_EQ(channel_->Read({}, &length), Status::kTooSmall);
  EXPECT_EQ(length, 3u);
  EXPECT_EQ(small, (Bytes{0, 0}));
  EXPECT_EQ(Read(), (Bytes{1, 2, 3}));
  EXPECT_EQ(channel_->Read(small, &length), Status::kWouldBlock);
  EXPECT_EQ(length, 0u);
}

TEST_F(ChannelTest, ClaimedSlotHidesThoseBehindIt) {
  Make(16, 4);
  const OutputBuffer first = Reserve({1});
  const OutputBuffer second = Reserve({2});
  Transmit(second);
  EXPECT_EQ(Read(), Bytes());
  Transmit(first);
  EXPECT_EQ(Read(), (Bytes{1}));
  EXPECT_EQ(Read(), (Bytes{2}));
}

TEST_F(ChannelTest, NotifiesOnlyWhenTheQueueWasEmpty) {
  Make(16, 4);
  EXPECT_TRUE(Send({1}));
  EXPECT_EQ(embedder_.notified, 1);
  EXPECT_TRUE(Send({2}));
  EXPECT_EQ(embedder_.notified, 1);
  EXPECT_EQ(Read(), (Bytes{1}));
  EXPECT_TRUE(Send({3}));
  EXPECT_EQ(embedder_.notified, 1);
  EXPECT_EQ(Read(), (Bytes{2}));
  EXPECT_EQ(Read(), (Bytes{3}));
  EXPECT_TRUE(Send({4}));
  EXPECT_EQ(embedder_.notified, 2);
}

TEST_F(ChannelTest, NotifiesWhenThePacketInFrontIsPublished) {
  Make(16, 4);
  const OutputBuffer first = Reserve({1});
  const OutputBuffer second = Reserve({2});
  Transmit(second);
  EXPECT_EQ(embedder_.notified, 0);
  Transmit(first);
  EXPECT_EQ(embedder_.notified, 1);
}

TEST_F(ChannelTest, NotifyIsACallbackAndMayUseTheChannel) {
  Make(16, 1);
  std::vector<Bytes> read;
  bool inside = false;
  embedder_.on_notify = [&] {
    inside = thread().InsideCallback();
    read.push_back(Read());
  };
  EXPECT_TRUE(Send({1}));
  EXPECT_TRUE(Send({2}));
  EXPECT_TRUE(inside);
  EXPECT_FALSE(thread().InsideCallback());
  EXPECT_EQ(read, (std::vector<Bytes>{{1}, {2}}));
}

TEST_F(ChannelTest, UserDataIsDestroyedOnceWithTheLastReference) {
  Make(16, 1);
  channel_->Ref();
  channel_->Unref();
  EXPECT_EQ(embedder_.destroyed, 0);
  channel_->Unref();
  channel_ = nullptr;
  EXPECT_EQ(embedder_.destroyed, 1);
}

TEST_F(ChannelTest, RefusesWhatMakesNoSense) {
  const struct {
    ChannelOptions options;
    Status status;
    const char* named;
  } cases[] = {
      {{65'536, 0, nullptr}, Status::kInvalidArgument, "mtu"},
      {{0, 65'537, nullptr}, Status::kInvalidArgument, "capacity"},
      {{UINT32_MAX, UINT32_MAX, nullptr}, Status::kInvalidArgument, "mtu"},
  };
  int destroyed = 0;
  for (const auto& c : cases) {
    const base::Error error = Channel::Make(c.options, {&embedder_, &Embedder::Destroy}, &channel_);
    EXPECT_EQ(error.status(), c.status);
    EXPECT_NE(error.message().find(c.named), std::string::npos) << error.message();
    EXPECT_EQ(channel_, nullptr);
    EXPECT_EQ(embedder_.destroyed, ++destroyed);
  }
}

TEST_F(ChannelTest, ZerosMeanTheDefaults) {
  Make(0, 0);
  EXPECT_EQ(channel_->mtu(), 1'500u);
  for (int i = 0; i < 256; ++i) ASSERT_TRUE(Send({1}));
  EXPECT_FALSE(Send({1}));
}

// Readers that sleep until they are notified. A wake-up that is lost would leave them asleep for
// ever.
class ChannelRace {
 public:
  static constexpr uint32_t kSenders = 3;
  static constexpr uint32_t kReaders = 2;
  static constexpr uint32_t kPackets = 3'000;  // of each sender

  explicit ChannelRace(uint32_t capacity) {
    embedder_.on_notify = [this] { wake_.release(); };
    const base::Error error =
        Channel::Make({8, capacity, &Embedder::Notify}, {&embedder_, nullptr}, &channel_);
    EXPECT_TRUE(error.ok());
  }
  ~ChannelRace() { channel_->Unref(); }
  ChannelRace(const ChannelRace&) = delete;
  ChannelRace& operator=(const ChannelRace&) = delete;

  void Run() {
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < kReaders; ++i) threads.emplace_back([this, i] { Receive(i); });
    for (uint32_t i = 0; i < kSenders; ++i) threads.emplace_back([this, i] { SendAll(i); });
    for (std::thread& thread : threads) thread.join();
  }
  [[nodiscard]] const std::vector<uint64_t>& received(uint32_t reader) const {
    return received_[reader];
  }

 private:
  void SendAll(uint32_t sender) {
    for (uint32_t i = 0; i < kPackets; ++i) {
      while (!SendOne((uint64_t{sender} << 32) | i)) std::this_thread::yield();
    }
  }
  bool SendOne(uint64_t value) {
    const base::Entry entry;
    const OutputBuffer buffer = channel_->Reserve(entry.thread(), sizeof value);
    if (buffer.data == nullptr) return false;
    std::memcpy(buffer.data, &value, sizeof value);
    EXPECT_EQ(channel_->Transmit(entry.thread(), buffer), Status::kOk);
    return true;
  }
  void Receive(uint32_t reader) {
    while (total_.load() < kSenders * kPackets) {
      wake_.acquire();
      Drain(reader);
    }
    wake_.release();  // for the other readers
  }
  void Drain(uint32_t reader) {
    std::array<uint8_t, 8> bytes{};
    size_t length = 0;
    while (channel_->Read(bytes, &length) == Status::kOk) {
      EXPECT_EQ(length, sizeof(uint64_t));
      received_[reader].push_back(base::LoadNative<uint64_t>(bytes.data()));
      total_.fetch_add(1);
    }
  }

  Embedder embedder_;
  Channel* channel_ = nullptr;
  std::counting_semaphore<> wake_{0};
  std::atomic<uint32_t> total_{0};
  std::array<std::vector<uint64_t>, kReaders> received_;
};

TEST(ChannelRaceTest, EveryPacketArrivesOnceAndEachSendersInOrder) {
  for (const uint32_t capacity : {1u, 3u, 64u}) {
    SCOPED_TRACE(capacity);
    ChannelRace race(capacity);
    race.Run();
    std::array<std::vector<int>, ChannelRace::kSenders> seen;
    for (auto& packets : seen) packets.resize(ChannelRace::kPackets);
    for (uint32_t reader = 0; reader < ChannelRace::kReaders; ++reader) {
      std::array<int64_t, ChannelRace::kSenders> last;
      last.fill(-1);
      for (const uint64_t value : race.received(reader)) {
        const auto number = static_cast<int64_t>(value & 0xffff'ffff);
        const auto sender = static_cast<size_t>(value >> 32);
        ASSERT_LT(sender, seen.size());
        EXPECT_GT(number, last[sender]);
        last[sender] = number;
        ++seen[sender][static_cast<size_t>(number)];
      }
    }
    for (const auto& packets : seen) {
      EXPECT_EQ(packets, std::vector<int>(ChannelRace::kPackets, 1));
    }
  }
}

}  // namespace
}  // namespace netstack::link
