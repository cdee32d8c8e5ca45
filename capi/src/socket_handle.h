// What handles of sockets are, and what their functions have in common.
#ifndef NETSTACK_CAPI_SRC_SOCKET_HANDLE_H_
#define NETSTACK_CAPI_SRC_SOCKET_HANDLE_H_

#include <netstack/packet.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "guard.h"
#include "netstack/base/entry.h"
#include "netstack/base/origin.h"
#include "netstack/base/registry.h"
#include "netstack/packet/kept_packet.h"
#include "netstack/stack/ping_socket.h"
#include "stack_handle.h"

namespace netstack::capi {

// A socket of ours. Retired when it is freed, so that calls which are under way
// still find it.
template <typename Socket>
struct SocketHandle : base::Retired {
  std::unique_ptr<Socket> socket;
  base::Origin origin;
};

// Runs `body(Socket&)`, which returns a base::Error, inside an Entry.
template <typename Handle, typename Body>
ns_status WithSocket(Handle* handle, ns_error** out_error, Body&& body) noexcept {
  return Guard(out_error, [&]() -> base::Error {
    if (handle == nullptr) return base::Invalid("socket is NULL");
    if (handle->origin.inherited()) return Inherited("the socket");
    const base::Entry entry;
    if (!entry) return {base::Status::kNoMemory, "no memory for this thread's record"};
    return std::forward<Body>(body)(*handle->socket);
  });
}

template <typename Handle>
ns_status ReceiveFrom(Handle* handle, ns_packet** out_packet) noexcept {
  if (out_packet == nullptr) return NS_ERR_INVALID_ARGUMENT;
  *out_packet = nullptr;
  return WithSocket(handle, nullptr, [&](auto& socket) -> base::Error {
    packet::KeptPacket* kept = nullptr;
    const base::Status status = socket.Receive(&kept);
    *out_packet = reinterpret_cast<ns_packet*>(kept);
    return {status, {}};
  });
}

// What a fork's child inherited stays where it is: its locks may be held by
// threads that are not there.
template <typename Handle>
void FreeSocket(Handle* handle) noexcept {
  if (handle == nullptr || handle->origin.inherited()) return;
  const base::Entry entry;
  handle->socket->Close();
  base::Registry::Get().Retire(std::unique_ptr<base::Retired>(handle), true);
}

// The one family that a socket is of.
inline base::Error ReadFamily(ns_family family, wire::Family* out) {
  if (family != NS_FAMILY_IPV4 && family != NS_FAMILY_IPV6) {
    return base::Invalid("family is " + std::to_string(family) +
                         "; it is NS_FAMILY_IPV4 or NS_FAMILY_IPV6");
  }
  *out = family == NS_FAMILY_IPV4 ? wire::Family::kIpv4 : wire::Family::kIpv6;
  return {};
}

// Whether a number fits where a header has a byte for it.
inline base::Error ReadByte(uint32_t theirs, const std::string& name, uint8_t* out) {
  if (theirs > 255) {
    return base::Invalid(name + " is " + std::to_string(theirs) + "; it goes from 0 to 255");
  }
  *out = static_cast<uint8_t>(theirs);
  return {};
}

// An address of `family`. `what` names the argument. A scope counts where it
// means something: on link-local addresses and groups.
base::Error ReadAddressOf(wire::Family family, const ns_address& address, const char* what,
                          stack::ZonedAddress* out);

}  // namespace netstack::capi

#endif  // NETSTACK_CAPI_SRC_SOCKET_HANDLE_H_
