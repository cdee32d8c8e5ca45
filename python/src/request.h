// Requests, as handlers get them.
#ifndef NETSTACK_PYTHON_REQUEST_H
#define NETSTACK_PYTHON_REQUEST_H

#include <pybind11/pybind11.h>

#include <netstack/netstack.hpp>

namespace netstack::python {

namespace py = pybind11;

// netstack.Request: what the packet was, for ever, and the right to answer, which the library takes
// back when the handler returns.
struct RequestObject {
  explicit RequestObject(const Request& live) : request(live), info(live.info()) {}

  Request request;
  PacketInfo info;
};

void BindRequest(py::module_& module);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_REQUEST_H
