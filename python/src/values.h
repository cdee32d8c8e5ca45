// Values on their way between Python and the library: addresses and bytes.
#ifndef NETSTACK_PYTHON_VALUES_H
#define NETSTACK_PYTHON_VALUES_H

#include <pybind11/pybind11.h>

#include <netstack/netstack.hpp>
#include <vector>

namespace netstack::python {

namespace py = pybind11;

// 4 or 16 bytes, and the NIC of its scope.
Address AddressOf(const py::bytes& packed, std::uint32_t scope = 0);
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

// Valid as long as the object. Nothing but bytes: what could change meanwhile is not for the
// library.
ByteView ViewOf(const py::bytes& bytes);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_VALUES_H
