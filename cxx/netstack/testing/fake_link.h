// A link that keeps what was sent, and that can be full or broken at will.
#ifndef NETSTACK_TESTING_FAKE_LINK_H_
#define NETSTACK_TESTING_FAKE_LINK_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "netstack/link/link.h"
#include "netstack/testing/hex.h"

namespace netstack::testing {

// Each buffer is memory of its own, so that a sanitizer sees a byte written too
// far or too late. A buffer that is not sent fails the test.
class FakeLink final : public link::Link {
 public:
  struct Unref {
    void operator()(FakeLink* link) const noexcept { link->link::Link::Unref(); }
  };
  using Pointer = std::unique_ptr<FakeLink, Unref>;

  static Pointer Make(uint32_t mtu = 1500) { return Pointer(new FakeLink(mtu)); }

  // Reserve() finds no room.
  void set_full(bool full) {
    Set([&] { full_ = full; });
  }
  // What Transmit() says; anything but kOk loses the packet.
  void set_answer(base::Status answer) {
    Set([&] { answer_ = answer; });
  }
  // Before packets flow.
  void set_needs_resolution(bool needs) { needs_resolution_ = needs; }
  // Runs in Transmit() with each packet that was sent, without a lock.
  void set_on_transmit(std::function<void(const Bytes&)> on_transmit) {
    Set([&] { on_transmit_ = std::move(on_transmit); });
  }

  // What was sent since the last call.
  std::vector<Bytes> TakeSent() {
    const std::lock_guard lock(mutex_);
    return std::exchange(sent_, {});
  }
  size_t refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

  link::OutputBuffer Reserve(base::ThreadRecord&, size_t length) noexcept override {
    const std::lock_guard lock(mutex_);
    if (full_) {
      ++refused_;
      return {};
    }
    auto* const data = new uint8_t[length];
    outstanding_.emplace(data, length);
    return {data, static_cast<uint32_t>(length), 0};
  }

  base::Status Transmit(base::ThreadRecord&, link::OutputBuffer buffer) noexcept override {
    std::function<void(const Bytes&)> on_transmit;
    Bytes packet = TakeBack(buffer);
    {
      const std::lock_guard lock(mutex_);
      if (answer_ != base::Status::kOk) {
        ++refused_;
        return answer_;
      }
      sent_.push_back(packet);
      on_transmit = on_transmit_;
    }
    if (on_transmit) on_transmit(packet);
    return base::Status::kOk;
  }

 private:
  explicit FakeLink(uint32_t mtu) : Link(mtu) {}
  ~FakeLink() override { EXPECT_TRUE(outstanding_.empty()) << "buffers that were not sent"; }

  template <typename Change>
  void Set(Change change) {
    const std::lock_guard lock(mutex_);
    change();
  }

  Bytes TakeBack(link::OutputBuffer buffer) noexcept {
    const std::lock_guard lock(mutex_);
    const auto reserved = outstanding_.find(buffer.data);
    if (reserved == outstanding_.end() || reserved->second != buffer.length) {
      ADD_FAILURE() << "not a buffer as Reserve() gave it";
      return {};
    }
    EXPECT_LE(buffer.length, mtu()) << "more than the MTU";
    Bytes packet(buffer.data, buffer.data + buffer.length);
    delete[] buffer.data;
    outstanding_.erase(reserved);
    return packet;
  }

  mutable std::mutex mutex_;
  bool full_ = false;
  base::Status answer_ = base::Status::kOk;
  std::function<void(const Bytes&)> on_transmit_;
  std::vector<Bytes> sent_;
  size_t refused_ = 0;
  std::map<const uint8_t*, size_t> outstanding_;
};

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_FAKE_LINK_H_
