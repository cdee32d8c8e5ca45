#include <netstack/packet.h>

#include "convert.h"
#include "netstack/packet/kept_packet.h"
#include "netstack/wire/icmp.h"
#include "options.h"
#include "packet_info.h"

using netstack::packet::KeptPacket;

namespace netstack::capi {

ns_packet_info InfoOf(const packet::Packet& packet) noexcept {
  const wire::IcmpView icmp(packet.payload());
  ns_packet_info info{};
  info.source = ToC(packet.family, packet.source, packet.nic);
  info.destination = ToC(packet.family, packet.destination, packet.nic);
  info.nic = packet.nic;
  if (packet.arrival.temporary) info.flags |= NS_PACKET_TEMPORARY;
  if (packet.arrival.broadcast) info.flags |= NS_PACKET_BROADCAST;
  if (packet.arrival.multicast) info.flags |= NS_PACKET_MULTICAST;
  if (packet.bad_checksum) info.flags |= NS_PACKET_BAD_CHECKSUM;
  info.length = packet.length;
  info.icmp_offset = packet.header_length;
  info.payload_offset = packet.header_length + static_cast<uint32_t>(wire::kIcmpHeader);
  info.identifier = icmp.identifier();
  info.sequence = icmp.sequence();
  info.type = icmp.type();
  info.code = icmp.code();
  info.ttl = packet.ttl();
  info.tos = packet.tos();
  return info;
}

}  // namespace netstack::capi

namespace {

KeptPacket* FromC(ns_packet* packet) noexcept { return reinterpret_cast<KeptPacket*>(packet); }
const KeptPacket* FromC(const ns_packet* packet) noexcept {
  return reinterpret_cast<const KeptPacket*>(packet);
}

}  // namespace

ns_packet* ns_packet_ref(ns_packet* packet) noexcept {
  if (packet != nullptr) FromC(packet)->Ref();
  return packet;
}

void ns_packet_unref(ns_packet* packet) noexcept {
  if (packet != nullptr) FromC(packet)->Unref();
}

ns_status ns_packet_get_info(const ns_packet* packet, ns_packet_info* out_info,
                             size_t size) noexcept {
  if (packet == nullptr || !netstack::capi::CanFill(out_info, size)) {
    return NS_ERR_INVALID_ARGUMENT;
  }
  if (FromC(packet)->inherited()) return NS_ERR_CLOSED;
  netstack::capi::FillInfo(netstack::capi::InfoOf(FromC(packet)->packet()), out_info, size);
  return NS_OK;
}

ns_status ns_packet_borrow_bytes(const ns_packet* packet, const uint8_t** out_bytes,
                                 size_t* out_length) noexcept {
  if (packet == nullptr || out_bytes == nullptr || out_length == nullptr) {
    return NS_ERR_INVALID_ARGUMENT;
  }
  if (FromC(packet)->inherited()) return NS_ERR_CLOSED;
  *out_bytes = FromC(packet)->packet().bytes;
  *out_length = FromC(packet)->packet().length;
  return NS_OK;
}
