// Everything that a packet needs to know, as one immutable whole. A change
// builds another one and publishes it; a packet reads the one that it found.
#ifndef NETSTACK_IP_CONFIGURATION_H_
#define NETSTACK_IP_CONFIGURATION_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "netstack/base/clock.h"
#include "netstack/base/ref.h"
#include "netstack/ip/address_table.h"
#include "netstack/ip/counters.h"
#include "netstack/ip/prefix_tree.h"
#include "netstack/ip/source_selection.h"
#include "netstack/link/capture.h"
#include "netstack/link/link.h"
#include "netstack/wire/address.h"

namespace netstack::ip {

class Shared;
class UpperLayer;

struct LocalPrefix {};

// What one NIC is in one family.
struct InterfaceFamily {
  AddressTable::View addresses;
  PrefixTree<LocalPrefix> local_prefixes;
  SourceCandidates sources;
  bool forwarding = false;  // what comes in and is not for us goes on
};

// One NIC, as packets see it.
struct Interface {
  uint32_t id = 0;
  uint32_t slot = 0;  // its place in Configuration::interfaces
  bool enabled = true;
  bool promiscuous = false;
  bool spoofing = false;
  bool side_by_side = false;  // tells who injects what nobody here took
  link::Receiver* owner = nullptr;
  base::Ref<link::Link> link;
  std::shared_ptr<NicCounters> counters;
  base::Ref<link::Capture> capture;
  std::array<InterfaceFamily, 2> families;

  [[nodiscard]] const InterfaceFamily& of(wire::Family family) const noexcept {
    return families[wire::Index(family)];
  }
};

struct Route {
  uint32_t nic = 0;
  wire::Address gateway;    // unspecified: the destination is on the link
  uint32_t references = 0;  // assigned addresses that have it as their on-link route
  bool added = false;       // by the user, whatever else asks for it

  [[nodiscard]] bool on_link() const noexcept { return gateway.unspecified(); }
};
// Those of one prefix, oldest first.
using Routes = std::vector<Route>;

// Turns an answer where the stack would be silent, or silence where it would
// answer, into the other.
enum class EchoPolicy : uint8_t { kDefault, kReply, kSilent };

struct Configuration {
  std::vector<std::shared_ptr<const Interface>> interfaces;  // by slot; null: free
  std::array<PrefixTree<Routes>, 2> routes;
  std::shared_ptr<const UpperLayer> upper;  // null: nobody wants what arrives
  base::Clock* clock = nullptr;
  Shared* shared = nullptr;  // the stack's, which lives longer

  bool strict_routes = false;       // no way out where no route matches
  bool check_local_source = false;  // drop what claims to come from us
  bool allow_loopback = false;      // 127/8 and ::1 from outside
  uint8_t default_ttl = 64;
  uint8_t default_hop_limit = 64;
  std::array<EchoPolicy, 2> temporary_policy{};  // by family
  std::array<EchoPolicy, 2> group_policy{};      // broadcast and multicast
  // By family: Echo Replies cost a token of the limiter's, as ICMP errors do.
  std::array<bool, 2> echo_reply_limited{};
};

// What stays the same while one packet is looked at.
struct Context {
  base::ThreadRecord& thread;
  const Configuration& configuration;
  const Interface& interface;  // where it came in
  base::CounterWriter counters;

  // The same packet on another NIC.
  [[nodiscard]] Context On(const Interface& other) const noexcept {
    return {thread, configuration, other, other.counters->ForThread(thread)};
  }
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_CONFIGURATION_H_
