// Who answers behind a device: each a process of its own, in the network
// namespace of its maker.
#ifndef NETSTACK_TESTS_BENCH_TUN_SERVER_H_
#define NETSTACK_TESTS_BENCH_TUN_SERVER_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace bench {

// The network number N is 10.77.N.0/24 and fd77:N::/64: our side is 1, the server 2.
class TunServer {
 public:
  // The kernel itself, at the other end of a pair of virtual Ethernet devices.
  static TunServer Kernel(unsigned network);
  // A plain loop: read, answer, write.
  static TunServer Floor(unsigned network);
  // ns_stack_run(), with a handler that replies.
  static TunServer Netstack(unsigned network);

  TunServer(TunServer&& other) noexcept;
  TunServer& operator=(TunServer&&) = delete;
  ~TunServer();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string Address(bool is_ipv6) const;
  void PinTo(unsigned core) const;
  // What the process has used so far, in nanoseconds. The kernel's answer uses
  // nothing of its process.
  [[nodiscard]] uint64_t CpuTime() const;
  [[nodiscard]] bool HasProcess() const { return has_process_; }

 private:
  // Runs `serve` in a child and waits until it calls what it is given.
  using Serve = std::function<void(const std::function<void()>& is_ready)>;
  TunServer(std::string name, unsigned network, const Serve& serve);

  std::string name_;
  unsigned network_;
  bool has_process_ = true;
  pid_t child_ = -1;
};

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_TUN_SERVER_H_
