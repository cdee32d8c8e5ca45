#include "netstack/icmp/request.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "netstack/base/registry.h"
#include "netstack/testing/fake_waker.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/packet_checker.h"
#include "netstack/testing/scripted_forwarder.h"

namespace netstack::icmp {
namespace {

using base::Status;
using packet::KeptPacket;
using testing::Build;
using testing::Bytes;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;
using testing::Ipv6;
using testing::ScriptedForwarder;

class RequestTest : public ::testing::Test {
 protected:
  RequestTest() {
    scene_.Assign("192.168.0.1/24");
    scene_.Assign("a::1/64");
  }

  // Runs `inside` in a handler of the request.
  void Handle(const Bytes& packet, ScriptedForwarder::Function inside) {
    forwarders_.push_back(std::make_unique<ScriptedForwarder>(std::move(inside), true));
    const auto outer = scene_.configuration().upper;
    const auto installation = std::make_shared<Installation>(forwarders_.back()->get());
    scene_.configuration().upper = std::make_shared<const Dispatcher>(
        Dispatcher::Installations{installation, installation}, SocketTable(), waker_);
    scene_.Receive(packet);
    EXPECT_EQ(forwarders_.back()->calls(), 1);
    scene_.configuration().upper = outer;
  }
  static void ExpectExpired(uint64_t request) {
    EXPECT_EQ(Reply(request), Status::kExpired);
    KeptPacket* kept = nullptr;
    EXPECT_EQ(KeepPacket(request, &kept), Status::kExpired);
    EXPECT_EQ(kept, nullptr);
  }

  netstack::testing::FakeWaker waker_;
  IpScene scene_;
  std::vector<std::unique_ptr<ScriptedForwarder>> forwarders_;
  const Bytes request4_ = Build(Ipv4{}, Icmp{.payload = testing::CountingBytes(5)});
  const Bytes request6_ = Build(Ipv6{}, Icmp{.payload = testing::CountingBytes(5)});
};

TEST_F(RequestTest, NumbersThatNeverWereARequestAreExpired) {
  for (const uint64_t number : {uint64_t{0}, uint64_t{1}, UINT64_MAX, uint64_t{1} << 63}) {
    ExpectExpired(number);
  }
  Handle(request4_, [](uint64_t request) {
    for (const uint64_t number : {uint64_t{0}, request + 1, request - 1, ~request}) {
      ExpectExpired(number);
    }
    return 1;
  });
}

TEST_F(RequestTest, ARequestDiesWhenItsHandlerReturns) {
  for (const int32_t verdict : {0, 1, -5}) {
    uint64_t kept = 0;
    Handle(request4_, [&](uint64_t request) {
      kept = request;
      return verdict;
    });
    scene_.link().TakeSent();
    ExpectExpired(kept);
    // Also inside the next one, which has a number of its own.
    Handle(request4_, [&](uint64_t request) {
      EXPECT_NE(request, kept);
      ExpectExpired(kept);
      return 1;
    });
    EXPECT_TRUE(scene_.link().TakeSent().empty());
  }
}

TEST_F(RequestTest, ARequestIsOfItsThread) {
  Handle(request4_, [](uint64_t request) {
    std::thread([&] { ExpectExpired(request); }).join();
    return 1;
  });
  EXPECT_TRUE(scene_.link().TakeSent().empty());
}

TEST_F(RequestTest, NumbersNeverRepeat) {
  std::set<uint64_t> seen;
  ScriptedForwarder forwarder([&](uint64_t request) {
    EXPECT_NE(request, 0u);
    EXPECT_TRUE(seen.insert(request).second);
    return 1;
  });
  const auto installation = std::make_shared<Installation>(forwarder.get());
  scene_.configuration().upper = std::make_shared<const Dispatcher>(
      Dispatcher::Installations{installation, installation}, SocketTable(), waker_);
  for (int i = 0; i < 70'000; ++i) scene_.Receive(request4_);  // more than one block
  EXPECT_EQ(seen.size(), 70'000u);
}

// The outer request lives on in the inner callback, the inner one not after it.
TEST_F(RequestTest, NestedRequestsEachAnswerTheirOwn) {
  Handle(request4_, [&](uint64_t outer) {
    uint64_t inner_kept = 0;
    Handle(request6_, [&](uint64_t inner) {
      inner_kept = inner;
      EXPECT_EQ(Reply(outer), Status::kOk);
      EXPECT_EQ(scene_.link().TakeSent().at(0)[0] >> 4, 4);
      EXPECT_EQ(Reply(inner), Status::kOk);
      EXPECT_EQ(scene_.link().TakeSent().at(0)[0] >> 4, 6);
      return 1;
    });
    ExpectExpired(inner_kept);
    EXPECT_EQ(Reply(outer), Status::kOk);  // the first outcome
    return 1;
  });
  EXPECT_TRUE(scene_.link().TakeSent().empty());
}

TEST_F(RequestTest, RepliesAreCountedOnceByTheirOutcome) {
  Handle(request4_, [](uint64_t request) {
    EXPECT_EQ(Reply(request), Status::kOk);
    EXPECT_EQ(Reply(request), Status::kOk);
    return 0;
  });
  auto counts = scene_.TakeCounts();
  EXPECT_EQ(counts["forwarder.replied"], 1u);
  EXPECT_EQ(counts["forwarder.no_route"], 0u);
  scene_.configuration().strict_routes = true;
  Handle(request6_, [](uint64_t request) {
    EXPECT_EQ(Reply(request), Status::kNoRoute);
    EXPECT_EQ(Reply(request), Status::kNoRoute);
    return 0;
  });
  counts = scene_.TakeCounts();
  EXPECT_EQ(counts["forwarder.replied"], 0u);
  EXPECT_EQ(counts["forwarder.no_route"], 1u);
}

TEST_F(RequestTest, AnEchoReplyIsNotReplyableAndNotCounted) {
  Handle(Build(Ipv4{}, Icmp{.type = uint8_t{0}}), [](uint64_t request) {
    EXPECT_EQ(Reply(request), Status::kNotReplyable);
    return 1;
  });
  EXPECT_FALSE(scene_.TakeCounts().contains("forwarder.replied"));
}

TEST_F(RequestTest, AKeptPacketOutlivesTheRequestAndItsBytes) {
  KeptPacket* kept = nullptr;
  uint64_t request_kept = 0;
  {
    Bytes packet = Build(Ipv4{.tos = 3, .ttl = 9, .trailer = Bytes(4, 0xee)}, Icmp{});
    Handle(packet, [&](uint64_t request) {
      request_kept = request;
      EXPECT_EQ(KeepPacket(request, &kept), Status::kOk);
      return 1;
    });
  }
  ASSERT_NE(kept, nullptr);
  const packet::Packet& copy = kept->packet();
  EXPECT_TRUE(
      testing::SameBytes({copy.bytes, copy.length}, Build(Ipv4{.tos = 3, .ttl = 9}, Icmp{})));
  EXPECT_EQ(copy.ttl(), 9);
  EXPECT_EQ(copy.nic, IpScene::kNic);
  ExpectExpired(request_kept);  // the copy carries no right
  kept->Unref();
}

}  // namespace
}  // namespace netstack::icmp
