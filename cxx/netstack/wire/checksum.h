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

// Adds four words, the carries coming in at the other end: on x86-64 in one chain
// of them, which compilers do not make.
inline uint64_t AddFour(uint64_t sum, const uint8_t* bytes) noexcept {
#if defined(__x86_64__)
  __asm__(
      "addq (%1), %0\n\t"
      "adcq 8(%1), %0\n\t"
      "adcq 16(%1), %0\n\t"
      "adcq 24(%1), %0\n\t"
      "adcq $0, %0"
      : "+r"(sum)
      : "r"(bytes), "m"(*reinterpret_cast<const unsigned char(*)[32]>(bytes))
      : "cc");
  return sum;
#else
  for (size_t i = 0; i < 32; i += 8) {
    const auto word = base::LoadNative<uint64_t>(bytes + i);
    sum += word;
    sum += sum < word ? 1 : 0;
  }
  return sum;
#endif
}

// For any length, though others are faster from kLong on. `sum` is added; what
// comes out may use all its bits.
inline uint64_t ShortSum(const uint8_t* bytes, size_t length, uint64_t sum) noexcept {
  const auto add = [&](uint64_t word) {
    sum += word;
    sum += sum < word ? 1 : 0;
  };
#pragma GCC unroll 1
  for (const uint8_t* const end = bytes + (length & ~size_t{31}); bytes != end; bytes += 32) {
    sum = AddFour(sum, bytes);
  }
  length &= 31;
  if (length == 0) [[likely]]
    return sum;
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
  return sum;
}

inline uint64_t PartialSum(const uint8_t* bytes, size_t length) noexcept {
  if (length >= kLong) return LongSum(bytes, length);
  const uint64_t sum = ShortSum(bytes, length, 0);
  return (sum >> 32) + static_cast<uint32_t>(sum);
}

// Whether what is `length` bytes long and what adds up to `more` have, a right
// checksum among them, all ones for their sum: a multiple of that, but not 0.
inline bool IsRight(const uint8_t* bytes, size_t length, uint64_t more = 0) noexcept {
  const uint64_t sum =
      length >= kLong ? LongSum(bytes, length) + more : ShortSum(bytes, length, more);
  return sum != 0 && sum % 0xffff == 0;
}

}  // namespace netstack::wire

#endif  // NETSTACK_WIRE_CHECKSUM_H_
