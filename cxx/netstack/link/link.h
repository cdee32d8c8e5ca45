// How packets enter and leave the stack. A link moves whole IP packets and
// knows nothing of their contents.
#ifndef NETSTACK_LINK_LINK_H_
#define NETSTACK_LINK_LINK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "netstack/base/entry.h"
#include "netstack/base/origin.h"
#include "netstack/base/status.h"
#include "netstack/base/thread_record.h"

namespace netstack::link {

inline constexpr uint32_t kMaximumMtu = 65'535;
inline constexpr uint32_t kDefaultMtu = 1'500;

// What an option `mtu` means: 0 is the default.
base::Error ReadMtuOption(uint32_t told, uint32_t* mtu);

// What takes a link's packets: a NIC.
class Receiver {
 public:
  Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  // `packet` is borrowed for the call. kOk: dealt with, be it by dropping it;
  // kUnclaimed: nothing here took it, and it may go on elsewhere.
  // Called inside an Entry of `thread`.
  virtual base::Status Receive(base::ThreadRecord& thread,
                               std::span<const uint8_t> packet) noexcept = 0;

 protected:
  ~Receiver() = default;
};

// Room for one packet at the link, to be written, then sent. Two words, so that it travels in
// registers.
struct OutputBuffer {
  uint8_t* data = nullptr;  // null: the link has no room
  uint32_t length = 0;
  uint32_t ticket = 0;  // the link's own
};

// Counted: a NIC and its maker hold it. Output may come from any thread and
// from inside callbacks.
class Link {
 public:
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void Ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  [[nodiscard]] uint32_t mtu() const noexcept { return mtu_; }
  // Whether a neighbour's link address must be known before a packet can go
  // out. None of today's links needs it.
  [[nodiscard]] bool needs_resolution() const noexcept { return needs_resolution_; }

  // Each buffer with data is passed to Transmit once, by the same thread, buffers
  // of one thread in the reverse order of Reserve.
  virtual OutputBuffer Reserve(base::ThreadRecord& thread, size_t length) noexcept = 0;
  // Anything but kOk: the packet is lost (kWouldBlock: the link was full).
  virtual base::Status Transmit(base::ThreadRecord& thread, OutputBuffer buffer) noexcept = 0;

  // Takes a packet as if it had come in from outside. [any thread]
  // kClosed: no NIC has this link; kBusy: nested too deep.
  base::Status Inject(std::span<const uint8_t> packet) noexcept {
    const base::Entry entry;
    return entry ? Deliver(entry.thread(), packet) : base::Status::kNoMemory;
  }

  // For links that read a device: the descriptor to wait for, or -1.
  [[nodiscard]] virtual int descriptor() const noexcept { return -1; }
  // Reads packets and hands them on until none is left or `budget` were read.
  // kClosed: the device is gone for good. Called by one thread at a time.
  virtual base::Status ReadPackets(base::ThreadRecord& thread, size_t budget,
                                   size_t* count) noexcept;
  // A sentence about why ReadPackets() said kClosed.
  [[nodiscard]] virtual const char* failure() const noexcept { return ""; }

  // Takes the oldest packet that waits for somebody in this process.
  // kWouldBlock: none; kTooSmall: it stays, `*length` is what it needs;
  // kUnsupported: packets do not wait here.
  virtual base::Status Read(std::span<uint8_t> out, size_t* length) noexcept;
  // The name of the device behind the link, or null.
  [[nodiscard]] virtual const char* device() const noexcept { return nullptr; }

  // Made before a fork by the parent process, whose it still is.
  [[nodiscard]] bool inherited() const noexcept { return origin_.inherited(); }

  // False if another NIC has the link.
  bool Attach(Receiver* receiver) noexcept {
    Receiver* none = nullptr;
    return receiver_.compare_exchange_strong(none, receiver, std::memory_order_acq_rel);
  }
  void Detach() noexcept { receiver_.store(nullptr, std::memory_order_release); }

 protected:
  explicit Link(uint32_t mtu) noexcept : mtu_(mtu) {}
  virtual ~Link() = default;

  bool needs_resolution_ = false;

  // To the NIC, if there is one. For what Inject() and ReadPackets() got.
  base::Status Deliver(base::ThreadRecord& thread, std::span<const uint8_t> packet) noexcept {
    Receiver* const receiver = receiver_.load(std::memory_order_acquire);
    return receiver != nullptr ? receiver->Receive(thread, packet) : base::Status::kClosed;
  }

 private:
  const uint32_t mtu_;
  const base::Origin origin_;
  std::atomic<uint32_t> references_{1};
  std::atomic<Receiver*> receiver_{nullptr};
};

}  // namespace netstack::link

#endif  // NETSTACK_LINK_LINK_H_
