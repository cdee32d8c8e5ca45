#include "netstack/base/clock.h"

#include <algorithm>
#include <chrono>

#if defined(__unix__) || defined(__APPLE__)
#include <poll.h>
#endif
#if defined(__linux__)
#include <sys/epoll.h>

#include <cerrno>
#endif

namespace netstack::base {

namespace {
template <typename C>
uint64_t Nanoseconds() noexcept {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(C::now().time_since_epoch()).count());
}
}  // namespace

uint64_t SystemClock::Now() noexcept { return Nanoseconds<std::chrono::steady_clock>(); }
uint64_t SystemClock::WallNow() noexcept { return Nanoseconds<std::chrono::system_clock>(); }

Status SystemClock::Wait(int descriptor, uint64_t deadline) noexcept {
#if defined(__unix__) || defined(__APPLE__)
  int timeout = -1;
  if (deadline != UINT64_MAX) {
    const uint64_t now = Now();
    const uint64_t left = deadline > now ? deadline - now : 0;
    // Rounded up: woken a moment early, the loop would spin until it is time.
    timeout = static_cast<int>(std::min<uint64_t>((left + 999'999) / 1'000'000, 3'600'000));
  }
#if defined(__linux__)
  // A stack's descriptor is one of epoll(7). Asked itself it says what it has seen;
  // poll(2) would look at everything behind it, before the wait and after it.
  epoll_event event{};
  if (epoll_wait(descriptor, &event, 1, timeout) >= 0 || errno == EINTR) return Status::kOk;
#endif
  pollfd waiting{descriptor, POLLIN, 0};
  static_cast<void>(poll(&waiting, 1, timeout));
  return Status::kOk;
#else
  static_cast<void>(descriptor);
  static_cast<void>(deadline);
  return Status::kUnsupported;
#endif
}

}  // namespace netstack::base
