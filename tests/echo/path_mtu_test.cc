// Path MTU discovery (RFC 1191, RFC 8201): a router tells that an answer was too
// big for its way, and the next one goes there in fragments, for ten minutes.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <map>
#include <string>
#include <vector>

#include "support/handles.h"
#include "support/wire.h"

namespace {

using support::AnswerTo;
using support::Build;
using support::Bytes;
using support::EchoRequestTo;
using support::Get16;
using support::IcmpPacket;
using support::Part;
using support::ToHex;

constexpr uint64_t kTenMinutes = 600'000'000'000;

class PathMtu : public testing::TestWithParam<const char*> {
 protected:
  PathMtu() : clock_(support::NewManualClock()), link_(support::NewChannel()) {
    const support::RandomHandle random = support::NewRandom();
    ns_stack_options options = NS_STACK_OPTIONS_INIT;
    options.clock = clock_.get();
    options.random = random.get();
    ns_stack* stack = nullptr;
    EXPECT_EQ(ns_stack_new(&options, &stack, nullptr), NS_OK);
    stack_.reset(stack);
    const ns_prefix addresses[] = {support::Prefix("192.168.0.1/24"), support::Prefix("a::1/64")};
    ns_nic_options nic = NS_NIC_OPTIONS_INIT;
    nic.addresses = addresses;
    nic.address_count = std::size(addresses);
    EXPECT_EQ(ns_stack_add_nic(stack, 1, link_.get(), &nic, nullptr), NS_OK);
  }

  static bool v6() { return support::IsIpv6(GetParam()); }
  static uint32_t Told() { return v6() ? 1280 : 1000; }
  static IcmpPacket Request() {
    IcmpPacket request = EchoRequestTo(GetParam());
    request.payload.resize(1400);
    for (size_t i = 0; i < request.payload.size(); ++i) {
      request.payload[i] = static_cast<uint8_t>(i * 7);
    }
    request.id = 0xbeef;
    request.fragment = v6() ? 0 : 0x4000;
    return request;
  }
  // From a router on the way, about an answer that was sent.
  static Bytes TooBig(const Bytes& sent) {
    IcmpPacket error = EchoRequestTo(GetParam());
    error.source = v6() ? "a::fe" : "192.168.0.254";
    error.type = v6() ? 2 : 3;
    error.code = v6() ? 0 : 4;
    error.identifier = 0;
    error.sequence = static_cast<uint16_t>(Told());
    error.payload = Part(sent, 0, v6() ? 1232 : 548);
    return Build(error);
  }

  std::vector<Bytes> Send(const Bytes& packet) {
    EXPECT_EQ(support::Inject(link_.get(), packet), NS_OK);
    return support::Drain(link_.get());
  }
  void ExpectWholeAnswer() {
    const std::vector<Bytes> sent = Send(Build(Request()));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(ToHex(sent[0]), ToHex(Build(AnswerTo(Request()))));
  }
  // What the fragments' data is when they are laid side by side.
  Bytes MessageOf(const std::vector<Bytes>& fragments) {
    std::map<size_t, Bytes> pieces;
    for (const Bytes& each : fragments) {
      EXPECT_LE(each.size(), Told());
      const size_t header = v6() ? 48 : 20;
      const size_t field = Get16(each, v6() ? 42 : 6);
      pieces[v6() ? field & 0xfff8 : (field & 0x1fff) * 8] =
          Part(each, header, each.size() - header);
    }
    Bytes message;
    for (const auto& [offset, piece] : pieces) {
      EXPECT_EQ(offset, message.size());
      message.insert(message.end(), piece.begin(), piece.end());
    }
    return message;
  }
  [[nodiscard]] uint64_t Counter(const char* name) const {
    return support::Counter(stack_.get(), name);
  }

  support::ClockHandle clock_;
  support::LinkHandle link_;
  support::StackHandle stack_;
};

TEST_P(PathMtu, OfAWayIsWhatARouterToldForTenMinutes) {
  ExpectWholeAnswer();
  EXPECT_TRUE(Send(TooBig(Build(AnswerTo(Request())))).empty());
  EXPECT_EQ(Counter("path_mtu.taken"), 1u);
  EXPECT_EQ(Counter("path_mtu.held"), 1u);

  const Bytes message = support::IcmpMessage(AnswerTo(Request()));
  const std::vector<Bytes> sent = Send(Build(Request()));
  EXPECT_EQ(sent.size(), 2u);
  EXPECT_EQ(ToHex(MessageOf(sent)), ToHex(message));
  IcmpPacket small = Request();
  small.payload.resize(56);
  EXPECT_EQ(Send(Build(small)), std::vector<Bytes>{Build(AnswerTo(small))});

  ASSERT_EQ(ns_clock_advance(clock_.get(), kTenMinutes - 1), NS_OK);
  EXPECT_EQ(Send(Build(Request())).size(), 2u);
  ASSERT_EQ(ns_clock_advance(clock_.get(), 1), NS_OK);
  ExpectWholeAnswer();
  EXPECT_EQ(Counter("path_mtu.held"), 0u);
}

TEST_P(PathMtu, IsNotWhatSomebodyTellsOfAPacketThatWeNeverSent) {
  IcmpPacket never_sent = AnswerTo(Request());
  never_sent.source = v6() ? "a::77" : "192.168.0.77";
  EXPECT_TRUE(Send(TooBig(Build(never_sent))).empty());
  Bytes corrupt = TooBig(Build(AnswerTo(Request())));
  corrupt.back() ^= 1;
  EXPECT_TRUE(Send(corrupt).empty());
  EXPECT_EQ(Counter("path_mtu.refused"), 1u);
  EXPECT_EQ(Counter("path_mtu.taken"), 0u);
  ExpectWholeAnswer();
}

// What stands in for another stack hands on what that one may want as well.
TEST_P(PathMtu, IsLearnedFromWhatGoesBackSideBySide) {
  EXPECT_EQ(ns_stack_set_nic_flags(stack_.get(), 1, NS_NIC_SIDE_BY_SIDE, 0, nullptr), NS_OK);
  const Bytes error = TooBig(Build(AnswerTo(Request())));
  EXPECT_EQ(support::Inject(link_.get(), error), NS_UNCLAIMED);
  EXPECT_EQ(Send(Build(Request())).size(), 2u);
  Bytes of_udp = Build(AnswerTo(Request()));
  of_udp[v6() ? 6 : 9] = 17;
  EXPECT_EQ(support::Inject(link_.get(), TooBig(of_udp)), NS_UNCLAIMED);
  EXPECT_EQ(Counter("path_mtu.taken"), 1u);
  EXPECT_EQ(Counter("path_mtu.refused"), 1u);
}

INSTANTIATE_TEST_SUITE_P(Of, PathMtu, testing::Values("192.168.0.1", "a::1"), [](const auto& each) {
  return std::string(support::IsIpv6(each.param) ? "Ipv6" : "Ipv4");
});

}  // namespace
