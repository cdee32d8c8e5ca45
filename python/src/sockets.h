// Ping sockets and raw sockets.
#ifndef NETSTACK_PYTHON_SOCKETS_H
#define NETSTACK_PYTHON_SOCKETS_H

#include <pybind11/pybind11.h>

#include <netstack/netstack.hpp>
#include <utility>

#include "packet.h"
#include "shared_object.h"

namespace netstack::python {

template <>
inline constexpr const char* kClosedSentence<PingSocket> = "the socket is closed";
template <>
inline constexpr const char* kClosedSentence<RawSocket> = "the socket is closed";

// Adds what both can do.
template <typename Socket>
void BindReceive(py::class_<SharedObject<Socket>>* bound) {
  bound->def("receive", [](const SharedObject<Socket>& object) -> py::object {
    auto packet = object.Open()->Receive();
    if (!packet) return py::none();
    return py::cast(PacketObject(*std::move(packet)));
  });
  BindClosing(bound);
}

void BindPingSocket(py::module_& module);
void BindRawSocket(py::module_& module);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_SOCKETS_H
