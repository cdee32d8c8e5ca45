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

bool IsBroadcast(const ip::Configuration& configuration, wire::Family family, uint32_t nic,
                 wire::Address address) noexcept {
  for (const auto& interface : configuration.interfaces) {
    if (interface == nullptr || (nic != 0 && interface->id != nic)) continue;
    if (interface->of(family).addresses.Find(address).broadcast()) return true;
  }
  return family == wire::Family::kIpv4 && address == wire::kIpv4Broadcast;
}

// Never seen on a wire: RFC 1122 3.2.1.3 g, RFC 4291 2.5.3 and 2.5.5.2.
bool StaysInAHost(const ip::Configuration& configuration, wire::Family family,
                  wire::Address address) noexcept {
  if (family == wire::Family::kIpv6 && wire::IsIpv4Mapped(address)) return true;
  const bool loopback = family == wire::Family::kIpv4 ? wire::IsIpv4Loopback(address)
                                                      : address == wire::kIpv6Loopback;
  return loopback && !configuration.allow_loopback;
}

Error CheckLocal(const ip::Configuration& configuration, const icmp::Socket& socket,
                 const icmp::PingBinding& binding) {
  const wire::Address local = binding.local;
  if (local.unspecified()) return {};
  const std::string text = "the address " + wire::Format(socket.family(), local);
  if (wire::IsMulticast(socket.family(), local)) return Invalid(text + " is a multicast address");
  const uint32_t nic = icmp::NicOf(binding, socket);
  const bool another = binding.nic != 0 && binding.nic != nic;
  if (!another && IsAssigned(configuration, socket.family(), nic, local)) return {};
  if (IsBroadcast(configuration, socket.family(), nic, local)) {
    return Invalid(text + " is a broadcast address");
  }
  return {Status::kNotFound,
          text + " is not assigned on " + (nic == 0 ? "any NIC" : "NIC " + std::to_string(nic))};
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

// The way that a ping takes. kNoRoute: there is none; kInvalidArgument: to a
// broadcast address.
Status FindWay(const ip::Configuration& configuration, wire::Family family, uint32_t nic,
               wire::Address local, wire::Address remote, ip::Departure* way) noexcept {
  if (StaysInAHost(configuration, family, remote)) return Status::kNoRoute;
  *way = ip::FindDeparture(configuration, family, nic, local, remote);
  const uint32_t by = way->interface != nullptr ? way->interface->id : nic;
  if (IsBroadcast(configuration, family, by, remote)) return Status::kInvalidArgument;
  return way->interface != nullptr ? Status::kOk : Status::kNoRoute;
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
    if (Error error = CheckLocal(change.draft(), receiver, wanted); !error.ok()) return error;
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

Status Stack::FindSource(wire::Family family, uint32_t nic, wire::Address remote,
                         wire::Address* local) noexcept {
  const ip::Configuration& configuration = *published_.load(std::memory_order_acquire);
  ip::Departure way;
  const Status status = FindWay(configuration, family, nic, *local, remote, &way);
  if (status == Status::kOk) *local = way.source;
  return status;
}

Status Stack::SendPing(uint32_t nic, ip::EchoRequest request) noexcept {
  base::ThreadRecord* const thread = base::ThreadRecord::Current();
  if (thread == nullptr) return Status::kNoMemory;
  if (closed()) return Status::kClosed;
  const ip::Configuration& configuration = *published_.load(std::memory_order_acquire);
  ip::Departure way;
  const Status status =
      FindWay(configuration, request.family, nic, request.source, request.destination, &way);
  if (status != Status::kOk) return status;
  request.source = way.source;
  if (request.family == wire::Family::kIpv4) {
    // gVisor's is never 0 either.
    request.identification = static_cast<uint16_t>(1 + options_.random->Next() % 0xffff);
  }
  const ip::Context context{*thread, configuration, *way.interface,
                            way.interface->counters->ForThread(*thread)};
  return ip::SendEchoRequest(context, request);
}

}  // namespace netstack::stack
