// Stands where a NIC would: keeps what a link delivers.
#ifndef NETSTACK_TESTING_FAKE_RECEIVER_H_
#define NETSTACK_TESTING_FAKE_RECEIVER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "netstack/link/link.h"

namespace netstack::testing {

class FakeReceiver final : public link::Receiver {
 public:
  base::Status Receive(base::ThreadRecord&, std::span<const uint8_t> packet) noexcept override {
    packets.emplace_back(packet.begin(), packet.end());
    return result;
  }

  std::vector<std::vector<uint8_t>> packets;
  base::Status result = base::Status::kOk;
};

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_FAKE_RECEIVER_H_
