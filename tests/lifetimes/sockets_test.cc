// Sockets that are freed while others deliver to them, send and receive by them,
// poll, ping, or free the stack.
#include "sockets/sockets.h"

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include "lifetimes/tries.h"
#include "lifetimes/witness.h"
#include "support/crowd.h"
#include "support/transmitter.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoReplyTo;
using support::PacketHandle;
using support::PingSocketHandle;
using support::RawSocketHandle;
using support::RunAtOnce;
using support::Tries;
using support::Wire;
using support::Witness;
using support::Witnesses;

constexpr uint16_t kIdentifier = 777;
constexpr char kPeer[] = "192.168.0.2";

Bytes Reply() {
  support::IcmpPacket reply = EchoReplyTo("192.168.0.1");
  reply.identifier = kIdentifier;
  return Build(reply);
}

// A reply is whole, whoever receives it.
template <typename Handle, typename Receive>
ns_status ReceiveOne(const Handle& socket, Receive receive) {
  ns_packet* raw = nullptr;
  const ns_status status = receive(socket.get(), &raw);
  const PacketHandle packet(raw);
  EXPECT_EQ(packet != nullptr, status == NS_OK);
  if (packet) {
    EXPECT_EQ(support::BytesOf(packet), Reply());
  }
  return status;
}

template <typename Options>
Options Watched(Witness* witness) {
  Options options{};
  options.struct_size = sizeof options;
  options.notify = [](void* data) { const Witness::Call call(*static_cast<Witness*>(data)); };
  options.user_data = witness;
  options.destroy = Witness::Destroy;
  return options;
}

std::function<void()> Deliverer(const Wire& wire, const std::atomic<bool>& done) {
  return [&] {
    const Bytes reply = Reply();
    while (!done) ASSERT_EQ(support::Inject(wire.link(), reply), NS_OK);
  };
}

TEST(FreedSockets, WhileOthersDeliverToThem) {
  constexpr uint64_t kSockets = Tries(50'000) + 1'000;
  const Wire wire;
  Witnesses witnesses;
  std::atomic<bool> done{false};
  uint64_t received = 0;
  RunAtOnce({Deliverer(wire, done), Deliverer(wire, done), [&] {
               for (uint64_t i = 0; i < kSockets; ++i) {
                 auto ping = Watched<ns_ping_socket_options>(witnesses.New());
                 auto raw = Watched<ns_raw_socket_options>(witnesses.New());
                 const auto pings = support::NewPingSocket(wire.stack(), NS_FAMILY_IPV4, &ping);
                 // The identifier of the one before is free.
                 ASSERT_EQ(Bind(pings, "", kIdentifier), NS_OK);
                 const auto raws = support::NewRawSocket(wire.stack(), NS_FAMILY_IPV4, &raw);
                 // Some live until they have got something, others for a moment.
                 do {
                   if (ReceiveOne(pings, ns_ping_socket_receive) == NS_OK) ++received;
                   if (ReceiveOne(raws, ns_raw_socket_receive) == NS_OK) ++received;
                 } while (received < i / 16);
               }
               done = true;
             }});
  EXPECT_EQ(witnesses.Complaints(), "");
  EXPECT_GE(received, kSockets / 16 - 1);
  EXPECT_GE(witnesses.calls(), 2u);
}

TEST(FreedSockets, LeaveTheirIdentifierToOneOfThoseWhoWantIt) {
  constexpr uint64_t kRounds = Tries(20'000);
  const Wire wire;
  std::atomic<int> holders{0};
  std::atomic<uint64_t> won{0};
  std::atomic<uint64_t> shared{0};
  const auto compete = [&] {
    for (uint64_t i = 0; i < kRounds; ++i) {
      const auto socket = support::NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
      const ns_status status = Bind(socket, "", kIdentifier);
      if (status != NS_OK) {
        EXPECT_EQ(status, NS_ERR_BUSY);
        continue;
      }
      if (++holders != 1) ++shared;
      ++won;
      --holders;
    }
  };
  RunAtOnce({compete, compete, compete});
  EXPECT_EQ(shared, 0u);
  EXPECT_GE(won, kRounds / 10);
}

TEST(FreedStack, LeavesTheSocketsOfOthersClosed) {
  constexpr int kRounds = 50;
  for (int round = 0; round < kRounds; ++round) {
    Wire wire;
    Witnesses witnesses;
    auto ping = Watched<ns_ping_socket_options>(witnesses.New());
    auto raw = Watched<ns_raw_socket_options>(witnesses.New());
    PingSocketHandle pings = support::NewPingSocket(wire.stack(), NS_FAMILY_IPV4, &ping);
    RawSocketHandle raws = support::NewRawSocket(wire.stack(), NS_FAMILY_IPV4, &raw);
    ASSERT_EQ(Bind(pings, "", kIdentifier), NS_OK);
    std::atomic<int> turns{0};
    const auto until_closed = [&](const std::function<ns_status()>& use) {
      return [&turns, use] {
        while (use() != NS_ERR_CLOSED) ++turns;
      };
    };
    RunAtOnce({
        until_closed([&] { return support::Inject(wire.link(), Reply()); }),
        until_closed([&] { return Send(pings, kPeer); }),
        until_closed([&] { return ReceiveOne(pings, ns_ping_socket_receive); }),
        until_closed([&] {
          ns_packet* packet = nullptr;
          const ns_status status = ns_raw_socket_receive(raws.get(), &packet);
          ns_packet_unref(packet);
          return status;
        }),
        [&] {
          while (turns < 20) std::this_thread::yield();
          wire.FreeStack();
        },
    });
    pings.reset();
    raws.reset();
    ASSERT_EQ(witnesses.Complaints(), "");
  }
}

// Holds up the first call that comes, until it is let go.
class Gate {
 public:
  void Pass() {
    if (passed_.exchange(true)) return;
    entered_.set_value();
    go_.get_future().wait();
  }
  void WaitUntilEntered() { entered_.get_future().wait(); }
  void LetGo() { go_.set_value(); }

 private:
  std::atomic<bool> passed_{false};
  std::promise<void> entered_;
  std::promise<void> go_;
};

// Frees a ping socket while another thread is in the middle of `use`, which
// passes the gate; what that returned.
ns_status FreeDuring(ns_stack* stack, Gate& gate,
                     const std::function<ns_status(const PingSocketHandle&)>& use) {
  Witnesses witnesses;
  auto options = Watched<ns_ping_socket_options>(witnesses.New());
  PingSocketHandle socket = support::NewPingSocket(stack, NS_FAMILY_IPV4, &options);
  auto used = std::async(std::launch::async, [&] { return use(socket); });
  gate.WaitUntilEntered();
  ns_ping_socket_free(socket.release());  // does not wait
  gate.LetGo();
  const ns_status status = used.get();
  EXPECT_EQ(witnesses.Complaints(), "");
  return status;
}

TEST(FreedSockets, WhileTheyAreSending) {
  Gate gate;
  const support::Transmitter link([&](const Bytes&) {
    gate.Pass();
    return NS_OK;
  });
  const support::StackHandle stack = support::NewStack();
  ASSERT_EQ(ns_stack_add_nic(stack.get(), 1, link.link(), nullptr, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(stack.get(), 1, "192.168.0.1/24", nullptr), NS_OK);
  EXPECT_EQ(FreeDuring(stack.get(), gate,
                       [](const PingSocketHandle& socket) { return Send(socket, kPeer); }),
            NS_OK);
}

TEST(FreedSockets, WhileTheyAreBound) {
  Gate gate;
  // The stack's first number is drawn when it is made.
  struct Numbers {
    Gate* gate;
    bool made = false;
  } numbers{&gate};
  const auto next = [](void* data) -> uint64_t {
    auto* const self = static_cast<Numbers*>(data);
    if (self->made) self->gate->Pass();
    return 4'711;
  };
  ns_random* random = nullptr;
  ASSERT_EQ(ns_random_callback_new(next, &numbers, nullptr, &random), NS_OK);
  const support::RandomHandle owned(random);
  ns_stack_options options = NS_STACK_OPTIONS_INIT;
  options.random = random;
  ns_stack* made = nullptr;
  ASSERT_EQ(ns_stack_new(&options, &made, nullptr), NS_OK);
  const support::StackHandle stack(made);
  numbers.made = true;
  EXPECT_EQ(
      FreeDuring(made, gate, [](const PingSocketHandle& socket) { return Bind(socket, "", 0); }),
      NS_ERR_CLOSED);
}

// A peer that answers every other request, on the thread that asks.
class Pinged {
 public:
  explicit Pinged(Witness* witness) : witness_(witness) {
    const auto transmit = [](void* self, const uint8_t* packet, size_t length) -> ns_status {
      return static_cast<Pinged*>(self)->Take(Bytes(packet, packet + length));
    };
    const auto destroy = [](void* self) { Witness::Destroy(static_cast<Pinged*>(self)->witness_); };
    ns_link* made = nullptr;
    EXPECT_EQ(ns_link_callback_new(nullptr, transmit, this, destroy, &made, nullptr), NS_OK);
    link_.reset(made);
    EXPECT_EQ(ns_stack_add_nic(stack_.get(), 1, made, nullptr, nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack_.get(), 1, "192.168.0.1/24", nullptr), NS_OK);
  }

  [[nodiscard]] ns_stack* stack() const { return stack_.get(); }
  // `stack` is named by who asks: the handle may be emptied meanwhile.
  static ns_status Ping(ns_stack* stack) {
    const ns_address peer = support::Address(kPeer);
    ns_ping_options options = NS_PING_OPTIONS_INIT;
    options.timeout_ns = 60'000'000'000;  // in vain: it is woken before
    ns_packet* reply = nullptr;
    const ns_status status = ns_ping(stack, &peer, &options, nullptr, &reply, nullptr);
    EXPECT_EQ(reply != nullptr, status == NS_OK);
    ns_packet_unref(reply);
    return status;
  }
  void BeSilent() { silent_ = true; }
  void WaitUntilAsked(int times) const {
    while (asked_ < times) std::this_thread::yield();
  }
  void Stop() const { ns_stack_stop(stack_.get()); }
  void FreeStack() { stack_.reset(); }
  void FreeLink() { link_.reset(); }

 private:
  ns_status Take(const Bytes& packet) {
    const Witness::Call call(*witness_);
    if (++asked_ % 2 == 0 || silent_) return NS_OK;
    const auto request = support::Read(packet);
    EXPECT_EQ(
        support::Inject(link_.get(), Build(support::AnswerTo(*request, request->destination))),
        NS_OK);
    return NS_OK;
  }

  Witness* const witness_;
  std::atomic<int> asked_{0};
  std::atomic<bool> silent_{false};
  support::StackHandle stack_ = support::NewSystemStack();
  support::LinkHandle link_;
};

TEST(EndOfAPing, ComesWhenTheStackIsStopped) {
  for (int i = 0; i < 20; ++i) {
    Witnesses witnesses;
    {
      const Pinged pinged(witnesses.New());
      const auto ping_on = [&] {
        ns_status status = NS_OK;
        while (status == NS_OK) status = Pinged::Ping(pinged.stack());
        EXPECT_EQ(status, NS_ERR_CLOSED);
      };
      RunAtOnce({ping_on, ping_on, ping_on, [&] {
                   pinged.WaitUntilAsked(4);
                   pinged.Stop();
                 }});
    }
    ASSERT_EQ(witnesses.Complaints(), "");
  }
}

TEST(EndOfAPing, ComesWhenTheStackIsFreedUnderIt) {
  for (int i = 0; i < 20; ++i) {
    Witnesses witnesses;
    Pinged pinged(witnesses.New());
    pinged.BeSilent();
    ns_stack* const stack = pinged.stack();
    const auto ping = [&] { EXPECT_EQ(Pinged::Ping(stack), NS_ERR_CLOSED); };
    RunAtOnce({ping, ping, ping, [&] {
                 pinged.WaitUntilAsked(3);
                 pinged.FreeStack();
               }});
    pinged.FreeLink();
    ASSERT_EQ(witnesses.Complaints(), "");
  }
}

}  // namespace
