#include "netstack/stack/raw_socket.h"

#include <netstack/raw_socket.h>

#include "options.h"
#include "socket_handle.h"

struct ns_raw_socket final : netstack::capi::SocketHandle<netstack::stack::RawSocket> {};

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::stack::RawSocket;
using netstack::stack::Stack;

void ns_raw_socket_options_init(ns_raw_socket_options* options, size_t size) noexcept {
  netstack::capi::InitOptions<ns_raw_socket_options>(options, size, NS_RAW_SOCKET_OPTIONS_INIT);
}

ns_status ns_raw_socket_new(ns_stack* stack, ns_family family, const ns_raw_socket_options* options,
                            ns_raw_socket** out_socket, ns_error** out_error) noexcept {
  netstack::base::UserData owned = netstack::capi::TakeUserData(options);
  if (out_socket != nullptr) *out_socket = nullptr;
  return netstack::capi::WithStack(stack, out_error, [&](Stack& s) -> Error {
    if (out_socket == nullptr) return Invalid("out_socket is NULL");
    ns_raw_socket_options read = NS_RAW_SOCKET_OPTIONS_INIT;
    netstack::icmp::SocketOptions made;
    Error error = netstack::capi::ReadOptions(options, "ns_raw_socket_options", &read);
    if (error.ok()) error = netstack::capi::ReadFamily(family, &made.family);
    if (!error.ok()) return error;
    made.nic = read.nic;
    made.capacity = read.receive_bytes;
    made.notify = read.notify;
    auto handle = std::make_unique<ns_raw_socket>();
    error = RawSocket::Open(s.shared_from_this(), made, std::move(owned), &handle->socket);
    if (error.ok()) *out_socket = handle.release();
    return error;
  });
}

ns_status ns_raw_socket_receive(ns_raw_socket* socket, ns_packet** out_packet) noexcept {
  return netstack::capi::ReceiveFrom(socket, out_packet);
}

void ns_raw_socket_free(ns_raw_socket* socket) noexcept { netstack::capi::FreeSocket(socket); }
