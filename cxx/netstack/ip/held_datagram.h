// The fragments of one datagram that is not whole yet, by the rules of gVisor's
// list of holes (RFC 815): none may overlap another (RFC 5722).
#ifndef NETSTACK_IP_HELD_DATAGRAM_H_
#define NETSTACK_IP_HELD_DATAGRAM_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "netstack/packet/packet.h"

namespace netstack::ip {

// One fragment: a packet, and which bytes of the datagram it brings.
struct Fragment {
  const packet::Packet& packet;
  uint32_t data_at = 0;  // where they begin in the packet; they go on to its end
  uint32_t offset = 0;   // where they belong in the datagram
  bool more = false;     // they are not its last ones

  [[nodiscard]] uint32_t length() const noexcept { return packet.length - data_at; }
  [[nodiscard]] uint32_t end() const noexcept { return offset + length(); }
};

class HeldDatagram {
 public:
  // What one costs, and each of its fragments, beside the bytes: allocations and
  // their places in trees, rounded up.
  static constexpr size_t kOverhead = 640;
  static constexpr size_t kFragmentOverhead = 128;

  HeldDatagram() = default;
  HeldDatagram(const HeldDatagram&) = delete;
  HeldDatagram& operator=(const HeldDatagram&) = delete;

  enum class Outcome : uint8_t {
    kTaken,      // copied
    kDuplicate,  // of one that is here, which stays
    kConflict,   // with what is here, which is of no use any more
  };
  // Not of an empty fragment. Throws std::bad_alloc, and then has not changed.
  Outcome Add(const Fragment& fragment);

  [[nodiscard]] bool whole() const noexcept { return end_ != 0 && held_ == end_; }
  // Of the data; once it is whole.
  [[nodiscard]] uint32_t length() const noexcept { return end_; }
  // Puts them in order.
  void CopyData(uint8_t* to) const noexcept;

  // The fragment at offset 0, as it was received, if it has come: of one that is
  // whole it has. Its bytes live as long as this.
  [[nodiscard]] const packet::Packet* first() const noexcept {
    return first_.bytes != nullptr ? &first_ : nullptr;
  }
  [[nodiscard]] uint32_t first_data_at() const noexcept { return first_data_at_; }
  // Where that came in, or else the one that came before all others.
  [[nodiscard]] uint32_t nic() const noexcept { return nic_; }

  // The memory of it.
  [[nodiscard]] size_t bytes() const noexcept { return bytes_; }

 private:
  struct Piece {
    uint32_t length = 0;
    uint32_t data_at = 0;
    bool last = false;
    std::unique_ptr<uint8_t[]> bytes;
  };

  [[nodiscard]] Outcome Place(const Fragment& fragment) const noexcept;
  void KeepFirst(const Fragment& fragment, const uint8_t* bytes) noexcept;

  std::map<uint32_t, Piece> pieces_;  // by offset
  uint32_t held_ = 0;                 // bytes of data
  uint32_t end_ = 0;                  // 0: the last fragment has not come
  packet::Packet first_;
  packet::Extras first_extras_;
  uint32_t first_data_at_ = 0;
  uint32_t nic_ = 0;
  size_t bytes_ = kOverhead;
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_HELD_DATAGRAM_H_
