/**
 * @file
 * Clocks: where a stack's time comes from. Without one of these a stack uses the system's.
 */
#ifndef NETSTACK_HPP_CLOCK_HPP
#define NETSTACK_HPP_CLOCK_HPP

#include <netstack/clock.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <netstack/hpp/callback.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/owner.hpp>
#include <optional>
#include <utility>

namespace netstack {

/** A time, since the clock's own beginning, or how long something takes. */
using Nanoseconds = std::chrono::nanoseconds;

/** The time now, never going back. May be called by any thread. An exception stands for the time
 *  that it showed last. */
using ClockNow = std::function<Nanoseconds()>;

/** Waits until `descriptor` is readable or the clock shows `deadline` (none: for ever). Returning
 *  early is allowed. What it throws ends the Stack::Run() or Stack::Ping() that waits, whatever
 *  takes errors there. */
using ClockWait = std::function<void(int descriptor, std::optional<Nanoseconds> deadline)>;

/** What a clock of the embedder's has beside the time. */
struct ClockOptions {
  ClockNow wall_now; /**< Since 1970 UTC, for captures. Empty: the time now. */
  ClockWait wait;    /**< Empty: Stack::Run() refuses the clock. */
};

namespace detail {

// The C ABI's 64 bits reach further than std::chrono's 63, whose end is 292 years away.
inline std::uint64_t ToC(Nanoseconds time, const char* what) {
  if (time.count() < 0) throw Error(Status::kInvalidArgument, std::string(what) + " is negative");
  return static_cast<std::uint64_t>(time.count());
}
inline Nanoseconds FromC(std::uint64_t time) noexcept {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  return Nanoseconds(time < static_cast<std::uint64_t>(kMax) ? static_cast<std::int64_t>(time)
                                                             : kMax);
}
inline std::optional<Nanoseconds> DeadlineFromC(std::uint64_t deadline) noexcept {
  if (deadline == NS_TIME_NEVER) return std::nullopt;
  return FromC(deadline);
}

// One of the two times of a clock.
struct Time {
  ClockNow now;
  std::atomic<std::uint64_t> last{0};

  std::uint64_t Read() noexcept {
    try {
      const std::uint64_t time = ToC(now(), "the clock's time");
      last.store(time, std::memory_order_relaxed);
      return time;
    } catch (...) {
      TakeCurrentException();
      return last.load(std::memory_order_relaxed);
    }
  }
};

struct ClockState {
  Time time;
  Time wall;
  ClockWait wait;

  static std::uint64_t Now(void* state) noexcept {
    return static_cast<ClockState*>(state)->time.Read();
  }
  static std::uint64_t WallNow(void* state) noexcept {
    return static_cast<ClockState*>(state)->wall.Read();
  }
  static ns_status Wait(void* state, int descriptor, std::uint64_t deadline) noexcept {
    try {
      static_cast<ClockState*>(state)->wait(descriptor, DeadlineFromC(deadline));
      return NS_OK;
    } catch (...) {
      ParkCurrentException();
      return NS_ERR_INTERNAL;
    }
  }
};

}  // namespace detail

/** A source of time. A stack that was made with it shares it. */
class Clock : public Owner<ns_clock, ns_clock_free> {
 public:
  using Owner::Owner;

  /**
   * Makes a clock that stands still until Advance(). [any thread]
   *
   * A stack with such a clock is driven by Stack::Poll(); Stack::Run() refuses it.
   *
   * @param start The first time it shows; also as wall time, since 1970 UTC.
   * @throws Error kInvalidArgument: negative; kNoMemory
   */
  static Clock Manual(Nanoseconds start = Nanoseconds(0)) {
    const std::uint64_t first = detail::ToC(start, "the clock's start");
    return detail::Make<Clock>("Clock::Manual", [first](ns_clock** out, ns_error**) {
      return ns_clock_manual_new(first, out);
    });
  }

  /**
   * Makes a clock out of functions. [any thread]
   *
   * @param now     The time now.
   * @param options Its other functions.
   * @throws Error kInvalidArgument: `now` is empty; kNoMemory
   */
  static Clock Callback(ClockNow now, ClockOptions options = {}) {
    if (!now) throw Error(Status::kInvalidArgument, "the clock's function is empty");
    auto state = std::make_unique<detail::ClockState>();
    state->time.now = std::move(now);
    state->wall.now = std::move(options.wall_now);
    state->wait = std::move(options.wait);
    ns_clock_options c_options;
    ns_clock_options_init(&c_options, sizeof c_options);
    if (state->wall.now) c_options.wall_now = &detail::ClockState::WallNow;
    if (state->wait) c_options.wait = &detail::ClockState::Wait;
    return detail::Make<Clock>("Clock::Callback", ns_clock_callback_new, &c_options,
                               &detail::ClockState::Now, state.release(),
                               &detail::Destroy<detail::ClockState>);
  }

  /**
   * Moves a manual clock on. Timers that become due run at the next Stack::Poll(). [any thread]
   *
   * @throws Error kUnsupported: not a manual clock; kInvalidArgument: negative
   */
  void Advance(Nanoseconds by) {
    Check(ns_clock_advance(get(), detail::ToC(by, "the time to advance by")), nullptr,
          "Clock::Advance");
  }

  /** The time that it shows; 0, if this is empty. [any thread] Throws what its function threw. */
  [[nodiscard]] Nanoseconds Now() const {
    detail::Frame frame;
    const std::uint64_t now = ns_clock_get_now(get());
    frame.Rethrow();
    return detail::FromC(now);
  }
};

}  // namespace netstack

#endif  // NETSTACK_HPP_CLOCK_HPP
