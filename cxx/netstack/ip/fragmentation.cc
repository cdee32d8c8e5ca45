#include "netstack/ip/fragmentation.h"

#include <algorithm>
#include <cstring>

#include "netstack/base/byte_order.h"
#include "netstack/ip/output.h"
#include "netstack/ip/shared.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

using base::Status;
using wire::Family;

constexpr uint16_t kIpv4MoreFragments = 0x2000;
constexpr uint16_t kIpv6MoreFragments = 1;
constexpr size_t kUnit = 8;  // what offsets count in
constexpr size_t kLongestDatagram = 65'535;

// Writes one fragment: its headers, and behind them the data at `offset`.
struct Piece {
  std::span<const uint8_t> packet;
  size_t header_length;  // of the packet
  size_t offset;         // of the data, in the packet's
  size_t length;         // of the data
  bool last;

  [[nodiscard]] const uint8_t* data() const noexcept {
    return packet.data() + header_length + offset;
  }
};

// An offset has 13 bits and the whole datagram's length 16: of a packet that is a fragment itself,
// data beyond either could only overwrite some that comes before it.
bool EndsWithinADatagram(std::span<const uint8_t> packet, wire::Ipv4View header) noexcept {
  return header.fragment_offset() + packet.size() <= kLongestDatagram;
}

void WriteIpv4(const Piece& piece, uint8_t* to) noexcept {
  std::memcpy(to, piece.packet.data(), piece.header_length);
  // Flags and offset of the packet, which may be a fragment.
  const uint16_t field = base::Load16(to + 6);
  const auto moved = static_cast<uint16_t>(field + piece.offset / kUnit);
  base::Store16(to + 2, static_cast<uint16_t>(piece.header_length + piece.length));
  base::Store16(to + 6, piece.last ? moved : moved | kIpv4MoreFragments);
  base::Store16(to + 10, 0);
  base::StoreNative(to + 10, wire::ChecksumField(wire::PartialSum(to, piece.header_length)));
  std::memcpy(to + piece.header_length, piece.data(), piece.length);
}

void WriteIpv6(const Piece& piece, uint32_t identification, uint8_t* to) noexcept {
  std::memcpy(to, piece.packet.data(), wire::kIpv6Header);
  uint8_t* const fragment = to + wire::kIpv6Header;
  base::Store16(to + 4, static_cast<uint16_t>(wire::kIpv6FragmentHeader + piece.length));
  fragment[0] = to[6];
  to[6] = wire::kFragmentHeader;
  fragment[1] = 0;
  const auto offset = static_cast<uint16_t>(piece.offset);
  base::Store16(fragment + 2, piece.last ? offset : offset | kIpv6MoreFragments);
  base::Store32(fragment + 4, identification);
  std::memcpy(fragment + wire::kIpv6FragmentHeader, piece.data(), piece.length);
}

// `write` writes a piece with its `headers` bytes of headers.
template <typename Write>
Status SendPieces(const Context& context, Family family, std::span<const uint8_t> packet,
                  size_t header_length, size_t headers, uint32_t mtu, Write&& write) noexcept {
  const size_t all = packet.size() - header_length;
  const size_t most = (mtu - headers) / kUnit * kUnit;
  for (size_t offset = 0; offset < all; offset += most) {
    const size_t left = all - offset;
    const Piece piece{packet, header_length, offset, std::min(most, left), left <= most};
    const Status status =
        SendWhole(context, family, headers + piece.length, [&](uint8_t* to) { write(piece, to); });
    if (status == Status::kOk) continue;
    const size_t not_sent = (left - piece.length + most - 1) / most;
    context.counters.Add(At(family, IpCounter::kOutgoingPacketErrors), not_sent);
    return status;
  }
  return Status::kOk;
}

}  // namespace

Status SendFragments(const Context& context, Family family, std::span<const uint8_t> packet,
                     uint32_t mtu) noexcept {
  if (family == Family::kIpv4) {
    const wire::Ipv4View header(packet.data());
    if (!EndsWithinADatagram(packet, header)) {
      context.counters.Add(At(family, IpCounter::kOutgoingPacketErrors));
      return Status::kUnsupported;
    }
    const size_t header_length = header.header_length();
    return SendPieces(context, family, packet, header_length, header_length, mtu, WriteIpv4);
  }
  // Any but 0, one that nobody guesses (RFC 7739).
  const auto identification =
      static_cast<uint32_t>(context.configuration.shared->random.Next() % 0xffff'ffffu + 1);
  const auto write = [&](const Piece& piece, uint8_t* to) { WriteIpv6(piece, identification, to); };
  return SendPieces(context, family, packet, wire::kIpv6Header,
                    wire::kIpv6Header + wire::kIpv6FragmentHeader, mtu, write);
}

}  // namespace netstack::ip
