#include "netstack/wire/checksum.h"

namespace netstack::wire {

// 32-bit words into 64-bit sums: no carry can get lost below 16 GiB, and the
// compiler makes vectors of it.
uint64_t PartialSum(const uint8_t* bytes, size_t length) noexcept {
  uint64_t sum = 0;
  uint64_t more = 0;
  while (length >= 32) {
    for (size_t i = 0; i < 32; i += 8) {
      sum += base::LoadNative<uint32_t>(bytes + i);
      more += base::LoadNative<uint32_t>(bytes + i + 4);
    }
    bytes += 32;
    length -= 32;
  }
  sum += more;
  while (length >= 4) {
    sum += base::LoadNative<uint32_t>(bytes);
    bytes += 4;
    length -= 4;
  }
  if (length >= 2) {
    sum += base::LoadNative<uint16_t>(bytes);
    bytes += 2;
    length -= 2;
  }
  if (length == 1) sum += Word(static_cast<uint16_t>(*bytes << 8));
  return sum;
}

}  // namespace netstack::wire
