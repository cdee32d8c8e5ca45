// An answer is made of what arrived. What a handler copied or kept carries no
// right to answer, and nothing that is done to it shows.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::PacketHandle;
using support::Wire;
using support::WireOptions;

class SavedData : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] IcmpPacket Request() const { return EchoRequestTo(GetParam()); }
  Wire wire_;
};

INSTANTIATE_TEST_SUITE_P(Of, SavedData, testing::Values("192.168.0.1", "a::1"),
                         [](const auto& each) { return each.index == 0 ? "Ipv4" : "Ipv6"; });

Bytes CopyOf(ns_request request) {
  Bytes bytes(NS_MTU_MAX);
  size_t length = 0;
  EXPECT_EQ(ns_request_copy_packet(request, bytes.data(), bytes.size(), &length), NS_OK);
  bytes.resize(length);
  return bytes;
}

TEST_P(SavedData, IsWhatTheAnswerIsMadeOfWhateverAHandlerDoesToItsCopies) {
  const Handler handler([](ns_request request) {
    Bytes copy = CopyOf(request);
    std::memset(copy.data(), 0xff, copy.size());
    ns_packet_info info = support::InfoOf(request);
    std::memset(&info, 0xff, sizeof info);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire_.stack());
  IcmpPacket request = Request();
  request.tos = 0x20;
  request.id = request.v6() ? 0 : 0xbeef;
  EXPECT_EQ(wire_.Answers(request), 1u);
}

TEST_P(SavedData, DeliveredAgainIsARequestOfItsOwnAndLeavesTheFirstItsRight) {
  ns_request first = 0;
  const Handler handler([&](ns_request request) {
    if (first != 0) {
      EXPECT_NE(request, first);
      return NS_VERDICT_CONSUMED;
    }
    first = request;
    EXPECT_EQ(support::Inject(wire_.link(), CopyOf(request)), NS_OK);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire_.stack());
  EXPECT_EQ(wire_.Answers(Request()), 1u);
  EXPECT_EQ(handler.calls(), 2);
}

TEST_P(SavedData, CopiedOutLastsAndCarriesNoRight) {
  Bytes copy;
  PacketHandle kept;
  ns_packet_info info{};
  ns_request request = 0;
  const Handler handler([&](ns_request r) {
    request = r;
    copy = CopyOf(r);
    info = support::InfoOf(r);
    ns_packet* packet = nullptr;
    EXPECT_EQ(ns_request_ref_packet(r, &packet), NS_OK);
    kept.reset(packet);
    EXPECT_EQ(ns_packet_ref(packet), packet);  // one owner more changes nothing
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire_.stack());
  const Bytes arrived = Build(Request());
  Bytes injected = arrived;
  EXPECT_TRUE(wire_.Send(injected).empty());
  injected.assign(injected.size(), 0);
  ns_packet_unref(kept.get());
  EXPECT_EQ(ns_request_reply(request), NS_ERR_EXPIRED);
  wire_.FreeStack();
  // All that an answer of the embedder's own needs is still there.
  EXPECT_EQ(copy, arrived);
  EXPECT_EQ(info.nic, 1u);
  EXPECT_EQ(support::Text(info.source), Request().source);
  EXPECT_EQ(support::Text(info.destination), GetParam());
  EXPECT_EQ(support::Part(copy, info.payload_offset, 4), support::FromText("abcd"));
  const uint8_t* bytes = nullptr;
  size_t length = 0;
  ASSERT_EQ(ns_packet_borrow_bytes(kept.get(), &bytes, &length), NS_OK);
  EXPECT_EQ(Bytes(bytes, bytes + length), arrived);
}

struct Bare {
  const char* name;
  const char* destination;
  const char* source;
  const char* route;
};

std::ostream& operator<<(std::ostream& out, const Bare& each) { return out << each.name; }

// A NIC without any address, on a stack that sends nothing without a route.
class TemporaryOnABareNic : public testing::TestWithParam<Bare> {
 protected:
  Wire wire_{WireOptions{
      .stack_flags = NS_STACK_STRICT_ROUTES, .nic_flags = NS_NIC_PROMISCUOUS, .addresses = {}}};
};

INSTANTIATE_TEST_SUITE_P(Of, TemporaryOnABareNic,
                         testing::Values(Bare{"Ipv4", "192.168.0.99", "192.168.0.2",
                                              "192.168.0.0/24"},
                                         Bare{"Ipv6", "a::99", "a::2", "a::/64"}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(TemporaryOnABareNic, NeedsARouteToTheSenderAndNoAddress) {
  ns_status expected = NS_ERR_NO_ROUTE;
  const Handler handler([&](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), expected);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire_.stack());
  const IcmpPacket request = support::EchoRequest(GetParam().source, GetParam().destination);
  EXPECT_EQ(wire_.Answers(request), 0u);
  ASSERT_EQ(ns_stack_add_route(wire_.stack(), GetParam().route, nullptr, 1, nullptr), NS_OK);
  expected = NS_OK;
  EXPECT_EQ(wire_.Answers(request), 1u);
  EXPECT_EQ(handler.calls(), 2);
}

}  // namespace
