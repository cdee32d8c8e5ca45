// Echo Requests and Replies as bytes, made and read without the library's help:
// whoever judges it should not depend on it.
#ifndef CAPI_PROGRAM_ECHO_PACKET_H_
#define CAPI_PROGRAM_ECHO_PACKET_H_

#include <netstack/address.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace program {

struct EchoPacket {
  bool request = true;  // false: a reply
  ns_address source{};
  ns_address destination{};
  uint8_t ttl = 64;
  uint8_t tos = 0;
  bool dont_fragment = false;  // IPv4
  uint16_t identifier = 0;
  uint16_t sequence = 0;
  std::vector<uint8_t> payload;
};

// A whole packet, from the IP header on. Both addresses are of one family.
[[nodiscard]] std::vector<uint8_t> Build(const EchoPacket& echo);

// Nothing if `packet` is no valid echo: also if one of its checksums is wrong.
[[nodiscard]] std::optional<EchoPacket> Parse(std::span<const uint8_t> packet);

}  // namespace program

#endif  // CAPI_PROGRAM_ECHO_PACKET_H_
