// One change of a stack's configuration: made on a draft under the stack's
// lock, and published whole or not at all.
#ifndef NETSTACK_STACK_CHANGE_H_
#define NETSTACK_STACK_CHANGE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "netstack/base/registry.h"
#include "netstack/ip/configuration.h"
#include "netstack/stack/stack.h"

namespace netstack::stack {

// A published configuration, which packets may be reading.
struct Snapshot final : base::Retired, ip::Configuration {};

class Change {
 public:
  // Takes the lock.
  explicit Change(Stack& stack);
  // Without Commit() everything is as it was.
  ~Change();
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  [[nodiscard]] ip::Configuration& draft() noexcept { return *draft_; }

  // The NIC, and its draft; null if there is none.
  [[nodiscard]] Nic* FindNic(uint32_t id) const noexcept;
  ip::Interface& Edit(const Nic& nic);
  // Puts a new NIC's first draft in its slot.
  ip::Interface& Add(const std::shared_ptr<Nic>& nic);
  void Remove(const Nic& nic);

  base::Error AddRoute(const RouteEntry& route);
  base::Error RemoveRoute(const RouteEntry& route);
  // For an assigned address; a whole address alone has nobody on its link.
  void AddOnLinkRoute(uint32_t nic, const wire::Prefix& address);
  void DropOnLinkRoute(uint32_t nic, const wire::Prefix& address);
  void RemoveRoutesOf(uint32_t nic);

  // What stands above IP, as it will be; none of it: nothing stands there.
  struct Upper {
    icmp::Dispatcher::Installations installations;
    icmp::SocketTable sockets;
  };
  [[nodiscard]] Upper upper() const;
  void SetUpper(Upper upper);

  // Publishes. `soon`: what is no longer needed is freed as soon as nobody can
  // be reading it, not at a later change.
  void Commit(bool soon) noexcept;

 private:
  ip::Routes RoutesOf(const wire::Prefix& destination) const;
  void SetRoutes(const wire::Prefix& destination, ip::Routes routes);

  Stack& stack_;
  std::unique_lock<std::mutex> lock_;
  std::unique_ptr<Snapshot> draft_;
  std::vector<std::pair<Nic*, ip::Interface*>> edited_;
  std::vector<std::shared_ptr<Nic>> added_;  // not yet the stack's
};

}  // namespace netstack::stack

#endif  // NETSTACK_STACK_CHANGE_H_
