// Owners of what the C ABI hands out, and the shortest ways to get one.
#ifndef NETSTACK_TESTS_BENCH_HANDLES_H_
#define NETSTACK_TESTS_BENCH_HANDLES_H_

#include <netstack/netstack.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/deleter.h"
#include "workload.h"

namespace bench {

using StackHandle = std::unique_ptr<ns_stack, support::Deleter<ns_stack_free>>;
using LinkHandle = std::unique_ptr<ns_link, support::Deleter<ns_link_free>>;
using ForwarderHandle =
    std::unique_ptr<ns_icmp_forwarder, support::Deleter<ns_icmp_forwarder_free>>;

// Throws what went wrong, with `error`'s sentence if there is one.
inline void Check(ns_status status, const char* what, ns_error* error = nullptr) {
  if (status == NS_OK) return;
  std::string text = std::string(what) + ": " + ns_status_name(status);
  if (error != nullptr) text += std::string(", ") + ns_error_message(error);
  ns_error_free(error);
  throw std::runtime_error(text);
}

inline StackHandle NewStack() {
  ns_stack* stack = nullptr;
  ns_error* error = nullptr;
  Check(ns_stack_new(nullptr, &stack, &error), "ns_stack_new", error);
  return StackHandle(stack);
}

inline void AddNic(ns_stack* stack, ns_link* link) {
  ns_error* error = nullptr;
  Check(ns_stack_add_nic(stack, 1, link, nullptr, &error), "ns_stack_add_nic", error);
}

// Each of the first `count` local addresses, alone in its subnet.
inline std::vector<ns_prefix> LocalAddresses(Family family, size_t count) {
  std::vector<ns_prefix> addresses(count);
  for (size_t n = 0; n < count; ++n) {
    const support::Bytes bytes = LocalAddressBytes(family, n);
    addresses[n].address.family = family == Family::kIpv6 ? NS_FAMILY_IPV6 : NS_FAMILY_IPV4;
    std::copy(bytes.begin(), bytes.end(), addresses[n].address.bytes);
    addresses[n].length = static_cast<uint32_t>(bytes.size() * 8);
  }
  return addresses;
}

inline void AddAddresses(ns_stack* stack, const std::vector<ns_prefix>& addresses) {
  ns_error* error = nullptr;
  Check(ns_stack_add_addresses(stack, 1, addresses.data(), addresses.size(), &error),
        "ns_stack_add_addresses", error);
}

inline void SetHandler(ns_stack* stack, ns_icmp_request_fn handler) {
  ns_icmp_forwarder* made = nullptr;
  ns_error* error = nullptr;
  Check(ns_icmp_forwarder_new(nullptr, handler, nullptr, nullptr, &made, &error),
        "ns_icmp_forwarder_new", error);
  const ForwarderHandle forwarder(made);
  Check(ns_stack_set_icmp_forwarder(stack, NS_FAMILY_ANY, forwarder.get(), &error),
        "ns_stack_set_icmp_forwarder", error);
}

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_HANDLES_H_
