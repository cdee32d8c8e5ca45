#include "packet.h"

#include <string>

#include "facts.h"
#include "seal.h"

namespace netstack::python {

namespace {

constexpr const char* kDocumentation =
    R"(A packet that is kept: read-only, on any thread, for ever, without any right to answer.

From `Request.retain()`, or received by a socket. It lends its bytes, from the IP header on,
without a copy, to everything that takes bytes-like objects; `bytes(packet)` copies them.

>>> memoryview(packet).readonly
True
>>> packet
<netstack.Packet: Echo Request from 192.168.0.2 to 192.168.0.1, identifier 1, sequence 2>)";

py::buffer_info Lend(const PacketObject& packet) {
  const ByteView bytes = packet.packet.bytes();
  return {bytes.data(), static_cast<py::ssize_t>(bytes.size()), true};
}

}  // namespace

void BindPacket(py::module_& module) {
  py::class_<PacketObject> packet(module, "Packet", kDocumentation, py::buffer_protocol(),
                                  py::is_final());
  packet.attr("__module__") = "netstack";
  packet.def_buffer(&Lend);
  FactsBinder<PacketObject>(&packet, "packet").Bind();
  packet.def_property_readonly(
      "has_bad_checksum", [](const PacketObject& p) { return p.info.has_bad_checksum(); },
      Documented("Whether the ICMP checksum is wrong. Only raw sockets get to see such packets.",
                 "packet.has_bad_checksum", "False")
          .c_str());
  packet.def(
      "payload", [](const PacketObject& p) { return ToPython(p.packet.payload()); },
      Documented("A copy of the echo data.", "packet.payload()", "b'abcdefgh'").c_str());
  packet.def(
      "__len__", [](const PacketObject& p) { return p.info.length(); },
      Documented("Bytes of the whole packet.", "len(packet)", "36").c_str());
  packet.def("__repr__",
             [](const PacketObject& p) { return "<netstack.Packet: " + Describe(p.info) + '>'; });
  Seal(packet);
}

}  // namespace netstack::python
