// A raw ICMP socket as its owner has it: copies of what comes in, to be read.
#ifndef NETSTACK_STACK_RAW_SOCKET_H_
#define NETSTACK_STACK_RAW_SOCKET_H_

#include <memory>

#include "netstack/base/ref.h"
#include "netstack/base/status.h"
#include "netstack/base/user_data.h"
#include "netstack/icmp/socket.h"
#include "netstack/stack/stack.h"

namespace netstack::stack {

// Any thread may call anything. The stack may go first: then everything is
// kClosed. Every caller holds a base::Entry.
class RawSocket {
 public:
  // From here on it gets its copies.
  static base::Error Open(const std::shared_ptr<Stack>& stack, const icmp::SocketOptions& options,
                          base::UserData user_data, std::unique_ptr<RawSocket>* out);
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket() { Close(); }

  // From here on it takes nothing; calls that are under way finish.
  void Close() noexcept;

  // The oldest packet, whose reference the caller owns. kWouldBlock: none.
  base::Status Receive(packet::KeptPacket** out) noexcept;

 private:
  RawSocket(const std::shared_ptr<Stack>& stack, const icmp::SocketOptions& options,
            base::UserData user_data);

  const std::weak_ptr<Stack> stack_;
  base::Ref<icmp::Socket> socket_;
};

}  // namespace netstack::stack

#endif  // NETSTACK_STACK_RAW_SOCKET_H_
