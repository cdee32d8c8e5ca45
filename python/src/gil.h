// The interpreter's lock (GIL): given up around calls of the library, taken for its callbacks.
#ifndef NETSTACK_PYTHON_GIL_H
#define NETSTACK_PYTHON_GIL_H

#include <cxxabi.h>
#include <pybind11/pybind11.h>

#include <chrono>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace netstack::python {

namespace py = pybind11;

// Whether the interpreter ends and this is not the thread that ends it: such a thread must not
// come back to Python, which would end it in the middle of C++.
bool IsTooLate() noexcept;

// Where a thread ends that would come back too late. The process ends without it.
[[noreturn]] void WaitForTheEnd() noexcept;

// Once. The child of a fork has but one thread.
void FollowForks() noexcept;

// From now on every other thread is too late. Waits until those that are inside the library have
// left it, at most for `patience`.
void PrepareExit(std::chrono::nanoseconds patience);

// The way out of Python and back.
PyThreadState* LeavePython() noexcept;
void ReturnToPython(PyThreadState* thread) noexcept;

// Calls `function` and gives what it throws, if anything.
template <typename Function>
std::exception_ptr Caught(Function&& function) {
  try {
    std::forward<Function>(function)();
  } catch (const abi::__forced_unwind&) {
    WaitForTheEnd();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

// Calls `function` without the GIL; around everything that may deliver packets or wait. Comes back
// outside of every catch block: inside one an unwound thread would end the process.
template <typename Function>
std::invoke_result_t<Function> WithoutGil(Function&& function) {
  using Result = std::invoke_result_t<Function>;
  PyThreadState* const thread = LeavePython();
  if constexpr (std::is_void_v<Result>) {
    const std::exception_ptr failure = Caught(std::forward<Function>(function));
    ReturnToPython(thread);
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<Result> result;
    const std::exception_ptr failure =
        Caught([&] { result.emplace(std::forward<Function>(function)()); });
    ReturnToPython(thread);
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }
}

// The GIL, held by a callback.
class Gil {
 public:
  Gil() : state_(PyGILState_Ensure()) {}
  ~Gil() { PyGILState_Release(state_); }
  Gil(const Gil&) = delete;
  Gil& operator=(const Gil&) = delete;

 private:
  PyGILState_STATE state_;
};

// Runs the body of a callback with the GIL; gives `too_late` without it, if the interpreter ends.
// Up to Python 3.13 a thread that asks for the GIL too late is unwound, which no C++ may stop.
template <typename Result, typename Body>
Result InPython(Result too_late, Body&& body) {
  if (IsTooLate()) return too_late;
  try {
    const Gil gil;
    return std::forward<Body>(body)();
  } catch (const abi::__forced_unwind&) {
    WaitForTheEnd();
  }
}

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_GIL_H
