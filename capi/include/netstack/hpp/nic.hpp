/**
 * @file
 * What a NIC begins with; the functions are Stack's.
 */
#ifndef NETSTACK_HPP_NIC_HPP
#define NETSTACK_HPP_NIC_HPP

#include <netstack/nic.h>

#include <cstdint>
#include <netstack/hpp/address.hpp>
#include <vector>

namespace netstack {

/** Options of Stack::AddNic(). */
struct NicOptions {
  std::uint32_t flags = 0;       /**< NS_NIC_ bits. */
  std::vector<Prefix> addresses; /**< Assigned from the start: "192.168.0.1/24", "10.7.0.1/32". */
  std::vector<Prefix> local_prefixes; /**< Local from the start. */
};

}  // namespace netstack

#endif  // NETSTACK_HPP_NIC_HPP
