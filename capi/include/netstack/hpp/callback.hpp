/**
 * @file
 * What becomes of an exception that a callback throws.
 *
 * No exception may cross the C ABI. The veneer catches it (any, not only std::exception), tells the
 * library that the callback failed, and throws it again from the veneer's call beneath which the
 * callback ran: Link::Inject(), Stack::Poll(), Stack::Ping(), PingSocket::Send() or any other but
 * Request::Reply(), which leaves it to the call that brought the request. The work of that call is
 * done all the same. Stack::Run() can hand each exception to a function and go on.
 *
 * Two kinds have nowhere to go: what is thrown when there already is an exception to throw again,
 * and what is thrown beneath no call of the veneer (a destructor, or a call that another program
 * part made by the C ABI or by another copy of this header in a shared library of its own). They go
 * to the hook of SetUnhandledErrorHook().
 */
#ifndef NETSTACK_HPP_CALLBACK_HPP
#define NETSTACK_HPP_CALLBACK_HPP

#include <netstack/base.h>
#include <netstack/stack.h>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <netstack/hpp/error.hpp>
#include <utility>

namespace netstack {

/** Takes an exception that nobody could throw again. What it throws itself is lost. */
using UnhandledErrorHook = void (*)(std::exception_ptr error);

namespace detail {
inline std::atomic<UnhandledErrorHook> unhandled_error_hook{nullptr};
}  // namespace detail

/**
 * Sets what takes exceptions that have nowhere to go; see above. [any thread]
 *
 * @param hook Called on the thread that threw, inside the callback. Null, as in the beginning:
 *             nothing is called, and the stack's counters alone tell ("forwarder.failed").
 * @return The hook that was there.
 */
inline UnhandledErrorHook SetUnhandledErrorHook(UnhandledErrorHook hook) noexcept {
  return detail::unhandled_error_hook.exchange(hook);
}

/** Takes what callbacks throw beneath Stack::Run(). */
using ErrorHandler = std::function<void(std::exception_ptr error)>;

namespace detail {

inline void ReportUnhandled(std::exception_ptr error) noexcept {
  const UnhandledErrorHook hook = unhandled_error_hook.load();
  if (hook == nullptr) return;
  try {
    hook(std::move(error));
  } catch (...) {
    return;
  }
}

class Frame;
inline thread_local Frame* innermost_frame = nullptr;

// A call of the veneer's that is under way on this thread: the place where exceptions of callbacks
// beneath it are parked.
class Frame {
 public:
  Frame() noexcept : outer_(innermost_frame) { innermost_frame = this; }
  // Stack::Run()'s: hands what comes to `on_error`; what it can't hand on ends the run.
  Frame(ns_stack* running, const ErrorHandler& on_error) noexcept : Frame() {
    running_ = running;
    if (on_error) on_error_ = &on_error;
  }
  ~Frame() { innermost_frame = outer_; }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  // Keeps it to be thrown again.
  void Park(std::exception_ptr error) noexcept {
    if (parked_ != nullptr) return ReportUnhandled(std::move(error));
    parked_ = std::move(error);
  }
  // Hands it to who wants it, or else keeps it, which ends a run.
  void Take(std::exception_ptr error) noexcept {
    if (on_error_ != nullptr && parked_ == nullptr) {
      try {
        return (*on_error_)(std::move(error));
      } catch (...) {
        error = std::current_exception();
      }
    }
    Park(std::move(error));
    ns_stack_stop(running_);
  }
  void Rethrow() {
    if (parked_ != nullptr) std::rethrow_exception(std::exchange(parked_, nullptr));
  }

 private:
  Frame* outer_;
  ns_stack* running_ = nullptr;
  const ErrorHandler* on_error_ = nullptr;
  std::exception_ptr parked_;
};

// The exception that is being handled goes where it belongs.
inline void TakeCurrentException() noexcept {
  if (innermost_frame == nullptr) return ReportUnhandled(std::current_exception());
  innermost_frame->Take(std::current_exception());
}
// The same for one that no other function may take.
inline void ParkCurrentException() noexcept {
  if (innermost_frame == nullptr) return ReportUnhandled(std::current_exception());
  innermost_frame->Park(std::current_exception());
}

// Runs the body of a callback; `failed` is what the library gets if it throws.
template <typename Result, typename Body>
Result Contain(Result failed, Body&& body) noexcept {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    TakeCurrentException();
    return failed;
  }
}

// What the library owns of a callback, and how it ends it.
template <typename State>
void Destroy(void* state) {
  delete static_cast<State*>(state);
}

// Calls a function of the C ABI that may run callbacks, and returns its status.
template <typename Function, typename... Arguments>
ns_status Enter(Function function, Arguments... arguments) {
  Frame frame;
  const ns_status status = function(arguments...);
  frame.Rethrow();
  return status;
}

// The same for one whose last parameter is the error. `what` begins the sentence where it has none.
template <typename Function, typename... Arguments>
void Call(const char* what, Function function, Arguments... arguments) {
  Frame frame;
  ns_error* error = nullptr;
  const ns_status status = function(arguments..., &error);
  std::unique_ptr<ns_error, FreeError> owned(error);
  frame.Rethrow();
  Check(status, owned.release(), what);
}

// The same for one that makes an object, which its owner has before anything is thrown.
template <typename Made, typename Function, typename... Arguments>
Made Make(const char* what, Function function, Arguments... arguments) {
  Made made;
  Call(what, [&](ns_error** error) {
    typename Made::Object* object = nullptr;
    const ns_status status = function(arguments..., &object, error);
    made = Made(object);
    return status;
  });
  return made;
}

}  // namespace detail
}  // namespace netstack

#endif  // NETSTACK_HPP_CALLBACK_HPP
