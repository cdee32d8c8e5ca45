// Reference, section 3.1, with contract, section 5.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "netstack/ip/input.h"
#include "netstack/testing/ip_scene.h"
#include "netstack/testing/packet_builder.h"

namespace netstack::ip {
namespace {

using testing::Build;
using testing::Bytes;
using testing::Counts;
using testing::Icmp;
using testing::IpScene;
using testing::Ipv4;

const Counts kDelivered{
    {"ip.packets_received", 1}, {"ip.valid_packets_received", 1}, {"ip.packets_delivered", 1}};
Counts With(const char* name) {
  Counts counts = kDelivered;
  counts[name] = 1;
  return counts;
}

class Icmpv4InputTest : public ::testing::Test {
 protected:
  Icmpv4InputTest() {
    scene_.Assign("192.0.2.1/24");
    scene_.SetUpperLayer([this](Echo& echo) {
      seen_.push_back(echo.icmp().type());
      return Verdict::kConsumed;
    });
  }
  ~Icmpv4InputTest() override { EXPECT_TRUE(scene_.link().TakeSent().empty()); }

  static Ipv4 Header() { return {.source = "192.0.2.9", .destination = "192.0.2.1"}; }

  IpScene scene_;
  Bytes seen_;  // types that came up
};

const std::map<unsigned, const char*> kTypes{
    {0, "icmp.received.echo_reply"},       {3, "icmp.received.dst_unreachable"},
    {4, "icmp.received.src_quench"},       {5, "icmp.received.redirect"},
    {8, "icmp.received.echo_request"},     {11, "icmp.received.time_exceeded"},
    {12, "icmp.received.param_problem"},   {13, "icmp.received.timestamp"},
    {14, "icmp.received.timestamp_reply"}, {15, "icmp.received.info_request"},
    {16, "icmp.received.info_reply"}};

TEST_F(Icmpv4InputTest, EveryTypeIsCountedByItsNameAndEchoesAloneGoUp) {
  for (unsigned type = 0; type < 256; ++type) {
    const auto known = kTypes.find(type);
    const bool echo = type == 0 || type == 8;
    const Fate fate = scene_.Receive(Build(Header(), Icmp{.type = static_cast<uint8_t>(type)}));
    EXPECT_EQ(fate, echo                    ? Fate::kConsumed
                    : known != kTypes.end() ? Fate::kNotWanted
                                            : Fate::kInvalidIcmp);
    EXPECT_EQ(scene_.TakeCounts(),
              With(known != kTypes.end() ? known->second : "icmp.received.invalid"))
        << type;
    EXPECT_EQ(seen_, echo ? Bytes{static_cast<uint8_t>(type)} : Bytes()) << type;
    seen_.clear();
  }
}

TEST_F(Icmpv4InputTest, TheCodeOfAnEchoRequestIsNotChecked) {
  EXPECT_EQ(scene_.Receive(Build(Header(), Icmp{.code = 255})), Fate::kConsumed);
  EXPECT_EQ(scene_.TakeCounts(), With("icmp.received.echo_request"));
}

TEST_F(Icmpv4InputTest, FewerThanEightBytesAreInvalid) {
  for (size_t length = 0; length < 8; ++length) {
    const Bytes zeros_with_right_checksum = [&] {
      Bytes message(length, 0);
      if (length >= 4) message = testing::FromHex("0800f7ff");
      message.resize(length, 0);
      return message;
    }();
    EXPECT_EQ(scene_.Receive(Build(Header(), zeros_with_right_checksum)), Fate::kInvalidIcmp);
    EXPECT_EQ(scene_.TakeCounts(), With("icmp.received.invalid")) << length;
  }
}

// Unlike in gVisor, where handlers see it: contract, section 5.
TEST_F(Icmpv4InputTest, AWrongChecksumReachesNobody) {
  for (const uint8_t type : Bytes{0, 3, 8, 200}) {
    const Icmp icmp{.type = type, .payload = testing::CountingBytes(9), .wrong_checksum = true};
    EXPECT_EQ(scene_.Receive(Build(Header(), icmp)), Fate::kInvalidIcmp);
    EXPECT_EQ(scene_.TakeCounts(), With("icmp.received.invalid"));
  }
  EXPECT_TRUE(seen_.empty());
}

// Each bit of the message is covered, in messages of odd and even length.
TEST_F(Icmpv4InputTest, EveryFlippedBitIsFound) {
  for (const size_t payload : {size_t{0}, size_t{1}, size_t{37}}) {
    const Bytes right = Build(Header(), Icmp{.payload = testing::CountingBytes(payload)});
    for (size_t bit = 20 * 8; bit < right.size() * 8; ++bit) {
      Bytes wrong = right;
      wrong[bit / 8] = static_cast<uint8_t>(wrong[bit / 8] ^ (1u << bit % 8));
      EXPECT_EQ(scene_.Receive(wrong), Fate::kInvalidIcmp) << bit;
    }
  }
}

TEST_F(Icmpv4InputTest, OptionsAreLookedAtAfterTheChecksumAndStayAsTheyAreInThePacket) {
  Ipv4 header = Header();
  header.options = testing::FromHex("0707040000000000");
  Bytes options;
  scene_.SetUpperLayer([&](Echo& echo) {
    options.assign(echo.packet().bytes + 20, echo.packet().payload());
    return Verdict::kConsumed;
  });
  for (const uint8_t type : Bytes{0, 8}) {
    options.clear();
    EXPECT_EQ(scene_.Receive(Build(header, Icmp{.type = type})), Fate::kConsumed);
    EXPECT_EQ(options, header.options);
    Counts counts = With(kTypes.at(type));
    counts["ip.option_record_route_received"] = 1;
    EXPECT_EQ(scene_.TakeCounts(), counts);
  }
  EXPECT_EQ(scene_.Receive(Build(header, Icmp{.wrong_checksum = true})), Fate::kInvalidIcmp);
  EXPECT_EQ(scene_.TakeCounts(), With("icmp.received.invalid"));
}

// Of other types as well as of Echo, before the type is counted. What is sent
// about it is the business of others.
TEST_F(Icmpv4InputTest, WrongOptionsEndAMessage) {
  scene_.interface().side_by_side = true;
  Ipv4 header = Header();
  header.options = testing::FromHex("94040001");
  for (const uint8_t type : Bytes{0, 3, 8, 200}) {
    EXPECT_EQ(scene_.Receive(Build(header, Icmp{.type = type})), Fate::kOptionProblem);
    Counts counts = With("ip.option_router_alert_received");
    counts["ip.malformed_packets_received"] = 1;
    EXPECT_EQ(scene_.TakeCounts(), counts);
  }
  EXPECT_TRUE(seen_.empty());
}

// Contract, section 5: ICMPv6 over IPv4 is just another protocol.
TEST_F(Icmpv4InputTest, Icmpv6OverIpv4IsAnUnknownProtocol) {
  Ipv4 header = Header();
  header.protocol = 58;
  scene_.configuration().strict_routes = true;  // so no error finds a way
  EXPECT_EQ(scene_.Receive(Build(header, Icmp{.type = uint8_t{128}})), Fate::kUnknownProtocol);
  EXPECT_EQ(scene_.TakeCounts(), With("unknown_protocol.58"));
}

}  // namespace
}  // namespace netstack::ip
