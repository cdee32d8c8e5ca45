// The demo's network: a stack with one NIC, one assigned address per family, two
// local prefixes and a handler.
#ifndef CAPI_PROGRAM_DEMO_NETWORK_H_
#define CAPI_PROGRAM_DEMO_NETWORK_H_

#include <netstack/netstack.h>

#include <string>

#include "handles.h"
#include "witness.h"

namespace program {

inline constexpr const char* kPrefixIpv4 = "10.7.0.0/16";
inline constexpr const char* kPrefixIpv6 = "fd07::/64";
inline constexpr const char* kAddressIpv4 = "10.7.0.1";
inline constexpr const char* kAddressIpv6 = "fd07::1";
// The host's side.
inline constexpr const char* kHostIpv4 = "10.7.255.254";
inline constexpr const char* kHostIpv6 = "fd07::ffff:1";
inline constexpr const char* kHostInRoom1 = "10.7.1.254";

// A TUN device of that name, with the host's addresses. Throws a Failure.
[[nodiscard]] LinkHandle OpenDemoTun(const char* name);

class DemoNetwork {
 public:
  explicit DemoNetwork(LinkHandle link);

  [[nodiscard]] ns_stack* stack() const noexcept { return stack_.get(); }
  [[nodiscard]] ns_link* link() const noexcept { return link_.get(); }
  [[nodiscard]] uint32_t mtu() const noexcept { return ns_link_get_mtu(link_.get()); }
  [[nodiscard]] const Witness& witness() const noexcept { return witness_; }

 private:
  Witness witness_;  // outlives the stack, which calls it
  LinkHandle link_;
  StackHandle stack_;
};

}  // namespace program

#endif  // CAPI_PROGRAM_DEMO_NETWORK_H_
