#include "netstack/icmp/packet_queue.h"

#include <utility>

namespace netstack::icmp {

using packet::KeptPacket;

PacketQueue::Pushed PacketQueue::Push(const packet::Packet& packet) noexcept {
  const uint64_t cost = KeptPacket::CostOf(packet);
  {
    // Full is the state that a flood finds: it shall cost no copy.
    const std::lock_guard lock(mutex_);
    if (cost > capacity_ - bytes_) return Pushed::kFull;
    bytes_ += cost;
  }
  KeptPacket* const kept = KeptPacket::Copy(packet);
  const std::lock_guard lock(mutex_);
  if (kept == nullptr) {
    bytes_ -= cost;
    return Pushed::kFull;
  }
  const bool first = oldest_ == nullptr;
  (first ? oldest_ : newest_->next_queued) = kept;
  newest_ = kept;
  return first ? Pushed::kFirst : Pushed::kBehindOthers;
}

KeptPacket* PacketQueue::Pop() noexcept {
  const std::lock_guard lock(mutex_);
  if (oldest_ == nullptr) return nullptr;
  KeptPacket* const kept = oldest_;
  oldest_ = std::exchange(kept->next_queued, nullptr);
  bytes_ -= KeptPacket::CostOf(kept->packet());
  return kept;
}

void PacketQueue::Clear() noexcept {
  while (KeptPacket* const kept = Pop()) kept->Unref();
}

}  // namespace netstack::icmp
