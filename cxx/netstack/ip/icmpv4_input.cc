#include <optional>

#include "netstack/ip/echo.h"
#include "netstack/ip/icmp_checksum.h"
#include "netstack/ip/input.h"
#include "netstack/ip/ipv4_options.h"
#include "netstack/ip/received_error.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/icmp_error_message.h"
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

// Of a checked message.
[[gnu::always_inline]] inline Fate Dispatch(const Context& context, const packet::Packet& packet,
                                            uint8_t type) noexcept {
  const auto count = [&](Icmpv4Counter counter) {
    context.counters.Add(At(Direction::kReceived, counter));
  };
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
  if (wire::IsIcmpError(wire::Family::kIpv4, type)) return ReceiveIcmpError(context, packet);
  return Fate::kNotWanted;
}

// Whoever looks at the packet sees it as it came; the answer bears what became
// of its options.
[[gnu::cold, gnu::noinline]] Fate DispatchWithOptions(const Context& context,
                                                      const packet::Packet& packet,
                                                      uint8_t type) noexcept {
  const bool echo = type == wire::kIcmpv4EchoRequest;
  const Ipv4Options options =
      ProcessIpv4Options(context, packet, echo ? OptionUse::kEcho : OptionUse::kReceive);
  if (options.outcome != Ipv4Options::Outcome::kFine) {
    return RefuseOptions(context, packet, options);
  }
  packet::Extras extras = packet.extras != nullptr ? *packet.extras : packet::Extras{};
  if (echo) {
    extras.reply_options = options.bytes.data();
    extras.reply_options_length = options.length;
  }
  packet::Packet with_extras = packet;
  with_extras.extras = &extras;
  return Dispatch(context, with_extras, type);
}

}  // namespace

// A bad checksum reaches nobody but raw sockets, unlike in gVisor: contract, section 5.
Fate Icmpv4Input(const Context& context, const packet::Packet& packet) noexcept {
  if (packet.payload_length() < wire::kIcmpHeader || !Icmpv4ChecksumIsRight(packet)) [[unlikely]] {
    context.counters.Add(At(Direction::kReceived, Icmpv4Counter::kInvalid));
    return Fate::kInvalidIcmp;
  }
  const uint8_t type = wire::IcmpView(packet.payload()).type();
  if (packet.header_length != wire::kIpv4MinimumHeader) [[unlikely]] {
    return DispatchWithOptions(context, packet, type);
  }
  return Dispatch(context, packet, type);
}

}  // namespace netstack::ip
