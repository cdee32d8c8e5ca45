// The way out of a packet that the stack itself makes: whether there is one, and
// sending it.
#ifndef NETSTACK_IP_OUTPUT_H_
#define NETSTACK_IP_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "netstack/base/status.h"
#include "netstack/ip/configuration.h"
#include "netstack/ip/fragmentation.h"
#include "netstack/ip/path_mtus.h"
#include "netstack/ip/shared.h"
#include "netstack/link/link.h"
#include "netstack/wire/address.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

// Where a packet that goes back to `remote` over the NIC that a request came in
// on is sent first, by the longest matching route; nothing: no way. For links
// that resolve addresses.
std::optional<wire::Address> NextHop(const Context& context, wire::Family family,
                                     const wire::Address& remote) noexcept;

// Whether there is such a way: by a route; without one over that NIC all the
// same, if it needs no address resolution (contract, "rules for reply", 4). On
// such a link no route can change anything, so none is looked for.
inline bool HasWayBack(const Context& context, wire::Family family,
                       const wire::Address& remote) noexcept {
  if (!context.configuration.strict_routes && !context.interface.link->needs_resolution())
      [[likely]] {
    return true;
  }
  return NextHop(context, family, remote).has_value();
}

// Where a packet of our own goes, that answers none.
struct Departure {
  const Interface* interface = nullptr;  // null: no way
  wire::Address source;
};

// The way to `remote` over `nic` (0: any), from `local`, or from the address
// that source selection takes (unspecified). A destination that is on every
// link needs a NIC, or a `local` that names one. Reference, 7.4.
Departure FindDeparture(const Configuration& configuration, wire::Family family, uint32_t nic,
                        wire::Address local, wire::Address remote) noexcept;

// What sending costs when it fails; both count and return why.
[[gnu::cold]] base::Status CountRefusal(const Context& context, wire::Family family) noexcept;
[[gnu::cold]] base::Status CountFailure(const Context& context, wire::Family family,
                                        base::Status status) noexcept;

constexpr uint32_t MinimumMtu(wire::Family family) noexcept {
  return family == wire::Family::kIpv4 ? wire::kIpv4MinimumMtu : wire::kIpv6MinimumMtu;
}

// Sends one packet of `length` bytes, header included, over `link`, the context's
// NIC's, which has room for it, in one piece. `write` composes it, all of it, where
// the link will send it from.
template <typename Write>
[[gnu::always_inline]] inline base::Status Transmit(const Context& context, link::Link& link,
                                                    wire::Family family, size_t length,
                                                    Write&& write) noexcept {
  const link::OutputBuffer buffer = link.Reserve(context.thread, length);
  if (buffer.data == nullptr) [[unlikely]] {
    return CountRefusal(context, family);
  }
  std::forward<Write>(write)(buffer.data);
  if (context.interface.capture) [[unlikely]] {
    context.interface.capture->Record(context.configuration.clock->WallNow(),
                                      {buffer.data, buffer.length});
  }
  const base::Status status = link.Transmit(context.thread, buffer);
  if (status != base::Status::kOk) [[unlikely]] {
    return CountFailure(context, family, status);
  }
  const base::CounterWriter counters = context.counters;
  counters.Add(At(family, IpCounter::kPacketsSent));
  counters.Add(At(NicCounter::kTxPackets));
  counters.Add(At(NicCounter::kTxBytes), length);
  return base::Status::kOk;
}

// A packet that nobody here may cut. kUnsupported: it is longer than the link's
// MTU, or that is below the least; kWouldBlock: no room; else what the link said.
template <typename Write>
[[gnu::always_inline]] inline base::Status SendWhole(const Context& context, wire::Family family,
                                                     size_t length, Write&& write) noexcept {
  link::Link& link = *context.interface.link.get();
  if (length > link.mtu() || link.mtu() < MinimumMtu(family)) [[unlikely]] {
    return CountFailure(context, family, base::Status::kUnsupported);
  }
  return Transmit(context, link, family, length, std::forward<Write>(write));
}

// How long a packet of our own may be that is to get to `destination` in one
// piece.
[[gnu::cold]] uint32_t PathMtuTo(const Context& context, wire::Family family,
                                 wire::Address destination) noexcept;
inline uint32_t MtuTo(const Context& context, const link::Link& link, wire::Family family,
                      const wire::Address& destination) noexcept {
  if (context.configuration.shared->path_mtus.empty(family)) [[likely]]
    return link.mtu();
  return PathMtuTo(context, family, destination);
}

// Memory for a packet that is longer than its way takes; null: it can't be sent,
// which is counted, and `*why` tells.
[[gnu::cold]] std::unique_ptr<uint8_t[]> ReserveLong(const Context& context, wire::Family family,
                                                     size_t length, base::Status* why) noexcept;

// A packet of our own to `destination`; what its way is too narrow for goes in
// fragments. kUnsupported: longer than IP's lengths can say, or the link's MTU is
// below the least; kNoMemory; else as SendWhole(). What every way carries is
// short, and costs no look at what is known of that one.
template <typename Write>
[[gnu::always_inline]] inline base::Status Send(const Context& context, wire::Family family,
                                                const wire::Address& destination, size_t length,
                                                Write&& write) noexcept {
  link::Link& link = *context.interface.link.get();
  if (length > LeastPathMtu(family) || link.mtu() < LeastPathMtu(family)) [[unlikely]] {
    const uint32_t mtu = MtuTo(context, link, family, destination);
    if (length > mtu || mtu < MinimumMtu(family)) {
      base::Status why{};
      const std::unique_ptr<uint8_t[]> buffer = ReserveLong(context, family, length, &why);
      if (buffer == nullptr) return why;
      write(buffer.get());
      return SendFragments(context, family, {buffer.get(), length}, mtu);
    }
  }
  return Transmit(context, link, family, length, std::forward<Write>(write));
}

}  // namespace netstack::ip

#endif  // NETSTACK_IP_OUTPUT_H_
