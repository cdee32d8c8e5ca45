// What a handler may do with a request, by its value. Every function gives
// kExpired for a value that is not, on this thread and at this moment, the
// request of a running handler.
#ifndef NETSTACK_ICMP_REQUEST_H_
#define NETSTACK_ICMP_REQUEST_H_

#include <cstdint>

#include "netstack/base/entry.h"
#include "netstack/base/status.h"
#include "netstack/base/thread_record.h"
#include "netstack/ip/echo.h"
#include "netstack/packet/kept_packet.h"

namespace netstack::icmp {

// The request's packet, or null: expired, foreign, or never a request. It lasts
// as long as the callback, which the call comes from.
inline ip::Echo* FindRequest(uint64_t request) noexcept {
  const base::ThreadRecord* const thread = base::Entry::FromCallback();
  if (thread == nullptr) [[unlikely]]
    return nullptr;
  return static_cast<ip::Echo*>(thread->FindRequest(request));
}

// Asks for the stack's own Echo Reply, see ip::Echo::Reply().
base::Status Reply(uint64_t request) noexcept;

// A copy of the packet that outlives the request, with one reference.
base::Status KeepPacket(uint64_t request, packet::KeptPacket** kept) noexcept;

}  // namespace netstack::icmp

#endif  // NETSTACK_ICMP_REQUEST_H_
