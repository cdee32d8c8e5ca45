// A link in memory: what the stack sends waits in a bounded queue until
// somebody in this process reads it.
//
// Senders take no lock and allocate nothing: each claims a slot of the ring,
// writes its packet there, and publishes it. Readers take turns. A slot that is
// claimed and not yet published hides those behind it, so packets leave in the
// order in which they were claimed.
#ifndef NETSTACK_LINK_CHANNEL_H_
#define NETSTACK_LINK_CHANNEL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <span>

#include "netstack/base/status.h"
#include "netstack/base/thread_record.h"
#include "netstack/base/user_data.h"
#include "netstack/link/link.h"

namespace netstack::link {

struct ChannelOptions {
  uint32_t mtu = 0;       // 0: kDefaultMtu
  uint32_t capacity = 0;  // packets that wait; 0: kDefaultChannelCapacity
  // Called when a queue that was empty has a packet; may be null. When threads
  // race it may be called once too often, never once too little.
  void (*notify)(void* user_data) = nullptr;
};

inline constexpr uint32_t kDefaultChannelCapacity = 256;
inline constexpr uint32_t kMaximumChannelCapacity = 65'536;

class Channel final : public Link {
 public:
  // `*out` receives a reference that the caller owns.
  static base::Error Make(const ChannelOptions& options, base::UserData user_data, Channel** out);

  OutputBuffer Reserve(base::ThreadRecord& thread, size_t length) noexcept override;
  base::Status Transmit(base::ThreadRecord& thread, OutputBuffer buffer) noexcept override;
  base::Status Read(std::span<uint8_t> out, size_t* length) noexcept override;

 private:
  static constexpr size_t kAlignment = 64;  // no two packets share a cache line

  struct FreeSlots {
    void operator()(uint8_t* memory) const noexcept {
      operator delete[](memory, std::align_val_t{kAlignment});
    }
  };
  // The position that a slot was published for, and the packet's length. In one
  // word, so that readers see both or neither.
  using State = std::atomic<uint64_t>;
  struct Ring {
    uint64_t mask = 0;
    size_t slot_size = 0;
    std::unique_ptr<State[]> states;
    std::unique_ptr<uint8_t[], FreeSlots> slots;  // not initialised: unused pages cost nothing
  };

  Channel(uint32_t mtu, uint32_t capacity, Ring ring, const ChannelOptions& options,
          base::UserData user_data) noexcept;
  ~Channel() override = default;

  static bool MakeRing(uint32_t mtu, uint32_t capacity, Ring* ring);
  [[nodiscard]] uint64_t TicketPosition(const OutputBuffer& buffer) const noexcept;
  void Publish(base::ThreadRecord& thread, uint64_t position, size_t length) noexcept;
  [[nodiscard]] bool BecameReadable(uint64_t position) const noexcept;
  State& StateAt(uint64_t position) const noexcept { return ring_.states[position & ring_.mask]; }
  [[nodiscard]] uint8_t* SlotAt(uint64_t position) const noexcept {
    return ring_.slots.get() + (position & ring_.mask) * ring_.slot_size;
  }

  const Ring ring_;
  const uint64_t capacity_;
  void (*const notify_)(void* user_data);
  const base::UserData user_data_;

  // Positions count up for ever; those from head to tail are claimed.
  alignas(kAlignment) std::atomic<uint64_t> tail_{0};
  alignas(kAlignment) std::atomic<uint64_t> head_{0};
  std::mutex readers_;
};

}  // namespace netstack::link

#endif  // NETSTACK_LINK_CHANNEL_H_
