#include "netstack/stack/ping_socket.h"

#include <netstack/ping_socket.h>

#include "netstack/wire/text.h"
#include "options.h"
#include "socket_handle.h"

struct ns_ping_socket final : netstack::capi::SocketHandle<netstack::stack::PingSocket> {};

namespace netstack::capi {

base::Error ReadAddressOf(wire::Family family, const ns_address& address, const char* what,
                          stack::ZonedAddress* out) {
  const auto read = FromC(address);
  if (!read) return base::Invalid(std::string(what) + " is neither IPv4 nor IPv6");
  if (read->family != family) {
    return base::Invalid(std::string(what) + " " + wire::Format(read->family, read->address) +
                         " is of the other family");
  }
  *out = {read->address, ScopeOf(family, read->address, address.scope)};
  return {};
}

}  // namespace netstack::capi

namespace {

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::base::Status;
using netstack::capi::WithSocket;
using netstack::stack::PingSocket;
using netstack::stack::PingSocketOptions;
using netstack::stack::Stack;
using netstack::stack::ZonedAddress;

Error Read(const ns_ping_socket_options* options, ns_family family, PingSocketOptions* out) {
  ns_ping_socket_options read = NS_PING_SOCKET_OPTIONS_INIT;
  Error error = netstack::capi::ReadOptions(options, "ns_ping_socket_options", &read);
  if (error.ok()) error = netstack::capi::ReadFamily(family, &out->socket.family);
  if (error.ok()) {
    error = netstack::capi::ReadByte(read.ttl, "ns_ping_socket_options.ttl", &out->ttl);
  }
  if (error.ok()) {
    error = netstack::capi::ReadByte(read.tos, "ns_ping_socket_options.tos", &out->tos);
  }
  out->socket.nic = read.nic;
  out->socket.capacity = read.receive_bytes;
  out->socket.notify = read.notify;
  return error;
}

}  // namespace

void ns_ping_socket_options_init(ns_ping_socket_options* options, size_t size) noexcept {
  netstack::capi::InitOptions<ns_ping_socket_options>(options, size, NS_PING_SOCKET_OPTIONS_INIT);
}

ns_status ns_ping_socket_new(ns_stack* stack, ns_family family,
                             const ns_ping_socket_options* options, ns_ping_socket** out_socket,
                             ns_error** out_error) noexcept {
  netstack::base::UserData owned = netstack::capi::TakeUserData(options);
  if (out_socket != nullptr) *out_socket = nullptr;
  return netstack::capi::WithStack(stack, out_error, [&](Stack& s) -> Error {
    if (out_socket == nullptr) return Invalid("out_socket is NULL");
    PingSocketOptions read;
    if (Error error = Read(options, family, &read); !error.ok()) return error;
    auto handle = std::make_unique<ns_ping_socket>();
    Error error = PingSocket::Open(s.shared_from_this(), read, std::move(owned), &handle->socket);
    if (error.ok()) *out_socket = handle.release();
    return error;
  });
}

ns_status ns_ping_socket_bind(ns_ping_socket* socket, const ns_address* address,
                              uint16_t identifier, ns_error** out_error) noexcept {
  return WithSocket(socket, out_error, [&](PingSocket& s) -> Error {
    ZonedAddress local;
    if (address != nullptr) {
      Error error = netstack::capi::ReadAddressOf(s.family(), *address, "address", &local);
      if (!error.ok()) return error;
    }
    return s.Bind(local, identifier);
  });
}

ns_status ns_ping_socket_connect(ns_ping_socket* socket, const ns_address* peer,
                                 ns_error** out_error) noexcept {
  return WithSocket(socket, out_error, [&](PingSocket& s) -> Error {
    if (peer == nullptr) return Invalid("peer is NULL");
    ZonedAddress read;
    if (Error e = netstack::capi::ReadAddressOf(s.family(), *peer, "peer", &read); !e.ok()) {
      return e;
    }
    return s.Connect(read);
  });
}

ns_status ns_ping_socket_send(ns_ping_socket* socket, const ns_address* destination,
                              uint16_t sequence, const uint8_t* payload, size_t length) noexcept {
  return WithSocket(socket, nullptr, [&](PingSocket& s) -> Error {
    if (payload == nullptr && length != 0) return Invalid("payload is NULL");
    ZonedAddress to;
    if (destination != nullptr) {
      Error error = netstack::capi::ReadAddressOf(s.family(), *destination, "destination", &to);
      if (!error.ok()) return error;
      if (to.address.unspecified()) return Invalid("destination is the unspecified address");
    }
    return {s.Send(to, sequence, {payload, length}), {}};
  });
}

ns_status ns_ping_socket_receive(ns_ping_socket* socket, ns_packet** out_packet) noexcept {
  return netstack::capi::ReceiveFrom(socket, out_packet);
}

ns_status ns_ping_socket_get_name(const ns_ping_socket* socket, ns_address* out_address,
                                  uint16_t* out_identifier) noexcept {
  return WithSocket(socket, nullptr, [&](PingSocket& s) -> Error {
    if (s.closed()) return {Status::kClosed, "the socket's stack is closed"};
    const auto binding = s.binding();
    if (!binding) return {Status::kNotFound, "the socket is not bound"};
    if (out_address != nullptr) {
      *out_address = netstack::capi::ToC(s.family(), binding->local, binding->nic);
    }
    if (out_identifier != nullptr) *out_identifier = binding->identifier;
    return {};
  });
}

void ns_ping_socket_free(ns_ping_socket* socket) noexcept { netstack::capi::FreeSocket(socket); }
