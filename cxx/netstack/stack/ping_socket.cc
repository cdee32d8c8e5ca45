#include "netstack/stack/ping_socket.h"

#include <string>
#include <utility>

#include "netstack/wire/text.h"

namespace netstack::stack {

using base::Error;
using base::Invalid;
using base::Status;

namespace {

Error NotOneHost(wire::Family family, wire::Address peer) {
  return Invalid("the peer " + wire::Format(family, peer) + " is not one host");
}

// Of two NICs, 0 being any, the one that both mean; false: there is none.
bool Narrow(uint32_t nic, uint32_t* to) noexcept {
  if (nic == 0 || nic == *to) return true;
  if (*to != 0) return false;
  *to = nic;
  return true;
}

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

Error PingSocket::Bind(const ZonedAddress& local, uint16_t identifier) {
  const std::shared_ptr<Stack> stack = Find();
  if (stack == nullptr) return Gone();
  return stack->BindPing(
      this,
      [&](const std::optional<icmp::PingBinding>& former, icmp::PingBinding* wanted) -> Error {
        if (former) {
          return {Status::kBusy, "the socket is bound already, to identifier " +
                                     std::to_string(former->identifier)};
        }
        *wanted = {identifier, local.address, {}, local.nic};
        return {};
      });
}

Error PingSocket::Connect(const ZonedAddress& peer) {
  if (peer.address.unspecified()) return Invalid("the peer is the unspecified address");
  if (wire::IsMulticast(family(), peer.address)) return NotOneHost(family(), peer.address);
  const std::shared_ptr<Stack> stack = Find();
  if (stack == nullptr) return Gone();
  return stack->BindPing(
      this, [&](const std::optional<icmp::PingBinding>&, icmp::PingBinding* wanted) -> Error {
        Status status = Status::kNoRoute;
        if (Narrow(socket_->nic(), &wanted->nic) && Narrow(peer.nic, &wanted->nic)) {
          status = stack->FindSource(family(), wanted->nic, peer.address, &wanted->local);
        }
        if (status == Status::kInvalidArgument) return NotOneHost(family(), peer.address);
        if (status != Status::kOk) {
          return {status, "there is no way to " + wire::Format(family(), peer.address)};
        }
        wanted->remote = peer.address;
        return {};
      });
}

Status PingSocket::Send(ZonedAddress destination, uint16_t sequence,
                        std::span<const uint8_t> payload) {
  const std::shared_ptr<Stack> stack = Find();
  if (stack == nullptr) return Status::kClosed;
  std::optional<icmp::PingBinding> bound = binding();
  if (destination.address.unspecified() && bound) destination = {bound->remote, bound->nic};
  if (destination.address.unspecified()) return Status::kInvalidArgument;
  if (!Narrow(socket_->nic(), &destination.nic)) return Status::kNoRoute;
  if (!bound) {
    // What can't be sent shall not bind.
    wire::Address any;
    const Status status = stack->FindSource(family(), destination.nic, destination.address, &any);
    if (status != Status::kOk) return status;
    const Error error = stack->BindPing(
        this, [](const std::optional<icmp::PingBinding>&, icmp::PingBinding*) { return Error{}; });
    if (!error.ok()) return error.status();
    bound = binding();
  }
  if (!Narrow(bound->nic, &destination.nic)) return Status::kNoRoute;
  ip::EchoRequest request;
  request.family = family();
  request.source = bound->local;
  request.destination = destination.address;
  request.ttl = ttl_;
  request.tos = tos_;
  request.identifier = bound->identifier;
  request.sequence = sequence;
  request.payload = payload;
  return stack->SendPing(destination.nic, request);
}

Status PingSocket::Receive(packet::KeptPacket** out) noexcept {
  *out = nullptr;
  if (Find() == nullptr) return Status::kClosed;
  *out = socket_->queue().Pop();
  return *out != nullptr ? Status::kOk : Status::kWouldBlock;
}

}  // namespace netstack::stack
