// What an ns_stack is, and how every function gets from it to the stack.
#ifndef NETSTACK_CAPI_SRC_STACK_HANDLE_H_
#define NETSTACK_CAPI_SRC_STACK_HANDLE_H_

#include <netstack/stack.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "convert.h"
#include "guard.h"
#include "netstack/base/entry.h"
#include "netstack/base/origin.h"
#include "netstack/base/registry.h"
#include "netstack/stack/stack.h"

// Retired by ns_stack_free(), so that calls which are under way still find it.
struct ns_stack final : netstack::base::Retired {
  std::shared_ptr<netstack::stack::Stack> stack;
};
struct ns_clock {
  std::shared_ptr<netstack::base::Clock> clock;
  netstack::base::Origin origin;
};
struct ns_random {
  std::shared_ptr<netstack::base::Random> random;
  netstack::base::Origin origin;
};

namespace netstack::capi {

// What a fork's child is told that uses more than what it made itself.
inline base::Error Inherited(const char* what) {
  return {base::Status::kClosed,
          std::string(what) + " belongs to the process that forked this one"};
}

// Runs `body(Stack&)`, which returns a base::Error, inside an Entry.
template <typename Body>
ns_status WithStack(ns_stack* handle, ns_error** out_error, Body&& body) noexcept {
  return Guard(out_error, [&]() -> base::Error {
    if (handle == nullptr) return base::Invalid("stack is NULL");
    const base::Entry entry;
    if (!entry) return {base::Status::kNoMemory, "no memory for this thread's record"};
    if (handle->stack->inherited()) return Inherited("the stack");
    return std::forward<Body>(body)(*handle->stack);
  });
}

// The stack itself, for calls that outlast an Entry; null in the child of a fork.
std::shared_ptr<stack::Stack> Share(const ns_stack* handle) noexcept;

// Converts an array of the C ABI's. `what` names it in errors.
template <typename To, typename From>
base::Error ReadArray(const From* array, size_t count, const char* what, std::vector<To>* out) {
  if (array == nullptr && count != 0) {
    return base::Invalid(std::string(what) + " is NULL, though its count is not 0");
  }
  if (count > out->max_size()) {
    return base::Invalid(std::string(what) + " has a count that no array has");
  }
  out->reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const std::optional<To> item = FromC(array[i]);
    if (!item) {
      return base::Invalid(std::string(what) + "[" + std::to_string(i) +
                           "] is neither IPv4 nor IPv6, or too long a prefix for that");
    }
    out->push_back(*item);
  }
  return {};
}

// Reads text. `what` names the argument.
base::Error ReadPrefix(const char* text, const char* what, wire::Prefix* out);
base::Error ReadAddress(const char* text, const char* what, wire::ParsedAddress* out);

// Which families a ns_family names; nothing for one that it does not.
struct Families {
  bool ipv4;
  bool ipv6;
};
std::optional<Families> FromC(ns_family family) noexcept;

}  // namespace netstack::capi

#endif  // NETSTACK_CAPI_SRC_STACK_HANDLE_H_
