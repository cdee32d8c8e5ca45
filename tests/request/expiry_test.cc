// A request is usable on its callback's thread until the callback returns, and
// nowhere else, ever.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <csetjmp>
#include <random>
#include <thread>
#include <unordered_set>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::Wire;

constexpr char kV4[] = "192.168.0.1";
constexpr char kV6[] = "a::1";

// Every function that takes a request says that this is none.
void ExpectExpired(ns_request request) {
  ns_packet_info info{};
  info.nic = 77;
  const uint8_t* bytes = nullptr;
  size_t length = 77;
  uint8_t buffer[64] = {};
  ns_packet* packet = nullptr;
  EXPECT_EQ(ns_request_reply(request), NS_ERR_EXPIRED) << request;
  EXPECT_EQ(ns_request_get_info(request, &info, sizeof info), NS_ERR_EXPIRED) << request;
  EXPECT_EQ(ns_request_borrow_packet(request, &bytes, &length), NS_ERR_EXPIRED) << request;
  EXPECT_EQ(ns_request_copy_packet(request, buffer, sizeof buffer, &length), NS_ERR_EXPIRED);
  EXPECT_EQ(length, 0u);
  EXPECT_EQ(ns_request_ref_packet(request, &packet), NS_ERR_EXPIRED) << request;
  EXPECT_EQ(info.nic, 77u);
  EXPECT_EQ(packet, nullptr);
}

// The same with arguments that make no sense either: expired is said first.
void ExpectExpiredWithNulls(ns_request request) {
  EXPECT_EQ(ns_request_get_info(request, nullptr, 0), NS_ERR_EXPIRED);
  EXPECT_EQ(ns_request_borrow_packet(request, nullptr, nullptr), NS_ERR_EXPIRED);
  EXPECT_EQ(ns_request_copy_packet(request, nullptr, 1, nullptr), NS_ERR_EXPIRED);
  EXPECT_EQ(ns_request_ref_packet(request, nullptr), NS_ERR_EXPIRED);
}

void ExpectAlive(ns_request request, uint16_t sequence) {
  ns_packet_info info{};
  const uint8_t* bytes = nullptr;
  size_t length = 0;
  uint8_t buffer[64];
  EXPECT_EQ(ns_request_get_info(request, &info, sizeof info), NS_OK);
  EXPECT_EQ(info.sequence, sequence);
  EXPECT_EQ(ns_request_borrow_packet(request, &bytes, &length), NS_OK);
  EXPECT_EQ(ns_request_copy_packet(request, buffer, sizeof buffer, &length), NS_OK);
  EXPECT_EQ(length, info.length);
  ns_packet* packet = nullptr;
  EXPECT_EQ(ns_request_ref_packet(request, &packet), NS_OK);
  ns_packet_unref(packet);
}

Bytes Numbered(const char* destination, uint16_t sequence) {
  support::IcmpPacket packet = EchoRequestTo(destination);
  packet.sequence = sequence;
  return Build(packet);
}

TEST(Expiry, RequestIsExpiredOnceTheHandlerReturnedWhateverItSaid) {
  for (const ns_verdict verdict : {0, 1, 2, -5}) {
    for (const bool reply : {false, true}) {
      Wire wire;
      ns_request kept = 0;
      const Handler handler([&](ns_request request) {
        kept = request;
        if (reply) {
          EXPECT_EQ(ns_request_reply(request), NS_OK);
        }
        return verdict;
      });
      handler.InstallIn(wire.stack());
      static_cast<void>(wire.Send(Numbered(kV4, 1)));
      ASSERT_NE(kept, 0u);
      ExpectExpired(kept);
      ExpectExpiredWithNulls(kept);
      EXPECT_TRUE(support::Drain(wire.link()).empty());
    }
  }
}

TEST(Expiry, RequestIsExpiredInAnotherThreadWhileTheHandlerRuns) {
  Wire wire;
  const Handler handler([&](ns_request request) {
    std::thread([request] { ExpectExpired(request); }).join();
    ExpectAlive(request, 7);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    std::thread([request] { ExpectExpired(request); }).join();
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_EQ(wire.Send(Numbered(kV6, 7)).size(), 1u);
}

TEST(Expiry, RequestIsExpiredInAnotherThreadThatIsInsideItsOwnHandler) {
  Wire wire;
  Wire other;
  ns_request first = 0;
  const Handler of_other([&](ns_request request) {
    ExpectExpired(first);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  of_other.InstallIn(other.stack());
  const Handler handler([&](ns_request request) {
    first = request;
    std::thread([&] { EXPECT_TRUE(other.Answers(kV4)); }).join();
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Send(Numbered(kV4, 1)).empty());
  EXPECT_EQ(of_other.calls(), 1);
}

TEST(Expiry, RequestIsExpiredAfterTheStackIsGone) {
  ns_request kept = 0;
  {
    Wire wire;
    const Handler handler([&](ns_request request) {
      kept = request;
      return NS_VERDICT_CONSUMED;
    });
    handler.InstallIn(wire.stack());
    EXPECT_TRUE(wire.Send(Numbered(kV4, 1)).empty());
  }
  ExpectExpired(kept);
  std::thread([kept] { ExpectExpired(kept); }).join();
}

TEST(Expiry, NumbersThatNeverWereARequestAreExpired) {
  Wire wire;
  std::mt19937_64 random(1);
  const Handler handler([&](ns_request request) {
    ExpectExpired(0);
    for (const uint64_t distance : {1u, 2u, 3u, 0x100u, 0xffffu, 0x10000u}) {
      ExpectExpired(request + distance);
      ExpectExpired(request - distance);
    }
    for (int bit = 0; bit < 64; ++bit) ExpectExpired(request ^ (uint64_t{1} << bit));
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(ns_request_reply(random()), NS_ERR_EXPIRED);
    ExpectExpired(UINT64_MAX);
    ExpectAlive(request, 3);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Send(Numbered(kV4, 3)).empty());
  ExpectExpired(0);
  ExpectExpired(UINT64_MAX);
}

// More requests than any block of numbers that a thread may have taken.
TEST(Expiry, ValuesNeverRepeat) {
  std::unordered_set<ns_request> seen;
  Wire wire;
  const Handler handler([&](ns_request request) {
    EXPECT_NE(request, 0u);
    EXPECT_TRUE(seen.insert(request).second);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  const Bytes packet = Numbered(kV4, 1);
  const auto inject = [&](int count) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(support::Inject(wire.link(), packet), NS_OK);
  };
  for (int i = 0; i < 4; ++i) {
    inject(20'000);
    std::thread([&] { inject(100); }).join();
  }
  EXPECT_EQ(seen.size(), 80'400u);
}

TEST(NestedCallback, OuterRequestIsUsableInsideAndTheInnerIsExpiredAfter) {
  Wire wire;
  ns_request outer = 0;
  ns_request inner = 0;
  const Handler handler([&](ns_request request) {
    if (outer != 0) {
      inner = request;
      ExpectAlive(outer, 1);
      ExpectAlive(inner, 2);
      EXPECT_EQ(ns_request_reply(outer), NS_OK);
      return NS_VERDICT_CONSUMED;
    }
    outer = request;
    EXPECT_EQ(support::Inject(wire.link(), Numbered(kV6, 2)), NS_OK);
    ExpectExpired(inner);
    ExpectAlive(outer, 1);
    EXPECT_EQ(ns_request_reply(outer), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  const std::vector<Bytes> sent = wire.Send(Numbered(kV4, 1));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(support::Read(sent[0])->sequence, 1);
  ExpectExpired(outer);
  ExpectExpired(inner);
  EXPECT_EQ(handler.calls(), 2);
}

TEST(NestedCallback, SuccessorDoesNotFindItsPredecessor) {
  Wire wire;
  bool outermost = true;
  std::vector<ns_request> earlier;
  const Handler handler([&](ns_request request) {
    for (const ns_request before : earlier) ExpectExpired(before);
    if (!outermost) {
      earlier.push_back(request);
      return NS_VERDICT_CONSUMED;
    }
    outermost = false;
    for (uint16_t i = 2; i < 6; ++i) {
      EXPECT_EQ(support::Inject(wire.link(), Numbered(kV4, i)), NS_OK);
      for (const ns_request before : earlier) ExpectExpired(before);
    }
    ExpectAlive(request, 1);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Send(Numbered(kV4, 1)).empty());
  EXPECT_EQ(earlier.size(), 4u);
}

// A callback that is left by a jump: against the rules in C, but what a
// recovered panic above C looks like from below.
struct Leaver {
  jmp_buf back;
  ns_request request = 0;
  bool leave = true;
};

ns_verdict LeaveByJump(void* user_data, ns_request request) {
  auto* const leaver = static_cast<Leaver*>(user_data);
  leaver->request = request;
  if (leaver->leave) longjmp(leaver->back, 1);
  return ns_request_reply(request) == NS_OK ? NS_VERDICT_CONSUMED : -1;
}

// No object with a destructor lives here while the jump passes. What it leaves
// behind stands deeper than later calls reach, whatever a compiler makes of them:
// so it can be told by its place that it is gone.
[[gnu::noinline]] void InjectAndLand(Leaver* leaver, ns_link* link, const uint8_t* packet,
                                     size_t length) {
  volatile unsigned char deep[16'384];
  deep[0] = 0;
  deep[sizeof deep - 1] = 0;
  if (setjmp(leaver->back) == 0) static_cast<void>(ns_link_inject(link, packet, length));
}

TEST(LeftWithoutReturning, DoesNotBreakTheNextCall) {
  Wire wire;
  Leaver leaver;
  ns_icmp_forwarder* made = nullptr;
  ASSERT_EQ(ns_icmp_forwarder_new(nullptr, LeaveByJump, &leaver, nullptr, &made, nullptr), NS_OK);
  const support::ForwarderHandle forwarder(made);
  ASSERT_EQ(ns_stack_set_icmp_forwarder(wire.stack(), NS_FAMILY_ANY, made, nullptr), NS_OK);
  const Bytes packet = Numbered(kV4, 1);
  // More often than callbacks may nest.
  for (int i = 0; i < 40; ++i) {
    leaver.leave = true;
    InjectAndLand(&leaver, wire.link(), packet.data(), packet.size());
    ExpectExpired(leaver.request);
    leaver.leave = false;
    ASSERT_EQ(wire.Send(packet).size(), 1u) << i;
  }
  // Whoever removes the handler must not wait for a call that will never return.
  support::RemoveForwarder(wire.stack());
  EXPECT_EQ(wire.Counter("forwarder.failed"), 0u);
}

TEST(LeftWithoutReturning, DoesNotBreakTheCallbackAroundIt) {
  Wire inside;
  Leaver leaver;
  ns_icmp_forwarder* made = nullptr;
  ASSERT_EQ(ns_icmp_forwarder_new(nullptr, LeaveByJump, &leaver, nullptr, &made, nullptr), NS_OK);
  const support::ForwarderHandle forwarder(made);
  ASSERT_EQ(ns_stack_set_icmp_forwarder(inside.stack(), NS_FAMILY_ANY, made, nullptr), NS_OK);
  const Bytes packet = Numbered(kV4, 1);
  Wire around;
  const Handler handler([&](ns_request request) {
    for (int i = 0; i < 12; ++i) {
      InjectAndLand(&leaver, inside.link(), packet.data(), packet.size());
      ExpectExpired(leaver.request);
    }
    ExpectAlive(request, 9);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(around.stack());
  EXPECT_EQ(around.Send(Numbered(kV6, 9)).size(), 1u);
  EXPECT_EQ(handler.calls(), 1);
  support::RemoveForwarder(inside.stack());
  support::RemoveForwarder(around.stack());
}

}  // namespace
