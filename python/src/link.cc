#include "link.h"

#include <string>

#include "errors.h"
#include "gil.h"
#include "seal.h"
#include "values.h"

namespace netstack::python {

namespace {

Status Send(const Slot& transmit, ByteView packet) {
  return InPython(Status::kClosed, [&] {
    const py::object callable = transmit.Get();
    if (!callable) return Status::kClosed;
    const py::object sent = Call(callable, ToPython(packet));
    if (sent.is_none() || sent.ptr() == Py_True) return Status::kOk;
    if (sent.ptr() == Py_False) return Status::kWouldBlock;
    ThrowReturned("transmit", sent, "True, False or None");
  });
}

std::unique_ptr<LinkObject> Made(Link link) {
  auto object = std::make_unique<LinkObject>();
  object->shared = std::make_shared<Link>(std::move(link));
  return object;
}

std::unique_ptr<LinkObject> MakeTun(const std::string& name, std::uint32_t mtu,
                                    const py::object& host_addresses) {
  LinkTunOptions options;
  options.mtu = mtu;
  options.host_addresses = PrefixesOf(host_addresses);
  return Made(WithoutGil([&] { return Link::Tun(name, options); }));
}

std::unique_ptr<LinkObject> MakeFd(int descriptor, std::uint32_t mtu,
                                   std::uint32_t packet_information) {
  return Made(Link::Fd(descriptor, {mtu, static_cast<PacketInformation>(packet_information)}));
}

std::unique_ptr<LinkObject> MakeChannel(std::uint32_t mtu, std::uint32_t capacity,
                                        const py::object& notify) {
  auto object = std::make_unique<LinkObject>();
  LinkChannelOptions options{mtu, capacity, NotifyOf(&object->callables, notify)};
  object->shared = std::make_shared<Link>(Link::Channel(std::move(options)));
  return object;
}

std::unique_ptr<LinkObject> MakeCallback(const py::object& transmit, std::uint32_t mtu) {
  auto object = std::make_unique<LinkObject>();
  const auto slot = object->callables.Add(transmit);
  object->shared = std::make_shared<Link>(
      Link::Callback([slot](ByteView packet) { return Send(*slot, packet); }, {mtu}));
  return object;
}

bool Inject(const LinkObject& object, const py::bytes& packet) {
  const auto link = object.Open();
  const ByteView bytes = ViewOf(packet);
  return WithoutGil([&] { return link->Inject(bytes); });
}

py::object Read(const LinkObject& object) {
  const auto packet = object.Open()->Read();
  if (!packet) return py::none();
  return ToPython(*packet);
}

}  // namespace

Notify NotifyOf(Callables* callables, const py::object& callable) {
  if (callable.is_none()) return nullptr;
  return [slot = callables->Add(callable)] {
    InPython(0, [&slot] {
      if (const py::object notify = slot->Get()) Call(notify);
      return 0;
    });
  };
}

void BindLink(py::module_& module) {
  py::class_<LinkObject> link(module, "Link", py::is_final(), Collected<LinkObject>());
  link.def_static("tun", &MakeTun, py::arg("name"), py::arg("mtu"), py::arg("host_addresses"))
      .def_static("fd", &MakeFd, py::arg("descriptor"), py::arg("mtu"),
                  py::arg("packet_information"))
      .def_static("channel", &MakeChannel, py::arg("mtu"), py::arg("capacity"), py::arg("notify"))
      .def_static("callback", &MakeCallback, py::arg("transmit"), py::arg("mtu"))
      .def("inject", &Inject, py::arg("packet"))
      .def("read", &Read)
      .def_property_readonly("mtu", [](const LinkObject& l) { return l.Open()->mtu(); })
      .def_property_readonly("device", [](const LinkObject& l) { return l.Open()->device(); });
  BindClosing(&link);
  Seal(link);
}

}  // namespace netstack::python
