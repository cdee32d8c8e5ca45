// What becomes of an Echo Request between verdict, reply and policy: contract,
// section 2.
#include "netstack/ip/echo.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/packet_checker.h"

namespace netstack::ip {
namespace {

using base::Status;
using testing::Build;
using testing::Bytes;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;
using testing::Ipv6;
using testing::Matches;

// What stands above, and what it does.
enum class Handler { kNone, kDeclines, kConsumes, kRepliesAndDeclines, kRepliesAndConsumes };
constexpr Handler kHandlers[] = {Handler::kNone, Handler::kDeclines, Handler::kConsumes,
                                 Handler::kRepliesAndDeclines, Handler::kRepliesAndConsumes};

void Install(IpScene* scene, Handler handler) {
  if (handler == Handler::kNone) return;
  scene->SetUpperLayer([handler](Echo& echo) {
    const bool replies =
        handler == Handler::kRepliesAndDeclines || handler == Handler::kRepliesAndConsumes;
    if (replies) {
      EXPECT_EQ(echo.Reply(), Status::kOk);
    }
    return handler == Handler::kConsumes || handler == Handler::kRepliesAndConsumes
               ? Verdict::kConsumed
               : Verdict::kDeclined;
  });
}

struct Row {
  const char* destination;
  bool spoofing;
  const char* answers;  // one character a handler: R a reply, - none
  const char* source;   // of the reply
};

// The contract's table, and its options below.
const Row kIpv4Rows[] = {
    {"192.0.2.1", false, "RR-RR", "192.0.2.1"},
    {"198.51.100.7", false, "---RR", "198.51.100.7"},  // temporary
    {"198.51.100.7", true, "---RR", "198.51.100.7"},
    {"192.0.2.255", false, "---RR", "192.0.2.1"},
    {"255.255.255.255", false, "---RR", "192.0.2.1"},
    {"224.0.0.1", false, "---RR", "192.0.2.1"},
};
const Row kIpv6Rows[] = {
    {"2001:db8::1", false, "RR-RR", "2001:db8::1"},
    {"ff02::1", false, "RR-RR", "2001:db8::1"},
    {"ff02::1:ff00:1", false, "RR-RR", "2001:db8::1"},
    {"2400::7", false, "---RR", "2400::7"},  // temporary
    {"2400::7", true, "RR-RR", "2400::7"},
};

class EchoTest : public ::testing::Test {
 protected:
  static bool IsIpv4(const char* address) {
    return std::string_view(address).find(':') == std::string_view::npos;
  }
  static Bytes RequestTo(const char* destination) {
    if (IsIpv4(destination)) {
      return Build(Ipv4{.source = "192.0.2.9", .destination = destination}, Icmp{});
    }
    return Build(Ipv6{.source = "2001:db8::9", .destination = destination}, Icmp{});
  }
  static void Configure(IpScene* scene) {
    scene->Assign("192.0.2.1/24");
    scene->Assign("2001:db8::1/64");
    scene->interface().promiscuous = true;
  }

  // `rows` with a policy set; `changed` lists what differs, by destination.
  static void ExpectAnswers(const Row& row, void (*configure)(Configuration*)) {
    for (size_t i = 0; i < std::size(kHandlers); ++i) {
      IpScene scene;
      Configure(&scene);
      scene.interface().spoofing = row.spoofing;
      if (configure != nullptr) configure(&scene.configuration());
      Install(&scene, kHandlers[i]);
      const Fate fate = scene.Receive(RequestTo(row.destination));
      const std::vector<Bytes> sent = scene.link().TakeSent();
      const bool reply = row.answers[i] == 'R';
      ASSERT_EQ(sent.size(), reply ? 1u : 0u) << row.destination << " handler " << i;
      EXPECT_EQ(fate, reply                                ? Fate::kAnswered
                      : kHandlers[i] == Handler::kConsumes ? Fate::kConsumed
                                                           : Fate::kNotAnswered);
      if (!reply) continue;
      const bool v4 = IsIpv4(row.destination);
      EXPECT_TRUE(Matches(sent[0], {.source = row.source,
                                    .destination = v4 ? "192.0.2.9" : "2001:db8::9",
                                    .type = v4 ? uint8_t{0} : uint8_t{129}}));
    }
  }
};

TEST_F(EchoTest, TheTableOfTwoIndependentDecisions) {
  for (const Row& row : kIpv4Rows) ExpectAnswers(row, nullptr);
  for (const Row& row : kIpv6Rows) ExpectAnswers(row, nullptr);
}

TEST_F(EchoTest, PoliciesTurnSilenceIntoReplies) {
  const auto all_reply = [](Configuration* c) {
    c->temporary_policy = {EchoPolicy::kReply, EchoPolicy::kReply};
    c->group_policy = {EchoPolicy::kReply, EchoPolicy::kReply};
  };
  for (Row row : kIpv4Rows) {
    row.answers = "RR-RR";
    ExpectAnswers(row, all_reply);
  }
  for (Row row : kIpv6Rows) {
    row.answers = "RR-RR";
    ExpectAnswers(row, all_reply);
  }
}

// Replies that a handler asks for are not the policy's business.
TEST_F(EchoTest, PoliciesTurnRepliesIntoSilence) {
  const auto all_silent = [](Configuration* c) {
    c->temporary_policy = {EchoPolicy::kSilent, EchoPolicy::kSilent};
    c->group_policy = {EchoPolicy::kSilent, EchoPolicy::kSilent};
  };
  for (const Row& row : kIpv4Rows) {
    ExpectAnswers(row, all_silent);  // only the assigned address was answered, and still is
  }
  for (Row row : kIpv6Rows) {
    if (std::string_view(row.destination) != "2001:db8::1") row.answers = "---RR";
    ExpectAnswers(row, all_silent);
  }
}

TEST_F(EchoTest, APolicyIsForItsFamilyAndKindOnly) {
  const auto ipv4_temporary = [](Configuration* c) { c->temporary_policy[0] = EchoPolicy::kReply; };
  for (Row row : kIpv4Rows) {
    if (std::string_view(row.destination) == "198.51.100.7") row.answers = "RR-RR";
    ExpectAnswers(row, ipv4_temporary);
  }
  for (const Row& row : kIpv6Rows) ExpectAnswers(row, ipv4_temporary);
}

TEST_F(EchoTest, RepliesAreIdempotentAndLaterOnesReportTheFirstOutcome) {
  IpScene scene;
  Configure(&scene);
  scene.SetUpperLayer([](Echo& echo) {
    EXPECT_FALSE(echo.answered());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(echo.Reply(), Status::kOk);
    EXPECT_TRUE(echo.answered());
    return Verdict::kDeclined;
  });
  EXPECT_EQ(scene.Receive(RequestTo("192.0.2.1")), Fate::kAnswered);
  EXPECT_EQ(scene.link().TakeSent().size(), 1u);
}

// One attempt: a way that appears in between changes nothing, and declining
// never brings the built-in reply back (contract, rule 7).
TEST_F(EchoTest, WithoutARouteTheAttemptIsUsedUp) {
  for (const char* const destination : {"192.0.2.1", "2001:db8::1"}) {
    IpScene scene;
    Configure(&scene);
    scene.configuration().strict_routes = true;
    scene.SetUpperLayer([&](Echo& echo) {
      EXPECT_EQ(echo.Reply(), Status::kNoRoute);
      scene.configuration().strict_routes = false;
      EXPECT_EQ(echo.Reply(), Status::kNoRoute);
      EXPECT_TRUE(echo.answered());
      return Verdict::kDeclined;
    });
    scene.Receive(RequestTo(destination));
    EXPECT_TRUE(scene.link().TakeSent().empty());
    EXPECT_FALSE(scene.TakeCounts().contains("icmp.sent.dropped"));
  }
}

TEST_F(EchoTest, AGroupRequestWithoutAnAddressOfOursHasNoRoute) {
  for (const char* const destination : {"255.255.255.255", "224.0.0.1", "ff02::1"}) {
    IpScene scene;
    Status status = Status::kOk;
    scene.SetUpperLayer([&](Echo& echo) {
      status = echo.Reply();
      return Verdict::kDeclined;
    });
    scene.Receive(RequestTo(destination));
    EXPECT_EQ(status, Status::kNoRoute) << destination;
    EXPECT_TRUE(scene.link().TakeSent().empty());
  }
}

// Accepted is not delivered (contract, rule 3).
TEST_F(EchoTest, AFullLinkIsCountedAsDroppedAndNotReported) {
  for (const char* const destination : {"192.0.2.1", "2001:db8::1"}) {
    IpScene scene;
    Configure(&scene);
    scene.link().set_full(true);
    Install(&scene, Handler::kRepliesAndDeclines);  // expects kOk
    EXPECT_EQ(scene.Receive(RequestTo(destination)), Fate::kAnswered);
    const auto counts = scene.TakeCounts();
    EXPECT_EQ(counts.at("icmp.sent.dropped"), 1u);
    EXPECT_FALSE(counts.contains("icmp.sent.echo_reply"));
  }
}

TEST_F(EchoTest, EchoRepliesGoUpAndAreNeverAnswered) {
  const Bytes replies[] = {
      Build(Ipv4{.source = "192.0.2.9", .destination = "192.0.2.1"}, Icmp{.type = uint8_t{0}}),
      Build(Ipv6{.source = "2001:db8::9", .destination = "2001:db8::1"},
            Icmp{.type = uint8_t{129}})};
  for (const Bytes& reply : replies) {
    for (const Verdict verdict : {Verdict::kDeclined, Verdict::kConsumed}) {
      IpScene scene;
      Configure(&scene);
      int calls = 0;
      scene.SetUpperLayer([&](Echo& echo) {
        ++calls;
        EXPECT_FALSE(echo.is_request());
        EXPECT_EQ(echo.Reply(), Status::kNotReplyable);
        EXPECT_FALSE(echo.answered());
        return verdict;
      });
      EXPECT_EQ(scene.Receive(reply),
                verdict == Verdict::kConsumed ? Fate::kConsumed : Fate::kNotWanted);
      EXPECT_EQ(calls, 1);
      EXPECT_TRUE(scene.link().TakeSent().empty());
    }
    IpScene alone;
    Configure(&alone);
    EXPECT_EQ(alone.Receive(reply), Fate::kNotWanted);
  }
}

}  // namespace
}  // namespace netstack::ip
