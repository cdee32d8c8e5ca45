// Assigned addresses, local prefixes and groups.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <ostream>
#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Address;
using support::EchoRequestTo;
using support::Error;
using support::Handler;
using support::Prefix;
using support::Wire;
using support::WireOptions;

// Says what a destination is to a stack, as its handler sees it: "assigned",
// "temporary", "broadcast", "multicast", "both" for what none can be, or "none".
class Classifier {
 public:
  explicit Classifier(Wire& wire)
      : wire_(wire), handler_([this](ns_request request) {
          flags_ = static_cast<int>(support::InfoOf(request).flags);
          return NS_VERDICT_CONSUMED;
        }) {
    handler_.InstallIn(wire.stack());
  }

  std::string operator()(const std::string& destination) {
    flags_ = -1;
    EXPECT_EQ(wire_.Send(EchoRequestTo(destination)).size(), 0u);
    switch (flags_) {
      case -1:
        return "none";
      case 0:
        return "assigned";
      case NS_PACKET_TEMPORARY:
        return "temporary";
      case NS_PACKET_BROADCAST:
        return "broadcast";
      case NS_PACKET_MULTICAST:
        return "multicast";
      default:
        return "both";
    }
  }

 private:
  Wire& wire_;
  int flags_ = -1;
  Handler handler_;
};

class Addresses : public testing::Test {
 protected:
  ns_status Add(const char* address) {
    return ns_stack_add_address(wire_.stack(), 1, address, error_.out());
  }
  ns_status Remove(const char* address) {
    return ns_stack_remove_address(wire_.stack(), 1, address, error_.out());
  }
  ns_status AddPrefix(const char* prefix) {
    return ns_stack_add_local_prefix(wire_.stack(), 1, prefix, error_.out());
  }

  Wire wire_;
  Classifier what_{wire_};
  Error error_;
};

TEST_F(Addresses, AreTakenWhenAddedAndNotWhenRemoved) {
  EXPECT_EQ(what_("10.0.0.1"), "none");
  ASSERT_EQ(Add("10.0.0.1/8"), NS_OK);
  EXPECT_EQ(what_("10.0.0.1"), "assigned");
  EXPECT_EQ(what_("10.255.255.255"), "broadcast");
  EXPECT_EQ(what_("10.0.0.2"), "none");
  ASSERT_EQ(Remove("10.0.0.1"), NS_OK);
  EXPECT_EQ(what_("10.0.0.1"), "none");
  EXPECT_EQ(what_("10.255.255.255"), "none");
  EXPECT_EQ(what_("192.168.0.1"), "assigned");
}

TEST_F(Addresses, OfIpv6BringTheirSolicitedNodeGroup) {
  EXPECT_EQ(what_("ff02::1:ff34:5678"), "none");
  ASSERT_EQ(Add("b::1234:5678/64"), NS_OK);
  EXPECT_EQ(what_("b::1234:5678"), "assigned");
  EXPECT_EQ(what_("ff02::1:ff34:5678"), "multicast");
  ASSERT_EQ(Add("c::ab34:5678/64"), NS_OK);  // shares the group
  ASSERT_EQ(Remove("b::1234:5678"), NS_OK);
  EXPECT_EQ(what_("ff02::1:ff34:5678"), "multicast");
  ASSERT_EQ(Remove("c::ab34:5678"), NS_OK);
  EXPECT_EQ(what_("ff02::1:ff34:5678"), "none");
}

TEST_F(Addresses, GroupThatIsJoinedStaysWithoutTheAddressThatBroughtItToo) {
  ASSERT_EQ(Add("b::1234:5678/64"), NS_OK);
  ASSERT_EQ(ns_stack_join_group(wire_.stack(), 1, "ff02::1:ff34:5678", nullptr), NS_OK);
  ASSERT_EQ(Remove("b::1234:5678"), NS_OK);
  EXPECT_EQ(what_("ff02::1:ff34:5678"), "multicast");
  ASSERT_EQ(ns_stack_leave_group(wire_.stack(), 1, "ff02::1:ff34:5678", nullptr), NS_OK);
  EXPECT_EQ(what_("ff02::1:ff34:5678"), "none");
}

TEST_F(Addresses, WithoutALengthAreSubnetsOfTheirOwn) {
  ASSERT_EQ(Add("10.0.0.1"), NS_OK) << error_.message();
  ASSERT_EQ(Add("b::1"), NS_OK) << error_.message();
  EXPECT_EQ(what_("10.0.0.1"), "assigned");
  EXPECT_EQ(what_("b::1"), "assigned");
  EXPECT_EQ(what_("10.255.255.255"), "none");
}

struct Subnet {
  const char* address;
  const char* broadcast;
  const char* expected;
};

TEST_F(Addresses, BringABroadcastAddressUpToLength30) {
  for (const Subnet& subnet :
       {Subnet{"10.1.2.3/1", "127.255.255.255", "none"},  // martian
        Subnet{"10.1.2.3/4", "15.255.255.255", "broadcast"},
        Subnet{"10.1.2.3/8", "10.255.255.255", "broadcast"},
        Subnet{"10.1.2.3/15", "10.1.255.255", "broadcast"},
        Subnet{"10.1.2.3/23", "10.1.3.255", "broadcast"},
        Subnet{"10.1.2.3/29", "10.1.2.7", "broadcast"},
        Subnet{"10.1.2.1/30", "10.1.2.3", "broadcast"}, Subnet{"10.1.2.2/31", "10.1.2.3", "none"},
        Subnet{"10.1.2.3/32", "10.1.2.3", "assigned"}}) {
    Wire wire;
    Classifier what(wire);
    ASSERT_EQ(ns_stack_add_address(wire.stack(), 1, subnet.address, nullptr), NS_OK);
    EXPECT_EQ(what(subnet.broadcast), subnet.expected) << subnet.address;
  }
}

TEST_F(Addresses, OfIpv6BringNoBroadcastAddress) {
  ASSERT_EQ(Add("b::1/120"), NS_OK);
  EXPECT_EQ(what_("b::ff"), "none");
}

TEST_F(Addresses, ThatShareABroadcastAddressKeepItUntilTheLastIsRemoved) {
  for (const char* const address : {"10.0.0.1/24", "10.0.0.2/24", "10.0.0.200/25"}) {
    ASSERT_EQ(Add(address), NS_OK);
  }
  for (const char* const address : {"10.0.0.2", "10.0.0.1", "10.0.0.200"}) {
    EXPECT_EQ(what_("10.0.0.255"), "broadcast");
    ASSERT_EQ(Remove(address), NS_OK);
  }
  EXPECT_EQ(what_("10.0.0.255"), "none");
}

TEST_F(Addresses, ThatAreAnotherSubnetsBroadcastAddressAreAssigned) {
  ASSERT_EQ(Add("10.0.0.1/24"), NS_OK);
  ASSERT_EQ(Add("10.0.0.255/16"), NS_OK);
  EXPECT_EQ(what_("10.0.0.255"), "assigned");
  ASSERT_EQ(Remove("10.0.0.255"), NS_OK);
  EXPECT_EQ(what_("10.0.0.255"), "broadcast");
  ASSERT_EQ(Add("10.0.0.255/16"), NS_OK);
  ASSERT_EQ(Remove("10.0.0.1"), NS_OK);
  EXPECT_EQ(what_("10.0.0.255"), "assigned");
  EXPECT_EQ(what_("10.0.255.255"), "broadcast");
}

TEST_F(Addresses, InsideALocalPrefixAreNotTemporary) {
  ASSERT_EQ(AddPrefix("10.0.0.0/8"), NS_OK);
  ASSERT_EQ(AddPrefix("b::/32"), NS_OK);
  EXPECT_EQ(what_("10.0.0.1"), "temporary");
  EXPECT_EQ(what_("b::1"), "temporary");
  ASSERT_EQ(Add("10.0.0.1/24"), NS_OK);
  ASSERT_EQ(Add("b::1/64"), NS_OK);
  EXPECT_EQ(what_("10.0.0.1"), "assigned");
  EXPECT_EQ(what_("10.0.0.255"), "broadcast");
  EXPECT_EQ(what_("10.0.0.2"), "temporary");
  EXPECT_EQ(what_("b::1"), "assigned");
  ASSERT_EQ(Remove("10.0.0.1"), NS_OK);
  ASSERT_EQ(Remove("b::1"), NS_OK);
  EXPECT_EQ(what_("10.0.0.1"), "temporary");
  EXPECT_EQ(what_("10.0.0.255"), "temporary");
  EXPECT_EQ(what_("b::1"), "temporary");
}

TEST_F(Addresses, PrefixesEndWhereTheirLengthSays) {
  struct Edge {
    const char* prefix;
    std::vector<const char*> inside;
    std::vector<const char*> outside;
  };
  for (const Edge& edge :
       {Edge{"10.7.0.0/16", {"10.7.0.0", "10.7.255.255"}, {"10.6.255.255", "10.8.0.0"}},
        Edge{"10.7.0.128/25", {"10.7.0.128", "10.7.0.255"}, {"10.7.0.127", "10.7.1.0"}},
        Edge{"10.7.0.9/32", {"10.7.0.9"}, {"10.7.0.8", "10.7.0.10"}},
        Edge{"0.0.0.0/0", {"1.2.3.4", "223.255.255.255"}, {"224.0.0.9", "a::99"}},
        Edge{"b::/16", {"b::", "b:ffff::ffff"}, {"a:ffff::1", "c::"}},
        Edge{"b::8000:0:0:0/65", {"b::8000:0:0:1"}, {"b::7fff:0:0:1", "b:0:0:1::1"}},
        Edge{"b::7/128", {"b::7"}, {"b::6", "b::8"}},
        Edge{"::/0", {"1::1", "fe80::77"}, {"ff02::77", "10.0.0.9"}}}) {
    Wire wire;
    Classifier what(wire);
    ASSERT_EQ(ns_stack_add_local_prefix(wire.stack(), 1, edge.prefix, nullptr), NS_OK);
    for (const char* const each : edge.inside) EXPECT_EQ(what(each), "temporary") << each;
    for (const char* const each : edge.outside) EXPECT_EQ(what(each), "none") << each;
    ASSERT_EQ(ns_stack_remove_local_prefix(wire.stack(), 1, edge.prefix, nullptr), NS_OK);
    for (const char* const each : edge.inside) EXPECT_EQ(what(each), "none") << each;
  }
}

TEST_F(Addresses, PrefixInsideAnotherGoesAlone) {
  ASSERT_EQ(AddPrefix("10.0.0.0/8"), NS_OK);
  ASSERT_EQ(AddPrefix("10.7.0.0/16"), NS_OK);
  ASSERT_EQ(ns_stack_remove_local_prefix(wire_.stack(), 1, "10.0.0.0/8", nullptr), NS_OK);
  EXPECT_EQ(what_("10.7.0.1"), "temporary");
  EXPECT_EQ(what_("10.8.0.1"), "none");
}

TEST_F(Addresses, GroupsAreTakenWhileJoined) {
  for (const char* const group : {"239.1.2.3", "ff0e::77"}) {
    EXPECT_EQ(what_(group), "none");
    ASSERT_EQ(ns_stack_join_group(wire_.stack(), 1, group, nullptr), NS_OK);
    EXPECT_EQ(what_(group), "multicast");
    ASSERT_EQ(ns_stack_leave_group(wire_.stack(), 1, group, nullptr), NS_OK);
    EXPECT_EQ(what_(group), "none");
  }
}

TEST_F(Addresses, GroupsThatEveryHostIsInAreNotLeft) {
  for (const char* const group : {"224.0.0.1", "ff02::1"}) {
    EXPECT_EQ(ns_stack_leave_group(wire_.stack(), 1, group, nullptr), NS_ERR_NOT_FOUND);
    EXPECT_EQ(what_(group), "multicast");
    ASSERT_EQ(ns_stack_join_group(wire_.stack(), 1, group, nullptr), NS_OK);
    ASSERT_EQ(ns_stack_leave_group(wire_.stack(), 1, group, nullptr), NS_OK);
    EXPECT_EQ(what_(group), "multicast");
  }
}

TEST_F(Addresses, GroupThatIsNotJoinedIsNotOursInPromiscuousModeEither) {
  wire_.SetNicFlags(NS_NIC_PROMISCUOUS);
  EXPECT_EQ(what_("239.1.2.3"), "none");
  EXPECT_EQ(what_("ff0e::77"), "none");
  EXPECT_EQ(what_("10.9.9.9"), "temporary");
}

// Whole or not at all.

TEST_F(Addresses, ManyAreAddedAllOrNone) {
  std::vector<ns_prefix> good;
  for (const char* const text : {"10.0.0.1/24", "10.0.0.2/24", "b::1/64", "10.9.0.1/16"}) {
    good.push_back(Prefix(text));
  }
  const ns_prefix multicast = Prefix("224.1.2.3/24");
  const ns_prefix there_already = Prefix("192.168.0.1/24");
  for (const ns_prefix& bad : {multicast, there_already, good[0]}) {
    for (size_t at = 0; at <= good.size(); ++at) {
      std::vector<ns_prefix> all = good;
      all.insert(all.begin() + static_cast<ptrdiff_t>(at), bad);
      EXPECT_NE(ns_stack_add_addresses(wire_.stack(), 1, all.data(), all.size(), error_.out()),
                NS_OK);
      EXPECT_TRUE(error_.is_set());
      for (const char* const each :
           {"10.0.0.1", "10.0.0.2", "b::1", "10.9.0.1", "10.0.0.255", "10.9.255.255"}) {
        EXPECT_EQ(what_(each), "none") << each;
      }
    }
  }
  EXPECT_EQ(what_("192.168.0.1"), "assigned");
  ASSERT_EQ(ns_stack_add_addresses(wire_.stack(), 1, good.data(), good.size(), error_.out()), NS_OK)
      << error_.message();
  EXPECT_EQ(what_("10.0.0.2"), "assigned");
  EXPECT_EQ(what_("b::1"), "assigned");
}

TEST_F(Addresses, ManyAreRemovedAllOrNone) {
  ASSERT_EQ(Add("10.0.0.1/24"), NS_OK);
  ASSERT_EQ(Add("10.0.0.2/24"), NS_OK);
  const std::vector<ns_address> good = {Address("10.0.0.1"), Address("10.0.0.2"), Address("a::1")};
  for (const ns_address& bad : {Address("10.0.0.3"), Address("10.0.0.255"), good[1]}) {
    for (size_t at = 0; at <= good.size(); ++at) {
      std::vector<ns_address> all = good;
      all.insert(all.begin() + static_cast<ptrdiff_t>(at), bad);
      EXPECT_EQ(ns_stack_remove_addresses(wire_.stack(), 1, all.data(), all.size(), error_.out()),
                NS_ERR_NOT_FOUND);
      for (const char* const each : {"10.0.0.1", "10.0.0.2", "a::1"}) {
        EXPECT_EQ(what_(each), "assigned") << each;
      }
      EXPECT_EQ(what_("10.0.0.255"), "broadcast");
      EXPECT_EQ(what_("ff02::1:ff00:1"), "multicast");
    }
  }
  ASSERT_EQ(ns_stack_remove_addresses(wire_.stack(), 1, good.data(), good.size(), nullptr), NS_OK);
  for (const char* const each : {"10.0.0.1", "10.0.0.2", "a::1", "10.0.0.255"}) {
    EXPECT_EQ(what_(each), "none") << each;
  }
}

TEST_F(Addresses, ManyPrefixesAreAddedAndRemovedAllOrNone) {
  const std::vector<ns_prefix> good = {Prefix("10.0.0.0/8"), Prefix("b::/64")};
  for (const ns_prefix& bad : {Prefix("10.0.0.1/8"), good[0], Prefix("c::1/64")}) {
    std::vector<ns_prefix> all = good;
    all.push_back(bad);
    EXPECT_NE(ns_stack_add_local_prefixes(wire_.stack(), 1, all.data(), all.size(), nullptr),
              NS_OK);
    EXPECT_EQ(what_("10.0.0.1"), "none");
    EXPECT_EQ(what_("b::1"), "none");
  }
  ASSERT_EQ(ns_stack_add_local_prefixes(wire_.stack(), 1, good.data(), good.size(), nullptr),
            NS_OK);
  for (const ns_prefix& bad : {Prefix("10.0.0.0/9"), good[0]}) {
    std::vector<ns_prefix> all = good;
    all.push_back(bad);
    EXPECT_EQ(ns_stack_remove_local_prefixes(wire_.stack(), 1, all.data(), all.size(), nullptr),
              NS_ERR_NOT_FOUND);
    EXPECT_EQ(what_("10.0.0.1"), "temporary");
    EXPECT_EQ(what_("b::1"), "temporary");
  }
  ASSERT_EQ(ns_stack_remove_local_prefixes(wire_.stack(), 1, good.data(), good.size(), nullptr),
            NS_OK);
  EXPECT_EQ(what_("10.0.0.1"), "none");
}

TEST_F(Addresses, NoneAtAllIsNoError) {
  EXPECT_EQ(ns_stack_add_addresses(wire_.stack(), 1, nullptr, 0, nullptr), NS_OK);
  EXPECT_EQ(ns_stack_remove_addresses(wire_.stack(), 1, nullptr, 0, nullptr), NS_OK);
  EXPECT_EQ(ns_stack_add_local_prefixes(wire_.stack(), 1, nullptr, 0, nullptr), NS_OK);
  EXPECT_EQ(ns_stack_remove_local_prefixes(wire_.stack(), 1, nullptr, 0, nullptr), NS_OK);
  EXPECT_EQ(ns_stack_add_addresses(wire_.stack(), 2, nullptr, 0, nullptr), NS_ERR_NOT_FOUND);
}

TEST_F(Addresses, MillionsAreNotNeededForAMillionAddresses) {
  std::vector<ns_prefix> many;
  ns_prefix each = Prefix("10.0.0.0/32");
  for (unsigned i = 0; i < 20'000; ++i) {
    each.address.bytes[2] = static_cast<uint8_t>(i >> 8);
    each.address.bytes[3] = static_cast<uint8_t>(i);
    many.push_back(each);
  }
  ASSERT_EQ(ns_stack_add_addresses(wire_.stack(), 1, many.data(), many.size(), nullptr), NS_OK);
  EXPECT_EQ(what_("10.0.0.0"), "assigned");
  EXPECT_EQ(what_("10.0.78.31"), "assigned");  // the last one, 19,999
  EXPECT_EQ(what_("10.0.78.32"), "none");
}

// What is refused, and how it is said.

struct Refusal {
  const char* name;
  ns_status (*act)(ns_stack* stack, ns_error** error);
  ns_status status;
  const char* mentions;
};

std::ostream& operator<<(std::ostream& out, const Refusal& each) { return out << each.name; }

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, WithAStatusAndASentenceThatNamesIt) {
  Wire wire(WireOptions{.local_prefixes = {"10.7.0.0/16"}});
  const support::Counters before = wire.AllCounters();
  Error error;
  EXPECT_EQ(GetParam().act(wire.stack(), error.out()), GetParam().status) << error.message();
  ASSERT_TRUE(error.is_set());
  EXPECT_EQ(error.status(), GetParam().status);
  EXPECT_NE(error.message().find(GetParam().mentions), std::string::npos) << error.message();
  EXPECT_EQ(error.message().find('\n'), std::string::npos);
  EXPECT_EQ(wire.AllCounters(), before);
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_TRUE(wire.Answers("a::1"));
}

#define NETSTACK_ACT(call) [](ns_stack* s, ns_error** e) -> ns_status { return call; }

const Refusal kRefusals[] = {
    {"AddressTwice", NETSTACK_ACT(ns_stack_add_address(s, 1, "192.168.0.1/24", e)), NS_ERR_BUSY,
     "192.168.0.1"},
    {"AddressTwiceWithAnotherLength", NETSTACK_ACT(ns_stack_add_address(s, 1, "a::1/128", e)),
     NS_ERR_BUSY, "a::1"},
    {"AddressOfUnknownNic", NETSTACK_ACT(ns_stack_add_address(s, 9, "10.0.0.1/8", e)),
     NS_ERR_NOT_FOUND, "9"},
    {"AddressThatIsText", NETSTACK_ACT(ns_stack_add_address(s, 1, "ten", e)),
     NS_ERR_INVALID_ARGUMENT, "ten"},
    {"AddressWithTooLongAPrefix", NETSTACK_ACT(ns_stack_add_address(s, 1, "10.0.0.1/33", e)),
     NS_ERR_INVALID_ARGUMENT, "10.0.0.1/33"},
    {"UnspecifiedAddress", NETSTACK_ACT(ns_stack_add_address(s, 1, "0.0.0.0/8", e)),
     NS_ERR_INVALID_ARGUMENT, "0.0.0.0"},
    {"UnspecifiedIpv6Address", NETSTACK_ACT(ns_stack_add_address(s, 1, "::/64", e)),
     NS_ERR_INVALID_ARGUMENT, "unspecified"},
    {"MulticastAddress", NETSTACK_ACT(ns_stack_add_address(s, 1, "224.0.0.5/24", e)),
     NS_ERR_INVALID_ARGUMENT, "multicast"},
    {"MulticastIpv6Address", NETSTACK_ACT(ns_stack_add_address(s, 1, "ff02::5/64", e)),
     NS_ERR_INVALID_ARGUMENT, "multicast"},
    {"BroadcastAddress", NETSTACK_ACT(ns_stack_add_address(s, 1, "255.255.255.255/32", e)),
     NS_ERR_INVALID_ARGUMENT, "broadcast"},
    {"RemovingUnassignedAddress", NETSTACK_ACT(ns_stack_remove_address(s, 1, "192.168.0.2", e)),
     NS_ERR_NOT_FOUND, "192.168.0.2"},
    {"RemovingBroadcastAddress", NETSTACK_ACT(ns_stack_remove_address(s, 1, "192.168.0.255", e)),
     NS_ERR_NOT_FOUND, "192.168.0.255"},
    {"RemovingAddressWithLength", NETSTACK_ACT(ns_stack_remove_address(s, 1, "192.168.0.1/24", e)),
     NS_ERR_INVALID_ARGUMENT, "192.168.0.1/24"},
    {"RemovingAddressOfUnknownNic", NETSTACK_ACT(ns_stack_remove_address(s, 3, "a::1", e)),
     NS_ERR_NOT_FOUND, "3"},
    {"PrefixTwice", NETSTACK_ACT(ns_stack_add_local_prefix(s, 1, "10.7.0.0/16", e)), NS_ERR_BUSY,
     "10.7.0.0/16"},
    {"PrefixWithHostBits", NETSTACK_ACT(ns_stack_add_local_prefix(s, 1, "10.8.0.1/16", e)),
     NS_ERR_INVALID_ARGUMENT, "10.8.0.1/16"},
    {"PrefixThatIsText", NETSTACK_ACT(ns_stack_add_local_prefix(s, 1, "10.8.0.0/x", e)),
     NS_ERR_INVALID_ARGUMENT, "10.8.0.0/x"},
    {"PrefixOfUnknownNic", NETSTACK_ACT(ns_stack_add_local_prefix(s, 2, "10.8.0.0/16", e)),
     NS_ERR_NOT_FOUND, "2"},
    {"PrefixOfMulticast", NETSTACK_ACT(ns_stack_add_local_prefix(s, 1, "239.0.0.0/8", e)),
     NS_ERR_INVALID_ARGUMENT, "multicast"},
    {"PrefixOfIpv6Multicast", NETSTACK_ACT(ns_stack_add_local_prefix(s, 1, "ff00::/8", e)),
     NS_ERR_INVALID_ARGUMENT, "multicast"},
    {"PrefixOfMappedAddresses",
     NETSTACK_ACT(ns_stack_add_local_prefix(s, 1, "::ffff:10.0.0.0/104", e)),
     NS_ERR_INVALID_ARGUMENT, "mapped"},
    {"RemovingPrefixWithHostBits",
     NETSTACK_ACT(ns_stack_remove_local_prefix(s, 1, "10.7.0.1/16", e)), NS_ERR_INVALID_ARGUMENT,
     "10.7.0.0/16"},
    {"RemovingPrefixThatIsNone", NETSTACK_ACT(ns_stack_remove_local_prefix(s, 1, "10.7.0.0/17", e)),
     NS_ERR_NOT_FOUND, "10.7.0.0/17"},
    {"GroupThatIsUnicast", NETSTACK_ACT(ns_stack_join_group(s, 1, "10.0.0.1", e)),
     NS_ERR_INVALID_ARGUMENT, "10.0.0.1"},
    {"GroupOfUnknownNic", NETSTACK_ACT(ns_stack_join_group(s, 5, "239.0.0.1", e)), NS_ERR_NOT_FOUND,
     "5"},
    {"GroupNotJoined", NETSTACK_ACT(ns_stack_leave_group(s, 1, "ff0e::1", e)), NS_ERR_NOT_FOUND,
     "ff0e::1"},
};

INSTANTIATE_TEST_SUITE_P(Is, Refused, testing::ValuesIn(kRefusals),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_F(Addresses, GroupTwiceIsBusy) {
  ASSERT_EQ(ns_stack_join_group(wire_.stack(), 1, "239.0.0.1", error_.out()), NS_OK);
  EXPECT_FALSE(error_.is_set());
  EXPECT_EQ(ns_stack_join_group(wire_.stack(), 1, "239.0.0.1", error_.out()), NS_ERR_BUSY);
  EXPECT_NE(error_.message().find("239.0.0.1"), std::string::npos);
}

}  // namespace
