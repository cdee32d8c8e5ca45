// Packets that wait for a socket's owner: bounded in bytes, oldest first.
#ifndef NETSTACK_ICMP_PACKET_QUEUE_H_
#define NETSTACK_ICMP_PACKET_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "netstack/packet/kept_packet.h"

namespace netstack::icmp {

// Any thread may do anything. The lock is held for a few instructions: memory is
// had before, and freed after.
class PacketQueue {
 public:
  // As gVisor's default receive buffer.
  static constexpr uint64_t kDefaultCapacity = 212 * 1024;

  // In bytes, whole packets and what it takes to keep them; 0: the default.
  explicit PacketQueue(uint64_t capacity) noexcept
      : capacity_(capacity == 0 ? kDefaultCapacity : capacity) {}
  PacketQueue(const PacketQueue&) = delete;
  PacketQueue& operator=(const PacketQueue&) = delete;
  ~PacketQueue() { Clear(); }

  enum class Pushed : uint8_t { kFirst, kBehindOthers, kFull };

  // Keeps a copy. Without room or memory for it: kFull.
  Pushed Push(const packet::Packet& packet) noexcept;
  // The oldest one, which the caller owns; null: none.
  packet::KeptPacket* Pop() noexcept;
  void Clear() noexcept;

 private:
  const uint64_t capacity_;
  std::mutex mutex_;
  uint64_t bytes_ = 0;
  packet::KeptPacket* oldest_ = nullptr;
  packet::KeptPacket* newest_ = nullptr;
};

}  // namespace netstack::icmp

#endif  // NETSTACK_ICMP_PACKET_QUEUE_H_
