#include "netstack/icmp/forwarder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <climits>
#include <memory>
#include <thread>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/registry.h"
#include "netstack/icmp/request.h"
#include "netstack/ip/input.h"
#include "netstack/testing/fake_waker.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/scripted_forwarder.h"

namespace netstack::icmp {
namespace {

using base::Status;
using ip::Fate;
using testing::Build;
using testing::Bytes;
using testing::Counts;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;
using testing::Ipv6;
using testing::ScriptedForwarder;

const Bytes kRequest4 = Build(Ipv4{}, Icmp{});
const Bytes kRequest6 = Build(Ipv6{}, Icmp{});
const Bytes kReply4 = Build(Ipv4{}, Icmp{.type = uint8_t{0}});
const Bytes kReply6 = Build(Ipv6{}, Icmp{.type = uint8_t{129}});

class ForwarderTest : public ::testing::Test {
 protected:
  ForwarderTest() {
    scene_.Assign("192.168.0.1/24");
    scene_.Assign("a::1/64");
  }

  static std::shared_ptr<Installation> Installed(const ScriptedForwarder& forwarder) {
    return std::make_shared<Installation>(forwarder.get());
  }
  void Use(std::shared_ptr<Installation> ipv4, std::shared_ptr<Installation> ipv6) {
    scene_.configuration().upper = std::make_shared<const Dispatcher>(
        Dispatcher::Installations{std::move(ipv4), std::move(ipv6)}, SocketTable(), waker_);
  }
  size_t Sent() { return scene_.link().TakeSent().size(); }
  // Counters that begin with "forwarder.", without that.
  Counts TakeForwarderCounts() {
    Counts counts;
    for (const auto& [name, count] : scene_.TakeCounts()) {
      if (name.starts_with("forwarder.")) counts[name.substr(10)] = count;
    }
    return counts;
  }

  netstack::testing::FakeWaker waker_;
  IpScene scene_;
};

TEST_F(ForwarderTest, VerdictsAndWhatIsNone) {
  const struct {
    int32_t verdict;
    const char* counted;
    size_t sent;
  } cases[] = {{0, "declined", 1}, {1, "consumed", 0},       {2, "failed", 0},
               {-1, "failed", 0},  {INT32_MAX, "failed", 0}, {INT32_MIN, "failed", 0},
               {256, "failed", 0}};
  for (const auto& c : cases) {
    ScriptedForwarder forwarder([&](uint64_t) { return c.verdict; });
    Use(Installed(forwarder), Installed(forwarder));
    for (const Bytes& request : {kRequest4, kRequest6}) {
      scene_.Receive(request);
      EXPECT_EQ(Sent(), c.sent) << c.verdict;
      EXPECT_EQ(TakeForwarderCounts(), (Counts{{"requests", 1}, {c.counted, 1}})) << c.verdict;
    }
    EXPECT_EQ(forwarder.calls(), 2);
  }
}

// An answer that was accepted stands, whatever comes after it.
TEST_F(ForwarderTest, AFailureAfterAReplyTakesNothingBackAndAddsNothing) {
  ScriptedForwarder forwarder([](uint64_t request) {
    EXPECT_EQ(Reply(request), Status::kOk);
    return 99;
  });
  Use(Installed(forwarder), Installed(forwarder));
  EXPECT_EQ(scene_.Receive(kRequest4), Fate::kAnswered);
  EXPECT_EQ(Sent(), 1u);
  EXPECT_EQ(TakeForwarderCounts(), (Counts{{"requests", 1}, {"replied", 1}, {"failed", 1}}));
}

TEST_F(ForwarderTest, AForwarderIsForItsFamilies) {
  ScriptedForwarder forwarder([](uint64_t) { return 1; });
  Use(Installed(forwarder), nullptr);
  EXPECT_EQ(scene_.Receive(kRequest6), Fate::kAnswered);
  EXPECT_EQ(TakeForwarderCounts(), Counts());
  EXPECT_EQ(scene_.Receive(kRequest4), Fate::kConsumed);
  Use(nullptr, Installed(forwarder));
  EXPECT_EQ(scene_.Receive(kRequest4), Fate::kAnswered);
  EXPECT_EQ(scene_.Receive(kRequest6), Fate::kConsumed);
  EXPECT_EQ(forwarder.calls(), 2);
}

// Contract, rule 8.
TEST_F(ForwarderTest, EchoRepliesAreForThoseWhoWantThem) {
  const auto tries_to_reply = [](uint64_t request) {
    EXPECT_EQ(Reply(request), Status::kNotReplyable);
    return 1;
  };
  ScriptedForwarder wants(tries_to_reply, true);
  ScriptedForwarder wants_not(tries_to_reply, false);
  for (const Bytes& reply : {kReply4, kReply6}) {
    Use(Installed(wants_not), Installed(wants_not));
    EXPECT_EQ(scene_.Receive(reply), Fate::kNotWanted);
    EXPECT_EQ(TakeForwarderCounts(), Counts());
    Use(Installed(wants), Installed(wants));
    EXPECT_EQ(scene_.Receive(reply), Fate::kConsumed);
    EXPECT_EQ(TakeForwarderCounts(), (Counts{{"echo_replies", 1}, {"consumed", 1}}));
  }
  EXPECT_EQ(wants.calls(), 2);
  EXPECT_EQ(wants_not.calls(), 0);
  EXPECT_EQ(Sent(), 0u);
}

// A packet that still has the old configuration before it.
TEST_F(ForwarderTest, ASupersededOneHandsOverToTheEndOfTheChain) {
  std::vector<std::unique_ptr<ScriptedForwarder>> forwarders;
  std::vector<std::shared_ptr<Installation>> chain;
  for (int i = 0; i < 3; ++i) {
    forwarders.push_back(std::make_unique<ScriptedForwarder>([](uint64_t) { return 1; }));
    chain.push_back(Installed(*forwarders.back()));
  }
  Use(chain[0], chain[0]);
  chain[0]->Supersede(chain[1].get());
  chain[0]->Release();  // its forwarder may be gone by now
  forwarders[0]->LetGo();
  EXPECT_EQ(forwarders[0]->destroyed(), 1);
  EXPECT_EQ(scene_.Receive(kRequest4), Fate::kConsumed);
  EXPECT_EQ(forwarders[1]->calls(), 1);
  chain[1]->Supersede(chain[2].get());
  chain[1]->Release();
  EXPECT_EQ(scene_.Receive(kRequest4), Fate::kConsumed);
  EXPECT_EQ(forwarders[2]->calls(), 1);
  EXPECT_EQ(TakeForwarderCounts(), (Counts{{"requests", 2}, {"consumed", 2}}));
  chain[2]->Supersede(nullptr);  // removed
  EXPECT_EQ(scene_.Receive(kRequest4), Fate::kAnswered);
  EXPECT_EQ(TakeForwarderCounts(), Counts());
  EXPECT_EQ(forwarders[0]->calls() + forwarders[1]->calls() + forwarders[2]->calls(), 2);
}

TEST_F(ForwarderTest, TheSuccessorsOwnOptionsCount) {
  ScriptedForwarder wants([](uint64_t) { return 1; }, true);
  ScriptedForwarder wants_not([](uint64_t) { return 1; });
  const auto first = Installed(wants);
  const auto second = Installed(wants_not);
  first->Supersede(second.get());
  Use(first, nullptr);
  EXPECT_EQ(scene_.Receive(kReply4), Fate::kNotWanted);
  EXPECT_EQ(wants.calls() + wants_not.calls(), 0);
}

TEST_F(ForwarderTest, AHandlerThatRemovesItselfIsNotCalledFromInsideAgain) {
  std::shared_ptr<Installation> installation;
  ScriptedForwarder forwarder([&](uint64_t request) {
    installation->Supersede(nullptr);
    EXPECT_EQ(scene_.Receive(kRequest4), Fate::kAnswered);  // built in
    EXPECT_EQ(Reply(request), Status::kOk);                 // this call goes on
    return 1;
  });
  installation = Installed(forwarder);
  Use(installation, nullptr);
  EXPECT_EQ(scene_.Receive(kRequest4), Fate::kAnswered);
  EXPECT_EQ(forwarder.calls(), 1);
  EXPECT_EQ(Sent(), 2u);
}

// Who removes an installation waits for the call that runs, and for no other.
TEST_F(ForwarderTest, ARemoverWaitsForTheRunningCall) {
  std::atomic<bool> inside{false};
  std::atomic<bool> may_leave{false};
  std::atomic<bool> left{false};
  ScriptedForwarder forwarder([&](uint64_t) {
    inside.store(true);
    inside.notify_one();
    may_leave.wait(false);
    left.store(true);
    return 1;
  });
  ScriptedForwarder idle([](uint64_t) { return 1; });
  const auto installation = Installed(forwarder);
  const auto other = Installed(idle);
  Use(installation, other);
  std::thread packets([&] {
    const base::Entry entry;
    const ip::Context context{entry.thread(), scene_.configuration(), scene_.interface(),
                              scene_.interface().counters->ForThread(entry.thread())};
    ip::Ipv4Input(context, kRequest4);
  });
  inside.wait(false);
  base::Registry::Get().WaitUntilNotRunning(other.get());  // returns: nobody runs it
  EXPECT_FALSE(left.load());
  installation->Supersede(nullptr);
  std::thread remover([&] {
    base::Registry::Get().WaitUntilNotRunning(installation.get());
    EXPECT_TRUE(left.load());
  });
  may_leave.store(true);
  may_leave.notify_one();
  remover.join();
  packets.join();
}

// Many packets, many replacements: each call sees a forwarder that was not let
// go yet, and after the wait none runs.
TEST_F(ForwarderTest, NobodyRunsWhatWasReplacedAndWaitedFor) {
  struct Guarded {
    std::atomic<bool> released{false};
    std::unique_ptr<ScriptedForwarder> forwarder;
    std::shared_ptr<Installation> installation;
  };
  constexpr size_t kReplacements = 50;
  std::vector<Guarded> all(kReplacements);
  for (Guarded& g : all) {
    g.forwarder = std::make_unique<ScriptedForwarder>([&g](uint64_t) {
      EXPECT_FALSE(g.released.load());
      return 1;
    });
    g.installation = Installed(*g.forwarder);
  }
  Use(all[0].installation, nullptr);  // packets see only this one and its chain
  std::atomic<bool> stop{false};
  std::atomic<int> started{0};
  const auto inject = [&] {
    const base::Entry entry;
    const ip::Context context{entry.thread(), scene_.configuration(), scene_.interface(),
                              scene_.interface().counters->ForThread(entry.thread())};
    while (!stop.load()) {
      EXPECT_EQ(ip::Ipv4Input(context, kRequest4), Fate::kConsumed);
      started.fetch_add(1);
      started.notify_one();
    }
  };
  std::thread one(inject);
  std::thread two(inject);
  for (size_t i = 0; i + 1 < kReplacements; ++i) {
    started.wait(started.load());  // some packet in between
    all[i].installation->Supersede(all[i + 1].installation.get());
    base::Registry::Get().WaitUntilNotRunning(all[i].installation.get());
    all[i].released.store(true);
    all[i].installation->Release();
    all[i].forwarder->LetGo();
    EXPECT_EQ(all[i].forwarder->destroyed(), 1);
  }
  stop.store(true);
  one.join();
  two.join();
}

// More calls inside each other than a thread keeps account of: the innermost is
// not called, and its packet gets no faked answer.
TEST_F(ForwarderTest, TooManyCallsInsideEachOtherAreAFailure) {
  ScriptedForwarder forwarder([&](uint64_t) {
    scene_.Receive(kRequest4);
    return 1;
  });
  Use(Installed(forwarder), nullptr);
  EXPECT_EQ(scene_.Receive(kRequest4), Fate::kConsumed);
  EXPECT_EQ(forwarder.calls(), static_cast<int>(base::kMaxFrames));
  EXPECT_EQ(
      TakeForwarderCounts(),
      (Counts{{"requests", base::kMaxFrames}, {"consumed", base::kMaxFrames}, {"failed", 1}}));
  EXPECT_EQ(Sent(), 0u);
}

TEST_F(ForwarderTest, TheHandlersDataGoesWithTheLastReferenceAndOnce) {
  ScriptedForwarder forwarder([](uint64_t) { return 1; });
  auto installation = Installed(forwarder);
  forwarder.LetGo();
  EXPECT_EQ(forwarder.destroyed(), 0);
  Use(installation, nullptr);
  installation.reset();
  EXPECT_EQ(scene_.Receive(kRequest4), Fate::kConsumed);
  EXPECT_EQ(forwarder.destroyed(), 0);
  scene_.configuration().upper.reset();
  EXPECT_EQ(forwarder.destroyed(), 1);
}

// Fragments of echoes are held for those who want them. A raw socket has had its copy.
TEST_F(ForwarderTest, WhoWantsEchoes) {
  ScriptedForwarder forwarder([](uint64_t) { return 0; });
  auto* const ping = new Socket({.family = wire::Family::kIpv6}, {});
  auto* const raw = new Socket({.family = wire::Family::kIpv4}, {});
  SocketTable pings;
  pings.Bind(ping, {7, {}, {}});
  ping->Unref();
  SocketTable raws;
  raws.AddRaw(raw);
  raw->Unref();
  const auto wants = [&](std::shared_ptr<Installation> ipv4, const SocketTable& sockets) {
    const Dispatcher dispatcher({std::move(ipv4), nullptr}, sockets, waker_);
    return std::pair(dispatcher.wants_echoes(wire::Family::kIpv4),
                     dispatcher.wants_echoes(wire::Family::kIpv6));
  };
  EXPECT_EQ(wants(nullptr, {}), std::pair(false, false));
  EXPECT_EQ(wants(Installed(forwarder), {}), std::pair(true, false));
  EXPECT_EQ(wants(nullptr, pings), std::pair(false, true));
  EXPECT_EQ(wants(nullptr, raws), std::pair(false, false));
}

}  // namespace
}  // namespace netstack::icmp
