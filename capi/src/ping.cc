#include "netstack/stack/ping.h"

#include <netstack/ping.h>

#include "options.h"
#include "socket_handle.h"

namespace {

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::base::Status;
using netstack::capi::ReadAddressOf;
using netstack::capi::ReadByte;
using netstack::stack::PingOptions;
using netstack::stack::PingResult;
using netstack::stack::ZonedAddress;
using netstack::wire::Family;

Error Read(const ns_ping_options* options, Family family, PingOptions* out) {
  ns_ping_options read = NS_PING_OPTIONS_INIT;
  Error error = netstack::capi::ReadOptions(options, "ns_ping_options", &read);
  if (error.ok()) error = ReadByte(read.ttl, "ns_ping_options.ttl", &out->ttl);
  if (error.ok()) error = ReadByte(read.tos, "ns_ping_options.tos", &out->tos);
  if (error.ok() && !netstack::capi::IsNone(read.source)) {
    error = ReadAddressOf(family, read.source, "ns_ping_options.source", &out->source);
  }
  if (!error.ok()) return error;
  if (read.sequence > UINT16_MAX) {
    return Invalid("ns_ping_options.sequence is " + std::to_string(read.sequence) +
                   "; it goes from 0 to 65535");
  }
  if (read.reserved != 0) {
    return {Status::kUnsupported, "ns_ping_options.reserved is not 0"};
  }
  if (read.payload == nullptr && read.payload_length != 0) {
    return Invalid("ns_ping_options.payload is NULL, though payload_length is not 0");
  }
  out->nic = read.nic;
  out->sequence = static_cast<uint16_t>(read.sequence);
  out->timeout = read.timeout_ns;
  out->payload = {read.payload, read.payload_length};
  return {};
}

}  // namespace

void ns_ping_options_init(ns_ping_options* options, size_t size) noexcept {
  netstack::capi::InitOptions<ns_ping_options>(options, size, NS_PING_OPTIONS_INIT);
}

ns_status ns_ping(ns_stack* stack, const ns_address* destination, const ns_ping_options* options,
                  uint64_t* out_rtt_ns, ns_packet** out_reply, ns_error** out_error) noexcept {
  if (out_rtt_ns != nullptr) *out_rtt_ns = 0;
  if (out_reply != nullptr) *out_reply = nullptr;
  return netstack::capi::Guard(out_error, [&]() -> Error {
    if (stack == nullptr) return Invalid("stack is NULL");
    if (destination == nullptr) return Invalid("destination is NULL");
    const auto known = netstack::capi::FromC(*destination);
    if (!known) return Invalid("destination is neither IPv4 nor IPv6");
    if (known->address.unspecified()) return Invalid("destination is the unspecified address");
    const Family family = known->family;
    ZonedAddress to;
    PingOptions read;
    Error error = ReadAddressOf(family, *destination, "destination", &to);
    if (error.ok()) error = Read(options, family, &read);
    if (!error.ok()) return error;
    const auto shared = netstack::capi::Share(stack);  // waiting is done outside any Entry
    if (shared == nullptr || shared->closed()) return {Status::kClosed, "the stack is closed"};
    PingResult result;
    error = netstack::stack::Ping(shared, family, to, read, &result);
    if (!error.ok()) return error;
    if (out_rtt_ns != nullptr) *out_rtt_ns = result.round_trip;
    if (out_reply != nullptr) {
      *out_reply = reinterpret_cast<ns_packet*>(result.reply);
    } else {
      result.reply->Unref();
    }
    return {};
  });
}
