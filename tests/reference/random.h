// Random numbers that are the same on every machine, and stacks and packets
// made of them.
#ifndef NETSTACK_TESTS_REFERENCE_RANDOM_H_
#define NETSTACK_TESTS_REFERENCE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reference {

// SplitMix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  size_t Below(size_t limit) { return static_cast<size_t>(Next() % limit); }
  uint8_t Byte() { return static_cast<uint8_t>(Next()); }
  bool OneIn(size_t n) { return Below(n) == 0; }
  template <typename T>
  const T& Of(const std::vector<T>& all) {
    return all[Below(all.size())];
  }

 private:
  uint64_t state_;
};

}  // namespace reference

#endif  // NETSTACK_TESTS_REFERENCE_RANDOM_H_
