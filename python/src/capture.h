// Captures.
#ifndef NETSTACK_PYTHON_CAPTURE_H
#define NETSTACK_PYTHON_CAPTURE_H

#include <pybind11/pybind11.h>

#include <netstack/netstack.hpp>

#include "callables.h"

namespace netstack::python {

struct CaptureObject {
  Capture capture;
  Callables callables;
};

void BindCapture(py::module_& module);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_CAPTURE_H
