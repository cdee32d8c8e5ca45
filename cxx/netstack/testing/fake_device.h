// A link with a device behind it that a test fills, and can take away.
#ifndef NETSTACK_TESTING_FAKE_DEVICE_H_
#define NETSTACK_TESTING_FAKE_DEVICE_H_

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "netstack/link/link.h"
#include "netstack/testing/hex.h"

namespace netstack::testing {

// Readable while there are packets to read, or the device is gone. What the
// stack sends is thrown away.
class FakeDevice final : public link::Link {
 public:
  struct Unref {
    void operator()(FakeDevice* device) const noexcept { device->link::Link::Unref(); }
  };
  using Pointer = std::unique_ptr<FakeDevice, Unref>;

  static Pointer Make() { return Pointer(new FakeDevice()); }

  void Push(Bytes packet) {
    const std::lock_guard lock(mutex_);
    packets_.push_back(std::move(packet));
    Signal();
  }
  void Vanish() {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    Signal();
  }
  size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return packets_.size();
  }
  // What happens while somebody looks for packets. To be set before that.
  void DuringRead(std::function<void()> what) { during_read_ = std::move(what); }
  // How often somebody looked for packets.
  [[nodiscard]] int reads() const { return reads_.load(); }

  [[nodiscard]] int descriptor() const noexcept override { return event_; }
  [[nodiscard]] const char* failure() const noexcept override { return "the device is gone"; }

  base::Status ReadPackets(base::ThreadRecord& thread, size_t budget,
                           size_t* count) noexcept override {
    EXPECT_FALSE(reading_.exchange(true)) << "two threads read one device";
    reads_.fetch_add(1);
    if (during_read_) during_read_();
    base::Status status = base::Status::kOk;
    for (*count = 0; *count < budget; ++*count) {
      Bytes packet;
      if (!Take(&packet, &status)) break;
      static_cast<void>(Deliver(thread, packet));
    }
    reading_.store(false);
    return status;
  }

  link::OutputBuffer Reserve(base::ThreadRecord&, size_t length) noexcept override {
    return {new uint8_t[length], static_cast<uint32_t>(length), 0};
  }
  base::Status Transmit(base::ThreadRecord&, link::OutputBuffer buffer) noexcept override {
    delete[] buffer.data;
    return base::Status::kOk;
  }

 private:
  FakeDevice() : Link(1500), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    EXPECT_GE(event_, 0);
  }
  ~FakeDevice() override { close(event_); }

  void Signal() const {
    const uint64_t one = 1;
    EXPECT_EQ(write(event_, &one, sizeof one), static_cast<ssize_t>(sizeof one));
  }
  bool Take(Bytes* packet, base::Status* status) noexcept {
    const std::lock_guard lock(mutex_);
    if (!packets_.empty()) {
      *packet = std::move(packets_.front());
      packets_.pop_front();
      return true;
    }
    if (gone_) {
      *status = base::Status::kClosed;
      return false;
    }
    uint64_t drained = 0;
    static_cast<void>(!read(event_, &drained, sizeof drained));
    return false;
  }

  const int event_;
  mutable std::mutex mutex_;
  std::deque<Bytes> packets_;
  std::function<void()> during_read_;
  bool gone_ = false;
  std::atomic<int> reads_{0};
  std::atomic<bool> reading_{false};
};

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_FAKE_DEVICE_H_
