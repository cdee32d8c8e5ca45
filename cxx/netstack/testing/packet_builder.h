// Packets in a few words, built without any code of the stack:
//
//   Build(Ipv4{.source = "10.0.0.9", .ttl = 3}, Icmp{.payload = FromText("abcd")})
//
// Lengths and checksums are right unless a test asks for wrong ones.
#ifndef NETSTACK_TESTING_PACKET_BUILDER_H_
#define NETSTACK_TESTING_PACKET_BUILDER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "netstack/testing/hex.h"

namespace netstack::testing {

struct Ipv4 {
  std::string_view source = "192.168.0.2";
  std::string_view destination = "192.168.0.1";
  uint8_t tos = 0;
  uint16_t identification = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  uint16_t fragment_offset = 0;  // in bytes, a multiple of 8
  uint8_t ttl = 64;
  uint8_t protocol = 1;
  Bytes options = {};  // filled up with zeros to whole words
  // Wrong on purpose:
  uint8_t version = 4;
  std::optional<uint8_t> header_words = {};
  std::optional<uint16_t> total_length = {};
  bool wrong_checksum = false;
  Bytes trailer = {};  // bytes that the packet's own length does not count
};

// An extension header. Its first byte, the next header, is filled in.
struct Extension {
  uint8_t number = 0;
  Bytes bytes = {};
};

struct Ipv6 {
  std::string_view source = "a::2";
  std::string_view destination = "a::1";
  uint8_t traffic_class = 0;
  uint32_t flow_label = 0;
  uint8_t hop_limit = 64;
  std::vector<Extension> extensions = {};
  uint8_t next_header = 58;  // after the extensions
  // Wrong on purpose:
  uint8_t version = 6;
  std::optional<uint16_t> payload_length = {};
  Bytes trailer = {};
};

// An ICMP message of either family; an Echo Request if nothing else is said.
struct Icmp {
  std::optional<uint8_t> type = {};
  uint8_t code = 0;
  uint16_t identifier = 0x04d2;
  uint16_t sequence = 1;
  Bytes payload = {};
  bool wrong_checksum = false;
};

// A packet with an ICMP message.
Bytes Build(const Ipv4& ip, const Icmp& icmp);
Bytes Build(const Ipv6& ip, const Icmp& icmp);

// A packet with any bytes behind its headers: another protocol, or a fragment.
Bytes Build(const Ipv4& ip, const Bytes& payload);
Bytes Build(const Ipv6& ip, const Bytes& payload);

// The message alone, to be cut into fragments. The addresses are in ICMPv6's
// checksum.
Bytes BuildMessage(const Icmp& icmp);
Bytes BuildMessage(const Ipv6& ip, const Icmp& icmp);

// The sum of RFC 1071 in the plainest way: 0 over bytes that contain their own
// right checksum.
uint16_t SlowChecksum(std::span<const uint8_t> bytes);
// The same with the pseudo header of RFC 8200 8.1 in front. 16 bytes each.
uint16_t SlowChecksum6(std::span<const uint8_t> source, std::span<const uint8_t> destination,
                       uint8_t next_header, std::span<const uint8_t> message);

// Makes the IPv4 header's checksum right again after a test changed its bytes.
void FixHeaderChecksum(Bytes* packet);

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_PACKET_BUILDER_H_
