// The library's handles as C++ owners, and its errors as exceptions.
#ifndef CAPI_PROGRAM_HANDLES_H_
#define CAPI_PROGRAM_HANDLES_H_

#include <netstack/netstack.h>

#include <memory>

#include "failure.h"

namespace program {

template <auto kFree>
struct Free {
  template <typename Object>
  void operator()(Object* object) const noexcept {
    kFree(object);
  }
};

using CaptureHandle = std::unique_ptr<ns_capture, Free<ns_capture_free>>;
using ClockHandle = std::unique_ptr<ns_clock, Free<ns_clock_free>>;
using ErrorHandle = std::unique_ptr<ns_error, Free<ns_error_free>>;
using ForwarderHandle = std::unique_ptr<ns_icmp_forwarder, Free<ns_icmp_forwarder_free>>;
using LinkHandle = std::unique_ptr<ns_link, Free<ns_link_free>>;
using PingSocketHandle = std::unique_ptr<ns_ping_socket, Free<ns_ping_socket_free>>;
using RandomHandle = std::unique_ptr<ns_random, Free<ns_random_free>>;
using StackHandle = std::unique_ptr<ns_stack, Free<ns_stack_free>>;

// Calls a function of the library whose last parameter is the error. What it
// says makes no sense came from the command line.
template <typename Function, typename... Arguments>
void Call(Function function, Arguments... arguments) {
  ns_error* raw = nullptr;
  const ns_status status = function(arguments..., &raw);
  const ErrorHandle error(raw);
  if (status == NS_OK) return;
  throw Failure(status == NS_ERR_INVALID_ARGUMENT ? kExitBadArguments : kExitFailed,
                raw != nullptr ? ns_error_message(raw) : ns_status_name(status));
}

// The same for a function that makes an object.
template <typename Handle, typename Function, typename... Arguments>
Handle Make(Function function, Arguments... arguments) {
  typename Handle::pointer raw = nullptr;
  Call(function, arguments..., &raw);
  return Handle(raw);
}

}  // namespace program

#endif  // CAPI_PROGRAM_HANDLES_H_
