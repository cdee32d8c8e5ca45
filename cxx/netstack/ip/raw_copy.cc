#include "netstack/ip/destination.h"
#include "netstack/ip/echo.h"
#include "netstack/ip/icmp_checksum.h"
#include "netstack/ip/input.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"

namespace netstack::ip {

void CopyToRawSockets(const Context& context, const packet::Packet& packet) noexcept {
  const bool v4 = packet.family == wire::Family::kIpv4;
  if (packet.protocol != (v4 ? wire::kProtocolIcmp : wire::kProtocolIcmpv6) ||
      packet.payload_length() < wire::kIcmpHeader ||
      (v4 && wire::Ipv4View(packet.bytes).is_fragment())) {
    return;
  }
  packet::Packet copy = packet;
  const AddressFacts facts = context.interface.of(copy.family).addresses.Find(copy.destination);
  static_cast<void>(
      ClassifyDestination(context, copy.family, copy.destination, facts, &copy.arrival));
  copy.bad_checksum = v4 ? !Icmpv4ChecksumIsRight(copy) : !Icmpv6ChecksumIsRight(copy);
  context.configuration.upper->OnCopy(context, copy);
}

}  // namespace netstack::ip
