#include "netstack/ip/ipv6_headers.h"

#include "netstack/ip/fragments.h"
#include "netstack/ip/icmp_error.h"
#include "netstack/ip/input.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv6_extension.h"

namespace netstack::ip {

namespace {

using wire::OptionAction;

constexpr wire::Family kFamily = wire::Family::kIpv6;

// RFC 8504 5.3 and RFC 8883 let a host bound what it walks over, and 5.3 wants silence about what
// is beyond. Real packets have a handful; padding is bounded by its bytes.
constexpr unsigned kMaximumHeaders = 32;
constexpr unsigned kMaximumOptions = 64;  // in all headers together, without padding

wire::Ipv6ExtensionView HeaderOf(const packet::Packet& packet) noexcept {
  return wire::Ipv6ExtensionView(packet.payload());
}

// Of the extension header that the packet stands at; 0: it is not there as a whole. Offsets have
// 16 bits, and a packet without a payload may be longer than that.
size_t HeaderLength(const packet::Packet& packet) noexcept {
  const size_t length =
      wire::Ipv6ExtensionView::Length(packet.protocol, packet.payload(), packet.payload_length());
  return length <= size_t{UINT16_MAX} - packet.header_length ? length : 0;
}

// `length` is its header's.
void MoveOn(packet::Packet* packet, size_t length) noexcept {
  packet->protocol = HeaderOf(*packet).next_header();
  packet->header_length = static_cast<uint16_t>(packet->header_length + length);
}

// Where a packet leads to, without a word about what is wrong on the way: its upper layer, or where
// that is not to be seen. `into_fragments`: also through the header of a first fragment.
packet::Packet LookAhead(packet::Packet packet, bool into_fragments) noexcept {
  while (wire::IsExtensionHeader(packet.protocol)) {
    const size_t length = HeaderLength(packet);
    if (length == 0) break;
    const wire::Ipv6ExtensionView header = HeaderOf(packet);
    const bool fragment = packet.protocol == wire::kFragmentHeader && !header.is_atomic();
    if (fragment && !(into_fragments && header.fragment_offset() == 0)) break;
    MoveOn(&packet, length);
  }
  return packet;
}

// All fragments of a datagram have the same number in their Fragment header.
bool LeadsToIcmp(const packet::Packet& packet) noexcept {
  const packet::Packet end = LookAhead(packet, false);
  if (end.protocol != wire::kFragmentHeader) return end.protocol == wire::kProtocolIcmpv6;
  return HeaderLength(end) != 0 && HeaderOf(end).next_header() == wire::kProtocolIcmpv6;
}

// The way of one packet along its headers. Each Pass… ends it, by setting the fate, or not.
class Chain {
 public:
  Chain(const Context& context, const packet::Packet& packet) noexcept
      : context_(context), packet_(packet) {
    if (packet.extras != nullptr) extras_ = *packet.extras;
    packet_.extras = &extras_;
    alerted_ = extras_.router_alert;
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  Fate Receive() noexcept {
    for (unsigned headers = 0; wire::IsExtensionHeader(packet_.protocol); ++headers) {
      const size_t length = headers < kMaximumHeaders ? HeaderLength(packet_) : 0;
      if (length == 0) {
        EndMalformed();
        return fate_;
      }
      if (!PassHeader(length, headers == 0)) return fate_;
      extras_.next_header_offset = packet_.header_length;
      MoveOn(&packet_, length);
    }
    return Deliver();
  }

 private:
  bool PassHeader(size_t length, bool first) noexcept {
    switch (packet_.protocol) {
      case wire::kHopByHopOptions:
        // RFC 8200 4.1: right behind the IPv6 header alone.
        if (first) return PassOptions(length);
        return EndWithError(icmpv6::UnknownNextHeader(extras_.next_header_offset));
      case wire::kDestinationOptions:
        return PassOptions(length);
      case wire::kRoutingHeader:
        // RFC 8200 4.4: no type is known here.
        if (HeaderOf(packet_).segments_left() == 0) return true;
        return EndWithError(icmpv6::ErroneousField(packet_.header_length + 2u));
      case wire::kFragmentHeader:
        return PassFragment();
      default:
        return true;  // an experiment
    }
  }

  bool PassFragment() noexcept {
    if (HeaderOf(packet_).is_atomic()) {
      extras_.fragment_header = true;
      return true;
    }
    // A fragment of a fragment is nobody's, and would have us descend as often as a stranger likes.
    if (extras_.quoted_headers != nullptr) {
      Count(IpCounter::kMalformedFragmentsReceived);
      return EndMalformed();
    }
    extras_.fragment_header = true;
    fate_ = ReceiveIpv6Fragment(context_, packet_);
    return false;
  }

  // RFC 8200 4.2.
  bool PassOptions(size_t length) noexcept {
    const auto pass = [this](const uint8_t* option) { return PassOption(option); };
    const wire::OptionsWalk walk = wire::WalkOptions(packet_.payload(), length, pass);
    if (walk == wire::OptionsWalk::kMalformed) return EndMalformed();
    return walk == wire::OptionsWalk::kThrough;
  }

  bool PassOption(const uint8_t* option) noexcept {
    if (++options_ > kMaximumOptions) return EndMalformed();
    if (option[0] == wire::kOptionRouterAlert) return PassRouterAlert(option);
    const OptionAction action = wire::ActionOf(option[0]);
    if (action == OptionAction::kSkip) return true;
    const bool report =
        action == OptionAction::kDiscardAndReport ||
        (action == OptionAction::kDiscardAndReportUnlessGroup && !packet_.arrival.multicast);
    const auto offset = static_cast<uint32_t>(option - packet_.bytes);
    if (report) SendError(icmpv6::UnknownOption(offset), true);
    fate_ = Fate::kOptionProblem;
    return false;
  }

  // RFC 2711 2: once, in a Hop-by-Hop header; elsewhere it means nothing.
  bool PassRouterAlert(const uint8_t* option) noexcept {
    if (option[1] != wire::kRouterAlertLength) return EndMalformed();
    if (packet_.protocol != wire::kHopByHopOptions) return true;
    if (alerted_) return EndMalformed();
    alerted_ = true;
    Count(IpCounter::kOptionRouterAlertReceived);
    extras_.router_alert = base::Load16(option + 2) == wire::kRouterAlertMld;
    return true;
  }

  Fate Deliver() noexcept {
    if (packet_.protocol == wire::kNoNextHeader) return Fate::kNotWanted;
    Count(IpCounter::kPacketsDelivered);
    if (packet_.protocol == wire::kProtocolIcmpv6) return Icmpv6Input(context_, packet_);
    // Another stack behind this one may want it.
    if (context_.interface.side_by_side) return Fate::kUnknownProtocol;
    context_.counters.Add(AtUnknownProtocol(packet_.protocol));
    SendError(icmpv6::UnknownNextHeader(extras_.next_header_offset), false);
    return Fate::kUnknownProtocol;
  }

  bool EndMalformed() noexcept {
    Count(IpCounter::kMalformedPacketsReceived);
    fate_ = Fate::kMalformed;
    return false;
  }
  bool EndWithError(IcmpError error) noexcept {
    SendError(error, false);
    fate_ = Fate::kHeaderProblem;
    return false;
  }
  // Whether there may be an error depends on the upper layer, however far that is. Side by side,
  // the packet goes back as not taken: whoever gets it then answers.
  void SendError(IcmpError error, bool groups_too) noexcept {
    if (context_.interface.side_by_side) return;
    SendIcmpv6Error(context_, AtUpperLayer(packet_), error, Place::kHere, groups_too);
  }
  void Count(IpCounter counter) noexcept { context_.counters.Add(At(kFamily, counter)); }

  const Context& context_;
  packet::Packet packet_;  // header_length and protocol: the header that it stands at
  packet::Extras extras_;
  unsigned options_ = 0;
  bool alerted_ = false;
  Fate fate_ = Fate::kMalformed;
};

}  // namespace

packet::Packet AtUpperLayer(const packet::Packet& packet) noexcept {
  return LookAhead(packet, true);
}

Fate ReceiveIpv6Headers(const Context& context, const packet::Packet& packet) noexcept {
  if (context.interface.side_by_side && wire::IsExtensionHeader(packet.protocol) &&
      !LeadsToIcmp(packet)) {
    return Fate::kUnknownProtocol;
  }
  return Chain(context, packet).Receive();
}

}  // namespace netstack::ip
