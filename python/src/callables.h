// Python's callables in the hands of the library.
#ifndef NETSTACK_PYTHON_CALLABLES_H
#define NETSTACK_PYTHON_CALLABLES_H

#include <pybind11/pybind11.h>

#include <memory>
#include <vector>

namespace netstack::python {

namespace py = pybind11;

// A callable that the library calls; shared by its owner and by what the library calls. Only who
// holds the GIL may look at it: the library's side may end on a thread that does not.
struct Slot {
  PyObject* callable = nullptr;  // the owner's reference; null: its owner is gone, be quiet

  // For one call, which keeps it alive; empty: be quiet.
  [[nodiscard]] py::object Get() const { return py::reinterpret_borrow<py::object>(callable); }
};

// Calls it, with an argument if there is one. A thread that the interpreter's end unwinds in there
// stops here: what is destroyed further up needs the GIL, which it has lost.
py::object Call(const py::object& callable, const py::object& argument = {});

// The callables that one extension object gave to the library. It alone owns them, so that the
// cycle collector finds them through it.
class Callables {
 public:
  Callables() = default;
  ~Callables() { Clear(); }
  Callables(const Callables&) = delete;
  Callables& operator=(const Callables&) = delete;

  std::shared_ptr<Slot> Add(const py::object& callable);
  // Lets go of those that the library is done with.
  void Tidy();
  void Clear();
  int Visit(visitproc visit, void* arg) const;

 private:
  std::vector<std::shared_ptr<Slot>> slots_;
};

// Makes the cycle collector look into objects of a class that has `Callables callables`.
template <typename Object>
py::custom_type_setup Collected() {
  return py::custom_type_setup([](PyHeapTypeObject* heap_type) {
    PyTypeObject* const type = &heap_type->ht_type;
    type->tp_flags |= Py_TPFLAGS_HAVE_GC;
    type->tp_traverse = [](PyObject* self, visitproc visit, void* arg) -> int {
      Py_VISIT(Py_TYPE(self));
      if (!py::detail::is_holder_constructed(self)) return 0;
      return py::cast<Object&>(py::handle(self)).callables.Visit(visit, arg);
    };
    type->tp_clear = [](PyObject* self) -> int {
      if (py::detail::is_holder_constructed(self)) {
        py::cast<Object&>(py::handle(self)).callables.Clear();
      }
      return 0;
    };
  });
}

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_CALLABLES_H
