/**
 * @file
 * Ping sockets: an Echo identifier of the stack's own, Echo Requests out, and the Echo Replies that
 * come for it.
 */
#ifndef NETSTACK_HPP_PING_SOCKET_HPP
#define NETSTACK_HPP_PING_SOCKET_HPP

#include <netstack/ping_socket.h>

#include <cstdint>
#include <netstack/hpp/address.hpp>
#include <netstack/hpp/bytes.hpp>
#include <netstack/hpp/callback.hpp>
#include <netstack/hpp/error.hpp>
#include <netstack/hpp/link.hpp>
#include <netstack/hpp/owner.hpp>
#include <netstack/hpp/packet.hpp>
#include <netstack/hpp/stack.hpp>
#include <optional>
#include <utility>

namespace netstack {

/** Options of PingSocket. */
struct PingSocketOptions {
  std::uint32_t nic = 0;           /**< Sends and receives over this NIC alone; 0: any. */
  std::uint32_t ttl = 0;           /**< Of what it sends, 1 to 255; 0: the stack's. */
  std::uint32_t tos = 0;           /**< Of what it sends, 0 to 255. */
  std::uint64_t receive_bytes = 0; /**< What its queue may hold, in bytes; 0: 217,088. */
  Notify notify;                   /**< The queue was empty and has a packet. May be empty. */
};

/** Where a ping socket is bound. */
struct PingSocketName {
  Address address; /**< 0.0.0.0 or ::, if it is at every one. */
  std::uint16_t identifier = 0;
};

namespace detail {

// The oldest packet of a socket's queue.
template <typename Socket>
std::optional<Packet> Receive(Socket* socket, ns_status (*receive)(Socket*, ns_packet**),
                              const char* what) {
  ns_packet* packet = nullptr;
  const ns_status status = receive(socket, &packet);
  if (status == NS_ERR_WOULD_BLOCK) return std::nullopt;
  Check(status, nullptr, what);
  return Packet(packet);
}

}  // namespace detail

/**
 * A ping socket. It does not keep the stack: when that is gone, every call throws Error (kClosed).
 * Any thread may call it. Its end never waits: a notify that runs on another thread finishes.
 */
class PingSocket : public Owner<ns_ping_socket, ns_ping_socket_free> {
 public:
  using Owner::Owner;

  /**
   * Makes a ping socket, which is not bound yet. [any thread]
   *
   * @param family kIpv4 or kIpv6.
   * @throws Error kInvalidArgument, kClosed, kNoMemory
   */
  PingSocket(const Stack& stack, Family family, PingSocketOptions options = {})
      : Owner(New(stack, family, std::move(options))) {}

  /**
   * Gives it its identifier, and the address that it is at. [any thread]
   *
   * @param address    One that is assigned. No address, 0.0.0.0 or ::, is every one.
   * @param identifier The Echo identifier; 0: a free one.
   * @throws Error kInvalidArgument: an address of another family, or no unicast address; kNotFound:
   *         nobody assigned it; kBusy: another socket has the identifier there, or this is bound
   *         already; kLimited: no identifier is free; kClosed; kNoMemory
   */
  void Bind(const Address& address = {}, std::uint16_t identifier = 0) {
    detail::Call("PingSocket::Bind", ns_ping_socket_bind, get(), address ? &address.get() : nullptr,
                 identifier);
  }

  /**
   * Makes a host its peer: it receives from nobody else. Binds it to a free identifier if it is not
   * bound. May be called again. [any thread]
   *
   * @throws Error kInvalidArgument: another family, or not one host; kNoRoute; kBusy, kLimited as
   *         Bind(); kClosed; kNoMemory
   */
  void Connect(const Address& peer) {
    detail::Call("PingSocket::Connect", ns_ping_socket_connect, get(), &peer.get());
  }

  /**
   * Sends an Echo Request to the peer. Binds the socket to a free identifier if it is not bound.
   * [any thread]
   *
   * @param sequence The Echo sequence number.
   * @param payload  The Echo data. Borrowed for the call.
   * @return False: the link is full.
   * @throws Error kNoRoute; kUnsupported: longer than IP packets can be; kInvalidArgument: there is
   * no peer; kLimited; kClosed; kNoMemory; what the link said. What a callback threw.
   */
  bool Send(std::uint16_t sequence, ByteView payload = {}) {
    return SendRaw(nullptr, sequence, payload);
  }
  /** The same to anybody. A group is allowed, a broadcast address not; a group or link-local
   *  address needs a NIC to leave by: the socket's, its scope's, or that of the socket's address.
   */
  bool SendTo(const Address& destination, std::uint16_t sequence, ByteView payload = {}) {
    return SendRaw(&destination.get(), sequence, payload);
  }

  /** The oldest Echo Reply of its queue; nothing, if none waits. Throws Error; kClosed
   *  [any thread] */
  [[nodiscard]] std::optional<Packet> Receive() {
    return detail::Receive<ns_ping_socket>(get(), ns_ping_socket_receive, "PingSocket::Receive");
  }

  /** Where it is bound. Throws Error; kNotFound: it is not; kClosed [any thread] */
  [[nodiscard]] PingSocketName name() const {
    ns_address address{};
    std::uint16_t identifier = 0;
    Check(ns_ping_socket_get_name(get(), &address, &identifier), nullptr, "PingSocket::name");
    return {Address(address), identifier};
  }

 private:
  static ns_ping_socket* New(const Stack& stack, Family family, PingSocketOptions options) {
    ns_ping_socket_options c_options;
    ns_ping_socket_options_init(&c_options, sizeof c_options);
    c_options.nic = options.nic;
    c_options.ttl = options.ttl;
    c_options.tos = options.tos;
    c_options.receive_bytes = options.receive_bytes;
    detail::SetNotify(&c_options, std::move(options.notify));
    return detail::Make<PingSocket>("PingSocket", ns_ping_socket_new, stack.get(),
                                    static_cast<ns_family>(family), &c_options)
        .release();
  }

  bool SendRaw(const ns_address* destination, std::uint16_t sequence, ByteView payload) {
    const ns_status status = detail::Enter(ns_ping_socket_send, get(), destination, sequence,
                                           payload.data(), payload.size());
    if (status == NS_ERR_WOULD_BLOCK) return false;
    Check(status, nullptr, "PingSocket::Send");
    return true;
  }
};

}  // namespace netstack

#endif  // NETSTACK_HPP_PING_SOCKET_HPP
