// A NIC with a device behind it, and the peer at the other end.
#ifndef NETSTACK_TESTS_SUPPORT_DEVICE_H_
#define NETSTACK_TESTS_SUPPORT_DEVICE_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

#include "support/wire.h"

namespace support {

inline bool Readable(int descriptor, int milliseconds = 0) {
  pollfd waited{descriptor, POLLIN, 0};
  return poll(&waited, 1, milliseconds) == 1 && (waited.revents & POLLIN) != 0;
}

// One end of a pair of sockets that keep packets apart is a NIC, the other the
// peer's.
class Device {
 public:
  Device(ns_stack* stack, uint32_t nic) {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends_.data()), 0);
    ns_link* link = nullptr;
    EXPECT_EQ(ns_link_fd_new(ends_[0], nullptr, &link, nullptr), NS_OK);
    const LinkHandle owned(link);
    EXPECT_EQ(ns_stack_add_nic(stack, nic, link, nullptr, nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack, nic, "192.168.0.1/24", nullptr), NS_OK);
  }
  ~Device() {
    for (const int end : ends_) {
      if (end >= 0) close(end);
    }
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  void Ask() const {
    const Bytes packet = Build(EchoRequestTo("192.168.0.1"));
    EXPECT_EQ(write(ends_[1], packet.data(), packet.size()), static_cast<ssize_t>(packet.size()));
  }
  // Waits for the answer, up to ten seconds.
  [[nodiscard]] bool IsAnswered() const {
    if (!Readable(ends_[1], 10'000)) return false;
    Bytes packet(2000);
    const ssize_t length = read(ends_[1], packet.data(), packet.size());
    if (length < 0) return false;
    packet.resize(static_cast<size_t>(length));
    return Read(packet) == AnswerTo(EchoRequestTo("192.168.0.1"));
  }
  [[nodiscard]] bool IsSilent() const { return !Readable(ends_[1]); }
  void HangUp() {
    for (int& end : ends_) close(std::exchange(end, -1));
  }

 private:
  std::array<int, 2> ends_{};
};

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_DEVICE_H_
