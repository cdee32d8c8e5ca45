// The way out of a packet that the stack itself makes: whether there is one, and
// sending it.
#ifndef NETSTACK_IP_OUTPUT_H_
#define NETSTACK_IP_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "netstack/base/status.h"
#include "netstack/ip/configuration.h"
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

// Memory for a packet that is longer than the link takes; null: it can't be sent,
// which is counted, and `*why` tells.
[[gnu::cold]] std::unique_ptr<uint8_t[]> ReserveLong(const Context& context, wire::Family family,
                                                     size_t length, base::Status* why) noexcept;
// Sends it, composed, in fragments.
[[gnu::cold]] base::Status SendLong(const Context& context, wire::Family family,
                                    std::span<const uint8_t> packet) noexcept;

// Sends one packet of `length` bytes, header included, over the context's NIC.
// `write` composes it, all of it, where the link will send it from; what the link
// is too narrow for goes in fragments. kUnsupported: longer than IP's lengths can
// say, or the MTU is below the least; kWouldBlock: no room; kNoMemory; else what
// the link said.
template <typename Write>
[[gnu::always_inline]] inline base::Status Send(const Context& context, wire::Family family,
                                                size_t length, Write&& write) noexcept {
  link::Link& link = *context.interface.link.get();
  const uint32_t mtu = link.mtu();
  if (length > mtu || mtu < MinimumMtu(family)) [[unlikely]] {
    base::Status why{};
    const std::unique_ptr<uint8_t[]> buffer = ReserveLong(context, family, length, &why);
    if (buffer == nullptr) return why;
    write(buffer.get());
    return SendLong(context, family, {buffer.get(), length});
  }
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

}  // namespace netstack::ip

#endif  // NETSTACK_IP_OUTPUT_H_
