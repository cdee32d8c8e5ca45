// A copy of a packet that may outlive its callback: counted, read-only, and
// without any right to answer.
#ifndef NETSTACK_PACKET_KEPT_PACKET_H_
#define NETSTACK_PACKET_KEPT_PACKET_H_

#include <atomic>
#include <cstdint>

#include "netstack/base/origin.h"
#include "netstack/packet/packet.h"

namespace netstack::packet {

class KeptPacket {
 public:
  // With one reference; null if there is no memory.
  static KeptPacket* Copy(const Packet& packet) noexcept;

  KeptPacket(const KeptPacket&) = delete;
  KeptPacket& operator=(const KeptPacket&) = delete;

  void Ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() noexcept;

  [[nodiscard]] const Packet& packet() const noexcept { return packet_; }
  // Kept before a fork by the parent process, whose it still is.
  [[nodiscard]] bool inherited() const noexcept { return origin_.inherited(); }

  // The memory that keeping `packet` takes, in bytes.
  static uint64_t CostOf(const Packet& packet) noexcept {
    return sizeof(KeptPacket) + packet.length;
  }

  // For the one queue that it waits in.
  KeptPacket* next_queued = nullptr;

 private:
  explicit KeptPacket(const Packet& packet) noexcept : packet_(packet) {}
  ~KeptPacket() = default;

  std::atomic<uint32_t> references_{1};
  const base::Origin origin_;
  Packet packet_;
};

}  // namespace netstack::packet

#endif  // NETSTACK_PACKET_KEPT_PACKET_H_
