// The names of the counters are a contract (section 7), and so is what they sum.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/stack/stack.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/stack_scene.h"

namespace netstack::stack {
namespace {

using base::Status;
using testing::Build;
using testing::Bytes;
using testing::Icmp;
using testing::Ipv4;
using testing::Ipv6;
using testing::StackScene;

using Names = std::vector<std::string>;

const Names kIp{"packets_received",
                "valid_packets_received",
                "disabled_packets_received",
                "invalid_destination_addresses_received",
                "invalid_source_addresses_received",
                "packets_delivered",
                "packets_sent",
                "outgoing_packet_errors",
                "malformed_packets_received",
                "malformed_fragments_received",
                "option_timestamp_received",
                "option_record_route_received",
                "option_router_alert_received",
                "option_unknown_received",
                "forwarding.packets",
                "forwarding.errors",
                "forwarding.unrouteable",
                "forwarding.exhausted_ttl",
                "forwarding.initializing_source",
                "forwarding.link_local_source",
                "forwarding.link_local_destination",
                "forwarding.packet_too_big",
                "forwarding.extension_header_problem",
                "forwarding.outgoing_device_no_buffer_space",
                "forwarding.outgoing_device_closed_for_send"};
const Names kIcmpv4{"echo_request",    "echo_reply",    "dst_unreachable", "src_quench",
                    "redirect",        "time_exceeded", "param_problem",   "timestamp",
                    "timestamp_reply", "info_request",  "info_reply"};
const Names kIcmpv6{"echo_request",
                    "echo_reply",
                    "dst_unreachable",
                    "packet_too_big",
                    "time_exceeded",
                    "param_problem",
                    "router_solicit",
                    "router_advert",
                    "neighbor_solicit",
                    "neighbor_advert",
                    "redirect_msg",
                    "multicast_listener_query",
                    "multicast_listener_report",
                    "multicast_listener_report_v2",
                    "multicast_listener_done"};
const Names kForwarder{"requests", "echo_replies", "consumed", "declined",
                       "failed",   "replied",      "no_route"};
const Names kReassembly{"fragments", "completed", "timed_out", "evicted", "discarded"};
const Names kPathMtu{"taken", "refused", "evicted"};
const Names kSockets{"ping_sockets.received", "ping_sockets.queue_full", "ping_sockets.not_replies",
                     "raw_sockets.received",  "raw_sockets.queue_full",  "dropped_packets"};
const Names kNic{"rx.packets",          "rx.bytes",          "rx.unclaimed",
                 "tx.packets",          "tx.bytes",          "tx_packets_dropped_no_buffer_space",
                 "disabled_rx.packets", "disabled_rx.bytes", "unknown_l3_protocol_rcvd_packets"};

void Add(const std::string& prefix, const Names& names, Names* all) {
  for (const std::string& name : names) all->push_back(prefix + name);
}
void AddIcmp(const std::string& prefix, Names* all) {
  Add(prefix + "icmp.v4.received.", kIcmpv4, all);
  Add(prefix + "icmp.v4.received.", {"invalid"}, all);
  Add(prefix + "icmp.v4.sent.", kIcmpv4, all);
  Add(prefix + "icmp.v4.sent.", {"dropped", "rate_limited"}, all);
  Add(prefix + "icmp.v6.received.", kIcmpv6, all);
  Add(prefix + "icmp.v6.received.",
      {"unrecognized", "invalid", "router_only_packets_dropped_by_host"}, all);
  Add(prefix + "icmp.v6.sent.", kIcmpv6, all);
  Add(prefix + "icmp.v6.sent.", {"dropped", "rate_limited"}, all);
}
// In the order in which they come.
Names Expected(const std::vector<uint32_t>& nics) {
  Names all;
  Add("ip.", kIp, &all);
  AddIcmp("", &all);
  Add("forwarder.", kForwarder, &all);
  Add("reassembly.", kReassembly, &all);
  Add("path_mtu.", kPathMtu, &all);
  Add("", kSockets, &all);
  Add("", {"reassembly.bytes_held", "path_mtu.held"}, &all);
  for (const uint32_t nic : nics) {
    const std::string prefix = "nic." + std::to_string(nic) + ".";
    Add(prefix, kNic, &all);
    Add(prefix + "ip.v4.", kIp, &all);
    Add(prefix + "ip.v6.", kIp, &all);
    AddIcmp(prefix, &all);
  }
  return all;
}

Names NamesOf(StackScene* scene) {
  Names names;
  (*scene)->ForEachCounter([&](const char* name, uint64_t) {
    names.emplace_back(name);
    return true;
  });
  return names;
}

TEST(StatsTest, NamesAreCompleteAndInAStableOrder) {
  StackScene scene;
  EXPECT_EQ(NamesOf(&scene), Expected({}));
  const auto one = scene.AddNic(7);
  const auto two = scene.AddNic(3);
  EXPECT_EQ(NamesOf(&scene), Expected({7, 3}));
}

TEST(StatsTest, AProtocolThatNobodyWantedGetsAName) {
  StackScene scene;
  const auto link = scene.AddNic(1, {"192.168.0.1/24"});
  link->Inject(Build(Ipv4{.protocol = 17}, Bytes(8)));
  Names expected = Expected({1});
  expected.emplace_back("nic.1.unknown_l4_protocol_rcvd_packet_counts.17");
  EXPECT_EQ(NamesOf(&scene), expected);
  EXPECT_EQ(scene.Count("nic.1.unknown_l4_protocol_rcvd_packet_counts.17"), 1u);
}

TEST(StatsTest, TheStackSumsUpNicsAndFamiliesAndNicsTellThemApart) {
  StackScene scene;
  const auto one = scene.AddNic(1, {"192.168.0.1/24"});
  const auto two = scene.AddNic(2, {"a::1/64"});
  for (int i = 0; i < 2; ++i) one->Inject(Build(Ipv4{}, Icmp{}));
  for (int i = 0; i < 3; ++i) two->Inject(Build(Ipv6{}, Icmp{}));
  one->Inject(Bytes{0x50});
  one->Inject(Bytes());
  const std::map<std::string, uint64_t> expected{
      {"ip.packets_received", 5},
      {"nic.1.ip.v4.packets_received", 2},
      {"nic.1.ip.v6.packets_received", 0},
      {"nic.2.ip.v4.packets_received", 0},
      {"nic.2.ip.v6.packets_received", 3},
      {"icmp.v4.received.echo_request", 2},
      {"icmp.v6.received.echo_request", 3},
      {"nic.2.icmp.v6.sent.echo_reply", 3},
      {"icmp.v4.sent.echo_reply", 2},
      {"nic.1.rx.packets", 4},
      {"nic.1.rx.bytes", 2 * 28 + 1},
      {"nic.2.tx.bytes", 3 * 48},
      {"nic.1.unknown_l3_protocol_rcvd_packets", 2},
  };
  for (const auto& [name, value] : expected) EXPECT_EQ(scene.Count(name), value) << name;
}

TEST(StatsTest, WhatRemovedNicsCountedStaysInTheSums) {
  StackScene scene;
  for (uint64_t round = 1; round <= 3; ++round) {
    const auto link = scene.AddNic(1, {"192.168.0.1/24"});
    link->Inject(Build(Ipv4{}, Icmp{}));
    EXPECT_EQ(scene.Count("nic.1.ip.v4.packets_received"), 1u);  // a new NIC counts from 0
    ASSERT_TRUE([&] {
      const base::Entry entry;
      return scene->RemoveNic(1).ok();
    }());
    EXPECT_EQ(scene.Count("ip.packets_received"), round);
    EXPECT_EQ(scene.Count("ip.packets_received"), round);  // not added twice
    EXPECT_EQ(NamesOf(&scene), Expected({}));
  }
  EXPECT_EQ(scene.Count("icmp.v4.sent.echo_reply"), 3u);
}

// While the NIC may still be counting, the sums look at it live.
TEST(StatsTest, ANicThatIsLeavingStillCounts) {
  StackScene scene;
  const auto link = scene.AddNic(1, {"192.168.0.1/24"});
  bool removed = false;
  link->set_on_transmit([&](const Bytes&) {
    ASSERT_TRUE(scene->RemoveNic(1).ok());
    removed = true;
    EXPECT_EQ(scene.Count("ip.packets_received"), 1u);
    EXPECT_EQ(scene.Count("ip.packets_sent"), 0u);  // counted after the link has it
  });
  link->Inject(Build(Ipv4{}, Icmp{}));
  EXPECT_TRUE(removed);
  EXPECT_EQ(scene.Count("ip.packets_sent"), 1u);
  EXPECT_EQ(scene.Count("icmp.v4.sent.echo_reply"), 1u);
}

TEST(StatsTest, AVisitorMayEndTheWalkAndCallTheStack) {
  StackScene scene;
  const auto link = scene.AddNic(1);
  int calls = 0;
  scene->ForEachCounter([&](const char*, uint64_t) {
    const base::Entry entry;
    EXPECT_TRUE(scene->SetCapture(1, nullptr).ok());
    return ++calls < 3;
  });
  EXPECT_EQ(calls, 3);
}

TEST(StatsTest, ANameThatIsNoCounterIsNotFound) {
  StackScene scene;
  uint64_t value = 5;
  for (const char* const name : {"", "ip", "ip.", "ip.packets_receive", "ip.packets_received2",
                                 "nic.1.rx.packets", "icmp.v4.sent.invalid"}) {
    EXPECT_EQ(scene->GetCounter(name, &value).status(), Status::kNotFound) << name;
  }
  EXPECT_EQ(value, 5u);
}

}  // namespace
}  // namespace netstack::stack
