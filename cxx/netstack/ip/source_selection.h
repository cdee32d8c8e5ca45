// Which of our addresses a packet comes from that did not ask for one: IPv4 the
// nearest by leading bits, IPv6 as RFC 6724 section 5 says.
#ifndef NETSTACK_IP_SOURCE_SELECTION_H_
#define NETSTACK_IP_SOURCE_SELECTION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "netstack/ip/prefix_tree.h"
#include "netstack/wire/address.h"

namespace netstack::ip {

// The candidates of one NIC and family. Copies share their nodes. Choosing
// takes a walk down a tree, however many candidates there are.
class SourceCandidates {
 public:
  // `order`: of two equally good candidates the lower one is chosen.
  void Add(wire::Family family, wire::Address address, uint32_t order);
  void Remove(wire::Family family, wire::Address address);

  [[nodiscard]] std::optional<wire::Address> Choose(wire::Family family,
                                                    wire::Address remote) const noexcept;
  // IPv4's with the lowest order: the NIC's main address.
  [[nodiscard]] std::optional<wire::Address> First() const noexcept {
    if (classes_.empty()) return std::nullopt;
    return classes_.front().addresses.Lowest();
  }

 private:
  struct Nothing {};
  // Candidates that RFC 6724's rules 2 (scope) and 6 (label) hold for alike.
  struct Class {
    uint8_t scope;
    uint8_t label;
    PrefixTree<Nothing> addresses;
  };

  static Class ClassOf(wire::Family family, wire::Address address);

  std::vector<Class> classes_;
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_SOURCE_SELECTION_H_
