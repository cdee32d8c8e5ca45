// Classes whose objects only this module makes.
#ifndef NETSTACK_PYTHON_SEAL_H
#define NETSTACK_PYTHON_SEAL_H

#include <pybind11/pybind11.h>

namespace netstack::python {

// Once the class is complete. Neither its __new__ nor another object's __class__ gives an object
// without what belongs into it.
inline void Seal(pybind11::handle bound) {
  auto* const type = reinterpret_cast<PyTypeObject*>(bound.ptr());
  type->tp_new = nullptr;
  type->tp_flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE;
  PyType_Modified(type);
}

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_SEAL_H
