// The NIC stage (reference, section 1.1) and what addresses bring with them.
#include "netstack/stack/nic.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "netstack/base/entry.h"
#include "netstack/base/user_call.h"
#include "netstack/base/user_data.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/scripted_forwarder.h"
#include "netstack/testing/stack_scene.h"

namespace netstack::stack {
namespace {

using base::Status;
using testing::AddressesOf;
using testing::Build;
using testing::Bytes;
using testing::Icmp;
using testing::Ipv4;
using testing::Ipv6;
using testing::PrefixesOf;
using testing::StackScene;

class NicTest : public ::testing::Test {
 protected:
  NicTest() : link_(scene_.AddNic(1)) {}

  Status Assign(std::string_view prefix) {
    const base::Entry entry;
    return scene_->AddAddresses(1, PrefixesOf({prefix})).status();
  }
  Status Remove(std::string_view address) {
    const base::Entry entry;
    return scene_->RemoveAddresses(1, AddressesOf({address})).status();
  }
  Status Join(std::string_view group) {
    const base::Entry entry;
    return scene_->JoinGroup(1, AddressesOf({group})[0]).status();
  }
  Status Leave(std::string_view group) {
    const base::Entry entry;
    return scene_->LeaveGroup(1, AddressesOf({group})[0]).status();
  }
  // Whether a packet to that address is delivered.
  bool Takes(std::string_view destination) {
    const uint64_t before = scene_.Count("ip.packets_delivered");
    if (destination.find(':') == std::string_view::npos) {
      link_->Inject(Build(
          Ipv4{.source = "203.0.113.77", .destination = destination, .protocol = 17}, Bytes()));
    } else {
      Ipv6 ip;
      ip.source = "2001:db8:77::1";
      ip.destination = destination;
      ip.next_header = 17;
      link_->Inject(Build(ip, Bytes()));
    }
    return scene_.Count("ip.packets_delivered") != before;
  }

  StackScene scene_;
  testing::FakeLink::Pointer link_;
};

TEST_F(NicTest, PacketsAreCountedBeforeAnythingLooksAtThem) {
  const Bytes packets[] = {Bytes(), Bytes{0x40}, Bytes{0x60}, Bytes{0xf0}, Bytes(1400, 0)};
  for (const Bytes& packet : packets) EXPECT_EQ(link_->Inject(packet), Status::kOk);
  EXPECT_EQ(scene_.Count("nic.1.rx.packets"), 5u);
  EXPECT_EQ(scene_.Count("nic.1.rx.bytes"), 1403u);
  EXPECT_EQ(scene_.Count("nic.1.unknown_l3_protocol_rcvd_packets"), 3u);
  EXPECT_EQ(scene_.Count("nic.1.ip.v4.malformed_packets_received"), 1u);
  EXPECT_EQ(scene_.Count("nic.1.ip.v6.malformed_packets_received"), 1u);
}

TEST_F(NicTest, ADisabledNicCountsAndDrops) {
  ASSERT_EQ(Assign("192.168.0.1/24"), Status::kOk);
  NicFlags flags;
  flags.disabled = true;
  {
    const base::Entry entry;
    ASSERT_TRUE(scene_->SetNicFlags(1, flags).ok());
  }
  EXPECT_EQ(link_->Inject(Build(Ipv4{}, Icmp{})), Status::kOk);
  EXPECT_EQ(scene_.Count("nic.1.disabled_rx.packets"), 1u);
  EXPECT_EQ(scene_.Count("nic.1.disabled_rx.bytes"), 28u);
  EXPECT_EQ(scene_.Count("nic.1.rx.packets"), 0u);
  EXPECT_EQ(scene_.Count("ip.packets_received"), 0u);
  flags.disabled = false;
  const base::Entry entry;
  ASSERT_TRUE(scene_->SetNicFlags(1, flags).ok());
  link_->Inject(Build(Ipv4{}, Icmp{}));
  EXPECT_EQ(link_->TakeSent().size(), 1u);
}

// Reference, 1.4 and 2.3.
TEST_F(NicTest, ANicThatForwardsIsInTheGroupsOfAllRouters) {
  const auto forward = [&](wire::Family family, bool on) {
    NicFlags flags;
    flags.forwarding[wire::Index(family)] = on;
    const base::Entry entry;
    EXPECT_TRUE(scene_->SetNicFlags(1, flags).ok());
  };
  const std::vector<std::string> groups4 = {"224.0.0.2"};
  const std::vector<std::string> groups6 = {"ff01::2", "ff02::2", "ff05::2"};
  const auto asked = [&](const std::string& group) {
    const bool v6 = group.find(':') != std::string::npos;
    const char* const counter =
        v6 ? "icmp.v6.received.echo_request" : "icmp.v4.received.echo_request";
    const uint64_t before = scene_.Count(counter);
    link_->Inject(v6 ? Build(Ipv6{.destination = group}, Icmp{})
                     : Build(Ipv4{.destination = group}, Icmp{}));
    return scene_.Count(counter) != before;
  };
  const auto expect = [&](bool in4, bool in6) {
    for (const auto& group : groups4) EXPECT_EQ(asked(group), in4) << group;
    for (const auto& group : groups6) EXPECT_EQ(asked(group), in6) << group;
  };
  expect(false, false);
  forward(wire::Family::kIpv4, true);
  expect(true, false);
  forward(wire::Family::kIpv6, true);
  forward(wire::Family::kIpv6, true);  // twice is once
  expect(true, true);
  forward(wire::Family::kIpv6, false);
  expect(true, false);
  EXPECT_EQ(Join("224.0.0.2"), Status::kOk) << "nobody asked for that";
  forward(wire::Family::kIpv4, false);
  expect(true, false);
  EXPECT_EQ(Leave("224.0.0.2"), Status::kOk);
  expect(false, false);
}

TEST_F(NicTest, ANicMayForwardFromTheStart) {
  const auto link = testing::FakeLink::Make();
  NicOptions options;
  options.forwarding = {true, false};
  const RouteEntry route{PrefixesOf({"0.0.0.0/0"})[0], {}, 1};
  {
    const base::Entry entry;
    ASSERT_TRUE(scene_->AddNic(2, link.get(), options).ok());
    ASSERT_TRUE(scene_->AddRoutes({&route, 1}).ok());
  }
  Ipv4 ip{.source = "10.0.0.9", .destination = "192.0.2.1"};
  link->Inject(Build(ip, Icmp{}));
  ip.ttl = 63;
  EXPECT_EQ(link_->TakeSent(), std::vector<Bytes>{Build(ip, Icmp{})});
  EXPECT_EQ(scene_.Count("nic.2.ip.v4.forwarding.packets"), 1u);
  EXPECT_EQ(scene_.Count("nic.1.tx.packets"), 1u);
  link_->Inject(Build(Ipv4{.source = "10.0.0.9", .destination = "192.0.2.1"}, Icmp{}));
  EXPECT_TRUE(link->TakeSent().empty() && link_->TakeSent().empty()) << "the other NIC does not";
}

TEST_F(NicTest, ALinkWithoutANicIsClosed) {
  const base::Entry entry;
  ASSERT_TRUE(scene_->RemoveNic(1).ok());
  EXPECT_EQ(link_->Inject(Build(Ipv4{}, Icmp{})), Status::kClosed);
  // And can serve another.
  ASSERT_TRUE(scene_->AddNic(2, link_.get(), {}).ok());
  EXPECT_EQ(link_->Inject(Build(Ipv4{}, Icmp{})), Status::kOk);
}

// Contract, section 6: handled at once, nested up to 8 deep.
TEST_F(NicTest, PacketsInsideEachOtherAreHandledUpToEightDeep) {
  ASSERT_EQ(Assign("192.168.0.1/24"), Status::kOk);
  const Bytes request = Build(Ipv4{}, Icmp{});
  std::vector<Status> results;
  int depth = 0;
  testing::ScriptedForwarder forwarder([&](uint64_t) {
    ++depth;
    results.push_back(link_->Inject(request));
    return 1;
  });
  const base::Entry entry;
  ASSERT_TRUE(scene_->SetForwarder(true, false, forwarder.get()).ok());
  EXPECT_EQ(link_->Inject(request), Status::kOk);
  EXPECT_EQ(depth, 9);  // the packet from outside, and eight inside
  ASSERT_EQ(results.size(), 9u);
  EXPECT_EQ(results.front(), Status::kBusy);  // the innermost one comes back first
  for (size_t i = 1; i < results.size(); ++i) EXPECT_EQ(results[i], Status::kOk);
  EXPECT_EQ(scene_.Count("nic.1.rx.packets"), 9u);
}

TEST_F(NicTest, EveryNicIsInTheGroupsThatEveryHostIsIn) {
  for (const char* const there : {"255.255.255.255", "224.0.0.1", "ff02::1"}) {
    EXPECT_TRUE(Takes(there)) << there;
  }
  for (const char* const not_there : {"224.0.0.2", "ff02::2", "ff01::1", "0.0.0.0", "::"}) {
    EXPECT_FALSE(Takes(not_there)) << not_there;
  }
}

TEST_F(NicTest, TheBroadcastAddressComesAndGoesWithTheLastOfItsSubnet) {
  ASSERT_EQ(Assign("10.0.0.1/24"), Status::kOk);
  ASSERT_EQ(Assign("10.0.0.2/24"), Status::kOk);
  EXPECT_TRUE(Takes("10.0.0.255"));
  ASSERT_EQ(Remove("10.0.0.1"), Status::kOk);
  EXPECT_FALSE(Takes("10.0.0.1"));
  EXPECT_TRUE(Takes("10.0.0.255"));
  ASSERT_EQ(Remove("10.0.0.2"), Status::kOk);
  EXPECT_FALSE(Takes("10.0.0.255"));
}

TEST_F(NicTest, AnAddressThatIsABroadcastAddressTooIsBothInTurn) {
  ASSERT_EQ(Assign("10.0.0.255/16"), Status::kOk);
  ASSERT_EQ(Assign("10.0.0.1/24"), Status::kOk);
  ASSERT_EQ(Remove("10.0.0.255"), Status::kOk);
  EXPECT_TRUE(Takes("10.0.0.255"));  // still the /24's broadcast address
  ASSERT_EQ(Assign("10.0.0.255/16"), Status::kOk);
  ASSERT_EQ(Remove("10.0.0.1"), Status::kOk);
  EXPECT_TRUE(Takes("10.0.0.255"));  // still assigned
  ASSERT_EQ(Remove("10.0.0.255"), Status::kOk);
  EXPECT_FALSE(Takes("10.0.0.255"));
}

TEST_F(NicTest, ABroadcastAddressAsTheOnlyAddressOfItsSubnetLeavesNothing) {
  ASSERT_EQ(Assign("10.0.0.255/24"), Status::kOk);
  EXPECT_TRUE(Takes("10.0.0.255"));
  ASSERT_EQ(Remove("10.0.0.255"), Status::kOk);
  EXPECT_FALSE(Takes("10.0.0.255"));
}

TEST_F(NicTest, TheSolicitedNodeGroupGoesWithTheLastThatSharesIt) {
  ASSERT_EQ(Assign("2001:db8::1:2:3/64"), Status::kOk);
  ASSERT_EQ(Assign("2001:db8:1::1:2:3/64"), Status::kOk);
  EXPECT_TRUE(Takes("ff02::1:ff02:3"));
  ASSERT_EQ(Remove("2001:db8::1:2:3"), Status::kOk);
  EXPECT_TRUE(Takes("ff02::1:ff02:3"));
  ASSERT_EQ(Remove("2001:db8:1::1:2:3"), Status::kOk);
  EXPECT_FALSE(Takes("ff02::1:ff02:3"));
}

TEST_F(NicTest, GroupsThatAreJoinedAndThereAnywayStay) {
  EXPECT_EQ(Join("224.0.0.9"), Status::kOk);
  EXPECT_EQ(Join("224.0.0.9"), Status::kBusy);
  EXPECT_TRUE(Takes("224.0.0.9"));
  EXPECT_EQ(Leave("224.0.0.9"), Status::kOk);
  EXPECT_FALSE(Takes("224.0.0.9"));
  EXPECT_EQ(Leave("224.0.0.9"), Status::kNotFound);
  // Nobody can leave the groups that every host is in.
  EXPECT_EQ(Leave("224.0.0.1"), Status::kNotFound);
  EXPECT_EQ(Join("224.0.0.1"), Status::kOk);
  EXPECT_EQ(Leave("224.0.0.1"), Status::kOk);
  EXPECT_TRUE(Takes("224.0.0.1"));
  // The same for a solicited-node group: it is there for the address.
  ASSERT_EQ(Assign("a::1/64"), Status::kOk);
  EXPECT_EQ(Join("ff02::1:ff00:1"), Status::kOk);
  ASSERT_EQ(Remove("a::1"), Status::kOk);
  EXPECT_TRUE(Takes("ff02::1:ff00:1"));
  EXPECT_EQ(Leave("ff02::1:ff00:1"), Status::kOk);
  EXPECT_FALSE(Takes("ff02::1:ff00:1"));
}

TEST_F(NicTest, AnAddressIsAssignedOnceWhateverItsPrefix) {
  EXPECT_EQ(Assign("10.0.0.1/24"), Status::kOk);
  EXPECT_EQ(Assign("10.0.0.1/24"), Status::kBusy);
  EXPECT_EQ(Assign("10.0.0.1/8"), Status::kBusy);
  EXPECT_EQ(Remove("10.0.0.2"), Status::kNotFound);
  EXPECT_EQ(Remove("10.0.0.255"), Status::kNotFound);
  EXPECT_EQ(Remove("10.0.0.1"), Status::kOk);
  EXPECT_EQ(Remove("10.0.0.1"), Status::kNotFound);
  EXPECT_EQ(Assign("10.0.0.1/8"), Status::kOk);
  EXPECT_TRUE(Takes("10.255.255.255"));
  EXPECT_FALSE(Takes("10.0.0.255"));
}

// A datagram outlives the NIC that its fragment came in on. When its time is over, only one of the
// same number that has its destination tells its sender.
TEST(NicReplaced, ATimeoutIsToldByWhoeverHasTheAddressThen) {
  const struct {
    const char* address;  // of the new NIC; null: there is none
    bool told;
  } cases[] = {{nullptr, false}, {"10.0.0.1/8", false}, {"192.168.0.1/24", true}};
  for (const auto& test : cases) {
    StackScene scene;
    testing::FakeLink::Pointer link = scene.AddNic(1, {"192.168.0.1/24"});
    EXPECT_EQ(link->Inject(Build(Ipv4{.more_fragments = true, .protocol = 17}, Bytes(24))),
              Status::kOk);
    const base::Entry entry;
    EXPECT_TRUE(scene->RemoveNic(1).ok());
    testing::FakeLink::Pointer next;
    if (test.address != nullptr) next = scene.AddNic(1, {test.address});
    scene.clock().Advance(30'000'000'000);
    size_t packets = 0;
    EXPECT_TRUE(scene->Poll(&packets).ok());
    EXPECT_TRUE(link->TakeSent().empty());
    if (next != nullptr) {
      EXPECT_EQ(next->TakeSent().size(), test.told ? 1u : 0u);
    }
  }
}

}  // namespace
}  // namespace netstack::stack
