// Links.
#ifndef NETSTACK_PYTHON_LINK_H
#define NETSTACK_PYTHON_LINK_H

#include <pybind11/pybind11.h>

#include <memory>
#include <netstack/netstack.hpp>

#include "callables.h"

namespace netstack::python {

// A link, with what it calls. Calls that are under way keep it when it is closed.
struct LinkObject {
  [[nodiscard]] std::shared_ptr<Link> Open() const;

  std::shared_ptr<Link> link;
  Callables callables;
};

// A `notify` that may be None.
Notify NotifyOf(Callables* callables, const py::object& callable);

void BindLink(py::module_& module);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_LINK_H
