#include <netstack/route.h>

#include "stack_handle.h"

namespace {

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::capi::FromC;
using netstack::capi::IsNone;
using netstack::capi::WithStack;
using netstack::stack::RouteEntry;
using netstack::stack::Stack;
using netstack::wire::ParsedAddress;

Error SetGateway(const ParsedAddress& gateway, RouteEntry* route) {
  if (gateway.family != route->destination.family) {
    return Invalid("the gateway is not of the destination's family");
  }
  if (gateway.address.unspecified() ||
      netstack::wire::IsMulticast(gateway.family, gateway.address)) {
    return Invalid("the gateway is no unicast address");
  }
  route->gateway = gateway.address;
  return {};
}

Error ReadText(const char* destination, const char* gateway, uint32_t nic, RouteEntry* route) {
  if (Error e = netstack::capi::ReadPrefix(destination, "destination", &route->destination);
      !e.ok()) {
    return e;
  }
  route->nic = nic;
  if (gateway == nullptr) return {};
  ParsedAddress read{};
  if (Error e = netstack::capi::ReadAddress(gateway, "gateway", &read); !e.ok()) return e;
  return SetGateway(read, route);
}

Error ReadRoutes(const ns_route* routes, size_t count, std::vector<RouteEntry>* out) {
  if (routes == nullptr && count != 0) return Invalid("routes is NULL, though its count is not 0");
  if (count > out->max_size()) return Invalid("routes has a count that no array has");
  out->reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const std::string name = "routes[" + std::to_string(i) + "]";
    RouteEntry route;
    const auto destination = FromC(routes[i].destination);
    if (!destination) return Invalid(name + ".destination is no prefix");
    route.destination = *destination;
    route.nic = routes[i].nic;
    if (!IsNone(routes[i].gateway)) {
      const auto gateway = FromC(routes[i].gateway);
      if (!gateway) return Invalid(name + ".gateway is no address");
      if (Error e = SetGateway(*gateway, &route); !e.ok()) {
        return {e.status(), name + ": " + e.message()};
      }
    }
    out->push_back(route);
  }
  return {};
}

}  // namespace

ns_status ns_stack_add_route(ns_stack* stack, const char* destination, const char* gateway,
                             uint32_t nic, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    RouteEntry route;
    if (Error e = ReadText(destination, gateway, nic, &route); !e.ok()) return e;
    return s.AddRoutes({&route, 1});
  });
}

ns_status ns_stack_add_routes(ns_stack* stack, const ns_route* routes, size_t count,
                              ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    std::vector<RouteEntry> read;
    if (Error e = ReadRoutes(routes, count, &read); !e.ok()) return e;
    return s.AddRoutes(read);
  });
}

ns_status ns_stack_remove_route(ns_stack* stack, const char* destination, const char* gateway,
                                uint32_t nic, ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    RouteEntry route;
    if (Error e = ReadText(destination, gateway, nic, &route); !e.ok()) return e;
    return s.RemoveRoutes({&route, 1});
  });
}

ns_status ns_stack_remove_routes(ns_stack* stack, const ns_route* routes, size_t count,
                                 ns_error** out_error) noexcept {
  return WithStack(stack, out_error, [&](Stack& s) -> Error {
    std::vector<RouteEntry> read;
    if (Error e = ReadRoutes(routes, count, &read); !e.ok()) return e;
    return s.RemoveRoutes(read);
  });
}
