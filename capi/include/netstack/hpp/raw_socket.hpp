/**
 * @file
 * Raw sockets: a copy of each ICMP packet that comes in, and no influence on any.
 */
#ifndef NETSTACK_HPP_RAW_SOCKET_HPP
#define NETSTACK_HPP_RAW_SOCKET_HPP

#include <netstack/raw_socket.h>

#include <cstdint>
#include <netstack/hpp/callback.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/link.hpp>
#include <netstack/hpp/owner.hpp>
#include <netstack/hpp/packet.hpp>
#include <netstack/hpp/ping_socket.hpp>
#include <netstack/hpp/stack.hpp>
#include <optional>
#include <utility>

namespace netstack {

/** Options of RawSocket. */
struct RawSocketOptions {
  std::uint32_t nic = 0;           /**< Copies what comes in on this NIC alone; 0: on any. */
  std::uint64_t receive_bytes = 0; /**< What its queue may hold, in bytes; 0: 217,088. */
  Notify notify;                   /**< The queue was empty and has a packet. May be empty. */
};

/**
 * A raw ICMP socket. It does not keep the stack: when that is gone, every call throws Error
 * (kClosed). Any thread may call it. Its end never waits.
 */
class RawSocket : public Owner<ns_raw_socket, ns_raw_socket_free> {
 public:
  using Owner::Owner;

  /**
   * Makes a raw socket, which receives from now on. [any thread]
   *
   * @param family kIpv4 (ICMP) or kIpv6 (ICMPv6).
   * @throws Error kInvalidArgument, kClosed, kNoMemory
   */
  RawSocket(const Stack& stack, Family family, RawSocketOptions options = {})
      : Owner(New(stack, family, std::move(options))) {}

  /** The oldest packet of its queue; nothing, if none waits. PacketInfo::has_bad_checksum() marks
   *  one whose ICMP checksum is wrong. Throws Error; kClosed [any thread] */
  [[nodiscard]] std::optional<Packet> Receive() {
    return detail::Receive<ns_raw_socket>(get(), ns_raw_socket_receive, "RawSocket::Receive");
  }

 private:
  static ns_raw_socket* New(const Stack& stack, Family family, RawSocketOptions options) {
    ns_raw_socket_options c_options;
    ns_raw_socket_options_init(&c_options, sizeof c_options);
    c_options.nic = options.nic;
    c_options.receive_bytes = options.receive_bytes;
    detail::SetNotify(&c_options, std::move(options.notify));
    return detail::Make<RawSocket>("RawSocket", ns_raw_socket_new, stack.get(),
                                   static_cast<ns_family>(family), &c_options)
        .release();
  }
};

}  // namespace netstack

#endif  // NETSTACK_HPP_RAW_SOCKET_HPP
