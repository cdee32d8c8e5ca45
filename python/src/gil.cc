#include "gil.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace netstack::python {

namespace {

// The thread that ends the interpreter; 0: none does.
std::atomic<unsigned long> ending_thread{0};
// Threads that are inside the library, or on their way back.
std::atomic<int> inside{0};
// How often this one is, for calls of callbacks nest.
thread_local int inside_here = 0;

}  // namespace

void FollowForks() noexcept {
  pthread_atfork(nullptr, nullptr, [] { inside.store(inside_here, std::memory_order_relaxed); });
}

bool IsTooLate() noexcept {
  const unsigned long ending = ending_thread.load(std::memory_order_acquire);
  return ending != 0 && ending != PyThread_get_thread_ident();
}

void WaitForTheEnd() noexcept {
  for (;;) pause();
}

void PrepareExit(std::chrono::nanoseconds patience) {
  ending_thread.store(PyThread_get_thread_ident(), std::memory_order_release);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const py::gil_scoped_release released;
  while (inside.load(std::memory_order_acquire) != 0 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

PyThreadState* LeavePython() noexcept {
  inside.fetch_add(1, std::memory_order_relaxed);
  ++inside_here;
  return PyEval_SaveThread();
}

void ReturnToPython(PyThreadState* thread) noexcept {
  if (IsTooLate()) {
    inside.fetch_sub(1, std::memory_order_release);
    WaitForTheEnd();
  }
  try {
    PyEval_RestoreThread(thread);
  } catch (const abi::__forced_unwind&) {
    WaitForTheEnd();
  }
  // Not before: who waits for the GIL here is still to be waited for.
  --inside_here;
  inside.fetch_sub(1, std::memory_order_release);
}

}  // namespace netstack::python
