// The receiving half of a socket, ping or raw: packets that wait, and whom to
// tell of them.
#ifndef NETSTACK_ICMP_SOCKET_H_
#define NETSTACK_ICMP_SOCKET_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "netstack/base/thread_record.h"
#include "netstack/base/user_call.h"
#include "netstack/base/user_data.h"
#include "netstack/icmp/packet_queue.h"
#include "netstack/wire/address.h"

namespace netstack::icmp {

struct SocketOptions {
  wire::Family family = wire::Family::kIpv4;
  uint32_t nic = 0;       // takes only what comes in there; 0: any
  uint64_t capacity = 0;  // of the queue, in bytes; 0: the default
  // Called when a queue that was empty has a packet; may be null.
  void (*notify)(void* user_data) = nullptr;
};

// Counted: its owner, and each configuration that packets find it in.
class Socket {
 public:
  Socket(const SocketOptions& options, base::UserData user_data) noexcept
      : options_(options), queue_(options.capacity), user_data_(std::move(user_data)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void Ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  [[nodiscard]] wire::Family family() const noexcept { return options_.family; }
  [[nodiscard]] uint32_t nic() const noexcept { return options_.nic; }
  [[nodiscard]] bool Takes(uint32_t nic) const noexcept {
    return (options_.nic == 0 || options_.nic == nic) && !closed();
  }

  // From here on it takes nothing, whatever configuration still names it.
  void Close() noexcept {
    closed_.store(true, std::memory_order_release);
    queue_.Clear();
  }
  [[nodiscard]] bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }

  [[nodiscard]] PacketQueue& queue() noexcept { return queue_; }
  // Tells the owner that the queue is no longer empty.
  void Notify(base::ThreadRecord& thread) const noexcept {
    if (options_.notify == nullptr) return;
    const base::UserCall call(thread);
    if (call) options_.notify(user_data_.get());
  }

 private:
  ~Socket() = default;

  std::atomic<uint32_t> references_{1};
  std::atomic<bool> closed_{false};
  const SocketOptions options_;
  PacketQueue queue_;
  const base::UserData user_data_;
};

}  // namespace netstack::icmp

#endif  // NETSTACK_ICMP_SOCKET_H_
