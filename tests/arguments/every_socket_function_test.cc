// The functions of sockets and ns_ping() with arguments that make no sense.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <string>

#include "arguments/row.h"
#include "sockets/sockets.h"
#include "support/wire.h"

namespace arguments {

namespace {

using support::Address;
using support::NewPingSocket;
using support::PingSocketHandle;
using support::Wire;

constexpr ns_status kInvalid = NS_ERR_INVALID_ARGUMENT;

// As C has them: NULL, or a number in place of a family.
const Row kRows[] = {
    {"ns_ping_options_init",
     [] { CheckInit<ns_ping_options>(ns_ping_options_init, NS_PING_OPTIONS_INIT); }},
    {"ns_ping_socket_options_init",
     [] {
       CheckInit<ns_ping_socket_options>(ns_ping_socket_options_init, NS_PING_SOCKET_OPTIONS_INIT);
     }},
    {"ns_raw_socket_options_init",
     [] {
       CheckInit<ns_raw_socket_options>(ns_raw_socket_options_init, NS_RAW_SOCKET_OPTIONS_INIT);
     }},
    {"ns_ping_socket_new",
     [] {
       const Wire wire;
       int destroyed = 0;
       ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
       options.destroy = [](void* count) { ++*static_cast<int*>(count); };
       options.user_data = &destroyed;
       auto* socket = reinterpret_cast<ns_ping_socket*>(&destroyed);
       EXPECT_REFUSED(kInvalid, ns_ping_socket_new(nullptr, 4, &options, &socket, e));
       EXPECT_EQ(socket, nullptr);
       EXPECT_REFUSED(kInvalid, ns_ping_socket_new(wire.stack(), 4, &options, nullptr, e));
       for (const ns_family family : {0u, 5u, 7u, UINT32_MAX}) {
         EXPECT_REFUSED(kInvalid, ns_ping_socket_new(wire.stack(), family, &options, &socket, e));
       }
       EXPECT_EQ(destroyed, 6);
     }},
    {"ns_ping_socket_bind",
     [] {
       const Wire wire;
       const PingSocketHandle socket = NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
       EXPECT_REFUSED(kInvalid, ns_ping_socket_bind(nullptr, nullptr, 1, e));
       for (const uint32_t family : {0u, 5u, 7u}) {
         const ns_address none = WithFamily(family);
         EXPECT_REFUSED(kInvalid, ns_ping_socket_bind(socket.get(), &none, 1, e));
       }
     }},
    {"ns_ping_socket_connect",
     [] {
       const Wire wire;
       const PingSocketHandle socket = NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
       const ns_address peer = Address("192.168.0.2");
       EXPECT_REFUSED(kInvalid, ns_ping_socket_connect(nullptr, &peer, e));
       EXPECT_REFUSED(kInvalid, ns_ping_socket_connect(socket.get(), nullptr, e));
       const ns_address none = WithFamily(5);
       EXPECT_REFUSED(kInvalid, ns_ping_socket_connect(socket.get(), &none, e));
     }},
    {"ns_ping_socket_send",
     [] {
       const Wire wire;
       const PingSocketHandle socket = NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
       const ns_address peer = Address("192.168.0.2");
       EXPECT_EQ(ns_ping_socket_send(nullptr, &peer, 1, nullptr, 0), kInvalid);
       EXPECT_EQ(ns_ping_socket_send(socket.get(), &peer, 1, nullptr, 1), kInvalid);
       EXPECT_EQ(ns_ping_socket_send(socket.get(), nullptr, 1, nullptr, 0), kInvalid);
       const ns_address none = WithFamily(0);
       EXPECT_EQ(ns_ping_socket_send(socket.get(), &none, 1, nullptr, 0), kInvalid);
       const ns_address unspecified = Address("0.0.0.0");
       EXPECT_EQ(ns_ping_socket_send(socket.get(), &unspecified, 1, nullptr, 0), kInvalid);
       EXPECT_EQ(ns_ping_socket_send(socket.get(), &peer, 1, nullptr, 0), NS_OK);
     }},
    {"ns_ping_socket_receive",
     [] {
       const Wire wire;
       const PingSocketHandle socket = NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
       auto* packet = reinterpret_cast<ns_packet*>(socket.get());
       EXPECT_EQ(ns_ping_socket_receive(nullptr, &packet), kInvalid);
       EXPECT_EQ(packet, nullptr);
       EXPECT_EQ(ns_ping_socket_receive(socket.get(), nullptr), kInvalid);
     }},
    {"ns_ping_socket_get_name",
     [] { EXPECT_EQ(ns_ping_socket_get_name(nullptr, nullptr, nullptr), kInvalid); }},
    {"ns_ping_socket_free", [] { ns_ping_socket_free(nullptr); }},
    {"ns_raw_socket_new",
     [] {
       const Wire wire;
       auto* socket = reinterpret_cast<ns_raw_socket*>(wire.stack());
       EXPECT_REFUSED(kInvalid, ns_raw_socket_new(nullptr, 4, nullptr, &socket, e));
       EXPECT_EQ(socket, nullptr);
       EXPECT_REFUSED(kInvalid, ns_raw_socket_new(wire.stack(), 4, nullptr, nullptr, e));
       for (const ns_family family : {0u, 5u, 7u}) {
         EXPECT_REFUSED(kInvalid, ns_raw_socket_new(wire.stack(), family, nullptr, &socket, e));
       }
     }},
    {"ns_raw_socket_receive",
     [] {
       const Wire wire;
       const support::RawSocketHandle socket = support::NewRawSocket(wire.stack(), NS_FAMILY_IPV6);
       ns_packet* packet = nullptr;
       EXPECT_EQ(ns_raw_socket_receive(nullptr, &packet), kInvalid);
       EXPECT_EQ(ns_raw_socket_receive(socket.get(), nullptr), kInvalid);
     }},
    {"ns_raw_socket_free", [] { ns_raw_socket_free(nullptr); }},
    {"ns_ping",
     [] {
       const Wire wire;
       const ns_address to = Address("192.168.0.2");
       uint64_t rtt = 77;
       auto* reply = reinterpret_cast<ns_packet*>(wire.stack());
       EXPECT_REFUSED(kInvalid, ns_ping(nullptr, &to, nullptr, &rtt, &reply, e));
       EXPECT_EQ(rtt, 0u);
       EXPECT_EQ(reply, nullptr);
       EXPECT_REFUSED(kInvalid, ns_ping(wire.stack(), nullptr, nullptr, &rtt, &reply, e));
       for (const uint32_t family : {0u, 5u, 7u}) {
         const ns_address none = WithFamily(family);
         EXPECT_REFUSED(kInvalid, ns_ping(wire.stack(), &none, nullptr, &rtt, &reply, e));
       }
     }},
};

}  // namespace

std::span<const Row> SocketRows() { return kRows; }

}  // namespace arguments
