// A link over an open descriptor that keeps packets apart: a TUN device, a
// datagram or sequenced-packet socket.
#ifndef NETSTACK_LINK_DESCRIPTOR_LINK_H_
#define NETSTACK_LINK_DESCRIPTOR_LINK_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "netstack/base/status.h"
#include "netstack/base/thread_record.h"
#include "netstack/link/descriptor.h"
#include "netstack/link/link.h"

namespace netstack::link {

// What stands before each packet on the descriptor, both ways.
enum class PacketInformation : uint32_t {
  kNone = 0,
  kLinux = 1,  // flags and EtherType, 2 bytes each
  kUtun = 2,   // address family as BSD numbers it, 4 bytes
};

struct DescriptorOptions {
  uint32_t mtu = 0;  // 0: kDefaultMtu
  PacketInformation packet_information = PacketInformation::kNone;
};

class DescriptorLink final : public Link {
 public:
  // Works on a duplicate of `descriptor`. `*out` receives a reference that the
  // caller owns.
  static base::Error Make(int descriptor, const DescriptorOptions& options, DescriptorLink** out);

  // Takes a non-blocking descriptor of a TUN device without packet information.
  static DescriptorLink* Adopt(Descriptor descriptor, uint32_t mtu, std::string device);

  OutputBuffer Reserve(base::ThreadRecord& thread, size_t length) noexcept override;
  base::Status Transmit(base::ThreadRecord& thread, OutputBuffer buffer) noexcept override;

  [[nodiscard]] int descriptor() const noexcept override { return descriptor_.get(); }
  base::Status ReadPackets(base::ThreadRecord& thread, size_t budget,
                           size_t* count) noexcept override;
  [[nodiscard]] const char* failure() const noexcept override {
    return failure_.load(std::memory_order_acquire);
  }
  [[nodiscard]] const char* device() const noexcept override {
    return device_.empty() ? nullptr : device_.c_str();
  }

 private:
  DescriptorLink(Descriptor descriptor, bool is_socket, uint32_t mtu,
                 PacketInformation packet_information, std::string device) noexcept;
  ~DescriptorLink() override = default;

  enum class Next { kPacket, kRetry, kEmpty, kClosed };
  Next ReadPacket(uint8_t* buffer, size_t* length) noexcept;
  Next AfterReadError(int error) noexcept;
  [[nodiscard]] bool AtEnd() const noexcept;
  void Fail(const char* what, const char* advice) noexcept;

  const Descriptor descriptor_;
  const bool is_socket_;
  const PacketInformation packet_information_;
  const size_t information_size_;
  const std::string device_;
  // Written once, before failure_ points there.
  std::array<char, 192> failure_text_{};
  std::atomic<const char*> failure_{""};
};

}  // namespace netstack::link

#endif  // NETSTACK_LINK_DESCRIPTOR_LINK_H_
