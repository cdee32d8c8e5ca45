#include "netstack/icmp/request.h"

namespace netstack::icmp {

using base::Status;

Status Reply(uint64_t request) noexcept {
  ip::Echo* const echo = FindRequest(request);
  if (echo == nullptr) return Status::kExpired;
  const bool first = !echo->answered();
  const Status status = echo->Reply();
  if (first && status == Status::kOk) {
    echo->context().counters.Add(At(ip::ForwarderCounter::kReplied));
  } else if (first && status == Status::kNoRoute) {
    echo->context().counters.Add(At(ip::ForwarderCounter::kNoRoute));
  }
  return status;
}

Status KeepPacket(uint64_t request, packet::KeptPacket** kept) noexcept {
  const ip::Echo* const echo = FindRequest(request);
  if (echo == nullptr) return Status::kExpired;
  *kept = packet::KeptPacket::Copy(echo->packet());
  return *kept != nullptr ? Status::kOk : Status::kNoMemory;
}

}  // namespace netstack::icmp
