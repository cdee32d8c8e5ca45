// Who is answered, and from which address: for each kind of destination what
// becomes of a request, depending on what a handler decides. And what the echo
// policies change about that.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <array>
#include <ostream>
#include <string>
#include <vector>

#include "sockets/sockets.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::AnswerTo;
using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::Read;
using support::Wire;
using support::WireOptions;

struct Column {
  const char* name;
  bool handler;
  int replies;  // how often it calls ns_request_reply()
  ns_verdict verdict;
};

constexpr std::array kColumns = {
    Column{"NoHandler", false, 0, 0},
    Column{"Declined", true, 0, NS_VERDICT_DECLINED},
    Column{"Consumed", true, 0, NS_VERDICT_CONSUMED},
    Column{"ReplyThenDeclined", true, 1, NS_VERDICT_DECLINED},
    Column{"ReplyThenConsumed", true, 1, NS_VERDICT_CONSUMED},
    Column{"FailingVerdict", true, 0, 2},
    Column{"NegativeVerdict", true, 0, -1},
    Column{"ReplyThenFailingVerdict", true, 1, 77},
    Column{"ReplyTwiceThenDeclined", true, 2, NS_VERDICT_DECLINED},
};

struct Row {
  const char* name;
  uint32_t nic_flags;
  const char* local_prefix;  // or nothing
  const char* group;         // to join, or nothing
  const char* destination;
  const char* source;  // of any answer
  uint32_t flags;
  std::array<size_t, kColumns.size()> answers;  // in the order of kColumns
};

std::ostream& operator<<(std::ostream& out, const Row& each) { return out << each.name; }

// What the stack does by itself where nothing holds it back, and where silence
// is the rule.
constexpr std::array<size_t, kColumns.size()> kAnswers = {1, 1, 0, 1, 1, 0, 0, 1, 1};
constexpr std::array<size_t, kColumns.size()> kSilence = {0, 0, 0, 1, 1, 0, 0, 1, 1};

constexpr Row kRows[] = {
    {"Ipv4Assigned", 0, "", "", "192.168.0.1", "192.168.0.1", 0, kAnswers},
    {"Ipv4AssignedOnPromiscuousNic", NS_NIC_PROMISCUOUS, "", "", "192.168.0.1", "192.168.0.1", 0,
     kAnswers},
    {"Ipv4AssignedInsideLocalPrefix", 0, "192.168.0.0/16", "", "192.168.0.1", "192.168.0.1", 0,
     kAnswers},
    {"Ipv4TemporaryByPromiscuity", NS_NIC_PROMISCUOUS, "", "", "192.168.0.99", "192.168.0.99",
     NS_PACKET_TEMPORARY, kSilence},
    {"Ipv4TemporaryByLocalPrefix", 0, "10.7.0.0/16", "", "10.7.1.2", "10.7.1.2",
     NS_PACKET_TEMPORARY, kSilence},
    {"Ipv4TemporaryWithSpoofing", NS_NIC_PROMISCUOUS | NS_NIC_SPOOFING, "", "", "192.168.0.99",
     "192.168.0.99", NS_PACKET_TEMPORARY, kSilence},
    {"Ipv4DirectedBroadcast", 0, "", "", "192.168.0.255", "192.168.0.1", NS_PACKET_BROADCAST,
     kSilence},
    {"Ipv4DirectedBroadcastOnPromiscuousNic", NS_NIC_PROMISCUOUS, "", "", "192.168.0.255",
     "192.168.0.1", NS_PACKET_BROADCAST, kSilence},
    {"Ipv4DirectedBroadcastInsideLocalPrefix", 0, "192.168.0.0/24", "", "192.168.0.255",
     "192.168.0.1", NS_PACKET_BROADCAST, kSilence},
    {"Ipv4LimitedBroadcast", 0, "", "", "255.255.255.255", "192.168.0.1", NS_PACKET_BROADCAST,
     kSilence},
    {"Ipv4AllHosts", 0, "", "", "224.0.0.1", "192.168.0.1", NS_PACKET_MULTICAST, kSilence},
    {"Ipv4JoinedGroup", 0, "", "239.1.2.3", "239.1.2.3", "192.168.0.1", NS_PACKET_MULTICAST,
     kSilence},
    {"Ipv6Assigned", 0, "", "", "a::1", "a::1", 0, kAnswers},
    {"Ipv6AssignedOnPromiscuousNic", NS_NIC_PROMISCUOUS, "", "", "a::1", "a::1", 0, kAnswers},
    {"Ipv6AssignedInsideLocalPrefix", 0, "a::/16", "", "a::1", "a::1", 0, kAnswers},
    {"Ipv6TemporaryByPromiscuity", NS_NIC_PROMISCUOUS, "", "", "a::99", "a::99",
     NS_PACKET_TEMPORARY, kSilence},
    {"Ipv6TemporaryByLocalPrefix", 0, "fd07::/64", "", "fd07::1:2", "fd07::1:2",
     NS_PACKET_TEMPORARY, kSilence},
    {"Ipv6TemporaryByPromiscuityWithSpoofing", NS_NIC_PROMISCUOUS | NS_NIC_SPOOFING, "", "",
     "a::99", "a::99", NS_PACKET_TEMPORARY, kAnswers},
    {"Ipv6TemporaryByLocalPrefixWithSpoofing", NS_NIC_SPOOFING, "fd07::/64", "", "fd07::1:2",
     "fd07::1:2", NS_PACKET_TEMPORARY, kAnswers},
    {"Ipv6AllNodes", 0, "", "", "ff02::1", "a::1", NS_PACKET_MULTICAST, kAnswers},
    {"Ipv6SolicitedNode", 0, "", "", "ff02::1:ff00:1", "a::1", NS_PACKET_MULTICAST, kAnswers},
    {"Ipv6JoinedGroup", 0, "", "ff05::77", "ff05::77", "a::1", NS_PACKET_MULTICAST, kAnswers},
};

struct Noted {
  uint32_t flags = 0;
  std::string destination;
};

class DecisionMatrixTest : public testing::TestWithParam<Row> {
 protected:
  // One cell: a fresh stack, one request.
  static void Check(const Row& row, size_t at) {
    const Column& column = kColumns.at(at);
    SCOPED_TRACE(column.name);
    WireOptions options{.nic_flags = row.nic_flags};
    if (*row.local_prefix != '\0') options.local_prefixes = {row.local_prefix};
    Wire wire(options);
    if (*row.group != '\0') {
      ASSERT_EQ(ns_stack_join_group(wire.stack(), 1, row.group, nullptr), NS_OK);
    }
    std::vector<Noted> seen;
    const Handler handler([&](ns_request request) {
      const ns_packet_info info = support::InfoOf(request);
      seen.push_back({info.flags, support::Text(info.destination)});
      for (int i = 0; i < column.replies; ++i) EXPECT_EQ(ns_request_reply(request), NS_OK);
      return column.verdict;
    });
    if (column.handler) handler.InstallIn(wire.stack());

    EXPECT_EQ(wire.Answers(EchoRequestTo(row.destination), row.source), row.answers.at(at));
    ASSERT_EQ(seen.size(), column.handler ? 1u : 0u);
    if (column.handler) {
      EXPECT_EQ(seen[0].flags, row.flags);
      EXPECT_EQ(seen[0].destination, row.destination);
    }
    CheckCounters(wire, column, row.answers.at(at));
  }

  static void CheckCounters(const Wire& wire, const Column& column, size_t answers) {
    const bool failed =
        column.verdict != NS_VERDICT_DECLINED && column.verdict != NS_VERDICT_CONSUMED;
    const auto expect = [&](const char* name, bool one) {
      EXPECT_EQ(wire.Counter(name), one ? 1u : 0u) << name;
    };
    expect("forwarder.requests", column.handler);
    expect("forwarder.declined", column.handler && column.verdict == NS_VERDICT_DECLINED);
    expect("forwarder.consumed", column.handler && column.verdict == NS_VERDICT_CONSUMED);
    expect("forwarder.failed", column.handler && failed);
    expect("forwarder.replied", column.replies > 0);
    EXPECT_EQ(wire.Counter("icmp.v4.sent.echo_reply") + wire.Counter("icmp.v6.sent.echo_reply"),
              answers);
    EXPECT_EQ(wire.Counter("ip.packets_sent"), answers);
    EXPECT_EQ(wire.Counter("ip.packets_delivered"), 1u);
  }
};

TEST_P(DecisionMatrixTest, NeitherDecisionImpliesTheOther) {
  for (size_t at = 0; at < kColumns.size(); ++at) Check(GetParam(), at);
}

// The last column: as if there were no handler, which is not asked.
TEST_P(DecisionMatrixTest, APingSocketThatMatchesComesBeforeTheHandler) {
  const Row& row = GetParam();
  WireOptions options{.nic_flags = row.nic_flags};
  if (*row.local_prefix != '\0') options.local_prefixes = {row.local_prefix};
  Wire wire(options);
  if (*row.group != '\0') {
    ASSERT_EQ(ns_stack_join_group(wire.stack(), 1, row.group, nullptr), NS_OK);
  }
  const IcmpPacket request = EchoRequestTo(row.destination);
  const support::PingSocketHandle socket =
      support::NewPingSocket(wire.stack(), request.v6() ? NS_FAMILY_IPV6 : NS_FAMILY_IPV4);
  ASSERT_EQ(Bind(socket, "", request.identifier), NS_OK);
  const Handler handler([](ns_request each) {
    static_cast<void>(ns_request_reply(each));
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_EQ(wire.Answers(request, row.source), row.answers.at(0));
  EXPECT_EQ(handler.calls(), 0);
}

INSTANTIATE_TEST_SUITE_P(Destination, DecisionMatrixTest, testing::ValuesIn(kRows),
                         [](const auto& each) { return std::string(each.param.name); });

// The policies. A request to each kind of destination, before and after.

constexpr ns_echo_destination kTemporary = NS_ECHO_DESTINATION_TEMPORARY;
constexpr ns_echo_destination kGroup = NS_ECHO_DESTINATION_GROUP;

struct Policy {
  const char* name;
  ns_family family;
  ns_echo_destination destination;
  ns_echo_policy policy;
  uint32_t nic_flags;
  // Whether each of kAsked is answered.
  std::array<bool, 8> answered;
};

std::ostream& operator<<(std::ostream& out, const Policy& each) { return out << each.name; }

constexpr std::array kAsked = {"192.168.0.1",     "192.168.0.99", "192.168.0.255", "224.0.0.1",
                               "255.255.255.255", "a::1",         "a::99",         "ff02::1"};

constexpr Policy kPolicies[] = {
    {"DefaultChangesNothing",
     NS_FAMILY_ANY,
     kTemporary,
     NS_ECHO_POLICY_DEFAULT,
     0,
     {true, false, false, false, false, true, false, true}},
    {"ReplyToIpv4TemporaryAnswersOnlyThose",
     NS_FAMILY_IPV4,
     kTemporary,
     NS_ECHO_POLICY_REPLY,
     0,
     {true, true, false, false, false, true, false, true}},
    {"ReplyToIpv6TemporaryAnswersOnlyThose",
     NS_FAMILY_IPV6,
     kTemporary,
     NS_ECHO_POLICY_REPLY,
     0,
     {true, false, false, false, false, true, true, true}},
    {"ReplyToAnyTemporaryAnswersBothFamilies",
     NS_FAMILY_ANY,
     kTemporary,
     NS_ECHO_POLICY_REPLY,
     0,
     {true, true, false, false, false, true, true, true}},
    {"ReplyToIpv4GroupsAnswersBroadcastAndMulticast",
     NS_FAMILY_IPV4,
     kGroup,
     NS_ECHO_POLICY_REPLY,
     0,
     {true, false, true, true, true, true, false, true}},
    {"SilentForIpv6GroupsSilencesOnlyThose",
     NS_FAMILY_IPV6,
     kGroup,
     NS_ECHO_POLICY_SILENT,
     0,
     {true, false, false, false, false, true, false, false}},
    {"SilentForAnyGroupSilencesBothFamilies",
     NS_FAMILY_ANY,
     kGroup,
     NS_ECHO_POLICY_SILENT,
     0,
     {true, false, false, false, false, true, false, false}},
    {"SilentForTemporaryOverridesSpoofing",
     NS_FAMILY_ANY,
     kTemporary,
     NS_ECHO_POLICY_SILENT,
     NS_NIC_SPOOFING,
     {true, false, false, false, false, true, false, true}},
    {"DefaultForTemporaryLeavesSpoofingAlone",
     NS_FAMILY_ANY,
     kTemporary,
     NS_ECHO_POLICY_DEFAULT,
     NS_NIC_SPOOFING,
     {true, false, false, false, false, true, true, true}},
};

class EchoPolicyTest : public testing::TestWithParam<Policy> {
 protected:
  EchoPolicyTest() : wire_(WireOptions{.nic_flags = NS_NIC_PROMISCUOUS | GetParam().nic_flags}) {
    EXPECT_EQ(Set(GetParam().policy), NS_OK);
  }

  ns_status Set(ns_echo_policy policy) {
    return ns_stack_set_echo_policy(wire_.stack(), GetParam().family, GetParam().destination,
                                    policy, nullptr);
  }

  // What is answered, and from where: broadcast and multicast from our own.
  void Expect(const std::array<bool, 8>& answered) {
    for (size_t i = 0; i < kAsked.size(); ++i) {
      const IcmpPacket request = EchoRequestTo(kAsked[i]);
      const bool group = i == 2 || i == 3 || i == 4 || i == 7;
      const std::string source = !group ? kAsked[i] : request.v6() ? "a::1" : "192.168.0.1";
      EXPECT_EQ(wire_.Answers(request, source), answered[i] ? 1u : 0u) << kAsked[i];
    }
  }

  Wire wire_;
};

TEST_P(EchoPolicyTest, DecidesWithoutAHandler) { Expect(GetParam().answered); }

TEST_P(EchoPolicyTest, DecidesWhenAHandlerDeclines) {
  const Handler handler = Handler::Saying(NS_VERDICT_DECLINED);
  handler.InstallIn(wire_.stack());
  Expect(GetParam().answered);
}

TEST_P(EchoPolicyTest, DecidesNothingWhenAHandlerConsumes) {
  const Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
  handler.InstallIn(wire_.stack());
  Expect({});
}

TEST_P(EchoPolicyTest, DecidesNothingWhenAHandlerReplies) {
  const Handler handler([](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(wire_.stack());
  Expect({true, true, true, true, true, true, true, true});
}

TEST_P(EchoPolicyTest, EndsWithTheDefault) {
  EXPECT_EQ(Set(NS_ECHO_POLICY_DEFAULT), NS_OK);
  const bool spoofing = GetParam().nic_flags != 0;
  Expect({true, false, false, false, false, true, spoofing, true});
}

INSTANTIATE_TEST_SUITE_P(Policy, EchoPolicyTest, testing::ValuesIn(kPolicies),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
