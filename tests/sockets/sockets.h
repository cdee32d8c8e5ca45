// Owners of sockets, and the shortest ways to use one.
#ifndef NETSTACK_TESTS_SOCKETS_SOCKETS_H_
#define NETSTACK_TESTS_SOCKETS_SOCKETS_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/bytes.h"
#include "support/handles.h"
#include "support/icmp_packet.h"

namespace support {

using PingSocketHandle = std::unique_ptr<ns_ping_socket, Deleter<ns_ping_socket_free>>;
using RawSocketHandle = std::unique_ptr<ns_raw_socket, Deleter<ns_raw_socket_free>>;

inline PingSocketHandle NewPingSocket(ns_stack* stack, ns_family family,
                                      const ns_ping_socket_options* options = nullptr) {
  ns_ping_socket* socket = nullptr;
  Error error;
  EXPECT_EQ(ns_ping_socket_new(stack, family, options, &socket, error.out()), NS_OK)
      << error.message();
  return PingSocketHandle(socket);
}

inline RawSocketHandle NewRawSocket(ns_stack* stack, ns_family family,
                                    const ns_raw_socket_options* options = nullptr) {
  ns_raw_socket* socket = nullptr;
  Error error;
  EXPECT_EQ(ns_raw_socket_new(stack, family, options, &socket, error.out()), NS_OK)
      << error.message();
  return RawSocketHandle(socket);
}

// An empty address: every one.
inline ns_status Bind(const PingSocketHandle& socket, const std::string& address,
                      uint16_t identifier) {
  const ns_address local = address.empty() ? ns_address{} : Address(address);
  return ns_ping_socket_bind(socket.get(), address.empty() ? nullptr : &local, identifier, nullptr);
}

inline ns_status Connect(const PingSocketHandle& socket, const std::string& address) {
  const ns_address peer = Address(address);
  return ns_ping_socket_connect(socket.get(), &peer, nullptr);
}

// An empty destination: the peer.
inline ns_status Send(const PingSocketHandle& socket, const std::string& destination,
                      uint16_t sequence = 1, const Bytes& payload = FromText("abcd")) {
  const ns_address to = destination.empty() ? ns_address{} : Address(destination);
  return ns_ping_socket_send(socket.get(), destination.empty() ? nullptr : &to, sequence,
                             payload.data(), payload.size());
}

inline uint16_t IdentifierOf(const PingSocketHandle& socket) {
  uint16_t identifier = 0;
  EXPECT_EQ(ns_ping_socket_get_name(socket.get(), nullptr, &identifier), NS_OK);
  return identifier;
}

inline Bytes BytesOf(const PacketHandle& packet) {
  const uint8_t* bytes = nullptr;
  size_t length = 0;
  EXPECT_EQ(ns_packet_borrow_bytes(packet.get(), &bytes, &length), NS_OK);
  return {bytes, bytes + length};
}

inline ns_packet_info InfoOf(const PacketHandle& packet) {
  ns_packet_info info{};
  EXPECT_EQ(ns_packet_get_info(packet.get(), &info, sizeof info), NS_OK);
  return info;
}

// All that waits in a socket, oldest first.
template <typename Handle, typename Receive>
std::vector<Bytes> ReceiveAll(const Handle& socket, Receive receive) {
  std::vector<Bytes> packets;
  for (;;) {
    ns_packet* raw = nullptr;
    const ns_status status = receive(socket.get(), &raw);
    const PacketHandle packet(raw);
    if (status != NS_OK) {
      EXPECT_EQ(status, NS_ERR_WOULD_BLOCK);
      EXPECT_EQ(packet, nullptr);
      return packets;
    }
    packets.push_back(BytesOf(packet));
  }
}
inline std::vector<Bytes> ReceiveAll(const PingSocketHandle& socket) {
  return ReceiveAll(socket, ns_ping_socket_receive);
}
inline std::vector<Bytes> ReceiveAll(const RawSocketHandle& socket) {
  return ReceiveAll(socket, ns_raw_socket_receive);
}

}  // namespace support

#endif  // NETSTACK_TESTS_SOCKETS_SOCKETS_H_
