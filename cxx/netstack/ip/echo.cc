#include "netstack/ip/echo.h"

namespace netstack::ip {

bool AnswersUnassigned(const Context& context, const packet::Packet& packet) noexcept {
  const Configuration& configuration = context.configuration;
  const bool v4 = packet.family == wire::Family::kIpv4;
  EchoPolicy policy = configuration.group_policy[wire::Index(packet.family)];
  bool answers = !v4;  // RFC 1122 3.2.2.6 lets IPv4 be silent: no part in a Smurf attack
  if (packet.arrival.temporary) {
    policy = configuration.temporary_policy[wire::Index(packet.family)];
    answers = !v4 && context.interface.spoofing;
  }
  return policy == EchoPolicy::kDefault ? answers : policy == EchoPolicy::kReply;
}

bool MayTakeEcho(const Context& context, const packet::Packet& packet) noexcept {
  const UpperLayer* const upper = context.configuration.upper.get();
  return packet.arrival.at_assigned() || (upper != nullptr && upper->wants_echoes(packet.family)) ||
         AnswersUnassigned(context, packet);
}

Fate HandleEchoReply(const Context& context, const packet::Packet& packet) noexcept {
  const UpperLayer* const upper = context.configuration.upper.get();
  if (upper == nullptr) return Fate::kNotWanted;
  Echo echo(context, packet, false);
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
