#include "netstack/link/channel.h"

#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "netstack/base/user_call.h"

namespace netstack::link {

namespace {

constexpr uint32_t kLengthBits = 16;
static_assert(kMaximumMtu < (1u << kLengthBits));

// Counts from 1, so that the zeros of a fresh ring belong to no position.
constexpr uint64_t Published(uint64_t position, size_t length) noexcept {
  return ((position + 1) << kLengthBits) | length;
}
constexpr bool IsPublished(uint64_t state, uint64_t position) noexcept {
  return (state >> kLengthBits) == (Published(position, 0) >> kLengthBits);
}
constexpr size_t LengthOf(uint64_t state) noexcept {
  return state & ((uint64_t{1} << kLengthBits) - 1);
}

}  // namespace

bool Channel::MakeRing(uint32_t mtu, uint32_t capacity, Ring* ring) {
  const size_t slots = std::bit_ceil(capacity);
  ring->mask = slots - 1;
  ring->slot_size = (mtu + kAlignment - 1) & ~(kAlignment - 1);
  if (ring->slot_size > std::numeric_limits<size_t>::max() / 2 / slots) return false;
  ring->states.reset(new (std::nothrow) State[slots]());
  ring->slots.reset(static_cast<uint8_t*>(operator new[](
      slots * ring->slot_size, std::align_val_t{kAlignment}, std::nothrow)));
  return ring->states != nullptr && ring->slots != nullptr;
}

base::Error Channel::Make(const ChannelOptions& options, base::UserData user_data, Channel** out) {
  uint32_t mtu = 0;
  if (base::Error error = ReadMtuOption(options.mtu, &mtu); !error.ok()) return error;
  const uint32_t capacity = options.capacity == 0 ? kDefaultChannelCapacity : options.capacity;
  if (capacity > kMaximumChannelCapacity) {
    return base::Invalid("capacity is " + std::to_string(capacity) + "; use 1 to " +
                         std::to_string(kMaximumChannelCapacity) + ", or 0 for " +
                         std::to_string(kDefaultChannelCapacity));
  }
  Ring ring;
  if (!MakeRing(mtu, capacity, &ring)) {
    return {base::Status::kNoMemory, "no memory for " + std::to_string(capacity) + " packets of " +
                                         std::to_string(mtu) +
                                         " bytes; use a smaller capacity or mtu"};
  }
  *out = new Channel(mtu, capacity, std::move(ring), options, std::move(user_data));
  return {};
}

Channel::Channel(uint32_t mtu, uint32_t capacity, Ring ring, const ChannelOptions& options,
                 base::UserData user_data) noexcept
    : Link(mtu),
      ring_(std::move(ring)),
      capacity_(capacity),
      notify_(options.notify),
      user_data_(std::move(user_data)) {}

OutputBuffer Channel::Reserve(base::ThreadRecord&, size_t length) noexcept {
  if (length > mtu()) return {};
  uint64_t position = tail_.load(std::memory_order_acquire);
  do {
    // The head is read after the tail: if it is so far behind, the queue was
    // full at that moment. Ahead, the tail is an old one, and the exchange fails.
    const uint64_t head = head_.load(std::memory_order_acquire);
    if (head <= position && position - head >= capacity_) return {};
  } while (!tail_.compare_exchange_weak(position, position + 1, std::memory_order_acq_rel,
                                        std::memory_order_acquire));
  return {SlotAt(position), static_cast<uint32_t>(length), static_cast<uint32_t>(position)};
}

base::Status Channel::Transmit(base::ThreadRecord& thread, OutputBuffer buffer) noexcept {
  Publish(thread, TicketPosition(buffer), buffer.length);
  return base::Status::kOk;
}

// Until it is published the head can't pass it, and it lies less than the
// capacity ahead.
uint64_t Channel::TicketPosition(const OutputBuffer& buffer) const noexcept {
  const uint64_t head = head_.load(std::memory_order_relaxed);
  return head + static_cast<uint32_t>(buffer.ticket - static_cast<uint32_t>(head));
}

void Channel::Publish(base::ThreadRecord& thread, uint64_t position, size_t length) noexcept {
  const uint64_t state = Published(position, length);
  if (notify_ == nullptr) {
    StateAt(position).store(state, std::memory_order_release);
    return;
  }
  // Against the reader, who moves the head and then looks for this state: in
  // one order of all four, the reader sees the packet or we see its head.
  StateAt(position).store(state, std::memory_order_seq_cst);
  if (!BecameReadable(position)) return;
  const base::UserCall call(thread);
  if (call) notify_(user_data_.get());
}

// Whether publishing `position` gave the readers a first packet. One behind it is
// not readable before it.
bool Channel::BecameReadable(uint64_t position) const noexcept {
  return head_.load(std::memory_order_seq_cst) == position;
}

base::Status Channel::Read(std::span<uint8_t> out, size_t* length) noexcept {
  *length = 0;
  const std::lock_guard lock(readers_);
  const uint64_t position = head_.load(std::memory_order_relaxed);
  const uint64_t state = StateAt(position).load(std::memory_order_seq_cst);
  if (!IsPublished(state, position)) return base::Status::kWouldBlock;
  *length = LengthOf(state);
  if (*length > out.size()) return base::Status::kTooSmall;
  std::memcpy(out.data(), SlotAt(position), *length);
  head_.store(position + 1, std::memory_order_seq_cst);
  return base::Status::kOk;
}

}  // namespace netstack::link
