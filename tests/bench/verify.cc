#include "verify.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contestant.h"
#include "support/bytes.h"
#include "support/icmp_packet.h"
#include "workload.h"

namespace bench {

namespace {

support::Bytes Copy(std::span<const uint8_t> packet) { return {packet.begin(), packet.end()}; }

// What peers may choose freely is left out: identification, flags, flow label, and which TTL.
bool IsAnswer(const support::IcmpPacket& reply, const support::IcmpPacket& request) {
  return reply.source == request.destination && reply.destination == request.source &&
         reply.type == (request.v6() ? 129 : 0) && reply.code == 0 && reply.ttl != request.ttl &&
         reply.identifier == request.identifier && reply.sequence == request.sequence &&
         reply.payload == request.payload;
}

std::string CheckReply(Contestant* contestant, const support::Bytes& request) {
  const support::Bytes reply = Copy(contestant->EchoAndShow(request));
  if (!contestant->IsToReply()) return reply.empty() ? "" : "replies, and should not";
  if (reply.empty()) return "no reply";
  // Read() returns nothing unless every length and checksum is right.
  const std::optional<support::IcmpPacket> read = support::Read(reply);
  if (!read) return "a length or checksum of the reply is wrong: " + support::ToHex(reply);
  if (!IsAnswer(*read, support::Read(request).value())) {
    return "the reply is not the answer: " + support::ToHex(reply);
  }
  return "";
}

// Each of them must be met with silence.
std::vector<support::Bytes> Corrupted(const support::Bytes& request) {
  const size_t icmp = request[0] >> 4 == 6 ? 40 : 20;
  std::vector<support::Bytes> packets;
  for (const size_t at : {icmp + 2, icmp + 4, icmp + 8, request.size() - 1}) {
    packets.push_back(request);
    packets.back()[at] ^= 1;
  }
  if (icmp == 20) {
    packets.push_back(request);
    packets.back()[10] ^= 1;
  }
  return packets;
}

}  // namespace

std::string Verify(Contestant* contestant, const Workload& workload) {
  for (size_t n = 0; n < workload.size(); ++n) {
    if (std::string wrong = CheckReply(contestant, Copy(workload.Request(n))); !wrong.empty()) {
      return wrong;
    }
  }
  for (const support::Bytes& packet : Corrupted(Copy(workload.Request(0)))) {
    if (!contestant->EchoAndShow(packet).empty()) {
      return "replies to a corrupted request: " + support::ToHex(packet);
    }
  }
  // And what was refused has done no harm.
  return CheckReply(contestant, Copy(workload.Request(0)));
}

}  // namespace bench
