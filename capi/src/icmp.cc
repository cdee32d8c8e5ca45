#include "netstack/wire/icmp.h"

#include <netstack/icmp.h>

#include <string>

#include "netstack/icmp/forwarder.h"
#include "options.h"
#include "stack_handle.h"

namespace {

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::base::Status;
using netstack::capi::WithStack;
using netstack::icmp::Forwarder;
using netstack::stack::Stack;
using netstack::wire::Family;

Forwarder* FromC(ns_icmp_forwarder* forwarder) noexcept {
  return reinterpret_cast<Forwarder*>(forwarder);
}

Error ReadFamilies(ns_family family, netstack::capi::Families* out) {
  const auto read = netstack::capi::FromC(family);
  if (!read) {
    return Invalid("family is " + std::to_string(family) +
                   "; it is NS_FAMILY_ANY, NS_FAMILY_IPV4 or NS_FAMILY_IPV6");
  }
  *out = *read;
  return {};
}

// Errors, and the Echo Reply. The stack sends no others by itself.
bool MayBeLimited(Family family, uint32_t type) noexcept {
  namespace wire = netstack::wire;
  if (family == Family::kIpv6) return (type >= 1 && type < 128) || type == wire::kIcmpv6EchoReply;
  switch (type) {
    case wire::kIcmpv4EchoReply:
    case wire::kIcmpv4DestinationUnreachable:
    case wire::kIcmpv4SourceQuench:
    case wire::kIcmpv4Redirect:
    case wire::kIcmpv4TimeExceeded:
    case wire::kIcmpv4ParameterProblem:
      return true;
    default:
      return false;
  }
}

}  // namespace

void ns_icmp_forwarder_options_init(ns_icmp_forwarder_options* options, size_t size) noexcept {
  netstack::capi::InitOptions<ns_icmp_forwarder_options>(options, size,
                                                         NS_ICMP_FORWARDER_OPTIONS_INIT);
}

ns_status ns_icmp_forwarder_new(const ns_icmp_forwarder_options* options,
                                ns_icmp_request_fn on_request, void* user_data,
                                ns_destroy_fn destroy, ns_icmp_forwarder** out_forwarder,
                                ns_error** out_error) noexcept {
  netstack::base::UserData owned(user_data, destroy);
  if (out_forwarder != nullptr) *out_forwarder = nullptr;
  return netstack::capi::Guard(out_error, [&]() -> Error {
    if (out_forwarder == nullptr) return Invalid("out_forwarder is NULL");
    if (on_request == nullptr) return Invalid("on_request is NULL");
    ns_icmp_forwarder_options read = NS_ICMP_FORWARDER_OPTIONS_INIT;
    if (Error e = netstack::capi::ReadOptions(options, "ns_icmp_forwarder_options", &read);
        !e.ok()) {
      return e;
    }
    constexpr uint32_t kKnown = NS_ICMP_FORWARDER_ECHO_REPLIES;
    if ((read.flags & ~kKnown) != 0) {
      return {Status::kUnsupported, "ns_icmp_forwarder_options.flags has unknown bits: " +
                                        std::to_string(read.flags & ~kKnown)};
    }
    const bool echo_replies = (read.flags & NS_ICMP_FORWARDER_ECHO_REPLIES) != 0;
    *out_forwarder = reinterpret_cast<ns_icmp_forwarder*>(
        new Forwarder(on_request, std::move(owned), echo_replies));
    return {};
  });
}

void ns_icmp_forwarder_free(ns_icmp_forwarder* forwarder) noexcept {
  if (forwarder != nullptr) FromC(forwarder)->Unref();
}

ns_status ns_stack_set_icmp_forwarder(ns_stack* stack, ns_family family,
                                      ns_icmp_forwarder* forwarder, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    netstack::capi::Families families{};
    if (Error e = ReadFamilies(family, &families); !e.ok()) return e;
    if (forwarder != nullptr && FromC(forwarder)->inherited()) {
      return netstack::capi::Inherited("the forwarder");
    }
    return s.SetForwarder(families.ipv4, families.ipv6, FromC(forwarder));
  });
}

ns_status ns_stack_set_echo_policy(ns_stack* stack, ns_family family,
                                   ns_echo_destination destination, ns_echo_policy policy,
                                   ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    netstack::capi::Families families{};
    if (Error e = ReadFamilies(family, &families); !e.ok()) return e;
    if (destination != NS_ECHO_DESTINATION_TEMPORARY && destination != NS_ECHO_DESTINATION_GROUP) {
      return Invalid("destination is " + std::to_string(destination) +
                     "; it is one of the NS_ECHO_DESTINATION_ values");
    }
    if (policy > NS_ECHO_POLICY_SILENT) {
      return Invalid("policy is " + std::to_string(policy) +
                     "; it is one of the NS_ECHO_POLICY_ values");
    }
    return s.SetEchoPolicy(families.ipv4, families.ipv6,
                           destination == NS_ECHO_DESTINATION_TEMPORARY,
                           static_cast<netstack::ip::EchoPolicy>(policy));
  });
}

ns_status ns_stack_set_icmp_rate(ns_stack* stack, uint32_t per_second, uint32_t burst,
                                 ns_error** out_error) noexcept {
  static_assert(NS_ICMP_RATE_UNLIMITED == netstack::ip::ErrorLimiter::kUnlimited);
  return WithStack(stack, out_error, [&](Stack& s) { return s.SetIcmpRate(per_second, burst); });
}

ns_status ns_stack_set_icmp_limited(ns_stack* stack, ns_family family, uint32_t type,
                                    uint32_t limited, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    if (family != NS_FAMILY_IPV4 && family != NS_FAMILY_IPV6) {
      return Invalid("family is " + std::to_string(family) +
                     "; a type is one of NS_FAMILY_IPV4 or of NS_FAMILY_IPV6");
    }
    const Family ours = family == NS_FAMILY_IPV4 ? Family::kIpv4 : Family::kIpv6;
    if (!MayBeLimited(ours, type)) {
      return Invalid("type is " + std::to_string(type) +
                     "; what can be limited are ICMP errors (IPv4: 3, 4, 5, 11, 12; IPv6: 1 to "
                     "127) and Echo Replies (IPv4: 0; IPv6: 129)");
    }
    if (limited > 1) {
      return Invalid("limited is " + std::to_string(limited) + "; it is 1 or 0");
    }
    return s.SetIcmpLimited(ours, static_cast<uint8_t>(type), limited != 0);
  });
}
