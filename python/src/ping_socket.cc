#include <pybind11/stl.h>

#include <optional>
#include <tuple>

#include "link.h"
#include "sockets.h"
#include "stack.h"
#include "values.h"

namespace netstack::python {

namespace {

using PingSocketObject = SharedObject<PingSocket>;

std::unique_ptr<PingSocketObject> Make(const StackObject& stack, std::uint32_t family,
                                       std::uint32_t nic, std::uint32_t ttl, std::uint32_t tos,
                                       std::uint64_t receive_bytes, const py::object& notify) {
  const auto open = stack.Open();
  auto object = std::make_unique<PingSocketObject>();
  PingSocketOptions options{nic, ttl, tos, receive_bytes, NotifyOf(&object->callables, notify)};
  object->shared =
      std::make_shared<PingSocket>(*open, static_cast<Family>(family), std::move(options));
  return object;
}

void Bind(const PingSocketObject& object, const py::object& address, std::uint16_t identifier) {
  object.Open()->Bind(ScopedAddressOf(address), identifier);
}

void Connect(const PingSocketObject& object, const py::object& peer) {
  object.Open()->Connect(ScopedAddressOf(peer));
}

bool Send(const PingSocketObject& object, const py::object& destination, std::uint16_t sequence,
          const py::bytes& payload) {
  const auto socket = object.Open();
  const ByteView data = ViewOf(payload);
  const Address to = ScopedAddressOf(destination);
  return WithoutGil(
      [&] { return to ? socket->SendTo(to, sequence, data) : socket->Send(sequence, data); });
}

std::optional<std::tuple<py::object, std::uint16_t>> Name(const PingSocketObject& object) {
  try {
    const PingSocketName name = object.Open()->name();
    return std::tuple(ToPython(name.address.get()), name.identifier);
  } catch (const Error& error) {
    if (error.status() != Status::kNotFound) throw;
    return std::nullopt;
  }
}

}  // namespace

void BindPingSocket(py::module_& module) {
  py::class_<PingSocketObject> socket(module, "PingSocket", py::is_final(),
                                      Collected<PingSocketObject>());
  socket.def(py::init(&Make), py::arg("stack"), py::arg("family"), py::arg("nic"), py::arg("ttl"),
             py::arg("tos"), py::arg("receive_bytes"), py::arg("notify"));
  socket.def("bind", &Bind, py::arg("address"), py::arg("identifier"));
  socket.def("connect", &Connect, py::arg("peer"));
  socket.def("send", &Send, py::arg("destination"), py::arg("sequence"), py::arg("payload"));
  socket.def("name", &Name);
  BindReceive(&socket);
}

}  // namespace netstack::python
