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

namespace netstack::ip {

// Where a packet leaves.
struct Egress {
  const Interface* interface = nullptr;  // null: no way
  wire::Address next_hop;
};

// The way from the NIC that a request came in on back to `remote`: the longest
// matching route over that NIC; where none matches, that NIC all the same, if
// it needs no address resolution (contract, "rules for reply", 4).
Egress FindEgress(const Context& context, wire::Family family, wire::Address remote) noexcept;

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
           size_t length) noexcept;
  ~Outgoing();
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  [[nodiscard]] uint8_t* data() const noexcept { return buffer_.data; }
  // Why there is no data, or what the link said to it.
  [[nodiscard]] base::Status status() const noexcept { return status_; }

  // False if the link did not take it, which is counted.
  bool Send() noexcept;

 private:
  const Context& context_;
  const Interface& interface_;
  wire::Family family_;
  base::CounterWriter counters_;
  link::OutputBuffer buffer_;
  base::Status status_ = base::Status::kOk;
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_OUTPUT_H_
