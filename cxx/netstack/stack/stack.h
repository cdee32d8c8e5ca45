// The object that ties the rest together: NICs, their configuration, the loop,
// and what was counted.
#ifndef NETSTACK_STACK_STACK_H_
#define NETSTACK_STACK_STACK_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "netstack/base/clock.h"
#include "netstack/base/origin.h"
#include "netstack/base/random.h"
#include "netstack/base/registry.h"
#include "netstack/base/role.h"
#include "netstack/base/status.h"
#include "netstack/base/timers.h"
#include "netstack/icmp/forwarder.h"
#include "netstack/ip/configuration.h"
#include "netstack/ip/echo_request.h"
#include "netstack/ip/shared.h"
#include "netstack/stack/nic.h"
#include "netstack/stack/poller.h"
#include "netstack/wire/text.h"

namespace netstack::stack {

class Change;
class PingSocket;

struct StackOptions {
  std::shared_ptr<base::Clock> clock;    // null: the system's
  std::shared_ptr<base::Random> random;  // null: the system's
  bool strict_routes = false;
  bool check_local_source = false;
  bool allow_loopback = false;
  uint8_t default_ttl = 64;
  uint8_t default_hop_limit = 64;
  ip::Shared::Options shared;
};

struct NicOptions {
  bool disabled = false;
  bool promiscuous = false;
  bool spoofing = false;
  bool side_by_side = false;
  std::array<bool, 2> forwarding{};  // by family
  std::span<const wire::Prefix> addresses;
  std::span<const wire::Prefix> local_prefixes;
};

// What to change; nothing: leave it.
struct NicFlags {
  std::optional<bool> disabled;
  std::optional<bool> promiscuous;
  std::optional<bool> spoofing;
  std::optional<bool> side_by_side;
  std::array<std::optional<bool>, 2> forwarding;  // by family
};

// A route as its user names it. No gateway: unspecified.
struct RouteEntry {
  wire::Prefix destination;
  wire::Address gateway;
  uint32_t nic = 0;
};

// Any thread may call anything. Whatever changes the configuration does so as
// a whole or not at all, and never stops packets. Every caller holds a
// base::Entry, but for Run(), Stop() and Close().
class Stack final : public std::enable_shared_from_this<Stack>, private ip::Host {
 public:
  static base::Error Create(StackOptions options, std::shared_ptr<Stack>* stack);
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  ~Stack();

  // Ends the stack for everyone: links are let go, loops return, later calls
  // give kClosed. Running calls finish.
  void Close() noexcept;
  // Closed, or made before a fork in the parent.
  [[nodiscard]] bool closed() const noexcept;
  // In the child of a fork nothing of the stack may be touched any more.
  [[nodiscard]] bool inherited() const noexcept { return origin_.inherited(); }

  base::Error AddNic(uint32_t id, link::Link* link, const NicOptions& options);
  base::Error RemoveNic(uint32_t id);
  base::Error SetNicFlags(uint32_t id, const NicFlags& flags);
  base::Error SetCapture(uint32_t id, link::Capture* capture);  // null: none

  base::Error AddAddresses(uint32_t nic, std::span<const wire::Prefix> addresses);
  base::Error RemoveAddresses(uint32_t nic, std::span<const wire::ParsedAddress> addresses);
  base::Error AddLocalPrefixes(uint32_t nic, std::span<const wire::Prefix> prefixes);
  base::Error RemoveLocalPrefixes(uint32_t nic, std::span<const wire::Prefix> prefixes);
  base::Error JoinGroup(uint32_t nic, const wire::ParsedAddress& group);
  base::Error LeaveGroup(uint32_t nic, const wire::ParsedAddress& group);
  base::Error AddRoutes(std::span<const RouteEntry> routes);
  base::Error RemoveRoutes(std::span<const RouteEntry> routes);
  base::Error SetEchoPolicy(bool ipv4, bool ipv6, bool temporary, ip::EchoPolicy policy);
  // As ip::ErrorLimiter has them. Types are those of errors and Echo Replies.
  base::Error SetIcmpRate(uint32_t per_second, uint32_t burst);
  base::Error SetIcmpLimited(wire::Family family, uint8_t type, bool limited);

  // Installs `forwarder` (null: none) for the families. Outside callbacks the
  // former one is not running any more when this returns; inside one, it may.
  base::Error SetForwarder(bool ipv4, bool ipv6, icmp::Forwarder* forwarder);

  // For sockets. `edit` makes of the former binding the one that is wanted; an
  // identifier of 0 in it stands for a free one. kBusy: in use by another
  // socket; kNotFound: no such local address.
  using PingEdit = std::function<base::Error(const std::optional<icmp::PingBinding>& former,
                                             icmp::PingBinding* wanted)>;
  base::Error BindPing(PingSocket* socket, const PingEdit& edit);
  base::Error UnbindPing(const PingSocket& socket);
  base::Error AddRawSocket(icmp::Socket* socket);
  base::Error RemoveRawSocket(icmp::Socket* socket);
  // Sends a request by the way that there is; an unspecified source is chosen.
  // A bare status: this is the data path. kNoRoute: there is no way;
  // kInvalidArgument: to a broadcast address.
  base::Status SendPing(uint32_t nic, ip::EchoRequest request) noexcept;
  // Which address a ping to `remote` would come from; `*local` unspecified: any.
  // Fails as SendPing().
  base::Status FindSource(wire::Family family, uint32_t nic, wire::Address remote,
                          wire::Address* local) noexcept;

  // Runs due timers, then reads every device that nobody else serves until it
  // is drained or a fair share was read.
  base::Error Poll(size_t* packets);
  // Does so until Stop(); kBusy if other loops have every device already.
  base::Error Run();
  // For good. Safe in signal handlers.
  void Stop() noexcept;
  [[nodiscard]] bool stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }
  [[nodiscard]] int descriptor() const noexcept { return poller_.descriptor(); }
  // Whether there is something to do for Poll(), though maybe not by this thread.
  [[nodiscard]] bool ready() const noexcept { return poller_.ready(); }
  [[nodiscard]] uint64_t next_deadline() const noexcept { return timers_.next_deadline(); }
  [[nodiscard]] base::Clock& clock() const noexcept { return *options_.clock; }

  // Runs `task` at `deadline`, in Poll() or Run().
  base::Timers::Id SetTimer(uint64_t deadline, base::Timers::Task task);
  bool CancelTimer(base::Timers::Id id) noexcept { return timers_.Cancel(id); }

  // Every counter by its dotted name. `visit` returns false to end it.
  using CounterVisitor = std::function<bool(const char* name, uint64_t value)>;
  void ForEachCounter(const CounterVisitor& visit);
  base::Error GetCounter(std::string_view name, uint64_t* value);

 private:
  friend class Change;
  using NicEdit = std::function<base::Error(Change& change, Nic& nic)>;

  explicit Stack(StackOptions options);

  void RunAt(uint64_t deadline, base::Timers::Task task) override;
  void OnNic(uint32_t nic, const Work& work) override;

  // AddNic(), but for what becomes of `*made` after a failure.
  base::Error MakeNic(uint32_t id, link::Link* link, const NicOptions& options,
                      std::shared_ptr<Nic>* made);
  // Finds the NIC, lets `edit` change it, and publishes if that went well.
  base::Error EditNic(uint32_t nic, const NicEdit& edit);
  base::Error Step(bool quiet, size_t* packets);
  void TakeWake() noexcept;
  base::Error ServeDevice(base::ThreadRecord& thread, Nic& nic, size_t* packets);
  base::Error RunMain();
  base::Error RunDevice(const std::shared_ptr<Nic>& nic);
  std::vector<std::shared_ptr<Nic>> Nics();
  void AddUpLeaving() noexcept;  // under the lock
  base::Error Closed() const;

  StackOptions options_;
  const uint64_t hash_seed_;
  const base::Origin origin_;
  ip::Shared shared_;
  base::Timers timers_;
  Poller poller_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> stopped_{false};
  base::Role main_loop_;
  std::atomic<uint32_t> loops_to_end_{0};  // of removed NICs' devices

  // What packets read. Replaced under the lock, which no packet takes.
  Nic::Published published_{nullptr};
  std::mutex mutex_;
  std::vector<std::shared_ptr<Nic>> nics_;                    // by slot; null: free
  std::vector<std::shared_ptr<ip::NicCounters>> leaving_;     // of removed NICs, maybe in use
  std::array<uint64_t, ip::kCounterCount> removed_counts_{};  // of NICs that are gone
};

}  // namespace netstack::stack

#endif  // NETSTACK_STACK_STACK_H_
