#include "netstack/wire/checksum.h"

#include <cstring>

#if defined(__x86_64__) || defined(__i386__)
#define NETSTACK_WIRE_X86 1
#endif

namespace netstack::wire {

namespace {

// As many 64-bit words as a target's registers hold.
using Words2 = uint64_t __attribute__((vector_size(16)));
using Words4 = uint64_t __attribute__((vector_size(32)));

// Adds up whole words, and their upper halves apart; since no sum of halves
// overflows below 16 GiB, the lower halves' sum is what is missing.
template <typename Words>
[[gnu::always_inline]] inline uint64_t SumWords(const uint8_t* bytes, size_t length) noexcept {
  constexpr size_t kStep = 4 * sizeof(Words);
  Words whole[2] = {};
  Words upper[2] = {};
  for (; length >= kStep; bytes += kStep, length -= kStep) {
    for (size_t i = 0; i < 4; ++i) {
      Words words;
      std::memcpy(&words, bytes + i * sizeof words, sizeof words);
      whole[i % 2] += words;
      upper[i % 2] += words >> 32;
    }
  }
  whole[0] += whole[1];
  upper[0] += upper[1];
  uint64_t sum_of_whole = 0;
  uint64_t sum_of_upper = 0;
  for (size_t i = 0; i < sizeof(Words) / 8; ++i) {
    sum_of_whole += whole[0][i];
    sum_of_upper += upper[0][i];
  }
  return sum_of_whole - (sum_of_upper << 32) + sum_of_upper + PartialSum(bytes, length);
}

#if defined(NETSTACK_WIRE_X86)
[[gnu::target("avx2")]] uint64_t SumWithAvx2(const uint8_t* bytes, size_t length) noexcept {
  return SumWords<Words4>(bytes, length);
}
#endif

}  // namespace

uint64_t PortableSum(const uint8_t* bytes, size_t length) noexcept {
  return SumWords<Words2>(bytes, length);
}

uint64_t LongSum(const uint8_t* bytes, size_t length) noexcept {
#if defined(NETSTACK_WIRE_X86)
  if (__builtin_cpu_supports("avx2")) return SumWithAvx2(bytes, length);
#endif
  return PortableSum(bytes, length);
}

}  // namespace netstack::wire
