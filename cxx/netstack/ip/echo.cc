#include "netstack/ip/echo.h"

#include "netstack/ip/echo_reply.h"

namespace netstack::ip {

namespace {

// Whether the stack answers on its own where nobody said otherwise: contract,
// "two independent decisions".
bool AnswersByItself(const Context& context, const packet::Packet& packet) noexcept {
  const Configuration& configuration = context.configuration;
  const bool v4 = packet.family == wire::Family::kIpv4;
  EchoPolicy policy = EchoPolicy::kDefault;
  bool answers = true;
  if (packet.arrival.temporary) {
    policy = configuration.temporary_policy[wire::Index(packet.family)];
    answers = !v4 && context.interface.spoofing;
  } else if (packet.arrival.broadcast || packet.arrival.multicast) {
    policy = configuration.group_policy[wire::Index(packet.family)];
    answers = !v4;  // RFC 1122 3.2.2.6 lets IPv4 be silent: no part in a Smurf attack
  }
  return policy == EchoPolicy::kDefault ? answers : policy == EchoPolicy::kReply;
}

}  // namespace

base::Status Echo::SendReply() noexcept {
  answered_ = true;
  outcome_ = packet_.family == wire::Family::kIpv4 ? SendIpv4EchoReply(context_, packet_)
                                                   : SendIpv6EchoReply(context_, packet_);
  return outcome_;
}

Fate HandleEchoRequest(const Context& context, const packet::Packet& packet) noexcept {
  Echo echo(context, packet);
  const UpperLayer* const upper = context.configuration.upper.get();
  const Verdict verdict = upper != nullptr ? upper->OnEcho(echo) : Verdict::kDeclined;
  if (echo.answered()) return Fate::kAnswered;
  if (verdict == Verdict::kConsumed) return Fate::kConsumed;
  if (!AnswersByItself(context, packet)) {
    return verdict == Verdict::kDelivered ? Fate::kDelivered : Fate::kNotAnswered;
  }
  static_cast<void>(echo.Reply());
  return Fate::kAnswered;
}

Fate HandleEchoReply(const Context& context, const packet::Packet& packet) noexcept {
  const UpperLayer* const upper = context.configuration.upper.get();
  if (upper == nullptr) return Fate::kNotWanted;
  Echo echo(context, packet);
  switch (upper->OnEcho(echo)) {
    case Verdict::kConsumed:
      return Fate::kConsumed;
    case Verdict::kDelivered:
      return Fate::kDelivered;
    default:
      return Fate::kNotWanted;
  }
}

}  // namespace netstack::ip
