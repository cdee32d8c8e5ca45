// A ping socket as its owner has it: an identifier, whom it talks to, and how.
#ifndef NETSTACK_STACK_PING_SOCKET_H_
#define NETSTACK_STACK_PING_SOCKET_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "netstack/base/ref.h"
#include "netstack/base/status.h"
#include "netstack/base/user_data.h"
#include "netstack/icmp/socket.h"
#include "netstack/icmp/socket_table.h"
#include "netstack/stack/stack.h"
#include "netstack/wire/address.h"

namespace netstack::stack {

struct PingSocketOptions {
  icmp::SocketOptions socket;
  uint8_t ttl = 0;  // or Hop Limit; 0: the stack's default
  uint8_t tos = 0;  // or Traffic Class
};

// An address as sockets name it: a link-local one may say which NIC's link it is
// of (RFC 4007 6). 0: not told.
struct ZonedAddress {
  wire::Address address;
  uint32_t nic = 0;
};

// Any thread may call anything. The stack may go first: then everything is
// kClosed. Every caller holds a base::Entry.
class PingSocket {
 public:
  static base::Error Open(const std::shared_ptr<Stack>& stack, const PingSocketOptions& options,
                          base::UserData user_data, std::unique_ptr<PingSocket>* out);
  PingSocket(const PingSocket&) = delete;
  PingSocket& operator=(const PingSocket&) = delete;
  ~PingSocket() { Close(); }

  // From here on it takes nothing, and its identifier is free; calls that are
  // under way finish.
  void Close() noexcept;

  [[nodiscard]] wire::Family family() const noexcept { return socket_->family(); }

  // `local` unspecified: every address; `identifier` 0: a free one. kBusy also
  // if the socket is bound already.
  base::Error Bind(const ZonedAddress& local, uint16_t identifier);
  // Sends only there and receives only from there; binds if need be. From here
  // on the socket has the local address that is used for that peer.
  base::Error Connect(const ZonedAddress& peer);

  // `destination` unspecified: the peer. Binds if need be.
  base::Status Send(ZonedAddress destination, uint16_t sequence, std::span<const uint8_t> payload);
  // The oldest Echo Reply, whose reference the caller owns. kWouldBlock: none.
  base::Status Receive(packet::KeptPacket** out) noexcept;

  // Whether the stack is gone.
  [[nodiscard]] bool closed() const noexcept { return Find() == nullptr; }
  // Nothing: not bound.
  [[nodiscard]] std::optional<icmp::PingBinding> binding() const noexcept;

  // For the stack, which calls it under its lock.
  void SetBinding(const icmp::PingBinding& binding) noexcept;
  [[nodiscard]] icmp::Socket& receiver() const noexcept { return *socket_.get(); }

 private:
  PingSocket(const std::shared_ptr<Stack>& stack, const PingSocketOptions& options,
             base::UserData user_data);

  // The stack, if it is still there.
  [[nodiscard]] std::shared_ptr<Stack> Find() const noexcept;

  const std::weak_ptr<Stack> stack_;
  const uint8_t ttl_;
  const uint8_t tos_;
  base::Ref<icmp::Socket> socket_;
  mutable std::mutex mutex_;  // for the next one alone; nothing is called under it
  std::optional<icmp::PingBinding> binding_;
};

}  // namespace netstack::stack

#endif  // NETSTACK_STACK_PING_SOCKET_H_
