// TUN devices, which Linux gives and takes IP packets through.
#ifndef NETSTACK_LINK_TUN_H_
#define NETSTACK_LINK_TUN_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "netstack/base/status.h"
#include "netstack/link/link.h"
#include "netstack/wire/address.h"

namespace netstack::link {

inline constexpr uint32_t kMinimumTunMtu = 68;

struct TunOptions {
  uint32_t mtu = 0;  // given to the device; 0: it keeps its own
  // Given to the device, which is then brought up.
  std::span<const wire::Prefix> host_addresses;
};

// Opens the device `name` and makes it if there is none; a "%d" in it becomes
// the first free number. `*out` receives a reference that the caller owns. On
// failure the host is as it was.
base::Error OpenTun(std::string_view name, const TunOptions& options, Link** out);

}  // namespace netstack::link

#endif  // NETSTACK_LINK_TUN_H_
