#include "stack_loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>

#include "failure.h"
#include "handles.h"

namespace program {

namespace {

constexpr uint64_t kSecond = 1'000'000'000;

timespec TimeUntil(uint64_t deadline_ns) noexcept {
  const uint64_t now = Now();
  const uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
  return {static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
}

}  // namespace

uint64_t Now() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * kSecond + static_cast<uint64_t>(now.tv_nsec);
}

void Step(ns_stack* stack, std::span<pollfd> descriptors, uint64_t deadline_ns) {
  descriptors[0] = {ns_stack_get_descriptor(stack), POLLIN, 0};
  const uint64_t until = std::min(deadline_ns, ns_stack_get_next_deadline(stack));
  const timespec wait = TimeUntil(until);
  const int ready = ppoll(descriptors.data(), descriptors.size(),
                          until == NS_TIME_NEVER ? nullptr : &wait, nullptr);
  if (ready < 0) {
    if (errno != EINTR) throw Failure(kExitFailed, std::string("poll: ") + std::strerror(errno));
    for (pollfd& descriptor : descriptors) descriptor.revents = 0;
  }
  Call(ns_stack_poll, stack, nullptr);
}

}  // namespace program
