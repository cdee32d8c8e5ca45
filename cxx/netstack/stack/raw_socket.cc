#include "netstack/stack/raw_socket.h"

#include <utility>

namespace netstack::stack {

using base::Error;
using base::Status;

Error RawSocket::Open(const std::shared_ptr<Stack>& stack, const icmp::SocketOptions& options,
                      base::UserData user_data, std::unique_ptr<RawSocket>* out) {
  std::unique_ptr<RawSocket> made(new RawSocket(stack, options, std::move(user_data)));
  if (Error error = stack->AddRawSocket(made->socket_.get()); !error.ok()) return error;
  *out = std::move(made);
  return {};
}

RawSocket::RawSocket(const std::shared_ptr<Stack>& stack, const icmp::SocketOptions& options,
                     base::UserData user_data)
    : stack_(stack) {
  auto* const made = new icmp::Socket(options, std::move(user_data));
  socket_ = base::Ref<icmp::Socket>(made);
  made->Unref();
}

// Without memory for a new configuration the old one goes on naming a socket
// that takes nothing.
void RawSocket::Close() noexcept {
  if (socket_->closed()) return;
  socket_->Close();
  const std::shared_ptr<Stack> stack = stack_.lock();
  if (stack == nullptr || stack->closed()) return;
  try {
    static_cast<void>(stack->RemoveRawSocket(socket_.get()));
  } catch (const std::bad_alloc&) {
  }
}

Status RawSocket::Receive(packet::KeptPacket** out) noexcept {
  *out = nullptr;
  const std::shared_ptr<Stack> stack = stack_.lock();
  if (stack == nullptr || stack->closed()) return Status::kClosed;
  *out = socket_->queue().Pop();
  return *out != nullptr ? Status::kOk : Status::kWouldBlock;
}

}  // namespace netstack::stack
