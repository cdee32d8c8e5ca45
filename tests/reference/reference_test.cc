// The reference is itself held against vectors made by hand, and the packets
// that are made at random against what they are meant to reach.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reference/echo.h"
#include "reference/random.h"
#include "reference/random_configuration.h"
#include "reference/random_packet.h"

namespace reference {

namespace {

struct Golden {
  const char* request;
  const char* reply;
  const char* address;
};

TEST(Reference, AgreesWithTheGoldenVectors) {
  for (const Golden& golden :
       {Golden{"45200020beef40000301377ac0a80002c0a8000108002e6604d2000161626364",
               "45200020beef40004001fa79c0a80001c0a800020000366604d2000161626364",
               "192.168.0.1/24"},
        Golden{"45000020000000004001f927c0a80002c0a8006308002e6604d2000161626364",
               "45000020000000004001f927c0a80063c0a800020000366604d2000161626364",
               "192.168.0.1/24"},
        Golden{"62012345000c3a03000a0000000000000000000000000002000a0000000000000000000000000001"
               "8000b60804d2000161626364",
               "62000000000c3a40000a0000000000000000000000000001000a0000000000000000000000000002"
               "8100b50804d2000161626364",
               "a::1/64"}}) {
    Configuration configuration;
    configuration.addresses = {SubnetOf(golden.address)};
    configuration.promiscuous = true;
    configuration.handler[kIpv4] = configuration.handler[kIpv6] = true;
    Counts counts;
    Stack stack(configuration, &counts);
    const auto outcome = stack.Receive(support::FromHex(golden.request), {1, 1});
    ASSERT_TRUE(outcome && outcome->reply);
    EXPECT_EQ(support::ToHex(*outcome->reply), golden.reply);
    EXPECT_EQ(outcome->statuses, std::vector<int>{kOk});
  }
}

// A mutation that nothing gets past tests nothing: all counters that a packet
// can move are moved, and answers of each kind are made.
TEST(Reference, ReachesEveryCounterWithTheMutationsThatAreMade) {
  Counts counts;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    const Configuration configuration = RandomConfiguration(&random);
    PacketMaker maker(&random, configuration);
    Stack stack(configuration, &counts);
    for (int i = 0; i < 2'000; ++i) {
      static_cast<void>(stack.Receive(maker.Make(), {i % 3, i % 5 == 0 ? 9 : i % 2}));
    }
  }
  std::string rare;
  std::vector<std::string> names = {"disabled_rx.packets",
                                    "unknown_l3_protocol_rcvd_packets",
                                    "forwarder.requests",
                                    "forwarder.echo_replies",
                                    "forwarder.consumed",
                                    "forwarder.declined",
                                    "forwarder.failed",
                                    "forwarder.replied",
                                    "forwarder.no_route",
                                    "icmp.v6.received.unrecognized",
                                    "icmp.v6.received.router_only_packets_dropped_by_host"};
  for (const char* const family : {"v4.", "v6."}) {
    for (const char* const name :
         {"packets_received", "valid_packets_received", "malformed_packets_received",
          "invalid_source_addresses_received", "invalid_destination_addresses_received",
          "packets_delivered", "packets_sent", "outgoing_packet_errors"}) {
      names.push_back(std::string("ip.") + family + name);
    }
    for (const char* const name :
         {"received.echo_request", "received.echo_reply", "received.dst_unreachable",
          "received.time_exceeded", "received.invalid", "sent.echo_reply", "sent.dropped"}) {
      names.push_back(std::string("icmp.") + family + name);
    }
  }
  for (const std::string& name : names) {
    if (counts[name] < 5) rare += name + " " + std::to_string(counts[name]) + ", ";
  }
  EXPECT_EQ(rare, "");
  const uint64_t answers = counts["icmp.v4.sent.echo_reply"] + counts["icmp.v6.sent.echo_reply"];
  EXPECT_GT(answers * 10, counts["rx.packets"]) << answers;  // one in ten at least
}

}  // namespace

}  // namespace reference
