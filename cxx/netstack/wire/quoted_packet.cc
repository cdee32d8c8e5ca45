#include "netstack/wire/quoted_packet.h"

#include <algorithm>

#include "netstack/base/byte_order.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"
#include "netstack/wire/ipv6_extension.h"

namespace netstack::wire {

namespace {

constexpr uint8_t kProtocolTcp = 6;
constexpr uint8_t kProtocolUdp = 17;
constexpr size_t kPorts = 4;

// As many as are walked over in a packet that comes in.
constexpr unsigned kMaximumQuotedHeaders = 32;

bool ReadIpv4Header(QuotedPacket* quoted) noexcept {
  if (quoted->bytes.size() < kIpv4MinimumHeader) return false;
  const Ipv4View header(quoted->bytes.data());
  if (header.version() != 4 || header.header_length() < kIpv4MinimumHeader ||
      header.header_length() > quoted->bytes.size() ||
      header.header_length() > header.total_length()) {
    return false;
  }
  quoted->length = header.total_length();
  quoted->source = header.source();
  quoted->destination = header.destination();
  quoted->protocol = header.protocol();
  quoted->header_length = static_cast<uint32_t>(header.header_length());
  quoted->later_fragment = header.fragment_offset() != 0;
  return true;
}

bool ReadIpv6Header(QuotedPacket* quoted) noexcept {
  if (quoted->bytes.size() < kIpv6Header) return false;
  const Ipv6View header(quoted->bytes.data());
  if (header.version() != 6) return false;
  quoted->length = static_cast<uint32_t>(kIpv6Header) + header.payload_length();
  quoted->source = header.source();
  quoted->destination = header.destination();
  quoted->protocol = header.next_header();
  quoted->header_length = static_cast<uint32_t>(kIpv6Header);
  return true;
}

// Where in the quote what comes next begins.
std::span<const uint8_t> Rest(const QuotedPacket& quoted) noexcept {
  return quoted.bytes.subspan(quoted.header_length);
}

void WalkExtensionHeaders(QuotedPacket* quoted) noexcept {
  for (unsigned headers = 0; headers < kMaximumQuotedHeaders; ++headers) {
    if (!IsExtensionHeader(quoted->protocol)) return;
    const std::span<const uint8_t> rest = Rest(*quoted);
    const size_t length = Ipv6ExtensionView::Length(quoted->protocol, rest.data(), rest.size());
    if (length == 0) return;
    const Ipv6ExtensionView header(rest.data());
    quoted->later_fragment = quoted->protocol == kFragmentHeader && header.fragment_offset() != 0;
    quoted->protocol = header.next_header();
    quoted->header_length += static_cast<uint32_t>(length);
    if (quoted->later_fragment) return;
  }
}

void ReadUpperLayer(QuotedPacket* quoted) noexcept {
  const std::span<const uint8_t> rest = Rest(*quoted);
  if (quoted->protocol == kProtocolTcp || quoted->protocol == kProtocolUdp) {
    if (rest.size() < kPorts) return;
    quoted->ports = {base::Load16(rest.data()), base::Load16(rest.data() + 2)};
    return;
  }
  const bool v4 = quoted->family == Family::kIpv4;
  if (quoted->protocol != (v4 ? kProtocolIcmp : kProtocolIcmpv6) || rest.size() < kIcmpHeader) {
    return;
  }
  const IcmpView message(rest.data());
  const bool request =
      message.type() == (v4 ? uint8_t{kIcmpv4EchoRequest} : uint8_t{kIcmpv6EchoRequest});
  const bool reply = message.type() == (v4 ? uint8_t{kIcmpv4EchoReply} : uint8_t{kIcmpv6EchoReply});
  if (request || reply) quoted->echo = {reply, message.identifier(), message.sequence()};
}

}  // namespace

std::optional<QuotedPacket> QuotedPacket::Parse(Family family,
                                                std::span<const uint8_t> bytes) noexcept {
  QuotedPacket quoted;
  quoted.family = family;
  quoted.bytes = bytes;
  const bool v4 = family == Family::kIpv4;
  if (!(v4 ? ReadIpv4Header(&quoted) : ReadIpv6Header(&quoted))) return std::nullopt;
  quoted.bytes = bytes.first(std::min<size_t>(bytes.size(), quoted.length));
  if (!v4) WalkExtensionHeaders(&quoted);
  if (!quoted.later_fragment) ReadUpperLayer(&quoted);
  return quoted;
}

}  // namespace netstack::wire
