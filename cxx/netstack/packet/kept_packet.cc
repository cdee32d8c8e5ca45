#include "netstack/packet/kept_packet.h"

#include <cstring>
#include <new>

namespace netstack::packet {

// The bytes stand behind the object, in one piece of memory.
KeptPacket* KeptPacket::Copy(const Packet& packet) noexcept {
  void* const memory = ::operator new(sizeof(KeptPacket) + packet.length, std::nothrow);
  if (memory == nullptr) return nullptr;
  auto* const kept = new (memory) KeptPacket(packet);
  auto* const bytes = static_cast<uint8_t*>(memory) + sizeof(KeptPacket);
  std::memcpy(bytes, packet.bytes, packet.length);
  kept->packet_.bytes = bytes;
  kept->packet_.extras = nullptr;  // lives no longer than the packet it is about
  return kept;
}

void KeptPacket::Unref() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  this->~KeptPacket();
  ::operator delete(static_cast<void*>(this));
}

}  // namespace netstack::packet
