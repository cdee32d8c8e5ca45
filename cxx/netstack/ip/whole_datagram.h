// A datagram whose fragments have all come, as one packet that looks as if
// nobody had ever cut it.
#ifndef NETSTACK_IP_WHOLE_DATAGRAM_H_
#define NETSTACK_IP_WHOLE_DATAGRAM_H_

#include <cstdint>
#include <memory>

#include "netstack/ip/held_datagram.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

class WholeDatagram {
 public:
  // `held` is whole and lives longer.
  explicit WholeDatagram(const HeldDatagram& held) noexcept;
  WholeDatagram(const WholeDatagram&) = delete;
  WholeDatagram& operator=(const WholeDatagram&) = delete;

  // Longer than any packet may be: there is none.
  [[nodiscard]] bool too_long() const noexcept { return too_long_; }
  // Null also where there was no memory for it. Its headers are those of the first
  // fragment, without an IPv6 Fragment header, and so are the facts of its arrival.
  [[nodiscard]] const packet::Packet* packet() const noexcept {
    return bytes_ != nullptr ? &packet_ : nullptr;
  }

 private:
  void FinishIpv4() noexcept;
  void FinishIpv6(const packet::Packet& first) noexcept;

  bool too_long_ = false;
  std::unique_ptr<uint8_t[]> bytes_;
  packet::Packet packet_;
  packet::Extras extras_;
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_WHOLE_DATAGRAM_H_
