// The Internet checksum (RFC 1071) and its update (RFC 1624).
//
// Sums here are kept as the processor loads 16-bit words: addition in ones'
// complement does not care about the byte order, so only what leaves or enters
// as a number is swapped.
#ifndef NETSTACK_WIRE_CHECKSUM_H_
#define NETSTACK_WIRE_CHECKSUM_H_

#include <cstddef>
#include <cstdint>

#include "netstack/base/byte_order.h"

namespace netstack::wire {

// Adds up `length` bytes (an odd one is padded with 0), not folded.
uint64_t PartialSum(const uint8_t* bytes, size_t length) noexcept;

constexpr uint16_t Fold(uint64_t sum) noexcept {
  sum = (sum & 0xffff'ffff) + (sum >> 32);
  sum = (sum & 0xffff'ffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

// What goes into a checksum field, as it is stored there.
constexpr uint16_t ChecksumField(uint64_t sum) noexcept {
  return static_cast<uint16_t>(~Fold(sum));
}

// A number as it is added to a sum: in the byte order of memory.
constexpr uint16_t Word(uint16_t number) noexcept {
  return base::kLittleEndian ? base::Swap16(number) : number;
}

// What precedes an ICMPv6 message in its checksum (RFC 8200 8.1), but for the
// addresses, which are added from where they stand.
constexpr uint64_t PseudoHeaderSum(uint32_t length, uint8_t next_header) noexcept {
  return uint64_t{Word(static_cast<uint16_t>(length >> 16))} + Word(static_cast<uint16_t>(length)) +
         Word(next_header);
}

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_CHECKSUM_H_
