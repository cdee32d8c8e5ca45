#include "link.h"
#include "sockets.h"
#include "stack.h"

namespace netstack::python {

namespace {

using RawSocketObject = SharedObject<RawSocket>;

std::unique_ptr<RawSocketObject> Make(const StackObject& stack, std::uint32_t family,
                                      std::uint32_t nic, std::uint64_t receive_bytes,
                                      const py::object& notify) {
  const auto open = stack.Open();
  auto object = std::make_unique<RawSocketObject>();
  RawSocketOptions options{nic, receive_bytes, NotifyOf(&object->callables, notify)};
  object->shared =
      std::make_shared<RawSocket>(*open, static_cast<Family>(family), std::move(options));
  return object;
}

}  // namespace

void BindRawSocket(py::module_& module) {
  py::class_<RawSocketObject> socket(module, "RawSocket", py::is_final(),
                                     Collected<RawSocketObject>());
  socket.def(py::init(&Make), py::arg("stack"), py::arg("family"), py::arg("nic"),
             py::arg("receive_bytes"), py::arg("notify"));
  BindReceive(&socket);
}

}  // namespace netstack::python
