// Values on their way between Python and the library: addresses and bytes.
#ifndef NETSTACK_PYTHON_VALUES_H
#define NETSTACK_PYTHON_VALUES_H

#include <pybind11/pybind11.h>

#include <netstack/netstack.hpp>
#include <vector>

namespace netstack::python {

namespace py = pybind11;

// 4 or 16 bytes, and the NIC of its scope.
Address AddressOf(py::handle packed, std::uint32_t scope = 0);
// (bytes, scope); no address for None.
Address ScopedAddressOf(py::handle pair);
// A sequence of 4 or 16 bytes each.
std::vector<Address> AddressesOf(py::handle sequence);
// (bytes, length).
Prefix PrefixOf(py::handle pair);
std::vector<Prefix> PrefixesOf(py::handle sequence);

// ipaddress.IPv4Address or IPv6Address; a scope follows its "%".
py::object ToPython(const ns_address& address);
py::bytes ToPython(ByteView bytes);

// The bytes of any object that lends contiguous ones, borrowed for its own life.
class Buffer {
 public:
  explicit Buffer(py::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  }
  ~Buffer() { PyBuffer_Release(&view_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] ByteView bytes() const noexcept {
    return {static_cast<const std::uint8_t*>(view_.buf), static_cast<std::size_t>(view_.len)};
  }

 private:
  Py_buffer view_{};
};

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_VALUES_H
