// Sums of 16-bit words (RFC 1071) in the machine's byte order, which does not
// matter to them. Included by floors only: each target has its own copy.
#ifndef NETSTACK_TESTS_BENCH_SUM_H_
#define NETSTACK_TESTS_BENCH_SUM_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace bench {
namespace {

template <typename T>
inline T Load(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename T>
inline void Store(uint8_t* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

inline uint32_t Fold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint32_t>((sum & 0xffff) + (sum >> 16));
}

// RFC 1624, equation 3.
inline uint16_t Patch(uint32_t checksum, uint32_t before, uint32_t after) {
  return static_cast<uint16_t>(~Fold((~checksum & 0xffff) + (~before & 0xffff) + after));
}

// A sum that keeps its carries apart, so that each addition takes one cycle.
class Sum {
 public:
  void Add(uint64_t value) {
    sum_ += value;
    carries_ += sum_ < value ? 1 : 0;
  }
  [[nodiscard]] uint64_t Reduced() const { return (sum_ & 0xffffffff) + (sum_ >> 32) + carries_; }

 private:
  uint64_t sum_ = 0;
  uint64_t carries_ = 0;
};

}  // namespace
}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_SUM_H_
