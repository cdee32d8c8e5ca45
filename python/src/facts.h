// What there is to know of a packet, as properties: the same for requests and kept packets.
#ifndef NETSTACK_PYTHON_FACTS_H
#define NETSTACK_PYTHON_FACTS_H

#include <pybind11/pybind11.h>

#include <netstack/netstack.hpp>
#include <string>

#include "values.h"

namespace netstack::python {

// "Echo Request from 10.0.0.1 to 10.7.0.1, identifier 1, sequence 2".
std::string Describe(const PacketInfo& info);

// A docstring with its example, about the packet that python/tests/test_docstrings.py has.
std::string Documented(const char* text, const std::string& example, const char* result);

// Adds the properties to the class of `Object`, which has `PacketInfo info`; the examples call it
// `variable`.
template <typename Object>
class FactsBinder {
 public:
  FactsBinder(py::class_<Object>* bound, const char* variable) : bound_(bound), name_(variable) {}

  void Bind() {
    Add(
        "source", [](Info i) { return ToPython(i.get().source); },
        "Where the packet came from, an ipaddress object; if link-local, with its NIC as the "
        "scope.",
        "IPv4Address('192.168.0.2')");
    Add(
        "destination", [](Info i) { return ToPython(i.get().destination); },
        "Where the packet went to, an ipaddress object; if link-local, with its NIC as the scope.",
        "IPv4Address('192.168.0.1')");
    Add(
        "family", [](Info i) { return static_cast<int>(i.family()); }, "4 or 6.", "4");
    Add(
        "nic", [](Info i) { return i.nic(); }, "The id of the NIC that it came in on.", "1");
    Add(
        "is_temporary", [](Info i) { return i.is_temporary(); },
        "Whether nobody assigned the destination: promiscuous mode or a local prefix took it.",
        "False");
    Add(
        "is_broadcast", [](Info i) { return i.is_broadcast(); },
        "Whether it went to the limited broadcast address, or a subnet's.", "False");
    Add(
        "is_multicast", [](Info i) { return i.is_multicast(); },
        "Whether it went to a joined group.", "False");
    Add(
        "identifier", [](Info i) { return i.identifier(); }, "The Echo identifier, 0 to 65,535.",
        "1");
    Add(
        "sequence", [](Info i) { return i.sequence(); }, "The Echo sequence number, 0 to 65,535.",
        "2");
    Add(
        "type", [](Info i) { return i.type(); },
        "The ICMP type: 8 or 128 for an Echo Request, 0 or 129 for an Echo Reply.", "8");
    Add(
        "code", [](Info i) { return i.code(); }, "The ICMP code, as it came.", "0");
    Add(
        "ttl", [](Info i) { return i.ttl(); }, "The TTL or Hop Limit, as it came.", "64");
    Add(
        "tos", [](Info i) { return i.tos(); }, "The TOS or Traffic Class, as it came.", "0");
    Add(
        "length", [](Info i) { return i.length(); },
        "Bytes of the whole packet, from the IP header on.", "36");
    Add(
        "payload_offset", [](Info i) { return i.payload_offset(); },
        "Where in the packet the echo data begins, in bytes.", "28");
  }

 private:
  using Info = const PacketInfo&;

  template <typename Get>
  void Add(const char* property, Get get, const char* text, const char* result) {
    const std::string example = std::string(name_) + '.' + property;
    bound_->def_property_readonly(
        property, [get](const Object& object) { return get(object.info); },
        Documented(text, example, result).c_str());
  }

  py::class_<Object>* bound_;
  const char* name_;
};

}  // namespace netstack::python

#endif  // NETSTACK_PYTHON_FACTS_H
