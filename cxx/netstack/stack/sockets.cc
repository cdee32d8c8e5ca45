// The stack's side of sockets: who has which identifier, and the way out of
// what they send.
#include <optional>
#include <string>

#include "netstack/ip/output.h"
#include "netstack/stack/change.h"
#include "netstack/stack/ping_socket.h"
#include "netstack/stack/stack.h"
#include "netstack/wire/text.h"

namespace netstack::stack {

using base::Error;
using base::Invalid;
using base::Status;

namespace {

// Where identifiers are taken from that nobody asked for, as gVisor does.
constexpr uint32_t kFirstFree = 16'000;
constexpr uint32_t kFree = 65'536 - kFirstFree;

bool IsAssigned(const ip::Configuration& configuration, wire::Family family, uint32_t nic,
                wire::Address address) noexcept {
  for (const auto& interface : configuration.interfaces) {
    if (interface == nullptr || (nic != 0 && interface->id != nic)) continue;
    if (interface->of(family).addresses.Find(address).assigned()) return true;
  }
  return false;
}

Error CheckLocal(const ip::Configuration& configuration, const icmp::Socket& socket,
                 wire::Address local) {
  if (local.unspecified()) return {};
  const std::string text = "the address " + wire::Format(socket.family(), local);
  if (wire::IsMulticast(socket.family(), local)) return Invalid(text + " is a multicast address");
  if (IsAssigned(configuration, socket.family(), socket.nic(), local)) return {};
  return {Status::kNotFound,
          text + " is not assigned on " +
              (socket.nic() == 0 ? "any NIC" : "NIC " + std::to_string(socket.nic()))};
}

// An identifier that overlaps with nobody's, beginning anywhere.
bool ChooseIdentifier(const icmp::SocketTable& sockets, const icmp::Socket& socket, uint64_t start,
                      icmp::PingBinding* binding) noexcept {
  for (uint32_t i = 0; i < kFree; ++i) {
    binding->identifier = static_cast<uint16_t>(kFirstFree + (start + i) % kFree);
    if (!sockets.Overlaps(socket, *binding)) return true;
  }
  return false;
}

}  // namespace

// What the socket says of itself changes under the lock, so that two threads
// that bind it come one after the other. Random numbers may be users', so they
// are drawn without it: who draws them may be configuring, or freeing the socket.
Error Stack::BindPing(PingSocket* socket, const PingEdit& edit) {
  const icmp::Socket& receiver = socket->receiver();
  for (std::optional<uint64_t> start;; start = options_.random->Next() % kFree) {
    Change change(*this);
    if (closed()) return Closed();
    if (receiver.closed()) return {Status::kClosed, "the socket was freed"};
    const std::optional<icmp::PingBinding> former = socket->binding();
    icmp::PingBinding wanted = former.value_or(icmp::PingBinding{});
    if (Error error = edit(former, &wanted); !error.ok()) return error;
    if (Error error = CheckLocal(change.draft(), receiver, wanted.local); !error.ok()) {
      return error;
    }
    Change::Upper upper = change.upper();
    if (wanted.identifier != 0 && upper.sockets.Overlaps(receiver, wanted)) {
      return {Status::kBusy, "the identifier " + std::to_string(wanted.identifier) +
                                 " is in use by another ping socket"};
    }
    if (wanted.identifier == 0) {
      if (!start) continue;
      if (!ChooseIdentifier(upper.sockets, receiver, *start, &wanted)) {
        return {Status::kLimited, "every identifier is in use"};
      }
    }
    upper.sockets.Bind(&socket->receiver(), wanted);
    change.SetUpper(std::move(upper));
    socket->SetBinding(wanted);
    change.Commit(false);
    return {};
  }
}

Error Stack::UnbindPing(const PingSocket& socket) {
  Change change(*this);
  if (closed()) return Closed();
  const std::optional<icmp::PingBinding> binding = socket.binding();
  if (!binding) return {};
  Change::Upper upper = change.upper();
  upper.sockets.Unbind(&socket.receiver(), binding->identifier);
  change.SetUpper(std::move(upper));
  change.Commit(true);
  return {};
}

Error Stack::AddRawSocket(icmp::Socket* socket) {
  Change change(*this);
  if (closed()) return Closed();
  Change::Upper upper = change.upper();
  upper.sockets.AddRaw(socket);
  change.SetUpper(std::move(upper));
  change.Commit(false);
  return {};
}

Error Stack::RemoveRawSocket(icmp::Socket* socket) {
  Change change(*this);
  if (closed()) return Closed();
  Change::Upper upper = change.upper();
  upper.sockets.RemoveRaw(socket);
  change.SetUpper(std::move(upper));
  change.Commit(true);
  return {};
}

std::optional<wire::Address> Stack::SourceFor(wire::Family family, uint32_t nic,
                                              wire::Address local, wire::Address remote) noexcept {
  const ip::Configuration& configuration = *published_.load(std::memory_order_acquire);
  const ip::Departure way = ip::FindDeparture(configuration, family, nic, local, remote);
  if (way.interface == nullptr) return std::nullopt;
  return way.source;
}

Status Stack::SendPing(uint32_t nic, ip::EchoRequest request) noexcept {
  base::ThreadRecord* const thread = base::ThreadRecord::Current();
  if (thread == nullptr) return Status::kNoMemory;
  if (closed()) return Status::kClosed;
  const ip::Configuration& configuration = *published_.load(std::memory_order_acquire);
  const ip::Departure way =
      ip::FindDeparture(configuration, request.family, nic, request.source, request.destination);
  if (way.interface == nullptr) return Status::kNoRoute;
  if (way.interface->of(request.family).addresses.Find(request.destination).broadcast()) {
    return Status::kInvalidArgument;
  }
  request.source = way.source;
  // gVisor's is never 0 either.
  while (request.family == wire::Family::kIpv4 && request.identification == 0) {
    request.identification = static_cast<uint16_t>(options_.random->Next());
  }
  const ip::Context context{*thread, configuration, *way.interface,
                            way.interface->counters->ForThread(*thread)};
  return ip::SendEchoRequest(context, request);
}

}  // namespace netstack::stack
