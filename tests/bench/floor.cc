#include "floor.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sum.h"

namespace bench::BENCH_FLOOR_TARGET {

namespace {

constexpr uint8_t kTtl = 64;
constexpr size_t kIcmpHeader = 8;

// As wide as the target's registers; the lanes take a 16-bit word each.
#if defined(__AVX2__)
using Lanes = uint32_t __attribute__((vector_size(32)));
#else
using Lanes = uint32_t __attribute__((vector_size(16)));
#endif
constexpr size_t kLanes = sizeof(Lanes) / sizeof(uint32_t);
// Shorter than this, adding up the lanes costs more than they save.
constexpr size_t kWorthLanes = 128;

// Copies `length` bytes and returns their sum.
inline uint64_t CopyAndSum(uint8_t* to, const uint8_t* from, size_t length) {
  Sum sum;
  if (length >= kWorthLanes) {
    Lanes even{};
    Lanes odd{};
    for (; length >= sizeof(Lanes); length -= sizeof(Lanes)) {
      const Lanes lanes = Load<Lanes>(from);
      Store(to, lanes);
      even += lanes & 0xffff;
      odd += lanes >> 16;
      from += sizeof(Lanes);
      to += sizeof(Lanes);
    }
    even += odd;
    for (size_t i = 0; i < kLanes; ++i) sum.Add(even[i]);
  }
  for (; length >= 8; length -= 8, from += 8, to += 8) {
    const uint64_t word = Load<uint64_t>(from);
    Store(to, word);
    sum.Add(word);
  }
  if (length > 0) {
    uint64_t word = 0;
    std::memcpy(&word, from, length);
    std::memcpy(to, from, length);
    sum.Add(word);
  }
  return sum.Reduced();
}

inline uint16_t Swap16(uint64_t value) { return __builtin_bswap16(static_cast<uint16_t>(value)); }

// Copies the ICMP message with another type and returns its sum as it came.
inline uint64_t CopyMessage(uint8_t* to, const uint8_t* from, size_t length, uint64_t header,
                            uint32_t type, uint32_t reply_type) {
  const uint16_t checksum = Patch(header >> 16 & 0xffff, type, reply_type);
  Store(to, (header & ~uint64_t{0xffffffff}) | uint64_t{checksum} << 16 | reply_type);
  Sum sum;
  sum.Add(header);
  return sum.Reduced() + CopyAndSum(to + kIcmpHeader, from + kIcmpHeader, length - kIcmpHeader);
}

inline size_t OnePassV4(const uint8_t* request, size_t length, uint8_t* reply) {
  if (length < 20 + kIcmpHeader) return 0;
  const auto first = Load<uint64_t>(request);
  const auto second = Load<uint64_t>(request + 8);
  const auto destination = Load<uint32_t>(request + 16);
  const auto icmp = Load<uint64_t>(request + 20);
  Sum header;
  header.Add(first);
  header.Add(second);
  header.Add(destination);
  // Version 4 without options, whole (RFC 791), an Echo Request (RFC 792).
  if ((first & 0xff) != 0x45 || Swap16(first >> 16) != length || (first >> 48 & 0xffbf) != 0 ||
      (second >> 8 & 0xff) != 1 || (icmp & 0xffff) != 8 || Fold(header.Reduced()) != 0xffff) {
    return 0;
  }
  const uint64_t ttl_and_protocol = kTtl | 1u << 8;
  const uint16_t checksum = Patch(second >> 16 & 0xffff, second & 0xffff, ttl_and_protocol);
  Store(reply, first);
  Store(reply + 8,
        ttl_and_protocol | uint64_t{checksum} << 16 | static_cast<uint64_t>(destination) << 32);
  Store(reply + 16, static_cast<uint32_t>(second >> 32));
  const uint64_t sum = CopyMessage(reply + 20, request + 20, length - 20, icmp, 8, 0);
  return Fold(sum) == 0xffff ? length : 0;
}

inline size_t OnePassV6(const uint8_t* request, size_t length, uint8_t* reply) {
  if (length < 40 + kIcmpHeader) return 0;
  const auto first = Load<uint64_t>(request);
  const auto icmp = Load<uint64_t>(request + 40);
  // The next header is ICMPv6 (RFC 8200), the message an Echo Request (RFC 4443).
  if ((first & 0xf0) != 0x60 || size_t{Swap16(first >> 32)} + 40 != length ||
      (first >> 48 & 0xff) != 58 || (icmp & 0xffff) != 128) {
    return 0;
  }
  // The pseudo-header: addresses, length, next header (RFC 8200 8.1).
  Sum sum;
  sum.Add((first >> 32 & 0xffff) + (58u << 8));
  for (size_t at = 0; at < 16; at += 8) {
    const auto source = Load<uint64_t>(request + 8 + at);
    const auto destination = Load<uint64_t>(request + 24 + at);
    sum.Add(source);
    sum.Add(destination);
    Store(reply + 8 + at, destination);
    Store(reply + 24 + at, source);
  }
  // The traffic class stays, the flow label is not ours to take.
  Store(reply, (first & 0x00ffffff0000f0ff) | uint64_t{kTtl} << 56);
  const uint64_t message = CopyMessage(reply + 40, request + 40, length - 40, icmp, 128, 129);
  return Fold(sum.Reduced() + message) == 0xffff ? length : 0;
}

inline uint64_t PlainSum(const uint8_t* bytes, size_t length) {
  Sum sum;
  for (; length >= 8; length -= 8, bytes += 8) sum.Add(Load<uint64_t>(bytes));
  uint64_t rest = 0;
  std::memcpy(&rest, bytes, length);
  sum.Add(rest);
  return sum.Reduced();
}

inline size_t PlainV4(const uint8_t* request, size_t length, uint8_t* reply) {
  if (length < 20 + kIcmpHeader || request[0] != 0x45 ||
      Swap16(Load<uint16_t>(request + 2)) != length ||
      (Swap16(Load<uint16_t>(request + 6)) & 0xbfff) != 0 || request[9] != 1 || request[20] != 8 ||
      request[21] != 0 || Fold(PlainSum(request, 20)) != 0xffff ||
      Fold(PlainSum(request + 20, length - 20)) != 0xffff) {
    return 0;
  }
  std::memcpy(reply, request, length);
  std::memcpy(reply + 12, request + 16, 4);
  std::memcpy(reply + 16, request + 12, 4);
  reply[8] = kTtl;
  Store<uint16_t>(reply + 10, 0);
  Store(reply + 10, static_cast<uint16_t>(~Fold(PlainSum(reply, 20))));
  reply[20] = 0;
  Store(reply + 22, Patch(Load<uint16_t>(request + 22), 8, 0));
  return length;
}

inline size_t PlainV6(const uint8_t* request, size_t length, uint8_t* reply) {
  if (length < 40 + kIcmpHeader || request[0] >> 4 != 6 ||
      size_t{Swap16(Load<uint16_t>(request + 4))} + 40 != length || request[6] != 58 ||
      request[40] != 128 || request[41] != 0) {
    return 0;
  }
  const uint64_t pseudo_header =
      PlainSum(request + 8, 32) + Load<uint16_t>(request + 4) + (58u << 8);
  if (Fold(pseudo_header + PlainSum(request + 40, length - 40)) != 0xffff) return 0;
  std::memcpy(reply, request, length);
  std::memcpy(reply + 8, request + 24, 16);
  std::memcpy(reply + 24, request + 8, 16);
  reply[1] = request[1] & 0xf0;
  Store<uint16_t>(reply + 2, 0);
  reply[7] = kTtl;
  reply[40] = 129;
  Store(reply + 42, Patch(Load<uint16_t>(request + 42), 128, 129));
  return length;
}

}  // namespace

size_t OnePassFloor(const uint8_t* request, size_t length, uint8_t* reply) {
  return length > 0 && request[0] >> 4 == 6 ? OnePassV6(request, length, reply)
                                            : OnePassV4(request, length, reply);
}

size_t PlainFloor(const uint8_t* request, size_t length, uint8_t* reply) {
  return length > 0 && request[0] >> 4 == 6 ? PlainV6(request, length, reply)
                                            : PlainV4(request, length, reply);
}

}  // namespace bench::BENCH_FLOOR_TARGET
