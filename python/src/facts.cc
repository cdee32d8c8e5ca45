#include "facts.h"

namespace netstack::python {

std::string Documented(const char* text, const std::string& example, const char* result) {
  return std::string(text) + "\n\n>>> " + example + '\n' + result;
}

std::string Describe(const PacketInfo& info) {
  const std::string v4 = info.type() == 8 ? "Request" : "Reply";
  const std::string v6 = info.type() == 128 ? "Request" : "Reply";
  return "Echo " + (info.family() == Family::kIpv4 ? v4 : v6) + " from " +
         info.source().ToString() + " to " + info.destination().ToString() + ", identifier " +
         std::to_string(info.identifier()) + ", sequence " + std::to_string(info.sequence());
}

}  // namespace netstack::python
