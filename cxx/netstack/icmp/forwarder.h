// The embedder's handler for Echo Requests, and its place in a stack.
#ifndef NETSTACK_ICMP_FORWARDER_H_
#define NETSTACK_ICMP_FORWARDER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "netstack/base/origin.h"
#include "netstack/base/ref.h"
#include "netstack/base/user_data.h"
#include "netstack/base/waker.h"
#include "netstack/icmp/socket_table.h"
#include "netstack/ip/echo.h"

namespace netstack::icmp {

// Returns 0: declined, 1: consumed; anything else is a failure of the handler.
using Handler = int32_t (*)(void* user_data, uint64_t request);

// A handler and what belongs to it. Counted: its maker and every stack that
// has it installed hold it.
class Forwarder {
 public:
  Forwarder(Handler handler, base::UserData user_data, bool echo_replies) noexcept
      : handler_(handler), user_data_(std::move(user_data)), echo_replies_(echo_replies) {}
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  void Ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  // Whether it also sees Echo Replies that nobody else wanted.
  [[nodiscard]] bool echo_replies() const noexcept { return echo_replies_; }
  // Made before a fork by the parent process, whose it still is.
  [[nodiscard]] bool inherited() const noexcept { return origin_.inherited(); }
  [[nodiscard]] int32_t Call(uint64_t request) const noexcept {
    return handler_(user_data_.get(), request);
  }

 private:
  ~Forwarder() = default;

  std::atomic<uint32_t> references_{1};
  const Handler handler_;
  const base::UserData user_data_;
  const bool echo_replies_;
  const base::Origin origin_;
};

// A forwarder in one stack and family. Removal marks it, waits until no thread
// runs it, and lets the forwarder go.
class Installation {
 public:
  explicit Installation(Forwarder* forwarder) noexcept : forwarder_(forwarder) {}
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;
  ~Installation() = default;

  // From here on packets that still see this one go to `successor`, or to
  // nobody. It lives longer: it is retired later.
  void Supersede(const Installation* successor) noexcept {
    successor_ = successor;
    superseded_.store(true, std::memory_order_release);
  }
  // After the last call: drops the forwarder.
  void Release() noexcept { forwarder_ = {}; }

  [[nodiscard]] bool superseded() const noexcept {
    return superseded_.load(std::memory_order_acquire);
  }
  [[nodiscard]] const Installation* successor() const noexcept { return successor_; }
  [[nodiscard]] const Forwarder& forwarder() const noexcept { return *forwarder_.get(); }

 private:
  base::Ref<Forwarder> forwarder_;
  std::atomic<bool> superseded_{false};
  const Installation* successor_ = nullptr;
};

// What stands above IP: sockets, and the handlers by family.
class Dispatcher final : public ip::UpperLayer {
 public:
  using Installations = std::array<std::shared_ptr<Installation>, 2>;

  // `waker` is told when a socket has something to receive; it lives longer.
  Dispatcher(Installations installations, SocketTable sockets, const base::Waker& waker) noexcept
      : installations_(std::move(installations)), sockets_(std::move(sockets)), waker_(waker) {
    for (const wire::Family family : {wire::Family::kIpv4, wire::Family::kIpv6}) {
      const size_t i = wire::Index(family);
      wants_echoes_[i] = installations_[i] != nullptr || sockets_.has_pings(family);
      wants_copies_[i] = !sockets_.raw(family).empty();
    }
  }

  [[nodiscard]] const Installations& installations() const noexcept { return installations_; }
  [[nodiscard]] const SocketTable& sockets() const noexcept { return sockets_; }

  // A ping socket that an echo is for comes before any handler.
  [[nodiscard]] ip::Verdict OnEcho(ip::Echo& echo) const noexcept override;
  void OnCopy(const ip::Context& context, const packet::Packet& packet) const noexcept override;

 private:
  void DeliverTo(Socket* socket, const ip::Echo& echo) const noexcept;
  [[nodiscard]] bool Queue(Socket* socket, const ip::Context& context,
                           const packet::Packet& packet) const noexcept;

  const Installations installations_;
  const SocketTable sockets_;
  const base::Waker& waker_;
};

}  // namespace netstack::icmp

#endif  // NETSTACK_ICMP_FORWARDER_H_
