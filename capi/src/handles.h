// Handles of the C ABI are our objects under another name; their struct types
// are never defined.
#ifndef NETSTACK_CAPI_SRC_HANDLES_H_
#define NETSTACK_CAPI_SRC_HANDLES_H_

#include <netstack/capture.h>
#include <netstack/link.h>

#include "netstack/link/capture.h"
#include "netstack/link/link.h"

namespace netstack::capi {

inline ns_link* ToC(link::Link* link) noexcept { return reinterpret_cast<ns_link*>(link); }
inline link::Link* FromC(ns_link* link) noexcept { return reinterpret_cast<link::Link*>(link); }
inline const link::Link* FromC(const ns_link* link) noexcept {
  return reinterpret_cast<const link::Link*>(link);
}

inline ns_capture* ToC(link::Capture* capture) noexcept {
  return reinterpret_cast<ns_capture*>(capture);
}
inline link::Capture* FromC(ns_capture* capture) noexcept {
  return reinterpret_cast<link::Capture*>(capture);
}
inline const link::Capture* FromC(const ns_capture* capture) noexcept {
  return reinterpret_cast<const link::Capture*>(capture);
}

}  // namespace netstack::capi

#endif  // NETSTACK_CAPI_SRC_HANDLES_H_
