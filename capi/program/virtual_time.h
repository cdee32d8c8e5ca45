// Time that goes as far as it is told to, from one timer of a stack to the next.
#ifndef CAPI_PROGRAM_VIRTUAL_TIME_H_
#define CAPI_PROGRAM_VIRTUAL_TIME_H_

#include <netstack/netstack.h>

#include <cstdint>

#include "handles.h"

namespace program {

class VirtualTime {
 public:
  explicit VirtualTime(uint64_t start_ns);

  [[nodiscard]] ns_clock* clock() const noexcept { return clock_.get(); }
  [[nodiscard]] uint64_t Now() const noexcept { return ns_clock_get_now(clock_.get()); }

  // Runs the stack's timers up to and at `time_ns`, each at its own time, and
  // ends there. A time in the past is now.
  void RunUntil(ns_stack* stack, uint64_t time_ns) const;

  // Runs timers as long as there are any, but not longer than `limit_ns` from now.
  void RunOut(ns_stack* stack, uint64_t limit_ns) const;

 private:
  void RunTimers(ns_stack* stack, uint64_t until_ns) const;
  void MoveTo(uint64_t time_ns) const;

  ClockHandle clock_;
};

}  // namespace program

#endif  // CAPI_PROGRAM_VIRTUAL_TIME_H_
