// What ping sockets and raw sockets have in common.
#ifndef NETSTACK_PYTHON_SOCKET_OBJECT_H
#define NETSTACK_PYTHON_SOCKET_OBJECT_H

#include <pybind11/pybind11.h>

#include <memory>
#include <netstack/netstack.hpp>
#include <utility>

#include "callables.h"
#include "gil.h"
#include "packet.h"

namespace netstack::python {

// A socket, with its notify. Calls that are under way keep it when it is closed.
template <typename Socket>
struct SocketObject {
  [[nodiscard]] std::shared_ptr<Socket> Open() const {
    if (socket == nullptr) throw Error(Status::kClosed, "the socket is closed");
    return socket;
  }

  std::shared_ptr<Socket> socket;
  Callables callables;
};

// Adds what both can do.
template <typename Socket>
void BindReceive(py::class_<SocketObject<Socket>>* bound) {
  using Object = SocketObject<Socket>;
  bound->def("receive", [](const Object& object) -> py::object {
    auto packet = object.Open()->Receive();
    if (!packet) return py::none();
    return py::cast(PacketObject(*std::move(packet)));
  });
  bound->def("close", [](Object& object) {
    auto socket = std::exchange(object.socket, nullptr);
    WithoutGil([&socket] { socket = nullptr; });
    object.callables.Tidy();
  });
  bound->def_property_readonly("closed",
                               [](const Object& object) { return object.socket == nullptr; });
}

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_SOCKET_OBJECT_H
