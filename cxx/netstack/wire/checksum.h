// The Internet checksum (RFC 1071) and its update (RFC 1624).
//
// Sums here are kept as the processor loads 16-bit words: addition in ones'
// complement does not care about the byte order, so only what leaves or enters
// as a number is swapped.
#ifndef NETSTACK_WIRE_CHECKSUM_H_
#define NETSTACK_WIRE_CHECKSUM_H_

#include <bit>
#include <cstddef>
#include <cstdint>

#include "netstack/base/byte_order.h"

namespace netstack::wire {

// The sum of many bytes, by what this processor does fastest, and by what every
// processor can.
uint64_t LongSum(const uint8_t* bytes, size_t length) noexcept;
uint64_t PortableSum(const uint8_t* bytes, size_t length) noexcept;
inline constexpr size_t kLong = 256;

// Adds up `length` bytes (an odd one is padded with 0), not folded; below 2^48
// for any packet, so that many can be added.
inline uint64_t PartialSum(const uint8_t* bytes, size_t length) noexcept;

// Each addition of a number's halves, crosswise, leaves in the upper half their
// sum in ones' complement: the carry out of the lower one comes in.
constexpr uint16_t Fold(uint64_t sum) noexcept {
  const auto half = static_cast<uint32_t>((sum + std::rotl(sum, 32)) >> 32);
  return static_cast<uint16_t>((half + std::rotl(half, 16)) >> 16);
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

// For any length, though others are faster from kLong on.
inline uint64_t ShortSum(const uint8_t* bytes, size_t length) noexcept {
  uint64_t sum = 0;
  const auto add = [&](uint64_t word) {
    sum += word;
    sum += sum < word ? 1 : 0;  // the carry comes in at the other end
  };
#pragma GCC unroll 1
  for (; length >= 32; bytes += 32, length -= 32) {
    for (size_t i = 0; i < 32; i += 8) add(base::LoadNative<uint64_t>(bytes + i));
  }
#pragma GCC unroll 1
  for (; length >= 8; bytes += 8, length -= 8) add(base::LoadNative<uint64_t>(bytes));
  if ((length & 4) != 0) {
    add(base::LoadNative<uint32_t>(bytes));
    bytes += 4;
  }
  if ((length & 2) != 0) {
    add(base::LoadNative<uint16_t>(bytes));
    bytes += 2;
  }
  if ((length & 1) != 0) add(Word(static_cast<uint16_t>(*bytes << 8)));
  return (sum >> 32) + static_cast<uint32_t>(sum);
}

inline uint64_t PartialSum(const uint8_t* bytes, size_t length) noexcept {
  return length >= kLong ? LongSum(bytes, length) : ShortSum(bytes, length);
}

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_CHECKSUM_H_
