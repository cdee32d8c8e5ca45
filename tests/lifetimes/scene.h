// One stack with one of everything that calls back, each with user data that
// notes what becomes of it; and a way to make each of them call.
#ifndef NETSTACK_TESTS_LIFETIMES_SCENE_H_
#define NETSTACK_TESTS_LIFETIMES_SCENE_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "lifetimes/callback.h"
#include "lifetimes/witness.h"
#include "sockets/sockets.h"
#include "support/wire.h"

namespace support {

class Scene {
 public:
  Scene() {
    for (State& state : states_) state.scene = this;
    MakeStack();
    MakeLinks();
    MakeSockets();
    MakeForwarder();
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  [[nodiscard]] ns_stack* stack() const { return stack_.get(); }
  [[nodiscard]] ns_link* link() const { return link_.get(); }
  // Makes `which` call, and runs `body` inside that call.
  void RunInside(Callback which, std::function<void()> body) {
    Prepare(which);
    of(which).body = std::move(body);
    CallLibrary(which);
    EXPECT_FALSE(of(which).body) << which << " was not called";
  }
  // Makes `which` call, and leaves that call by a jump to where this returns.
  // Whether it did.
  bool LeaveByJump(Callback which) {
    Prepare(which);
    of(which).leave = true;
    return CallAndLand(which);
  }

  // Each may come more than once, in any order, and inside any callback.
  void FreeStack() { stack_.reset(); }
  void FreeForwarder() { forwarder_.reset(); }
  void FreeCapture() { capture_.reset(); }
  void FreeLinks() {
    link_.reset();
    channel_.reset();
  }
  void FreeSockets() {
    ping_.reset();
    unbound_.reset();
    raw_.reset();
  }
  void FreeClockAndRandom() {
    clock_.reset();
    random_.reset();
  }
  void FreeEverything() {
    FreeStack();
    FreeForwarder();
    FreeCapture();
    FreeLinks();
    FreeSockets();
    FreeClockAndRandom();
  }

  [[nodiscard]] int calls(Callback which) { return of(which).calls(); }
  // What is wrong with the ends of user data, once everything was freed.
  std::string Complaints() {
    std::string complaints;
    for (const Callback which : kCallbacks) {
      const State& state = of(which);
      const int expected = which == Callback::kWait || which == Callback::kVisit ? 0 : 1;
      if (state.destroyed() != expected) {
        complaints +=
            NameOf(which) + " destroyed " + std::to_string(state.destroyed()) + " times; ";
      }
      if (state.late() != 0) complaints += NameOf(which) + " called and destroyed at once; ";
    }
    return complaints;
  }

 private:
  struct State : Witness {
    Scene* scene = nullptr;
    std::function<void()> body;  // runs inside the next call
    bool leave = false;          // the next call does not return
  };

  // What every callback does. No object with a destructor lives where it may
  // jump.
  static void Enter(State& state) {
    if (std::exchange(state.leave, false)) longjmp(state.scene->back_, 1);
    const Witness::Call call(state);
    if (state.body) std::exchange(state.body, nullptr)();
  }
  static void Notify(void* data) { Enter(*static_cast<State*>(data)); }
  static uint64_t Number(void* data) {
    Enter(*static_cast<State*>(data));
    return 4'711;
  }
  static void Destroy(void* data) { Witness::Destroy(static_cast<State*>(data)); }

  State& of(Callback which) { return states_[static_cast<size_t>(which)]; }

  void MakeStack();
  void MakeLinks();
  void MakeSockets();
  void MakeForwarder();
  void Prepare(Callback which);
  void CallLibrary(Callback which);
  bool CallAndLand(Callback which);

  std::array<State, kCallbacks.size()> states_;
  jmp_buf back_;
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
  ns_clock_options clock_options = NS_CLOCK_OPTIONS_INIT;
  clock_options.wait = [](void* data, int, uint64_t) -> ns_status {
    Enter(static_cast<State*>(data)->scene->of(Callback::kWait));
    return NS_ERR_TIMED_OUT;  // and the run ends
  };
  ns_clock* clock = nullptr;
  EXPECT_EQ(
      ns_clock_callback_new(&clock_options, Number, &of(Callback::kNow), Destroy, &clock, nullptr),
      NS_OK);
  clock_.reset(clock);
  ns_random* random = nullptr;
  EXPECT_EQ(ns_random_callback_new(Number, &of(Callback::kRandom), Destroy, &random), NS_OK);
  random_.reset(random);
  ns_stack_options options = NS_STACK_OPTIONS_INIT;
  options.clock = clock;
  options.random = random;
  ns_stack* stack = nullptr;
  EXPECT_EQ(ns_stack_new(&options, &stack, nullptr), NS_OK);
  stack_.reset(stack);
}

inline void Scene::MakeLinks() {
  const auto transmit = [](void* data, const uint8_t*, size_t) -> ns_status {
    Enter(*static_cast<State*>(data));
    return NS_OK;
  };
  ns_link* link = nullptr;
  EXPECT_EQ(
      ns_link_callback_new(nullptr, transmit, &of(Callback::kTransmit), Destroy, &link, nullptr),
      NS_OK);
  link_.reset(link);
  ns_link_channel_options options = NS_LINK_CHANNEL_OPTIONS_INIT;
  options.notify = Notify;
  options.user_data = &of(Callback::kChannelNotify);
  options.destroy = Destroy;
  ns_link* channel = nullptr;
  EXPECT_EQ(ns_link_channel_new(&options, &channel, nullptr), NS_OK);
  channel_.reset(channel);
  EXPECT_EQ(ns_stack_add_nic(stack(), 1, link, nullptr, nullptr), NS_OK);
  EXPECT_EQ(ns_stack_add_nic(stack(), 2, channel, nullptr, nullptr), NS_OK);
  EXPECT_EQ(ns_stack_add_address(stack(), 1, "192.168.0.1/24", nullptr), NS_OK);
  EXPECT_EQ(ns_stack_add_address(stack(), 2, "10.0.0.1/24", nullptr), NS_OK);
  const auto write = [](void* data, const uint8_t*, size_t) { Enter(*static_cast<State*>(data)); };
  ns_capture* capture = nullptr;
  EXPECT_EQ(
      ns_capture_callback_new(write, &of(Callback::kCaptureWrite), Destroy, &capture, nullptr),
      NS_OK);
  capture_.reset(capture);
  EXPECT_EQ(ns_stack_set_capture(stack(), 1, capture, nullptr), NS_OK);
}

inline void Scene::MakeSockets() {
  ns_ping_socket_options ping = NS_PING_SOCKET_OPTIONS_INIT;
  ping.notify = Notify;
  ping.user_data = &of(Callback::kPingNotify);
  ping.destroy = Destroy;
  ping_ = NewPingSocket(stack(), NS_FAMILY_IPV4, &ping);
  EXPECT_EQ(Bind(ping_, "", 777), NS_OK);
  IcmpPacket reply = EchoReplyTo("192.168.0.1");
  reply.identifier = 777;
  reply_ = Build(reply);
  ns_raw_socket_options raw = NS_RAW_SOCKET_OPTIONS_INIT;
  raw.notify = Notify;
  raw.user_data = &of(Callback::kRawNotify);
  raw.destroy = Destroy;
  raw_ = NewRawSocket(stack(), NS_FAMILY_IPV4, &raw);
}

inline void Scene::MakeForwarder() {
  const auto handle = [](void* data, ns_request request) -> ns_verdict {
    Enter(*static_cast<State*>(data));
    static_cast<void>(ns_request_reply(request));
    return NS_VERDICT_CONSUMED;
  };
  ns_icmp_forwarder* forwarder = nullptr;
  EXPECT_EQ(
      ns_icmp_forwarder_new(nullptr, handle, &of(Callback::kHandler), Destroy, &forwarder, nullptr),
      NS_OK);
  forwarder_.reset(forwarder);
  EXPECT_EQ(ns_stack_set_icmp_forwarder(stack(), NS_FAMILY_ANY, forwarder, nullptr), NS_OK);
}

// One call of the library's, from a frame in which nothing has a destructor.
inline void Scene::CallLibrary(Callback which) {
  const auto inject = [](const LinkHandle& to, const Bytes& packet) {
    static_cast<void>(ns_link_inject(to.get(), packet.data(), packet.size()));
  };
  const auto visit = [](void* data, const char*, uint64_t) -> int32_t {
    Enter(*static_cast<State*>(data));
    return 1;
  };
  switch (which) {
    case Callback::kChannelNotify:
      return inject(channel_, request_of_channel_);
    case Callback::kPingNotify:
      return inject(link_, reply_);
    case Callback::kNow:
      return static_cast<void>(ns_stack_poll(stack(), nullptr, nullptr));
    case Callback::kWait:
      return static_cast<void>(ns_stack_run(stack(), nullptr));
    case Callback::kRandom:
      return static_cast<void>(ns_ping_socket_bind(unbound_.get(), nullptr, 0, nullptr));
    case Callback::kVisit:
      return static_cast<void>(ns_stack_for_each_counter(stack(), visit, &of(which)));
    default:
      return inject(link_, request_);
  }
}

// What is full or bound calls nobody.
inline void Scene::Prepare(Callback which) {
  static_cast<void>(Drain(channel_.get()));
  static_cast<void>(ReceiveAll(ping_));
  static_cast<void>(ReceiveAll(raw_));
  if (which == Callback::kRandom) unbound_ = NewPingSocket(stack(), NS_FAMILY_IPV4);
}

// What is left behind stands deeper than later calls reach, whatever a compiler
// makes of them: so it can be told by its place that it is gone.
[[gnu::noinline]] inline bool Scene::CallAndLand(Callback which) {
  volatile unsigned char deep[16'384];
  deep[0] = 0;
  deep[sizeof deep - 1] = 0;
  if (setjmp(back_) != 0) return true;
  CallLibrary(which);
  return false;
}

}  // namespace support

#endif  // NETSTACK_TESTS_LIFETIMES_SCENE_H_
