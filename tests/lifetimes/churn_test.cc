// Packets on several threads while others add, change, remove and free whatever
// there is. What stays works all the time; user data ends once, after the last
// call.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <atomic>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "lifetimes/tries.h"
#include "lifetimes/witness.h"
#include "sockets/sockets.h"
#include "support/crowd.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoRequest;
using support::EchoRequestTo;
using support::RunAtOnce;
using support::Tries;
using support::Witness;
using support::Witnesses;

ns_verdict Handle(void* data, ns_request request) {
  const Witness::Call call(*static_cast<Witness*>(data));
  EXPECT_EQ(ns_request_reply(request), NS_OK);
  return NS_VERDICT_DECLINED;
}
ns_status Transmit(void* data, const uint8_t*, size_t) {
  const Witness::Call call(*static_cast<Witness*>(data));
  return NS_OK;
}
void Write(void* data, const uint8_t*, size_t) {
  const Witness::Call call(*static_cast<Witness*>(data));
}
void Notify(void* data) { const Witness::Call call(*static_cast<Witness*>(data)); }

// What somebody finds there, or not, while others add and remove it.
void ExpectHarmless(ns_status status) {
  EXPECT_TRUE(status == NS_OK || status == NS_ERR_BUSY || status == NS_ERR_NOT_FOUND) << status;
}

// NIC 1 and its addresses stay; everything else is anybody's.
class Bustle {
 public:
  Bustle() {
    EXPECT_EQ(ns_stack_add_nic(stack(), 1, staying_.get(), nullptr, nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack(), 1, "192.168.0.1/24", nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack(), 1, "a::1/64", nullptr), NS_OK);
    for (auto& link : coming_) link = NewLink();
  }

  [[nodiscard]] ns_stack* stack() const { return stack_.get(); }
  Witnesses& witnesses() { return witnesses_; }
  [[nodiscard]] const Witness& staying() const { return *staying_witness_; }
  [[nodiscard]] int injected() const { return injected_; }

  // Delivers to the NIC that stays, which answers each, and to those that come
  // and go.
  void Inject(uint64_t rounds) {
    const Bytes requests[] = {Build(EchoRequestTo("192.168.0.1")), Build(EchoRequestTo("a::1"))};
    const Bytes other = Build(EchoRequest("10.0.0.2", "10.0.0.1"));
    for (uint64_t i = 0; i < rounds; ++i) {
      EXPECT_EQ(support::Inject(staying_.get(), requests[i % 2]), NS_OK);
      ++injected_;
      const ns_status status = support::Inject(coming_[i % 2].get(), other);
      EXPECT_TRUE(status == NS_OK || status == NS_ERR_CLOSED) << status;
    }
  }

  void Change(uint64_t rounds, uint32_t seed) {
    std::mt19937 random(seed);
    for (uint64_t i = 0; i < rounds; ++i) {
      const auto& [name, change] = kChanges[random() % std::size(kChanges)];
      SCOPED_TRACE(name);
      change(*this, random() % 2);
    }
  }

  void FreeEverything() {
    stack_.reset();
    staying_.reset();
    for (auto& link : coming_) link.reset();
  }

 private:
  // `which` of two that are alike.
  using ChangeFunction = void (*)(Bustle& b, uint32_t which);
  static const std::pair<const char*, ChangeFunction> kChanges[14];

  support::LinkHandle NewLink(Witness* witness) {
    ns_link* made = nullptr;
    EXPECT_EQ(ns_link_callback_new(nullptr, Transmit, witness, Witness::Destroy, &made, nullptr),
              NS_OK);
    return support::LinkHandle(made);
  }
  support::LinkHandle NewLink() { return NewLink(witnesses_.New()); }

  void InstallHandler(ns_family family) {
    ns_icmp_forwarder* made = nullptr;
    EXPECT_EQ(
        ns_icmp_forwarder_new(nullptr, Handle, witnesses_.New(), Witness::Destroy, &made, nullptr),
        NS_OK);
    EXPECT_EQ(ns_stack_set_icmp_forwarder(stack(), family, made, nullptr), NS_OK);
    ns_icmp_forwarder_free(made);
  }
  void SetCapture() {
    ns_capture* made = nullptr;
    EXPECT_EQ(ns_capture_callback_new(Write, witnesses_.New(), Witness::Destroy, &made, nullptr),
              NS_OK);
    EXPECT_EQ(ns_stack_set_capture(stack(), 1, made, nullptr), NS_OK);
    ns_capture_free(made);
  }
  ns_status AddNic(uint32_t nic, const support::LinkHandle& link) {
    const ns_prefix address = support::Prefix("10.0.0.1/24");
    ns_nic_options options = NS_NIC_OPTIONS_INIT;
    options.addresses = &address;
    options.address_count = 1;
    return ns_stack_add_nic(stack(), nic, link.get(), &options, nullptr);
  }
  // A link that nobody else knows comes, works, and is freed with its NIC.
  void UseALinkOnce(uint32_t which) {
    const support::LinkHandle link = NewLink();
    const ns_status status = AddNic(7 + which, link);
    ExpectHarmless(status);
    if (status != NS_OK) return;
    EXPECT_EQ(support::Inject(link.get(), Build(EchoRequest("10.0.0.2", "10.0.0.1"))), NS_OK);
    EXPECT_EQ(ns_stack_remove_nic(stack(), 7 + which, nullptr), NS_OK);
  }
  void UseAPingSocketOnce() {
    ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
    options.notify = Notify;
    options.user_data = witnesses_.New();
    options.destroy = Witness::Destroy;
    const auto socket = support::NewPingSocket(stack(), NS_FAMILY_IPV4, &options);
    EXPECT_EQ(Send(socket, "192.168.0.2"), NS_OK);
    ++injected_;  // NIC 1 sends it
  }
  void UseARawSocketOnce() {
    ns_raw_socket_options options = NS_RAW_SOCKET_OPTIONS_INIT;
    options.notify = Notify;
    options.user_data = witnesses_.New();
    options.destroy = Witness::Destroy;
    const auto socket = support::NewRawSocket(stack(), NS_FAMILY_IPV6, &options);
    ns_packet* packet = nullptr;
    const ns_status status = ns_raw_socket_receive(socket.get(), &packet);
    ns_packet_unref(packet);
    EXPECT_TRUE(status == NS_OK || status == NS_ERR_WOULD_BLOCK) << status;
  }

  Witnesses witnesses_;
  Witness* const staying_witness_ = witnesses_.New();
  std::atomic<int> injected_{0};
  support::StackHandle stack_ = support::NewStack();
  support::LinkHandle staying_ = NewLink(staying_witness_);
  support::LinkHandle coming_[2];
};

const std::pair<const char*, Bustle::ChangeFunction> Bustle::kChanges[14] = {
    {"handler",
     [](Bustle& b, uint32_t which) {
       b.InstallHandler(which == 0 ? NS_FAMILY_IPV4 : NS_FAMILY_ANY);
     }},
    {"no handler",
     [](Bustle& b, uint32_t which) {
       const ns_family family = which == 0 ? NS_FAMILY_IPV6 : NS_FAMILY_ANY;
       EXPECT_EQ(ns_stack_set_icmp_forwarder(b.stack(), family, nullptr, nullptr), NS_OK);
     }},
    {"address",
     [](Bustle& b, uint32_t which) {
       ExpectHarmless(which == 0 ? ns_stack_add_address(b.stack(), 1, "172.16.0.1/24", nullptr)
                                 : ns_stack_remove_address(b.stack(), 1, "172.16.0.1", nullptr));
     }},
    {"prefix",
     [](Bustle& b, uint32_t which) {
       ExpectHarmless(which == 0
                          ? ns_stack_add_local_prefix(b.stack(), 1, "172.16.0.0/12", nullptr)
                          : ns_stack_remove_local_prefix(b.stack(), 1, "172.16.0.0/12", nullptr));
     }},
    {"route",
     [](Bustle& b, uint32_t which) {
       ExpectHarmless(which == 0
                          ? ns_stack_add_route(b.stack(), "0.0.0.0/0", nullptr, 2, nullptr)
                          : ns_stack_remove_route(b.stack(), "0.0.0.0/0", nullptr, 2, nullptr));
     }},
    {"group",
     [](Bustle& b, uint32_t which) {
       ExpectHarmless(which == 0 ? ns_stack_join_group(b.stack(), 1, "ff05::7", nullptr)
                                 : ns_stack_leave_group(b.stack(), 1, "ff05::7", nullptr));
     }},
    {"flags and policy",
     [](Bustle& b, uint32_t which) {
       const uint32_t flags = NS_NIC_SPOOFING | NS_NIC_PROMISCUOUS;
       EXPECT_EQ(ns_stack_set_nic_flags(b.stack(), 1, which == 0 ? flags : 0,
                                        which == 0 ? 0 : flags, nullptr),
                 NS_OK);
       EXPECT_EQ(ns_stack_set_echo_policy(b.stack(), NS_FAMILY_ANY, NS_ECHO_DESTINATION_GROUP,
                                          NS_ECHO_POLICY_SILENT, nullptr),
                 NS_OK);
     }},
    {"limits",
     [](Bustle& b, uint32_t which) {
       EXPECT_EQ(ns_stack_set_icmp_rate(b.stack(), NS_ICMP_RATE_UNLIMITED, which, nullptr), NS_OK);
       EXPECT_EQ(ns_stack_set_icmp_limited(b.stack(), NS_FAMILY_IPV4, 0, which, nullptr), NS_OK);
     }},
    {"NIC",
     [](Bustle& b, uint32_t which) { ExpectHarmless(b.AddNic(2 + which, b.coming_[which])); }},
    {"no NIC",
     [](Bustle& b, uint32_t which) {
       ExpectHarmless(ns_stack_remove_nic(b.stack(), 2 + which, nullptr));
     }},
    {"link", [](Bustle& b, uint32_t which) { b.UseALinkOnce(which); }},
    {"capture",
     [](Bustle& b, uint32_t which) {
       if (which == 0) return b.SetCapture();
       EXPECT_EQ(ns_stack_set_capture(b.stack(), 1, nullptr, nullptr), NS_OK);
     }},
    {"sockets",
     [](Bustle& b, uint32_t which) {
       which == 0 ? b.UseAPingSocketOnce() : b.UseARawSocketOnce();
     }},
    {"counters",
     [](Bustle& b, uint32_t) {
       EXPECT_GE(support::Counter(b.stack(), "ip.packets_received"), 0u);
       EXPECT_EQ(ns_stack_poll(b.stack(), nullptr, nullptr), NS_OK);
     }},
};

TEST(Churn, WhatStaysAnswersAndWhatGoesEndsOnce) {
  constexpr uint64_t kRounds = Tries(500'000) + 5'000;
  Bustle bustle;
  RunAtOnce({
      [&] { bustle.Inject(kRounds); },
      [&] { bustle.Inject(kRounds); },
      [&] { bustle.Change(kRounds / 10, 1); },
      [&] { bustle.Change(kRounds / 10, 2); },
  });
  EXPECT_EQ(bustle.staying().calls(), bustle.injected());
  EXPECT_EQ(bustle.staying().destroyed(), 0);
  bustle.FreeEverything();
  EXPECT_EQ(bustle.witnesses().Complaints(), "");
}

}  // namespace
