#include "echo_packet.h"

#include <algorithm>
#include <cstddef>

namespace program {

namespace {

constexpr size_t kIpv4Header = 20;
constexpr size_t kIpv6Header = 40;
constexpr size_t kIcmpHeader = 8;
constexpr uint8_t kIcmpv4 = 1;
constexpr uint8_t kIcmpv6 = 58;
constexpr uint8_t kIcmpv4EchoRequest = 8;
constexpr uint8_t kIcmpv4EchoReply = 0;
constexpr uint8_t kIcmpv6EchoRequest = 128;
constexpr uint8_t kIcmpv6EchoReply = 129;

uint16_t Load16(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void Store16(std::span<uint8_t> bytes, size_t at, size_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}

// The Internet checksum's sum (RFC 1071), not yet folded.
uint32_t Sum(std::span<const uint8_t> bytes, uint32_t sum = 0) {
  for (size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<uint32_t>(bytes[i]) << 8;
    if (i + 1 < bytes.size()) sum += bytes[i + 1];
  }
  return sum;
}

uint16_t Fold(uint32_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

// What an ICMPv6 checksum covers before the message (RFC 8200 8.1). The two
// addresses are the last 32 bytes of the header.
uint32_t PseudoHeader(std::span<const uint8_t> header, size_t length) {
  return Sum(header.subspan(8, 32)) + static_cast<uint32_t>(length) + kIcmpv6;
}

std::optional<EchoPacket> ParseIcmp(std::span<const uint8_t> message, uint32_t pseudo_header,
                                    uint8_t request, uint8_t reply, EchoPacket echo) {
  if (message.size() < kIcmpHeader || Fold(Sum(message, pseudo_header)) != 0) return std::nullopt;
  if ((message[0] != request && message[0] != reply) || message[1] != 0) return std::nullopt;
  echo.request = message[0] == request;
  echo.identifier = Load16(message, 4);
  echo.sequence = Load16(message, 6);
  const auto payload = message.subspan(kIcmpHeader);
  echo.payload.assign(payload.begin(), payload.end());
  return echo;
}

std::optional<EchoPacket> ParseIpv4(std::span<const uint8_t> packet) {
  if (packet.size() < kIpv4Header) return std::nullopt;
  const size_t header = size_t{4} * (packet[0] & 0x0f);
  const size_t length = Load16(packet, 2);
  if (header < kIpv4Header || length < header || length > packet.size()) return std::nullopt;
  if (Fold(Sum(packet.first(header))) != 0 || packet[9] != kIcmpv4) return std::nullopt;
  EchoPacket echo;
  echo.tos = packet[1];
  echo.dont_fragment = (packet[6] & 0x40) != 0;
  echo.ttl = packet[8];
  echo.source.family = echo.destination.family = NS_FAMILY_IPV4;
  std::copy_n(packet.begin() + 12, 4, echo.source.bytes);
  std::copy_n(packet.begin() + 16, 4, echo.destination.bytes);
  return ParseIcmp(packet.subspan(header, length - header), 0, kIcmpv4EchoRequest, kIcmpv4EchoReply,
                   std::move(echo));
}

std::optional<EchoPacket> ParseIpv6(std::span<const uint8_t> packet) {
  if (packet.size() < kIpv6Header) return std::nullopt;
  const size_t length = Load16(packet, 4);
  if (kIpv6Header + length > packet.size() || packet[6] != kIcmpv6) return std::nullopt;
  EchoPacket echo;
  echo.tos = static_cast<uint8_t>(packet[0] << 4 | packet[1] >> 4);
  echo.ttl = packet[7];
  echo.source.family = echo.destination.family = NS_FAMILY_IPV6;
  std::copy_n(packet.begin() + 8, 16, echo.source.bytes);
  std::copy_n(packet.begin() + 24, 16, echo.destination.bytes);
  return ParseIcmp(packet.subspan(kIpv6Header, length), PseudoHeader(packet, length),
                   kIcmpv6EchoRequest, kIcmpv6EchoReply, std::move(echo));
}

void StoreIpv4Header(const EchoPacket& echo, std::span<uint8_t> packet) {
  packet[0] = 0x45;
  packet[1] = echo.tos;
  Store16(packet, 2, packet.size());
  packet[6] = echo.dont_fragment ? 0x40 : 0;
  packet[8] = echo.ttl;
  packet[9] = kIcmpv4;
  std::copy_n(echo.source.bytes, 4, packet.begin() + 12);
  std::copy_n(echo.destination.bytes, 4, packet.begin() + 16);
  Store16(packet, 10, Fold(Sum(packet.first(kIpv4Header))));
}

void StoreIpv6Header(const EchoPacket& echo, std::span<uint8_t> packet) {
  packet[0] = static_cast<uint8_t>(0x60 | echo.tos >> 4);
  packet[1] = static_cast<uint8_t>(echo.tos << 4);
  Store16(packet, 4, packet.size() - kIpv6Header);
  packet[6] = kIcmpv6;
  packet[7] = echo.ttl;
  std::copy_n(echo.source.bytes, 16, packet.begin() + 8);
  std::copy_n(echo.destination.bytes, 16, packet.begin() + 24);
}

}  // namespace

std::vector<uint8_t> Build(const EchoPacket& echo) {
  const bool ipv4 = echo.destination.family == NS_FAMILY_IPV4;
  const size_t header = ipv4 ? kIpv4Header : kIpv6Header;
  std::vector<uint8_t> packet(header + kIcmpHeader + echo.payload.size());
  if (ipv4) {
    StoreIpv4Header(echo, packet);
  } else {
    StoreIpv6Header(echo, packet);
  }
  const std::span<uint8_t> message = std::span(packet).subspan(header);
  if (ipv4) {
    message[0] = echo.request ? kIcmpv4EchoRequest : kIcmpv4EchoReply;
  } else {
    message[0] = echo.request ? kIcmpv6EchoRequest : kIcmpv6EchoReply;
  }
  Store16(message, 4, echo.identifier);
  Store16(message, 6, echo.sequence);
  std::copy(echo.payload.begin(), echo.payload.end(), message.begin() + kIcmpHeader);
  Store16(message, 2, Fold(Sum(message, ipv4 ? 0 : PseudoHeader(packet, message.size()))));
  return packet;
}

std::optional<EchoPacket> Parse(std::span<const uint8_t> packet) {
  if (packet.empty()) return std::nullopt;
  switch (packet[0] >> 4) {
    case 4:
      return ParseIpv4(packet);
    case 6:
      return ParseIpv6(packet);
    default:
      return std::nullopt;
  }
}

}  // namespace program
