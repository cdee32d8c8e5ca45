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
  const Egress egress = FindEgress(scene->context(), FamilyOf(remote), AddressOf(remote));
  if (egress.interface == nullptr) return "none";
  EXPECT_EQ(egress.interface, &scene->interface());
  return wire::Format(FamilyOf(remote), egress.next_hop);
}

TEST(FindEgressTest, TheLongestMatchingRouteTellsTheNextHop) {
  IpScene scene;
  scene.configuration().strict_routes = true;
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

TEST(FindEgressTest, RoutesOverOtherNicsAreNotTaken) {
  IpScene scene;
  scene.configuration().strict_routes = true;
  scene.AddRoute("10.0.0.0/8", "192.0.2.1");
  scene.AddRoute("10.1.0.0/16", "192.0.2.2", IpScene::kNic + 1);
  scene.AddRoute("11.0.0.0/8", "192.0.2.3", IpScene::kNic + 1);
  EXPECT_EQ(WayTo(&scene, "10.1.0.1"), "192.0.2.1");
  EXPECT_EQ(WayTo(&scene, "11.0.0.1"), "none");
}

TEST(FindEgressTest, OfTheRoutesOfOnePrefixTheOldestOverThisNicIsTaken) {
  IpScene scene;
  scene.configuration().strict_routes = true;
  scene.AddRoute("0.0.0.0/0", "192.0.2.9", IpScene::kNic + 1);
  scene.AddRoute("0.0.0.0/0", "192.0.2.1");
  scene.AddRoute("0.0.0.0/0", "192.0.2.2");
  EXPECT_EQ(WayTo(&scene, "198.51.100.1"), "192.0.2.1");
}

// Reference, section 7.4, step 3.
TEST(FindEgressTest, LinkLocalMulticastBroadcastAndLoopbackNeedNoRoute) {
  IpScene scene;
  scene.configuration().strict_routes = true;
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
TEST(FindEgressTest, WithoutARouteTheWayOutIsTheWayInUnlessStrictOrTheLinkMustResolve) {
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
    EXPECT_EQ(WayTo(&scene, "198.51.100.7"), c.way ? "198.51.100.7" : "none");
    EXPECT_EQ(WayTo(&scene, "2001:db8::7"), c.way ? "2001:db8::7" : "none");
    scene.AddRoute("198.51.100.0/24", "192.0.2.1");
    // A next hop is for those who must know it.
    const bool told = c.strict || c.needs_resolution;
    EXPECT_EQ(WayTo(&scene, "198.51.100.7"), told ? "192.0.2.1" : "198.51.100.7");
  }
}

class OutgoingTest : public ::testing::Test {
 protected:
  // Writes a packet of `length` bytes; true if it was sent.
  static bool Send(IpScene* scene, Family family, size_t length) {
    const Context context = scene->context();
    Outgoing out(context, family, scene->interface(), length);
    if (out.data() == nullptr) return false;
    std::fill_n(out.data(), length, uint8_t{0x5a});
    return out.Send();
  }
};

TEST_F(OutgoingTest, APacketIsSentAndCounted) {
  IpScene scene;
  EXPECT_TRUE(Send(&scene, Family::kIpv4, 100));
  EXPECT_EQ(scene.link().TakeSent(), (std::vector<Bytes>{Bytes(100, 0x5a)}));
  EXPECT_EQ(scene.TakeCounts(),
            (Counts{{"ip.packets_sent", 1}, {"nic.tx.packets", 1}, {"nic.tx.bytes", 100}}));
  EXPECT_EQ(scene.link().abandoned(), 0u);
}

TEST_F(OutgoingTest, WhatTheMtuAllows) {
  constexpr Family kV4 = Family::kIpv4;
  constexpr Family kV6 = Family::kIpv6;
  const Counts too_long{{"ip.outgoing_packet_errors", 1},
                        {"ip.unsupported.fragmentation_needed", 1}};
  const Counts below_minimum{{"ip.outgoing_packet_errors", 1}};
  const struct {
    uint32_t mtu;
    Family family;
    size_t length;
    const Counts* error;  // null: it is sent
  } cases[] = {
      {1500, kV4, 1500, nullptr},   {1500, kV4, 1501, &too_long},    {68, kV4, 68, nullptr},
      {68, kV4, 69, &too_long},     {67, kV4, 20, &below_minimum},   {1280, kV6, 1280, nullptr},
      {1280, kV6, 1281, &too_long}, {1279, kV6, 40, &below_minimum}, {1279, kV4, 1279, nullptr},
      {65535, kV4, 65535, nullptr},
  };
  for (const auto& c : cases) {
    IpScene scene(c.mtu);
    EXPECT_EQ(Send(&scene, c.family, c.length), c.error == nullptr);
    EXPECT_EQ(scene.link().TakeSent().size(), c.error == nullptr ? 1u : 0u);
    if (c.error != nullptr) {
      EXPECT_EQ(scene.TakeCounts(), *c.error) << c.mtu << " " << c.length;
    }
  }
}

TEST_F(OutgoingTest, AFullLinkIsAnErrorAndADrop) {
  IpScene scene;
  scene.link().set_full(true);
  EXPECT_FALSE(Send(&scene, Family::kIpv6, 100));
  EXPECT_EQ(scene.TakeCounts(), (Counts{{"ip.outgoing_packet_errors", 1},
                                        {"nic.tx_packets_dropped_no_buffer_space", 1}}));
}

TEST_F(OutgoingTest, ALinkThatRefusesIsAnErrorAndWhenFullADrop) {
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
    EXPECT_EQ(scene.link().abandoned(), 0u);  // it was passed to Transmit()
    EXPECT_EQ(scene.link().refused(), 1u);
  }
}

// Each reserved buffer is sent or given back once. The fake link says so too.
TEST_F(OutgoingTest, APacketThatIsNotSentIsGivenBack) {
  IpScene scene;
  {
    const Context context = scene.context();
    const Outgoing out(context, Family::kIpv4, scene.interface(), 100);
    EXPECT_NE(out.data(), nullptr);
  }
  EXPECT_EQ(scene.link().abandoned(), 1u);
  EXPECT_TRUE(scene.link().TakeSent().empty());
  EXPECT_EQ(scene.TakeCounts(), Counts());
}

TEST_F(OutgoingTest, WithoutABufferNothingIsGivenBack) {
  IpScene scene;
  scene.link().set_full(true);
  Send(&scene, Family::kIpv4, 100);
  scene.link().set_full(false);
  Send(&scene, Family::kIpv4, 1501);
  EXPECT_EQ(scene.link().abandoned(), 0u);
}

// gVisor counts a packet where it leaves.
TEST_F(OutgoingTest, AnotherNicCountsWhatLeavesThere) {
  IpScene in;
  IpScene out_scene;
  const Context context = in.context();
  Outgoing out(context, Family::kIpv4, out_scene.interface(), 20);
  std::fill_n(out.data(), 20, uint8_t{1});
  EXPECT_TRUE(out.Send());
  EXPECT_EQ(in.TakeCounts(), Counts());
  EXPECT_EQ(out_scene.TakeCounts().at("ip.packets_sent"), 1u);
  EXPECT_EQ(out_scene.link().TakeSent().size(), 1u);
}

TEST_F(OutgoingTest, TheCaptureGetsThePacketWithTheTimeOfTheWall) {
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
  EXPECT_EQ(Bytes(record.begin() + 16, record.end()), Bytes(21, 0x5a));
}

}  // namespace
}  // namespace netstack::ip
