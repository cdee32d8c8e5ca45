// The groups of tests that the design of the forwarder named, for both families.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::AnswerTo;
using support::Build;
using support::Bytes;
using support::EchoReplyTo;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::PacketHandle;
using support::Read;
using support::ToHex;
using support::Wire;
using support::WireOptions;

struct Family {
  const char* name;
  ns_family family;
  const char* ours;
  const char* temporary;
  const char* counters;
};

std::ostream& operator<<(std::ostream& out, const Family& each) { return out << each.name; }

constexpr Family kFamilies[] = {
    {"Ipv4", NS_FAMILY_IPV4, "192.168.0.1", "192.168.0.99", "icmp.v4."},
    {"Ipv6", NS_FAMILY_IPV6, "a::1", "a::99", "icmp.v6."},
};

class PullRequest : public testing::TestWithParam<Family> {
 protected:
  [[nodiscard]] IcmpPacket Request() const { return EchoRequestTo(GetParam().ours); }
  [[nodiscard]] IcmpPacket Temporary() const { return EchoRequestTo(GetParam().temporary); }
  [[nodiscard]] uint64_t Sent() const {
    return wire_.Counter(GetParam().counters + std::string("sent.echo_reply"));
  }

  void Install(const Handler& handler) { handler.InstallIn(wire_.stack(), GetParam().family); }

  Wire wire_;
};

class ReplyDelegation : public PullRequest {};
class ReplyIdempotence : public PullRequest {};
class ConsumingWithoutReply : public PullRequest {};
class ReplyToNonEchoRequest : public PullRequest {};
class RequestAfterHandlerReturn : public PullRequest {};
class KeptPacket : public PullRequest {};
class TemporaryAddressOverride : public PullRequest {};

constexpr auto kNameOf = [](const auto& each) { return std::string(each.param.name); };
INSTANTIATE_TEST_SUITE_P(Of, ReplyDelegation, testing::ValuesIn(kFamilies), kNameOf);
INSTANTIATE_TEST_SUITE_P(Of, ReplyIdempotence, testing::ValuesIn(kFamilies), kNameOf);
INSTANTIATE_TEST_SUITE_P(Of, ConsumingWithoutReply, testing::ValuesIn(kFamilies), kNameOf);
INSTANTIATE_TEST_SUITE_P(Of, ReplyToNonEchoRequest, testing::ValuesIn(kFamilies), kNameOf);
INSTANTIATE_TEST_SUITE_P(Of, RequestAfterHandlerReturn, testing::ValuesIn(kFamilies), kNameOf);
INSTANTIATE_TEST_SUITE_P(Of, KeptPacket, testing::ValuesIn(kFamilies), kNameOf);
INSTANTIATE_TEST_SUITE_P(Of, TemporaryAddressOverride, testing::ValuesIn(kFamilies), kNameOf);

// 1. Reply() delegation.

TEST_P(ReplyDelegation, SendsTheVeryBytesOfTheBuiltInReply) {
  IcmpPacket request = Request();
  request.tos = 0x20;
  request.ttl = 3;
  request.id = request.v6() ? 0 : 0xbeef;
  request.flow_label = request.v6() ? 0x12345 : 0;
  const std::vector<Bytes> built_in = wire_.Send(request);
  const Handler handler([](ns_request r) {
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  Install(handler);
  const std::vector<Bytes> delegated = wire_.Send(request);
  ASSERT_EQ(built_in.size(), 1u);
  ASSERT_EQ(delegated.size(), 1u);
  EXPECT_EQ(ToHex(delegated[0]), ToHex(built_in[0]));
  EXPECT_EQ(handler.calls(), 1);
}

TEST_P(ReplyDelegation, CountsWhatTheBuiltInReplyCounts) {
  const std::string built_in = wire_.MovedBy(Build(Request()));
  const std::string of_the_nic = wire_.MovedBy(Build(Request()), "nic.1.");
  const Handler handler([](ns_request r) {
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  Install(handler);
  EXPECT_EQ(wire_.MovedBy(Build(Request())),
            "forwarder.consumed 1, forwarder.replied 1, forwarder.requests 1, " + built_in);
  EXPECT_NE(of_the_nic.find("nic.1.tx.packets 1"), std::string::npos) << of_the_nic;
  EXPECT_EQ(wire_.MovedBy(Build(Request()), "nic.1."), of_the_nic);
}

// 2. Idempotence.

TEST_P(ReplyIdempotence, ReplyingAndThenDecliningIsOneReply) {
  const Handler handler([](ns_request r) {
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_DECLINED;
  });
  Install(handler);
  EXPECT_EQ(wire_.Answers(Request()), 1u);
  EXPECT_EQ(Sent(), 1u);
}

TEST_P(ReplyIdempotence, EveryCallReportsTheFirstOutcome) {
  for (const ns_verdict verdict : {NS_VERDICT_DECLINED, NS_VERDICT_CONSUMED}) {
    const Handler handler([verdict](ns_request r) {
      for (int i = 0; i < 5; ++i) EXPECT_EQ(ns_request_reply(r), NS_OK);
      return verdict;
    });
    Install(handler);
    EXPECT_EQ(wire_.Answers(Request()), 1u);
  }
  EXPECT_EQ(Sent(), 2u);
}

TEST_P(ReplyIdempotence, EachRequestHasAReplyOfItsOwn) {
  const Handler handler([](ns_request r) {
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_DECLINED;
  });
  Install(handler);
  for (uint16_t sequence = 0; sequence < 10; ++sequence) {
    IcmpPacket request = Request();
    request.sequence = sequence;
    EXPECT_EQ(wire_.Answers(request), 1u);
  }
}

// 3. Consuming without Reply().

TEST_P(ConsumingWithoutReply, IsSilence) {
  const Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
  Install(handler);
  EXPECT_EQ(wire_.Answers(Request()), 0u);
  EXPECT_EQ(handler.calls(), 1);
  EXPECT_EQ(wire_.Counter(GetParam().counters + std::string("received.echo_request")), 1u);
  EXPECT_EQ(Sent(), 0u);
  EXPECT_EQ(wire_.Counter(GetParam().counters + std::string("sent.dropped")), 0u);
  EXPECT_EQ(wire_.Counter(GetParam().counters + std::string("sent.rate_limited")), 0u);
}

// 4. Reply() for what is no Echo Request.

TEST_P(ReplyToNonEchoRequest, IsRefusedAndSendsNothing) {
  for (const ns_verdict verdict : {NS_VERDICT_DECLINED, NS_VERDICT_CONSUMED}) {
    const Handler handler(
        [verdict](ns_request r) {
          EXPECT_EQ(ns_request_reply(r), NS_ERR_NOT_REPLYABLE);
          EXPECT_EQ(ns_request_reply(r), NS_ERR_NOT_REPLYABLE);
          return verdict;
        },
        NS_ICMP_FORWARDER_ECHO_REPLIES);
    Install(handler);
    EXPECT_TRUE(wire_.Send(EchoReplyTo(GetParam().ours)).empty());
    EXPECT_EQ(handler.calls(), 1);
  }
  EXPECT_EQ(Sent(), 0u);
}

// 5. The packet and the request after the handler returned.

TEST_P(RequestAfterHandlerReturn, IsInvalidForEveryFunction) {
  for (const ns_verdict verdict : {NS_VERDICT_DECLINED, NS_VERDICT_CONSUMED}) {
    ns_request kept = 0;
    const Handler handler([&](ns_request r) {
      kept = r;
      return verdict;
    });
    Install(handler);
    static_cast<void>(wire_.Send(Request()));
    const uint8_t* bytes = nullptr;
    size_t length = 7;
    uint8_t buffer[1500];
    ns_packet_info info{};
    ns_packet* packet = nullptr;
    EXPECT_EQ(ns_request_reply(kept), NS_ERR_EXPIRED);
    EXPECT_EQ(ns_request_borrow_packet(kept, &bytes, &length), NS_ERR_EXPIRED);
    EXPECT_EQ(ns_request_copy_packet(kept, buffer, sizeof buffer, &length), NS_ERR_EXPIRED);
    EXPECT_EQ(ns_request_get_info(kept, &info, sizeof info), NS_ERR_EXPIRED);
    EXPECT_EQ(ns_request_ref_packet(kept, &packet), NS_ERR_EXPIRED);
    EXPECT_EQ(packet, nullptr);
    EXPECT_TRUE(support::Drain(wire_.link()).empty());
  }
}

TEST_P(RequestAfterHandlerReturn, IsInvalidInAnotherThreadToo) {
  ns_request kept = 0;
  const Handler handler([&](ns_request r) {
    kept = r;
    return NS_VERDICT_CONSUMED;
  });
  Install(handler);
  EXPECT_TRUE(wire_.Send(Request()).empty());
  std::thread([&] { EXPECT_EQ(ns_request_reply(kept), NS_ERR_EXPIRED); }).join();
  EXPECT_TRUE(support::Drain(wire_.link()).empty());
}

// 6. A kept packet has no right to answer.

TEST_P(KeptPacket, SurvivesTheHandlerAndAnswersNothing) {
  PacketHandle kept;
  ns_request request = 0;
  const Handler handler([&](ns_request r) {
    ns_packet* packet = nullptr;
    EXPECT_EQ(ns_request_ref_packet(r, &packet), NS_OK);
    kept.reset(packet);
    request = r;
    return NS_VERDICT_CONSUMED;
  });
  Install(handler);
  EXPECT_TRUE(wire_.Send(Request()).empty());
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(ns_request_reply(request), NS_ERR_EXPIRED);
  wire_.FreeStack();

  const uint8_t* bytes = nullptr;
  size_t length = 0;
  ASSERT_EQ(ns_packet_borrow_bytes(kept.get(), &bytes, &length), NS_OK);
  EXPECT_EQ(ToHex(Bytes(bytes, bytes + length)), ToHex(Build(Request())));
  ns_packet_info info{};
  ASSERT_EQ(ns_packet_get_info(kept.get(), &info, sizeof info), NS_OK);
  EXPECT_EQ(support::Text(info.destination), GetParam().ours);
  EXPECT_EQ(info.identifier, 1234);
}

TEST_P(KeptPacket, LeavesTheOriginalsRightAlone) {
  const Handler handler([](ns_request r) {
    ns_packet* packet = nullptr;
    EXPECT_EQ(ns_request_ref_packet(r, &packet), NS_OK);
    const PacketHandle kept(packet);
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_DECLINED;
  });
  Install(handler);
  EXPECT_EQ(wire_.Answers(Request()), 1u);
}

TEST_P(KeptPacket, IsSharedByCount) {
  ns_packet* packet = nullptr;
  const Handler handler([&](ns_request r) {
    EXPECT_EQ(ns_request_ref_packet(r, &packet), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  Install(handler);
  EXPECT_TRUE(wire_.Send(Request()).empty());
  ASSERT_NE(packet, nullptr);
  EXPECT_EQ(ns_packet_ref(packet), packet);
  ns_packet_unref(packet);
  const uint8_t* bytes = nullptr;
  size_t length = 0;
  EXPECT_EQ(ns_packet_borrow_bytes(packet, &bytes, &length), NS_OK);
  EXPECT_EQ(ToHex(Bytes(bytes, bytes + length)), ToHex(Build(Request())));
  ns_packet_unref(packet);
}

TEST_P(KeptPacket, IsACopyOfWhatArrivedWithoutThePadding) {
  PacketHandle kept;
  const Handler handler([&](ns_request r) {
    ns_packet* packet = nullptr;
    EXPECT_EQ(ns_request_ref_packet(r, &packet), NS_OK);
    kept.reset(packet);
    return NS_VERDICT_CONSUMED;
  });
  Install(handler);
  Bytes injected = Build(Request());
  injected.resize(injected.size() + 9, 0x55);
  EXPECT_TRUE(wire_.Send(injected).empty());
  injected.assign(injected.size(), 0);
  const uint8_t* bytes = nullptr;
  size_t length = 0;
  ASSERT_EQ(ns_packet_borrow_bytes(kept.get(), &bytes, &length), NS_OK);
  EXPECT_EQ(ToHex(Bytes(bytes, bytes + length)), ToHex(Build(Request())));
}

// 7. The override for temporary addresses.

TEST_P(TemporaryAddressOverride, RepliesFromTheRequestsDestination) {
  wire_.SetNicFlags(NS_NIC_PROMISCUOUS);
  for (const ns_verdict verdict : {NS_VERDICT_DECLINED, NS_VERDICT_CONSUMED}) {
    const Handler handler([verdict](ns_request r) {
      EXPECT_EQ(support::InfoOf(r).flags, uint32_t{NS_PACKET_TEMPORARY});
      EXPECT_EQ(ns_request_reply(r), NS_OK);
      return verdict;
    });
    Install(handler);
    EXPECT_EQ(wire_.Answers(Temporary()), 1u);
  }
}

TEST_P(TemporaryAddressOverride, RepliesTheSameWithSpoofing) {
  wire_.SetNicFlags(NS_NIC_PROMISCUOUS | NS_NIC_SPOOFING);
  const Handler handler([](ns_request r) {
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  Install(handler);
  EXPECT_EQ(wire_.Answers(Temporary()), 1u);
}

TEST_P(TemporaryAddressOverride, LeavesNoRegisteredAddressBehind) {
  wire_.SetNicFlags(NS_NIC_PROMISCUOUS);
  const Handler handler([](ns_request r) {
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  Install(handler);
  EXPECT_EQ(wire_.Answers(Temporary()), 1u);
  EXPECT_EQ(ns_stack_remove_address(wire_.stack(), 1, GetParam().temporary, nullptr),
            NS_ERR_NOT_FOUND);
  wire_.SetNicFlags(0, NS_NIC_PROMISCUOUS);
  EXPECT_EQ(wire_.Answers(Temporary()), 0u);
  EXPECT_EQ(handler.calls(), 1);
  EXPECT_EQ(wire_.Counter("ip.invalid_destination_addresses_received"), 1u);
}

TEST_P(TemporaryAddressOverride, NeedsNoAddressOnAnyNic) {
  Wire bare(WireOptions{.nic_flags = NS_NIC_PROMISCUOUS, .addresses = {}});
  const Handler handler([](ns_request r) {
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(bare.stack());
  EXPECT_EQ(bare.Answers(Temporary()), 1u);
  EXPECT_EQ(bare.Answers(Request()), 1u);
}

TEST_P(TemporaryAddressOverride, IsNeverTheSourceOfOtherTraffic) {
  wire_.SetNicFlags(NS_NIC_PROMISCUOUS | NS_NIC_SPOOFING);
  const Handler handler([](ns_request r) {
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  Install(handler);
  EXPECT_EQ(wire_.Answers(Temporary()), 1u);
  const char* const group = GetParam().family == NS_FAMILY_IPV4 ? "224.0.0.1" : "ff02::1";
  EXPECT_EQ(wire_.Answers(EchoRequestTo(group), GetParam().ours), 1u);
}

TEST_P(TemporaryAddressOverride, IsNotForBroadcastAndMulticast) {
  wire_.SetNicFlags(NS_NIC_PROMISCUOUS);
  const Handler handler([](ns_request r) {
    EXPECT_EQ(support::InfoOf(r).flags & NS_PACKET_TEMPORARY, 0u);
    EXPECT_EQ(ns_request_reply(r), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire_.stack());
  for (const char* const all : {"192.168.0.255", "255.255.255.255", "224.0.0.1"}) {
    EXPECT_EQ(wire_.Answers(EchoRequestTo(all), "192.168.0.1"), 1u) << all;
  }
  for (const char* const all : {"ff02::1", "ff02::1:ff00:1"}) {
    EXPECT_EQ(wire_.Answers(EchoRequestTo(all), "a::1"), 1u) << all;
  }
}

}  // namespace
