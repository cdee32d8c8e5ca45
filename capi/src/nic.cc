#include <netstack/nic.h>

#include "handles.h"
#include "netstack/wire/text.h"
#include "options.h"
#include "stack_handle.h"

namespace {

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::base::Status;
using netstack::capi::FromC;
using netstack::capi::ReadArray;
using netstack::capi::WithStack;
using netstack::stack::Stack;
using netstack::wire::ParsedAddress;
using netstack::wire::Prefix;

constexpr uint32_t kKnownFlags = NS_NIC_DISABLED | NS_NIC_PROMISCUOUS | NS_NIC_SPOOFING |
                                 NS_NIC_SIDE_BY_SIDE | NS_NIC_FORWARDING_IPV4 |
                                 NS_NIC_FORWARDING_IPV6;

Error UnknownFlags(const char* name, uint32_t flags) {
  return {Status::kUnsupported,
          std::string(name) + " has unknown bits: " + std::to_string(flags & ~kKnownFlags)};
}

struct ReadNicOptions {
  std::vector<Prefix> addresses;
  std::vector<Prefix> local_prefixes;
  uint32_t flags = 0;
};

Error Read(const ns_nic_options* options, ReadNicOptions* out) {
  ns_nic_options read = NS_NIC_OPTIONS_INIT;
  if (Error e = netstack::capi::ReadOptions(options, "ns_nic_options", &read); !e.ok()) return e;
  if ((read.flags & ~kKnownFlags) != 0) return UnknownFlags("ns_nic_options.flags", read.flags);
  out->flags = read.flags;
  if (Error e = ReadArray(read.addresses, read.address_count, "ns_nic_options.addresses",
                          &out->addresses);
      !e.ok()) {
    return e;
  }
  return ReadArray(read.local_prefixes, read.local_prefix_count, "ns_nic_options.local_prefixes",
                   &out->local_prefixes);
}

// An address alone is a subnet of its own.
Error ReadSubnet(const char* text, Prefix* out) {
  const auto alone = text != nullptr ? netstack::wire::ParseAddress(text) : std::nullopt;
  if (!alone) return netstack::capi::ReadPrefix(text, "address", out);
  *out = {alone->family, netstack::wire::AddressBits(alone->family), alone->address};
  return {};
}

}  // namespace

void ns_nic_options_init(ns_nic_options* options, size_t size) noexcept {
  netstack::capi::InitOptions<ns_nic_options>(options, size, NS_NIC_OPTIONS_INIT);
}

ns_status ns_stack_add_nic(ns_stack* stack, uint32_t nic, ns_link* link,
                           const ns_nic_options* options, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    if (link == nullptr) return Invalid("link is NULL");
    if (FromC(link)->inherited()) return netstack::capi::Inherited("the link");
    ReadNicOptions read;
    if (Error e = Read(options, &read); !e.ok()) return e;
    netstack::stack::NicOptions made;
    made.disabled = (read.flags & NS_NIC_DISABLED) != 0;
    made.promiscuous = (read.flags & NS_NIC_PROMISCUOUS) != 0;
    made.spoofing = (read.flags & NS_NIC_SPOOFING) != 0;
    made.side_by_side = (read.flags & NS_NIC_SIDE_BY_SIDE) != 0;
    made.forwarding = {(read.flags & NS_NIC_FORWARDING_IPV4) != 0,
                       (read.flags & NS_NIC_FORWARDING_IPV6) != 0};
    made.addresses = read.addresses;
    made.local_prefixes = read.local_prefixes;
    return s.AddNic(nic, FromC(link), made);
  });
}

ns_status ns_stack_remove_nic(ns_stack* stack, uint32_t nic, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) { return s.RemoveNic(nic); });
}

ns_status ns_stack_set_nic_flags(ns_stack* stack, uint32_t nic, uint32_t set, uint32_t clear,
                                 ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    if ((set & ~kKnownFlags) != 0) return UnknownFlags("set", set);
    if ((clear & ~kKnownFlags) != 0) return UnknownFlags("clear", clear);
    if ((set & clear) != 0) return Invalid("set and clear have bits in common");
    netstack::stack::NicFlags flags;
    const auto wanted = [&](uint32_t bit) -> std::optional<bool> {
      if ((set & bit) != 0) return true;
      if ((clear & bit) != 0) return false;
      return std::nullopt;
    };
    flags.disabled = wanted(NS_NIC_DISABLED);
    flags.promiscuous = wanted(NS_NIC_PROMISCUOUS);
    flags.spoofing = wanted(NS_NIC_SPOOFING);
    flags.side_by_side = wanted(NS_NIC_SIDE_BY_SIDE);
    flags.forwarding = {wanted(NS_NIC_FORWARDING_IPV4), wanted(NS_NIC_FORWARDING_IPV6)};
    return s.SetNicFlags(nic, flags);
  });
}

ns_status ns_stack_set_capture(ns_stack* stack, uint32_t nic, ns_capture* capture,
                               ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    if (capture != nullptr && FromC(capture)->inherited()) {
      return netstack::capi::Inherited("the capture");
    }
    return s.SetCapture(nic, FromC(capture));
  });
}

ns_status ns_stack_add_address(ns_stack* stack, uint32_t nic, const char* address,
                               ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    Prefix read;
    if (Error e = ReadSubnet(address, &read); !e.ok()) return e;
    return s.AddAddresses(nic, {&read, 1});
  });
}

ns_status ns_stack_add_addresses(ns_stack* stack, uint32_t nic, const ns_prefix* addresses,
                                 size_t count, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    std::vector<Prefix> read;
    if (Error e = ReadArray(addresses, count, "addresses", &read); !e.ok()) return e;
    return s.AddAddresses(nic, read);
  });
}

ns_status ns_stack_remove_address(ns_stack* stack, uint32_t nic, const char* address,
                                  ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    ParsedAddress read{};
    if (Error e = netstack::capi::ReadAddress(address, "address", &read); !e.ok()) return e;
    return s.RemoveAddresses(nic, {&read, 1});
  });
}

ns_status ns_stack_remove_addresses(ns_stack* stack, uint32_t nic, const ns_address* addresses,
                                    size_t count, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    std::vector<ParsedAddress> read;
    if (Error e = ReadArray(addresses, count, "addresses", &read); !e.ok()) return e;
    return s.RemoveAddresses(nic, read);
  });
}

ns_status ns_stack_add_local_prefix(ns_stack* stack, uint32_t nic, const char* prefix,
                                    ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    Prefix read;
    if (Error e = netstack::capi::ReadPrefix(prefix, "prefix", &read); !e.ok()) return e;
    return s.AddLocalPrefixes(nic, {&read, 1});
  });
}

ns_status ns_stack_add_local_prefixes(ns_stack* stack, uint32_t nic, const ns_prefix* prefixes,
                                      size_t count, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    std::vector<Prefix> read;
    if (Error e = ReadArray(prefixes, count, "prefixes", &read); !e.ok()) return e;
    return s.AddLocalPrefixes(nic, read);
  });
}

ns_status ns_stack_remove_local_prefix(ns_stack* stack, uint32_t nic, const char* prefix,
                                       ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    Prefix read;
    if (Error e = netstack::capi::ReadPrefix(prefix, "prefix", &read); !e.ok()) return e;
    return s.RemoveLocalPrefixes(nic, {&read, 1});
  });
}

ns_status ns_stack_remove_local_prefixes(ns_stack* stack, uint32_t nic, const ns_prefix* prefixes,
                                         size_t count, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    std::vector<Prefix> read;
    if (Error e = ReadArray(prefixes, count, "prefixes", &read); !e.ok()) return e;
    return s.RemoveLocalPrefixes(nic, read);
  });
}

ns_status ns_stack_join_group(ns_stack* stack, uint32_t nic, const char* group,
                              ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    ParsedAddress read{};
    if (Error e = netstack::capi::ReadAddress(group, "group", &read); !e.ok()) return e;
    return s.JoinGroup(nic, read);
  });
}

ns_status ns_stack_leave_group(ns_stack* stack, uint32_t nic, const char* group,
                               ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    ParsedAddress read{};
    if (Error e = netstack::capi::ReadAddress(group, "group", &read); !e.ok()) return e;
    return s.LeaveGroup(nic, read);
  });
}
