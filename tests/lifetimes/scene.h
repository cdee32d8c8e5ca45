// One stack with one of everything that calls back, each with user data that
// notes what becomes of it; and ways to make each of them call.
#ifndef NETSTACK_TESTS_LIFETIMES_SCENE_H_
#define NETSTACK_TESTS_LIFETIMES_SCENE_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "sockets/sockets.h"
#include "support/wire.h"

namespace support {

// What calls back. The names are those of the functions in the headers.
enum class Part : size_t {
  kHandler,
  kTransmit,       // of the callback link that is NIC 1
  kChannelNotify,  // of the channel that is NIC 2
  kCaptureWrite,   // of what passes NIC 1
  kPingNotify,
  kRawNotify,
  kNow,
  kWait,
  kRandom,
  kVisit,
};
inline constexpr size_t kParts = 10;
inline constexpr std::array<const char*, kParts> kPartNames = {
    "Handler",   "Transmit", "ChannelNotify", "CaptureWrite", "PingNotify",
    "RawNotify", "Now",      "Wait",          "Random",       "Visit"};

class Scene {
 public:
  Scene() {
    MakeStack();
    MakeLinks();
    MakeSockets();
    const auto handle = [](void* data, ns_request request) -> ns_verdict {
      const Call call(data);
      return ns_request_reply(request) == NS_ERR_NOT_REPLYABLE ? -1 : NS_VERDICT_CONSUMED;
    };
    ns_icmp_forwarder* forwarder = nullptr;
    EXPECT_EQ(ns_icmp_forwarder_new(nullptr, handle, user_data(Part::kHandler), Destroy, &forwarder,
                                    nullptr),
              NS_OK);
    forwarder_.reset(forwarder);
    EXPECT_EQ(ns_stack_set_icmp_forwarder(stack(), NS_FAMILY_ANY, forwarder, nullptr), NS_OK);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  [[nodiscard]] ns_stack* stack() const { return stack_.get(); }
  [[nodiscard]] ns_link* link() const { return link_.get(); }

  // Makes `part` call; `body` runs inside its next call, or nowhere if it is null.
  void CallFrom(Part part, std::function<void()> body) {
    of(part).body = std::move(body);
    Trigger(part);
  }
  // The same without the body, and with no object on the way that needs an end:
  // for a body that does not return.
  void SetBody(Part part, std::function<void()> body) { of(part).body = std::move(body); }
  void Trigger(Part part);

  // Each may be called more than once, and in any order.
  void FreeForwarder() { forwarder_.reset(); }
  void FreeLinks() {
    link_.reset();
    channel_.reset();
  }
  void FreeCapture() { capture_.reset(); }
  void FreeSockets() {
    ping_.reset();
    raw_.reset();
    unbound_.reset();
  }
  void FreeStack() { stack_.reset(); }
  void FreeClockAndRandom() {
    clock_.reset();
    random_.reset();
  }
  void FreeEverything() {
    FreeStack();
    FreeForwarder();
    FreeLinks();
    FreeCapture();
    FreeSockets();
    FreeClockAndRandom();
  }

  [[nodiscard]] int calls(Part part) const { return parts_[static_cast<size_t>(part)].calls; }
  [[nodiscard]] int destroyed(Part part) const {
    return parts_[static_cast<size_t>(part)].destroyed;
  }
  // After everything was freed: what is wrong with the ends of user data.
  [[nodiscard]] std::string Complaints() const;

 private:
  struct State {
    std::function<void()> body;
    std::atomic<int> calls{0};
    std::atomic<int> running{0};
    std::atomic<int> destroyed{0};
    std::atomic<int> late{0};  // calls after destroy, and destroys during a call
  };

  // Lives while a callback runs.
  class Call {
   public:
    explicit Call(void* data) : state_(*static_cast<State*>(data)) {
      ++state_.running;
      ++state_.calls;
      if (state_.destroyed != 0) ++state_.late;
      if (state_.body) std::exchange(state_.body, nullptr)();
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
      if (state_.destroyed != 0) ++state_.late;
      --state_.running;
    }

   private:
    State& state_;
  };

  static void Destroy(void* data) {
    auto* const state = static_cast<State*>(data);
    if (state->running != 0) ++state->late;
    ++state->destroyed;
  }
  static void Notify(void* data) { const Call call(data); }

  State& of(Part part) { return parts_[static_cast<size_t>(part)]; }
  void* user_data(Part part) { return &of(part); }

  void MakeStack();
  void MakeLinks();
  void MakeSockets();

  std::array<State, kParts> parts_;
  const Bytes request_ = Build(EchoRequestTo("192.168.0.1"));
  const Bytes request_of_channel_ = Build(EchoRequest("10.0.0.2", "10.0.0.1"));
  Bytes reply_;
  ClockHandle clock_;
  RandomHandle random_;
  StackHandle stack_;
  LinkHandle link_;
  LinkHandle channel_;
  CaptureHandle capture_;
  ForwarderHandle forwarder_;
  PingSocketHandle ping_;
  PingSocketHandle unbound_;
  RawSocketHandle raw_;
};

inline void Scene::MakeStack() {
  const auto now = [](void* data) -> uint64_t {
    const Call call(data);
    return 1'000;
  };
  const auto wait = [](void* data, int, uint64_t) -> ns_status {
    // The clock has one user data: its two functions are two parts to us.
    auto* const scene = reinterpret_cast<Scene*>(reinterpret_cast<std::byte*>(data));
    static_cast<void>(scene);
    return NS_OK;
  };
  static_cast<void>(now);
  static_cast<void>(wait);
}

}  // namespace support

#endif  // NETSTACK_TESTS_LIFETIMES_SCENE_H_
