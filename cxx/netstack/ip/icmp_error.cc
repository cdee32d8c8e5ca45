#include "netstack/ip/icmp_error.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>

#include "netstack/base/byte_order.h"
#include "netstack/ip/icmp_packet.h"
#include "netstack/ip/output.h"
#include "netstack/ip/shared.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

using wire::Family;

// What every host takes: RFC 1812 4.3.2.3, RFC 4443 2.4 c.
constexpr size_t kLongestIpv4Error = 576;
constexpr size_t kLongestIpv6Error = 1280;

bool IsLaterFragment(const packet::Packet& about) noexcept {
  return wire::Ipv4View(about.bytes).fragment_offset() != 0;
}

// An ICMP error starts no other: RFC 1122 3.2.2. So of ICMP messages only those
// that ask for something are told of.
bool MayBeAboutIcmpv4(const packet::Packet& about) noexcept {
  if (about.payload_length() < wire::kIcmpHeader) return false;
  switch (wire::IcmpView(about.payload()).type()) {
    case wire::kIcmpv4EchoReply:
    case wire::kIcmpv4EchoRequest:
    case wire::kIcmpv4Timestamp:
    case wire::kIcmpv4TimestampReply:
    case wire::kIcmpv4InformationRequest:
    case wire::kIcmpv4InformationReply:
      return true;
    default:
      return false;
  }
}

// RFC 4443 2.4 e.1 and e.2.
bool MayBeAboutIcmpv6(const packet::Packet& about) noexcept {
  constexpr uint8_t kFirstInformational = 128;
  if (about.payload_length() == 0) return true;
  const uint8_t type = *about.payload();
  return type >= kFirstInformational && type != wire::kIcmpv6Redirect;
}

Icmpv4Counter SentIpv4(uint8_t type) noexcept {
  switch (type) {
    case wire::kIcmpv4TimeExceeded:
      return Icmpv4Counter::kTimeExceeded;
    case wire::kIcmpv4ParameterProblem:
      return Icmpv4Counter::kParamProblem;
    default:
      return Icmpv4Counter::kDstUnreachable;
  }
}

Icmpv6Counter SentIpv6(uint8_t type) noexcept {
  switch (type) {
    case wire::kIcmpv6PacketTooBig:
      return Icmpv6Counter::kPacketTooBig;
    case wire::kIcmpv6TimeExceeded:
      return Icmpv6Counter::kTimeExceeded;
    case wire::kIcmpv6ParameterProblem:
      return Icmpv6Counter::kParamProblem;
    default:
      return Icmpv6Counter::kDstUnreachable;
  }
}

// What an error repeats of the packet that it is about: one that was put together
// from fragments as its sender knows it, with the headers of the first.
class Quote {
 public:
  Quote(const packet::Packet& about, size_t room) noexcept : rest_(about.bytes) {
    size_t skipped = 0;
    if (about.extras != nullptr && about.extras->quoted_headers != nullptr) {
      headers_ = about.extras->quoted_headers;
      headers_length_ = std::min<size_t>(about.extras->quoted_length, room);
      skipped = about.extras->replaced_length;
      rest_ += skipped;
    }
    rest_length_ = std::min(about.length - skipped, room - headers_length_);
  }

  [[nodiscard]] size_t length() const noexcept { return headers_length_ + rest_length_; }
  void CopyTo(uint8_t* to) const noexcept {
    if (headers_length_ != 0) std::memcpy(to, headers_, headers_length_);
    std::memcpy(to + headers_length_, rest_, rest_length_);
  }

 private:
  const uint8_t* headers_ = nullptr;
  size_t headers_length_ = 0;
  const uint8_t* rest_;
  size_t rest_length_ = 0;
};

// A pointer into the packet, as one into the quote. Of the headers in front of
// the Fragment header only the byte that names what follows can still be wrong
// when the datagram is whole, and that one stands in the Fragment header.
uint32_t PointerInQuote(const packet::Packet& about, uint32_t pointer) noexcept {
  if (about.extras == nullptr || about.extras->quoted_headers == nullptr) return pointer;
  const packet::Extras& extras = *about.extras;
  if (pointer < extras.replaced_length) {
    return extras.quoted_length - uint32_t{wire::kIpv6FragmentHeader};
  }
  return pointer - extras.replaced_length + extras.quoted_length;
}

// 0: none, for nothing can be sent.
size_t RoomForQuote(const Context& context, Family family) noexcept {
  const size_t mtu = context.interface.link->mtu();
  if (mtu < MinimumMtu(family)) return 0;
  const size_t longest = family == Family::kIpv4 ? kLongestIpv4Error : kLongestIpv6Error;
  return std::min(mtu, longest) - MessageOffset(family) - wire::kIcmpHeader;
}

// Of the subnet on any of our links: RFC 1812 4.3.2.7. That of the link where the packet came in
// is nobody's source anyway, but was perhaps not yet when a fragment came.
bool IsBroadcast(const Configuration& configuration, wire::Address address) noexcept {
  const auto& interfaces = configuration.interfaces;
  return std::any_of(interfaces.begin(), interfaces.end(), [address](const auto& each) {
    return each != nullptr && each->of(Family::kIpv4).addresses.Find(address).broadcast();
  });
}

// Who the error comes from; nothing: nobody, so none is sent.
std::optional<wire::Address> SourceOf(const Context& context, const packet::Packet& about,
                                      Place place) noexcept {
  if (place == Place::kHere && !about.arrival.at_group()) {
    if (about.arrival.temporary) return std::nullopt;
    return about.destination;
  }
  return context.interface.of(about.family).sources.Choose(about.family, about.source);
}

bool Allow(const Context& context, Family family, IcmpError error) noexcept {
  const uint64_t now = context.configuration.clock->Now();
  return context.configuration.shared->limiter.Allow(family, error.type, error.code, now);
}

// Whether it left.
bool SendMessage(const Context& context, const IcmpPacket& packet, IcmpError error,
                 const Quote& quote) noexcept {
  const size_t offset = MessageOffset(packet.family);
  const size_t length = offset + wire::kIcmpHeader + quote.length();
  const auto write = [&](uint8_t* to) {
    uint8_t* const message = to + offset;
    message[0] = error.type;
    message[1] = error.code;
    base::Store32(message + 4, error.value);
    quote.CopyTo(message + wire::kIcmpHeader);
    Complete(packet, length, to);
  };
  return Send(context, packet.family, packet.destination, length, write) == base::Status::kOk;
}

// Any but 0, which is for packets that are never cut (RFC 6864 4.1 lets them have any).
uint16_t RandomIdentification(const Context& context) noexcept {
  return static_cast<uint16_t>(context.configuration.shared->random.Next() % 0xffff + 1);
}

}  // namespace

// RFC 1812 4.3.2.7, RFC 1122 3.2.2.
[[gnu::cold, gnu::noinline]] void SendIcmpv4Error(const Context& context,
                                                  const packet::Packet& about, IcmpError error,
                                                  Place place) noexcept {
  constexpr Family kFamily = Family::kIpv4;
  const bool to_group = about.arrival.at_group() || wire::IsIpv4Multicast(about.destination) ||
                        about.destination == wire::kIpv4Broadcast;
  if (to_group || about.source.unspecified()) return;
  if (IsLaterFragment(about) || IsBroadcast(context.configuration, about.source)) return;
  const auto source = SourceOf(context, about, place);
  if (!source || !HasWayBack(context, kFamily, about.source)) return;
  if (about.protocol == wire::kProtocolIcmp && !MayBeAboutIcmpv4(about)) return;
  if (!Allow(context, kFamily, error)) {
    context.counters.Add(At(Direction::kSent, Icmpv4Counter::kRateLimited));
    return;
  }
  const size_t room = RoomForQuote(context, kFamily);
  if (room < about.header_length + wire::kIcmpHeader) return;
  const IcmpPacket packet{.family = kFamily,
                          .source = *source,
                          .destination = about.source,
                          .ttl = context.configuration.default_ttl,
                          .identification = RandomIdentification(context)};
  const bool sent = SendMessage(context, packet, error, Quote(about, room));
  context.counters.Add(At(Direction::kSent, sent ? SentIpv4(error.type) : Icmpv4Counter::kDropped));
}

// RFC 4443 2.4.
[[gnu::cold, gnu::noinline]] void SendIcmpv6Error(const Context& context,
                                                  const packet::Packet& about, IcmpError error,
                                                  Place place, bool groups_too) noexcept {
  constexpr Family kFamily = Family::kIpv6;
  const bool to_group = wire::IsIpv6Multicast(about.destination);
  if (to_group && !groups_too && error.type != wire::kIcmpv6PacketTooBig) return;
  if (about.source.unspecified()) return;
  const auto source = SourceOf(context, about, place);
  if (!source || !HasWayBack(context, kFamily, about.source)) return;
  if (about.protocol == wire::kProtocolIcmpv6 && !MayBeAboutIcmpv6(about)) return;
  if (!Allow(context, kFamily, error)) {
    context.counters.Add(At(Direction::kSent, Icmpv6Counter::kRateLimited));
    return;
  }
  const size_t room = RoomForQuote(context, kFamily);
  if (room == 0) return;
  if (error.type == wire::kIcmpv6ParameterProblem) {
    error.value = PointerInQuote(about, error.value);
  }
  const IcmpPacket packet{.family = kFamily,
                          .source = *source,
                          .destination = about.source,
                          .ttl = context.configuration.default_hop_limit};
  const bool sent = SendMessage(context, packet, error, Quote(about, room));
  context.counters.Add(At(Direction::kSent, sent ? SentIpv6(error.type) : Icmpv6Counter::kDropped));
}

}  // namespace netstack::ip
