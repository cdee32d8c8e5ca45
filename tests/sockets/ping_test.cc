// ns_ping(): one request out, its reply or the end of patience.
#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "sockets/sockets.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Address;
using support::Bytes;
using support::Error;
using support::IcmpPacket;
using support::PacketHandle;

constexpr uint64_t kMillisecond = 1'000'000;

// A stack whose time passes only while it waits: each wait ends at the deadline
// or when somebody at the other end of the link says so.
class Scene {
 public:
  using Peer = std::function<void(Scene& scene, const IcmpPacket& request)>;

  explicit Scene(Peer peer = {}) : peer_(std::move(peer)) {
    ns_clock_options clock_options = NS_CLOCK_OPTIONS_INIT;
    clock_options.wait = &Wait;
    ns_clock* clock = nullptr;
    EXPECT_EQ(ns_clock_callback_new(&clock_options, &Now, this, nullptr, &clock, nullptr), NS_OK);
    const support::ClockHandle owned(clock);
    ns_stack_options options = NS_STACK_OPTIONS_INIT;
    options.clock = clock;
    ns_stack* stack = nullptr;
    EXPECT_EQ(ns_stack_new(&options, &stack, nullptr), NS_OK);
    stack_.reset(stack);
    ns_link* link = nullptr;
    EXPECT_EQ(ns_link_callback_new(nullptr, &Transmit, this, nullptr, &link, nullptr), NS_OK);
    link_.reset(link);
    EXPECT_EQ(ns_stack_add_nic(stack, 1, link, nullptr, nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack, 1, "192.168.0.1/24", nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack, 1, "a::1/64", nullptr), NS_OK);
  }

  [[nodiscard]] ns_stack* stack() const { return stack_.get(); }
  [[nodiscard]] uint64_t now() const { return now_; }
  [[nodiscard]] const std::vector<IcmpPacket>& requests() const { return requests_; }

  // Runs when `delay` has passed, should anybody wait that long.
  void After(uint64_t delay, std::function<void()> action) {
    due_ = now_ + delay;
    action_ = std::move(action);
  }
  void Inject(const IcmpPacket& packet) {
    EXPECT_EQ(support::Inject(link_.get(), Build(packet)), NS_OK);
  }
  void Reply(const IcmpPacket& request) { Inject(support::AnswerTo(request, request.destination)); }
  [[nodiscard]] uint64_t waits() const { return waits_; }
  void Stop() { ns_stack_stop(stack()); }
  void FreeStack() { stack_.reset(); }

 private:
  static uint64_t Now(void* self) { return static_cast<Scene*>(self)->now_; }
  static ns_status Wait(void* self, int descriptor, uint64_t deadline) {
    auto* const scene = static_cast<Scene*>(self);
    if (++scene->waits_ > 100'000) return NS_ERR_LIMITED;  // this is no waiting
    pollfd readable{descriptor, POLLIN, 0};
    if (poll(&readable, 1, 0) != 0) return NS_OK;
    if (scene->action_ && scene->due_ <= deadline) {
      scene->now_ = scene->due_;
      std::exchange(scene->action_, nullptr)();
      return NS_OK;
    }
    EXPECT_NE(deadline, NS_TIME_NEVER);
    scene->now_ = deadline;
    return NS_OK;
  }
  static ns_status Transmit(void* self, const uint8_t* bytes, size_t length) {
    auto* const scene = static_cast<Scene*>(self);
    const auto request = support::Read(Bytes(bytes, bytes + length));
    if (!request) return NS_ERR_INTERNAL;
    scene->requests_.push_back(*request);
    if (scene->peer_) scene->peer_(*scene, *request);
    return NS_OK;
  }

  Peer peer_;
  uint64_t now_ = 1'000;
  uint64_t due_ = 0;
  uint64_t waits_ = 0;
  std::function<void()> action_;
  std::vector<IcmpPacket> requests_;
  support::StackHandle stack_;
  support::LinkHandle link_;
};

struct Outcome {
  ns_status status;
  uint64_t rtt;
  PacketHandle reply;
  std::string message;
};

Outcome Ping(const Scene& scene, const std::string& destination,
             const ns_ping_options* options = nullptr) {
  const ns_address to = Address(destination);
  Error error;
  uint64_t rtt = 77;
  ns_packet* reply = nullptr;
  const ns_status status = ns_ping(scene.stack(), &to, options, &rtt, &reply, error.out());
  EXPECT_EQ(error.is_set(), status != NS_OK);
  return {status, rtt, PacketHandle(reply), error.message()};
}

class PingTest : public testing::TestWithParam<const char*> {};

TEST_P(PingTest, TellsTheRoundTripTimeByTheStacksClock) {
  const Scene scene([](Scene& s, const IcmpPacket& request) {
    s.After(42 * kMillisecond, [&s, request] { s.Reply(request); });
  });
  const Outcome outcome = Ping(scene, GetParam());
  ASSERT_EQ(outcome.status, NS_OK) << outcome.message;
  EXPECT_EQ(outcome.rtt, 42 * kMillisecond);
  ASSERT_NE(outcome.reply, nullptr);
  EXPECT_EQ(support::Text(support::InfoOf(outcome.reply).source), GetParam());
  EXPECT_EQ(scene.requests().size(), 1u);
}

TEST_P(PingTest, TakesAReplyThatIsThereAtOnce) {
  const Scene scene([](Scene& s, const IcmpPacket& request) { s.Reply(request); });
  const Outcome outcome = Ping(scene, GetParam());
  EXPECT_EQ(outcome.status, NS_OK) << outcome.message;
  EXPECT_EQ(outcome.rtt, 0u);
}

TEST_P(PingTest, GivesUpAfterItsTimeout) {
  const Scene scene;
  const uint64_t begin = scene.now();
  Outcome outcome = Ping(scene, GetParam());
  EXPECT_EQ(outcome.status, NS_ERR_TIMED_OUT);
  EXPECT_EQ(outcome.rtt, 0u);
  EXPECT_EQ(outcome.reply, nullptr);
  EXPECT_EQ(scene.now() - begin, 1'000 * kMillisecond);
  ns_ping_options options = NS_PING_OPTIONS_INIT;
  options.timeout_ns = 5 * kMillisecond;
  EXPECT_EQ(Ping(scene, GetParam(), &options).status, NS_ERR_TIMED_OUT);
  EXPECT_EQ(scene.now() - begin, 1'005 * kMillisecond);
}

TEST_P(PingTest, IsNotFooledByOtherReplies) {
  const Scene scene([](Scene& s, const IcmpPacket& request) {
    IcmpPacket other = request;
    other.identifier = static_cast<uint16_t>(request.identifier + 1);
    s.Reply(other);
    other = request;
    other.sequence = static_cast<uint16_t>(request.sequence + 1);
    s.Reply(other);
    other = request;
    other.destination = support::IsIpv6(request.destination) ? "a::77" : "192.168.0.77";
    s.Reply(other);
  });
  EXPECT_EQ(Ping(scene, GetParam()).status, NS_ERR_TIMED_OUT);
}

TEST_P(PingTest, SendsWhatItsOptionsSay) {
  const Scene scene([](Scene& s, const IcmpPacket& request) { s.Reply(request); });
  const Bytes payload = support::FromText("knock knock");
  ns_ping_options options = NS_PING_OPTIONS_INIT;
  options.nic = 1;
  options.ttl = 9;
  options.tos = 0x20;
  options.sequence = 4'242;
  options.payload = payload.data();
  options.payload_length = payload.size();
  options.source = Address(support::IsIpv6(GetParam()) ? "a::1" : "192.168.0.1");
  ASSERT_EQ(Ping(scene, GetParam(), &options).status, NS_OK);
  const IcmpPacket& request = scene.requests().at(0);
  EXPECT_EQ(request.ttl, 9);
  EXPECT_EQ(request.tos, 0x20);
  EXPECT_EQ(request.sequence, 4'242);
  EXPECT_EQ(request.payload, payload);
}

TEST_P(PingTest, EndsWhenTheStackIsStopped) {
  const Scene scene(
      [](Scene& s, const IcmpPacket&) { s.After(3 * kMillisecond, [&s] { s.Stop(); }); });
  EXPECT_EQ(Ping(scene, GetParam()).status, NS_ERR_CLOSED);
}

TEST_P(PingTest, SendsNothingOnceTheStackIsStopped) {
  Scene scene;
  scene.Stop();
  EXPECT_EQ(Ping(scene, GetParam()).status, NS_ERR_CLOSED);
  EXPECT_TRUE(scene.requests().empty());
}

TEST_P(PingTest, EndsWhenTheStackIsFreed) {
  const Scene scene(
      [](Scene& s, const IcmpPacket&) { s.After(3 * kMillisecond, [&s] { s.FreeStack(); }); });
  EXPECT_EQ(Ping(scene, GetParam()).status, NS_ERR_CLOSED);
}

INSTANTIATE_TEST_SUITE_P(Family, PingTest, testing::Values("192.168.0.2", "a::2"),
                         [](const auto& each) {
                           return support::IsIpv6(each.param) ? "Ipv6" : "Ipv4";
                         });

TEST(Ping, RefusesWhatMakesNoSense) {
  const Scene scene;
  EXPECT_EQ(Ping(scene, "203.0.113.1").status, NS_ERR_NO_ROUTE);
  EXPECT_EQ(Ping(scene, "0.0.0.0").status, NS_ERR_INVALID_ARGUMENT);
  EXPECT_NE(Ping(scene, "192.168.0.255").status, NS_OK);
  ns_ping_options options = NS_PING_OPTIONS_INIT;
  options.sequence = 65'536;
  EXPECT_EQ(Ping(scene, "a::2", &options).status, NS_ERR_INVALID_ARGUMENT);
  options = NS_PING_OPTIONS_INIT;
  options.source = Address("192.168.0.1");
  EXPECT_EQ(Ping(scene, "a::2", &options).status, NS_ERR_INVALID_ARGUMENT);
  options.source = Address("a::9");
  EXPECT_EQ(Ping(scene, "a::2", &options).status, NS_ERR_NOT_FOUND);
  options.source.family = 0;  // bytes without a family are no address at all
  EXPECT_EQ(Ping(scene, "a::2", &options).status, NS_ERR_INVALID_ARGUMENT);
  options = NS_PING_OPTIONS_INIT;
  options.payload_length = 1;
  EXPECT_EQ(Ping(scene, "a::2", &options).status, NS_ERR_INVALID_ARGUMENT);
  EXPECT_TRUE(scene.requests().empty());
}

TEST(Ping, NeedsAClockThatCanWait) {
  const support::Wire wire;
  const ns_address to = Address("192.168.0.2");
  EXPECT_EQ(ns_ping(wire.stack(), &to, nullptr, nullptr, nullptr, nullptr), NS_ERR_UNSUPPORTED);
}

TEST(Ping, AsksAGroupAndTakesTheFirstAnswer) {
  const Scene scene([](Scene& s, const IcmpPacket& request) {
    s.Inject(support::AnswerTo(request, "a::5"));
    s.Inject(support::AnswerTo(request, "a::6"));
  });
  ns_ping_options options = NS_PING_OPTIONS_INIT;
  options.nic = 1;
  const Outcome outcome = Ping(scene, "ff02::1", &options);
  ASSERT_EQ(outcome.status, NS_OK) << outcome.message;
  EXPECT_EQ(support::Text(support::InfoOf(outcome.reply).source), "a::5");
}

TEST(Ping, GoesWhereTheScopeOfALinkLocalAddressSays) {
  const Scene scene([](Scene& s, const IcmpPacket& request) { s.Reply(request); });
  ASSERT_EQ(ns_stack_add_address(scene.stack(), 1, "fe80::1/64", nullptr), NS_OK);
  EXPECT_EQ(Ping(scene, "fe80::2").status, NS_ERR_NO_ROUTE);
  ns_address to = Address("fe80::2");
  to.scope = 1;
  EXPECT_EQ(ns_ping(scene.stack(), &to, nullptr, nullptr, nullptr, nullptr), NS_OK);
  to.scope = 2;
  EXPECT_EQ(ns_ping(scene.stack(), &to, nullptr, nullptr, nullptr, nullptr), NS_ERR_NO_ROUTE);
}

// Its other devices have something to read, which only the caller of this
// handler could read: the wait goes on, and lets time pass.
TEST(Ping, InsideAHandlerWaitsWithoutASpin) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()), 0);
  Scene scene;
  ns_link* raw = nullptr;
  ASSERT_EQ(ns_link_fd_new(ends[0], nullptr, &raw, nullptr), NS_OK);
  const support::LinkHandle device(raw);
  ASSERT_EQ(ns_stack_add_nic(scene.stack(), 2, raw, nullptr, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(scene.stack(), 2, "10.0.0.1/8", nullptr), NS_OK);
  ns_status inside = NS_OK;
  uint64_t waits = 0;
  const support::Handler handler([&](ns_request) {
    const Bytes more{0x45};
    EXPECT_EQ(send(ends[1], more.data(), more.size(), 0), 1);
    const uint64_t before = scene.waits();
    inside = Ping(scene, "10.0.0.2").status;
    waits = scene.waits() - before;
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(scene.stack());
  const Bytes packet = Build(support::EchoRequestTo("10.0.0.1"));
  ASSERT_EQ(send(ends[1], packet.data(), packet.size(), 0), static_cast<ssize_t>(packet.size()));
  EXPECT_EQ(ns_stack_poll(scene.stack(), nullptr, nullptr), NS_OK);
  EXPECT_EQ(inside, NS_ERR_TIMED_OUT);
  EXPECT_GT(waits, 0u);
  EXPECT_LT(waits, 10'000u);
  close(ends[0]);
  close(ends[1]);
}

// Real time, another thread in the loop, and a network made of one thread more.
TEST(Ping, WorksWhileAnotherThreadRunsTheStack) {
  ns_stack* raw = nullptr;
  ASSERT_EQ(ns_stack_new(nullptr, &raw, nullptr), NS_OK);
  const support::StackHandle stack(raw);
  const support::LinkHandle link = support::NewChannel();
  ASSERT_EQ(ns_stack_add_nic(raw, 1, link.get(), nullptr, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(raw, 1, "192.168.0.1/24", nullptr), NS_OK);
  std::thread loop([&] { EXPECT_EQ(ns_stack_run(raw, nullptr), NS_OK); });
  std::atomic<bool> done{false};
  std::thread network([&] {
    while (!done.load()) {
      for (const Bytes& sent : support::Drain(link.get())) {
        const auto request = support::Read(sent);
        ASSERT_TRUE(request);
        EXPECT_EQ(
            support::Inject(link.get(), Build(support::AnswerTo(*request, request->destination))),
            NS_OK);
      }
      std::this_thread::yield();
    }
  });
  const ns_address to = Address("192.168.0.2");
  ns_ping_options options = NS_PING_OPTIONS_INIT;
  options.timeout_ns = 20'000 * kMillisecond;
  for (int i = 0; i < 50; ++i) {
    uint64_t rtt = 0;
    ASSERT_EQ(ns_ping(raw, &to, &options, &rtt, nullptr, nullptr), NS_OK);
    EXPECT_GT(rtt, 0u);
  }
  done = true;
  network.join();
  ns_stack_stop(raw);
  loop.join();
}

}  // namespace
