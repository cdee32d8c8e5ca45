#include "netstack/icmp/request.h"

#include <netstack/request.h>

#include <cstring>

#include "guard.h"
#include "options.h"
#include "packet_info.h"

namespace {

using netstack::packet::Packet;

// The request's packet; null if the value has expired or never was one.
const Packet* FindPacket(ns_request request) noexcept {
  const netstack::ip::Echo* const echo = netstack::icmp::FindRequest(request);
  return echo != nullptr ? &echo->packet() : nullptr;
}

}  // namespace

ns_status ns_request_reply(ns_request request) noexcept {
  return netstack::capi::ToC(netstack::icmp::Reply(request));
}

ns_status ns_request_get_info(ns_request request, ns_packet_info* out_info, size_t size) noexcept {
  const Packet* const packet = FindPacket(request);
  if (packet == nullptr) return NS_ERR_EXPIRED;
  if (!netstack::capi::CanFill(out_info, size)) return NS_ERR_INVALID_ARGUMENT;
  netstack::capi::FillInfo(netstack::capi::InfoOf(*packet), out_info, size);
  return NS_OK;
}

ns_status ns_request_borrow_packet(ns_request request, const uint8_t** out_bytes,
                                   size_t* out_length) noexcept {
  const Packet* const packet = FindPacket(request);
  if (packet == nullptr) return NS_ERR_EXPIRED;
  if (out_bytes == nullptr || out_length == nullptr) return NS_ERR_INVALID_ARGUMENT;
  *out_bytes = packet->bytes;
  *out_length = packet->length;
  return NS_OK;
}

ns_status ns_request_copy_packet(ns_request request, uint8_t* buffer, size_t capacity,
                                 size_t* out_length) noexcept {
  if (out_length != nullptr) *out_length = 0;
  const Packet* const packet = FindPacket(request);
  if (packet == nullptr) return NS_ERR_EXPIRED;
  if (out_length == nullptr || (buffer == nullptr && capacity != 0)) {
    return NS_ERR_INVALID_ARGUMENT;
  }
  *out_length = packet->length;
  if (capacity < packet->length) return NS_ERR_TOO_SMALL;
  std::memcpy(buffer, packet->bytes, packet->length);
  return NS_OK;
}

ns_status ns_request_ref_packet(ns_request request, ns_packet** out_packet) noexcept {
  if (out_packet != nullptr) *out_packet = nullptr;
  netstack::packet::KeptPacket* kept = nullptr;
  if (FindPacket(request) == nullptr) return NS_ERR_EXPIRED;
  if (out_packet == nullptr) return NS_ERR_INVALID_ARGUMENT;
  const netstack::base::Status status = netstack::icmp::KeepPacket(request, &kept);
  *out_packet = reinterpret_cast<ns_packet*>(kept);
  return netstack::capi::ToC(status);
}
