// The extension module netstack._core: the C ABI, by way of the C++ veneer, with Python's values.
// python/netstack/_core.pyi is its interface; the package around it checks what it is given.
#include <pybind11/pybind11.h>

#include <chrono>
#include <netstack/netstack.hpp>

#include "capture.h"
#include "clock.h"
#include "errors.h"
#include "gil.h"
#include "link.h"
#include "packet.h"
#include "request.h"
#include "sockets.h"
#include "stack.h"

namespace netstack::python {

namespace {

// The classes live once a process.
bool RefuseSubinterpreters() {
  if (PyInterpreterState_Get() == PyInterpreterState_Main()) return false;
  PyErr_SetString(PyExc_ImportError,
                  "netstack does not support sub-interpreters; import it in the main one");
  return true;
}

void RefuseOtherVersions() {
  try {
    CheckVersion();
  } catch (const Error& error) {
    throw py::import_error(error.what());
  }
}

void BindConstants(py::module_& module) {
  module.attr("STACK_STRICT_ROUTES") = static_cast<int>(NS_STACK_STRICT_ROUTES);
  module.attr("STACK_CHECK_LOCAL_SOURCE") = static_cast<int>(NS_STACK_CHECK_LOCAL_SOURCE);
  module.attr("STACK_ALLOW_LOOPBACK") = static_cast<int>(NS_STACK_ALLOW_LOOPBACK);
  module.attr("NIC_DISABLED") = static_cast<int>(NS_NIC_DISABLED);
  module.attr("NIC_PROMISCUOUS") = static_cast<int>(NS_NIC_PROMISCUOUS);
  module.attr("NIC_SPOOFING") = static_cast<int>(NS_NIC_SPOOFING);
  module.attr("NIC_SIDE_BY_SIDE") = static_cast<int>(NS_NIC_SIDE_BY_SIDE);
  module.attr("NIC_FORWARDING_IPV4") = static_cast<int>(NS_NIC_FORWARDING_IPV4);
  module.attr("NIC_FORWARDING_IPV6") = static_cast<int>(NS_NIC_FORWARDING_IPV6);
}

}  // namespace

PYBIND11_MODULE(core_of_main, module) {
  // Python 3.13 and later come here directly.
  if (RefuseSubinterpreters()) throw py::error_already_set();
  RefuseOtherVersions();
  py::options options;
  options.disable_function_signatures();
  FollowForks();
  BindErrors(module);
  BindConstants(module);
  module.def("version_string", &VersionString);
  module.def("abi_version", &AbiVersion);
  module.def(
      "prepare_exit",
      [](std::int64_t patience) { PrepareExit(std::chrono::nanoseconds(patience)); }, py::arg(),
      py::pos_only());
  BindPacket(module);
  BindRequest(module);
  BindClock(module);
  BindCapture(module);
  BindLink(module);
  BindStack(module);
  BindPingSocket(module);
  BindRawSocket(module);
}

// Before pybind11 does anything: it takes the GIL as of the main interpreter, for which a
// sub-interpreter that has it would wait for ever.
extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {  // NOLINT(bugprone-reserved-identifier)
  return RefuseSubinterpreters() ? nullptr : PyInit_core_of_main();
}

}  // namespace netstack::python
