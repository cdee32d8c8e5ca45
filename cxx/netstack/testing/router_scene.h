// Two NICs of one configuration, of which the first forwards what it gets in both
// families. No NIC has an address, so errors find no source, until a test assigns one.
#ifndef NETSTACK_TESTING_ROUTER_SCENE_H_
#define NETSTACK_TESTING_ROUTER_SCENE_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "netstack/testing/ip_scene.h"

namespace netstack::testing {

class RouterScene {
 public:
  static constexpr uint32_t kIn = IpScene::kNic;
  static constexpr uint32_t kOut = 2;

  explicit RouterScene(uint32_t out_mtu = 1500) : out_(out_mtu) {
    out_.interface().id = kOut;
    out_.interface().slot = 1;
    for (auto& family : in_.interface().families) family.forwarding = true;
    for (IpScene* const nic : {&in_, &out_}) {
      // Owned by the scene, which lives as long as the configuration.
      in_.configuration().interfaces.emplace_back(std::shared_ptr<void>(), &nic->interface());
    }
  }

  // Where packets come in; its configuration is that of both.
  IpScene& in() { return in_; }
  // The other NIC, for its addresses, its link and its counters.
  IpScene& out() { return out_; }

  void AddRoute(std::string_view destination, uint32_t nic = kOut) {
    in_.AddRoute(destination, {}, nic);
  }
  ip::Fate Receive(const Bytes& packet) { return in_.Receive(packet); }

 private:
  IpScene in_;
  IpScene out_;
};

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_ROUTER_SCENE_H_
