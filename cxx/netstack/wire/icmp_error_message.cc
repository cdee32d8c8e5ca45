#include "netstack/wire/icmp_error_message.h"

#include <cstddef>

#include "netstack/base/byte_order.h"

namespace netstack::wire {

namespace {

using Kind = IcmpErrorMessage::Kind;

constexpr uint8_t kFragmentationNeededCode = 4;

Kind Icmpv4KindOf(uint8_t type, uint8_t code) noexcept {
  switch (type) {
    case kIcmpv4DestinationUnreachable:
      return code == kFragmentationNeededCode ? Kind::kPacketTooBig : Kind::kUnreachable;
    case kIcmpv4SourceQuench:
      return Kind::kSourceQuench;
    case kIcmpv4TimeExceeded:
      return Kind::kTimeExceeded;
    default:
      return Kind::kParameterProblem;
  }
}

Kind Icmpv6KindOf(uint8_t type) noexcept {
  switch (type) {
    case kIcmpv6DestinationUnreachable:
      return Kind::kUnreachable;
    case kIcmpv6PacketTooBig:
      return Kind::kPacketTooBig;
    case kIcmpv6TimeExceeded:
      return Kind::kTimeExceeded;
    case kIcmpv6ParameterProblem:
      return Kind::kParameterProblem;
    default:
      return Kind::kUnknown;
  }
}

// RFC 4884 4: where something else stands behind what is repeated, at least so much is repeated.
constexpr size_t kLeastQuote = 128;

// Told where nothing stood before, in messages that have room for it.
size_t QuoteLength(const IcmpErrorMessage& error, const uint8_t* message) noexcept {
  const bool v4 = error.family == Family::kIpv4;
  switch (error.kind) {
    case Kind::kUnreachable:
    case Kind::kTimeExceeded:
      return v4 ? size_t{message[5]} * 4 : size_t{message[4]} * 8;
    case Kind::kPacketTooBig:
    case Kind::kParameterProblem:
      return v4 ? size_t{message[5]} * 4 : 0;
    default:
      return 0;
  }
}

}  // namespace

std::optional<IcmpErrorMessage> IcmpErrorMessage::Parse(Family family,
                                                        std::span<const uint8_t> message) noexcept {
  if (message.size() < kIcmpHeader) return std::nullopt;
  const IcmpView header(message.data());
  if (!IsIcmpError(family, header.type())) return std::nullopt;
  const bool v4 = family == Family::kIpv4;
  IcmpErrorMessage error;
  error.family = family;
  error.type = header.type();
  error.code = header.code();
  error.kind = v4 ? Icmpv4KindOf(error.type, error.code) : Icmpv6KindOf(error.type);
  const uint32_t value = base::Load32(message.data() + 4);
  if (error.kind == Kind::kPacketTooBig) error.mtu = v4 ? value & 0xffff : value;
  if (error.kind == Kind::kParameterProblem) error.pointer = v4 ? value >> 24 : value;
  std::span<const uint8_t> quote = message.subspan(kIcmpHeader);
  const size_t told = QuoteLength(error, message.data());
  if (told >= kLeastQuote && told < quote.size()) quote = quote.first(told);
  error.quoted = QuotedPacket::Parse(family, quote);
  return error;
}

}  // namespace netstack::wire
