// NICs and the links that they are made of.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <ostream>
#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::EchoRequestTo;
using support::Error;
using support::Inject;
using support::LinkHandle;
using support::NewChannel;
using support::NewStack;
using support::Prefix;
using support::StackHandle;
using support::Wire;
using support::WireOptions;

ns_status AddNic(ns_stack* stack, uint32_t id, ns_link* link, Error* error = nullptr) {
  return ns_stack_add_nic(stack, id, link, nullptr, error == nullptr ? nullptr : error->out());
}

TEST(Nics, OfAnyIdAreAddedAndRemovedAndAddedAgain) {
  const StackHandle stack = NewStack();
  const LinkHandle link = NewChannel();
  for (const uint32_t id : {1u, 2u, 77u, 0x7fffffffu, 0xffffffffu, 1u}) {
    ASSERT_EQ(AddNic(stack.get(), id, link.get()), NS_OK) << id;
    EXPECT_EQ(AddNic(stack.get(), id, link.get()), NS_ERR_BUSY) << id;
    ASSERT_EQ(ns_stack_add_address(stack.get(), id, "192.168.0.1/24", nullptr), NS_OK);
    ASSERT_EQ(Inject(link.get(), Build(EchoRequestTo("192.168.0.1"))), NS_OK);
    EXPECT_EQ(support::Drain(link.get()).size(), 1u);
    ASSERT_EQ(ns_stack_remove_nic(stack.get(), id, nullptr), NS_OK) << id;
    EXPECT_EQ(ns_stack_remove_nic(stack.get(), id, nullptr), NS_ERR_NOT_FOUND) << id;
    EXPECT_EQ(Inject(link.get(), Build(EchoRequestTo("192.168.0.1"))), NS_ERR_CLOSED);
  }
}

TEST(Nics, ThatAreAddedAgainRememberNothing) {
  Wire wire(WireOptions{.nic_flags = NS_NIC_PROMISCUOUS, .local_prefixes = {"10.0.0.0/8"}});
  ASSERT_EQ(ns_stack_join_group(wire.stack(), 1, "239.0.0.1", nullptr), NS_OK);
  ASSERT_EQ(ns_stack_remove_nic(wire.stack(), 1, nullptr), NS_OK);
  ASSERT_EQ(AddNic(wire.stack(), 1, wire.link()), NS_OK);
  const support::Handler handler = support::Handler::Saying(NS_VERDICT_CONSUMED);
  handler.InstallIn(wire.stack());
  for (const char* const each : {"192.168.0.1", "192.168.0.255", "10.0.0.1", "9.9.9.9", "239.0.0.1",
                                 "a::1", "ff02::1:ff00:1"}) {
    EXPECT_TRUE(wire.Send(EchoRequestTo(each)).empty()) << each;
  }
  EXPECT_EQ(handler.calls(), 0);
  EXPECT_TRUE(wire.Send(EchoRequestTo("224.0.0.1")).empty());
  EXPECT_EQ(handler.calls(), 1);
}

TEST(Nics, ThatWereRemovedStayInTheStacksCounters) {
  Wire wire;
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  ASSERT_EQ(ns_stack_remove_nic(wire.stack(), 1, nullptr), NS_OK);
  EXPECT_EQ(wire.Counter("ip.packets_received"), 1u);
  EXPECT_EQ(wire.Counter("icmp.v4.sent.echo_reply"), 1u);
  uint64_t value = 99;
  EXPECT_EQ(ns_stack_get_counter(wire.stack(), "nic.1.rx.packets", &value), NS_ERR_NOT_FOUND);
  EXPECT_EQ(value, 99u);
  ASSERT_EQ(AddNic(wire.stack(), 1, wire.link()), NS_OK);
  ASSERT_EQ(ns_stack_add_address(wire.stack(), 1, "192.168.0.1/24", nullptr), NS_OK);
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_EQ(wire.Counter("ip.packets_received"), 2u);
  EXPECT_EQ(wire.Counter("nic.1.rx.packets"), 1u);
}

TEST(Nics, TakeALinkThatNoOtherHas) {
  const StackHandle stack = NewStack();
  const StackHandle other = NewStack();
  const LinkHandle link = NewChannel();
  Error error;
  ASSERT_EQ(AddNic(stack.get(), 1, link.get(), &error), NS_OK);
  EXPECT_FALSE(error.is_set());
  EXPECT_EQ(AddNic(stack.get(), 2, link.get(), &error), NS_ERR_BUSY);
  EXPECT_NE(error.message().find("link"), std::string::npos) << error.message();
  EXPECT_EQ(AddNic(other.get(), 1, link.get(), &error), NS_ERR_BUSY);
  EXPECT_EQ(ns_stack_remove_nic(stack.get(), 2, nullptr), NS_ERR_NOT_FOUND);
  ASSERT_EQ(ns_stack_remove_nic(stack.get(), 1, nullptr), NS_OK);
  EXPECT_EQ(AddNic(other.get(), 1, link.get(), &error), NS_OK) << error.message();
}

TEST(Nics, LetTheirLinkGoWithTheStack) {
  StackHandle stack = NewStack();
  const StackHandle other = NewStack();
  const LinkHandle link = NewChannel();
  ASSERT_EQ(AddNic(stack.get(), 1, link.get()), NS_OK);
  stack.reset();
  EXPECT_EQ(Inject(link.get(), Build(EchoRequestTo("192.168.0.1"))), NS_ERR_CLOSED);
  EXPECT_EQ(AddNic(other.get(), 1, link.get()), NS_OK);
}

TEST(Nics, KeepTheirLinkWhenItIsFreed) {
  int sent = 0;
  const auto transmit = [](void* user_data, const uint8_t*, size_t) -> ns_status {
    ++*static_cast<int*>(user_data);
    return NS_OK;
  };
  ns_link* link = nullptr;
  ASSERT_EQ(ns_link_callback_new(nullptr, transmit, &sent, nullptr, &link, nullptr), NS_OK);
  StackHandle stack = NewStack();
  ASSERT_EQ(AddNic(stack.get(), 1, link), NS_OK);
  ASSERT_EQ(ns_stack_add_address(stack.get(), 1, "192.168.0.1/24", nullptr), NS_OK);
  ASSERT_EQ(Inject(link, Build(EchoRequestTo("192.168.0.1"))), NS_OK);
  EXPECT_EQ(sent, 1);
  ns_link_free(link);
  EXPECT_EQ(support::Counter(stack.get(), "ip.packets_sent"), 1u);
}

TEST(Nics, NamedZeroAreRefused) {
  const StackHandle stack = NewStack();
  const LinkHandle link = NewChannel();
  Error error;
  EXPECT_EQ(AddNic(stack.get(), 0, link.get(), &error), NS_ERR_INVALID_ARGUMENT);
  EXPECT_NE(error.message().find("id"), std::string::npos) << error.message();
  EXPECT_EQ(AddNic(stack.get(), 1, link.get(), &error), NS_OK);
}

TEST(Nics, WithOneBadOptionAreNotMadeAndTheLinkIsFree) {
  const StackHandle stack = NewStack(NS_STACK_STRICT_ROUTES);
  const LinkHandle link = NewChannel();
  struct Case {
    std::vector<const char*> addresses;
    std::vector<const char*> prefixes;
    uint32_t flags;
    ns_status status;
  };
  for (const Case& each : {Case{{"10.0.0.1/8", "10.0.0.1/8"}, {}, 0, NS_ERR_BUSY},
                           Case{{"10.0.0.1/8", "224.0.0.9/8"}, {}, 0, NS_ERR_INVALID_ARGUMENT},
                           Case{{"10.0.0.1/8"}, {"10.0.0.1/8"}, 0, NS_ERR_INVALID_ARGUMENT},
                           Case{{"10.0.0.1/8"}, {"11.0.0.0/8", "11.0.0.0/8"}, 0, NS_ERR_BUSY},
                           Case{{"10.0.0.1/8"}, {}, 0x80, NS_ERR_UNSUPPORTED}}) {
    std::vector<ns_prefix> addresses;
    std::vector<ns_prefix> prefixes;
    for (const char* const text : each.addresses) addresses.push_back(Prefix(text));
    for (const char* const text : each.prefixes) prefixes.push_back(Prefix(text));
    ns_nic_options options = NS_NIC_OPTIONS_INIT;
    options.flags = each.flags;
    options.addresses = addresses.data();
    options.address_count = addresses.size();
    options.local_prefixes = prefixes.data();
    options.local_prefix_count = prefixes.size();
    Error error;
    EXPECT_EQ(ns_stack_add_nic(stack.get(), 1, link.get(), &options, error.out()), each.status);
    EXPECT_EQ(error.status(), each.status);
    EXPECT_EQ(ns_stack_remove_nic(stack.get(), 1, nullptr), NS_ERR_NOT_FOUND);
    EXPECT_EQ(Inject(link.get(), Build(EchoRequestTo("10.0.0.1"))), NS_ERR_CLOSED);
    // Nothing is left of it: no NIC, no claim on the link, no route.
    ASSERT_EQ(AddNic(stack.get(), 1, link.get()), NS_OK);
    ASSERT_EQ(ns_stack_add_address(stack.get(), 1, "192.168.0.1/32", nullptr), NS_OK);
    ASSERT_EQ(Inject(link.get(), Build(support::EchoRequest("10.0.0.2", "192.168.0.1"))), NS_OK);
    EXPECT_TRUE(support::Drain(link.get()).empty());
    ASSERT_EQ(ns_stack_remove_nic(stack.get(), 1, nullptr), NS_OK);
  }
}

TEST(Nics, ThatAreDisabledTakeNothingAndCountItApart) {
  Wire wire(WireOptions{.nic_flags = NS_NIC_DISABLED});
  const support::Bytes packet = Build(EchoRequestTo("192.168.0.1"));
  EXPECT_EQ(wire.MovedBy(packet), "");
  EXPECT_EQ(wire.MovedBy(packet, "nic.1."),
            "nic.1.disabled_rx.bytes 32, nic.1.disabled_rx.packets 1");
  wire.SetNicFlags(0, NS_NIC_DISABLED);
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  wire.SetNicFlags(NS_NIC_DISABLED);
  EXPECT_FALSE(wire.Answers("192.168.0.1"));
  EXPECT_EQ(wire.Counter("nic.1.disabled_rx.packets"), 3u);
}

TEST(Nics, HaveFlagsThatAreSetAndClearedApart) {
  Wire wire;
  const auto answered = [&] { return wire.Answers("a::99"); };
  EXPECT_FALSE(answered());
  wire.SetNicFlags(NS_NIC_PROMISCUOUS);
  EXPECT_FALSE(answered());
  wire.SetNicFlags(NS_NIC_SPOOFING);
  EXPECT_TRUE(answered());
  wire.SetNicFlags(0, 0);
  EXPECT_TRUE(answered());
  wire.SetNicFlags(NS_NIC_DISABLED, NS_NIC_SPOOFING);
  EXPECT_FALSE(answered());
  wire.SetNicFlags(NS_NIC_SPOOFING, NS_NIC_DISABLED);
  EXPECT_TRUE(answered());
  Error error;
  EXPECT_EQ(ns_stack_set_nic_flags(wire.stack(), 1, 64, NS_NIC_SPOOFING, error.out()),
            NS_ERR_UNSUPPORTED);
  EXPECT_EQ(ns_stack_set_nic_flags(wire.stack(), 1, NS_NIC_DISABLED, 1u << 31, error.out()),
            NS_ERR_UNSUPPORTED);
  EXPECT_EQ(ns_stack_set_nic_flags(wire.stack(), 1, NS_NIC_DISABLED,
                                   NS_NIC_DISABLED | NS_NIC_SPOOFING, error.out()),
            NS_ERR_INVALID_ARGUMENT);
  EXPECT_TRUE(error.is_set());
  EXPECT_EQ(ns_stack_set_nic_flags(wire.stack(), 2, 0, 0, nullptr), NS_ERR_NOT_FOUND);
  EXPECT_TRUE(answered());
}

TEST(Nics, HaveAddressesOfTheirOwn) {
  Wire wire;
  const LinkHandle second = NewChannel();
  ASSERT_EQ(AddNic(wire.stack(), 2, second.get()), NS_OK);
  ASSERT_EQ(ns_stack_add_address(wire.stack(), 2, "192.168.0.1/24", nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(wire.stack(), 2, "10.0.0.1/8", nullptr), NS_OK);
  EXPECT_FALSE(wire.Answers("10.0.0.1"));
  ASSERT_EQ(Inject(second.get(), Build(EchoRequestTo("10.0.0.1"))), NS_OK);
  EXPECT_EQ(support::Drain(second.get()).size(), 1u);
  ASSERT_EQ(ns_stack_remove_nic(wire.stack(), 2, nullptr), NS_OK);
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
}

// The smallest MTUs of the families: below them nothing of a family is sent.
TEST(Nics, WithASmallMtuAnswerWhatTheFamilyAllows) {
  struct Case {
    uint32_t mtu;
    bool ipv4;
    bool ipv6;
  };
  for (const Case& each : {Case{67, false, false}, Case{68, true, false}, Case{1279, true, false},
                           Case{1280, true, true}, Case{65'535, true, true}}) {
    Wire wire(WireOptions{.mtu = each.mtu});
    EXPECT_EQ(wire.Answers("192.168.0.1"), each.ipv4) << each.mtu;
    EXPECT_EQ(wire.Answers("a::1"), each.ipv6) << each.mtu;
    EXPECT_EQ(wire.Counter("ip.outgoing_packet_errors"),
              (each.ipv4 ? 0u : 1u) + (each.ipv6 ? 0u : 1u));
  }
}

// Source addresses of answers to groups: reference, section 2.8.

struct Selection {
  const char* name;
  std::vector<std::string> addresses;
  const char* peer;
  const char* group;
  const char* source;
};

std::ostream& operator<<(std::ostream& out, const Selection& each) { return out << each.name; }

class SourceSelection : public testing::TestWithParam<Selection> {};

TEST_P(SourceSelection, ChoosesTheNicsOwnAddress) {
  // The order of adding must only matter where nothing else tells.
  Wire wire(WireOptions{.addresses = GetParam().addresses});
  const support::Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_EQ(
      wire.Answers(support::EchoRequest(GetParam().peer, GetParam().group), GetParam().source), 1u);
}

const Selection kSelections[] = {
    {"Ipv4LongestCommonPrefix",
     {"10.0.0.1/8", "192.168.0.1/24"},
     "192.168.5.5",
     "255.255.255.255",
     "192.168.0.1"},
    {"Ipv4LongestCommonPrefixInOtherOrder",
     {"192.168.0.1/24", "10.0.0.1/8"},
     "192.168.5.5",
     "224.0.0.1",
     "192.168.0.1"},
    {"Ipv4CommonPrefixCountsBitsNotSubnets",
     {"10.0.0.1/8", "10.128.0.1/32"},
     "10.200.0.1",
     "224.0.0.1",
     "10.128.0.1"},
    {"Ipv4FirstAddedWinsTies",
     {"10.0.0.7/24", "10.0.0.6/24"},
     "192.168.1.1",
     "10.0.0.255",
     "10.0.0.7"},
    {"Ipv4SubnetBroadcastToo",
     {"10.0.0.1/24", "172.16.0.1/12"},
     "172.16.0.9",
     "10.0.0.255",
     "172.16.0.1"},
    {"Ipv6SameScopeLinkLocal", {"a::1/64", "fe80::1/64"}, "fe80::2", "ff02::1", "fe80::1"},
    {"Ipv6SameScopeGlobal", {"fe80::1/64", "a::1/64"}, "b::2", "ff02::1", "a::1"},
    {"Ipv6ScopeBeforePrefix",
     {"fe80::1/64", "2001:db8::1/64"},
     "fec0::1",
     "ff02::1",
     "2001:db8::1"},
    {"Ipv6LabelBeforePrefix", {"fc00::1/64", "2001:db8::1/64"}, "fd00::2", "ff02::1", "fc00::1"},
    {"Ipv6LabelOf6to4", {"2001:db8::1/64", "2002:1::1/64"}, "2002:9999::1", "ff02::1", "2002:1::1"},
    {"Ipv6LabelOfTeredo",
     {"2001:db8::1/64", "2001:0:1::1/64"},
     "2001:0:ffff::1",
     "ff02::1",
     "2001:0:1::1"},
    {"Ipv6LabelBeforeALongerPrefixOfTeredo",
     {"2001:0:1::1/64", "2600::1/64"},
     "2001:db8::9",
     "ff02::1",
     "2600::1"},
    {"Ipv6LabelBeforeALongerPrefixOf6to4",
     {"2002:1::1/64", "2600::1/64"},
     "2003::9",
     "ff02::1",
     "2600::1"},
    {"Ipv6UniqueLocalIsNotForGlobal",
     {"fc00::1/64", "2001:db8::1/64"},
     "2600::1",
     "ff02::1",
     "2001:db8::1"},
    {"Ipv6LongestCommonPrefix",
     {"2001:db8:1::1/64", "2001:db8:2::1/64"},
     "2001:db8:2::9",
     "ff02::1",
     "2001:db8:2::1"},
    {"Ipv6FirstAddedWinsTies",
     {"2001:db8::7/64", "2001:db8::6/64"},
     "2600::1",
     "ff02::1",
     "2001:db8::7"},
};

INSTANTIATE_TEST_SUITE_P(Rule, SourceSelection, testing::ValuesIn(kSelections),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(SourceSelectionTest, ForgetsAddressesThatAreRemoved) {
  Wire wire(WireOptions{.addresses = {"10.0.0.1/8", "192.168.0.1/24"}});
  const support::Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  const auto request = support::EchoRequest("192.168.0.9", "224.0.0.1");
  EXPECT_EQ(wire.Answers(request, "192.168.0.1"), 1u);
  ASSERT_EQ(ns_stack_remove_address(wire.stack(), 1, "192.168.0.1", nullptr), NS_OK);
  EXPECT_EQ(wire.Answers(request, "10.0.0.1"), 1u);
  ASSERT_EQ(ns_stack_add_address(wire.stack(), 1, "192.168.0.2/24", nullptr), NS_OK);
  EXPECT_EQ(wire.Answers(request, "192.168.0.2"), 1u);
}

}  // namespace
