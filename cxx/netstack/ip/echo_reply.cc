#include "netstack/ip/echo_reply.h"

#include <algorithm>
#include <cstring>
#include <optional>

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

// The address that was asked, whether assigned or temporary; for a broadcast or
// multicast request one of our own (RFC 1122 3.2.2.6, RFC 4443 4.2).
std::optional<wire::Address> ReplySource(const Context& context,
                                         const packet::Packet& packet) noexcept {
  if (!packet.arrival.broadcast && !packet.arrival.multicast) return packet.destination;
  return context.interface.of(packet.family).sources.Choose(packet.family, packet.source);
}

// Copies the message and makes a reply of it: `old_sum` less, `new_sum` more in
// what the checksum covers (RFC 1624 equation 3, in the byte order of memory).
void CopyMessage(const packet::Packet& packet, uint8_t type, uint64_t old_sum, uint64_t new_sum,
                 bool pseudo_header, uint8_t* to) noexcept {
  const size_t length = packet.payload_length();
  const uint8_t* const from = packet.payload();
  std::memcpy(to + 4, from + 4, length - 4);
  const auto checksum = LoadNative<uint16_t>(from + 2);
  const uint64_t sum = uint64_t{static_cast<uint16_t>(~checksum)} +
                       static_cast<uint16_t>(~wire::Fold(old_sum)) + wire::Fold(new_sum);
  uint16_t field = wire::ChecksumField(sum);
  // 0 and 0xffff are the same number to the equation, but not on the wire: a
  // sum over nothing but zeros gives 0xffff, any other such sum 0.
  if (field == 0 || field == 0xffff) {
    const bool zeros = !pseudo_header && type == 0 && from[1] == 0 &&
                       std::all_of(from + 4, from + length, [](uint8_t b) { return b == 0; });
    field = zeros ? 0xffff : 0;
  }
  to[0] = type;
  to[1] = from[1];
  StoreNative(to + 2, field);
}

uint64_t TypeSum(uint8_t type) noexcept { return wire::Word(static_cast<uint16_t>(type << 8)); }

// The request's header with addresses, TTL and checksum of its own: TOS, ID and
// flags are kept. Summed from registers, before it is stored.
void WriteIpv4Header(const packet::Packet& packet, wire::Address source, uint8_t ttl,
                     uint8_t* to) noexcept {
  const auto first = LoadNative<uint32_t>(packet.bytes);       // version, IHL, TOS, length
  const auto second = LoadNative<uint32_t>(packet.bytes + 4);  // ID, flags
  uint32_t source_word = 0;
  source.ToIpv4(reinterpret_cast<uint8_t*>(&source_word));
  const auto destination_word = LoadNative<uint32_t>(packet.bytes + 12);
  const uint16_t ttl_word = wire::Word(static_cast<uint16_t>((ttl << 8) | wire::kProtocolIcmp));
  const uint64_t sum = uint64_t{first} + second + ttl_word + source_word + destination_word;
  StoreNative(to, first);
  StoreNative(to + 4, second);
  StoreNative(to + 8, ttl_word);
  StoreNative(to + 10, wire::ChecksumField(sum));
  StoreNative(to + 12, source_word);
  StoreNative(to + 16, destination_word);
}

}  // namespace

Status SendIpv4EchoReply(const Context& context, const packet::Packet& packet) noexcept {
  const auto source = ReplySource(context, packet);
  if (!source) return Status::kNoRoute;
  const Egress egress = FindEgress(context, packet.family, packet.source);
  if (egress.interface == nullptr) return Status::kNoRoute;

  Outgoing out(context, packet.family, *egress.interface, packet.length);
  if (out.data() != nullptr) {
    WriteIpv4Header(packet, *source, context.configuration.default_ttl, out.data());
    CopyMessage(packet, wire::kIcmpv4EchoReply, TypeSum(wire::kIcmpv4EchoRequest),
                TypeSum(wire::kIcmpv4EchoReply), false, out.data() + packet.header_length);
  }
  const bool sent = out.data() != nullptr && out.Send();
  context.counters.Add(
      At(Direction::kSent, sent ? Icmpv4Counter::kEchoReply : Icmpv4Counter::kDropped));
  return Status::kOk;
}

Status SendIpv6EchoReply(const Context& context, const packet::Packet& packet) noexcept {
  const auto source = ReplySource(context, packet);
  if (!source) return Status::kNoRoute;
  const Egress egress = FindEgress(context, packet.family, packet.source);
  if (egress.interface == nullptr) return Status::kNoRoute;

  const size_t length = wire::kIpv6Header + packet.payload_length();
  Outgoing out(context, packet.family, *egress.interface, length);
  if (uint8_t* const to = out.data(); to != nullptr) {
    // Version, the request's traffic class, flow label 0.
    base::Store32(to, 0x6000'0000u | (uint32_t{packet.tos} << 20));
    base::Store16(to + 4, static_cast<uint16_t>(packet.payload_length()));
    to[6] = wire::kProtocolIcmpv6;
    to[7] = context.configuration.default_hop_limit;
    source->ToIpv6(to + 8);
    std::memcpy(to + 24, packet.bytes + 8, 16);
    uint64_t old_sum = TypeSum(wire::kIcmpv6EchoRequest);
    uint64_t new_sum = TypeSum(wire::kIcmpv6EchoReply);
    if (*source != packet.destination) {
      uint8_t bytes[16];
      source->ToIpv6(bytes);
      old_sum += wire::PartialSum(packet.bytes + 24, 16);
      new_sum += wire::PartialSum(bytes, 16);
    }
    CopyMessage(packet, wire::kIcmpv6EchoReply, old_sum, new_sum, true, to + wire::kIpv6Header);
  }
  const bool sent = out.data() != nullptr && out.Send();
  context.counters.Add(
      At(Direction::kSent, sent ? Icmpv6Counter::kEchoReply : Icmpv6Counter::kDropped));
  return Status::kOk;
}

}  // namespace netstack::ip
