// An Echo Request that comes in fragments: the handler sees the whole of it, and
// its reply is the one to the whole.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::AnswerTo;
using support::Build;
using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::ToHex;
using support::Wire;
using support::operator+;

constexpr size_t kPiece = 64;  // bytes of data in each fragment but the last

Bytes Fragment(const IcmpPacket& request, const Bytes& message, size_t offset) {
  const size_t end = std::min(message.size(), offset + kPiece);
  const Bytes data(message.begin() + static_cast<ptrdiff_t>(offset),
                   message.begin() + static_cast<ptrdiff_t>(end));
  const bool more = end < message.size();
  if (!request.v6()) {
    IcmpPacket piece = request;
    piece.fragment = static_cast<uint16_t>((more ? 0x2000 : 0) | offset / 8);
    return support::Ipv4Packet(piece, 1, data);
  }
  const auto field = static_cast<uint16_t>(offset | (more ? 1 : 0));
  const Bytes header{
      58, 0, static_cast<uint8_t>(field >> 8), static_cast<uint8_t>(field), 0xde, 0xad, 0xbe, 0xef};
  return support::Ipv6Packet(request, 44, header + data);
}

std::vector<Bytes> Fragments(const IcmpPacket& request) {
  const Bytes message = support::IcmpMessage(request);
  std::vector<Bytes> fragments;
  for (size_t offset = 0; offset < message.size(); offset += kPiece) {
    fragments.push_back(Fragment(request, message, offset));
  }
  return fragments;
}

class ReassembledRequest : public testing::TestWithParam<const char*> {};

TEST_P(ReassembledRequest, IsAnsweredByTheHandlersReply) {
  IcmpPacket request = EchoRequestTo(GetParam());
  request.payload = Bytes(200, 0x5a);
  request.tos = 0x20;
  request.id = 0xbeef;
  std::vector<Bytes> fragments = Fragments(request);
  ASSERT_EQ(fragments.size(), 4u);
  std::vector<size_t> order{0, 1, 2, 3};
  do {
    Wire wire;
    const Handler handler([&request](ns_request each) {
      ns_packet_info info{};
      EXPECT_EQ(ns_request_get_info(each, &info, sizeof info), NS_OK);
      EXPECT_EQ(info.identifier, request.identifier);
      EXPECT_EQ(ns_request_reply(each), NS_OK);
      return NS_VERDICT_CONSUMED;
    });
    handler.InstallIn(wire.stack());
    for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(wire.Send(fragments[order[i]]).empty());
    EXPECT_EQ(handler.calls(), 0);
    const std::vector<Bytes> sent = wire.Send(fragments[order[3]]);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(ToHex(sent[0]), ToHex(Build(AnswerTo(request))));
    EXPECT_EQ(handler.calls(), 1);
    EXPECT_EQ(wire.Counter("reassembly.completed"), 1u);
    EXPECT_EQ(wire.Counter("reassembly.bytes_held"), 0u);
  } while (std::next_permutation(order.begin(), order.end()));
}

// Contract 6: what strangers can make us hold is bounded, and others get through.
TEST_P(ReassembledRequest, GetsThroughAFloodOfFirstFragments) {
  Wire wire;
  IcmpPacket flood = EchoRequestTo(GetParam());
  flood.source = flood.v6() ? "a::66" : "192.168.0.66";
  flood.payload = Bytes(200, 0);
  const auto send_flood = [&] {
    for (int i = 0; i < 20'000; ++i) {
      ++flood.id;
      Bytes packet = Fragments(flood)[0];
      if (flood.v6()) {
        packet[46] = static_cast<uint8_t>(flood.id >> 8);
        packet[47] = static_cast<uint8_t>(flood.id);
      }
      EXPECT_TRUE(wire.Send(packet).empty());
    }
  };
  IcmpPacket request = EchoRequestTo(GetParam());
  request.payload = Bytes(100, 0x5a);
  const std::vector<Bytes> fragments = Fragments(request);
  send_flood();
  EXPECT_TRUE(wire.Send(fragments[0]).empty());
  send_flood();
  EXPECT_EQ(wire.Send(fragments[1]).size(), 1u);
  EXPECT_GT(wire.Counter("reassembly.evicted"), 0u);
  EXPECT_LE(wire.Counter("reassembly.bytes_held"), uint64_t{4} << 20);
}

INSTANTIATE_TEST_SUITE_P(Of, ReassembledRequest, testing::Values("192.168.0.1", "a::1"),
                         [](const auto& each) {
                           return std::string(support::IsIpv6(each.param) ? "Ipv6" : "Ipv4");
                         });

}  // namespace
