#include "callables.h"

#include <cxxabi.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "gil.h"

namespace netstack::python {

py::object Call(const py::object& callable, const py::object& argument) {
  PyObject* result = nullptr;
  try {
    result = argument ? PyObject_CallOneArg(callable.ptr(), argument.ptr())
                      : PyObject_CallNoArgs(callable.ptr());
  } catch (const abi::__forced_unwind&) {
    WaitForTheEnd();
  }
  if (result == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(result);
}

std::shared_ptr<Slot> Callables::Add(const py::object& callable) {
  auto slot = std::make_shared<Slot>();
  slots_.push_back(slot);
  slot->callable = py::object(callable).release().ptr();
  return slot;
}

void Callables::Tidy() {
  const auto done = std::partition(slots_.begin(), slots_.end(),
                                   [](const auto& slot) { return slot.use_count() > 1; });
  // What goes may run Python, which may come back here.
  const std::vector<std::shared_ptr<Slot>> gone(std::make_move_iterator(done),
                                                std::make_move_iterator(slots_.end()));
  slots_.erase(done, slots_.end());
  for (const auto& slot : gone) Py_CLEAR(slot->callable);
}

void Callables::Clear() {
  const auto gone = std::exchange(slots_, {});
  for (const auto& slot : gone) Py_CLEAR(slot->callable);
}

int Callables::Visit(visitproc visit, void* arg) const {
  for (const auto& slot : slots_) Py_VISIT(slot->callable);
  return 0;
}

}  // namespace netstack::python
