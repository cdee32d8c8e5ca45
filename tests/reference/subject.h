// The library's stack, configured as the reference's is, one packet at a time.
#ifndef NETSTACK_TESTS_REFERENCE_SUBJECT_H_
#define NETSTACK_TESTS_REFERENCE_SUBJECT_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "reference/configuration.h"
#include "reference/outcome.h"
#include "support/counters.h"
#include "support/handles.h"

namespace reference {

inline ns_prefix ToC(const Subnet& subnet) {
  ns_prefix prefix{};
  std::copy(subnet.address.begin(), subnet.address.end(), prefix.address.bytes);
  prefix.address.family = subnet.address.size() == 4 ? NS_FAMILY_IPV4 : NS_FAMILY_IPV6;
  prefix.length = subnet.length;
  return prefix;
}

inline std::vector<ns_prefix> ToC(const std::vector<Subnet>& subnets) {
  std::vector<ns_prefix> prefixes;
  for (const Subnet& each : subnets) prefixes.push_back(ToC(each));
  return prefixes;
}

class Subject {
 public:
  explicit Subject(const Configuration& configuration)
      : stack_(NewStack(configuration)),
        link_(support::NewChannel(static_cast<uint32_t>(configuration.mtu))) {
    AddNic(configuration);
    std::vector<ns_route> routes;
    for (const Subnet& each : configuration.routes) routes.push_back({ToC(each), {}, 1});
    EXPECT_EQ(ns_stack_add_routes(stack(), routes.data(), routes.size(), nullptr), NS_OK);
    for (const Bytes& each : configuration.groups) {
      const std::string text = support::AddressText(each);
      EXPECT_EQ(ns_stack_join_group(stack(), 1, text.c_str(), nullptr), NS_OK);
    }
    for (const Family family : {kIpv4, kIpv6}) {
      SetPolicy(family, NS_ECHO_DESTINATION_TEMPORARY, configuration.temporary_policy[family]);
      SetPolicy(family, NS_ECHO_DESTINATION_GROUP, configuration.group_policy[family]);
      if (configuration.handler[family]) Install(family, configuration.echo_replies);
    }
  }
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  // `replies` receives everything that was sent.
  Outcome Receive(const Bytes& packet, Decision decision, std::vector<Bytes>* replies) {
    decision_ = decision;
    outcome_ = {};
    EXPECT_EQ(ns_link_inject(link_.get(), packet.data(), packet.size()), NS_OK);
    replies->clear();
    size_t length = 0;
    while (ns_link_read(link_.get(), buffer_.data(), buffer_.size(), &length) == NS_OK) {
      replies->emplace_back(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(length));
    }
    if (!replies->empty()) outcome_.reply = replies->front();
    return outcome_;
  }

  // Those that are not 0.
  [[nodiscard]] Counts Counters() const {
    Counts counts = support::AllCounters(stack());
    std::erase_if(counts, [](const auto& each) { return each.second == 0; });
    return counts;
  }

 private:
  static support::StackHandle NewStack(const Configuration& configuration) {
    uint32_t flags = 0;
    if (configuration.strict_routes) flags |= NS_STACK_STRICT_ROUTES;
    if (configuration.check_local_source) flags |= NS_STACK_CHECK_LOCAL_SOURCE;
    if (configuration.allow_loopback) flags |= NS_STACK_ALLOW_LOOPBACK;
    return support::NewStack(flags, configuration.ttl, configuration.hop_limit);
  }

  void AddNic(const Configuration& configuration) {
    const std::vector<ns_prefix> addresses = ToC(configuration.addresses);
    const std::vector<ns_prefix> local_prefixes = ToC(configuration.local_prefixes);
    ns_nic_options nic = NS_NIC_OPTIONS_INIT;
    if (configuration.disabled) nic.flags |= NS_NIC_DISABLED;
    if (configuration.promiscuous) nic.flags |= NS_NIC_PROMISCUOUS;
    if (configuration.spoofing) nic.flags |= NS_NIC_SPOOFING;
    nic.addresses = addresses.data();
    nic.address_count = addresses.size();
    nic.local_prefixes = local_prefixes.data();
    nic.local_prefix_count = local_prefixes.size();
    support::Error error;
    EXPECT_EQ(ns_stack_add_nic(stack(), 1, link_.get(), &nic, error.out()), NS_OK)
        << error.message();
  }

  void SetPolicy(Family family, ns_echo_destination destination, Policy policy) const {
    EXPECT_EQ(ns_stack_set_echo_policy(stack(), family == kIpv4 ? NS_FAMILY_IPV4 : NS_FAMILY_IPV6,
                                       destination, static_cast<ns_echo_policy>(policy), nullptr),
              NS_OK);
  }

  void Install(Family family, bool echo_replies) {
    ns_icmp_forwarder_options options = NS_ICMP_FORWARDER_OPTIONS_INIT;
    if (echo_replies) options.flags |= NS_ICMP_FORWARDER_ECHO_REPLIES;
    ns_icmp_forwarder* made = nullptr;
    EXPECT_EQ(ns_icmp_forwarder_new(&options, &Handle, this, nullptr, &made, nullptr), NS_OK);
    const support::ForwarderHandle forwarder(made);
    EXPECT_EQ(ns_stack_set_icmp_forwarder(
                  stack(), family == kIpv4 ? NS_FAMILY_IPV4 : NS_FAMILY_IPV6, made, nullptr),
              NS_OK);
  }

  static ns_verdict Handle(void* user_data, ns_request request) {
    auto* const self = static_cast<Subject*>(user_data);
    ns_packet_info info{};
    EXPECT_EQ(ns_request_get_info(request, &info, sizeof info), NS_OK);
    EXPECT_FALSE(self->outcome_.asked) << "asked twice";
    self->outcome_.asked = ReadKind(info.flags);
    for (int i = 0; i < self->decision_.replies; ++i) {
      self->outcome_.statuses.push_back(ns_request_reply(request));
    }
    return self->decision_.verdict;
  }

  static Destination ReadKind(uint32_t flags) {
    switch (flags) {
      case NS_PACKET_TEMPORARY:
        return Destination::kTemporary;
      case NS_PACKET_BROADCAST:
        return Destination::kBroadcast;
      case NS_PACKET_MULTICAST:
        return Destination::kMulticast;
      default:
        EXPECT_EQ(flags, 0u);
        return Destination::kAssigned;
    }
  }

  [[nodiscard]] ns_stack* stack() const { return stack_.get(); }

  const support::StackHandle stack_;
  const support::LinkHandle link_;
  Bytes buffer_ = Bytes(NS_MTU_MAX);
  Decision decision_;
  Outcome outcome_;
};

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_SUBJECT_H_
