// Owners: they move, free in the end, and lead to the C ABI and back.
#include <memory>
#include <type_traits>
#include <utility>

#include "veneer/scene.h"

namespace {

using netstack::Capture;
using netstack::Clock;
using netstack::IcmpForwarder;
using netstack::Link;
using netstack::Packet;
using netstack::PingSocket;
using netstack::Random;
using netstack::RawSocket;
using netstack::Stack;
using veneer::Scene;

template <typename Handle>
constexpr bool kMovesOnly =
    std::is_nothrow_move_constructible_v<Handle>&& std::is_nothrow_move_assignable_v<Handle> &&
    !std::is_copy_constructible_v<Handle> && !std::is_copy_assignable_v<Handle>;
static_assert(kMovesOnly<Capture> && kMovesOnly<Clock> && kMovesOnly<IcmpForwarder> &&
              kMovesOnly<Link> && kMovesOnly<Packet> && kMovesOnly<PingSocket> &&
              kMovesOnly<Random> && kMovesOnly<RawSocket> && kMovesOnly<Stack>);
static_assert(std::is_trivially_copyable_v<netstack::Request>);
static_assert(sizeof(Stack) == sizeof(ns_stack*));

template <typename Handle>
void ExpectToMove(Handle first) {
  auto* const object = first.get();
  ASSERT_NE(object, nullptr);
  Handle second = std::move(first);
  EXPECT_EQ(second.get(), object);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move)
  first = std::move(second);
  EXPECT_EQ(first.get(), object);
  EXPECT_TRUE(first);
  // Out to the C ABI and back.
  Handle third(first.release());
  EXPECT_FALSE(first);
  EXPECT_EQ(third.get(), object);
  third.reset();
  EXPECT_FALSE(third);
}

TEST(VeneerHandles, Move) {
  Scene scene;
  ExpectToMove(Clock::Manual());
  ExpectToMove(Random::Seeded(1));
  ExpectToMove(Link::Channel());
  ExpectToMove(IcmpForwarder([](netstack::Request&) { return true; }));
  ExpectToMove(Capture::Callback([](netstack::ByteView) {}));
  ExpectToMove(Stack());
  ExpectToMove(PingSocket(scene.stack, netstack::Family::kIpv4));
  ExpectToMove(RawSocket(scene.stack, netstack::Family::kIpv6));
}

TEST(VeneerHandles, MovedOnesWork) {
  Scene scene;
  Stack stack = std::move(scene.stack);
  Link link = std::move(scene.link);
  stack.OnEcho([](netstack::Request& request) {
    request.Reply();
    return true;
  });
  EXPECT_TRUE(link.Inject(veneer::Build(veneer::EchoRequestTo("192.168.0.1"))));
  EXPECT_TRUE(link.Read());
  stack = Stack();  // the former one ends
  EXPECT_EQ(veneer::ThrownStatus([&] { link.Inject(support::Bytes{1}); }), "NS_ERR_CLOSED");
}

// A callback's function object ends with the last that has it.
TEST(VeneerHandles, FunctionObjectsEndWithTheirLastOwner) {
  const auto token = std::make_shared<int>();
  {
    IcmpForwarder forwarder([token](netstack::Request&) { return true; });
    Link link = Link::Callback([token](netstack::ByteView) { return netstack::Status::kOk; });
    netstack::LinkChannelOptions channel;
    channel.notify = [token] {};
    Link other = Link::Channel(channel);
    channel.notify = nullptr;
    const Clock clock = Clock::Callback([token] { return netstack::Nanoseconds(1); });
    const Random random = Random::Callback([token] { return token == nullptr ? 0u : 1u; });
    Capture capture = Capture::Callback([token](netstack::ByteView) {});
    EXPECT_EQ(token.use_count(), 7);
    netstack::StackOptions options;
    options.clock = &clock;
    options.random = &random;
    Stack stack(options);
    stack.AddNic(1, link);
    stack.AddNic(2, other);
    stack.SetCapture(1, capture);
    stack.SetIcmpForwarder(forwarder);
    forwarder.reset();
    link.reset();
    other.reset();
    capture.reset();
    EXPECT_EQ(token.use_count(), 7);
    stack.RemoveCapture(1);
    EXPECT_EQ(token.use_count(), 6);
    stack.RemoveIcmpForwarder();
    EXPECT_EQ(token.use_count(), 5);
    stack.RemoveNic(1);
    EXPECT_EQ(token.use_count(), 4);
    stack.reset();
    EXPECT_EQ(token.use_count(), 3);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(VeneerHandles, FunctionObjectsEndWhenTheCallFails) {
  const auto token = std::make_shared<int>();
  Scene scene;
  scene.stack.OnEcho([token](netstack::Request&) { return true; });
  EXPECT_EQ(token.use_count(), 2);
  netstack::LinkChannelOptions options;
  options.mtu = NS_MTU_MAX + 1;
  options.notify = [token] {};
  EXPECT_EQ(veneer::ThrownStatus([&] { Link::Channel(std::move(options)); }),
            "NS_ERR_INVALID_ARGUMENT");
  netstack::PingSocketOptions socket;
  socket.ttl = 999;
  socket.notify = [token] {};
  EXPECT_EQ(veneer::ThrownStatus(
                [&] { PingSocket(scene.stack, netstack::Family::kIpv4, std::move(socket)); }),
            "NS_ERR_INVALID_ARGUMENT");
  const ns_family none = 5;
  EXPECT_EQ(veneer::ThrownStatus([&] {
              scene.stack.OnEcho([token](netstack::Request&) { return true; },
                                 static_cast<netstack::Family>(none));
            }),
            "NS_ERR_INVALID_ARGUMENT");
  EXPECT_EQ(token.use_count(), 2);
}

}  // namespace
