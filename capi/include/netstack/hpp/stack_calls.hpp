/**
 * @file
 * The bodies of Stack's functions.
 */
#ifndef NETSTACK_HPP_STACK_CALLS_HPP
#define NETSTACK_HPP_STACK_CALLS_HPP

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <netstack/hpp/stack.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netstack {

namespace detail {

inline ns_stack* NewStack(const StackOptions& options) {
  ns_stack_options c_options;
  ns_stack_options_init(&c_options, sizeof c_options);
  c_options.flags = options.flags;
  c_options.default_ttl = options.default_ttl;
  c_options.default_hop_limit = options.default_hop_limit;
  c_options.reassembly_high = options.reassembly_high;
  c_options.reassembly_low = options.reassembly_low;
  if (options.clock != nullptr) c_options.clock = options.clock->get();
  if (options.random != nullptr) c_options.random = options.random->get();
  return Make<Owner<ns_stack, ns_stack_free>>("Stack", ns_stack_new, &c_options).release();
}

// A gateway as the C ABI wants it: no text is none.
inline const char* GatewayText(const std::optional<std::string>& gateway) {
  return gateway ? Text(*gateway, "the gateway") : nullptr;
}

}  // namespace detail

inline Stack::Stack(const StackOptions& options) : Owner(detail::NewStack(options)) {}

inline void Stack::Run(const ErrorHandler& on_error) {
  detail::Frame frame(get(), on_error);
  ns_error* error = nullptr;
  const ns_status status = ns_stack_run(get(), &error);
  std::unique_ptr<ns_error, detail::FreeError> owned(error);
  frame.Rethrow();
  Check(status, owned.release(), "Stack::Run");
}

inline std::size_t Stack::Poll() {
  std::size_t packets = 0;
  detail::Call("Stack::Poll", ns_stack_poll, get(), &packets);
  return packets;
}

inline void Stack::AddNic(std::uint32_t nic, const Link& link, const NicOptions& options) {
  const auto addresses = detail::ArrayOf<ns_prefix>(options.addresses);
  const auto local_prefixes = detail::ArrayOf<ns_prefix>(options.local_prefixes);
  ns_nic_options c_options;
  ns_nic_options_init(&c_options, sizeof c_options);
  c_options.flags = options.flags;
  c_options.addresses = addresses.data();
  c_options.address_count = addresses.size();
  c_options.local_prefixes = local_prefixes.data();
  c_options.local_prefix_count = local_prefixes.size();
  detail::Call("Stack::AddNic", ns_stack_add_nic, get(), nic, link.get(), &c_options);
}

inline void Stack::RemoveNic(std::uint32_t nic) {
  detail::Call("Stack::RemoveNic", ns_stack_remove_nic, get(), nic);
}

inline void Stack::SetNicFlags(std::uint32_t nic, std::uint32_t set, std::uint32_t clear) {
  detail::Call("Stack::SetNicFlags", ns_stack_set_nic_flags, get(), nic, set, clear);
}

inline void Stack::SetCapture(std::uint32_t nic, const Capture& capture) {
  if (!capture) throw Error(Status::kInvalidArgument, "the capture is empty");
  detail::Call("Stack::SetCapture", ns_stack_set_capture, get(), nic, capture.get());
}

inline void Stack::RemoveCapture(std::uint32_t nic) {
  ns_capture* const none = nullptr;
  detail::Call("Stack::RemoveCapture", ns_stack_set_capture, get(), nic, none);
}

inline void Stack::AddAddress(std::uint32_t nic, const std::string& address) {
  detail::Call("Stack::AddAddress", ns_stack_add_address, get(), nic,
               detail::Text(address, "the address"));
}

inline void Stack::AddAddresses(std::uint32_t nic, const std::vector<Prefix>& addresses) {
  const auto array = detail::ArrayOf<ns_prefix>(addresses);
  detail::Call("Stack::AddAddresses", ns_stack_add_addresses, get(), nic, array.data(),
               array.size());
}

inline void Stack::RemoveAddress(std::uint32_t nic, const std::string& address) {
  detail::Call("Stack::RemoveAddress", ns_stack_remove_address, get(), nic,
               detail::Text(address, "the address"));
}

inline void Stack::RemoveAddresses(std::uint32_t nic, const std::vector<Address>& addresses) {
  const auto array = detail::ArrayOf<ns_address>(addresses);
  detail::Call("Stack::RemoveAddresses", ns_stack_remove_addresses, get(), nic, array.data(),
               array.size());
}

inline void Stack::AddLocalPrefix(std::uint32_t nic, const std::string& prefix) {
  detail::Call("Stack::AddLocalPrefix", ns_stack_add_local_prefix, get(), nic,
               detail::Text(prefix, "the prefix"));
}

inline void Stack::AddLocalPrefixes(std::uint32_t nic, const std::vector<Prefix>& prefixes) {
  const auto array = detail::ArrayOf<ns_prefix>(prefixes);
  detail::Call("Stack::AddLocalPrefixes", ns_stack_add_local_prefixes, get(), nic, array.data(),
               array.size());
}

inline void Stack::RemoveLocalPrefix(std::uint32_t nic, const std::string& prefix) {
  detail::Call("Stack::RemoveLocalPrefix", ns_stack_remove_local_prefix, get(), nic,
               detail::Text(prefix, "the prefix"));
}

inline void Stack::RemoveLocalPrefixes(std::uint32_t nic, const std::vector<Prefix>& prefixes) {
  const auto array = detail::ArrayOf<ns_prefix>(prefixes);
  detail::Call("Stack::RemoveLocalPrefixes", ns_stack_remove_local_prefixes, get(), nic,
               array.data(), array.size());
}

inline void Stack::JoinGroup(std::uint32_t nic, const std::string& group) {
  detail::Call("Stack::JoinGroup", ns_stack_join_group, get(), nic,
               detail::Text(group, "the group"));
}

inline void Stack::LeaveGroup(std::uint32_t nic, const std::string& group) {
  detail::Call("Stack::LeaveGroup", ns_stack_leave_group, get(), nic,
               detail::Text(group, "the group"));
}

inline void Stack::AddRoute(const std::string& destination, std::uint32_t nic,
                            const std::optional<std::string>& gateway) {
  detail::Call("Stack::AddRoute", ns_stack_add_route, get(),
               detail::Text(destination, "the destination"), detail::GatewayText(gateway), nic);
}

inline void Stack::AddRoutes(const std::vector<Route>& routes) {
  const auto array = detail::ArrayOf<ns_route>(routes);
  detail::Call("Stack::AddRoutes", ns_stack_add_routes, get(), array.data(), array.size());
}

inline void Stack::RemoveRoute(const std::string& destination, std::uint32_t nic,
                               const std::optional<std::string>& gateway) {
  detail::Call("Stack::RemoveRoute", ns_stack_remove_route, get(),
               detail::Text(destination, "the destination"), detail::GatewayText(gateway), nic);
}

inline void Stack::RemoveRoutes(const std::vector<Route>& routes) {
  const auto array = detail::ArrayOf<ns_route>(routes);
  detail::Call("Stack::RemoveRoutes", ns_stack_remove_routes, get(), array.data(), array.size());
}

inline void Stack::OnEcho(EchoHandler handler, Family family) {
  SetIcmpForwarder(IcmpForwarder(std::move(handler)), family);
}

inline void Stack::SetIcmpForwarder(const IcmpForwarder& forwarder, Family family) {
  if (!forwarder) throw Error(Status::kInvalidArgument, "the forwarder is empty");
  detail::Call("Stack::SetIcmpForwarder", ns_stack_set_icmp_forwarder, get(),
               static_cast<ns_family>(family), forwarder.get());
}

inline void Stack::RemoveIcmpForwarder(Family family) {
  ns_icmp_forwarder* const none = nullptr;
  detail::Call("Stack::RemoveIcmpForwarder", ns_stack_set_icmp_forwarder, get(),
               static_cast<ns_family>(family), none);
}

inline void Stack::SetEchoPolicy(Family family, EchoDestination destination, EchoPolicy policy) {
  detail::Call("Stack::SetEchoPolicy", ns_stack_set_echo_policy, get(),
               static_cast<ns_family>(family), static_cast<ns_echo_destination>(destination),
               static_cast<ns_echo_policy>(policy));
}

inline void Stack::SetIcmpRate(std::uint32_t per_second, std::uint32_t burst) {
  detail::Call("Stack::SetIcmpRate", ns_stack_set_icmp_rate, get(), per_second, burst);
}

inline void Stack::SetIcmpLimited(Family family, std::uint32_t type, bool limited) {
  detail::Call("Stack::SetIcmpLimited", ns_stack_set_icmp_limited, get(),
               static_cast<ns_family>(family), type, std::uint32_t{limited});
}

inline PingReply Stack::Ping(const Address& destination, const PingOptions& options) {
  ns_ping_options c_options;
  ns_ping_options_init(&c_options, sizeof c_options);
  c_options.nic = options.nic;
  c_options.ttl = options.ttl;
  c_options.tos = options.tos;
  c_options.timeout_ns = detail::ToC(options.timeout, "the timeout");
  c_options.sequence = options.sequence;
  c_options.source = options.source.get();
  c_options.payload = options.payload.data();
  c_options.payload_length = options.payload.size();
  std::uint64_t rtt = 0;
  Packet packet = detail::Make<Packet>("Stack::Ping", [&](ns_packet** reply, ns_error** error) {
    return ns_ping(get(), &destination.get(), &c_options, &rtt, reply, error);
  });
  return {detail::FromC(rtt), std::move(packet)};
}

inline void Stack::ForEachCounter(const CounterVisitor& visit) const {
  if (!visit) throw Error(Status::kInvalidArgument, "the visitor is empty");
  const auto visit_one = [](void* visitor, const char* name, std::uint64_t value) noexcept {
    return detail::Contain<std::int32_t>(1, [&]() -> std::int32_t {
      return (*static_cast<const CounterVisitor*>(visitor))(name, value) ? 0 : 1;
    });
  };
  void* const visitor = const_cast<CounterVisitor*>(&visit);
  Check(detail::Enter(ns_stack_for_each_counter, get(), visit_one, visitor), nullptr,
        "Stack::ForEachCounter");
}

inline std::map<std::string, std::uint64_t> Stack::Counters() const {
  std::map<std::string, std::uint64_t> counters;
  ForEachCounter([&counters](std::string_view name, std::uint64_t value) {
    counters.emplace(name, value);
    return true;
  });
  return counters;
}

inline std::uint64_t Stack::Counter(const std::string& name) const {
  std::uint64_t value = 0;
  const ns_status status = ns_stack_get_counter(get(), detail::Text(name, "the name"), &value);
  if (status == NS_ERR_NOT_FOUND) {
    throw Error(Status::kNotFound, "there is no counter \"" + name + '"');
  }
  Check(status, nullptr, "Stack::Counter");
  return value;
}

}  // namespace netstack

#endif  // NETSTACK_HPP_STACK_CALLS_HPP
