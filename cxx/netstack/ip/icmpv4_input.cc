#include <optional>

#include "netstack/ip/echo.h"
#include "netstack/ip/icmp_checksum.h"
#include "netstack/ip/input.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"

namespace netstack::ip {

namespace {

// Of any but Echo Request.
std::optional<Icmpv4Counter> CounterOf(uint8_t type) noexcept {
  switch (type) {
    case wire::kIcmpv4EchoReply:
      return Icmpv4Counter::kEchoReply;
    case wire::kIcmpv4DestinationUnreachable:
      return Icmpv4Counter::kDstUnreachable;
    case wire::kIcmpv4SourceQuench:
      return Icmpv4Counter::kSrcQuench;
    case wire::kIcmpv4Redirect:
      return Icmpv4Counter::kRedirect;
    case wire::kIcmpv4TimeExceeded:
      return Icmpv4Counter::kTimeExceeded;
    case wire::kIcmpv4ParameterProblem:
      return Icmpv4Counter::kParamProblem;
    case wire::kIcmpv4Timestamp:
      return Icmpv4Counter::kTimestamp;
    case wire::kIcmpv4TimestampReply:
      return Icmpv4Counter::kTimestampReply;
    case wire::kIcmpv4InformationRequest:
      return Icmpv4Counter::kInfoRequest;
    case wire::kIcmpv4InformationReply:
      return Icmpv4Counter::kInfoReply;
    default:
      return std::nullopt;
  }
}

}  // namespace

// A bad checksum reaches nobody but raw sockets, unlike in gVisor: contract, section 5.
Fate Icmpv4Input(const Context& context, const packet::Packet& packet) noexcept {
  const auto count = [&](Icmpv4Counter counter) {
    context.counters.Add(At(Direction::kReceived, counter));
  };
  if (packet.payload_length() < wire::kIcmpHeader || !Icmpv4ChecksumIsRight(packet)) [[unlikely]] {
    count(Icmpv4Counter::kInvalid);
    return Fate::kInvalidIcmp;
  }
  if (packet.header_length != wire::kIpv4MinimumHeader) [[unlikely]] {
    context.counters.Add(At(packet.family, IpCounter::kUnsupportedOptions));
    return Fate::kUnsupportedOptions;
  }
  const uint8_t type = wire::IcmpView(packet.payload()).type();
  if (type == wire::kIcmpv4EchoRequest) [[likely]] {
    count(Icmpv4Counter::kEchoRequest);
    return HandleEchoRequest(context, packet);
  }
  const auto counter = CounterOf(type);
  if (!counter) {
    count(Icmpv4Counter::kInvalid);
    return Fate::kInvalidIcmp;
  }
  count(*counter);
  if (type == wire::kIcmpv4EchoReply) return HandleEchoReply(context, packet);
  return Fate::kNotWanted;
}

}  // namespace netstack::ip
