// A removal that waited against packets that come in meanwhile, a million times;
// and handlers that take each other away.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "lifetimes/tries.h"
#include "support/crowd.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoRequestTo;
using support::RunAtOnce;
using support::Tries;
using support::Wire;

// The handler of one try. It outlives the forwarder, so that a call which comes
// too late is counted and no accident.
struct Try {
  std::atomic<uint64_t> calls{0};
  std::atomic<uint64_t> late{0};  // calls that ran, or were running, when it was removed
  std::atomic<int> running{0};
  std::atomic<bool> removed{false};
  std::atomic<int> destroyed{0};

  static ns_verdict Call(void* data, ns_request) {
    auto* const self = static_cast<Try*>(data);
    ++self->running;
    const bool late = self->removed || self->destroyed != 0;
    ++self->calls;
    if (late || self->removed || self->destroyed != 0) ++self->late;
    --self->running;
    return NS_VERDICT_CONSUMED;
  }
  static void Destroy(void* data) {
    auto* const self = static_cast<Try*>(data);
    if (self->running != 0) ++self->late;
    ++self->destroyed;
  }

  // Leaves it to the stack alone.
  void InstallIn(ns_stack* stack, ns_family family) {
    ns_icmp_forwarder* forwarder = nullptr;
    ASSERT_EQ(ns_icmp_forwarder_new(nullptr, Call, this, Destroy, &forwarder, nullptr), NS_OK);
    ASSERT_EQ(ns_stack_set_icmp_forwarder(stack, family, forwarder, nullptr), NS_OK);
    ns_icmp_forwarder_free(forwarder);
  }
};

void Remove(ns_stack* stack) {
  ASSERT_EQ(ns_stack_set_icmp_forwarder(stack, NS_FAMILY_ANY, nullptr, nullptr), NS_OK);
}

// Delivers packets for as long as `done` is not said.
std::function<void()> Injector(const Wire& wire, const char* destination,
                               const std::atomic<bool>& done) {
  return [&wire, packet = Build(EchoRequestTo(destination)), &done] {
    while (!done) ASSERT_EQ(support::Inject(wire.link(), packet), NS_OK);
  };
}

TEST(RemovalRace, NoCallAfterARemovalThatWaited) {
  constexpr uint64_t kTries = Tries(1'000'000);
  // Every so many, the handler stays until it was called; the others do not.
  constexpr uint64_t kMeetings = 2'048;
  const Wire wire;
  std::vector<Try> tries(kTries);
  std::atomic<bool> done{false};
  uint64_t not_gone = 0;
  const auto remove_over_and_over = [&] {
    for (uint64_t i = 0; i < kTries; ++i) {
      // Three in four are replaced by the next one, the fourth is removed.
      tries[i].InstallIn(wire.stack(), NS_FAMILY_ANY);
      while (i % kMeetings == 0 && tries[i].calls == 0) std::this_thread::yield();
      Try* gone = i % 4 != 0 ? &tries[i - 1] : nullptr;
      if (i % 4 == 3) {
        gone->removed = true;
        Remove(wire.stack());
        gone = &tries[i];
      }
      if (gone == nullptr) continue;
      gone->removed = true;
      if (gone->destroyed != 1) ++not_gone;
    }
    done = true;
  };
  RunAtOnce(
      {remove_over_and_over, Injector(wire, "192.168.0.1", done), Injector(wire, "a::1", done)});
  Remove(wire.stack());
  uint64_t calls = 0;
  uint64_t late = 0;
  uint64_t not_destroyed_once = 0;
  for (const Try& each : tries) {
    calls += each.calls;
    late += each.late;
    if (each.destroyed != 1) ++not_destroyed_once;
  }
  EXPECT_EQ(late, 0u);
  EXPECT_EQ(not_gone, 0u);
  EXPECT_EQ(not_destroyed_once, 0u);
  EXPECT_GE(calls, kTries / kMeetings);
}

// Each handler replaces the other stack's with a new one that does the same:
// inside callbacks nobody waits, so nobody waits for the other.
class Duel {
 public:
  explicit Duel(uint64_t rounds) : left_(static_cast<int64_t>(rounds)) {
    for (size_t i = 0; i < 2; ++i) Arm(i);
  }

  void Fight() {
    std::vector<std::function<void()>> all;
    for (size_t i = 0; i < 2; ++i) {
      all.emplace_back([this, i] {
        const Bytes packet = Build(EchoRequestTo("192.168.0.1"));
        while (left_ > 0) ASSERT_EQ(support::Inject(wires_[i].link(), packet), NS_OK);
      });
    }
    // And one outside callbacks, who does wait.
    all.emplace_back([this] {
      while (left_ > 0) {
        for (size_t i = 0; i < 2; ++i) Arm(i);
      }
    });
    RunAtOnce(all);
    for (const Wire& wire : wires_) Remove(wire.stack());
  }

  [[nodiscard]] uint64_t made() const { return made_; }
  [[nodiscard]] uint64_t destroyed() const { return destroyed_; }
  [[nodiscard]] uint64_t destroyed_while_running() const { return destroyed_while_running_; }

 private:
  struct Fighter {
    Duel* duel;
    size_t other;
    std::atomic<int> running{0};
  };

  void Arm(size_t i) {
    auto* const fighter = new Fighter{this, 1 - i};
    ++made_;
    ns_icmp_forwarder* forwarder = nullptr;
    ASSERT_EQ(ns_icmp_forwarder_new(nullptr, Call, fighter, Destroy, &forwarder, nullptr), NS_OK);
    ASSERT_EQ(ns_stack_set_icmp_forwarder(wires_[i].stack(), NS_FAMILY_ANY, forwarder, nullptr),
              NS_OK);
    ns_icmp_forwarder_free(forwarder);
  }
  static ns_verdict Call(void* data, ns_request request) {
    auto* const self = static_cast<Fighter*>(data);
    ++self->running;
    self->duel->Arm(self->other);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    if (self->duel->left_ > 0) --self->duel->left_;
    --self->running;
    return NS_VERDICT_CONSUMED;
  }
  static void Destroy(void* data) {
    auto* const self = static_cast<Fighter*>(data);
    if (self->running != 0) ++self->duel->destroyed_while_running_;
    ++self->duel->destroyed_;
    delete self;
  }

  std::array<Wire, 2> wires_;
  std::atomic<int64_t> left_;
  std::atomic<uint64_t> made_{0};
  std::atomic<uint64_t> destroyed_{0};
  std::atomic<uint64_t> destroyed_while_running_{0};
};

TEST(RemovalRace, HandlersThatReplaceEachOtherOverAndOver) {
  Duel duel(Tries(200'000));
  duel.Fight();
  EXPECT_EQ(duel.destroyed(), duel.made());
  EXPECT_EQ(duel.destroyed_while_running(), 0u);
}

}  // namespace
