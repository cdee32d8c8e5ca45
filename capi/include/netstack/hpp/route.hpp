/**
 * @file
 * Routes: by which NIC packets leave; the functions are Stack's.
 */
#ifndef NETSTACK_HPP_ROUTE_HPP
#define NETSTACK_HPP_ROUTE_HPP

#include <netstack/route.h>

#include <cstdint>
#include <netstack/hpp/address.hpp>

namespace netstack {

/** One way to a network. */
struct Route {
  Prefix destination;    /**< The network; no bits set behind the length. */
  std::uint32_t nic = 0; /**< The NIC to leave by. */
  Address gateway = {};  /**< The next hop; no address: destinations are on the link. */

  /** For calls of the C ABI. */
  [[nodiscard]] ns_route get() const noexcept { return {destination.get(), gateway.get(), nic}; }
};

}  // namespace netstack

#endif  // NETSTACK_HPP_ROUTE_HPP
