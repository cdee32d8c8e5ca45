// ICMP errors about packets that came in (RFC 792, RFC 1122 3.2.2, RFC 1812 4.3,
// RFC 4443): which there are, and sending one where that is allowed.
#ifndef NETSTACK_IP_ICMP_ERROR_H_
#define NETSTACK_IP_ICMP_ERROR_H_

#include <cstdint>

#include "netstack/ip/configuration.h"
#include "netstack/packet/packet.h"

namespace netstack::ip {

struct IcmpError {
  uint8_t type = 0;
  uint8_t code = 0;
  uint32_t value = 0;  // what stands behind the checksum: MTU or pointer, as they stand there
};

namespace icmpv4 {
inline constexpr IcmpError kNetUnreachable{3, 0};
inline constexpr IcmpError kHostUnreachable{3, 1};
inline constexpr IcmpError kProtocolUnreachable{3, 2};
inline constexpr IcmpError kPortUnreachable{3, 3};
inline constexpr IcmpError kAdministrativelyProhibited{3, 13};
inline constexpr IcmpError kTtlExceeded{11, 0};
inline constexpr IcmpError kReassemblyTimeExceeded{11, 1};
constexpr IcmpError FragmentationNeeded(uint16_t mtu) noexcept { return {3, 4, mtu}; }
constexpr IcmpError ParameterProblem(uint8_t pointer) noexcept {
  return {12, 0, uint32_t{pointer} << 24};
}
}  // namespace icmpv4

namespace icmpv6 {
inline constexpr IcmpError kNoRoute{1, 0};
inline constexpr IcmpError kAdministrativelyProhibited{1, 1};
inline constexpr IcmpError kAddressUnreachable{1, 3};
inline constexpr IcmpError kPortUnreachable{1, 4};
inline constexpr IcmpError kHopLimitExceeded{3, 0};
inline constexpr IcmpError kReassemblyTimeExceeded{3, 1};
constexpr IcmpError PacketTooBig(uint32_t mtu) noexcept { return {2, 0, mtu}; }
// Pointers count in the packet as it is looked at; of a datagram put together from
// fragments they are moved to where the quote has the byte.
constexpr IcmpError ErroneousField(uint32_t pointer) noexcept { return {4, 0, pointer}; }
constexpr IcmpError UnknownNextHeader(uint32_t pointer) noexcept { return {4, 1, pointer}; }
constexpr IcmpError UnknownOption(uint32_t pointer) noexcept { return {4, 2, pointer}; }
}  // namespace icmpv6

// Where the packet was when it failed.
enum class Place : uint8_t {
  kHere,   // for us: the error comes from the packet's destination, if that is assigned
  kOnWay,  // being forwarded: from an address of the NIC that it came in on
};

// Both send nothing, silently, where the rules forbid it: about errors, from and
// to groups, about later fragments, to nobody (reference, 3.4; contract, 5), and
// from an address that nobody assigned. The limiter's refusals are counted.
void SendIcmpv4Error(const Context& context, const packet::Packet& about, IcmpError error,
                     Place place) noexcept;
// `groups_too`: also about a packet to a group (RFC 4443 2.4 e.3).
void SendIcmpv6Error(const Context& context, const packet::Packet& about, IcmpError error,
                     Place place, bool groups_too = false) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_ICMP_ERROR_H_
