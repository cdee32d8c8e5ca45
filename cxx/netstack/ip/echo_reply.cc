#include "netstack/ip/echo_reply.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "netstack/base/byte_order.h"
#include "netstack/ip/output.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

using base::LoadNative;
using base::Status;
using base::StoreNative;

namespace {

// Nobody answers from a group's address, but from one of our own; any other,
// assigned or temporary, answers itself (RFC 1122 3.2.2.6, RFC 4443 4.2).
bool AsksAGroup(const packet::Packet& packet) noexcept {
  return packet.arrival.broadcast || packet.arrival.multicast;
}

// What replacing words that sum up to `old_sum` by some that sum up to `new_sum`
// adds to the complement of a checksum (RFC 1624 equation 3).
constexpr uint64_t Replaced(uint64_t old_sum, uint64_t new_sum) noexcept {
  return uint64_t{static_cast<uint16_t>(~wire::Fold(old_sum))} + wire::Fold(new_sum);
}

// Copies the message and makes a reply of it. `change` is what was replaced in
// what the checksum covers, in the byte order of memory.
[[gnu::always_inline]] inline void CopyMessage(const packet::Packet& packet, uint8_t type,
                                               uint64_t change, bool pseudo_header,
                                               uint8_t* to) noexcept {
  const size_t length = packet.payload_length();
  const uint8_t* const from = packet.payload();
  std::memcpy(to + 4, from + 4, length - 4);
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

constexpr uint64_t TypeSum(uint8_t type) noexcept {
  return wire::Word(static_cast<uint16_t>(type << 8));
}

// Source and destination as they stand in the reply's header, one after the
// other, and what their change adds to the complement of its checksum; false if
// there is no address to answer from.
bool ReplyAddresses(const Context& context, const packet::Packet& packet, uint64_t* addresses,
                    uint64_t* change) noexcept {
  *addresses = std::rotl(LoadNative<uint64_t>(packet.bytes + 12), 32);
  *change = 0;
  if (!AsksAGroup(packet)) return true;
  const auto source =
      context.interface.of(wire::Family::kIpv4).sources.Choose(wire::Family::kIpv4, packet.source);
  if (!source) return false;
  uint8_t bytes[8];
  source->ToIpv4(bytes);
  std::memcpy(bytes + 4, packet.bytes + 12, 4);
  *addresses = LoadNative<uint64_t>(bytes);
  *change = Replaced(wire::PartialSum(packet.bytes + 16, 4), wire::PartialSum(bytes, 4));
  return true;
}

// The request's header with addresses, TTL and checksum of its own: TOS, ID and
// flags are kept. `change` is what the addresses' change adds to the complement
// of the checksum, which was right.
void WriteIpv4Header(const packet::Packet& packet, uint64_t addresses, uint64_t change, uint8_t ttl,
                     uint8_t* to) noexcept {
  const uint16_t ttl_word = wire::Word(static_cast<uint16_t>((ttl << 8) | wire::kProtocolIcmp));
  const auto old_ttl_word = LoadNative<uint16_t>(packet.bytes + 8);
  const auto checksum = LoadNative<uint16_t>(packet.bytes + 10);
  const uint64_t sum = uint64_t{static_cast<uint16_t>(~checksum)} +
                       static_cast<uint16_t>(~old_ttl_word) + ttl_word + change;
  StoreNative(to, LoadNative<uint64_t>(packet.bytes));  // version, IHL, TOS, length, ID, flags
  StoreNative(to + 8, ttl_word);
  StoreNative(to + 10, wire::ChecksumField(sum));
  StoreNative(to + 12, addresses);
}

// The source as it stands in the reply's header; `*change` is what is replaced
// in what the checksum covers. False if there is no address to answer from.
bool ReplySource(const Context& context, const packet::Packet& packet, uint8_t (&source)[16],
                 uint64_t* change) noexcept {
  constexpr uint64_t kOldType = TypeSum(wire::kIcmpv6EchoRequest);
  constexpr uint64_t kNewType = TypeSum(wire::kIcmpv6EchoReply);
  constexpr uint64_t kTypeChange = Replaced(kOldType, kNewType);
  const uint8_t* const asked = packet.bytes + 24;
  *change = kTypeChange;
  std::memcpy(source, asked, sizeof source);
  if (!AsksAGroup(packet)) return true;
  const auto own =
      context.interface.of(wire::Family::kIpv6).sources.Choose(wire::Family::kIpv6, packet.source);
  if (!own) return false;
  own->ToIpv6(source);
  *change = Replaced(kOldType + wire::PartialSum(asked, sizeof source),
                     kNewType + wire::PartialSum(source, sizeof source));
  return true;
}

// The request's traffic class, flow label 0.
void WriteIpv6Header(const packet::Packet& packet, const uint8_t (&source)[16], uint8_t hop_limit,
                     uint8_t* to) noexcept {
  base::Store32(to, 0x6000'0000u | (uint32_t{packet.tos} << 20));
  base::Store16(to + 4, static_cast<uint16_t>(packet.payload_length()));
  to[6] = wire::kProtocolIcmpv6;
  to[7] = hop_limit;
  std::memcpy(to + 8, source, sizeof source);
  std::memcpy(to + 24, packet.bytes + 8, 16);
}

}  // namespace

Status SendIpv4EchoReply(const Context& context, const packet::Packet& packet) noexcept {
  constexpr wire::Family kFamily = wire::Family::kIpv4;
  constexpr uint64_t kChange =
      Replaced(TypeSum(wire::kIcmpv4EchoRequest), TypeSum(wire::kIcmpv4EchoReply));
  uint64_t addresses = 0;
  uint64_t change = 0;
  if (!ReplyAddresses(context, packet, &addresses, &change)) return Status::kNoRoute;
  if (!HasWayBack(context, kFamily, packet.source)) return Status::kNoRoute;
  const Status sent = Send(context, kFamily, packet.length, [&](uint8_t* to) {
    WriteIpv4Header(packet, addresses, change, context.configuration.default_ttl, to);
    CopyMessage(packet, wire::kIcmpv4EchoReply, kChange, false, to + packet.header_length);
  });
  context.counters.Add(At(
      Direction::kSent, sent == Status::kOk ? Icmpv4Counter::kEchoReply : Icmpv4Counter::kDropped));
  return Status::kOk;
}

Status SendIpv6EchoReply(const Context& context, const packet::Packet& packet) noexcept {
  constexpr wire::Family kFamily = wire::Family::kIpv6;
  uint8_t source[16];
  uint64_t change = 0;
  if (!ReplySource(context, packet, source, &change)) return Status::kNoRoute;
  if (!HasWayBack(context, kFamily, packet.source)) return Status::kNoRoute;
  const size_t length = wire::kIpv6Header + packet.payload_length();
  const Status sent = Send(context, kFamily, length, [&](uint8_t* to) {
    WriteIpv6Header(packet, source, context.configuration.default_hop_limit, to);
    CopyMessage(packet, wire::kIcmpv6EchoReply, change, true, to + wire::kIpv6Header);
  });
  context.counters.Add(At(
      Direction::kSent, sent == Status::kOk ? Icmpv6Counter::kEchoReply : Icmpv6Counter::kDropped));
  return Status::kOk;
}

}  // namespace netstack::ip
