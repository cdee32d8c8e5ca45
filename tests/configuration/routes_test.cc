// Routes: whether an answer finds its way, what came with an address, what is
// refused. Seen by a stack that sends nothing without a route.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Address;
using support::EchoRequest;
using support::Error;
using support::Handler;
using support::Prefix;
using support::Wire;
using support::WireOptions;

class Routes : public testing::Test {
 protected:
  ns_status Add(const char* destination, const char* gateway = nullptr, uint32_t nic = 1) {
    return ns_stack_add_route(wire_.stack(), destination, gateway, nic, error_.out());
  }
  ns_status Remove(const char* destination, const char* gateway = nullptr, uint32_t nic = 1) {
    return ns_stack_remove_route(wire_.stack(), destination, gateway, nic, error_.out());
  }
  // Whether an answer to `peer` is sent, on the NIC that it asked on.
  bool Reaches(const std::string& peer) {
    const char* const ours = support::IsIpv6(peer) ? "a::1" : "192.168.0.1";
    return wire_.Answers(EchoRequest(peer, ours)) == 1;
  }

  Wire wire_{WireOptions{.stack_flags = NS_STACK_STRICT_ROUTES}};
  Error error_;
};

TEST_F(Routes, OnTheLinkComeWithAnAddressAndGoWithIt) {
  EXPECT_TRUE(Reaches("192.168.0.77"));
  EXPECT_TRUE(Reaches("a::77"));
  EXPECT_FALSE(Reaches("10.0.0.1"));
  ASSERT_EQ(ns_stack_add_address(wire_.stack(), 1, "10.0.0.9/8", nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(wire_.stack(), 1, "10.0.0.8/8", nullptr), NS_OK);
  EXPECT_TRUE(Reaches("10.0.0.1"));
  EXPECT_TRUE(Reaches("10.255.255.254"));
  EXPECT_FALSE(Reaches("11.0.0.1"));
  ASSERT_EQ(ns_stack_remove_address(wire_.stack(), 1, "10.0.0.9", nullptr), NS_OK);
  EXPECT_TRUE(Reaches("10.0.0.1"));  // the other address of the subnet keeps it
  ASSERT_EQ(ns_stack_remove_address(wire_.stack(), 1, "10.0.0.8", nullptr), NS_OK);
  EXPECT_FALSE(Reaches("10.0.0.1"));
}

TEST_F(Routes, OfAFailedBulkOfAddressesAreNotThere) {
  const std::vector<ns_prefix> bad = {Prefix("10.0.0.9/8"), Prefix("192.168.0.1/24")};
  EXPECT_EQ(ns_stack_add_addresses(wire_.stack(), 1, bad.data(), bad.size(), nullptr), NS_ERR_BUSY);
  EXPECT_FALSE(Reaches("10.0.0.1"));
  const std::vector<ns_address> unknown = {Address("192.168.0.1"), Address("10.0.0.9")};
  EXPECT_EQ(ns_stack_remove_addresses(wire_.stack(), 1, unknown.data(), unknown.size(), nullptr),
            NS_ERR_NOT_FOUND);
  EXPECT_TRUE(Reaches("192.168.0.77"));
}

TEST_F(Routes, ThatCameWithAnAddressAreNotRemovedByHand) {
  EXPECT_EQ(Remove("192.168.0.0/24"), NS_ERR_NOT_FOUND);
  EXPECT_NE(error_.message().find("192.168.0.0/24"), std::string::npos) << error_.message();
  EXPECT_TRUE(Reaches("192.168.0.77"));
}

TEST_F(Routes, ThatAreAlsoAddedByHandStayWithoutTheAddress) {
  ASSERT_EQ(ns_stack_add_address(wire_.stack(), 1, "10.0.0.9/8", nullptr), NS_OK);
  ASSERT_EQ(Add("10.0.0.0/8"), NS_OK) << error_.message();
  EXPECT_EQ(Add("10.0.0.0/8"), NS_ERR_BUSY);
  ASSERT_EQ(ns_stack_remove_address(wire_.stack(), 1, "10.0.0.9", nullptr), NS_OK);
  EXPECT_TRUE(Reaches("10.0.0.1"));
  ASSERT_EQ(Remove("10.0.0.0/8"), NS_OK);
  EXPECT_FALSE(Reaches("10.0.0.1"));
}

TEST_F(Routes, ThatAreRemovedByHandStayAsLongAsTheAddressDoes) {
  ASSERT_EQ(Add("192.168.0.0/24"), NS_OK);
  ASSERT_EQ(Remove("192.168.0.0/24"), NS_OK);
  EXPECT_TRUE(Reaches("192.168.0.77"));
}

TEST_F(Routes, ReachWhatTheirPrefixHoldsAndNothingElse) {
  ASSERT_EQ(Add("10.1.0.0/16"), NS_OK);
  ASSERT_EQ(Add("b:0:0:1::/64"), NS_OK);
  EXPECT_TRUE(Reaches("10.1.255.255"));
  EXPECT_FALSE(Reaches("10.2.0.0"));
  EXPECT_TRUE(Reaches("b:0:0:1::9"));
  EXPECT_FALSE(Reaches("b:0:0:2::9"));
  ASSERT_EQ(Remove("10.1.0.0/16"), NS_OK);
  EXPECT_FALSE(Reaches("10.1.255.255"));
  EXPECT_TRUE(Reaches("b:0:0:1::9"));
}

TEST_F(Routes, AreNamedWithoutHostBitsWhenRemovedToo) {
  ASSERT_EQ(Add("10.0.0.0/8"), NS_OK);
  EXPECT_EQ(Remove("10.1.2.3/8"), NS_ERR_INVALID_ARGUMENT);
  EXPECT_NE(error_.message().find("10.0.0.0/8"), std::string::npos) << error_.message();
  EXPECT_TRUE(Reaches("10.0.0.1"));
  EXPECT_EQ(Remove("10.0.0.0/8"), NS_OK);
}

TEST_F(Routes, ByDefaultReachEverybodyOfTheirFamily) {
  ASSERT_EQ(Add("0.0.0.0/0"), NS_OK);
  EXPECT_TRUE(Reaches("8.8.8.8"));
  EXPECT_FALSE(Reaches("b::1"));
  ASSERT_EQ(Add("::/0", "a::fe"), NS_OK);
  EXPECT_TRUE(Reaches("b::1"));
}

TEST_F(Routes, ByAGatewayAreRoutesOfTheirOwn) {
  ASSERT_EQ(Add("10.0.0.0/8", "192.168.0.254"), NS_OK);
  EXPECT_EQ(Add("10.0.0.0/8", "192.168.0.254"), NS_ERR_BUSY);
  ASSERT_EQ(Add("10.0.0.0/8", "192.168.0.253"), NS_OK);
  ASSERT_EQ(Add("10.0.0.0/8"), NS_OK);
  ASSERT_EQ(Remove("10.0.0.0/8", "192.168.0.254"), NS_OK);
  EXPECT_EQ(Remove("10.0.0.0/8", "192.168.0.254"), NS_ERR_NOT_FOUND);
  EXPECT_TRUE(Reaches("10.0.0.1"));
  ASSERT_EQ(Remove("10.0.0.0/8"), NS_OK);
  EXPECT_TRUE(Reaches("10.0.0.1"));
  ASSERT_EQ(Remove("10.0.0.0/8", "192.168.0.253"), NS_OK);
  EXPECT_FALSE(Reaches("10.0.0.1"));
}

// An answer leaves by the NIC that was asked: only routes over that one count.
TEST_F(Routes, OfAnotherNicAreNotForAnAnswer) {
  const support::LinkHandle second = support::NewChannel();
  ASSERT_EQ(ns_stack_add_nic(wire_.stack(), 2, second.get(), nullptr, nullptr), NS_OK);
  ASSERT_EQ(Add("10.0.0.0/8", nullptr, 2), NS_OK);
  EXPECT_FALSE(Reaches("10.0.0.1"));
  ASSERT_EQ(Add("0.0.0.0/0", nullptr, 1), NS_OK);
  EXPECT_TRUE(Reaches("10.0.0.1"));
  EXPECT_TRUE(support::Drain(second.get()).empty());
}

TEST_F(Routes, AreNotNeededWithinTheLink) {
  Wire bare(WireOptions{.stack_flags = NS_STACK_STRICT_ROUTES,
                        .addresses = {"192.168.0.1/32", "fe80::1/128"}});
  EXPECT_EQ(bare.Answers(EchoRequest("192.168.0.2", "192.168.0.1")), 0u);
  EXPECT_EQ(bare.Answers(EchoRequest("fe80::2", "fe80::1")), 1u);
}

TEST_F(Routes, GoWithTheirNic) {
  ASSERT_EQ(Add("10.0.0.0/8"), NS_OK);
  ASSERT_EQ(ns_stack_remove_nic(wire_.stack(), 1, nullptr), NS_OK);
  EXPECT_EQ(Remove("10.0.0.0/8"), NS_ERR_NOT_FOUND);
  ASSERT_EQ(ns_stack_add_nic(wire_.stack(), 1, wire_.link(), nullptr, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(wire_.stack(), 1, "192.168.0.1/24", nullptr), NS_OK);
  EXPECT_FALSE(Reaches("10.0.0.1"));
  EXPECT_TRUE(Reaches("192.168.0.9"));
  EXPECT_EQ(Add("10.0.0.0/8"), NS_OK);
  EXPECT_TRUE(Reaches("10.0.0.1"));
}

ns_route Route(const char* destination, const char* gateway, uint32_t nic) {
  ns_route route{};
  route.destination = Prefix(destination);
  if (gateway != nullptr) route.gateway = Address(gateway);
  route.nic = nic;
  return route;
}

TEST_F(Routes, ManyAreAddedAllOrNone) {
  const std::vector<ns_route> good = {Route("10.0.0.0/8", nullptr, 1), Route("b::/16", "a::7", 1)};
  ns_route no_family = good[0];
  no_family.destination.address.family = 5;
  ns_route mixed = good[0];
  mixed.gateway = Address("a::7");
  struct Bad {
    ns_route route;
    ns_status status;
  };
  for (const Bad& bad :
       {Bad{Route("11.0.0.0/8", nullptr, 9), NS_ERR_NOT_FOUND}, Bad{good[0], NS_ERR_BUSY},
        Bad{Route("11.0.0.1/8", nullptr, 1), NS_ERR_INVALID_ARGUMENT},
        Bad{no_family, NS_ERR_INVALID_ARGUMENT}, Bad{mixed, NS_ERR_INVALID_ARGUMENT},
        Bad{Route("11.0.0.0/8", nullptr, 0), NS_ERR_NOT_FOUND}}) {
    std::vector<ns_route> all = good;
    all.push_back(bad.route);
    const ns_status status =
        ns_stack_add_routes(wire_.stack(), all.data(), all.size(), error_.out());
    EXPECT_EQ(status, bad.status) << error_.message();
    EXPECT_FALSE(Reaches("10.0.0.1"));
    EXPECT_FALSE(Reaches("b::1"));
  }
  ASSERT_EQ(ns_stack_add_routes(wire_.stack(), good.data(), good.size(), error_.out()), NS_OK);
  EXPECT_FALSE(error_.is_set());
  EXPECT_TRUE(Reaches("10.0.0.1"));
  EXPECT_TRUE(Reaches("b::1"));
}

TEST_F(Routes, ManyAreRemovedAllOrNone) {
  const std::vector<ns_route> good = {Route("10.0.0.0/8", nullptr, 1), Route("b::/16", "a::7", 1)};
  ASSERT_EQ(ns_stack_add_routes(wire_.stack(), good.data(), good.size(), nullptr), NS_OK);
  for (const ns_route& bad : {Route("11.0.0.0/8", nullptr, 1), good[0], Route("b::/16", nullptr, 1),
                              Route("192.168.0.0/24", nullptr, 1)}) {
    std::vector<ns_route> all = good;
    all.push_back(bad);
    EXPECT_EQ(ns_stack_remove_routes(wire_.stack(), all.data(), all.size(), nullptr),
              NS_ERR_NOT_FOUND);
    EXPECT_TRUE(Reaches("10.0.0.1"));
    EXPECT_TRUE(Reaches("b::1"));
  }
  ASSERT_EQ(ns_stack_remove_routes(wire_.stack(), good.data(), good.size(), nullptr), NS_OK);
  EXPECT_FALSE(Reaches("10.0.0.1"));
  EXPECT_FALSE(Reaches("b::1"));
  EXPECT_EQ(ns_stack_add_routes(wire_.stack(), nullptr, 0, nullptr), NS_OK);
  EXPECT_EQ(ns_stack_remove_routes(wire_.stack(), nullptr, 0, nullptr), NS_OK);
}

struct Refusal {
  const char* destination;
  const char* gateway;
  uint32_t nic;
  ns_status status;
  const char* mentions;
};

TEST_F(Routes, ThatMakeNoSenseAreRefusedWithASentence) {
  for (const Refusal& refusal :
       {Refusal{"10.0.0.0/8", nullptr, 2, NS_ERR_NOT_FOUND, "NIC"},
        Refusal{"10.0.0.0/8", nullptr, 0, NS_ERR_NOT_FOUND, "NIC"},
        Refusal{"10.0.0.1/8", nullptr, 1, NS_ERR_INVALID_ARGUMENT, "10.0.0.0/8"},
        Refusal{"b::1/64", nullptr, 1, NS_ERR_INVALID_ARGUMENT, "b::/64"},
        Refusal{"10.0.0.0/40", nullptr, 1, NS_ERR_INVALID_ARGUMENT, "destination"},
        Refusal{"default", nullptr, 1, NS_ERR_INVALID_ARGUMENT, "destination"},
        Refusal{"", nullptr, 1, NS_ERR_INVALID_ARGUMENT, "destination"},
        Refusal{nullptr, nullptr, 1, NS_ERR_INVALID_ARGUMENT, "destination"},
        Refusal{"10.0.0.0/8", "a::1", 1, NS_ERR_INVALID_ARGUMENT, "gateway"},
        Refusal{"b::/16", "192.168.0.9", 1, NS_ERR_INVALID_ARGUMENT, "gateway"},
        Refusal{"10.0.0.0/8", "", 1, NS_ERR_INVALID_ARGUMENT, "gateway"},
        Refusal{"10.0.0.0/8", "192.168.0.9/24", 1, NS_ERR_INVALID_ARGUMENT, "gateway"},
        Refusal{"10.0.0.0/8", "224.0.0.1", 1, NS_ERR_INVALID_ARGUMENT, "gateway"}}) {
    EXPECT_EQ(Add(refusal.destination, refusal.gateway, refusal.nic), refusal.status);
    EXPECT_EQ(error_.status(), refusal.status);
    EXPECT_NE(error_.message().find(refusal.mentions), std::string::npos) << error_.message();
    EXPECT_FALSE(Reaches("10.0.0.1"));
    EXPECT_FALSE(Reaches("b::1"));
  }
}

}  // namespace
