#include "demo_network.h"

#include <array>
#include <utility>

#include "address_text.h"
#include "demo_handler.h"

namespace program {

namespace {

constexpr uint32_t kNic = 1;

std::string With(const char* address, const char* prefix) {
  const std::string text(prefix);
  return address + text.substr(text.find('/'));
}

ns_prefix Prefix(const std::string& text) { return ParsePrefix(text).value(); }

}  // namespace

LinkHandle OpenDemoTun(const char* name) {
  const std::array<ns_prefix, 3> host{Prefix(With(kHostIpv4, kPrefixIpv4)),
                                      Prefix(With(kHostIpv6, kPrefixIpv6)),
                                      Prefix(With(kHostInRoom1, "/32"))};
  ns_link_tun_options options = NS_LINK_TUN_OPTIONS_INIT;
  options.host_addresses = host.data();
  options.host_address_count = host.size();
  return Make<LinkHandle>(ns_link_tun_new, name, &options);
}

DemoNetwork::DemoNetwork(LinkHandle link)
    : link_(std::move(link)), stack_(Make<StackHandle>(ns_stack_new, nullptr)) {
  ns_stack* const stack = stack_.get();
  Call(ns_stack_add_nic, stack, kNic, link_.get(), nullptr);
  Call(ns_stack_set_capture, stack, kNic, witness_.capture());
  Call(ns_stack_add_address, stack, kNic, With(kAddressIpv4, kPrefixIpv4).c_str());
  Call(ns_stack_add_address, stack, kNic, With(kAddressIpv6, kPrefixIpv6).c_str());
  Call(ns_stack_add_local_prefix, stack, kNic, kPrefixIpv4);
  Call(ns_stack_add_local_prefix, stack, kNic, kPrefixIpv6);
  const auto forwarder =
      Make<ForwarderHandle>(ns_icmp_forwarder_new, nullptr, OnEcho, nullptr, nullptr);
  Call(ns_stack_set_icmp_forwarder, stack, ns_family{NS_FAMILY_ANY}, forwarder.get());
}

}  // namespace program
