// The child of a fork may free what it inherited, and that is all.
#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "support/child.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Build;
using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::InAChild;
using support::LinkHandle;
using support::Wire;

// The place of the first call that was not refused as closed, from 1.
int FirstNotClosed(Wire& wire, ns_icmp_forwarder* forwarder) {
  ns_stack* const s = wire.stack();
  const Bytes packet = Build(EchoRequestTo("192.168.0.1"));
  const ns_prefix prefix = support::Prefix("10.0.0.0/8");
  uint64_t count = 0;
  size_t length = 0;
  const auto none = [](void*, const char*, uint64_t) -> int32_t { return 0; };
  const std::array statuses = {
      ns_link_inject(wire.link(), packet.data(), packet.size()),
      ns_stack_add_address(s, 1, "10.0.0.1/8", nullptr),
      ns_stack_remove_address(s, 1, "192.168.0.1", nullptr),
      ns_stack_add_local_prefixes(s, 1, &prefix, 1, nullptr),
      ns_stack_add_route(s, "0.0.0.0/0", nullptr, 1, nullptr),
      ns_stack_join_group(s, 1, "239.0.0.1", nullptr),
      ns_stack_remove_nic(s, 1, nullptr),
      ns_stack_set_nic_flags(s, 1, NS_NIC_PROMISCUOUS, 0, nullptr),
      ns_stack_set_icmp_forwarder(s, NS_FAMILY_ANY, forwarder, nullptr),
      ns_stack_set_echo_policy(s, 0, NS_ECHO_DESTINATION_GROUP, NS_ECHO_POLICY_REPLY, nullptr),
      ns_stack_set_icmp_rate(s, 1, 1, nullptr),
      ns_stack_set_icmp_limited(s, NS_FAMILY_IPV4, 0, 1, nullptr),
      ns_stack_get_counter(s, "ip.packets_received", &count),
      ns_stack_for_each_counter(s, none, nullptr),
      ns_stack_poll(s, nullptr, nullptr),
      ns_stack_run(s, nullptr),
      ns_link_read(wire.link(), nullptr, 0, &length),
  };
  for (size_t i = 0; i < statuses.size(); ++i) {
    if (statuses[i] != NS_ERR_CLOSED) return static_cast<int>(i) + 1;
  }
  return 0;
}

TEST(Fork, ChildFindsEverythingClosedAndMayFreeIt) {
  Wire wire;
  Handler handler = Handler::Saying(NS_VERDICT_DECLINED);
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_EQ(InAChild([&] {
              const int place = FirstNotClosed(wire, handler.get());
              if (place != 0) return place;
              if (ns_stack_get_descriptor(wire.stack()) != -1) return 50;
              if (ns_stack_get_next_deadline(wire.stack()) != NS_TIME_NEVER) return 51;
              ns_stack_stop(wire.stack());
              handler.Free();
              wire.FreeStack();
              return 0;
            }),
            0);
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_TRUE(wire.Answers("a::1"));
  EXPECT_EQ(handler.calls(), 3);
  EXPECT_EQ(handler.destroyed(), 0);
}

TEST(Fork, ChildMakesAStackOfItsOwn) {
  Wire parents;
  EXPECT_EQ(InAChild([] {
              Wire own;
              const Handler handler([](ns_request request) {
                return ns_request_reply(request) == NS_OK ? NS_VERDICT_DECLINED : -1;
              });
              handler.InstallIn(own.stack());
              if (!own.Answers("192.168.0.1")) return 1;
              support::RemoveForwarder(own.stack());
              return own.Answers("a::1") ? 0 : 2;
            }),
            0);
  EXPECT_TRUE(parents.Answers("192.168.0.1"));
}

TEST(Fork, StopInTheChildDoesNotStopTheParent) {
  ns_stack* made = nullptr;
  ASSERT_EQ(ns_stack_new(nullptr, &made, nullptr), NS_OK);
  const support::StackHandle stack(made);
  ASSERT_EQ(ns_stack_poll(made, nullptr, nullptr), NS_OK);
  const auto next = [&] { return ns_stack_poll(made, nullptr, nullptr); };
  EXPECT_EQ(InAChild([&] {
              ns_stack_stop(made);
              ns_stack_free(made);
              return 0;
            }),
            0);
  EXPECT_EQ(next(), NS_OK);
  // Were it stopped, the parent's run would return by itself: it is woken here
  // only by its own stop.
  ns_stack_stop(made);
  EXPECT_EQ(ns_stack_run(made, nullptr), NS_OK);
}

// A device is shared by both processes: only one may answer on it.
TEST(Fork, InsideAHandlerLeavesTheAnswerToTheParent) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
  ns_link* made = nullptr;
  ASSERT_EQ(ns_link_fd_new(ends[0], nullptr, &made, nullptr), NS_OK);
  const LinkHandle link(made);
  const support::StackHandle stack = support::NewStack();
  ASSERT_EQ(ns_stack_add_nic(stack.get(), 1, made, nullptr, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(stack.get(), 1, "192.168.0.1/24", nullptr), NS_OK);
  const Handler handler([](ns_request request) {
    EXPECT_EQ(InAChild([request] {
                const ns_status status = ns_request_reply(request);
                return status == NS_ERR_CLOSED || status == NS_ERR_EXPIRED ? 0 : 1;
              }),
              0);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(stack.get());
  ASSERT_EQ(support::Inject(made, Build(EchoRequestTo("192.168.0.1"))), NS_OK);
  Bytes packet(2000);
  EXPECT_EQ(recv(ends[1], packet.data(), packet.size(), MSG_DONTWAIT), 32);
  EXPECT_EQ(recv(ends[1], packet.data(), packet.size(), MSG_DONTWAIT), -1);  // no second one
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
