// The views of all headers: what a builder of its own wrote is what they see.

#include <gtest/gtest.h>

#include "netstack/testing/packet_builder.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/ipv4.h"
#include "netstack/wire/ipv6.h"

namespace netstack::wire {
namespace {

using testing::Bytes;

TEST(Ipv4View, SeesEachField) {
  const Bytes packet = testing::Build(testing::Ipv4{.source = "10.1.2.3",
                                                    .destination = "224.5.6.7",
                                                    .tos = 0x1d,
                                                    .identification = 0xbeef,
                                                    .ttl = 3,
                                                    .protocol = 99,
                                                    .options = Bytes(5, 1)},
                                      Bytes(7));
  const Ipv4View view(packet.data());
  EXPECT_EQ(view.version(), 4);
  EXPECT_EQ(view.header_length(), 28u);
  EXPECT_EQ(view.tos(), 0x1d);
  EXPECT_EQ(view.total_length(), 35);
  EXPECT_EQ(view.identification(), 0xbeef);
  EXPECT_EQ(view.ttl(), 3);
  EXPECT_EQ(view.protocol(), 99);
  EXPECT_EQ(view.source(), Address::Ipv4(0x0a010203));
  EXPECT_EQ(view.destination(), Address::Ipv4(0xe0050607));
}

TEST(Ipv4View, TellsFragmentsByTheirFlagOrTheirOffset) {
  const auto is_fragment = [](const testing::Ipv4& ip) {
    return Ipv4View(testing::Build(ip, Bytes(8)).data()).is_fragment();
  };
  EXPECT_FALSE(is_fragment({}));
  EXPECT_FALSE(is_fragment({.dont_fragment = true}));
  EXPECT_TRUE(is_fragment({.more_fragments = true}));
  EXPECT_TRUE(is_fragment({.fragment_offset = 8}));
  EXPECT_TRUE(is_fragment({.fragment_offset = 65'528}));
  EXPECT_TRUE(is_fragment({.dont_fragment = true, .more_fragments = true}));
}

TEST(Ipv4View, TellsDontFragmentFromTheFlagsBesideIt) {
  const auto dont_fragment = [](const testing::Ipv4& ip) {
    return Ipv4View(testing::Build(ip, Bytes(8)).data()).dont_fragment();
  };
  EXPECT_FALSE(dont_fragment({}));
  EXPECT_TRUE(dont_fragment({.dont_fragment = true}));
  EXPECT_FALSE(dont_fragment({.more_fragments = true, .fragment_offset = 65'528}));
}

TEST(Ipv6View, SeesEachField) {
  const Bytes packet = testing::Build(testing::Ipv6{.source = "2001:db8::3",
                                                    .destination = "ff02::1",
                                                    .traffic_class = 0xa5,
                                                    .flow_label = 0xfffff,
                                                    .hop_limit = 3,
                                                    .next_header = 59},
                                      Bytes(7));
  const Ipv6View view(packet.data());
  EXPECT_EQ(view.version(), 6);
  EXPECT_EQ(view.traffic_class(), 0xa5);
  EXPECT_EQ(view.payload_length(), 7);
  EXPECT_EQ(view.next_header(), kNoNextHeader);
  EXPECT_EQ(view.hop_limit(), 3);
  EXPECT_EQ(view.source(), (Address{0x2001'0db8'0000'0000, 3}));
  EXPECT_EQ(view.destination(), kIpv6AllNodes);
}

TEST(Ipv6View, DoesNotTakeFlowLabelOrVersionForTrafficClass) {
  const Bytes packet = testing::Build(testing::Ipv6{.flow_label = 0xfffff}, Bytes());
  EXPECT_EQ(Ipv6View(packet.data()).traffic_class(), 0);
}

TEST(IcmpView, SeesEachField) {
  const Bytes message = testing::BuildMessage(
      {.type = 13, .code = 14, .identifier = 0x1516, .sequence = 0x1718, .payload = Bytes(3)});
  const IcmpView view(message.data());
  EXPECT_EQ(view.type(), 13);
  EXPECT_EQ(view.code(), 14);
  EXPECT_EQ(view.identifier(), 0x1516);
  EXPECT_EQ(view.sequence(), 0x1718);
}

}  // namespace
}  // namespace netstack::wire
