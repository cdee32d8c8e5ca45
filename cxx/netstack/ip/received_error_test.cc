// RFC 1191, RFC 8201.
#include "netstack/ip/received_error.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "netstack/ip/echo_request.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/packet_checker.h"

namespace netstack::ip {
namespace {

using testing::AddressOf;
using testing::Build;
using testing::Bytes;
using testing::CountingBytes;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;
using testing::Ipv6;
using testing::Matches;
using wire::Family;

constexpr uint64_t kMinute = 60'000'000'000;

class PathMtuDiscovery : public ::testing::TestWithParam<Family> {
 protected:
  PathMtuDiscovery() {
    scene_.Assign("192.0.2.1/24");
    scene_.Assign("2001:db8::1/64");
  }

  static bool v4() { return GetParam() == Family::kIpv4; }
  static const char* Ours() { return v4() ? "192.0.2.1" : "2001:db8::1"; }
  static const char* Peer() { return v4() ? "192.0.2.9" : "2001:db8::9"; }
  static const char* Other() { return v4() ? "198.51.100.9" : "2001:db8:2::9"; }
  static const char* Router() { return v4() ? "192.0.2.254" : "2001:db8::fe"; }
  // Between the least and the link's.
  static uint32_t Narrow() { return v4() ? 1000 : 1280; }
  static uint32_t Least() { return v4() ? 552 : 1280; }

  static Bytes Packet(const char* source, const char* destination, const Icmp& icmp) {
    return v4() ? Build(Ipv4{.source = source, .destination = destination, .dont_fragment = true},
                        icmp)
                : Build(Ipv6{.source = source, .destination = destination}, icmp);
  }
  // 1,428 bytes, or 1,448.
  static Bytes Request(const char* source, const char* destination = Ours()) {
    return Packet(source, destination, Icmp{.payload = CountingBytes(1400)});
  }
  static Bytes Reply(const char* destination, const char* source = Ours()) {
    const uint8_t type = v4() ? 0 : 129;
    return Packet(source, destination, Icmp{.type = type, .payload = CountingBytes(1400)});
  }
  // Fragmentation Needed, or Packet Too Big.
  static Icmp TooBig(uint32_t mtu, const Bytes& quote, size_t quoted = 500) {
    const uint8_t type = v4() ? 3 : 2;
    const auto end = quote.begin() + static_cast<ptrdiff_t>(std::min(quoted, quote.size()));
    return {.type = type,
            .code = static_cast<uint8_t>(v4() ? 4 : 0),
            .identifier = static_cast<uint16_t>(mtu >> 16),
            .sequence = static_cast<uint16_t>(mtu),
            .payload = Bytes(quote.begin(), end)};
  }

  std::vector<Bytes> Answers(const Bytes& request) {
    scene_.Receive(request);
    return scene_.link().TakeSent();
  }
  // Of the answer to a long request; each its fragments are to have.
  void ExpectAnswerInPieces(uint32_t mtu) {
    const std::vector<Bytes> sent = Answers(Request(Peer()));
    ASSERT_GE(sent.size(), 2u);
    size_t data = 0;
    for (const Bytes& each : sent) {
      EXPECT_LE(each.size(), mtu);
      EXPECT_TRUE(Matches(each, {.source = Ours(), .destination = Peer()}));
      data += each.size() - (v4() ? 20 : 48);
    }
    EXPECT_GT(sent[0].size() + 8, mtu) << "as long as fits";
    EXPECT_EQ(data, 1408u);
  }
  // What a told MTU did: "taken", "refused", or nothing.
  std::string Tell(const Bytes& error) {
    scene_.TakeCounts();
    EXPECT_FALSE(IsTaken(scene_.Receive(error)));
    EXPECT_TRUE(scene_.link().TakeSent().empty());
    const auto counts = scene_.TakeCounts();
    return counts.contains("path_mtu.taken")     ? "taken"
           : counts.contains("path_mtu.refused") ? "refused"
                                                 : "nothing";
  }
  std::string Tell(const Icmp& error) { return Tell(Packet(Router(), Ours(), error)); }

  IpScene scene_;
};

TEST_P(PathMtuDiscovery, TheNextAnswerGoesInFragments) {
  EXPECT_EQ(Answers(Request(Peer())), std::vector<Bytes>{Reply(Peer())});
  EXPECT_EQ(Tell(TooBig(Narrow(), Reply(Peer()))), "taken");
  ExpectAnswerInPieces(Narrow());
  EXPECT_EQ(Answers(Request(Other())), std::vector<Bytes>{Reply(Other())}) << "another way";
  EXPECT_EQ(Answers(Packet(Peer(), Ours(), Icmp{})).size(), 1u) << "a short one";
}

TEST_P(PathMtuDiscovery, AfterTenMinutesAnswersAreWholeAgain) {
  EXPECT_EQ(Tell(TooBig(Narrow(), Reply(Peer()))), "taken");
  scene_.clock().Advance(10 * kMinute - 1);
  ExpectAnswerInPieces(Narrow());
  scene_.clock().Advance(1);
  EXPECT_EQ(Answers(Request(Peer())), std::vector<Bytes>{Reply(Peer())});
  EXPECT_TRUE(scene_.shared().path_mtus.empty(GetParam()));
}

// A request of our own, and an answer from wherever we answer from.
TEST_P(PathMtuDiscovery, EveryEchoThatWeMayHaveSentCounts) {
  const Bytes request = Request(Ours(), Peer());
  EXPECT_EQ(Tell(TooBig(Narrow(), request)), "taken");
  scene_.AddLocalPrefix(v4() ? "10.0.0.0/8" : "fd00::/16");
  const char* const local = v4() ? "10.1.2.3" : "fd00::7";
  EXPECT_EQ(Tell(Packet(Router(), local, TooBig(Narrow(), Reply(Other(), local)))), "taken");
  scene_.interface().promiscuous = true;
  const char* const any = v4() ? "203.0.113.7" : "2001:db8:3::7";
  const char* const last = v4() ? "198.51.100.10" : "2001:db8:2::10";
  EXPECT_EQ(Tell(Packet(Router(), any, TooBig(Narrow(), Reply(last, any)))), "taken");
  EXPECT_EQ(scene_.shared().path_mtus.held(GetParam()), 3u);
}

TEST_P(PathMtuDiscovery, OurOwnRequestsGoInFragmentsToo) {
  EXPECT_EQ(Tell(TooBig(Narrow(), Request(Ours(), Peer()))), "taken");
  const Bytes payload = CountingBytes(1400);
  for (const char* const destination : {Peer(), Other()}) {
    const EchoRequest request{.family = GetParam(),
                              .source = AddressOf(Ours()),
                              .destination = AddressOf(destination),
                              .identification = 1,
                              .payload = payload};
    EXPECT_EQ(SendEchoRequest(scene_.context(), request), base::Status::kOk);
    EXPECT_EQ(scene_.link().TakeSent().size(), destination == Peer() ? 2u : 1u);
  }
}

// A quote ends anywhere behind what tells that it is an echo.
TEST_P(PathMtuDiscovery, OfTheQuoteItsFirstBytesAreEnough) {
  const size_t least = v4() ? 28 : 48;
  for (size_t quoted = 0; quoted < least; ++quoted) {
    EXPECT_EQ(Tell(TooBig(Narrow(), Reply(Peer()), quoted)), "refused") << quoted;
  }
  EXPECT_EQ(Tell(TooBig(Narrow(), Reply(Peer()), least)), "taken");
}

// RFC 8201 4: discarded; IPv4: see LeastPathMtu().
TEST_P(PathMtuDiscovery, TheLeastIsBelievedAndNothingBelow) {
  for (const uint32_t mtu : {0u, 1u, 67u, 68u, Least() - 1}) {
    EXPECT_EQ(Tell(TooBig(mtu, Reply(Peer()))), "refused") << mtu;
  }
  EXPECT_EQ(Answers(Request(Peer())), std::vector<Bytes>{Reply(Peer())});
  EXPECT_EQ(Tell(TooBig(Least(), Reply(Peer()))), "taken");
  ExpectAnswerInPieces(Least());
}

// RFC 1191 3: an error never makes a way wider; nor is it about a packet that would have fitted.
TEST_P(PathMtuDiscovery, OnlyWhatIsLowerThanThePacketAndTheWayIsBelieved) {
  const auto length = static_cast<uint32_t>(Reply(Peer()).size());
  for (const uint32_t mtu : {length, length + 1, 1500u, 9000u}) {
    EXPECT_EQ(Tell(TooBig(mtu, Reply(Peer()))), "refused") << mtu;
  }
  EXPECT_EQ(Tell(TooBig(0x10000 + Narrow(), Reply(Peer()))), v4() ? "taken" : "refused");
  EXPECT_EQ(Tell(TooBig(length - 1, Reply(Other()))), "taken");
  EXPECT_EQ(Tell(TooBig(length - 1, Reply(Other()))), "refused") << "known";
}

TEST_P(PathMtuDiscovery, WhatWeCanNotHaveSentIsNotBelieved) {
  const char* const stranger = v4() ? "203.0.113.7" : "2001:db8:3::7";
  const Icmp error{.type = uint8_t{3}, .payload = CountingBytes(1400)};
  const Bytes port_unreachable = Packet(Ours(), Peer(), error);
  Bytes udp = Reply(Peer());
  udp[v4() ? 9 : 6] = 17;
  Bytes other_family = v4() ? Build(Ipv6{}, Icmp{.payload = CountingBytes(1400)})
                            : Build(Ipv4{}, Icmp{.payload = CountingBytes(1400)});
  const Bytes of_jumbo_link =
      Packet(Ours(), Peer(), Icmp{.type = uint8_t(v4() ? 0 : 129), .payload = Bytes(1500)});
  const struct {
    const char* what;
    Bytes quote;
  } cases[] = {
      {"not from us", Reply(Peer(), stranger)},
      {"to a group", Reply(v4() ? "224.0.0.1" : "ff02::1")},
      {"to nobody", Reply(v4() ? "0.0.0.0" : "::")},
      {"to a broadcast address", Reply(v4() ? "192.0.2.255" : "ff0e::1")},
      {"to all", Reply(v4() ? "255.255.255.255" : "ff05::2")},
      {"an error", port_unreachable},
      {"another protocol", udp},
      {"the other family", other_family},
      {"longer than the link takes", of_jumbo_link},
      {"nothing", {}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Tell(TooBig(Narrow(), c.quote)), "refused") << c.what;
  }
  EXPECT_TRUE(scene_.shared().path_mtus.empty(GetParam()));
}

TEST_P(PathMtuDiscovery, ALaterFragmentTellsNothing) {
  const Bytes message = CountingBytes(1400);  // may well look like an echo
  const testing::Extension later{44, testing::FromHex("0000 0508 0000 0001")};
  const Bytes fragment =
      v4() ? Build(Ipv4{.source = Ours(), .destination = Peer(), .fragment_offset = 1280}, message)
           : Build(Ipv6{.source = Ours(), .destination = Peer(), .extensions = {later}}, message);
  EXPECT_EQ(Tell(TooBig(Narrow(), fragment)), "refused");
}

// On a way that narrows twice, the second router tells of a fragment.
TEST_P(PathMtuDiscovery, AFirstFragmentTellsAsMuchAsAWholePacket) {
  EXPECT_EQ(Tell(TooBig(1400, Reply(Peer()))), "taken");
  const std::vector<Bytes> sent = Answers(Request(Peer()));
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(Tell(TooBig(Narrow(), sent[0])), "taken");
  ExpectAnswerInPieces(Narrow());
}

TEST_P(PathMtuDiscovery, OnlyAValidErrorToOurAddressIsBelieved) {
  const Icmp error = TooBig(Narrow(), Reply(Peer()));
  Icmp corrupt = error;
  corrupt.wrong_checksum = true;
  EXPECT_EQ(Tell(corrupt), "nothing");
  const char* const group = v4() ? "224.0.0.1" : "ff02::1";
  EXPECT_EQ(Tell(Packet(Router(), group, error)), "refused");
  EXPECT_EQ(Tell(Packet(Router(), group, TooBig(Narrow(), Reply(Peer(), group)))), "refused");
  Icmp other_kind = error;
  other_kind.type = uint8_t(v4() ? 11 : 3);
  EXPECT_EQ(Tell(other_kind), "nothing");
  // To another address of ours than the quote comes from.
  scene_.Assign(v4() ? "192.0.2.2/24" : "2001:db8::2/64");
  const char* const another = v4() ? "192.0.2.2" : "2001:db8::2";
  EXPECT_EQ(Tell(Packet(Router(), another, error)), "refused");
  EXPECT_TRUE(scene_.shared().path_mtus.empty(GetParam()));
}

TEST_P(PathMtuDiscovery, WithoutAWayThereNothingWasSent) {
  scene_.configuration().strict_routes = true;
  EXPECT_EQ(Tell(TooBig(Narrow(), Reply(Peer()))), "refused");
  scene_.AddRoute(v4() ? "192.0.2.0/24" : "2001:db8::/64");
  EXPECT_EQ(Tell(TooBig(Narrow(), Reply(Peer()))), "taken");
}

// Contract 6: strangers fill what is held with what we may have sent; an honest one gets in. With
// what we can't have sent nobody gets it out again.
TEST_P(PathMtuDiscovery, AFloodOfErrorsFillsNoMoreThanThereIs) {
  const auto flood = [&](const char* source) {
    for (unsigned i = 0; i < 3000; ++i) {
      Bytes quote = Reply(Other(), source);
      quote[v4() ? 17 : 34] = static_cast<uint8_t>(i >> 8);
      quote[v4() ? 19 : 39] = static_cast<uint8_t>(i);
      scene_.Receive(Packet(Router(), Ours(), TooBig(Narrow(), quote, 48)));
    }
  };
  flood(Ours());
  EXPECT_EQ(scene_.shared().path_mtus.held(GetParam()), 1024u);
  EXPECT_EQ(scene_.TakeCounts().at("path_mtu.evicted"), 3000u - 1024u);
  EXPECT_EQ(Tell(TooBig(Narrow(), Reply(Peer()))), "taken");
  ExpectAnswerInPieces(Narrow());
  flood(v4() ? "203.0.113.7" : "2001:db8:3::7");
  EXPECT_EQ(scene_.TakeCounts().at("path_mtu.refused"), 3000u);
  ExpectAnswerInPieces(Narrow());
  EXPECT_EQ(scene_.shared().path_mtus.held(GetParam()), 1024u);
}

// A router tells of a packet on its way; only its source is to find out.
TEST_P(PathMtuDiscovery, WhatIsForwardedIsLeftAlone) {
  EXPECT_EQ(Tell(TooBig(Narrow(), Reply(Other()))), "taken");
  scene_.interface().families[wire::Index(GetParam())].forwarding = true;
  scene_.configuration().interfaces = {std::make_shared<const Interface>(scene_.interface())};
  scene_.AddRoute(v4() ? "0.0.0.0/0" : "::/0");
  const std::vector<Bytes> sent = Answers(Request(Peer(), Other()));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].size(), Request(Peer(), Other()).size());
}

INSTANTIATE_TEST_SUITE_P(Of, PathMtuDiscovery, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& each) {
                           return each.param == Family::kIpv4 ? "Ipv4" : "Ipv6";
                         });

// Reference 1.11: Don't Fragment of the request stands in the answer, and in each fragment of it.
TEST(PathMtuDiscoveryTest, Ipv4FragmentsKeepDontFragment) {
  for (const bool dont_fragment : {false, true}) {
    IpScene scene;
    scene.Assign("192.0.2.1/24");
    scene.shared().path_mtus.Lower(Family::kIpv4, {IpScene::kNic, AddressOf("192.0.2.9")}, 1000,
                                   1500, 0);
    scene.Receive(Build(Ipv4{.source = "192.0.2.9",
                             .destination = "192.0.2.1",
                             .identification = 0xbeef,
                             .dont_fragment = dont_fragment},
                        Icmp{.payload = CountingBytes(1400)}));
    const std::vector<Bytes> sent = scene.link().TakeSent();
    ASSERT_EQ(sent.size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_TRUE(Matches(sent[i], {.identification = 0xbeef,
                                    .dont_fragment = dont_fragment,
                                    .more_fragments = i == 0,
                                    .fragment_offset = static_cast<uint16_t>(i * 976)}));
    }
  }
}

// An error of 576 bytes may be longer than its way takes.
TEST(PathMtuDiscoveryTest, OurOwnErrorsGoInFragmentsToo) {
  IpScene scene;
  scene.Assign("192.0.2.1/24");
  const PathMtus::Way way{IpScene::kNic, AddressOf("192.0.2.9")};
  scene.shared().path_mtus.Lower(Family::kIpv4, way, 552, 1500, 0);
  const Ipv4 ip{.source = "192.0.2.9", .destination = "192.0.2.1", .protocol = 99};
  scene.Receive(Build(ip, Bytes(1000)));
  const std::vector<Bytes> sent = scene.link().TakeSent();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].size() + sent[1].size(), 576u + 20u);
}

}  // namespace
}  // namespace netstack::ip
