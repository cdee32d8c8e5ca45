#include "values.h"

#include <pybind11/gil_safe_call_once.h>
#include <pybind11/stl.h>

#include <cstring>
#include <string>

namespace netstack::python {

namespace {

struct AddressClasses {
  py::object v4;
  py::object v6;
};

const AddressClasses& Classes() {
  PYBIND11_CONSTINIT static py::gil_safe_call_once_and_store<AddressClasses> classes;
  return classes
      .call_once_and_store_result([] {
        const auto module = py::module_::import("ipaddress");
        return AddressClasses{module.attr("IPv4Address"), module.attr("IPv6Address")};
      })
      .get_stored();
}

std::pair<py::bytes, std::uint32_t> PairOf(py::handle pair) {
  return py::cast<std::pair<py::bytes, std::uint32_t>>(pair);
}

template <typename Value, typename Convert>
std::vector<Value> ListOf(py::handle sequence, Convert&& convert) {
  std::vector<Value> values;
  values.reserve(py::len(sequence));
  for (const py::handle item : py::reinterpret_borrow<py::object>(sequence)) {
    values.push_back(convert(item));
  }
  return values;
}

}  // namespace

ByteView ViewOf(const py::bytes& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(PyBytes_AS_STRING(bytes.ptr())),
          static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

Address AddressOf(const py::bytes& packed, std::uint32_t scope) {
  const ByteView bytes = ViewOf(packed);
  if (bytes.size() != 4 && bytes.size() != 16) {
    throw Error(Status::kInvalidArgument, "an address has 4 or 16 bytes");
  }
  ns_address address{};
  address.family = bytes.size() == 4 ? NS_FAMILY_IPV4 : NS_FAMILY_IPV6;
  address.scope = scope;
  std::memcpy(address.bytes, bytes.data(), bytes.size());
  return Address(address);
}

Address ScopedAddressOf(py::handle pair) {
  if (pair.is_none()) return {};
  const auto [packed, scope] = PairOf(pair);
  return AddressOf(packed, scope);
}

std::vector<Address> AddressesOf(py::handle sequence) {
  return ListOf<Address>(sequence,
                         [](py::handle packed) { return AddressOf(py::cast<py::bytes>(packed)); });
}

Prefix PrefixOf(py::handle pair) {
  const auto [packed, length] = PairOf(pair);
  return {AddressOf(packed), length};
}

std::vector<Prefix> PrefixesOf(py::handle sequence) { return ListOf<Prefix>(sequence, &PrefixOf); }

py::object ToPython(const ns_address& address) {
  const Address value(address);
  if (value.family() == Family::kIpv4) return Classes().v4(ToPython(value.bytes()));
  if (value.scope() == 0) return Classes().v6(ToPython(value.bytes()));
  return Classes().v6(value.ToString() + '%' + std::to_string(value.scope()));
}

py::bytes ToPython(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace netstack::python
