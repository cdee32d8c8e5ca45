// The functions of Stack: NICs, addresses, routes, counters, time, pings; and sockets.
#include <string>
#include <thread>
#include <utility>

#include "veneer/scene.h"

namespace {

using netstack::Family;
using netstack::Link;
using netstack::Stack;
using support::EchoReplyTo;
using veneer::AnswerTo;
using veneer::Build;
using veneer::EchoRequestTo;
using veneer::Scene;
using veneer::Status;
using veneer::Thrown;
using veneer::ThrownStatus;

size_t Answers(Scene& scene, const std::string& destination) {
  scene.Ask(destination);
  return scene.Sent();
}

TEST(VeneerStack, AddressesComeAndGo) {
  Scene scene;
  scene.stack.AddAddress(1, "10.0.0.1/24");
  EXPECT_EQ(Answers(scene, "10.0.0.1"), 1u);
  EXPECT_EQ(ThrownStatus([&] { scene.stack.AddAddress(1, "10.0.0.1/24"); }), "NS_ERR_BUSY");
  scene.stack.RemoveAddress(1, "10.0.0.1");
  EXPECT_EQ(Answers(scene, "10.0.0.1"), 0u);
  EXPECT_EQ(ThrownStatus([&] { scene.stack.RemoveAddress(1, "10.0.0.1"); }), "NS_ERR_NOT_FOUND");
  scene.stack.AddAddresses(1, {"10.0.0.1/24", "b::1/64"});
  EXPECT_EQ(Answers(scene, "10.0.0.1"), 1u);
  EXPECT_EQ(Answers(scene, "b::1"), 1u);
  scene.stack.RemoveAddresses(1, {"10.0.0.1", "b::1"});
  EXPECT_EQ(Answers(scene, "10.0.0.1"), 0u);
  EXPECT_EQ(Answers(scene, "b::1"), 0u);
  // All or none.
  EXPECT_EQ(ThrownStatus([&] {
              scene.stack.AddAddresses(1, {"10.0.0.1/24", "192.168.0.1/24"});
            }),
            "NS_ERR_BUSY");
  EXPECT_EQ(Answers(scene, "10.0.0.1"), 0u);
}

TEST(VeneerStack, LocalPrefixesAndGroupsComeAndGo) {
  Scene scene;
  int calls = 0;
  scene.stack.OnEcho([&calls](netstack::Request&) { return ++calls > 0; });
  const auto called = [&](const char* address) {
    const int before = calls;
    scene.Ask(address);
    return calls - before;
  };
  scene.stack.AddLocalPrefix(1, "10.7.0.0/16");
  EXPECT_EQ(called("10.7.9.9"), 1);
  scene.stack.RemoveLocalPrefix(1, "10.7.0.0/16");
  EXPECT_EQ(called("10.7.9.9"), 0);
  scene.stack.AddLocalPrefixes(1, {"10.7.0.0/16", "c::/64"});
  EXPECT_EQ(called("10.7.9.9") + called("c::9"), 2);
  scene.stack.RemoveLocalPrefixes(1, {"10.7.0.0/16", "c::/64"});
  EXPECT_EQ(called("10.7.9.9") + called("c::9"), 0);
  scene.stack.JoinGroup(1, "224.1.2.3");
  EXPECT_EQ(called("224.1.2.3"), 1);
  scene.stack.LeaveGroup(1, "224.1.2.3");
  EXPECT_EQ(called("224.1.2.3"), 0);
}

TEST(VeneerStack, NicsComeAndGo) {
  Scene scene;
  EXPECT_EQ(ThrownStatus([&] { scene.stack.AddNic(1, Link::Channel()); }), "NS_ERR_BUSY");
  EXPECT_EQ(ThrownStatus([&] { scene.stack.AddNic(2, scene.link); }), "NS_ERR_BUSY");
  scene.stack.SetNicFlags(1, NS_NIC_DISABLED);
  EXPECT_EQ(Answers(scene, "192.168.0.1"), 0u);
  scene.stack.SetNicFlags(1, 0, NS_NIC_DISABLED);
  EXPECT_EQ(Answers(scene, "192.168.0.1"), 1u);
  scene.stack.RemoveNic(1);
  EXPECT_EQ(ThrownStatus([&] { scene.Ask(); }), "NS_ERR_CLOSED");
  netstack::NicOptions options;
  options.addresses = {"10.0.0.1/24"};
  options.local_prefixes = {"10.7.0.0/16"};
  scene.stack.AddNic(1, scene.link, options);
  scene.stack.SetEchoPolicy(Family::kIpv4, netstack::EchoDestination::kTemporary,
                            netstack::EchoPolicy::kReply);
  EXPECT_EQ(Answers(scene, "10.7.3.3"), 1u);
}

TEST(VeneerStack, RoutesSayWherePacketsLeave) {
  Scene scene;
  Link other = Link::Channel();
  scene.stack.AddNic(2, other, {0, {"10.0.0.1/24"}, {}});
  const auto leaves_by_other = [&] {
    netstack::PingSocket socket(scene.stack, Family::kIpv4);
    if (ThrownStatus([&] { socket.SendTo("8.8.8.8", 1); }) == "NS_ERR_NO_ROUTE") return false;
    return scene.Sent() == 0 && support::Drain(other.get()).size() == 1;
  };
  EXPECT_FALSE(leaves_by_other());
  scene.stack.AddRoute("8.0.0.0/8", 2, "10.0.0.9");
  EXPECT_TRUE(leaves_by_other());
  EXPECT_EQ(ThrownStatus([&] { scene.stack.RemoveRoute("8.0.0.0/8", 2); }), "NS_ERR_NOT_FOUND");
  scene.stack.RemoveRoute("8.0.0.0/8", 2, "10.0.0.9");
  EXPECT_FALSE(leaves_by_other());
  scene.stack.AddRoutes({{"8.0.0.0/8", 2}, {"9.0.0.0/8", 2, "10.0.0.9"}});
  EXPECT_TRUE(leaves_by_other());
  scene.stack.RemoveRoutes({{"8.0.0.0/8", 2}, {"9.0.0.0/8", 2, "10.0.0.9"}});
  EXPECT_FALSE(leaves_by_other());
  EXPECT_EQ(ThrownStatus([&] { scene.stack.AddRoute("8.0.0.0/8", 3); }), "NS_ERR_NOT_FOUND");
}

TEST(VeneerStack, OptionsReachIt) {
  netstack::StackOptions options;
  options.default_ttl = 9;
  options.default_hop_limit = 11;
  options.flags = NS_STACK_CHECK_LOCAL_SOURCE;
  Stack stack(options);
  Link link = Link::Channel();
  stack.AddNic(1, link, {0, {"192.168.0.1/24", "a::1/64"}, {}});
  link.Inject(Build(EchoRequestTo("192.168.0.1")));
  EXPECT_EQ(link.Read().value().at(8), 9);
  link.Inject(Build(EchoRequestTo("a::1")));
  EXPECT_EQ(link.Read().value().at(7), 11);
  link.Inject(Build(support::EchoRequest("192.168.0.1", "192.168.0.1")));
  EXPECT_FALSE(link.Read());
  options.default_ttl = 256;
  EXPECT_EQ(Thrown([&] { Stack{options}; }),
            "NS_ERR_INVALID_ARGUMENT: ns_stack_options.default_ttl is 256; it goes from 1 to 255, "
            "and 0 means 64");
}

TEST(VeneerStack, IcmpMessagesAreLimited) {
  Scene scene;
  scene.stack.SetIcmpRate(0, 0);
  scene.stack.SetIcmpLimited(Family::kIpv4, 0, true);
  EXPECT_EQ(Answers(scene, "192.168.0.1"), 0u);
  EXPECT_EQ(Answers(scene, "a::1"), 1u);
  EXPECT_EQ(scene.stack.Counter("icmp.v4.sent.rate_limited"), 1u);
  scene.stack.SetIcmpRate(netstack::kUnlimitedIcmpRate, 0);
  EXPECT_EQ(Answers(scene, "192.168.0.1"), 1u);
  scene.stack.SetIcmpRate(0, 0);
  scene.stack.SetIcmpLimited(Family::kIpv4, 0, false);
  EXPECT_EQ(Answers(scene, "192.168.0.1"), 1u);
  EXPECT_EQ(ThrownStatus([&] { scene.stack.SetIcmpLimited(Family::kAny, 3, true); }),
            "NS_ERR_INVALID_ARGUMENT");
  EXPECT_EQ(ThrownStatus([&] { scene.stack.SetIcmpLimited(Family::kIpv4, 256, true); }),
            "NS_ERR_INVALID_ARGUMENT")
      << "not taken for 0";
}

TEST(VeneerStack, FragmentsHoldNoMoreThanItsOptionsSay) {
  netstack::StackOptions options;
  options.reassembly_high = 1000;
  options.reassembly_low = 900;
  Stack stack(options);
  Link link = Link::Channel();
  stack.AddNic(1, link, {0, {"192.168.0.1/24"}, {}});
  support::IcmpPacket fragment = EchoRequestTo("192.168.0.1");
  fragment.payload = support::Bytes(1000);
  fragment.fragment = 0x2000;  // more come
  link.Inject(Build(fragment));
  EXPECT_EQ(stack.Counter("reassembly.evicted"), 1u);
  options.reassembly_low = 1001;
  EXPECT_EQ(Thrown([&] { Stack{options}; }),
            "NS_ERR_INVALID_ARGUMENT: ns_stack_options.reassembly_low is 1001, above "
            "reassembly_high, which is 1000");
}

TEST(VeneerStack, CountersAreReadOneByOneAndAll) {
  Scene scene;
  EXPECT_EQ(scene.stack.Counter("ip.packets_received"), 0u);
  scene.Ask();
  EXPECT_EQ(scene.stack.Counter("ip.packets_received"), 1u);
  const auto counters = scene.stack.Counters();
  EXPECT_GT(counters.size(), 50u);
  EXPECT_EQ(counters.at("ip.packets_received"), 1u);
  int visited = 0;
  scene.stack.ForEachCounter([&visited](std::string_view, uint64_t) { return ++visited < 5; });
  EXPECT_EQ(visited, 5);
}

TEST(VeneerStack, RunEndsWhenItIsStopped) {
  Stack stack;
  std::thread stopper([&stack] { stack.Stop(); });
  stack.Run();
  stopper.join();
  stack.Run();
  EXPECT_GE(stack.descriptor(), 0);
  EXPECT_FALSE(stack.next_deadline());
}

TEST(VeneerPing, BringsTheReply) {
  Stack stack;
  Link link;
  // The peer answers as soon as it is asked.
  link = Link::Callback([&link](netstack::ByteView packet) {
    const auto asked = support::Read(packet.Copy());
    if (asked) link.Inject(Build(AnswerTo(*asked)));
    return Status::kOk;
  });
  stack.AddNic(1, link, {0, {"192.168.0.1/24"}, {}});
  netstack::PingOptions options;
  const support::Bytes payload = {1, 2, 3};
  options.payload = payload;
  options.sequence = 77;
  options.source = "192.168.0.1";
  const netstack::PingReply reply = stack.Ping("192.168.0.2", options);
  EXPECT_GE(reply.rtt.count(), 0);
  EXPECT_EQ(reply.packet.info().source(), "192.168.0.2");
  EXPECT_EQ(reply.packet.info().sequence(), 77);
  EXPECT_EQ(reply.packet.payload().Copy(), payload);
}

TEST(VeneerPing, SaysWhyThereIsNone) {
  Stack stack;
  Link link = Link::Channel();
  stack.AddNic(1, link, {0, {"192.168.0.1/24"}, {}});
  netstack::PingOptions options;
  options.timeout = netstack::Nanoseconds(1);
  EXPECT_EQ(ThrownStatus([&] { stack.Ping("192.168.0.2", options); }), "NS_ERR_TIMED_OUT");
  EXPECT_EQ(ThrownStatus([&] { stack.Ping("9.9.9.9"); }), "NS_ERR_NO_ROUTE");
  EXPECT_EQ(ThrownStatus([&] { stack.Ping({}); }), "NS_ERR_INVALID_ARGUMENT");
  options.source = "192.168.0.3";
  EXPECT_EQ(ThrownStatus([&] { stack.Ping("192.168.0.2", options); }), "NS_ERR_NOT_FOUND");
  options.timeout = netstack::Nanoseconds(-1);
  EXPECT_EQ(Thrown([&] { stack.Ping("192.168.0.2", options); }),
            "NS_ERR_INVALID_ARGUMENT: the timeout is negative");
  EXPECT_EQ(ThrownStatus([&] { Scene().stack.Ping("192.168.0.2"); }), "NS_ERR_UNSUPPORTED");
}

TEST(VeneerSockets, PingSocketAsksAndReceives) {
  Scene scene;
  int notified = 0;
  netstack::PingSocketOptions options;
  options.ttl = 5;
  options.notify = [&notified] { ++notified; };
  netstack::PingSocket socket(scene.stack, Family::kIpv4, std::move(options));
  EXPECT_EQ(ThrownStatus([&] { (void)socket.name(); }), "NS_ERR_NOT_FOUND");
  EXPECT_EQ(ThrownStatus([&] { socket.Send(1); }), "NS_ERR_INVALID_ARGUMENT");  // to whom?
  socket.Bind("192.168.0.1", 1234);
  EXPECT_EQ(socket.name().address, "192.168.0.1");
  EXPECT_EQ(socket.name().identifier, 1234);
  EXPECT_EQ(ThrownStatus([&] { socket.Bind(); }), "NS_ERR_BUSY");
  socket.Connect("192.168.0.2");
  const support::Bytes payload = {9, 8, 7};
  EXPECT_TRUE(socket.Send(3, payload));
  const auto sent = support::Read(scene.link.Read().value());
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->ttl, 5);
  EXPECT_EQ(sent->sequence, 3);
  EXPECT_EQ(sent->payload, payload);
  EXPECT_FALSE(socket.Receive());
  scene.link.Inject(Build(AnswerTo(*sent)));
  EXPECT_EQ(notified, 1);
  const auto reply = socket.Receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->payload().Copy(), payload);
  scene.stack.reset();
  EXPECT_EQ(ThrownStatus([&] { (void)socket.Receive(); }), "NS_ERR_CLOSED");
  EXPECT_EQ(ThrownStatus([&] { socket.SendTo("192.168.0.2", 1); }), "NS_ERR_CLOSED");
}

TEST(VeneerSockets, RawSocketHasACopy) {
  Scene scene;
  netstack::RawSocket socket(scene.stack, Family::kIpv4);
  EXPECT_FALSE(socket.Receive());
  support::Bytes packet = Build(EchoRequestTo("192.168.0.1"));
  scene.link.Inject(packet);
  EXPECT_EQ(scene.Sent(), 1u);
  const auto copy = socket.Receive();
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->bytes().Copy(), packet);
  EXPECT_FALSE(copy->info().has_bad_checksum());
  packet[22] ^= 1;
  scene.link.Inject(packet);
  EXPECT_TRUE(socket.Receive().value().info().has_bad_checksum());
  scene.stack.reset();
  EXPECT_EQ(ThrownStatus([&] { (void)socket.Receive(); }), "NS_ERR_CLOSED");
}

}  // namespace
