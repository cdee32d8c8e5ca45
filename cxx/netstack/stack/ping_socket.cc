#include "netstack/stack/ping_socket.h"

#include <string>
#include <utility>

#include "netstack/wire/text.h"

namespace netstack::stack {

using base::Error;
using base::Invalid;
using base::Status;

namespace {

Error Gone() { return {Status::kClosed, "the socket's stack is closed"}; }

}  // namespace

Error PingSocket::Open(const std::shared_ptr<Stack>& stack, const PingSocketOptions& options,
                       base::UserData user_data, std::unique_ptr<PingSocket>* out) {
  if (stack->closed()) return Gone();
  out->reset(new PingSocket(stack, options, std::move(user_data)));
  return {};
}

PingSocket::PingSocket(const std::shared_ptr<Stack>& stack, const PingSocketOptions& options,
                       base::UserData user_data)
    : stack_(stack), ttl_(options.ttl), tos_(options.tos) {
  auto* const made = new icmp::Socket(options.socket, std::move(user_data));
  socket_ = base::Ref<icmp::Socket>(made);
  made->Unref();
}

// Without memory for a new configuration the old one goes on naming a socket
// that takes nothing.
void PingSocket::Close() noexcept {
  if (socket_->closed()) return;
  socket_->Close();
  const std::shared_ptr<Stack> stack = Find();
  if (stack == nullptr) return;
  try {
    static_cast<void>(stack->UnbindPing(*this));
  } catch (const std::bad_alloc&) {
  }
}

std::shared_ptr<Stack> PingSocket::Find() const noexcept {
  std::shared_ptr<Stack> stack = stack_.lock();
  return stack != nullptr && !stack->closed() ? stack : nullptr;
}

std::optional<icmp::PingBinding> PingSocket::binding() const noexcept {
  const std::lock_guard lock(mutex_);
  return binding_;
}

void PingSocket::SetBinding(const icmp::PingBinding& binding) noexcept {
  const std::lock_guard lock(mutex_);
  binding_ = binding;
}

Error PingSocket::Bind(wire::Address local, uint16_t identifier) {
  const std::shared_ptr<Stack> stack = Find();
  if (stack == nullptr) return Gone();
  return stack->BindPing(
      this,
      [&](const std::optional<icmp::PingBinding>& former, icmp::PingBinding* wanted) -> Error {
        if (former) {
          return {Status::kBusy, "the socket is bound already, to identifier " +
                                     std::to_string(former->identifier)};
        }
        *wanted = {identifier, local, {}};
        return {};
      });
}

Error PingSocket::Connect(wire::Address peer) {
  if (peer.unspecified()) return Invalid("the peer is the unspecified address");
  if (wire::IsMulticast(family(), peer) ||
      (family() == wire::Family::kIpv4 && peer == wire::kIpv4Broadcast)) {
    return Invalid("the peer " + wire::Format(family(), peer) + " is not one host");
  }
  const std::shared_ptr<Stack> stack = Find();
  if (stack == nullptr) return Gone();
  return stack->BindPing(
      this, [&](const std::optional<icmp::PingBinding>&, icmp::PingBinding* wanted) -> Error {
        const auto source = stack->SourceFor(family(), socket_->nic(), wanted->local, peer);
        if (!source) {
          return {Status::kNoRoute, "there is no way to " + wire::Format(family(), peer)};
        }
        wanted->local = *source;
        wanted->remote = peer;
        return {};
      });
}

Status PingSocket::Send(wire::Address destination, uint16_t sequence,
                        std::span<const uint8_t> payload) {
  const std::shared_ptr<Stack> stack = Find();
  if (stack == nullptr) return Status::kClosed;
  std::optional<icmp::PingBinding> bound = binding();
  if (destination.unspecified() && bound) destination = bound->remote;
  if (destination.unspecified()) return Status::kInvalidArgument;
  if (!bound) {
    // What can't be sent shall not bind.
    if (!stack->SourceFor(family(), socket_->nic(), {}, destination)) return Status::kNoRoute;
    const Error error = stack->BindPing(
        this, [](const std::optional<icmp::PingBinding>&, icmp::PingBinding*) { return Error{}; });
    if (!error.ok()) return error.status();
    bound = binding();
  }
  ip::EchoRequest request;
  request.family = family();
  request.source = bound->local;
  request.destination = destination;
  request.ttl = ttl_;
  request.tos = tos_;
  request.identifier = bound->identifier;
  request.sequence = sequence;
  request.payload = payload;
  return stack->SendPing(socket_->nic(), request);
}

Status PingSocket::Receive(packet::KeptPacket** out) noexcept {
  *out = nullptr;
  if (Find() == nullptr) return Status::kClosed;
  *out = socket_->queue().Pop();
  return *out != nullptr ? Status::kOk : Status::kWouldBlock;
}

}  // namespace netstack::stack
