#include "netstack/ip/echo_reply.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "netstack/base/byte_order.h"
#include "netstack/ip/output.h"
#include "netstack/ip/shared.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

using base::LoadNative;
using base::Status;
using base::StoreNative;

namespace {

// What replacing words that sum up to `old_sum` by some that sum up to `new_sum`
// adds to the complement of a checksum (RFC 1624 equation 3).
constexpr uint64_t Replaced(uint64_t old_sum, uint64_t new_sum) noexcept {
  return uint64_t{static_cast<uint16_t>(~wire::Fold(old_sum))} + wire::Fold(new_sum);
}

constexpr uint64_t TypeSum(uint8_t type) noexcept {
  return wire::Word(static_cast<uint16_t>(type << 8));
}

// Most messages are those of the usual ping, which are not worth a call.
[[gnu::always_inline]] inline void Copy(uint8_t* to, const uint8_t* from, size_t length) noexcept {
  if (length < 32 || length > 64) [[unlikely]] {
    std::memcpy(to, from, length);
    return;
  }
  struct Half {
    uint64_t words[2];
  };
  const auto first = LoadNative<Half>(from);
  const auto second = LoadNative<Half>(from + 16);
  const auto third = LoadNative<Half>(from + length - 32);
  const auto last = LoadNative<Half>(from + length - 16);
  StoreNative(to, first);
  StoreNative(to + 16, second);
  StoreNative(to + length - 32, third);
  StoreNative(to + length - 16, last);
}

// Copies the message and makes a reply of it. `change` is what was replaced in
// what the checksum covers, in the byte order of memory.
[[gnu::always_inline]] inline void CopyMessage(const uint8_t* from, size_t length, uint8_t type,
                                               uint64_t change, bool pseudo_header,
                                               uint8_t* to) noexcept {
  Copy(to + 4, from + 4, length - 4);
  const auto checksum = LoadNative<uint16_t>(from + 2);
  uint16_t field = wire::ChecksumField(uint64_t{static_cast<uint16_t>(~checksum)} + change);
  // 0 and 0xffff are the same number to the equation, but not on the wire: a
  // sum over nothing but zeros gives 0xffff, any other such sum 0.
  if (field == 0 || field == 0xffff) [[unlikely]] {
    const bool zeros = !pseudo_header && type == 0 && from[1] == 0 &&
                       std::all_of(from + 4, from + length, [](uint8_t b) { return b == 0; });
    field = zeros ? 0xffff : 0;
  }
  to[0] = type;
  to[1] = from[1];
  StoreNative(to + 2, field);
}

// The request's header with the addresses swapped, and TTL and checksum of its
// own, which was right: TOS, ID and flags are kept.
[[gnu::always_inline]] inline void WriteIpv4Header(const uint8_t* request, uint8_t ttl,
                                                   uint8_t* to) noexcept {
  const uint16_t ttl_word = wire::Word(static_cast<uint16_t>((ttl << 8) | wire::kProtocolIcmp));
  const auto old_ttl_word = LoadNative<uint16_t>(request + 8);
  const auto checksum = LoadNative<uint16_t>(request + 10);
  const uint64_t sum =
      uint64_t{static_cast<uint16_t>(~checksum)} + static_cast<uint16_t>(~old_ttl_word) + ttl_word;
  StoreNative(to, LoadNative<uint64_t>(request));  // version, IHL, TOS, length, ID, flags
  StoreNative(to + 8, ttl_word);
  StoreNative(to + 10, wire::ChecksumField(sum));
  StoreNative(to + 12, std::rotl(LoadNative<uint64_t>(request + 12), 32));
}

// Whether another reply may be sent; if not, that is counted.
bool Allow(const Context& context, wire::Family family, uint8_t type) noexcept {
  if (!context.configuration.echo_reply_limited[wire::Index(family)]) return true;
  const uint64_t now = context.configuration.clock->Now();
  if (context.configuration.shared->limiter.Allow(family, type, 0, now)) return true;
  context.counters.Add(family == wire::Family::kIpv4
                           ? At(Direction::kSent, Icmpv4Counter::kRateLimited)
                           : At(Direction::kSent, Icmpv6Counter::kRateLimited));
  return false;
}

// `write_header` writes `header_length` bytes. The message is the request's.
template <typename WriteHeader>
[[gnu::always_inline]] inline Status SendIpv4(const Context& context, const packet::Packet& packet,
                                              size_t request_header, size_t header_length,
                                              WriteHeader&& write_header) noexcept {
  constexpr wire::Family kFamily = wire::Family::kIpv4;
  constexpr uint64_t kChange =
      Replaced(TypeSum(wire::kIcmpv4EchoRequest), TypeSum(wire::kIcmpv4EchoReply));
  if (!HasWayBack(context, kFamily, packet.source)) [[unlikely]]
    return Status::kNoRoute;
  const size_t length = packet.length - request_header;
  const Status sent =
      Send(context, kFamily, packet.source, header_length + length, [&](uint8_t* to) {
        write_header(to);
        CopyMessage(packet.bytes + request_header, length, wire::kIcmpv4EchoReply, kChange, false,
                    to + header_length);
      });
  context.counters.Add(At(
      Direction::kSent, sent == Status::kOk ? Icmpv4Counter::kEchoReply : Icmpv4Counter::kDropped));
  return Status::kOk;
}

// To a request with options, or to a group, or one that the limiter is asked for:
// before all else, and what it holds back counts as accepted (contract, "rules for
// reply", 3). Nobody answers from a group's address, but from one of our own; any
// other, assigned or temporary, answers itself (RFC 1122 3.2.2.6, RFC 4443 4.2).
[[gnu::cold, gnu::noinline]] Status SendUncommonIpv4(const Context& context,
                                                     const packet::Packet& packet) noexcept {
  if (!Allow(context, wire::Family::kIpv4, wire::kIcmpv4EchoReply)) return Status::kOk;
  std::optional<wire::Address> source = packet.destination;
  if (packet.arrival.at_group()) {
    source = context.interface.of(wire::Family::kIpv4)
                 .sources.Choose(wire::Family::kIpv4, packet.source);
    if (!source) return Status::kNoRoute;
  }
  const size_t options = packet.extras != nullptr ? packet.extras->reply_options_length : 0;
  const size_t header_length = wire::kIpv4MinimumHeader + options;
  const auto write_header = [&](uint8_t* to) {
    std::memcpy(to, packet.bytes, wire::kIpv4MinimumHeader);
    to[0] = static_cast<uint8_t>(0x40 | header_length / 4);
    base::Store16(to + 2,
                  static_cast<uint16_t>(packet.length - packet.header_length + header_length));
    to[8] = context.configuration.default_ttl;
    StoreNative(to + 10, uint16_t{0});
    source->ToIpv4(to + 12);
    packet.source.ToIpv4(to + 16);
    if (options != 0) {
      std::memcpy(to + wire::kIpv4MinimumHeader, packet.extras->reply_options, options);
    }
    StoreNative(to + 10, wire::ChecksumField(wire::PartialSum(to, header_length)));
  };
  return SendIpv4(context, packet, packet.header_length, header_length, write_header);
}

// The request's traffic class, flow label 0.
[[gnu::always_inline]] inline void WriteIpv6Header(const uint8_t* request, size_t length,
                                                   const uint8_t* source, uint8_t hop_limit,
                                                   uint8_t* to) noexcept {
  const uint32_t begin = base::Load32(request) & 0xfff0'0000u;
  base::Store64(to, uint64_t{begin} << 32 | length << 16 | wire::kProtocolIcmpv6 << 8 | hop_limit);
  std::memcpy(to + 8, source, 16);
  std::memcpy(to + 24, request + 8, 16);
}

// `source` is an address as it stands in a header; `change` is what is replaced
// in what the checksum covers.
[[gnu::always_inline]] inline Status SendIpv6(const Context& context, const packet::Packet& packet,
                                              const uint8_t* source, uint64_t change) noexcept {
  constexpr wire::Family kFamily = wire::Family::kIpv6;
  const size_t length = wire::kIpv6Header + packet.payload_length();
  // As a call it would cost the common way its registers, for the sake of packets that are cut.
  const auto write = [&](uint8_t * to) __attribute__((always_inline)) {
    const uint8_t* const message = packet.payload();
    const size_t size = packet.payload_length();
    WriteIpv6Header(packet.bytes, size, source, context.configuration.default_hop_limit, to);
    CopyMessage(message, size, wire::kIcmpv6EchoReply, change, true, to + wire::kIpv6Header);
  };
  const Status sent = Send(context, kFamily, packet.source, length, write);
  context.counters.Add(At(
      Direction::kSent, sent == Status::kOk ? Icmpv6Counter::kEchoReply : Icmpv6Counter::kDropped));
  return Status::kOk;
}

constexpr uint64_t kOldType = TypeSum(wire::kIcmpv6EchoRequest);
constexpr uint64_t kNewType = TypeSum(wire::kIcmpv6EchoReply);

// To a group, or one that the limiter is asked for: in IPv6 when there is a way back.
[[gnu::cold, gnu::noinline]] Status SendUncommonIpv6(const Context& context,
                                                     const packet::Packet& packet) noexcept {
  constexpr wire::Family kFamily = wire::Family::kIpv6;
  std::optional<wire::Address> own = packet.destination;
  if (packet.arrival.at_group()) {
    own = context.interface.of(kFamily).sources.Choose(kFamily, packet.source);
    if (!own) return Status::kNoRoute;
  }
  if (!HasWayBack(context, kFamily, packet.source)) return Status::kNoRoute;
  if (!Allow(context, kFamily, wire::kIcmpv6EchoReply)) return Status::kOk;
  uint8_t source[16];
  own->ToIpv6(source);
  const uint64_t change = Replaced(kOldType + wire::PartialSum(packet.bytes + 24, sizeof source),
                                   kNewType + wire::PartialSum(source, sizeof source));
  return SendIpv6(context, packet, source, change);
}

}  // namespace

Status SendIpv4EchoReply(const Context& context, const packet::Packet& packet) noexcept {
  constexpr size_t kHeader = wire::kIpv4MinimumHeader;
  if (packet.arrival.at_group() || packet.header_length != kHeader ||
      context.configuration.echo_reply_limited[wire::Index(wire::Family::kIpv4)]) [[unlikely]] {
    return SendUncommonIpv4(context, packet);
  }
  return SendIpv4(context, packet, kHeader, kHeader, [&](uint8_t* to) {
    WriteIpv4Header(packet.bytes, context.configuration.default_ttl, to);
  });
}

Status SendIpv6EchoReply(const Context& context, const packet::Packet& packet) noexcept {
  constexpr wire::Family kFamily = wire::Family::kIpv6;
  if (packet.arrival.at_group() || context.configuration.echo_reply_limited[wire::Index(kFamily)])
      [[unlikely]] {
    return SendUncommonIpv6(context, packet);
  }
  if (!HasWayBack(context, kFamily, packet.source)) [[unlikely]]
    return Status::kNoRoute;
  constexpr uint64_t kTypeChange = Replaced(kOldType, kNewType);
  return SendIpv6(context, packet, packet.bytes + 24, kTypeChange);
}

}  // namespace netstack::ip
