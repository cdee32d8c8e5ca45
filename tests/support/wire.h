// The fixture of most tests: one stack, one NIC, one channel, time that stands
// still, a peer at the other end that is the test itself.
#ifndef NETSTACK_TESTS_SUPPORT_WIRE_H_
#define NETSTACK_TESTS_SUPPORT_WIRE_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/bytes.h"
#include "support/counters.h"
#include "support/handles.h"
#include "support/icmp_packet.h"

namespace support {

inline ns_status Inject(ns_link* link, const Bytes& packet) {
  return ns_link_inject(link, packet.data(), packet.size());
}

// Everything that waits in a channel, oldest first.
inline std::vector<Bytes> Drain(ns_link* link) {
  std::vector<Bytes> packets;
  for (;;) {
    Bytes packet(NS_MTU_MAX);
    size_t length = 0;
    const ns_status status = ns_link_read(link, packet.data(), packet.size(), &length);
    if (status != NS_OK) {
      EXPECT_EQ(status, NS_ERR_WOULD_BLOCK);
      return packets;
    }
    packet.resize(length);
    packets.push_back(std::move(packet));
  }
}

struct WireOptions {
  uint32_t stack_flags = 0;
  uint32_t nic_flags = 0;
  uint32_t mtu = 0;
  uint32_t capacity = 0;
  uint32_t ttl = 0;
  uint32_t hop_limit = 0;
  std::vector<std::string> addresses = {"192.168.0.1/24", "a::1/64"};
  std::vector<std::string> local_prefixes = {};
};

class Wire {
 public:
  explicit Wire(const WireOptions& options = {})
      : stack_(NewStack(options.stack_flags, options.ttl, options.hop_limit)),
        link_(NewChannel(options.mtu, options.capacity)) {
    std::vector<ns_prefix> addresses;
    for (const std::string& text : options.addresses) addresses.push_back(Prefix(text));
    std::vector<ns_prefix> local_prefixes;
    for (const std::string& text : options.local_prefixes) local_prefixes.push_back(Prefix(text));
    ns_nic_options nic = NS_NIC_OPTIONS_INIT;
    nic.flags = options.nic_flags;
    nic.addresses = addresses.data();
    nic.address_count = addresses.size();
    nic.local_prefixes = local_prefixes.data();
    nic.local_prefix_count = local_prefixes.size();
    Error error;
    EXPECT_EQ(ns_stack_add_nic(stack(), 1, link(), &nic, error.out()), NS_OK) << error.message();
  }

  [[nodiscard]] ns_stack* stack() const { return stack_.get(); }
  [[nodiscard]] ns_link* link() const { return link_.get(); }
  void FreeStack() { stack_.reset(); }
  void FreeLink() { link_.reset(); }
  // For handlers that free the stack themselves.
  ns_stack* ReleaseStack() { return stack_.release(); }

  // Delivers a packet and returns what the stack sent because of it.
  std::vector<Bytes> Send(const Bytes& packet) {
    EXPECT_EQ(Inject(link(), packet), NS_OK);
    return Drain(link());
  }
  std::vector<Bytes> Send(const IcmpPacket& packet) { return Send(Build(packet)); }

  // How many answers came; each must be the right one from `source`.
  size_t Answers(const IcmpPacket& request, const std::string& source) {
    const std::vector<Bytes> sent = Send(request);
    for (const Bytes& packet : sent) EXPECT_EQ(Read(packet), AnswerTo(request, source));
    return sent.size();
  }
  size_t Answers(const IcmpPacket& request) { return Answers(request, request.destination); }
  bool Answers(const std::string& destination) { return Answers(EchoRequestTo(destination)) == 1; }

  [[nodiscard]] uint64_t Counter(const std::string& name) const {
    return support::Counter(stack(), name);
  }
  [[nodiscard]] Counters AllCounters() const { return support::AllCounters(stack()); }

  // What delivering `packet` moved; see Moved().
  std::string MovedBy(const Bytes& packet, const std::string& prefix = "") {
    const Counters before = AllCounters();
    EXPECT_EQ(Inject(link(), packet), NS_OK);
    return Moved(before, AllCounters(), prefix);
  }

  void SetNicFlags(uint32_t set, uint32_t clear = 0) const {
    EXPECT_EQ(ns_stack_set_nic_flags(stack(), 1, set, clear, nullptr), NS_OK);
  }

 private:
  StackHandle stack_;
  LinkHandle link_;
};

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_WIRE_H_
