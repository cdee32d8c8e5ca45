// A NIC: a link's place in a stack, and the writer's side of what is configured
// on it. Packets see its ip::Interface.
#ifndef NETSTACK_STACK_NIC_H_
#define NETSTACK_STACK_NIC_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "netstack/base/ref.h"
#include "netstack/base/role.h"
#include "netstack/base/status.h"
#include "netstack/ip/address_table.h"
#include "netstack/ip/configuration.h"
#include "netstack/link/link.h"

namespace netstack::stack {

class Nic final : public link::Receiver {
 public:
  using Published = std::atomic<const ip::Configuration*>;

  Nic(uint32_t id, uint32_t slot, base::Ref<link::Link> link, const Published& configuration,
      uint64_t seed);

  [[nodiscard]] uint32_t id() const noexcept { return id_; }
  [[nodiscard]] uint32_t slot() const noexcept { return slot_; }
  [[nodiscard]] link::Link& link() const noexcept { return *link_.get(); }
  [[nodiscard]] const std::shared_ptr<ip::NicCounters>& counters() const noexcept {
    return counters_;
  }

  base::Status Receive(base::ThreadRecord& thread,
                       std::span<const uint8_t> packet) noexcept override;

  // Reading the device behind the link.
  base::Role& server() noexcept { return server_; }
  // Being the call of run that serves this device alone. The NIC's removal ends it.
  base::Role& loop() noexcept { return loop_; }
  // The device is gone; said once, then nobody asks it again.
  [[nodiscard]] bool device_gone() const noexcept {
    return device_gone_.load(std::memory_order_acquire);
  }
  void SetDeviceGone() noexcept { device_gone_.store(true, std::memory_order_release); }

  // Below: for one writer at a time. What they change in the tables shows after
  // CommitTables(); all throw std::bad_alloc, and then, as after an error,
  // RollbackTables() must follow.
  ip::Interface FirstInterface();
  base::Error AddAddress(const wire::Prefix& address, ip::Interface* interface);
  // kNotFound; else the prefix length that it had.
  base::Error RemoveAddress(wire::Family family, wire::Address address, ip::Interface* interface,
                            uint8_t* prefix_length);
  base::Error JoinGroup(wire::Family family, wire::Address group);
  base::Error LeaveGroup(wire::Family family, wire::Address group);
  // A NIC that forwards is in the groups of all routers.
  void SetForwarding(wire::Family family, bool on, ip::Interface* interface);
  void CommitTables(ip::Interface* interface) noexcept;
  void RollbackTables() noexcept;

 private:
  ip::AddressTable& table(wire::Family family) noexcept { return tables_[wire::Index(family)]; }

  const uint32_t id_;
  const uint32_t slot_;
  const base::Ref<link::Link> link_;
  const Published& configuration_;
  const std::shared_ptr<ip::NicCounters> counters_;
  std::array<ip::AddressTable, 2> tables_;
  uint32_t next_order_ = 0;  // of source candidates
  base::Role server_;
  base::Role loop_;
  std::atomic<bool> device_gone_{false};
};

}  // namespace netstack::stack

#endif  // NETSTACK_STACK_NIC_H_
