// Ctrl-C and SIGTERM: they end a stack's loop instead of the program.
#ifndef CAPI_PROGRAM_STOP_SIGNALS_H_
#define CAPI_PROGRAM_STOP_SIGNALS_H_

#include <netstack/stack.h>
#include <signal.h>

namespace program {

// Lives while the loop runs; there is one at a time. A signal stops the stack, if
// there is one, which makes its descriptor readable for good: whoever waits for
// it wakes up, whether the signal came before the wait or during it.
class StopSignals {
 public:
  explicit StopSignals(ns_stack* stack) noexcept;
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  [[nodiscard]] static bool Caught() noexcept;

 private:
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

}  // namespace program

#endif  // CAPI_PROGRAM_STOP_SIGNALS_H_
