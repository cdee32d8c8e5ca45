// The counters by name: gVisor's tree in snake case, and ours beside it.
#include <algorithm>
#include <string>

#include "netstack/stack/stack.h"

namespace netstack::stack {

using ip::Direction;
using ip::ForwarderCounter;
using ip::Icmpv4Counter;
using ip::Icmpv6Counter;
using ip::IpCounter;
using ip::NicCounter;
using ip::PathMtuCounter;
using ip::ReassemblyCounter;
using ip::SocketCounter;
using wire::Family;

namespace {

constexpr const char* kNicNames[] = {
#define NETSTACK_NAME(name, text) text,
    NETSTACK_NIC_COUNTERS(NETSTACK_NAME)};
constexpr const char* kIpNames[] = {NETSTACK_IP_COUNTERS(NETSTACK_NAME)};
constexpr const char* kIcmpv4Names[] = {NETSTACK_ICMPV4_COUNTERS(NETSTACK_NAME)};
constexpr const char* kIcmpv6Names[] = {NETSTACK_ICMPV6_COUNTERS(NETSTACK_NAME)};
constexpr const char* kForwarderNames[] = {NETSTACK_FORWARDER_COUNTERS(NETSTACK_NAME)};
constexpr const char* kReassemblyNames[] = {NETSTACK_REASSEMBLY_COUNTERS(NETSTACK_NAME)};
constexpr const char* kPathMtuNames[] = {NETSTACK_PATH_MTU_COUNTERS(NETSTACK_NAME)};
constexpr const char* kSocketNames[] = {NETSTACK_SOCKET_COUNTERS(NETSTACK_NAME)};
#undef NETSTACK_NAME

constexpr const char* kDirectionNames[] = {"received.", "sent."};

// Only what can happen in a direction has a name in it.
template <typename Counter>
constexpr bool HappensIn(Direction direction, Counter counter) noexcept {
  if (counter == Counter::kDropped || counter == Counter::kRateLimited) {
    return direction == Direction::kSent;
  }
  if (counter == Counter::kInvalid) return direction == Direction::kReceived;
  if constexpr (std::is_same_v<Counter, Icmpv6Counter>) {
    if (counter == Counter::kUnrecognized || counter == Counter::kRouterOnlyPacketsDroppedByHost) {
      return direction == Direction::kReceived;
    }
  }
  return true;
}

// One name and the sum of where it is counted.
class Walk {
 public:
  using Sum = std::function<uint64_t(size_t)>;

  Walk(const Stack::CounterVisitor& visit, Sum sum) : visit_(visit), sum_(std::move(sum)) {}

  bool Say(const std::string& name, uint64_t value) { return visit_(name.c_str(), value); }
  [[nodiscard]] uint64_t sum(size_t at) const { return sum_(at); }

  template <typename Counter>
  bool Icmp(const std::string& prefix, const char* const* names) {
    for (const Direction direction : {Direction::kReceived, Direction::kSent}) {
      for (size_t i = 0; i < static_cast<size_t>(Counter::kCount); ++i) {
        const auto counter = static_cast<Counter>(i);
        if (!HappensIn(direction, counter)) continue;
        const char* const half = kDirectionNames[static_cast<size_t>(direction)];
        if (!Say(prefix + half + names[i], sum(At(direction, counter)))) return false;
      }
    }
    return true;
  }

  bool BothIcmp(const std::string& prefix) {
    return Icmp<Icmpv4Counter>(prefix + "icmp.v4.", kIcmpv4Names) &&
           Icmp<Icmpv6Counter>(prefix + "icmp.v6.", kIcmpv6Names);
  }

  bool StackWide() {
    for (size_t i = 0; i < static_cast<size_t>(IpCounter::kCount); ++i) {
      const auto counter = static_cast<IpCounter>(i);
      const uint64_t both = sum(At(Family::kIpv4, counter)) + sum(At(Family::kIpv6, counter));
      if (!Say(std::string("ip.") + kIpNames[i], both)) return false;
    }
    if (!BothIcmp("")) return false;
    for (size_t i = 0; i < static_cast<size_t>(ForwarderCounter::kCount); ++i) {
      const auto counter = static_cast<ForwarderCounter>(i);
      if (!Say(std::string("forwarder.") + kForwarderNames[i], sum(At(counter)))) return false;
    }
    for (size_t i = 0; i < static_cast<size_t>(ReassemblyCounter::kCount); ++i) {
      const auto counter = static_cast<ReassemblyCounter>(i);
      if (!Say(std::string("reassembly.") + kReassemblyNames[i], sum(At(counter)))) return false;
    }
    for (size_t i = 0; i < static_cast<size_t>(PathMtuCounter::kCount); ++i) {
      const auto counter = static_cast<PathMtuCounter>(i);
      if (!Say(std::string("path_mtu.") + kPathMtuNames[i], sum(At(counter)))) return false;
    }
    for (size_t i = 0; i < static_cast<size_t>(SocketCounter::kCount); ++i) {
      if (!Say(kSocketNames[i], sum(At(static_cast<SocketCounter>(i))))) return false;
    }
    return true;
  }

  bool OfNic(uint32_t id) {
    const std::string prefix = "nic." + std::to_string(id) + ".";
    for (size_t i = 0; i < static_cast<size_t>(NicCounter::kCount); ++i) {
      if (!Say(prefix + kNicNames[i], sum(At(static_cast<NicCounter>(i))))) return false;
    }
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      const std::string half = prefix + (family == Family::kIpv4 ? "ip.v4." : "ip.v6.");
      for (size_t i = 0; i < static_cast<size_t>(IpCounter::kCount); ++i) {
        if (!Say(half + kIpNames[i], sum(At(family, static_cast<IpCounter>(i))))) return false;
      }
    }
    if (!BothIcmp(prefix)) return false;
    // One name for each protocol that ever came: there are 256.
    for (unsigned protocol = 0; protocol < 256; ++protocol) {
      const uint64_t count = sum(ip::AtUnknownProtocol(static_cast<uint8_t>(protocol)));
      if (count == 0) continue;
      const std::string name =
          prefix + "unknown_l4_protocol_rcvd_packet_counts." + std::to_string(protocol);
      if (!Say(name, count)) return false;
    }
    return true;
  }

 private:
  const Stack::CounterVisitor& visit_;
  Sum sum_;
};

}  // namespace

// What nobody counts in any more is added up once and for all.
void Stack::AddUpLeaving() noexcept {
  std::erase_if(leaving_, [&](const std::shared_ptr<ip::NicCounters>& counters) {
    if (counters.use_count() > 1) return false;
    // After what the last of the others counted.
    std::atomic_thread_fence(std::memory_order_acquire);
    for (size_t i = 0; i < removed_counts_.size(); ++i) removed_counts_[i] += counters->Sum(i);
    return true;
  });
}

void Stack::ForEachCounter(const CounterVisitor& visit) {
  std::vector<std::shared_ptr<Nic>> nics;
  std::vector<std::shared_ptr<ip::NicCounters>> leaving;
  std::array<uint64_t, ip::kCounterCount> removed{};
  {
    const std::lock_guard lock(mutex_);
    AddUpLeaving();
    leaving = leaving_;
    removed = removed_counts_;
    for (const auto& nic : nics_) {
      if (nic != nullptr) nics.push_back(nic);
    }
  }
  Walk all(visit, [&](size_t at) {
    uint64_t sum = removed[at];
    for (const auto& nic : nics) sum += nic->counters()->Sum(at);
    for (const auto& counters : leaving) sum += counters->Sum(at);
    return sum;
  });
  if (!all.StackWide()) return;
  const uint64_t held =
      shared_.reassembly.bytes_held(Family::kIpv4) + shared_.reassembly.bytes_held(Family::kIpv6);
  if (!visit("reassembly.bytes_held", held)) return;
  const size_t ways = shared_.path_mtus.held(Family::kIpv4) + shared_.path_mtus.held(Family::kIpv6);
  if (!visit("path_mtu.held", ways)) return;
  for (const auto& nic : nics) {
    Walk one(visit, [&](size_t at) { return nic->counters()->Sum(at); });
    if (!one.OfNic(nic->id())) return;
  }
}

base::Error Stack::GetCounter(std::string_view name, uint64_t* value) {
  bool found = false;
  ForEachCounter([&](const char* each, uint64_t count) {
    if (name != each) return true;
    *value = count;
    found = true;
    return false;
  });
  if (found) return {};
  return {base::Status::kNotFound, "there is no counter " + std::string(name)};
}

}  // namespace netstack::stack
