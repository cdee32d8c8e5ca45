// The only place where C++ exceptions become statuses.
#ifndef NETSTACK_CAPI_SRC_GUARD_H_
#define NETSTACK_CAPI_SRC_GUARD_H_

#include <netstack/base.h>

#include <new>
#include <string>
#include <utility>

#include "netstack/base/status.h"

struct ns_error {
  netstack::base::Status status;
  std::string message;
};

namespace netstack::capi {

inline ns_status ToC(base::Status status) noexcept { return static_cast<ns_status>(status); }

// Hands `error` to who asked for it. Without memory for it there is only the
// status.
ns_status Report(const base::Error& error, ns_error** out_error) noexcept;

// Runs `body`, which returns a base::Error. `out_error` may be null.
template <typename Body>
ns_status Guard(ns_error** out_error, Body&& body) noexcept {
  if (out_error != nullptr) *out_error = nullptr;
  try {
    return Report(std::forward<Body>(body)(), out_error);
  } catch (const std::bad_alloc&) {
    return NS_ERR_NO_MEMORY;
  } catch (...) {
    return NS_ERR_INTERNAL;
  }
}

// For calls without a sentence: `body` returns a base::Status.
template <typename Body>
ns_status Guard(Body&& body) noexcept {
  try {
    return ToC(std::forward<Body>(body)());
  } catch (const std::bad_alloc&) {
    return NS_ERR_NO_MEMORY;
  } catch (...) {
    return NS_ERR_INTERNAL;
  }
}

}  // namespace netstack::capi

#endif  // NETSTACK_CAPI_SRC_GUARD_H_
