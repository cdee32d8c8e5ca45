// What can be closed while others still call it.
#ifndef NETSTACK_PYTHON_SHARED_OBJECT_H
#define NETSTACK_PYTHON_SHARED_OBJECT_H

#include <pybind11/pybind11.h>

#include <memory>
#include <netstack/netstack.hpp>
#include <utility>

#include "callables.h"
#include "gil.h"

namespace netstack::python {

// What calls after close() raise.
template <typename Owned>
inline constexpr const char* kClosedSentence = nullptr;

// A link or a socket, with what it calls. Calls that are under way keep it when it is closed.
template <typename Owned>
struct SharedObject {
  [[nodiscard]] std::shared_ptr<Owned> Open() const {
    if (shared == nullptr) throw Error(Status::kClosed, kClosedSentence<Owned>);
    return shared;
  }

  std::shared_ptr<Owned> shared;
  Callables callables;
};

// Adds close() and `closed`.
template <typename Owned>
void BindClosing(py::class_<SharedObject<Owned>>* bound) {
  using Object = SharedObject<Owned>;
  bound->def("close", [](Object& object) {
    auto owned = std::exchange(object.shared, nullptr);
    WithoutGil([&owned] { owned = nullptr; });
    object.callables.Tidy();
  });
  bound->def_property_readonly("closed",
                               [](const Object& object) { return object.shared == nullptr; });
}

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_SHARED_OBJECT_H
