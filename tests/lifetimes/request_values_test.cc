// Values that are no request here and now: random, stale, another thread's. None
// ever hits, and none ever crashes.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <array>
#include <atomic>
#include <csetjmp>
#include <cstdint>
#include <functional>
#include <latch>
#include <utility>
#include <vector>

#include "lifetimes/tries.h"
#include "support/crowd.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::Tries;
using support::Wire;

// A cheap generator (xorshift64, Marsaglia): the library is what takes the time.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }

 private:
  uint64_t state_;
};

// Asks one of the functions that take a request, in turn; false if it hit.
bool Misses(ns_request request, uint64_t turn) {
  ns_packet_info info;
  const uint8_t* bytes = nullptr;
  std::array<uint8_t, 64> buffer;
  size_t length = 0;
  ns_packet* packet = nullptr;
  switch (turn % 5) {
    case 0:
      return ns_request_reply(request) == NS_ERR_EXPIRED;
    case 1:
      return ns_request_get_info(request, &info, sizeof info) == NS_ERR_EXPIRED;
    case 2:
      return ns_request_borrow_packet(request, &bytes, &length) == NS_ERR_EXPIRED;
    case 3:
      return ns_request_copy_packet(request, buffer.data(), buffer.size(), &length) ==
             NS_ERR_EXPIRED;
    default: {
      const bool misses = ns_request_ref_packet(request, &packet) == NS_ERR_EXPIRED;
      ns_packet_unref(packet);
      return misses;
    }
  }
}

// Half of them near the live one, where a wrong comparison would hit.
uint64_t HitsOfGuesses(uint64_t guesses, ns_request live, uint64_t seed) {
  Random random(seed);
  uint64_t hits = 0;
  for (uint64_t i = 0; i < guesses; ++i) {
    const uint64_t number = random.Next();
    const ns_request guess = i % 2 == 0 ? number : live ^ (number & (number >> 32) & 0xffffffff);
    if (guess != live && !Misses(guess, i)) ++hits;
  }
  return hits;
}

TEST(RequestValues, ThatAreGuessedNeverHit) {
  constexpr uint64_t kGuesses = Tries(100'000'000);
  Wire wire;
  uint64_t hits = 0;
  const Handler handler([&](ns_request request) {
    hits += HitsOfGuesses(kGuesses / 2, request, 1);
    EXPECT_EQ(ns_request_reply(request), NS_OK);  // what is live still is
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  hits += HitsOfGuesses(kGuesses - kGuesses / 2, 0, 2);  // outside callbacks nothing is live
  EXPECT_EQ(hits, 0u);
  EXPECT_EQ(handler.calls(), 1);
}

TEST(RequestValues, ThatHadTheirTimeNeverHitAgain) {
  constexpr uint64_t kRequests = Tries(200'000);
  Wire wire;
  std::vector<ns_request> stale;
  stale.reserve(kRequests);
  Random random(3);
  uint64_t hits = 0;
  const Handler handler([&](ns_request request) {
    for (uint64_t i = 0; i < 10 && !stale.empty(); ++i) {
      if (!Misses(stale[random.Next() % stale.size()], i)) ++hits;
    }
    if (!stale.empty() && !Misses(stale.back(), stale.size())) ++hits;
    stale.push_back(request);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  const Bytes packet = Build(EchoRequestTo("192.168.0.1"));
  for (uint64_t i = 0; i < kRequests; ++i) {
    ASSERT_EQ(support::Inject(wire.link(), packet), NS_OK);
  }
  for (size_t i = 0; i < stale.size(); ++i) {
    if (!Misses(stale[i], i)) ++hits;
  }
  EXPECT_EQ(stale.size(), kRequests);
  EXPECT_EQ(hits, 0u);
}

// Each thread tries what the others' handlers have at this very moment, inside
// its own handler and outside.
TEST(RequestValues, OfAnotherThreadNeverHit) {
  constexpr uint64_t kRounds = Tries(1'000'000);
  constexpr size_t kThreads = 3;
  Wire wire;
  std::array<std::atomic<ns_request>, kThreads> live{};
  std::atomic<uint64_t> hits{0};
  std::atomic<uint64_t> tried{0};
  std::atomic<uint64_t> replies{0};
  // In their first calls all are inside at once.
  std::latch all_inside(kThreads);
  std::latch all_tried(kThreads);
  std::array<bool, kThreads> met{};
  const auto try_others = [&](size_t mine, uint64_t round) {
    for (size_t other = 0; other < kThreads; ++other) {
      const ns_request request = live[other];
      if (other == mine || request == 0) continue;
      ++tried;
      if (!Misses(request, round + other)) ++hits;
    }
  };
  const Handler handler([&](ns_request request) {
    const size_t mine = support::InfoOf(request).sequence;
    live[mine] = request;
    const bool first = !std::exchange(met[mine], true);
    if (first) all_inside.arrive_and_wait();
    try_others(mine, mine);
    if (first) all_tried.arrive_and_wait();
    if (ns_request_reply(request) == NS_OK) ++replies;
    live[mine] = 0;
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  std::vector<std::function<void()>> all;
  for (size_t mine = 0; mine < kThreads; ++mine) {
    all.emplace_back([&, mine] {
      support::IcmpPacket packet = EchoRequestTo("192.168.0.1");
      packet.sequence = static_cast<uint16_t>(mine);
      const Bytes bytes = Build(packet);
      for (uint64_t round = 0; round < kRounds; ++round) {
        ASSERT_EQ(support::Inject(wire.link(), bytes), NS_OK);
        try_others(mine, round);
      }
    });
  }
  support::RunAtOnce(all);
  EXPECT_EQ(hits, 0u);
  EXPECT_EQ(replies, kThreads * kRounds);
  EXPECT_GE(tried, kThreads * (kThreads - 1));
}

// A handler that is left by a jump. The value that it had expires with that: no
// other call comes first, by which the library could have noticed.
struct Leaver {
  jmp_buf back;
  ns_request request = 0;

  static ns_verdict Handle(void* data, ns_request request) {
    auto* const self = static_cast<Leaver*>(data);
    self->request = request;
    longjmp(self->back, 1);
  }
};

// What the function `turn` says of a request whose handler was left a moment ago,
// asked from where the packet was injected. Nothing here has a destructor.
[[gnu::noinline]] ns_status AskWhereItLanded(Leaver* leaver, ns_link* link, const uint8_t* packet,
                                             size_t packet_length, int turn) {
  ns_packet_info info;
  const uint8_t* bytes = nullptr;
  uint8_t buffer[64];
  size_t length = 0;
  ns_packet* kept = nullptr;
  if (setjmp(leaver->back) == 0) {
    static_cast<void>(ns_link_inject(link, packet, packet_length));
    return NS_ERR_INTERNAL;
  }
  switch (turn) {
    case 0:
      return ns_request_reply(leaver->request);
    case 1:
      return ns_request_get_info(leaver->request, &info, sizeof info);
    case 2:
      return ns_request_borrow_packet(leaver->request, &bytes, &length);
    case 3:
      return ns_request_copy_packet(leaver->request, buffer, sizeof buffer, &length);
    default:
      return ns_request_ref_packet(leaver->request, &kept);
  }
}

TEST(RequestValues, OfAHandlerThatWasLeftByAJumpHaveExpired) {
  Wire wire;
  Leaver leaver;
  ns_icmp_forwarder* made = nullptr;
  ASSERT_EQ(ns_icmp_forwarder_new(nullptr, Leaver::Handle, &leaver, nullptr, &made, nullptr),
            NS_OK);
  const support::ForwarderHandle forwarder(made);
  ASSERT_EQ(ns_stack_set_icmp_forwarder(wire.stack(), NS_FAMILY_ANY, made, nullptr), NS_OK);
  const Bytes packet = Build(EchoRequestTo("192.168.0.1"));
  for (int turn = 0; turn < 5; ++turn) {
    EXPECT_EQ(AskWhereItLanded(&leaver, wire.link(), packet.data(), packet.size(), turn),
              NS_ERR_EXPIRED)
        << turn;
    EXPECT_TRUE(Misses(leaver.request, static_cast<uint64_t>(turn))) << turn;
  }
  support::RemoveForwarder(wire.stack());
}

}  // namespace
