#include "errors.h"

#include <netstack/netstack.hpp>
#include <utility>

#include "gil.h"

namespace netstack::python {

namespace {

// Status -> exception class, a dict. Never freed: the interpreter may end before the last error.
py::dict& Classes() {
  static auto* const classes = new py::dict;
  return *classes;
}

// Without the veneer's function that some sentences begin with, "Link::Inject: ".
std::string Sentence(const Error& error) {
  std::string sentence = error.what();
  const std::size_t colons = sentence.find("::");
  const std::size_t end = sentence.find(": ");
  if (colons == std::string::npos || end == std::string::npos || colons > end) return sentence;
  if (sentence.find(' ') != end + 1) return sentence;
  return sentence.substr(end + 2);
}

void Raise(const Error& error) {
  const std::string sentence = Sentence(error);
  const py::int_ status(static_cast<ns_status>(error.status()));
  py::dict& classes = Classes();
  const py::int_ any(0);
  if (classes.contains(status)) {
    py::set_error(classes[status], sentence.c_str());
  } else if (classes.contains(any)) {
    py::set_error(classes[any], sentence.c_str());
  } else {
    py::set_error(PyExc_RuntimeError, sentence.c_str());
  }
}

void Translate(std::exception_ptr error) {
  try {
    if (error) std::rethrow_exception(std::move(error));
  } catch (const Error& failure) {
    Raise(failure);
  }
}

}  // namespace

py::error_already_set AsRaised(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const py::error_already_set& raised) {
    return raised;
  } catch (const py::builtin_exception& failure) {
    failure.set_error();
  } catch (const Error& failure) {
    Raise(failure);
  } catch (const std::exception& failure) {
    py::set_error(PyExc_RuntimeError, failure.what());
  }
  return {};
}

void ReportUnraisable(const std::exception_ptr& error) {
  AsRaised(error).discard_as_unraisable("a callback of netstack");
}

void ThrowReturned(const char* who, py::handle returned, const char* wanted) {
  throw py::type_error(std::string(who) + " returned " + std::string(py::repr(returned)) +
                       ", not " + wanted);
}

void BindErrors(py::module_& module) {
  py::register_local_exception_translator(&Translate);
  SetUnhandledErrorHook([](std::exception_ptr error) {
    InPython(0, [error = std::move(error)] {
      ReportUnraisable(error);
      return 0;
    });
  });
  module.def(
      "set_errors", [](const py::dict& classes) { Classes() = classes; }, py::arg(),
      py::pos_only());
}

}  // namespace netstack::python
