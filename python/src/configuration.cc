// What a stack is told of NICs, addresses, prefixes, groups, routes and policies.
#include <pybind11/stl.h>

#include <optional>
#include <tuple>
#include <vector>

#include "capture.h"
#include "gil.h"
#include "link.h"
#include "stack.h"
#include "values.h"

namespace netstack::python {

namespace {

// Calls a member function of the open stack without the GIL.
template <typename... Parameters, typename... Arguments>
void Change(const StackObject& object, void (Stack::*change)(Parameters...),
            const Arguments&... arguments) {
  const auto stack = object.Open();
  WithoutGil([&] { (stack.get()->*change)(arguments...); });
}

void AddNic(StackObject& object, std::uint32_t nic, const LinkObject& link, std::uint32_t flags,
            const py::object& addresses, const py::object& prefixes) {
  object.AddNic(nic, *link.Open(), {flags, PrefixesOf(addresses), PrefixesOf(prefixes)});
}

void SetCapture(const StackObject& object, std::uint32_t nic, const CaptureObject* capture) {
  if (capture == nullptr) return Change(object, &Stack::RemoveCapture, nic);
  const auto stack = object.Open();
  WithoutGil([&] { stack->SetCapture(nic, capture->capture); });
}

// ((bytes, length), NIC, gateway's bytes or None) each.
std::vector<Route> RoutesOf(const py::object& sequence) {
  using Item = std::tuple<py::object, std::uint32_t, std::optional<py::bytes>>;
  std::vector<Route> routes;
  for (const py::handle item : sequence) {
    const auto [destination, nic, gateway] = py::cast<Item>(item);
    routes.push_back({PrefixOf(destination), nic, gateway ? AddressOf(*gateway) : Address()});
  }
  return routes;
}

void SetEchoPolicy(const StackObject& object, std::uint32_t family, std::uint32_t destination,
                   std::uint32_t policy) {
  Change(object, &Stack::SetEchoPolicy, static_cast<Family>(family),
         static_cast<EchoDestination>(destination), static_cast<EchoPolicy>(policy));
}

void SetIcmpLimited(const StackObject& object, std::uint32_t family, std::uint8_t type,
                    bool limited) {
  Change(object, &Stack::SetIcmpLimited, static_cast<Family>(family), type, limited);
}

}  // namespace

void BindConfiguration(py::class_<StackObject>* stack) {
  using Object = const StackObject&;
  const auto nic = py::arg("nic");
  stack->def("add_nic", &AddNic, nic, py::arg("link"), py::arg("flags"), py::arg("addresses"),
             py::arg("prefixes"));
  stack->def("remove_nic", &StackObject::RemoveNic, nic);
  stack->def(
      "set_nic_flags",
      [](Object s, std::uint32_t id, std::uint32_t set, std::uint32_t clear) {
        Change(s, &Stack::SetNicFlags, id, set, clear);
      },
      nic, py::arg("on"), py::arg("off"));
  stack->def("set_capture", &SetCapture, nic, py::arg("capture"));

  const auto def_list = [&](const char* name, auto change, auto list_of, const char* list) {
    stack->def(
        name,
        [change, list_of](Object s, std::uint32_t id, const py::object& sequence) {
          Change(s, change, id, list_of(sequence));
        },
        nic, py::arg(list));
  };
  def_list("add_addresses", &Stack::AddAddresses, &PrefixesOf, "addresses");
  def_list("remove_addresses", &Stack::RemoveAddresses, &AddressesOf, "addresses");
  def_list("add_prefixes", &Stack::AddLocalPrefixes, &PrefixesOf, "prefixes");
  def_list("remove_prefixes", &Stack::RemoveLocalPrefixes, &PrefixesOf, "prefixes");

  const auto def_group = [&](const char* name, auto change) {
    stack->def(
        name,
        [change](Object s, std::uint32_t id, const std::string& group) {
          Change(s, change, id, group);
        },
        nic, py::arg("group"));
  };
  def_group("join_group", &Stack::JoinGroup);
  def_group("leave_group", &Stack::LeaveGroup);

  const auto def_routes = [&](const char* name, auto change) {
    stack->def(
        name, [change](Object s, const py::object& routes) { Change(s, change, RoutesOf(routes)); },
        py::arg("routes"));
  };
  def_routes("add_routes", &Stack::AddRoutes);
  def_routes("remove_routes", &Stack::RemoveRoutes);
  stack->def("set_echo_policy", &SetEchoPolicy, py::arg("family"), py::arg("destination"),
             py::arg("policy"));
  stack->def(
      "set_icmp_rate",
      [](Object s, std::optional<std::uint32_t> per_second, std::uint32_t burst) {
        Change(s, &Stack::SetIcmpRate, per_second.value_or(kUnlimitedIcmpRate), burst);
      },
      py::arg("per_second"), py::arg("burst"));
  stack->def("set_icmp_limited", &SetIcmpLimited, py::arg("family"), py::arg("icmp_type"),
             py::arg("limited"));
}

}  // namespace netstack::python
