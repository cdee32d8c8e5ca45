// Which socket a packet is for. Part of the configuration: copies share what
// they have in common, and packets look without a lock.
#ifndef NETSTACK_ICMP_SOCKET_TABLE_H_
#define NETSTACK_ICMP_SOCKET_TABLE_H_

#include <array>
#include <cstdint>
#include <vector>

#include "netstack/base/ref.h"
#include "netstack/icmp/socket.h"
#include "netstack/ip/prefix_tree.h"
#include "netstack/packet/packet.h"
#include "netstack/wire/address.h"
#include "netstack/wire/icmp.h"

namespace netstack::icmp {

// Which echoes are a ping socket's.
struct PingBinding {
  uint16_t identifier = 0;
  wire::Address local;   // unspecified: any of ours
  wire::Address remote;  // unspecified: not connected
  uint32_t nic = 0;      // whose link the addresses are of; 0: not told
};

// The only NIC that a socket with that binding is about; 0: none.
inline uint32_t NicOf(const PingBinding& binding, const Socket& socket) noexcept {
  return socket.nic() != 0 ? socket.nic() : binding.nic;
}

class SocketTable {
 public:
  using Sockets = std::vector<base::Ref<Socket>>;

  // The ping socket that an echo is for, or null. The one that says most about
  // it: both addresses, then the remote, then the local one, then none; of those
  // that say the same the one with a NIC (reference, 4.4).
  [[nodiscard]] Socket* FindPing(const packet::Packet& packet) const noexcept {
    if (pings_[wire::Index(packet.family)].empty()) [[likely]]
      return nullptr;
    return FindBest(packet, wire::IcmpView(packet.payload()).identifier());
  }
  [[nodiscard]] bool has_pings(wire::Family family) const noexcept {
    return !pings_[wire::Index(family)].empty();
  }
  // Whether somebody else has some of the echoes that `socket` would have.
  [[nodiscard]] bool Overlaps(const Socket& socket, const PingBinding& binding) const noexcept;

  // Both throw std::bad_alloc, after which the table may only be destroyed.
  // Binding again replaces the socket's former binding.
  void Bind(Socket* socket, const PingBinding& binding);
  void Unbind(const Socket* socket, uint16_t identifier);

  [[nodiscard]] const Sockets& raw(wire::Family family) const noexcept {
    return raw_[wire::Index(family)];
  }
  void AddRaw(Socket* socket);
  void RemoveRaw(const Socket* socket);

  [[nodiscard]] bool empty() const noexcept;

 private:
  struct Entry {
    PingBinding binding;
    base::Ref<Socket> socket;
  };
  // Those of one identifier, which stands in the first bits of the key.
  using Pings = ip::PrefixTree<std::vector<Entry>>;

  static wire::Address Key(uint16_t identifier) noexcept { return {uint64_t{identifier} << 48, 0}; }
  static constexpr uint32_t kKeyLength = 16;

  [[nodiscard]] Socket* FindBest(const packet::Packet& packet, uint16_t identifier) const noexcept;
  [[nodiscard]] const std::vector<Entry>* Find(wire::Family family,
                                               uint16_t identifier) const noexcept {
    return pings_[wire::Index(family)].Find(Key(identifier), kKeyLength);
  }

  std::array<Pings, 2> pings_;
  std::array<Sockets, 2> raw_;
};

}  // namespace netstack::icmp

#endif  // NETSTACK_ICMP_SOCKET_TABLE_H_
