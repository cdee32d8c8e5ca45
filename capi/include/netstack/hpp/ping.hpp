/**
 * @file
 * Ping: one Echo Request out, its Echo Reply back; the function is Stack's.
 */
#ifndef NETSTACK_HPP_PING_HPP
#define NETSTACK_HPP_PING_HPP

#include <netstack/ping.h>

#include <cstdint>
#include <netstack/hpp/address.hpp>
#include <netstack/hpp/bytes.hpp>
#include <netstack/hpp/clock.hpp>
#include <netstack/hpp/packet.hpp>

namespace netstack {

/** Options of Stack::Ping(). */
struct PingOptions {
  std::uint32_t nic = 0;      /**< Over this NIC alone; 0: by the routes. */
  std::uint32_t ttl = 0;      /**< TTL or Hop Limit, 1 to 255; 0: the stack's. */
  std::uint32_t tos = 0;      /**< TOS or Traffic Class, 0 to 255. */
  Nanoseconds timeout{0};     /**< How long to wait, by the stack's clock; 0: one second. */
  std::uint32_t sequence = 0; /**< Echo sequence number, 0 to 65,535. */
  Address source;             /**< An assigned address; no address: chosen. */
  ByteView payload;           /**< Echo data. Borrowed for the call. */
};

/** What came of a ping. */
struct PingReply {
  Nanoseconds rtt{0}; /**< The round trip time, by the stack's clock. */
  Packet packet;      /**< The Echo Reply. */
};

}  // namespace netstack

#endif  // NETSTACK_HPP_PING_HPP
