// Writes packets in the pcap format: raw IP, microseconds, host byte order.
//
// Whoever finds no writer at work writes; the others leave their records in a
// buffer and go on, and so does a callback that gets into its own capture. So
// the file or the callback sees one record at a time, in order, no lock is held
// meanwhile, and no packet waits for another's.
#ifndef NETSTACK_LINK_CAPTURE_H_
#define NETSTACK_LINK_CAPTURE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "netstack/base/origin.h"
#include "netstack/base/role.h"
#include "netstack/base/status.h"
#include "netstack/base/user_data.h"
#include "netstack/link/record_sink.h"

namespace netstack::link {

inline constexpr uint32_t kSnapLength = 262'144;

// Counted: a NIC and its maker hold it.
class Capture {
 public:
  using WriteFunction = FunctionSink::WriteFunction;

  // `*out` receives a reference that the caller owns.
  static base::Error ToFile(const char* path, Capture** out);
  // First the file header is written, then one whole record a call.
  static base::Error ToFunction(WriteFunction write, base::UserData user_data, Capture** out);

  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  void Ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  // Made before a fork by the parent process, whose it still is.
  [[nodiscard]] bool inherited() const noexcept { return origin_.inherited(); }

  // Inside an Entry of the calling thread. `wall_ns`: since 1970-01-01 UTC.
  void Record(uint64_t wall_ns, std::span<const uint8_t> packet) noexcept;

  // Records that the sink refused, or that came too fast for it.
  [[nodiscard]] uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kBufferSize = size_t{1} << 20;

  struct Buffer {
    std::unique_ptr<uint8_t[]> bytes{new uint8_t[kBufferSize]};  // unused pages cost nothing
    size_t used = 0;
  };

  explicit Capture(std::unique_ptr<RecordSink> sink);
  ~Capture() = default;

  static base::Status Start(std::unique_ptr<RecordSink> sink, Capture** out);
  bool Append(uint64_t wall_ns, std::span<const uint8_t> packet) noexcept;
  void WriteRecords() noexcept;
  void CountLost() noexcept { lost_.fetch_add(1, std::memory_order_relaxed); }

  const base::Origin origin_;
  std::atomic<uint32_t> references_{1};
  std::atomic<uint64_t> lost_{0};
  const std::unique_ptr<RecordSink> sink_;  // the writer's

  std::mutex mutex_;
  base::CallMark writer_;  // nobody: no call
  Buffer waiting_;
  Buffer writing_;  // the writer's, but for the exchange of the two
};

}  // namespace netstack::link

#endif  // NETSTACK_LINK_CAPTURE_H_
