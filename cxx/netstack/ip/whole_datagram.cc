#include "netstack/ip/whole_datagram.h"

#include <cstring>
#include <new>

#include "netstack/base/byte_order.h"
#include "netstack/wire/checksum.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {

namespace {

constexpr uint32_t kLongestIpv4 = 65535;
constexpr uint32_t kLongestIpv6 = wire::kIpv6Header + 65535;

}  // namespace

WholeDatagram::WholeDatagram(const HeldDatagram& held) noexcept : packet_(*held.first()) {
  const packet::Packet& first = *held.first();
  const bool v4 = first.family == wire::Family::kIpv4;
  // What the fragments have in front of their data, but for the Fragment header.
  const uint32_t headers = held.first_data_at() - (v4 ? 0 : uint32_t{wire::kIpv6FragmentHeader});
  packet_.length = headers + held.length();
  too_long_ = packet_.length > (v4 ? kLongestIpv4 : kLongestIpv6);
  if (too_long_) return;
  bytes_.reset(new (std::nothrow) uint8_t[packet_.length]);
  if (bytes_ == nullptr) return;
  std::memcpy(bytes_.get(), first.bytes, headers);
  held.CopyData(bytes_.get() + headers);
  packet_.bytes = bytes_.get();
  packet_.header_length = static_cast<uint16_t>(headers);
  if (v4) {
    FinishIpv4();
  } else {
    FinishIpv6(first);
  }
}

void WholeDatagram::FinishIpv4() noexcept {
  uint8_t* const header = bytes_.get();
  base::Store16(header + 2, static_cast<uint16_t>(packet_.length));
  base::Store16(header + 6, 0);   // no flag, no offset
  base::Store16(header + 10, 0);  // the checksum, while it is computed
  base::StoreNative(header + 10,
                    wire::ChecksumField(wire::PartialSum(header, packet_.header_length)));
}

// RFC 8200 4.5.
void WholeDatagram::FinishIpv6(const packet::Packet& first) noexcept {
  const uint8_t* const fragment_header = first.bytes + packet_.header_length;
  if (first.extras != nullptr) extras_ = *first.extras;
  extras_.fragment_header = true;
  extras_.quoted_headers = first.bytes;
  extras_.quoted_length = static_cast<uint16_t>(packet_.header_length + wire::kIpv6FragmentHeader);
  extras_.replaced_length = packet_.header_length;
  packet_.extras = &extras_;
  packet_.protocol = *fragment_header;
  bytes_[extras_.next_header_offset] = packet_.protocol;
  base::Store16(bytes_.get() + 4, static_cast<uint16_t>(packet_.length - wire::kIpv6Header));
}

}  // namespace netstack::ip
