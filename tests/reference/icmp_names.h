// The names under which ICMP messages are counted, by type; empty: none.
#ifndef NETSTACK_TESTS_REFERENCE_ICMP_NAMES_H_
#define NETSTACK_TESTS_REFERENCE_ICMP_NAMES_H_

#include <cstdint>
#include <map>
#include <string>

namespace reference {

inline std::string NameOf(const std::map<uint8_t, std::string>& names, uint8_t type) {
  const auto at = names.find(type);
  return at != names.end() ? at->second : "";
}

inline std::string NameOfIcmpv4(uint8_t type) {
  static const std::map<uint8_t, std::string> kNames = {
      {0, "echo_reply"},       {3, "dst_unreachable"}, {4, "src_quench"},     {5, "redirect"},
      {8, "echo_request"},     {11, "time_exceeded"},  {12, "param_problem"}, {13, "timestamp"},
      {14, "timestamp_reply"}, {15, "info_request"},   {16, "info_reply"}};
  return NameOf(kNames, type);
}

inline std::string NameOfIcmpv6(uint8_t type) {
  static const std::map<uint8_t, std::string> kNames = {{1, "dst_unreachable"},
                                                        {2, "packet_too_big"},
                                                        {3, "time_exceeded"},
                                                        {4, "param_problem"},
                                                        {128, "echo_request"},
                                                        {129, "echo_reply"},
                                                        {130, "multicast_listener_query"},
                                                        {131, "multicast_listener_report"},
                                                        {132, "multicast_listener_done"},
                                                        {133, "router_solicit"},
                                                        {134, "router_advert"},
                                                        {135, "neighbor_solicit"},
                                                        {136, "neighbor_advert"},
                                                        {137, "redirect_msg"},
                                                        {143, "multicast_listener_report_v2"}};
  return NameOf(kNames, type);
}

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_ICMP_NAMES_H_
