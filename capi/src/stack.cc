#include <netstack/stack.h>

#include <string>

#include "netstack/base/entry.h"
#include "netstack/wire/text.h"
#include "options.h"
#include "stack_handle.h"

namespace netstack::capi {

using base::Error;
using base::Invalid;
using base::Status;

Error ReadPrefix(const char* text, const char* what, wire::Prefix* out) {
  if (text == nullptr) return Invalid(std::string(what) + " is NULL");
  const auto prefix = wire::ParsePrefix(text);
  if (!prefix) {
    return Invalid(std::string(what) + " \"" + text +
                   "\" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64");
  }
  *out = *prefix;
  return {};
}

Error ReadAddress(const char* text, const char* what, wire::ParsedAddress* out) {
  if (text == nullptr) return Invalid(std::string(what) + " is NULL");
  const auto address = wire::ParseAddress(text);
  if (!address) {
    return Invalid(std::string(what) + " \"" + text + "\" is not an IPv4 or IPv6 address");
  }
  *out = *address;
  return {};
}

std::optional<Families> FromC(ns_family family) noexcept {
  switch (family) {
    case NS_FAMILY_ANY:
      return Families{true, true};
    case NS_FAMILY_IPV4:
      return Families{true, false};
    case NS_FAMILY_IPV6:
      return Families{false, true};
    default:
      return std::nullopt;
  }
}

namespace {

constexpr uint32_t kKnownFlags =
    NS_STACK_STRICT_ROUTES | NS_STACK_CHECK_LOCAL_SOURCE | NS_STACK_ALLOW_LOOPBACK;

Error ReadTtl(uint32_t theirs, const char* name, uint8_t* ours) {
  if (theirs > 255) {
    return Invalid(std::string("ns_stack_options.") + name + " is " + std::to_string(theirs) +
                   "; it goes from 1 to 255, and 0 means 64");
  }
  if (theirs != 0) *ours = static_cast<uint8_t>(theirs);
  return {};
}

Error ReadReassembly(size_t high, size_t low, ip::Reassembly::Options* out) {
  if (high != 0) out->high = high;
  out->low = low != 0 ? low : out->high - out->high / 4;
  if (out->low <= out->high) return {};
  return Invalid("ns_stack_options.reassembly_low is " + std::to_string(low) +
                 ", above reassembly_high, which is " + std::to_string(out->high));
}

Error ReadStackOptions(const ns_stack_options* options, stack::StackOptions* out) {
  ns_stack_options read = NS_STACK_OPTIONS_INIT;
  if (Error e = ReadOptions(options, "ns_stack_options", &read); !e.ok()) return e;
  if ((read.flags & ~kKnownFlags) != 0) {
    return {Status::kUnsupported, "ns_stack_options.flags has unknown bits: " +
                                      std::to_string(read.flags & ~kKnownFlags)};
  }
  if (Error e = ReadTtl(read.default_ttl, "default_ttl", &out->default_ttl); !e.ok()) return e;
  if (Error e = ReadTtl(read.default_hop_limit, "default_hop_limit", &out->default_hop_limit);
      !e.ok()) {
    return e;
  }
  if (Error e = ReadReassembly(read.reassembly_high, read.reassembly_low, &out->shared.reassembly);
      !e.ok()) {
    return e;
  }
  out->strict_routes = (read.flags & NS_STACK_STRICT_ROUTES) != 0;
  out->check_local_source = (read.flags & NS_STACK_CHECK_LOCAL_SOURCE) != 0;
  out->allow_loopback = (read.flags & NS_STACK_ALLOW_LOOPBACK) != 0;
  if (read.clock != nullptr) {
    if (read.clock->origin.inherited()) return Inherited("ns_stack_options.clock");
    out->clock = read.clock->clock;
  }
  if (read.random != nullptr) {
    if (read.random->origin.inherited()) return Inherited("ns_stack_options.random");
    out->random = read.random->random;
  }
  return {};
}

}  // namespace

std::shared_ptr<stack::Stack> Share(const ns_stack* handle) noexcept {
  const base::Entry entry;
  if (!entry || handle->stack->inherited()) return nullptr;
  return handle->stack;
}

}  // namespace netstack::capi

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::base::Status;
using netstack::capi::Guard;

void ns_stack_options_init(ns_stack_options* options, size_t size) noexcept {
  netstack::capi::InitOptions<ns_stack_options>(options, size, NS_STACK_OPTIONS_INIT);
}

ns_status ns_stack_new(const ns_stack_options* options, ns_stack** out_stack,
                       ns_error** out_error) noexcept {
  if (out_stack != nullptr) *out_stack = nullptr;
  return Guard(out_error, [&]() -> Error {
    if (out_stack == nullptr) return Invalid("out_stack is NULL");
    netstack::stack::StackOptions read;
    if (Error e = netstack::capi::ReadStackOptions(options, &read); !e.ok()) return e;
    auto handle = std::make_unique<ns_stack>();
    Error e = netstack::stack::Stack::Create(std::move(read), &handle->stack);
    if (e.ok()) *out_stack = handle.release();
    return e;
  });
}

void ns_stack_free(ns_stack* stack) noexcept {
  // What a fork's child inherited stays where it is: other threads of the
  // parent may have been in the middle of it.
  if (stack == nullptr || stack->stack->inherited()) return;
  const netstack::base::Entry entry;
  stack->stack->Close();
  netstack::base::Registry::Get().Retire(std::unique_ptr<netstack::base::Retired>(stack), true);
}

ns_status ns_stack_run(ns_stack* stack, ns_error** out_error) noexcept {
  return Guard(out_error, [&]() -> Error {
    if (stack == nullptr) return Invalid("stack is NULL");
    const auto shared = netstack::capi::Share(stack);
    if (shared == nullptr) return netstack::capi::Inherited("the stack");
    return shared->Run();
  });
}

void ns_stack_stop(ns_stack* stack) noexcept {
  if (stack != nullptr && !stack->stack->inherited()) stack->stack->Stop();
}

ns_status ns_stack_poll(ns_stack* stack, size_t* out_packets, ns_error** out_error) noexcept {
  size_t packets = 0;
  const ns_status status = netstack::capi::WithStack(
      stack, out_error, [&](netstack::stack::Stack& s) { return s.Poll(&packets); });
  if (out_packets != nullptr) *out_packets = packets;
  return status;
}

int ns_stack_get_descriptor(const ns_stack* stack) noexcept {
  if (stack == nullptr) return -1;
  const auto shared = netstack::capi::Share(stack);
  return shared == nullptr || shared->closed() ? -1 : shared->descriptor();
}

uint64_t ns_stack_get_next_deadline(const ns_stack* stack) noexcept {
  if (stack == nullptr) return NS_TIME_NEVER;
  const auto shared = netstack::capi::Share(stack);
  return shared == nullptr ? NS_TIME_NEVER : shared->next_deadline();
}
