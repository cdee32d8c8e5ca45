// Says in words how a packet differs from what a test wants:
//
//   EXPECT_TRUE(Matches(packet, {.source = "10.0.0.1", .ttl = 64, .type = 0}));
//
// Only the fields named are compared. Whatever is named, lengths, checksums and
// the absence of bytes behind the end are checked, with code of its own and not
// with the stack's.
#ifndef NETSTACK_TESTING_PACKET_CHECKER_H_
#define NETSTACK_TESTING_PACKET_CHECKER_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netstack/testing/hex.h"

namespace netstack::testing {

// A packet taken apart. `ttl` is IPv6's Hop Limit too, `tos` its Traffic Class.
struct ParsedPacket {
  int family = 0;  // 4 or 6
  std::string source;
  std::string destination;
  uint8_t tos = 0;
  uint8_t ttl = 0;
  uint8_t protocol = 0;  // behind IPv6's extension headers
  uint16_t identification = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  uint16_t fragment_offset = 0;  // in bytes
  Bytes options;                 // IPv4's
  uint32_t flow_label = 0;
  std::vector<uint8_t> extensions;  // numbers of IPv6's extension headers

  // Of an ICMP message that is whole. `payload` begins behind its 8 bytes; in
  // any other packet, behind the IP headers.
  bool icmp = false;
  uint8_t type = 0;
  uint8_t code = 0;
  uint16_t identifier = 0;
  uint16_t sequence = 0;
  Bytes payload;

  std::string problem;  // what is wrong with the packet itself; empty: nothing
};

ParsedPacket Parse(std::span<const uint8_t> packet);

// What a test wants of a packet.
struct Expected {
  std::optional<int> family = {};
  std::optional<std::string_view> source = {};
  std::optional<std::string_view> destination = {};
  std::optional<uint8_t> tos = {};
  std::optional<uint8_t> ttl = {};
  std::optional<uint8_t> protocol = {};
  std::optional<uint16_t> identification = {};
  std::optional<bool> dont_fragment = {};
  std::optional<bool> more_fragments = {};
  std::optional<uint16_t> fragment_offset = {};
  std::optional<Bytes> options = {};
  std::optional<uint32_t> flow_label = {};
  std::optional<std::vector<uint8_t>> extensions = {};
  std::optional<uint8_t> type = {};
  std::optional<uint8_t> code = {};
  std::optional<uint16_t> identifier = {};
  std::optional<uint16_t> sequence = {};
  std::optional<Bytes> payload = {};
};

// True for a sound packet with these fields; else tells all that differs.
::testing::AssertionResult Matches(std::span<const uint8_t> packet, const Expected& expected);

// True for the same bytes; else shows both, and where they part.
::testing::AssertionResult SameBytes(std::span<const uint8_t> actual,
                                     std::span<const uint8_t> expected);

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_PACKET_CHECKER_H_
