// Kept packets.
#ifndef NETSTACK_PYTHON_PACKET_H
#define NETSTACK_PYTHON_PACKET_H

#include <pybind11/pybind11.h>

#include <netstack/netstack.hpp>
#include <utility>

namespace netstack::python {

namespace py = pybind11;

// netstack.Packet. Its bytes are the library's, which its views keep alive through it.
struct PacketObject {
  explicit PacketObject(Packet kept) : packet(std::move(kept)), info(packet.info()) {}

  Packet packet;
  PacketInfo info;
};

void BindPacket(py::module_& module);

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_PACKET_H
