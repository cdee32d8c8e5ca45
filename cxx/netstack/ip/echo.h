// One Echo Request (or Echo Reply) between the ICMP endpoint that took it and
// whoever stands above: the facts, and the one answer that it may get.
#ifndef NETSTACK_IP_ECHO_H_
#define NETSTACK_IP_ECHO_H_

#include <array>
#include <cstdint>

#include "netstack/base/status.h"
#include "netstack/ip/configuration.h"
#include "netstack/ip/echo_reply.h"
#include "netstack/ip/fate.h"
#include "netstack/packet/packet.h"
#include "netstack/wire/icmp.h"

namespace netstack::ip {

// Who owns the packet.
enum class Verdict : uint8_t {
  kDeclined,   // nobody above
  kConsumed,   // a handler: nothing more is sent
  kDelivered,  // a socket, which no handler gets ahead of: a request is answered as if declined
};

class Echo {
 public:
  Echo(const Context& context, const packet::Packet& packet, bool is_request) noexcept
      : context_(context), packet_(packet), is_request_(is_request) {}
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;

  [[nodiscard]] const Context& context() const noexcept { return context_; }
  [[nodiscard]] const packet::Packet& packet() const noexcept { return packet_; }
  [[nodiscard]] wire::IcmpView icmp() const noexcept { return wire::IcmpView(packet_.payload()); }
  [[nodiscard]] bool is_request() const noexcept { return is_request_; }

  // Sends the stack's own Echo Reply, at the first call; later ones report what
  // came of that. kOk: the reply was accepted, though a full link may still
  // drop it; kNoRoute; kNotReplyable for anything but an Echo Request.
  base::Status Reply() noexcept {
    if (!is_request_) return base::Status::kNotReplyable;
    if (answered_) return outcome_;
    answered_ = true;
    outcome_ = packet_.family == wire::Family::kIpv4 ? SendIpv4EchoReply(context_, packet_)
                                                     : SendIpv6EchoReply(context_, packet_);
    return outcome_;
  }

  // An answer was asked for, whatever came of it.
  [[nodiscard]] bool answered() const noexcept { return answered_; }

 private:
  const Context& context_;
  const packet::Packet& packet_;
  const bool is_request_;
  base::Status outcome_ = base::Status::kOk;
  bool answered_ = false;
};

// What stands above IP. Immutable, part of the configuration.
class UpperLayer {
 public:
  UpperLayer() = default;
  UpperLayer(const UpperLayer&) = delete;
  UpperLayer& operator=(const UpperLayer&) = delete;
  virtual ~UpperLayer() = default;

  // Called once for each valid Echo Request and Echo Reply for us. An answer
  // must be asked for before it returns.
  [[nodiscard]] virtual Verdict OnEcho(Echo& echo) const noexcept = 0;

  // Whether an echo may find somebody there.
  [[nodiscard]] bool wants_echoes(wire::Family family) const noexcept {
    return wants_echoes_[wire::Index(family)];
  }

  // Whether raw sockets want a copy of each ICMP packet that comes in.
  [[nodiscard]] bool wants_copies(wire::Family family) const noexcept {
    return wants_copies_[wire::Index(family)];
  }
  // Called once for each, if so, whoever it is for.
  virtual void OnCopy(const Context& /*context*/, const packet::Packet& /*packet*/) const noexcept {
  }

 protected:
  std::array<bool, 2> wants_echoes_{};
  std::array<bool, 2> wants_copies_{};
};

// Whether the stack answers on its own, where nobody said otherwise, what did
// not ask for an assigned address: contract, "two independent decisions".
[[nodiscard]] bool AnswersUnassigned(const Context& context, const packet::Packet& packet) noexcept;

// Whether an echo to the destination of `packet` may find somebody here, as far as
// that can be told before the message is seen.
[[nodiscard]] bool MayTakeEcho(const Context& context, const packet::Packet& packet) noexcept;

// Hands `packet`, a checked Echo Request, up, and answers it unless somebody
// consumed or answered it or the rules call for silence.
inline Fate HandleEchoRequest(const Context& context, const packet::Packet& packet) noexcept {
  Echo echo(context, packet, true);
  const UpperLayer* const upper = context.configuration.upper.get();
  const Verdict verdict = upper != nullptr ? upper->OnEcho(echo) : Verdict::kDeclined;
  if (echo.answered()) return Fate::kAnswered;
  if (verdict == Verdict::kConsumed) return Fate::kConsumed;
  if (!packet.arrival.at_assigned() && !AnswersUnassigned(context, packet)) {
    return verdict == Verdict::kDelivered ? Fate::kDelivered : Fate::kNotAnswered;
  }
  static_cast<void>(echo.Reply());
  return Fate::kAnswered;
}
// Hands an Echo Reply up.
Fate HandleEchoReply(const Context& context, const packet::Packet& packet) noexcept;

}  // namespace netstack::ip

#endif  // NETSTACK_IP_ECHO_H_
