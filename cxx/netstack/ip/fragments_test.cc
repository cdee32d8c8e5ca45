// Fragments on their way: reference, sections 1.6 and 2.5, with contract, section 5.
#include "netstack/ip/fragments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "netstack/ip/input.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"
#include "netstack/testing/router_scene.h"
#include "netstack/wire/ipv6.h"

namespace netstack::ip {
namespace {

using testing::AddressOf;
using testing::Build;
using testing::BuildMessage;
using testing::Bytes;
using testing::CountingBytes;
using testing::Counts;
using testing::FromHex;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;
using testing::Ipv6;

constexpr uint64_t kSecond = 1'000'000'000;

Bytes Part(const Bytes& bytes, size_t from, size_t length) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(std::min(from, bytes.size()));
  return {begin, begin + static_cast<std::ptrdiff_t>(
                             std::min(length, static_cast<size_t>(bytes.end() - begin)))};
}

class FragmentsTest : public ::testing::Test {
 protected:
  explicit FragmentsTest(uint32_t mtu = 65535) : scene_(mtu) {
    scene_.Assign("192.168.0.1/24");
    scene_.Assign("a::1/64");
  }

  // The packet cut into fragments with `size` bytes of data each.
  static std::vector<Bytes> Cut(Ipv4 ip, const Bytes& message, size_t size) {
    std::vector<Bytes> fragments;
    for (size_t at = 0; at < message.size(); at += size) {
      ip.fragment_offset = static_cast<uint16_t>(at);
      ip.more_fragments = at + size < message.size();
      fragments.push_back(Build(ip, Part(message, at, size)));
    }
    return fragments;
  }
  uint64_t Count(const std::string& name) {
    const Counts counts = testing::NonzeroCounts(*scene_.interface().counters);
    const auto found = counts.find(name);
    return found != counts.end() ? found->second : 0;
  }
  size_t Held(wire::Family family = wire::Family::kIpv4) {
    return scene_.shared().reassembly.bytes_held(family);
  }

  IpScene scene_;
};

TEST_F(FragmentsTest, APingInFragmentsIsAnsweredAsAWholeOne) {
  const Ipv4 ip{.tos = 0x20, .identification = 0xbeef, .ttl = 3};
  const Icmp icmp{.payload = CountingBytes(100)};
  scene_.Receive(Build(ip, icmp));
  const std::vector<Bytes> expected = scene_.link().TakeSent();
  ASSERT_EQ(expected.size(), 1u);
  scene_.TakeCounts();

  std::vector<Bytes> fragments = Cut(ip, BuildMessage(icmp), 48);
  std::vector<size_t> order{0, 1, 2};
  do {
    for (const size_t i : order) {
      const bool last = i == order.back();
      EXPECT_EQ(scene_.Receive(Bytes(fragments[i])), last ? Fate::kAnswered : Fate::kHeld);
      EXPECT_EQ(scene_.link().TakeSent(), last ? expected : std::vector<Bytes>());
    }
    EXPECT_EQ(scene_.TakeCounts(), (Counts{{"ip.packets_received", 3},
                                           {"ip.valid_packets_received", 3},
                                           {"ip.packets_delivered", 1},
                                           {"ip.packets_sent", 1},
                                           {"reassembly.fragments", 3},
                                           {"reassembly.completed", 1},
                                           {"icmp.received.echo_request", 1},
                                           {"icmp.sent.echo_reply", 1},
                                           {"nic.tx.packets", 1},
                                           {"nic.tx.bytes", 128}}));
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(Held(), 0u);
}

TEST_F(FragmentsTest, TheLongestPingComesTogether) {
  const Icmp icmp{.payload = CountingBytes(65507)};
  Fate fate{};
  for (const Bytes& fragment : Cut({}, BuildMessage(icmp), 1480)) fate = scene_.Receive(fragment);
  EXPECT_EQ(fate, Fate::kAnswered);
  const std::vector<Bytes> sent = scene_.link().TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].size(), 65535u);
  EXPECT_EQ(Part(sent[0], 28, 65507), icmp.payload);
}

TEST_F(FragmentsTest, ADatagramLongerThanAnyIsMalformed) {
  const Bytes data = CountingBytes(65536);
  for (const Bytes& fragment : Cut({}, data, 1480)) scene_.Receive(fragment);
  EXPECT_EQ(Count("ip.malformed_packets_received"), 1u);
  EXPECT_EQ(Count("ip.malformed_fragments_received"), 1u);
  EXPECT_EQ(Count("ip.packets_delivered"), 0u);
  scene_.TakeCounts();

  // It fits, but for the options of the first fragment.
  const Ipv4 first{.identification = 1, .more_fragments = true, .options = FromHex("01010101")};
  scene_.Receive(Build(first, Part(data, 0, 65504)));
  const Ipv4 last{.identification = 1, .fragment_offset = 65504};
  EXPECT_EQ(scene_.Receive(Build(last, Part(data, 65504, 11))), Fate::kBadFragment);
  EXPECT_EQ(Count("ip.malformed_packets_received"), 1u);
  EXPECT_EQ(Count("ip.malformed_fragments_received"), 1u);
  EXPECT_EQ(Count("reassembly.discarded"), 1u);
  EXPECT_EQ(Count("reassembly.completed"), 0u);
}

TEST_F(FragmentsTest, MalformedFragmentsAreDroppedAlone) {
  const Bytes message = BuildMessage(Icmp{.payload = CountingBytes(40)});
  scene_.Receive(Build(Ipv4{.more_fragments = true}, Part(message, 0, 24)));
  scene_.TakeCounts();
  const Counts malformed{{"ip.packets_received", 1},
                         {"ip.valid_packets_received", 1},
                         {"ip.malformed_packets_received", 1},
                         {"ip.malformed_fragments_received", 1}};
  const struct {
    const char* what;
    Ipv4 ip;
    size_t length;
  } cases[] = {
      {"empty", {.fragment_offset = 24}, 0},
      {"not the last, no multiple of 8", {.more_fragments = true, .fragment_offset = 24}, 15},
      {"beyond the longest datagram", {.fragment_offset = 65512}, 4},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(scene_.Receive(Build(test.ip, Bytes(test.length))), Fate::kBadFragment) << test.what;
    EXPECT_EQ(scene_.TakeCounts(), malformed) << test.what;
  }
  EXPECT_EQ(scene_.Receive(Build(Ipv4{.fragment_offset = 24}, Part(message, 24, 24))),
            Fate::kAnswered);
  scene_.link().TakeSent();
}

TEST_F(FragmentsTest, AConflictDiscardsTheWholeDatagramAndSaysNothing) {
  scene_.Receive(Build(Ipv4{.more_fragments = true}, Bytes(24)));
  scene_.TakeCounts();
  EXPECT_EQ(scene_.Receive(Build(Ipv4{.fragment_offset = 16}, Bytes(24))), Fate::kBadFragment);
  EXPECT_EQ(scene_.TakeCounts(), (Counts{{"ip.packets_received", 1},
                                         {"ip.valid_packets_received", 1},
                                         {"ip.malformed_packets_received", 1},
                                         {"ip.malformed_fragments_received", 1},
                                         {"reassembly.fragments", 1},
                                         {"reassembly.discarded", 1}}));
  EXPECT_EQ(Held(), 0u);
  EXPECT_TRUE(scene_.link().TakeSent().empty());
}

// The facts of the datagram are those of its first fragment.
TEST_F(FragmentsTest, AHandlerSeesTheWholePacket) {
  Bytes seen;
  bool temporary = false;
  scene_.AddLocalPrefix("192.168.7.0/24");
  scene_.SetUpperLayer([&](Echo& echo) {
    seen = Bytes(echo.packet().bytes, echo.packet().bytes + echo.packet().length);
    temporary = echo.packet().arrival.temporary;
    return Verdict::kConsumed;
  });
  const Ipv4 ip{.destination = "192.168.7.7", .identification = 0xbeef, .ttl = 3};
  const Icmp icmp{.payload = CountingBytes(100)};
  for (const Bytes& fragment : Cut(ip, BuildMessage(icmp), 48)) scene_.Receive(fragment);
  EXPECT_EQ(seen, Build(ip, icmp));
  EXPECT_TRUE(temporary);
}

TEST_F(FragmentsTest, WhatNeverBecomesWholeGoesAfterThirtySeconds) {
  scene_.Receive(Build(Ipv4{.identification = 1, .more_fragments = true}, Bytes(24)));
  scene_.Advance(10 * kSecond);
  scene_.Receive(Build(Ipv4{.identification = 2, .more_fragments = true}, Bytes(24)));
  // A later fragment gives no more time.
  scene_.Receive(
      Build(Ipv4{.identification = 1, .more_fragments = true, .fragment_offset = 24}, Bytes(24)));
  scene_.Advance(20 * kSecond - 1);
  EXPECT_EQ(Count("reassembly.timed_out"), 0u);
  scene_.Advance(1);
  EXPECT_EQ(Count("reassembly.timed_out"), 1u);
  EXPECT_NE(Held(), 0u);
  scene_.Advance(10 * kSecond - 1);
  EXPECT_EQ(Count("reassembly.timed_out"), 1u);
  scene_.Advance(1);
  EXPECT_EQ(Count("reassembly.timed_out"), 2u);
  EXPECT_EQ(Held(), 0u);

  scene_.Receive(Build(Ipv4{.identification = 3, .more_fragments = true}, Bytes(24)));
  scene_.Advance(30 * kSecond);
  EXPECT_EQ(Count("reassembly.timed_out"), 3u) << "the timer is set anew";
}

// Only where a whole datagram would have been ours at that time.
TEST_F(FragmentsTest, WhoseTimeoutIsTold) {
  const std::vector<Bytes> fragments{
      Build(Ipv4{.more_fragments = true, .protocol = 17}, Bytes(24)),
      Build(Ipv6{.extensions = {{44, Bytes{0, 0, 0, 1, 0, 0, 0, 9}}}, .next_header = 17},
            Bytes(24))};
  const InterfaceFamily ours[2] = {scene_.interface().families[0], scene_.interface().families[1]};
  const struct {
    const char* what;
    bool enabled;
    bool assigned;
    bool promiscuous;
    bool told;
  } cases[] = {{"nothing changed", true, true, false, true},
               {"the NIC was disabled", false, true, false, false},
               {"the address is gone", true, false, false, false},
               {"it became temporary", true, false, true, false}};
  for (const auto& test : cases) {
    for (const Bytes& fragment : fragments) {
      scene_.TakeCounts();
      EXPECT_EQ(scene_.Receive(Bytes(fragment)), Fate::kHeld);
      scene_.interface().enabled = test.enabled;
      scene_.interface().promiscuous = test.promiscuous;
      if (!test.assigned) scene_.interface().families = {};
      scene_.Advance(60 * kSecond);
      EXPECT_EQ(Count("reassembly.timed_out"), 1u) << test.what;
      EXPECT_EQ(Count("icmp.sent.time_exceeded"), test.told ? 1u : 0u) << test.what;
      EXPECT_EQ(scene_.link().TakeSent().size(), test.told ? 1u : 0u) << test.what;
      scene_.interface().families = {ours[0], ours[1]};
      scene_.interface().enabled = true;
      scene_.interface().promiscuous = false;
    }
  }
}

// Fragments that came in elsewhere than where their destination is assigned.
TEST(ForwardedFragments, TheirTimeoutIsToldWhileTheOwnerIsThere) {
  testing::RouterScene router;
  router.out().Assign("198.51.100.1/24");
  const auto told = [&](const auto& change) {
    EXPECT_EQ(router.Receive(
                  Build(Ipv4{.destination = "198.51.100.1", .more_fragments = true, .protocol = 17},
                        Bytes(24))),
              Fate::kHeld);
    change();
    router.in().Advance(30 * kSecond);
    return router.in().link().TakeSent().size();
  };
  EXPECT_EQ(told([] {}), 1u);
  EXPECT_EQ(told([&] { router.out().interface().enabled = false; }), 0u);
  router.out().interface().enabled = true;
  EXPECT_EQ(told([&] { router.in().interface().families[0].forwarding = false; }), 0u);
}

TEST_F(FragmentsTest, AFloodOfOneSourceLeavesThePingOfAnother) {
  const std::vector<Bytes> ping =
      Cut({.source = "192.168.0.9"}, BuildMessage(Icmp{.payload = CountingBytes(1500)}), 1480);
  ASSERT_EQ(ping.size(), 2u);
  scene_.Receive(Bytes(ping[0]));
  for (unsigned i = 0; i < 12'000; ++i) {
    const Ipv4 ip{.identification = static_cast<uint16_t>(i), .more_fragments = true};
    scene_.Receive(Build(ip, Bytes(1480)));
    ASSERT_LE(Held(), size_t{4} << 20);
  }
  EXPECT_GT(Count("reassembly.evicted"), 8'000u);
  EXPECT_EQ(scene_.Receive(Bytes(ping[1])), Fate::kAnswered);
  EXPECT_EQ(scene_.link().TakeSent().size(), 1u);
}

TEST_F(FragmentsTest, AFloodOfManySourcesLeavesThePingThatComesAtOnce) {
  std::vector<std::string> sources;
  for (unsigned i = 0; i < 20'000; ++i) {
    sources.push_back("10.1." + std::to_string(i / 200) + "." + std::to_string(1 + i % 200));
  }
  const std::vector<Bytes> ping =
      Cut({.source = "192.168.0.9"}, BuildMessage(Icmp{.payload = CountingBytes(60'000)}), 1480);
  size_t at = 0;
  Fate fate{};
  for (unsigned i = 0; i < sources.size(); ++i) {
    scene_.Receive(Build(Ipv4{.source = sources[i], .more_fragments = true}, Bytes(8)));
    ASSERT_LE(Held(), size_t{4} << 20);
    if (i >= 5'000 && i % 50 == 0 && at < ping.size()) fate = scene_.Receive(Bytes(ping[at++]));
  }
  EXPECT_GT(Count("reassembly.evicted"), 10'000u);
  EXPECT_EQ(at, ping.size());
  EXPECT_EQ(fate, Fate::kAnswered);
  scene_.link().TakeSent();
}

TEST_F(FragmentsTest, SideBySideHoldsFragmentsOfIcmpAlone) {
  scene_.interface().side_by_side = true;
  EXPECT_EQ(scene_.Receive(Build(Ipv4{.more_fragments = true, .protocol = 17}, Bytes(24))),
            Fate::kNotWanted);
  EXPECT_EQ(scene_.Receive(Build(Ipv4{.more_fragments = true, .protocol = 17}, Bytes(23))),
            Fate::kNotWanted);
  EXPECT_EQ(Held(), 0u);
  EXPECT_EQ(Count("ip.malformed_packets_received"), 0u);
  EXPECT_EQ(scene_.Receive(Build(Ipv4{.more_fragments = true}, Bytes(24))), Fate::kHeld);
}

// Nor those of a message that nobody here can want.
TEST_F(FragmentsTest, SideBySideHoldsFragmentsOfWhatMayBeTakenAlone) {
  scene_.interface().side_by_side = true;
  scene_.AddLocalPrefix("10.0.0.0/8");
  scene_.AddLocalPrefix("fd00::/8");
  uint8_t id = 0;
  const auto receive = [&](const char* destination) {
    ++id;
    if (std::string_view(destination).find(':') == std::string_view::npos) {
      return scene_.Receive(
          Build(Ipv4{.destination = destination, .identification = id, .more_fragments = true},
                Bytes(24)));
    }
    return scene_.Receive(Build(
        Ipv6{.destination = destination, .extensions = {{44, Bytes{0, 0, 0, 1, 0, 0, 0, id}}}},
        Bytes(24)));
  };
  const auto set_policy = [&](EchoPolicy policy) {
    scene_.configuration().temporary_policy = {policy, policy};
    scene_.configuration().group_policy = {policy, policy};
  };
  const struct {
    const char* destination;
    bool held;  // where nothing stands above, by default
  } cases[] = {{"192.168.0.1", true}, {"10.0.0.9", false}, {"192.168.0.255", false},
               {"224.0.0.1", false},  {"a::1", true},      {"fd00::9", false},
               {"ff02::1", true}};
  for (const auto& test : cases) {
    const bool assigned = AddressOf(test.destination) == AddressOf("192.168.0.1") ||
                          AddressOf(test.destination) == AddressOf("a::1");
    const size_t before = Held() + Held(wire::Family::kIpv6);
    EXPECT_EQ(receive(test.destination), test.held ? Fate::kHeld : Fate::kNotWanted)
        << test.destination;
    EXPECT_EQ(Held() + Held(wire::Family::kIpv6) > before, test.held) << test.destination;
    set_policy(EchoPolicy::kSilent);
    EXPECT_EQ(receive(test.destination), assigned ? Fate::kHeld : Fate::kNotWanted)
        << test.destination;
    set_policy(EchoPolicy::kReply);
    EXPECT_EQ(receive(test.destination), Fate::kHeld) << test.destination;
    set_policy(EchoPolicy::kDefault);
    scene_.SetUpperLayer([](Echo&) { return Verdict::kDeclined; });
    EXPECT_EQ(receive(test.destination), Fate::kHeld) << test.destination;
    scene_.configuration().upper = nullptr;
  }
}

// As the one who walks through the headers hands them over.
class Ipv6FragmentsTest : public FragmentsTest {
 protected:
  struct Header {
    uint16_t offset = 0;
    bool more = false;
    uint8_t next = 58;
    uint32_t identification = 7;
  };
  static constexpr wire::Family kFamily = wire::Family::kIpv6;

  static Bytes Packet(const Header& header, const Bytes& data) {
    const auto low = static_cast<uint8_t>(header.offset | (header.more ? 1 : 0));
    const auto id = static_cast<uint8_t>(header.identification);
    return Build(
        Ipv6{.extensions = {{44,
                             {0, 0, static_cast<uint8_t>(header.offset >> 8), low, 0, 0, 0, id}}},
             .next_header = header.next},
        data);
  }
  Fate Receive(const Header& header, const Bytes& data, const packet::Extras* extras = nullptr) {
    const Bytes bytes = Packet(header, data);
    packet::Packet packet;
    packet.family = kFamily;
    packet.protocol = 44;
    packet.nic = IpScene::kNic;
    packet.bytes = bytes.data();
    packet.length = static_cast<uint32_t>(bytes.size());
    packet.header_length = wire::kIpv6Header;
    packet.source = AddressOf("a::2");
    packet.destination = AddressOf("a::1");
    packet.extras = extras;
    return ReceiveIpv6Fragment(scene_.context(), packet);
  }
};

TEST_F(Ipv6FragmentsTest, ComeTogetherWhateverTheirNextHeaders) {
  const Bytes message = BuildMessage(Ipv6{}, Icmp{.payload = CountingBytes(40)});
  EXPECT_EQ(Receive({16, false, 99}, Part(message, 16, 99)), Fate::kHeld);
  EXPECT_EQ(Receive({0, true, 58, 8}, Part(message, 0, 16)), Fate::kHeld) << "another datagram";
  EXPECT_NE(Receive({0, true}, Part(message, 0, 16)), Fate::kHeld);
  EXPECT_EQ(Count("reassembly.fragments"), 3u);
  EXPECT_EQ(Count("reassembly.completed"), 1u);
}

TEST_F(Ipv6FragmentsTest, TheLongestPayloadComesTogether) {
  const Bytes message = BuildMessage(Ipv6{}, Icmp{.payload = CountingBytes(65527)});
  ASSERT_EQ(message.size(), 65535u);
  for (size_t at = 0; at < message.size(); at += 1448) {
    Receive({static_cast<uint16_t>(at), at + 1448 < message.size()}, Part(message, at, 1448));
  }
  EXPECT_EQ(Count("reassembly.completed"), 1u);
  EXPECT_EQ(Count("ip.malformed_fragments_received"), 0u);
}

TEST_F(Ipv6FragmentsTest, AFirstOneHasAllHeaders) {
  const struct {
    const char* what;
    uint8_t next;
    const char* data;
    bool good;
  } cases[] = {
      {"an upper layer at once", 58, "0102030405060708", true},
      {"an unknown one", 200, "0102030405060708", true},
      {"AH counts as one", 51, "3a00000000000000", true},
      {"behind destination options", 60, "3a00010400000000 0102030405060708", true},
      {"of no bytes behind them", 60, "3a00010400000000", true},
      {"behind a routing header of 16 bytes", 43, "3a01000000000000 0000000000000000", true},
      {"behind hop-by-hop options", 0, "3a00010400000000", true},
      {"behind an experiment", 253, "3aff000000000000", true},
      {"behind an atomic fragment header", 44, "3a00000000000000", true},
      {"in a later fragment's header", 44, "3c00000800000000", true},
      {"none", 59, "0102030405060708", false},
      {"none behind options", 60, "3b00010400000000", false},
      {"headers that go on", 60, "3c00010400000000", false},
      {"options longer than there is", 60, "3a01010400000000", false},
      {"a routing header longer than there is", 43, "3a02000000000000 0000000000000000", false},
      {"a fragment header in a first one that goes on", 44, "3c00000100000000", false},
  };
  for (const auto& test : cases) {
    scene_.TakeCounts();
    EXPECT_EQ(Receive({0, true, test.next}, FromHex(test.data)),
              test.good ? Fate::kHeld : Fate::kBadFragment)
        << test.what;
    EXPECT_EQ(Count("ip.malformed_packets_received"), test.good ? 0u : 1u) << test.what;
    EXPECT_EQ(Count("ip.malformed_fragments_received"), test.good ? 0u : 1u) << test.what;
    scene_.Advance(60 * kSecond);
  }
}

TEST_F(Ipv6FragmentsTest, MalformedOnesAreDroppedAlone) {
  const struct {
    const char* what;
    Header header;
    size_t length;
  } cases[] = {{"empty", {16, false}, 0},
               {"an empty first one", {0, true}, 0},
               {"not the last, no multiple of 8", {16, true}, 15},
               {"beyond the longest payload", {65528, false}, 8}};
  EXPECT_EQ(Receive({0, true}, Bytes(16)), Fate::kHeld);
  for (const auto& test : cases) {
    scene_.TakeCounts();
    EXPECT_EQ(Receive(test.header, Bytes(test.length)), Fate::kBadFragment) << test.what;
    EXPECT_EQ(Count("ip.malformed_packets_received"), 1u) << test.what;
    EXPECT_EQ(Count("ip.malformed_fragments_received"), 1u) << test.what;
    EXPECT_EQ(Count("reassembly.fragments"), 0u) << test.what;
  }
  Receive({16, false}, Bytes(8));
  EXPECT_EQ(Count("reassembly.completed"), 1u);
}

// As deep as the sender likes: 8 bytes a level.
TEST_F(Ipv6FragmentsTest, FragmentsWithinADatagramOfFragmentsAreMalformed) {
  packet::Extras extras;
  const Bytes quoted(48);
  extras.fragment_header = true;
  EXPECT_EQ(Receive({0, true}, Bytes(16), &extras), Fate::kHeld) << "an atomic one in front";
  extras.quoted_headers = quoted.data();
  extras.quoted_length = 48;
  EXPECT_EQ(Receive({16, false}, Bytes(16), &extras), Fate::kBadFragment);
  EXPECT_EQ(Count("ip.malformed_packets_received"), 1u);
}

TEST_F(Ipv6FragmentsTest, WhatNeverBecomesWholeGoesAfterSixtySeconds) {
  Receive({0, true}, Bytes(16));
  scene_.Advance(60 * kSecond - 1);
  EXPECT_EQ(Count("reassembly.timed_out"), 0u);
  scene_.Advance(1);
  EXPECT_EQ(Count("reassembly.timed_out"), 1u);
  EXPECT_EQ(Held(kFamily), 0u);
}

TEST_F(Ipv6FragmentsTest, SideBySideHoldsFragmentsOfIcmpv6Alone) {
  scene_.interface().side_by_side = true;
  EXPECT_EQ(Receive({0, true, 17}, Bytes(15)), Fate::kNotWanted);
  EXPECT_EQ(Count("ip.malformed_packets_received"), 0u);
  EXPECT_EQ(Held(kFamily), 0u);
  EXPECT_EQ(Receive({0, true, 58}, Bytes(16)), Fate::kHeld);
}

// Whoever gets it back answers.
TEST_F(Ipv6FragmentsTest, SideBySideMalformedOnesGoBackUnanswered) {
  const Bytes message = BuildMessage(Ipv6{}, Icmp{.payload = CountingBytes(40)});
  for (const bool side_by_side : {false, true}) {
    scene_.interface().side_by_side = side_by_side;
    EXPECT_EQ(Receive({0, true}, Part(message, 0, 15)), Fate::kBadFragment);
    EXPECT_EQ(scene_.link().TakeSent().size(), side_by_side ? 0u : 1u);
    EXPECT_EQ(Receive({65528, false}, Bytes(8)), Fate::kBadFragment);
    EXPECT_EQ(scene_.link().TakeSent().size(), side_by_side ? 0u : 1u);
  }
}

}  // namespace
}  // namespace netstack::ip
