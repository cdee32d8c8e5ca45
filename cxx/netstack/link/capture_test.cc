#include "netstack/link/capture.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csetjmp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "netstack/base/byte_order.h"
#include "netstack/base/entry.h"
#include "netstack/testing/hex.h"

namespace netstack::link {
namespace {

using base::LoadNative;
using base::Status;
using testing::Bytes;

struct Record {
  uint32_t seconds;
  uint32_t microseconds;
  uint32_t original_length;
  Bytes packet;
  friend bool operator==(const Record&, const Record&) = default;
};

void ExpectFileHeader(const Bytes& header) {
  ASSERT_EQ(header.size(), 24u);
  EXPECT_EQ(LoadNative<uint32_t>(header.data()), 0xa1b2c3d4u);
  EXPECT_EQ(LoadNative<uint16_t>(header.data() + 4), 2u);
  EXPECT_EQ(LoadNative<uint16_t>(header.data() + 6), 4u);
  EXPECT_EQ(LoadNative<uint64_t>(header.data() + 8), 0u);
  EXPECT_EQ(LoadNative<uint32_t>(header.data() + 16), 262'144u);
  EXPECT_EQ(LoadNative<uint32_t>(header.data() + 20), 101u);
}

// Nothing if `bytes` is not exactly one record.
std::optional<Record> Parse(const Bytes& bytes) {
  if (bytes.size() < 16 || LoadNative<uint32_t>(bytes.data() + 8) != bytes.size() - 16) return {};
  return Record{LoadNative<uint32_t>(bytes.data()), LoadNative<uint32_t>(bytes.data() + 4),
                LoadNative<uint32_t>(bytes.data() + 12), Bytes(bytes.begin() + 16, bytes.end())};
}

// Takes a capture piece by piece.
class Taker {
 public:
  Taker() {
    const base::Error error = Capture::ToFunction(
        &Taker::Write, {this, [](void* self) { ++static_cast<Taker*>(self)->destroyed_; }},
        &capture_);
    EXPECT_TRUE(error.ok()) << error.message();
  }
  ~Taker() { Free(); }
  Taker(const Taker&) = delete;
  Taker& operator=(const Taker&) = delete;

  void Free() {
    if (capture_ != nullptr) std::exchange(capture_, nullptr)->Unref();
  }
  void Put(uint64_t wall_ns, const Bytes& packet) {
    const base::Entry entry;
    capture_->Record(wall_ns, packet);
  }
  std::vector<Bytes> Packets() const {
    std::vector<Bytes> packets;
    for (size_t i = 1; i < pieces_.size(); ++i) {
      const std::optional<Record> record = Parse(pieces_[i]);
      EXPECT_TRUE(record.has_value());
      if (record) packets.push_back(record->packet);
    }
    return packets;
  }

  Capture* capture_ = nullptr;
  std::vector<Bytes> pieces_;
  std::function<void()> on_write_ = [] {};
  int destroyed_ = 0;
  std::atomic<bool> inside_{false};

 private:
  static void Write(void* self, const uint8_t* bytes, size_t length) {
    auto* const taker = static_cast<Taker*>(self);
    EXPECT_FALSE(taker->inside_.exchange(true)) << "calls overlap";
    taker->pieces_.emplace_back(bytes, bytes + length);
    taker->on_write_();
    taker->inside_.store(false);
  }
};

TEST(CaptureTest, HeaderComesFirstAndThenOneRecordACall) {
  Taker taker;
  ASSERT_EQ(taker.pieces_.size(), 1u);
  ExpectFileHeader(taker.pieces_[0]);
  taker.Put(1'700'000'000'123'456'789, {0x45, 0, 0});
  taker.Put(2'000'000'999, {0x60});
  ASSERT_EQ(taker.pieces_.size(), 3u);
  EXPECT_EQ(Parse(taker.pieces_[1]), (Record{1'700'000'000, 123'456, 3, {0x45, 0, 0}}));
  EXPECT_EQ(Parse(taker.pieces_[2]), (Record{2, 0, 1, {0x60}}));
  EXPECT_EQ(taker.capture_->lost(), 0u);
}

TEST(CaptureTest, FileHoldsHeaderAndRecords) {
  char path[] = "/tmp/netstack_capture_XXXXXX";
  const Descriptor made(mkstemp(path));
  Capture* capture = nullptr;
  const base::Error error = Capture::ToFile(path, &capture);
  ASSERT_TRUE(error.ok()) << error.message();
  {
    const base::Entry entry;
    capture->Record(3'000'001'000, Bytes{0x45, 1});
    capture->Record(4'000'002'000, Bytes(65'535, 7));
  }
  std::ifstream file(path, std::ios::binary);
  const Bytes all(std::istreambuf_iterator<char>(file), {});
  capture->Unref();
  unlink(path);
  ASSERT_EQ(all.size(), 24u + 16 + 2 + 16 + 65'535);
  ExpectFileHeader(Bytes(all.begin(), all.begin() + 24));
  EXPECT_EQ(Parse(Bytes(all.begin() + 24, all.begin() + 42)), (Record{3, 1, 2, {0x45, 1}}));
  EXPECT_EQ(Parse(Bytes(all.begin() + 42, all.end())), (Record{4, 2, 65'535, Bytes(65'535, 7)}));
}

TEST(CaptureTest, EmptyAndEndlessPacketsAreRecorded) {
  Taker taker;
  taker.Put(0, {});
  taker.Put(0, Bytes(300'000, 1));
  EXPECT_EQ(Parse(taker.pieces_.at(1)), (Record{0, 0, 0, {}}));
  EXPECT_EQ(Parse(taker.pieces_.at(2)), (Record{0, 0, 300'000, Bytes(262'144, 1)}));
}

TEST(CaptureTest, RecordMadeInsideTheCallbackFollows) {
  Taker taker;
  int more = 2;
  taker.on_write_ = [&] {
    if (more-- > 0) taker.Put(0, {static_cast<uint8_t>(more)});
  };
  taker.Put(0, {9});
  EXPECT_EQ(taker.Packets(), (std::vector<Bytes>{{9}, {1}, {0}}));
  EXPECT_EQ(taker.capture_->lost(), 0u);
}

TEST(CaptureTest, RecordsBeyondTheBufferAreLostAndCounted) {
  Taker taker;
  bool first = true;
  taker.on_write_ = [&] {
    if (!std::exchange(first, false)) return;
    for (int i = 0; i < 20; ++i) taker.Put(0, Bytes(65'520, 1));
  };
  taker.Put(0, {9});
  EXPECT_EQ(taker.Packets().size(), 1u + 16);  // 16 of 64 KiB make 1 MiB
  EXPECT_EQ(taker.capture_->lost(), 4u);
  taker.Put(0, {8});
  EXPECT_EQ(taker.Packets().back(), (Bytes{8}));
}

TEST(CaptureTest, NoLockIsHeldInTheCallback) {
  Taker taker;
  bool first = true;
  taker.on_write_ = [&] {
    if (std::exchange(first, false)) std::thread([&] { taker.Put(0, {2}); }).join();
  };
  taker.Put(0, {1});
  EXPECT_EQ(taker.Packets(), (std::vector<Bytes>{{1}, {2}}));
}

// As Go's runtime.Goexit does it.
TEST(CaptureTest, CallbackLeftWithoutReturningDoesNotEndTheCapture) {
  static std::jmp_buf outside;
  Taker taker;
  const Bytes first{1};
  taker.on_write_ = [] { std::longjmp(outside, 1); };
  if (setjmp(outside) == 0) taker.Put(0, first);
  taker.inside_.store(false);
  taker.on_write_ = [] {};
  taker.Put(0, {2});
  EXPECT_EQ(taker.Packets(), (std::vector<Bytes>{{1}, {2}}));
}

TEST(CaptureTest, ThreadsDoNotOverlapAndLoseNothing) {
  constexpr uint8_t kThreads = 4;
  constexpr uint32_t kPackets = 1'000;
  Taker taker;
  std::vector<std::thread> threads;
  for (uint8_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (uint32_t n = 0; n < kPackets; ++n) taker.Put(n, {i});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<uint32_t> counts(kThreads);
  for (const Bytes& packet : taker.Packets()) ++counts.at(packet.at(0));
  EXPECT_EQ(counts, std::vector<uint32_t>(kThreads, kPackets));
  EXPECT_EQ(taker.capture_->lost(), 0u);
}

TEST(CaptureTest, LostCountsWhatTheFileRefused) {
  // Takes the header but has no room later: a pipe whose reader leaves.
  std::string folder = "/tmp/netstack_capture_XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  Capture* capture = nullptr;
  {
    const Descriptor reader(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    ASSERT_TRUE(Capture::ToFile(path.c_str(), &capture).ok());
  }
  {
    const base::Entry entry;
    for (int i = 0; i < 3; ++i) capture->Record(0, Bytes{1});
  }
  EXPECT_EQ(capture->lost(), 3u);
  capture->Unref();
  unlink(path.c_str());
  rmdir(folder.c_str());
}

TEST(CaptureTest, FileThatTakesNoHeaderIsRefused) {
  Capture* capture = nullptr;
  const base::Error error = Capture::ToFile("/dev/full", &capture);
  EXPECT_EQ(error.status(), Status::kUnsupported);
  EXPECT_NE(error.message().find("/dev/full"), std::string::npos) << error.message();
  EXPECT_EQ(capture, nullptr);
}

TEST(CaptureTest, UserDataIsDestroyedOnceWithTheLastReference) {
  Taker taker;
  taker.capture_->Ref();
  taker.capture_->Unref();
  EXPECT_EQ(taker.destroyed_, 0);
  taker.Free();
  EXPECT_EQ(taker.destroyed_, 1);
}

TEST(CaptureTest, WithoutAFunctionItIsRefusedAndUserDataDestroyed) {
  int destroyed = 0;
  Capture* capture = nullptr;
  const base::Error error = Capture::ToFunction(
      nullptr, {&destroyed, [](void* count) { ++*static_cast<int*>(count); }}, &capture);
  EXPECT_EQ(error.status(), Status::kInvalidArgument);
  EXPECT_NE(error.message().find("write"), std::string::npos) << error.message();
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(capture, nullptr);
}

}  // namespace
}  // namespace netstack::link
