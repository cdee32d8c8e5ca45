#include "netstack/testing/packet_builder.h"

#include <arpa/inet.h>

#include <stdexcept>
#include <string>

namespace netstack::testing {

namespace {

void Put16(Bytes* out, size_t at, uint32_t value) {
  (*out)[at] = static_cast<uint8_t>(value >> 8);
  (*out)[at + 1] = static_cast<uint8_t>(value);
}

void Append(Bytes* out, std::span<const uint8_t> bytes) {
  out->insert(out->end(), bytes.begin(), bytes.end());
}

// inet_pton() and not our own parser, which is under test too.
Bytes AddressBytes(int family, std::string_view text) {
  Bytes bytes(family == AF_INET ? 4 : 16);
  if (inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) {
    throw std::invalid_argument("not an address: " + std::string(text));
  }
  return bytes;
}

Bytes MessageWithoutChecksum(const Icmp& icmp, uint8_t echo_request) {
  Bytes message(8);
  message[0] = icmp.type.value_or(echo_request);
  message[1] = icmp.code;
  Put16(&message, 4, icmp.identifier);
  Put16(&message, 6, icmp.sequence);
  Append(&message, icmp.payload);
  return message;
}

uint16_t Spoiled(uint16_t checksum, bool wrong) {
  return wrong ? static_cast<uint16_t>(checksum ^ 0x5555) : checksum;
}

}  // namespace

uint16_t SlowChecksum(std::span<const uint8_t> bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? static_cast<uint32_t>(bytes[i]) << 8 : bytes[i];
    if (sum > 0xffff) sum -= 0xffff;  // the carry comes back in at the low end
  }
  return static_cast<uint16_t>(0xffff - sum);
}

uint16_t SlowChecksum6(std::span<const uint8_t> source, std::span<const uint8_t> destination,
                       uint8_t next_header, std::span<const uint8_t> message) {
  Bytes all;
  Append(&all, source);
  Append(&all, destination);
  const size_t length = message.size();
  for (const int shift : {24, 16, 8, 0}) all.push_back(static_cast<uint8_t>(length >> shift));
  Append(&all, Bytes{0, 0, 0, next_header});
  Append(&all, message);
  return SlowChecksum(all);
}

void FixHeaderChecksum(Bytes* packet) {
  const size_t length = static_cast<size_t>((*packet)[0] & 15) * 4;
  Put16(packet, 10, 0);
  Put16(packet, 10, SlowChecksum(std::span(*packet).first(length)));
}

Bytes BuildMessage(const Icmp& icmp) {
  Bytes message = MessageWithoutChecksum(icmp, 8);
  Put16(&message, 2, Spoiled(SlowChecksum(message), icmp.wrong_checksum));
  return message;
}

Bytes BuildMessage(const Ipv6& ip, const Icmp& icmp) {
  Bytes message = MessageWithoutChecksum(icmp, 128);
  const uint16_t checksum = SlowChecksum6(AddressBytes(AF_INET6, ip.source),
                                          AddressBytes(AF_INET6, ip.destination), 58, message);
  Put16(&message, 2, Spoiled(checksum, icmp.wrong_checksum));
  return message;
}

Bytes Build(const Ipv4& ip, const Bytes& payload) {
  Bytes packet(20);
  Append(&packet, ip.options);
  while (packet.size() % 4 != 0) packet.push_back(0);
  const size_t header = packet.size();
  if (header > 60) throw std::invalid_argument("more than 40 bytes of options");
  if (ip.fragment_offset % 8 != 0) throw std::invalid_argument("a fragment inside 8 bytes");
  packet[0] = static_cast<uint8_t>(ip.version << 4 | ip.header_words.value_or(header / 4));
  packet[1] = ip.tos;
  Put16(&packet, 2, ip.total_length.value_or(static_cast<uint16_t>(header + payload.size())));
  Put16(&packet, 4, ip.identification);
  Put16(&packet, 6,
        (ip.dont_fragment ? 0x4000u : 0u) | (ip.more_fragments ? 0x2000u : 0u) |
            ip.fragment_offset / 8u);
  packet[8] = ip.ttl;
  packet[9] = ip.protocol;
  const Bytes source = AddressBytes(AF_INET, ip.source);
  const Bytes destination = AddressBytes(AF_INET, ip.destination);
  for (size_t i = 0; i < 4; ++i) {
    packet[12 + i] = source[i];
    packet[16 + i] = destination[i];
  }
  Put16(&packet, 10, Spoiled(SlowChecksum(packet), ip.wrong_checksum));
  Append(&packet, payload);
  Append(&packet, ip.trailer);
  return packet;
}

Bytes Build(const Ipv6& ip, const Bytes& payload) {
  Bytes packet(8);
  packet[0] = static_cast<uint8_t>(ip.version << 4 | ip.traffic_class >> 4);
  packet[1] = static_cast<uint8_t>((ip.traffic_class & 15u) << 4 | (ip.flow_label >> 16 & 15u));
  Put16(&packet, 2, ip.flow_label);
  packet[7] = ip.hop_limit;
  Append(&packet, AddressBytes(AF_INET6, ip.source));
  Append(&packet, AddressBytes(AF_INET6, ip.destination));
  size_t next_header = 6;  // where the number of the next header goes
  for (const Extension& extension : ip.extensions) {
    packet[next_header] = extension.number;
    next_header = packet.size();
    Append(&packet, extension.bytes);
  }
  packet[next_header] = ip.next_header;
  Append(&packet, payload);
  Put16(&packet, 4, ip.payload_length.value_or(static_cast<uint16_t>(packet.size() - 40)));
  Append(&packet, ip.trailer);
  return packet;
}

Bytes Build(const Ipv4& ip, const Icmp& icmp) { return Build(ip, BuildMessage(icmp)); }
Bytes Build(const Ipv6& ip, const Icmp& icmp) { return Build(ip, BuildMessage(ip, icmp)); }

}  // namespace netstack::testing
