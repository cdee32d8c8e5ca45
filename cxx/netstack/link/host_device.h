// A network device of the host, to be configured. Linux.
#ifndef NETSTACK_LINK_HOST_DEVICE_H_
#define NETSTACK_LINK_HOST_DEVICE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "netstack/base/status.h"
#include "netstack/link/descriptor.h"
#include "netstack/wire/address.h"

namespace netstack::link {

inline constexpr uint32_t kMinimumIpv6Mtu = 1'280;

// Whether a host can have it: a unicast address, with the length of its subnet.
base::Error CheckHostAddress(const wire::Prefix& address);

// Takes back what it changed, unless Keep() is called.
class HostDevice {
 public:
  explicit HostDevice(std::string name) : name_(std::move(name)) {}
  HostDevice(const HostDevice&) = delete;
  HostDevice& operator=(const HostDevice&) = delete;
  ~HostDevice();

  // Finds the device; first of all.
  base::Error Open();

  base::Error GetMtu(uint32_t* mtu) const;
  base::Error SetMtu(uint32_t mtu);
  // That the device has the address already is no error.
  base::Error AddAddress(const wire::Prefix& address);
  // Last of all: it is not taken back.
  base::Error BringUp();

  void Keep() noexcept {
    old_mtu_ = 0;
    added_.clear();
  }

 private:
  // These return 0 or an errno.
  [[nodiscard]] int ReadMtu(uint32_t* mtu) const noexcept;
  [[nodiscard]] int ChangeMtu(uint32_t mtu) const noexcept;
  [[nodiscard]] int ChangeAddress(bool add, const wire::Prefix& address) const noexcept;

  // `what` completes "... of device tun0 can't be ...".
  [[nodiscard]] base::Error Failed(const std::string& what, int error) const;

  const std::string name_;
  Descriptor socket_;  // of rtnetlink; takes the older kind of request too
  uint32_t index_ = 0;
  uint32_t old_mtu_ = 0;  // 0: not changed
  std::vector<wire::Prefix> added_;
};

}  // namespace netstack::link

#endif  // NETSTACK_LINK_HOST_DEVICE_H_
