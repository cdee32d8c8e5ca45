#include "memory_asker.h"

#include <numeric>

#include "address_text.h"
#include "echo_packet.h"
#include "stack_loop.h"

namespace program {

namespace {

constexpr uint16_t kIdentifier = 0x6e73;
constexpr double kNanosecondsPerMillisecond = 1e6;

EchoPacket RequestFor(const DemoCase& demo_case, uint16_t sequence) {
  EchoPacket echo;
  const bool ipv4 = demo_case.asked.family == NS_FAMILY_IPV4;
  echo.source = demo_case.from.value_or(ParseAddress(ipv4 ? kHostIpv4 : kHostIpv6).value());
  echo.destination = demo_case.asked;
  if (demo_case.tool == Tool::kTraceroute) echo.ttl = 1;
  echo.tos = demo_case.tos;
  echo.dont_fragment = demo_case.dont_fragment;
  echo.identifier = kIdentifier;
  echo.sequence = sequence;
  echo.payload.resize(demo_case.size);
  std::iota(echo.payload.begin(), echo.payload.end(), uint8_t{0});
  return echo;
}

}  // namespace

std::string MemoryAsker::AskedText(const DemoCase& demo_case) const {
  return Text(demo_case.asked);
}

std::string MemoryAsker::WithText(const DemoCase& demo_case) const {
  return program::WithText(demo_case);
}

std::vector<Reply> MemoryAsker::Ask(std::span<const DemoCase> cases) {
  std::vector<Reply> replies;
  for (const DemoCase& demo_case : cases) replies.push_back(AskOne(demo_case));
  return replies;
}

Reply MemoryAsker::AskOne(const DemoCase& demo_case) {
  const std::vector<uint8_t> request = Build(RequestFor(demo_case, ++sequence_));
  std::vector<uint8_t> answer(network_.mtu());
  size_t length = 0;
  const uint64_t begin = Now();
  const ns_status injected = ns_link_inject(network_.link(), request.data(), request.size());
  const ns_status read = ns_link_read(network_.link(), answer.data(), answer.size(), &length);
  const uint64_t end = Now();
  Reply reply;
  if (injected != NS_OK) reply.trouble = ns_status_name(injected);
  if (read != NS_OK) return reply;
  const auto echo = Parse(std::span(answer).first(length));
  if (!echo || echo->request || echo->identifier != kIdentifier || echo->sequence != sequence_) {
    reply.trouble = "what came back is no reply to this request";
    return reply;
  }
  reply.from = echo->source;
  reply.milliseconds = static_cast<double>(end - begin) / kNanosecondsPerMillisecond;
  return reply;
}

}  // namespace program
