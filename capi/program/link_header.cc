#include "link_header.h"

#include <pcap/pcap.h>

#include <cstddef>

namespace program {

namespace {

using Bytes = std::span<const uint8_t>;

constexpr unsigned kIpv4 = 0x0800;
constexpr unsigned kIpv6 = 0x86dd;
constexpr size_t kVlanTagLength = 4;

// A link header: where the protocol number stands in it, and its length.
struct Layout {
  size_t protocol;
  size_t length;
};
constexpr Layout kEthernet{12, 14};
constexpr Layout kLinuxCooked{14, 16};
constexpr Layout kLinuxCooked2{0, 20};

constexpr uint8_t kNoIpv4[] = {0x40};
constexpr uint8_t kNoIpv6[] = {0x60};

bool IsVlanTag(unsigned protocol) noexcept {
  // IEEE 802.1Q, 802.1ad, and what came before the latter.
  return protocol == 0x8100 || protocol == 0x88a8 || protocol == 0x9100;
}

unsigned Number(Bytes frame, size_t at) noexcept {
  return static_cast<unsigned>(frame[at] << 8 | frame[at + 1]);
}

Bytes Versioned(Bytes packet, unsigned version, Bytes none) noexcept {
  return !packet.empty() && packet[0] >> 4 == version ? packet : none;
}

Bytes Strip(Bytes frame, Layout layout) noexcept {
  if (frame.size() < layout.length) return {};
  unsigned protocol = Number(frame, layout.protocol);
  Bytes packet = frame.subspan(layout.length);
  while (IsVlanTag(protocol)) {
    if (packet.size() < kVlanTagLength) return {};
    protocol = Number(packet, 2);
    packet = packet.subspan(kVlanTagLength);
  }
  if (protocol == kIpv4) return Versioned(packet, 4, kNoIpv4);
  if (protocol == kIpv6) return Versioned(packet, 6, kNoIpv6);
  return {};
}

}  // namespace

bool IsLinkTypeOfIp(int link_type) noexcept {
  switch (link_type) {
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
    case DLT_EN10MB:
    case DLT_LINUX_SLL:
    case DLT_LINUX_SLL2:
      return true;
    default:
      return false;
  }
}

Bytes WithoutLinkHeader(int link_type, Bytes frame) noexcept {
  switch (link_type) {
    case DLT_EN10MB:
      return Strip(frame, kEthernet);
    case DLT_LINUX_SLL:
      return Strip(frame, kLinuxCooked);
    case DLT_LINUX_SLL2:
      return Strip(frame, kLinuxCooked2);
    case DLT_IPV4:
      return Versioned(frame, 4, kNoIpv4);
    case DLT_IPV6:
      return Versioned(frame, 6, kNoIpv6);
    default:
      return frame;
  }
}

}  // namespace program
