// Clocks: the manual one, and the system's as Python needs it.
#ifndef NETSTACK_PYTHON_CLOCK_H
#define NETSTACK_PYTHON_CLOCK_H

#include <pybind11/pybind11.h>

#include <exception>
#include <memory>
#include <netstack/netstack.hpp>
#include <utility>

namespace netstack::python {

namespace py = pybind11;

// A ManualClock's; shared with the stacks that were made with it.
struct ClockObject {
  std::shared_ptr<Clock> clock;
};

// The system's time, and a wait in which Python's signal handlers run: at most 50 ms pass between
// two looks at them.
Clock InterruptibleClock();

// What ends a run on this thread at its next wait: neither the handler that raised it nor the
// packets that came with it are to end the stack.
class PendingEnd {
 public:
  PendingEnd() noexcept;
  ~PendingEnd();
  PendingEnd(const PendingEnd&) = delete;
  PendingEnd& operator=(const PendingEnd&) = delete;

  // False: there is one already.
  bool Set(std::exception_ptr error) noexcept {
    if (error_ != nullptr) return false;
    error_ = std::move(error);
    return true;
  }
  void Rethrow() {
    if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  PendingEnd* outer_;
  std::exception_ptr error_;
};

void BindClock(py::module_& module);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_CLOCK_H
