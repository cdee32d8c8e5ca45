#include "netstack/link/link.h"

#include <string>

namespace netstack::link {

base::Error ReadMtuOption(uint32_t told, uint32_t* mtu) {
  if (told > kMaximumMtu) {
    return base::Invalid("mtu is " + std::to_string(told) + "; use 1 to " +
                         std::to_string(kMaximumMtu) + ", or 0 for " + std::to_string(kDefaultMtu));
  }
  *mtu = told == 0 ? kDefaultMtu : told;
  return {};
}

base::Status Link::ReadPackets(base::ThreadRecord&, size_t, size_t* count) noexcept {
  *count = 0;
  return base::Status::kOk;
}

base::Status Link::Read(std::span<uint8_t>, size_t* length) noexcept {
  *length = 0;
  return base::Status::kUnsupported;
}

}  // namespace netstack::link
