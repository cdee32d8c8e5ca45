#include "netstack/ip/output.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "netstack/base/user_data.h"
#include "netstack/link/capture.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/wire/text.h"

namespace netstack::ip {
namespace {

using base::Status;
using testing::AddressOf;
using testing::Bytes;
using testing::Counts;
using testing::IpScene;
using wire::Family;

Family FamilyOf(const char* text) { return wire::ParseAddress(text)->family; }

// The next hop, or "none".
std::string WayTo(IpScene* scene, const char* remote) {
  const auto next_hop = NextHop(scene->context(), FamilyOf(remote), AddressOf(remote));
  return next_hop ? wire::Format(FamilyOf(remote), *next_hop) : "none";
}

TEST(NextHopTest, TheLongestMatchingRouteTellsTheNextHop) {
  IpScene scene;
  scene.AddRoute("10.0.0.0/8", "192.0.2.1");
  scene.AddRoute("10.1.0.0/16");
  scene.AddRoute("10.1.2.0/24", "192.0.2.2");
  scene.AddRoute("2001:db8::/32", "2001:db8::1");
  scene.AddRoute("2001:db8:1::/48");
  const struct {
    const char* remote;
    const char* next_hop;
  } cases[] = {{"10.2.0.1", "192.0.2.1"},        {"10.1.0.1", "10.1.0.1"},
               {"10.1.2.9", "192.0.2.2"},        {"11.0.0.1", "none"},
               {"2001:db8:2::1", "2001:db8::1"}, {"2001:db8:1::1", "2001:db8:1::1"},
               {"2001:db9::1", "none"}};
  for (const auto& c : cases) EXPECT_EQ(WayTo(&scene, c.remote), c.next_hop) << c.remote;
}

TEST(NextHopTest, RoutesOverOtherNicsAreNotTaken) {
  IpScene scene;
  scene.AddRoute("10.0.0.0/8", "192.0.2.1");
  scene.AddRoute("10.1.0.0/16", "192.0.2.2", IpScene::kNic + 1);
  scene.AddRoute("11.0.0.0/8", "192.0.2.3", IpScene::kNic + 1);
  EXPECT_EQ(WayTo(&scene, "10.1.0.1"), "192.0.2.1");
  EXPECT_EQ(WayTo(&scene, "11.0.0.1"), "none");
}

TEST(NextHopTest, OfTheRoutesOfOnePrefixTheOldestOverThisNicIsTaken) {
  IpScene scene;
  scene.AddRoute("0.0.0.0/0", "192.0.2.9", IpScene::kNic + 1);
  scene.AddRoute("0.0.0.0/0", "192.0.2.1");
  scene.AddRoute("0.0.0.0/0", "192.0.2.2");
  EXPECT_EQ(WayTo(&scene, "198.51.100.1"), "192.0.2.1");
}

// Reference, section 7.4, step 3.
TEST(NextHopTest, LinkLocalMulticastBroadcastAndLoopbackNeedNoRoute) {
  IpScene scene;
  // A default route does not catch them.
  scene.AddRoute("0.0.0.0/0", "192.0.2.1");
  scene.AddRoute("::/0", "2001:db8::1");
  const char* const remotes[] = {"255.255.255.255", "224.0.0.1", "239.1.2.3",
                                 "127.0.0.1",       "ff02::1",   "ff0e::1",
                                 "fe80::1",         "febf::1",   "::1"};
  for (const char* const remote : remotes) EXPECT_EQ(WayTo(&scene, remote), remote);
  // IPv4 has link-local addresses too, but the reference wants a route for them.
  EXPECT_EQ(WayTo(&scene, "169.254.0.1"), "192.0.2.1");
  EXPECT_EQ(WayTo(&scene, "fec0::1"), "2001:db8::1");
}

// Contract, "rules for reply", 4.
TEST(HasWayBackTest, WithoutARouteTheWayOutIsTheWayInUnlessStrictOrTheLinkMustResolve) {
  const struct {
    bool strict;
    bool needs_resolution;
    bool way;
  } cases[] = {
      {false, false, true}, {false, true, false}, {true, false, false}, {true, true, false}};
  for (const auto& c : cases) {
    IpScene scene;
    scene.configuration().strict_routes = c.strict;
    scene.link().set_needs_resolution(c.needs_resolution);
    for (const char* const remote : {"198.51.100.7", "2001:db8::7"}) {
      EXPECT_EQ(HasWayBack(scene.context(), FamilyOf(remote), AddressOf(remote)), c.way) << remote;
    }
    scene.AddRoute("198.51.100.0/24", "192.0.2.1");
    EXPECT_TRUE(HasWayBack(scene.context(), Family::kIpv4, AddressOf("198.51.100.7")));
  }
}

class SendTest : public ::testing::Test {
 protected:
  // Anything, but in IPv4 no fragment.
  static Bytes Packet(size_t length) {
    Bytes packet(length, 0x5a);
    packet[6] = packet[7] = 0;
    return packet;
  }
  // Writes a packet of `length` bytes; true if it was sent.
  static bool Send(IpScene* scene, Family family, size_t length) {
    const Bytes packet = Packet(length);
    const auto write = [&](uint8_t* to) { std::copy(packet.begin(), packet.end(), to); };
    return ip::Send(scene->context(), family, {}, length, write) == Status::kOk;
  }
};

TEST_F(SendTest, APacketIsSentAndCounted) {
  IpScene scene;
  EXPECT_TRUE(Send(&scene, Family::kIpv4, 100));
  EXPECT_EQ(scene.link().TakeSent(), std::vector<Bytes>{Packet(100)});
  EXPECT_EQ(scene.TakeCounts(),
            (Counts{{"ip.packets_sent", 1}, {"nic.tx.packets", 1}, {"nic.tx.bytes", 100}}));
}

// What is longer than the MTU goes in fragments; what is longer than there are packets, nowhere.
TEST_F(SendTest, WhatTheMtuAllows) {
  constexpr Family kV4 = Family::kIpv4;
  constexpr Family kV6 = Family::kIpv6;
  const Counts refused{{"ip.outgoing_packet_errors", 1}};
  const struct {
    uint32_t mtu;
    Family family;
    size_t length;
    size_t packets;  // 0: it is refused
  } cases[] = {
      {1500, kV4, 1500, 1},  {1500, kV4, 1501, 2},   {68, kV4, 68, 1},       {68, kV4, 69, 2},
      {67, kV4, 20, 0},      {1280, kV6, 1280, 1},   {1280, kV6, 1281, 2},   {1279, kV6, 40, 0},
      {1279, kV6, 1280, 0},  {1279, kV4, 1279, 1},   {65535, kV4, 65535, 1}, {1500, kV4, 65535, 45},
      {1500, kV4, 65536, 0}, {1500, kV6, 65575, 46}, {1500, kV6, 65576, 0},
  };
  for (const auto& c : cases) {
    IpScene scene(c.mtu);
    EXPECT_EQ(Send(&scene, c.family, c.length), c.packets != 0) << c.mtu << " " << c.length;
    EXPECT_EQ(scene.link().TakeSent().size(), c.packets) << c.mtu << " " << c.length;
    if (c.packets == 0) {
      EXPECT_EQ(scene.TakeCounts(), refused) << c.mtu << " " << c.length;
    } else {
      EXPECT_EQ(scene.TakeCounts().at("ip.packets_sent"), c.packets) << c.mtu << " " << c.length;
    }
  }
}

TEST_F(SendTest, AFullLinkIsAnErrorAndADrop) {
  IpScene scene;
  scene.link().set_full(true);
  EXPECT_FALSE(Send(&scene, Family::kIpv6, 100));
  EXPECT_EQ(scene.TakeCounts(), (Counts{{"ip.outgoing_packet_errors", 1},
                                        {"nic.tx_packets_dropped_no_buffer_space", 1}}));
}

TEST_F(SendTest, ALinkThatRefusesIsAnErrorAndWhenFullADrop) {
  const struct {
    Status answer;
    Counts counts;
  } cases[] = {
      {Status::kWouldBlock,
       {{"ip.outgoing_packet_errors", 1}, {"nic.tx_packets_dropped_no_buffer_space", 1}}},
      {Status::kClosed, {{"ip.outgoing_packet_errors", 1}}},
      {Status::kInternal, {{"ip.outgoing_packet_errors", 1}}},
  };
  for (const auto& c : cases) {
    IpScene scene;
    scene.link().set_answer(c.answer);
    EXPECT_FALSE(Send(&scene, Family::kIpv4, 100));
    EXPECT_EQ(scene.TakeCounts(), c.counts);
    EXPECT_EQ(scene.link().refused(), 1u);
  }
}

TEST_F(SendTest, TheCaptureGetsThePacketWithTheTimeOfTheWall) {
  struct Written {
    std::vector<Bytes> records;
  } written;
  link::Capture* capture = nullptr;
  const auto write = [](void* user_data, const uint8_t* bytes, size_t length) {
    static_cast<Written*>(user_data)->records.emplace_back(bytes, bytes + length);
  };
  ASSERT_TRUE(link::Capture::ToFunction(write, base::UserData(&written, nullptr), &capture).ok());
  IpScene scene;
  scene.clock().Advance(3'000'005'000);
  scene.interface().capture = base::Ref<link::Capture>(capture);
  capture->Unref();
  EXPECT_TRUE(Send(&scene, Family::kIpv4, 21));
  ASSERT_EQ(written.records.size(), 2u);  // the file's header, the record
  const Bytes& record = written.records[1];
  ASSERT_EQ(record.size(), 16u + 21u);
  EXPECT_EQ(base::LoadNative<uint32_t>(&record[0]), 3u);
  EXPECT_EQ(base::LoadNative<uint32_t>(&record[4]), 5u);
  EXPECT_EQ(Bytes(record.begin() + 16, record.end()), Packet(21));
}

}  // namespace
}  // namespace netstack::ip
