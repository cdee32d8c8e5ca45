#include "workload.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "support/bytes.h"
#include "support/icmp_packet.h"

namespace bench {

namespace {

constexpr size_t kPage = 4096;

std::string PeerAddress(Family family, size_t n) {
  support::Bytes bytes =
      support::AddressBytes(family == Family::kIpv6 ? "2001:db8:1::" : "198.18.0.0");
  support::Set16(&bytes, bytes.size() - 2, static_cast<unsigned>(n));
  return support::AddressText(bytes);
}

support::Bytes Payload(size_t length, size_t seed) {
  support::Bytes payload(length);
  uint32_t state = static_cast<uint32_t>(seed) * 2654435761u + 1;
  for (uint8_t& byte : payload) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return payload;
}

}  // namespace

support::Bytes LocalAddressBytes(Family family, size_t n) {
  const bool v6 = family == Family::kIpv6;
  support::Bytes bytes = support::AddressBytes(v6 ? "2001:db8::" : "10.64.0.0");
  // From 1 on: the first address of a subnet is nobody's.
  for (size_t at = bytes.size(), rest = n + 1; rest != 0; rest >>= 8) {
    --at;
    bytes[at] = static_cast<uint8_t>(bytes[at] | (rest & 255));
  }
  return bytes;
}

std::string LocalAddress(Family family, size_t n) {
  return support::AddressText(LocalAddressBytes(family, n));
}

std::string LocalPrefix(Family family) {
  return family == Family::kIpv6 ? "2001:db8::/104" : "10.64.0.0/10";
}

Workload::Workload(const Scenario& scenario)
    : scenario_(scenario),
      slots_(kPage + scenario.ring * kSlot),
      first_(kPage - reinterpret_cast<uintptr_t>(slots_.data()) % kPage) {
  // Coprime with every power of two: the destinations spread over all addresses.
  const size_t stride = scenario.addresses / scenario.ring | 1;
  for (size_t n = 0; n < scenario.ring; ++n) {
    support::IcmpPacket request =
        support::EchoRequest(PeerAddress(scenario.family, n + 1),
                             LocalAddress(scenario.family, n * stride % scenario.addresses));
    request.sequence = static_cast<uint16_t>(n);
    request.ttl = 57;  // on its way; a reply starts anew
    request.payload = Payload(scenario.payload, n);
    const support::Bytes bytes = support::Build(request);
    length_ = bytes.size();
    std::copy(bytes.begin(), bytes.end(),
              slots_.begin() + static_cast<ptrdiff_t>(first_ + n * kSlot));
  }
}

}  // namespace bench
