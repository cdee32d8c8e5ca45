// Links.
#ifndef NETSTACK_PYTHON_LINK_H
#define NETSTACK_PYTHON_LINK_H

#include <pybind11/pybind11.h>

#include <netstack/netstack.hpp>

#include "callables.h"
#include "shared_object.h"

namespace netstack::python {

using LinkObject = SharedObject<Link>;
template <>
inline constexpr const char* kClosedSentence<Link> = "the link is closed";

// A `notify` that may be None.
Notify NotifyOf(Callables* callables, const py::object& callable);

void BindLink(py::module_& module);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_LINK_H
