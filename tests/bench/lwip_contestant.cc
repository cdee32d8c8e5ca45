#include "lwip_contestant.h"

#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/ip6_addr.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>

#include "contestant.h"
#include "support/bytes.h"
#include "workload.h"

namespace bench {

namespace {

class LwipContestant final : public Contestant {
 public:
  void Prepare(const Workload& workload) override {
    NetworkInterface();
    const Family family = workload.scenario().family;
    if (workload.scenario().addresses != 1) throw std::runtime_error("lwIP has one address");
    const support::Bytes address = LocalAddressBytes(family, 0);
    if (family == Family::kIpv4) {
      ip4_addr_t mask;
      IP4_ADDR(&mask, 255, 255, 255, 0);
      ip4_addr_t own;
      std::copy(address.begin(), address.end(), reinterpret_cast<uint8_t*>(&own.addr));
      netif_set_addr(&NetworkInterface(), &own, &mask, &own);
    } else {
      ip6_addr_t own{};
      std::copy(address.begin(), address.end(), reinterpret_cast<uint8_t*>(own.addr));
      netif_ip6_addr_set(&NetworkInterface(), 0, &own);
      netif_ip6_addr_set_state(&NetworkInterface(), 0, IP6_ADDR_PREFERRED);
    }
  }

  void Echo(std::span<const uint8_t> request) override {
    const auto length = static_cast<u16_t>(request.size());
    // Not PBUF_POOL: Debian's library was built with pools smaller than its code believes.
    pbuf* const packet = pbuf_alloc(PBUF_RAW, length, PBUF_RAM);
    pbuf_take(packet, request.data(), length);
    NetworkInterface().input(packet, &NetworkInterface());
  }

  std::span<const uint8_t> EchoAndShow(std::span<const uint8_t> request) override {
    shown = {};
    is_shown = true;
    Echo(request);
    is_shown = false;
    return {reply.data(), shown};
  }

 private:
  static netif& NetworkInterface() {
    static netif* const interface = [] {
      static netif made;
      lwip_init();
      netif_add(&made, nullptr, nullptr, nullptr, nullptr, Initialize, ip_input);
      netif_set_default(&made);
      netif_set_link_up(&made);
      netif_set_up(&made);
      return &made;
    }();
    return *interface;
  }

  static err_t Initialize(netif* interface) {
    interface->mtu = 1500;
    interface->mtu6 = 1500;
    interface->output = [](netif*, pbuf* packet, const ip4_addr_t*) { return Transmit(packet); };
    interface->output_ip6 = [](netif*, pbuf* packet, const ip6_addr_t*) {
      return Transmit(packet);
    };
    return ERR_OK;
  }

  static err_t Transmit(pbuf* packet) {
    ++sent;
    if (is_shown) shown = pbuf_copy_partial(packet, reply.data(), packet->tot_len, 0);
    return ERR_OK;
  }

  static inline uint64_t sent = 0;
  static inline bool is_shown = false;
  static inline u16_t shown = 0;
  static inline std::array<uint8_t, 2048> reply{};
};

}  // namespace

std::unique_ptr<Contestant> NewLwipContestant() { return std::make_unique<LwipContestant>(); }

}  // namespace bench
