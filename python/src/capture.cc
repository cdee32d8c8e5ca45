#include "capture.h"

#include <memory>
#include <string>

#include "gil.h"
#include "seal.h"
#include "values.h"

namespace netstack::python {

namespace {

std::unique_ptr<CaptureObject> ToFile(const std::string& path) {
  auto object = std::make_unique<CaptureObject>();
  object->capture = WithoutGil([&path] { return Capture::File(path); });
  return object;
}

std::unique_ptr<CaptureObject> ToCallable(const py::object& write) {
  auto object = std::make_unique<CaptureObject>();
  object->capture = Capture::Callback([slot = object->callables.Add(write)](ByteView bytes) {
    InPython(0, [&] {
      if (const py::object callable = slot->Get()) Call(callable, ToPython(bytes));
      return 0;
    });
  });
  return object;
}

}  // namespace

void BindCapture(py::module_& module) {
  py::class_<CaptureObject> capture(module, "Capture", py::is_final(), Collected<CaptureObject>());
  capture.def_static("file", &ToFile, py::arg("path"))
      .def_static("callback", &ToCallable, py::arg("write"))
      .def_property_readonly("lost", [](const CaptureObject& c) { return c.capture.lost(); });
  Seal(capture);
}

}  // namespace netstack::python
