#include <netstack/stats.h>

#include "netstack/base/thread_record.h"
#include "netstack/base/user_call.h"
#include "stack_handle.h"

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::base::Status;
using netstack::base::UserCall;
using netstack::capi::WithStack;
using netstack::stack::Stack;

ns_status ns_stack_for_each_counter(ns_stack* stack, ns_counter_fn visit,
                                    void* user_data) noexcept {
  return WithStack(stack, nullptr, [&](Stack& s) -> Error {
    if (visit == nullptr) return Invalid("visit is NULL");
    if (s.closed()) return {Status::kClosed, "the stack is closed"};
    const UserCall call(*netstack::base::ThreadRecord::Current());
    s.ForEachCounter(
        [&](const char* name, uint64_t value) { return visit(user_data, name, value) == 0; });
    return {};
  });
}

ns_status ns_stack_get_counter(ns_stack* stack, const char* name, uint64_t* out_value) noexcept {
  return WithStack(stack, nullptr, [&](Stack& s) -> Error {
    if (name == nullptr || out_value == nullptr) return Invalid("an argument is NULL");
    if (s.closed()) return {Status::kClosed, "the stack is closed"};
    return s.GetCounter(name, out_value);
  });
}
