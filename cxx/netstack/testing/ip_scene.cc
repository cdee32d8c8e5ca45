#include "netstack/testing/ip_scene.h"

#include <stdexcept>
#include <utility>

#include "netstack/ip/input.h"
#include "netstack/wire/text.h"

namespace netstack::testing {

using ip::AddressFacts;
using wire::Family;

namespace {

constexpr const char* kNicNames[] = {
#define NETSTACK_NAME(name, text) "nic." text,
    NETSTACK_NIC_COUNTERS(NETSTACK_NAME)
#undef NETSTACK_NAME
};
constexpr const char* kIpNames[] = {
#define NETSTACK_NAME(name, text) "ip." text,
    NETSTACK_IP_COUNTERS(NETSTACK_NAME)
#undef NETSTACK_NAME
};
constexpr const char* kForwarderNames[] = {
#define NETSTACK_NAME(name, text) "forwarder." text,
    NETSTACK_FORWARDER_COUNTERS(NETSTACK_NAME)
#undef NETSTACK_NAME
};
constexpr const char* kReassemblyNames[] = {
#define NETSTACK_NAME(name, text) "reassembly." text,
    NETSTACK_REASSEMBLY_COUNTERS(NETSTACK_NAME)
#undef NETSTACK_NAME
};
constexpr const char* kPathMtuNames[] = {
#define NETSTACK_NAME(name, text) "path_mtu." text,
    NETSTACK_PATH_MTU_COUNTERS(NETSTACK_NAME)
#undef NETSTACK_NAME
};
#define NETSTACK_NAME(name, text) text,
constexpr const char* kIcmpv4Names[] = {NETSTACK_ICMPV4_COUNTERS(NETSTACK_NAME)};
constexpr const char* kIcmpv6Names[] = {NETSTACK_ICMPV6_COUNTERS(NETSTACK_NAME)};
#undef NETSTACK_NAME

void Collect(const ip::NicCounters& counters, size_t at, const std::string& name, Counts* counts) {
  const uint64_t count = counters.Sum(at);
  if (count != 0) (*counts)[name] += count;
}

template <typename Counter, size_t kSize>
void CollectIcmp(const ip::NicCounters& counters, const char* const (&names)[kSize],
                 Counts* counts) {
  for (size_t i = 0; i < kSize; ++i) {
    const auto counter = static_cast<Counter>(i);
    Collect(counters, At(ip::Direction::kReceived, counter),
            std::string("icmp.received.") + names[i], counts);
    Collect(counters, At(ip::Direction::kSent, counter), std::string("icmp.sent.") + names[i],
            counts);
  }
}

}  // namespace

wire::Address AddressOf(std::string_view text) {
  const auto parsed = wire::ParseAddress(text);
  if (!parsed) throw std::invalid_argument("not an address: " + std::string(text));
  return parsed->address;
}

wire::Prefix PrefixOf(std::string_view text) {
  const auto parsed = wire::ParsePrefix(text);
  if (!parsed) throw std::invalid_argument("not a prefix: " + std::string(text));
  return *parsed;
}

Counts NonzeroCounts(const ip::NicCounters& counters) {
  Counts counts;
  for (size_t i = 0; i < std::size(kNicNames); ++i) {
    Collect(counters, At(static_cast<ip::NicCounter>(i)), kNicNames[i], &counts);
  }
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    for (size_t i = 0; i < std::size(kIpNames); ++i) {
      Collect(counters, At(family, static_cast<ip::IpCounter>(i)), kIpNames[i], &counts);
    }
  }
  CollectIcmp<ip::Icmpv4Counter>(counters, kIcmpv4Names, &counts);
  CollectIcmp<ip::Icmpv6Counter>(counters, kIcmpv6Names, &counts);
  for (size_t i = 0; i < std::size(kForwarderNames); ++i) {
    Collect(counters, At(static_cast<ip::ForwarderCounter>(i)), kForwarderNames[i], &counts);
  }
  for (size_t i = 0; i < std::size(kReassemblyNames); ++i) {
    Collect(counters, At(static_cast<ip::ReassemblyCounter>(i)), kReassemblyNames[i], &counts);
  }
  for (size_t i = 0; i < std::size(kPathMtuNames); ++i) {
    Collect(counters, At(static_cast<ip::PathMtuCounter>(i)), kPathMtuNames[i], &counts);
  }
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    Collect(counters, ip::AtUnknownProtocol(static_cast<uint8_t>(protocol)),
            "unknown_protocol." + std::to_string(protocol), &counts);
  }
  return counts;
}

IpScene::IpScene(uint32_t mtu) : link_(FakeLink::Make(mtu)) {
  interface_.id = kNic;
  interface_.link = base::Ref<link::Link>(link_.get());
  interface_.counters = std::make_shared<ip::NicCounters>();
  configuration_.clock = &clock_;
  configuration_.shared = &shared_;
  SetFacts(Family::kIpv4, wire::kIpv4Broadcast, AddressFacts::kBroadcast, 0);
  SetFacts(Family::kIpv4, wire::kIpv4AllHosts, AddressFacts::kGroup, 0);
  SetFacts(Family::kIpv6, wire::kIpv6AllNodes, AddressFacts::kGroup, 0);
}

void IpScene::SetFacts(Family family, wire::Address address, uint8_t flags, uint8_t length) {
  ip::AddressTable& table = tables_[wire::Index(family)];
  AddressFacts facts = table.FindPending(address);
  facts.flags |= flags;
  if (length != 0) facts.prefix_length = length;
  table.Set(address, facts);
  table.Commit();
  interface_.families[wire::Index(family)].addresses = table.view();
}

void IpScene::Advance(uint64_t nanoseconds) {
  const uint64_t end = clock_.Now() + nanoseconds;
  while (timers_.next_deadline() <= end) {
    if (timers_.next_deadline() > clock_.Now()) {
      clock_.Advance(timers_.next_deadline() - clock_.Now());
    }
    timers_.RunDue(clock_.Now());
  }
  clock_.Advance(end - clock_.Now());
}

void IpScene::RunAt(uint64_t deadline, base::Timers::Task task) {
  timers_.Set(deadline, std::move(task));
}

void IpScene::OnNic(uint32_t nic, const Work& work) {
  if (nic == kNic) work(context());
}

void IpScene::Assign(std::string_view text) {
  const wire::Prefix prefix = PrefixOf(text);
  uint8_t flags = AddressFacts::kAssigned;
  if (prefix.family == Family::kIpv4 && wire::HasBroadcast(prefix.length)) {
    const wire::Address broadcast = wire::SubnetBroadcast(prefix.address, prefix.length);
    if (broadcast == prefix.address) flags |= AddressFacts::kOwnBroadcast;
    SetFacts(prefix.family, broadcast, AddressFacts::kBroadcast, 0);
  }
  if (prefix.family == Family::kIpv6) {
    SetFacts(prefix.family, wire::SolicitedNode(prefix.address), AddressFacts::kGroup, 0);
  }
  SetFacts(prefix.family, prefix.address, flags, prefix.length);
  interface_.families[wire::Index(prefix.family)].sources.Add(prefix.family, prefix.address,
                                                              next_order_++);
}

void IpScene::Join(std::string_view group) {
  const auto parsed = wire::ParseAddress(group);
  SetFacts(parsed->family, parsed->address, AddressFacts::kJoined, 0);
}

void IpScene::AddLocalPrefix(std::string_view text) {
  const wire::Prefix prefix = PrefixOf(text);
  interface_.families[wire::Index(prefix.family)].local_prefixes.Set(prefix.address, prefix.length,
                                                                     {});
}

void IpScene::AddRoute(std::string_view text, std::string_view gateway, uint32_t nic) {
  const wire::Prefix prefix = PrefixOf(text);
  auto& tree = configuration_.routes[wire::Index(prefix.family)];
  const ip::Routes* const there = tree.Find(prefix.address, prefix.length);
  ip::Routes routes = there != nullptr ? *there : ip::Routes{};
  routes.push_back({nic, gateway.empty() ? wire::Address{} : AddressOf(gateway), 0, true});
  tree.Set(prefix.address, prefix.length, std::move(routes));
}

void IpScene::SetUpperLayer(FakeUpperLayer::Function function) {
  configuration_.upper = std::make_shared<const FakeUpperLayer>(std::move(function));
}

ip::Context IpScene::context() {
  return {entry_.thread(), configuration_, interface_,
          interface_.counters->ForThread(entry_.thread())};
}

ip::Fate IpScene::Receive(const Bytes& packet) {
  const ip::Context now = context();
  return packet.empty() || packet[0] >> 4 == 4 ? ip::Ipv4Input(now, packet)
                                               : ip::Ipv6Input(now, packet);
}

Counts IpScene::TakeCounts() {
  Counts counts = NonzeroCounts(*interface_.counters);
  interface_.counters = std::make_shared<ip::NicCounters>();
  return counts;
}

}  // namespace netstack::testing
