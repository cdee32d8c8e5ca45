/**
 * @file
 * Random sources: where a stack's unpredictable numbers come from. Without one of these a stack
 * uses the system's.
 */
#ifndef NETSTACK_HPP_RANDOM_HPP
#define NETSTACK_HPP_RANDOM_HPP

#include <netstack/random.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <netstack/hpp/callback.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/owner.hpp>
#include <utility>

namespace netstack {

/** 64 random bits. May be called by any thread; calls may overlap. An exception stands for some
 *  number that is none of 0 and the last one. */
using RandomNext = std::function<std::uint64_t()>;

namespace detail {

struct RandomState {
  RandomNext next;
  std::atomic<std::uint64_t> substitute{0};

  static std::uint64_t Next(void* user_data) noexcept {
    auto* state = static_cast<RandomState*>(user_data);
    try {
      return state->next();
    } catch (...) {
      TakeCurrentException();
      // An odd step passes every number before it comes round: no search for a free one is endless.
      return state->substitute.fetch_add(0x9e3779b97f4a7c15) + 0x9e3779b97f4a7c15;
    }
  }
};

}  // namespace detail

/** A source of random numbers. A stack that was made with it shares it. */
class Random : public Owner<ns_random, ns_random_free> {
 public:
  using Owner::Owner;

  /**
   * Makes a source that gives the same numbers for the same seed, on every machine. For tests and
   * replays, not for secrets. [any thread]
   *
   * @throws Error kNoMemory
   */
  static Random Seeded(std::uint64_t seed) {
    return detail::Make<Random>("Random::Seeded", [seed](ns_random** out, ns_error**) {
      return ns_random_seeded_new(seed, out);
    });
  }

  /**
   * Makes a source out of a function. [any thread]
   *
   * @throws Error kInvalidArgument: `next` is empty; kNoMemory
   */
  static Random Callback(RandomNext next) {
    if (!next) throw Error(Status::kInvalidArgument, "the random function is empty");
    auto state = std::make_unique<detail::RandomState>();
    state->next = std::move(next);
    return detail::Make<Random>("Random::Callback", [&state](ns_random** out, ns_error**) {
      return ns_random_callback_new(&detail::RandomState::Next, state.release(),
                                    &detail::Destroy<detail::RandomState>, out);
    });
  }
};

}  // namespace netstack

#endif  // NETSTACK_HPP_RANDOM_HPP
