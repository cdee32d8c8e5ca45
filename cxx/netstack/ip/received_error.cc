#include "netstack/ip/received_error.h"

#include "netstack/ip/output.h"
#include "netstack/ip/path_mtus.h"
#include "netstack/ip/shared.h"
#include "netstack/wire/icmp_error_message.h"

namespace netstack::ip {

namespace {

using wire::IcmpErrorMessage;
using wire::QuotedPacket;

bool IsUnicast(const Context& context, wire::Family family, wire::Address address) noexcept {
  return !address.unspecified() && !wire::IsMulticast(family, address) &&
         !context.interface.of(family).addresses.Find(address).broadcast();
}

// Whether it is one that we may have sent. An error goes to where its quote comes from (RFC 792,
// RFC 4443 3), so input has told already whose address that is. What other stacks send side by
// side is theirs; our own errors are never too big.
bool MayBeOurs(const Context& context, const packet::Packet& packet,
               const QuotedPacket& quoted) noexcept {
  return !packet.arrival.at_group() && quoted.source == packet.destination && quoted.echo &&
         quoted.length <= context.interface.link->mtu() &&
         IsUnicast(context, packet.family, quoted.destination) &&
         HasWayBack(context, packet.family, quoted.destination);
}

// Too small a number is not believed: IPv6, RFC 8201 4. So is IPv4's 0, of routers from before
// RFC 1191: its section 5 has hosts guess then, but by now only a forger needs a guess.
bool IsBelievable(const Context& context, const packet::Packet& packet,
                  const IcmpErrorMessage& error) noexcept {
  return error.mtu >= LeastPathMtu(error.family) && error.quoted &&
         error.quoted->length > error.mtu && MayBeOurs(context, packet, *error.quoted);
}

PathMtus::Outcome LearnPathMtu(const Context& context, const packet::Packet& packet,
                               const IcmpErrorMessage& error) noexcept {
  if (!IsBelievable(context, packet, error)) return PathMtus::Outcome::kNotTaken;
  const PathMtus::Way way{context.interface.id, error.quoted->destination};
  const uint64_t now = context.configuration.clock->Now();
  return context.configuration.shared->path_mtus.Lower(error.family, way, error.mtu,
                                                       context.interface.link->mtu(), now);
}

void Count(const Context& context, PathMtus::Outcome outcome) noexcept {
  const bool evicted = outcome == PathMtus::Outcome::kTakenForAnother;
  const bool taken = evicted || outcome == PathMtus::Outcome::kTaken;
  context.counters.Add(At(taken ? PathMtuCounter::kTaken : PathMtuCounter::kRefused));
  if (evicted) context.counters.Add(At(PathMtuCounter::kEvicted));
}

}  // namespace

[[gnu::cold, gnu::noinline]] Fate ReceiveIcmpError(const Context& context,
                                                   const packet::Packet& packet) noexcept {
  const auto error =
      IcmpErrorMessage::Parse(packet.family, {packet.payload(), packet.payload_length()});
  if (error && error->kind == IcmpErrorMessage::Kind::kPacketTooBig) {
    Count(context, LearnPathMtu(context, packet, *error));
  }
  return Fate::kNotWanted;
}

}  // namespace netstack::ip
