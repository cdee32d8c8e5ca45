#include "netstack/wire/checksum.h"

#if defined(__x86_64__) || defined(__i386__)
#define NETSTACK_WIRE_X86 1
#endif

namespace netstack::wire {

namespace {

// 32-bit words into 64-bit sums: no carry can get lost below 16 GiB, and the
// compiler makes vectors of it, as wide as its function's target has them.
[[gnu::always_inline]] inline uint64_t SumWords(const uint8_t* bytes, size_t length) noexcept {
  constexpr size_t kLanes = 16;
  uint64_t sums[kLanes] = {};
  for (; length >= 4 * kLanes; bytes += 4 * kLanes, length -= 4 * kLanes) {
    for (size_t i = 0; i < kLanes; ++i) sums[i] += base::LoadNative<uint32_t>(bytes + 4 * i);
  }
  uint64_t sum = 0;
  for (const uint64_t s : sums) sum += s;
  for (; length >= 4; bytes += 4, length -= 4) sum += base::LoadNative<uint32_t>(bytes);
  if (length >= 2) {
    sum += base::LoadNative<uint16_t>(bytes);
    bytes += 2;
    length -= 2;
  }
  if (length == 1) sum += Word(static_cast<uint16_t>(*bytes << 8));
  return sum;
}

#if defined(NETSTACK_WIRE_X86)
[[gnu::target("avx2")]] uint64_t SumWithAvx2(const uint8_t* bytes, size_t length) noexcept {
  return SumWords(bytes, length);
}
#endif

}  // namespace

uint64_t PortableSum(const uint8_t* bytes, size_t length) noexcept {
  return SumWords(bytes, length);
}

uint64_t LongSum(const uint8_t* bytes, size_t length) noexcept {
#if defined(NETSTACK_WIRE_X86)
  if (__builtin_cpu_supports("avx2")) return SumWithAvx2(bytes, length);
#endif
  return PortableSum(bytes, length);
}

}  // namespace netstack::wire
