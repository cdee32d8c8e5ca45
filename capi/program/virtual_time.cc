#include "virtual_time.h"

namespace program {

namespace {

ClockHandle MakeClock(uint64_t start_ns) {
  ns_clock* clock = nullptr;
  const ns_status status = ns_clock_manual_new(start_ns, &clock);
  if (status != NS_OK) throw Failure(kExitFailed, ns_status_name(status));
  return ClockHandle(clock);
}

}  // namespace

VirtualTime::VirtualTime(uint64_t start_ns) : clock_(MakeClock(start_ns)) {}

void VirtualTime::RunUntil(ns_stack* stack, uint64_t time_ns) const {
  RunTimers(stack, time_ns);
  MoveTo(time_ns);
}

void VirtualTime::RunOut(ns_stack* stack, uint64_t limit_ns) const {
  RunTimers(stack, Now() + limit_ns);
}

void VirtualTime::RunTimers(ns_stack* stack, uint64_t until_ns) const {
  for (;;) {
    const uint64_t deadline = ns_stack_get_next_deadline(stack);
    if (deadline > until_ns) return;
    MoveTo(deadline);
    Call(ns_stack_poll, stack, nullptr);
  }
}

void VirtualTime::MoveTo(uint64_t time_ns) const {
  const uint64_t now = Now();
  // Can't fail: the clock is a manual one.
  if (time_ns > now) static_cast<void>(ns_clock_advance(clock_.get(), time_ns - now));
}

}  // namespace program
