// The way out of a packet that the stack itself makes: where it goes, and the
// buffer that it is written into.
#ifndef NETSTACK_IP_OUTPUT_H_
#define NETSTACK_IP_OUTPUT_H_

#include <cstddef>
#include <cstdint>

#include "netstack/base/status.h"
#include "netstack/ip/configuration.h"
#include "netstack/link/link.h"
#include "netstack/wire/address.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

// Where a packet leaves.
struct Egress {
  const Interface* interface = nullptr;  // null: no way
  wire::Address next_hop;                // of links that resolve addresses
};

// The longest matching route over the NIC that a request came in on.
Egress FindRoute(const Context& context, wire::Family family, wire::Address remote) noexcept;

// The way from there back to `remote`: that route; where none matches, that NIC
// all the same, if it needs no address resolution (contract, "rules for reply",
// 4). On such a link no route can change anything, so none is looked for.
inline Egress FindEgress(const Context& context, wire::Family family,
                         wire::Address remote) noexcept {
  const Interface& in = context.interface;
  if (!context.configuration.strict_routes && !in.link->needs_resolution()) return {&in, remote};
  return FindRoute(context, family, remote);
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

// One packet being sent. Its bytes go where the link will send them from; a
// packet that is not sent is given back.
class Outgoing {
 public:
  // `length` bytes, header included. Too long for the link (kUnsupported, for
  // nothing is fragmented yet), or no room (kWouldBlock): data() is null, which
  // is counted.
  Outgoing(const Context& context, wire::Family family, const Interface& interface,
           size_t length) noexcept
      : context_(context),
        interface_(interface),
        family_(family),
        counters_(&interface == &context.interface ? context.counters
                                                   : interface.counters->ForThread(context.thread)),
        buffer_(Fits(length) ? interface.link->Reserve(context.thread, length)
                             : link::OutputBuffer{}) {
    if (buffer_.data == nullptr) [[unlikely]] {
      status_ = CountRefusal(counters_, family, Fits(length), interface.link->mtu());
    }
  }
  ~Outgoing() {
    if (buffer_.data != nullptr) interface_.link->Abandon(context_.thread, buffer_);
  }
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  [[nodiscard]] uint8_t* data() const noexcept { return buffer_.data; }
  // Why there is no data, or what the link said to it.
  [[nodiscard]] base::Status status() const noexcept { return status_; }

  // False if the link did not take it, which is counted.
  bool Send() noexcept {
    if (interface_.capture) {
      interface_.capture->Record(context_.configuration.clock->WallNow(),
                                 {buffer_.data, buffer_.length});
    }
    const size_t length = buffer_.length;
    status_ = interface_.link->Transmit(context_.thread, buffer_);
    buffer_.data = nullptr;
    if (status_ != base::Status::kOk) [[unlikely]] {
      CountFailure(counters_, family_, status_);
      return false;
    }
    counters_.Add(At(family_, IpCounter::kPacketsSent));
    counters_.Add(At(NicCounter::kTxPackets));
    counters_.Add(At(NicCounter::kTxBytes), length);
    return true;
  }

 private:
  static uint32_t MinimumMtu(wire::Family family) noexcept {
    return family == wire::Family::kIpv4 ? wire::kIpv4MinimumMtu : wire::kIpv6MinimumMtu;
  }
  [[nodiscard]] bool Fits(size_t length) const noexcept {
    const uint32_t mtu = interface_.link->mtu();
    return length <= mtu && mtu >= MinimumMtu(family_);
  }
  // Static, so that all the rest can live in registers.
  static base::Status CountRefusal(base::CounterWriter counters, wire::Family family, bool fits,
                                   uint32_t mtu) noexcept;
  static void CountFailure(base::CounterWriter counters, wire::Family family,
                           base::Status status) noexcept;

  const Context& context_;
  const Interface& interface_;
  wire::Family family_;
  base::CounterWriter counters_;
  link::OutputBuffer buffer_;
  base::Status status_ = base::Status::kOk;
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_OUTPUT_H_
