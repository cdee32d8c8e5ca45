#include "netstack/icmp/socket_table.h"

#include <algorithm>

namespace netstack::icmp {

namespace {

bool Meets(wire::Address bound, wire::Address actual) noexcept {
  return bound.unspecified() || bound == actual;
}

// How much a binding says, most first in the reference's order.
uint32_t Rank(const PingBinding& binding, const Socket& socket) noexcept {
  return (binding.remote.unspecified() ? 0u : 4u) + (binding.local.unspecified() ? 0u : 2u) +
         (NicOf(binding, socket) == 0 ? 0u : 1u);
}

}  // namespace

Socket* SocketTable::FindBest(const packet::Packet& packet, uint16_t identifier) const noexcept {
  const std::vector<Entry>* const entries = Find(packet.family, identifier);
  if (entries == nullptr) return nullptr;
  const Entry* best = nullptr;
  for (const Entry& entry : *entries) {
    const uint32_t nic = entry.binding.nic;
    if (!entry.socket->Takes(packet.nic) || (nic != 0 && nic != packet.nic) ||
        !Meets(entry.binding.local, packet.destination) ||
        !Meets(entry.binding.remote, packet.source)) {
      continue;
    }
    if (best == nullptr ||
        Rank(entry.binding, *entry.socket.get()) > Rank(best->binding, *best->socket.get())) {
      best = &entry;
    }
  }
  return best != nullptr ? best->socket.get() : nullptr;
}

bool SocketTable::Overlaps(const Socket& socket, const PingBinding& binding) const noexcept {
  const std::vector<Entry>* const entries = Find(socket.family(), binding.identifier);
  if (entries == nullptr) return false;
  const uint32_t nic = NicOf(binding, socket);
  return std::any_of(entries->begin(), entries->end(), [&](const Entry& other) {
    if (other.socket.get() == &socket || other.socket->closed()) return false;
    const uint32_t theirs = NicOf(other.binding, *other.socket.get());
    const bool other_nic = nic != 0 && theirs != 0 && nic != theirs;
    return !other_nic &&
           (Meets(binding.local, other.binding.local) || other.binding.local.unspecified());
  });
}

void SocketTable::Bind(Socket* socket, const PingBinding& binding) {
  const std::vector<Entry>* const old = Find(socket->family(), binding.identifier);
  std::vector<Entry> entries = old != nullptr ? *old : std::vector<Entry>{};
  std::erase_if(entries, [&](const Entry& e) { return e.socket.get() == socket; });
  entries.push_back({binding, base::Ref<Socket>(socket)});
  pings_[wire::Index(socket->family())].Set(Key(binding.identifier), kKeyLength,
                                            std::move(entries));
}

void SocketTable::Unbind(const Socket* socket, uint16_t identifier) {
  const std::vector<Entry>* const old = Find(socket->family(), identifier);
  if (old == nullptr) return;
  std::vector<Entry> entries = *old;
  std::erase_if(entries, [&](const Entry& e) { return e.socket.get() == socket; });
  Pings& pings = pings_[wire::Index(socket->family())];
  if (entries.empty()) {
    pings.Erase(Key(identifier), kKeyLength);
  } else {
    pings.Set(Key(identifier), kKeyLength, std::move(entries));
  }
}

void SocketTable::AddRaw(Socket* socket) {
  raw_[wire::Index(socket->family())].emplace_back(socket);
}

void SocketTable::RemoveRaw(const Socket* socket) {
  std::erase_if(raw_[wire::Index(socket->family())],
                [&](const base::Ref<Socket>& each) { return each.get() == socket; });
}

bool SocketTable::empty() const noexcept {
  return pings_[0].empty() && pings_[1].empty() && raw_[0].empty() && raw_[1].empty();
}

}  // namespace netstack::icmp
