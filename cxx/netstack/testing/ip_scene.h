// One NIC on a fake link and a configuration around it, made by hand: what a
// packet meets below the stack's own configuration code.
#ifndef NETSTACK_TESTING_IP_SCENE_H_
#define NETSTACK_TESTING_IP_SCENE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "netstack/base/clock.h"
#include "netstack/base/entry.h"
#include "netstack/base/random.h"
#include "netstack/base/registry.h"
#include "netstack/base/timers.h"
#include "netstack/ip/configuration.h"
#include "netstack/ip/echo.h"
#include "netstack/ip/fate.h"
#include "netstack/ip/shared.h"
#include "netstack/testing/fake_link.h"
#include "netstack/testing/hex.h"
#include "netstack/wire/address.h"

namespace netstack::testing {

// What a test writes as text. Throws on nonsense.
wire::Address AddressOf(std::string_view text);
wire::Prefix PrefixOf(std::string_view text);

// A handler made of a function.
class FakeUpperLayer final : public ip::UpperLayer {
 public:
  using Function = std::function<ip::Verdict(ip::Echo& echo)>;
  explicit FakeUpperLayer(Function function) : function_(std::move(function)) {
    wants_echoes_ = {true, true};
  }
  [[nodiscard]] ip::Verdict OnEcho(ip::Echo& echo) const noexcept override {
    return function_(echo);
  }

 private:
  const Function function_;
};

// Counters that are not 0, by name: "ip.packets_received", "icmp.sent.dropped",
// "nic.tx.packets", "unknown_protocol.17". Both families bear the same names.
using Counts = std::map<std::string, uint64_t>;
Counts NonzeroCounts(const ip::NicCounters& counters);

class IpScene final : private ip::Host {
 public:
  static constexpr uint32_t kNic = 1;
  static constexpr uint64_t kSeed = 7;  // of the random numbers

  explicit IpScene(uint32_t mtu = 1500);
  IpScene(const IpScene&) = delete;
  IpScene& operator=(const IpScene&) = delete;

  // "192.0.2.1/24": with its broadcast address or solicited-node group, and as
  // a source of our own. No route comes with it.
  void Assign(std::string_view text);
  void Join(std::string_view group);
  void AddLocalPrefix(std::string_view text);
  // An empty gateway: on the link.
  void AddRoute(std::string_view text, std::string_view gateway = {}, uint32_t nic = kNic);
  void SetUpperLayer(FakeUpperLayer::Function function);

  FakeLink& link() { return *link_; }
  ip::Interface& interface() { return interface_; }
  ip::Configuration& configuration() { return configuration_; }
  base::ManualClock& clock() { return clock_; }
  ip::Shared& shared() { return shared_; }
  // Moves the clock and runs what is due on the way, at its own time.
  void Advance(uint64_t nanoseconds);

  // As of now; valid until the next change.
  ip::Context context();

  // The packet goes in where the NIC would hand it over.
  ip::Fate Receive(const Bytes& packet);
  // What was counted since the last call.
  Counts TakeCounts();

 private:
  void RunAt(uint64_t deadline, base::Timers::Task task) override;
  void OnNic(uint32_t nic, const Work& work) override;
  void SetFacts(wire::Family family, wire::Address address, uint8_t flags, uint8_t length);

  const base::Entry entry_;
  base::ManualClock clock_;
  base::Timers timers_;
  base::SeededRandom random_{kSeed};
  ip::Shared shared_{*this, random_, {}};
  FakeLink::Pointer link_;
  std::array<ip::AddressTable, 2> tables_{ip::AddressTable(7), ip::AddressTable(7)};
  ip::Interface interface_;
  ip::Configuration configuration_;
  uint32_t next_order_ = 0;
};

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_IP_SCENE_H_
