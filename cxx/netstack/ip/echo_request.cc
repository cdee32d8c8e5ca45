#include "netstack/ip/echo_request.h"

#include <algorithm>
#include <cstring>

#include "netstack/base/byte_order.h"
#include "netstack/ip/output.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

// RFC 791 3.1: no options, not to be kept whole.
void WriteIpv4Header(const EchoRequest& request, size_t length, uint8_t ttl, uint8_t* to) noexcept {
  to[0] = 0x45;
  to[1] = request.tos;
  base::Store16(to + 2, static_cast<uint16_t>(length));
  base::Store16(to + 4, request.identification);
  base::Store16(to + 6, 0);
  to[8] = ttl;
  to[9] = wire::kProtocolIcmp;
  base::Store16(to + 10, 0);
  request.source.ToIpv4(to + 12);
  request.destination.ToIpv4(to + 16);
  base::StoreNative(to + 10, wire::ChecksumField(wire::PartialSum(to, wire::kIpv4MinimumHeader)));
}

// RFC 8200 3: flow label 0.
void WriteIpv6Header(const EchoRequest& request, size_t length, uint8_t ttl, uint8_t* to) noexcept {
  base::Store32(to, 0x6000'0000u | (uint32_t{request.tos} << 20));
  base::Store16(to + 4, static_cast<uint16_t>(length - wire::kIpv6Header));
  to[6] = wire::kProtocolIcmpv6;
  to[7] = ttl;
  request.source.ToIpv6(to + 8);
  request.destination.ToIpv6(to + 24);
}

// RFC 792, RFC 4443 4.1. `pseudo_header` is what else the checksum covers.
void WriteMessage(const EchoRequest& request, uint8_t type, uint64_t pseudo_header,
                  uint8_t* to) noexcept {
  to[0] = type;
  to[1] = 0;
  base::Store16(to + 2, 0);
  base::Store16(to + 4, request.identifier);
  base::Store16(to + 6, request.sequence);
  if (!request.payload.empty()) {
    std::memcpy(to + wire::kIcmpHeader, request.payload.data(), request.payload.size());
  }
  const uint64_t sum =
      pseudo_header + wire::PartialSum(to, wire::kIcmpHeader + request.payload.size());
  base::StoreNative(to + 2, wire::ChecksumField(sum));
}

void Write(const EchoRequest& request, const Configuration& configuration, size_t length,
           uint8_t* to) noexcept {
  if (request.family == wire::Family::kIpv4) {
    const uint8_t ttl = request.ttl != 0 ? request.ttl : configuration.default_ttl;
    WriteIpv4Header(request, length, ttl, to);
    WriteMessage(request, wire::kIcmpv4EchoRequest, 0, to + wire::kIpv4MinimumHeader);
    return;
  }
  const uint8_t hop_limit = request.ttl != 0 ? request.ttl : configuration.default_hop_limit;
  WriteIpv6Header(request, length, hop_limit, to);
  const uint64_t pseudo_header =
      wire::PartialSum(to + 8, 32) +
      wire::PseudoHeaderSum(static_cast<uint32_t>(length - wire::kIpv6Header),
                            wire::kProtocolIcmpv6);
  WriteMessage(request, wire::kIcmpv6EchoRequest, pseudo_header, to + wire::kIpv6Header);
}

}  // namespace

base::Status SendEchoRequest(const Context& context, const EchoRequest& request) noexcept {
  const bool v4 = request.family == wire::Family::kIpv4;
  const size_t header = v4 ? wire::kIpv4MinimumHeader : wire::kIpv6Header;
  // Any size may be asked for; none that is too long shall look short.
  const size_t length =
      header + wire::kIcmpHeader + std::min<size_t>(request.payload.size(), link::kMaximumMtu);
  const base::Status status = Send(context, request.family, length, [&](uint8_t* to) {
    Write(request, context.configuration, length, to);
  });
  const bool sent = status == base::Status::kOk;
  context.counters.Add(
      v4 ? At(Direction::kSent, sent ? Icmpv4Counter::kEchoRequest : Icmpv4Counter::kDropped)
         : At(Direction::kSent, sent ? Icmpv6Counter::kEchoRequest : Icmpv6Counter::kDropped));
  return status;
}

}  // namespace netstack::ip
