// The library's failures as Python's exceptions.
#ifndef NETSTACK_PYTHON_ERRORS_H
#define NETSTACK_PYTHON_ERRORS_H

#include <pybind11/pybind11.h>

#include <exception>
#include <string>

namespace netstack::python {

namespace py = pybind11;

// Registers the translation, and where exceptions go that nobody could raise.
void BindErrors(py::module_& module);

// An exception of a callback, as Python would have raised it.
py::error_already_set AsRaised(const std::exception_ptr& error);

// sys.unraisablehook gets it.
void ReportUnraisable(const std::exception_ptr& error);

// TypeError for what a callback returned: "the handler returned 3, not True, False or None".
[[noreturn]] void ThrowReturned(const char* who, py::handle returned, const char* wanted);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_ERRORS_H
