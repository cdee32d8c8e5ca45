// IPv6 extension headers, in the order and with the counters of the reference,
// section 2.4.
#include "netstack/ip/ipv6_headers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"

namespace netstack::ip {
namespace {

using testing::Build;
using testing::Bytes;
using testing::Counts;
using testing::Extension;
using testing::FromHex;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv6;

const Counts kValid{{"ip.packets_received", 1}, {"ip.valid_packets_received", 1}};
Counts With(std::vector<std::string> names) {
  Counts counts = kValid;
  for (const std::string& name : names) ++counts[name];
  return counts;
}
const Counts kEcho = With({"ip.packets_delivered", "icmp.received.echo_request"});
const Counts kMalformed = With({"ip.malformed_packets_received"});

// An options header filled up with zeros, which are Pad1 options.
Extension Options(uint8_t number, Bytes options) {
  Bytes bytes{0, 0};
  bytes.insert(bytes.end(), options.begin(), options.end());
  bytes.resize((bytes.size() + 7) / 8 * 8);
  bytes[1] = static_cast<uint8_t>(bytes.size() / 8 - 1);
  return {number, bytes};
}
Extension HopByHop(const char* options = "") { return Options(0, FromHex(options)); }
Extension Destination(const char* options = "") { return Options(60, FromHex(options)); }
Extension Routing(uint8_t segments_left = 0) {
  return {43, Bytes{0, 0, 9, segments_left, 1, 2, 3, 4}};
}
// Reserved bits are no business of ours.
Extension AtomicFragment() { return {44, FromHex("00 ff 0006 01020304")}; }
Extension Experiment() { return {253, FromHex("00 ff 0102 00000000")}; }

class Ipv6HeadersTest : public ::testing::Test {
 protected:
  Ipv6HeadersTest() {
    scene_.Assign("a::1/64");
    scene_.AddRoute("::/0");
  }

  void HandleAll() {
    scene_.SetUpperLayer([this](Echo& echo) {
      packet_ = echo.packet();
      type_ = echo.icmp().type();
      extras_ = packet_.extras != nullptr ? *packet_.extras : packet::Extras{};
      return Verdict::kConsumed;
    });
  }
  Fate Receive(const std::vector<Extension>& extensions, uint8_t next_header = 58) {
    const Ipv6 ip{.extensions = extensions, .next_header = next_header};
    return scene_.Receive(next_header == 58 ? Build(ip, Icmp{}) : Build(ip, Bytes(8)));
  }
  void Expect(const std::vector<Extension>& extensions, Fate fate, const Counts& counts,
              const std::string& what) {
    EXPECT_EQ(Receive(extensions), fate) << what;
    EXPECT_EQ(scene_.TakeCounts(), counts) << what;
  }

  IpScene scene_;
  packet::Packet packet_;  // the last that came up; its bytes are gone
  uint8_t type_ = 0;       // of its message
  packet::Extras extras_;
};

const std::vector<std::vector<Extension>> kChains{
    {HopByHop()},
    {Destination()},
    {Routing()},
    {AtomicFragment()},
    {Experiment()},
    {HopByHop(), Destination(), Routing(), AtomicFragment(), Destination(), Experiment()},
    {Destination(), Routing(), Destination(), Destination()},
    {AtomicFragment(), AtomicFragment(), Experiment(), Routing(), Routing()},
    {Experiment(), Destination("0106 0000 0000 0000 1e02 abcd"), AtomicFragment()},
};

// The reply bears none, and is as if the request had borne none.
TEST_F(Ipv6HeadersTest, EchoesBehindThemAreAnsweredWithoutThem) {
  Ipv6 ip{.traffic_class = 0xa5, .flow_label = 0x12345};
  const Icmp echo{.payload = testing::CountingBytes(33)};
  ASSERT_EQ(scene_.Receive(Build(ip, echo)), Fate::kAnswered);
  const auto expected = scene_.link().TakeSent();
  ASSERT_EQ(expected.size(), 1u);
  ip.trailer = Bytes(20, 0xee);  // cut to the length field
  for (const auto& chain : kChains) {
    ip.extensions = chain;
    EXPECT_EQ(scene_.Receive(Build(ip, echo)), Fate::kAnswered);
    EXPECT_EQ(scene_.link().TakeSent(), expected);
  }
}

TEST_F(Ipv6HeadersTest, AHandlerFindsTheMessageBehindThem) {
  HandleAll();
  Expect({HopByHop("0502 0000"), AtomicFragment(), Routing()}, Fate::kConsumed,
         With({"ip.packets_delivered", "icmp.received.echo_request",
               "ip.option_router_alert_received"}),
         "three");
  EXPECT_EQ(packet_.header_length, 64);
  EXPECT_EQ(packet_.protocol, 58);
  EXPECT_EQ(type_, wire::kIcmpv6EchoRequest);
  EXPECT_EQ(packet_.payload_length(), 8u);
  EXPECT_EQ(extras_.next_header_offset, 56);
  EXPECT_TRUE(extras_.fragment_header);
  EXPECT_TRUE(extras_.router_alert);
  Expect({HopByHop("0502 0001")}, Fate::kConsumed,
         With({"ip.packets_delivered", "icmp.received.echo_request",
               "ip.option_router_alert_received"}),
         "one");
  EXPECT_EQ(packet_.header_length, 48);
  EXPECT_EQ(extras_.next_header_offset, 40);
  EXPECT_FALSE(extras_.fragment_header);
  EXPECT_FALSE(extras_.router_alert);  // not for MLD
}

struct OptionCase {
  const char* options;
  Fate fate;
  Counts counts;
};
const OptionCase kOptionCases[] = {
    {"", Fate::kConsumed, kEcho},
    {"0100 0000 0101 00", Fate::kConsumed, kEcho},
    {"3f00 1e04 01020304 3e01 ff", Fate::kConsumed, kEcho},  // 00: skip
    {"4000", Fate::kOptionProblem, kValid},                  // 01: discard
    {"7f00", Fate::kOptionProblem, kValid},
    {"1e00 0000 4102 0000", Fate::kOptionProblem, kValid},
    // An option that does not fit into its header.
    {"00 00 00 00 00 01", Fate::kMalformed, kMalformed},
    {"00 00 00 00 00 ff", Fate::kMalformed, kMalformed},
    {"0105 0000 0000", Fate::kMalformed, kMalformed},
    {"1e05 0000 0000", Fate::kMalformed, kMalformed},
    {"1eff", Fate::kMalformed, kMalformed},
    {"c005 0000 0000", Fate::kMalformed, kMalformed},
    // RFC 2711 2.1: two bytes.
    {"0500", Fate::kMalformed, kMalformed},
    {"0501 00", Fate::kMalformed, kMalformed},
    {"0503 000000", Fate::kMalformed, kMalformed},
};

TEST_F(Ipv6HeadersTest, OptionsAreSkippedOrEndThePacket) {
  HandleAll();
  for (const OptionCase& c : kOptionCases) {
    Expect({HopByHop(c.options)}, c.fate, c.counts, std::string("hop by hop ") + c.options);
    Expect({Destination(c.options)}, c.fate, c.counts, std::string("destination ") + c.options);
    Expect({AtomicFragment(), Destination(c.options)}, c.fate, c.counts, c.options);
    EXPECT_TRUE(scene_.link().TakeSent().empty()) << c.options;
  }
}

TEST_F(Ipv6HeadersTest, ARouterAlertComesOnceAndMeansNothingInDestinationOptions) {
  HandleAll();
  Expect({HopByHop("0502 0000 0502 0000")}, Fate::kMalformed,
         With({"ip.option_router_alert_received", "ip.malformed_packets_received"}), "twice");
  Expect({Destination("0502 0000 0502 0000")}, Fate::kConsumed, kEcho, "destination");
  EXPECT_FALSE(extras_.router_alert);
}

TEST_F(Ipv6HeadersTest, AHeaderThatIsNotThereAsAWholeIsMalformed) {
  HandleAll();
  for (const uint8_t number : Bytes{0, 43, 44, 60, 253}) {
    const bool fixed = number == 44 || number == 253;
    for (size_t there = 0; there < 16; ++there) {
      Bytes bytes(there);
      if (there > 0) bytes[0] = 59;
      if (there > 1) bytes[1] = 1;
      const Ipv6 ip{.next_header = number};
      const Fate fate = there >= (fixed ? 8u : 16u) ? Fate::kNotWanted : Fate::kMalformed;
      EXPECT_EQ(scene_.Receive(Build(ip, bytes)), fate) << int{number} << " " << there;
      EXPECT_EQ(scene_.TakeCounts(), fate == Fate::kNotWanted ? kValid : kMalformed);
    }
  }
}

TEST_F(Ipv6HeadersTest, NoNextHeaderEndsThePacketSilently) {
  for (const auto& chain : kChains) {
    EXPECT_EQ(Receive(chain, 59), Fate::kNotWanted);
    EXPECT_EQ(scene_.TakeCounts(), kValid);
  }
  EXPECT_TRUE(scene_.link().TakeSent().empty());
}

// RFC 8504 5.3.
TEST_F(Ipv6HeadersTest, ThereIsAnEndToHeadersAndOptions) {
  HandleAll();
  std::vector<Extension> headers(32, Destination());
  Expect(headers, Fate::kConsumed, kEcho, "32 headers");
  headers.push_back(Destination());
  Expect(headers, Fate::kMalformed, kMalformed, "33 headers");
  Bytes options;
  for (int i = 0; i < 32; ++i) options.insert(options.end(), {0x1e, 0, 0, 1, 0});
  headers = {Options(0, options), Options(60, options)};
  Expect(headers, Fate::kConsumed, kEcho, "64 options and padding");
  headers.push_back(Destination("1e00"));
  Expect(headers, Fate::kMalformed, kMalformed, "65 options");
}

// Beyond 65,535 bytes of headers there is nothing that an offset could tell.
TEST_F(Ipv6HeadersTest, HeadersEndWithinSixteenBits) {
  HandleAll();
  std::vector<Extension> headers(31, Options(60, Bytes(2046)));  // 63,488 bytes
  headers.push_back(Options(60, Bytes(1990)));
  Expect(headers, Fate::kConsumed, kEcho, "to 65,520");
  EXPECT_EQ(packet_.header_length, 65'520);
  headers.back() = Options(60, Bytes(2006));
  const Ipv6 ip{.extensions = headers, .next_header = 59};
  EXPECT_EQ(scene_.Receive(Build(ip, Bytes())), Fate::kMalformed);
}

TEST_F(Ipv6HeadersTest, OfADatagramPutTogetherTheyBeginAnew) {
  HandleAll();
  const Bytes bytes = Build(Ipv6{.extensions = {Destination(), HopByHop("0502 0000")}}, Icmp{});
  packet::Extras extras{.next_header_offset = 40,
                        .fragment_header = true,
                        .quoted_headers = bytes.data(),
                        .quoted_length = 56,
                        .replaced_length = 48};
  packet::Packet packet{.bytes = bytes.data(),
                        .length = static_cast<uint32_t>(bytes.size()),
                        .header_length = 48,
                        .family = wire::Family::kIpv6,
                        .protocol = 0,
                        .nic = IpScene::kNic,
                        .source = testing::AddressOf("a::2"),
                        .destination = testing::AddressOf("a::1"),
                        .arrival = {},
                        .extras = &extras};
  const auto receive = [&] { return ReceiveIpv6Headers(scene_.context(), packet); };
  EXPECT_EQ(receive(), Fate::kConsumed);
  EXPECT_TRUE(extras_.fragment_header);
  EXPECT_TRUE(extras_.router_alert);
  EXPECT_EQ(extras_.quoted_length, 56);
  EXPECT_EQ(extras_.next_header_offset, 48);
  scene_.TakeCounts();
  // A second Router Alert: the first stood before the Fragment header.
  extras.router_alert = true;
  EXPECT_EQ(receive(), Fate::kMalformed);
  EXPECT_EQ(scene_.TakeCounts(), (Counts{{"ip.malformed_packets_received", 1}}));
  // A fragment of a fragment.
  packet.protocol = 44;
  EXPECT_EQ(receive(), Fate::kMalformed);
  EXPECT_EQ(scene_.TakeCounts(),
            (Counts{{"ip.malformed_packets_received", 1}, {"ip.malformed_fragments_received", 1}}));
}

// What is not ICMP goes back as it came, whatever is wrong with it.
TEST_F(Ipv6HeadersTest, SideBySideOnlyIcmpIsOurs) {
  scene_.interface().side_by_side = true;
  const std::vector<std::vector<Extension>> chains{
      {HopByHop()},
      {Destination("8000")},
      {Destination("4000")},
      {HopByHop("0502 0000"), Routing(1)},
      {Destination(), HopByHop()},
      {AtomicFragment(), Destination("1eff")},
      {Destination("8000"), {44, Bytes{0, 0, 0, 1, 0, 0, 0, 1}}}};
  for (const auto& chain : chains) {
    EXPECT_EQ(Receive(chain, 17), Fate::kUnknownProtocol);
    EXPECT_EQ(scene_.TakeCounts(), kValid);
  }
  EXPECT_EQ(Receive({}, 17), Fate::kUnknownProtocol);
  EXPECT_EQ(scene_.TakeCounts(), With({"ip.packets_delivered"}));
  EXPECT_TRUE(scene_.link().TakeSent().empty());
  EXPECT_EQ(Receive({Destination("4000")}), Fate::kOptionProblem);
  EXPECT_EQ(Receive({Destination("4000"), {44, Bytes{0, 0, 0, 9, 0, 0, 0, 1}}}),
            Fate::kOptionProblem);
  EXPECT_EQ(Receive({HopByHop(), Routing()}), Fate::kAnswered);
  scene_.link().TakeSent();
  // Its other fragments would not tell that it is one of ICMP's.
  EXPECT_EQ(Receive({{44, Bytes{0, 0, 0, 1, 0, 0, 0, 1}}, Destination()}), Fate::kUnknownProtocol);
}

// Nor is anything sent about an ICMP message that goes back: whoever gets it answers.
TEST_F(Ipv6HeadersTest, SideBySideWrongHeadersGoBackUnanswered) {
  const Extension first_fragment{44, Bytes{0, 0, 0, 1, 0, 0, 0, 1}};
  const struct {
    std::vector<Extension> chain;
    Fate fate;
  } cases[] = {{{Destination("8000")}, Fate::kOptionProblem},
               {{Destination("c000")}, Fate::kOptionProblem},
               {{HopByHop("8000")}, Fate::kOptionProblem},
               {{Destination(), HopByHop()}, Fate::kHeaderProblem},
               {{Routing(1)}, Fate::kHeaderProblem},
               {{Destination("8000"), first_fragment}, Fate::kOptionProblem}};
  const auto answers = [&](const std::vector<Extension>& chain, Fate fate) {
    EXPECT_EQ(Receive(chain), fate);
    return scene_.link().TakeSent().size();
  };
  for (const auto& test : cases) {
    scene_.interface().side_by_side = false;
    EXPECT_EQ(answers(test.chain, test.fate), 1u);
    scene_.interface().side_by_side = true;
    EXPECT_EQ(answers(test.chain, test.fate), 0u);
    EXPECT_FALSE(IsTaken(test.fate));
  }
}

}  // namespace
}  // namespace netstack::ip
