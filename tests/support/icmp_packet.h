// Builds and reads ICMP packets of both families, slowly and plainly, with
// checksums computed by the book over all bytes: independent of the library.
#ifndef NETSTACK_TESTS_SUPPORT_ICMP_PACKET_H_
#define NETSTACK_TESTS_SUPPORT_ICMP_PACKET_H_

#include <arpa/inet.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "support/bytes.h"

namespace support {

inline bool IsIpv6(const std::string& address) { return address.find(':') != std::string::npos; }

// 4 or 16 bytes in network byte order. Text that is no address gives zeros.
inline Bytes AddressBytes(const std::string& text) {
  Bytes bytes(IsIpv6(text) ? 16 : 4);
  inet_pton(IsIpv6(text) ? AF_INET6 : AF_INET, text.c_str(), bytes.data());
  return bytes;
}

inline std::string AddressText(const Bytes& bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(bytes.size() == 16 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return text;
}

// RFC 1071: the ones' complement sum of 16-bit words, a last odd byte padded
// with zero.
inline uint32_t OnesComplementSum(const Bytes& bytes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? uint64_t{bytes[i]} << 8 : uint64_t{bytes[i]};
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint32_t>(sum);
}

inline unsigned InternetChecksum(const Bytes& bytes) { return 0xffff - OnesComplementSum(bytes); }

// RFC 8200 8.1.
inline Bytes PseudoHeader(const Bytes& source, const Bytes& destination, size_t length) {
  Bytes bytes = source + destination;
  Append16(&bytes, static_cast<unsigned>(length >> 16));
  Append16(&bytes, static_cast<unsigned>(length & 0xffff));
  return bytes + Bytes{0, 0, 0, 58};
}

// Everything that an ICMP packet without options says. The family is that of
// the addresses.
struct IcmpPacket {
  std::string source = "192.168.0.2";
  std::string destination = "192.168.0.1";
  uint8_t type = 8;
  uint8_t code = 0;
  uint16_t identifier = 1234;
  uint16_t sequence = 1;
  Bytes payload = FromText("abcd");
  uint8_t ttl = 64;
  uint8_t tos = 0;
  uint16_t id = 0;          // IPv4
  uint16_t fragment = 0;    // IPv4: flags and offset; 0x4000 is DF
  uint32_t flow_label = 0;  // IPv6

  [[nodiscard]] bool v6() const { return IsIpv6(destination); }
  friend bool operator==(const IcmpPacket&, const IcmpPacket&) = default;
  friend std::ostream& operator<<(std::ostream& out, const IcmpPacket& p) {
    return out << p.source << " > " << p.destination << " type " << int{p.type} << " code "
               << int{p.code} << " id " << p.identifier << " seq " << p.sequence << " ttl "
               << int{p.ttl} << " tos " << int{p.tos} << " ip id " << p.id << " fragment "
               << p.fragment << " flow " << p.flow_label << " data " << ToHex(p.payload);
  }
};

// The ICMP message alone, checksum included.
inline Bytes IcmpMessage(const IcmpPacket& packet) {
  Bytes message{packet.type, packet.code, 0, 0};
  Append16(&message, packet.identifier);
  Append16(&message, packet.sequence);
  message = message + packet.payload;
  Bytes covered = message;
  if (packet.v6()) {
    covered = PseudoHeader(AddressBytes(packet.source), AddressBytes(packet.destination),
                           message.size()) +
              message;
  }
  Set16(&message, 2, InternetChecksum(covered));
  return message;
}

// Writes the checksum of an IPv4 header anew.
inline void FixIpv4Header(Bytes* packet) {
  const size_t length = (packet->at(0) & 15u) * 4;
  Set16(packet, 10, 0);
  const Bytes header(packet->begin(), packet->begin() + static_cast<ptrdiff_t>(length));
  Set16(packet, 10, InternetChecksum(header));
}

// An IPv4 packet around any payload.
inline Bytes Ipv4Packet(const IcmpPacket& packet, uint8_t protocol, const Bytes& payload,
                        const Bytes& options = {}) {
  Bytes bytes{static_cast<uint8_t>(0x45 + options.size() / 4), packet.tos};
  Append16(&bytes, static_cast<unsigned>(20 + options.size() + payload.size()));
  Append16(&bytes, packet.id);
  Append16(&bytes, packet.fragment);
  bytes = bytes + Bytes{packet.ttl, protocol, 0, 0} + AddressBytes(packet.source) +
          AddressBytes(packet.destination) + options;
  FixIpv4Header(&bytes);
  return bytes + payload;
}

// An IPv6 packet around any payload.
inline Bytes Ipv6Packet(const IcmpPacket& packet, uint8_t next_header, const Bytes& payload) {
  Bytes bytes;
  Append16(&bytes, 0x6000u | (packet.tos * 16u) | (packet.flow_label >> 16));
  Append16(&bytes, packet.flow_label & 0xffff);
  Append16(&bytes, static_cast<unsigned>(payload.size()));
  return bytes + Bytes{next_header, packet.ttl} + AddressBytes(packet.source) +
         AddressBytes(packet.destination) + payload;
}

inline Bytes Build(const IcmpPacket& packet) {
  if (packet.v6()) return Ipv6Packet(packet, 58, IcmpMessage(packet));
  return Ipv4Packet(packet, 1, IcmpMessage(packet));
}

inline Bytes Part(const Bytes& bytes, size_t from, size_t length) {
  const auto begin = bytes.begin() + static_cast<ptrdiff_t>(from);
  return {begin, begin + static_cast<ptrdiff_t>(length)};
}

// What `bytes` say, if every length and every checksum in them is the only
// right one; otherwise nothing.
inline std::optional<IcmpPacket> Read(const Bytes& bytes) {
  IcmpPacket packet;
  if (bytes.size() < 28) return std::nullopt;
  const bool v6 = bytes[0] >> 4 == 6;
  const size_t header = v6 ? 40 : 20;
  if (bytes.size() < header + 8) return std::nullopt;
  packet.source = AddressText(v6 ? Part(bytes, 8, 16) : Part(bytes, 12, 4));
  packet.destination = AddressText(v6 ? Part(bytes, 24, 16) : Part(bytes, 16, 4));
  packet.tos = static_cast<uint8_t>(v6 ? Get16(bytes, 0) >> 4 & 255 : bytes[1]);
  packet.ttl = bytes[v6 ? 7 : 8];
  packet.id = static_cast<uint16_t>(v6 ? 0 : Get16(bytes, 4));
  packet.fragment = static_cast<uint16_t>(v6 ? 0 : Get16(bytes, 6));
  packet.flow_label = v6 ? (Get16(bytes, 0) & 15) << 16 | Get16(bytes, 2) : 0;
  packet.type = bytes[header];
  packet.code = bytes[header + 1];
  packet.identifier = static_cast<uint16_t>(Get16(bytes, header + 4));
  packet.sequence = static_cast<uint16_t>(Get16(bytes, header + 6));
  packet.payload = Part(bytes, header + 8, bytes.size() - header - 8);
  if (Build(packet) != bytes) return std::nullopt;
  return packet;
}

inline IcmpPacket EchoRequest(const std::string& source, const std::string& destination) {
  IcmpPacket packet;
  packet.source = source;
  packet.destination = destination;
  packet.type = packet.v6() ? 128 : 8;
  return packet;
}

// From the peer of the fixture Wire.
inline IcmpPacket EchoRequestTo(const std::string& destination) {
  return EchoRequest(IsIpv6(destination) ? "a::2" : "192.168.0.2", destination);
}

inline IcmpPacket EchoReplyTo(const std::string& destination) {
  IcmpPacket packet = EchoRequestTo(destination);
  packet.type = packet.v6() ? 129 : 0;
  return packet;
}

// The answer that the rules call for, from `source`.
inline IcmpPacket AnswerTo(const IcmpPacket& request, const std::string& source, uint8_t ttl = 64) {
  IcmpPacket answer = request;
  answer.destination = request.source;
  answer.source = source;
  answer.type = request.v6() ? 129 : 0;
  answer.ttl = ttl;
  answer.flow_label = 0;
  return answer;
}

inline IcmpPacket AnswerTo(const IcmpPacket& request) {
  return AnswerTo(request, request.destination);
}

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_ICMP_PACKET_H_
