// Numbers in network byte order at any alignment.
#ifndef NETSTACK_BASE_BYTE_ORDER_H_
#define NETSTACK_BASE_BYTE_ORDER_H_

#include <bit>
#include <cstdint>
#include <cstring>

namespace netstack::base {

constexpr uint16_t Swap16(uint16_t v) noexcept { return __builtin_bswap16(v); }
constexpr uint32_t Swap32(uint32_t v) noexcept { return __builtin_bswap32(v); }
constexpr uint64_t Swap64(uint64_t v) noexcept { return __builtin_bswap64(v); }

inline constexpr bool kLittleEndian = std::endian::native == std::endian::little;

template <typename T>
T LoadNative(const void* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <typename T>
void StoreNative(void* to, T value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

inline uint16_t Load16(const void* from) noexcept {
  const auto v = LoadNative<uint16_t>(from);
  return kLittleEndian ? Swap16(v) : v;
}
inline uint32_t Load32(const void* from) noexcept {
  const auto v = LoadNative<uint32_t>(from);
  return kLittleEndian ? Swap32(v) : v;
}
inline uint64_t Load64(const void* from) noexcept {
  const auto v = LoadNative<uint64_t>(from);
  return kLittleEndian ? Swap64(v) : v;
}
inline void Store16(void* to, uint16_t v) noexcept {
  StoreNative(to, kLittleEndian ? Swap16(v) : v);
}
inline void Store32(void* to, uint32_t v) noexcept {
  StoreNative(to, kLittleEndian ? Swap32(v) : v);
}
inline void Store64(void* to, uint64_t v) noexcept {
  StoreNative(to, kLittleEndian ? Swap64(v) : v);
}

}  // namespace netstack::base

#endif  // NETSTACK_BASE_BYTE_ORDER_H_
