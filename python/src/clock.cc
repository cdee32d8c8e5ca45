#include "clock.h"

#include <poll.h>

#include <algorithm>
#include <ctime>
#include <optional>

#include "gil.h"

namespace netstack::python {

namespace {

constexpr Nanoseconds kSlice = std::chrono::milliseconds(50);
constexpr Nanoseconds kBetweenLooks = std::chrono::milliseconds(20);

unsigned long main_thread = 0;

thread_local PendingEnd* innermost_end = nullptr;
thread_local Nanoseconds last_look{0};

Nanoseconds Read(clockid_t id) noexcept {
  timespec time{};
  clock_gettime(id, &time);
  return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}
Nanoseconds Now() noexcept { return Read(CLOCK_MONOTONIC); }

// Python runs them on its main thread alone.
void RunSignalHandlers() {
  if (PyThread_get_thread_ident() != main_thread) return;
  InPython(0, [] {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    return 0;
  });
}

void Wait(int descriptor, std::optional<Nanoseconds> deadline) {
  if (innermost_end != nullptr) innermost_end->Rethrow();
  Nanoseconds time = kSlice;
  if (deadline) time = std::clamp(*deadline - Now(), Nanoseconds(0), kSlice);
  pollfd waiting{descriptor, POLLIN, 0};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const timespec timeout{static_cast<time_t>(seconds.count()),
                         static_cast<long>((time - seconds).count())};
  const bool interrupted = ppoll(&waiting, 1, &timeout, nullptr) < 0;
  const Nanoseconds now = Now();
  if (!interrupted && now - last_look < kBetweenLooks) return;
  last_look = now;
  RunSignalHandlers();
}

}  // namespace

PendingEnd::PendingEnd() noexcept : outer_(std::exchange(innermost_end, this)) {}
PendingEnd::~PendingEnd() { innermost_end = outer_; }

Clock InterruptibleClock() {
  ClockOptions options;
  options.wall_now = [] { return Read(CLOCK_REALTIME); };
  options.wait = &Wait;
  return Clock::Callback(&Now, std::move(options));
}

void BindClock(py::module_& module) {
  const auto threading = py::module_::import("threading");
  main_thread = py::cast<unsigned long>(threading.attr("main_thread")().attr("ident"));
  py::class_<ClockObject>(module, "Clock", py::is_final())
      .def(py::init([](std::int64_t start) {
             return ClockObject{std::make_shared<Clock>(Clock::Manual(Nanoseconds(start)))};
           }),
           py::arg("start_ns"))
      .def(
          "advance",
          [](ClockObject& clock, std::int64_t by) { clock.clock->Advance(Nanoseconds(by)); },
          py::arg("nanoseconds"))
      .def_property_readonly("now_ns",
                             [](const ClockObject& clock) { return clock.clock->Now().count(); });
}

}  // namespace netstack::python
