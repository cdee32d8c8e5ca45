// Ping sockets and raw sockets.
#ifndef NETSTACK_PYTHON_SOCKETS_H
#define NETSTACK_PYTHON_SOCKETS_H

#include <pybind11/pybind11.h>

namespace netstack::python {

namespace py = pybind11;

void BindPingSocket(py::module_& module);
void BindRawSocket(py::module_& module);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_SOCKETS_H
