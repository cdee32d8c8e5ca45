// While a handler is in the middle of a call: everything returns at once, but for
// the removal of that handler.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <chrono>
#include <functional>
#include <future>
#include <ostream>
#include <string>

#include "lifetimes/witness.h"
#include "sockets/sockets.h"
#include "support/blocked.h"

namespace {

using support::Blocked;
using support::Wire;
using support::Witness;
using support::Witnesses;

constexpr ns_status kNone = NS_OK;

struct Deed {
  const char* name;
  std::function<ns_status(Wire& wire, ns_icmp_forwarder* blocked)> act;
};

std::ostream& operator<<(std::ostream& out, const Deed& each) { return out << each.name; }

ns_status UseAPingSocket(Wire& w, ns_icmp_forwarder*) {
  const auto socket = support::NewPingSocket(w.stack(), NS_FAMILY_IPV4);
  return Send(socket, "192.168.0.2");
}
ns_status UseARawSocket(Wire& w, ns_icmp_forwarder*) {
  static_cast<void>(support::NewRawSocket(w.stack(), NS_FAMILY_IPV4));
  return kNone;
}
ns_status Capture(Wire& w, ns_icmp_forwarder*) {
  ns_capture* capture = nullptr;
  const auto write = [](void*, const uint8_t*, size_t) {};
  EXPECT_EQ(ns_capture_callback_new(write, nullptr, nullptr, &capture, nullptr), NS_OK);
  const support::CaptureHandle owned(capture);
  EXPECT_EQ(ns_stack_set_capture(w.stack(), 1, capture, nullptr), NS_OK);
  return ns_stack_set_capture(w.stack(), 1, nullptr, nullptr);
}
ns_status SetNewHandler(Wire& w, ns_family family) {
  support::Handler::Saying(NS_VERDICT_DECLINED).InstallIn(w.stack(), family);
  return kNone;
}

const Deed kDeeds[] = {
    {"RemovingItsAddress",
     [](Wire& w, ns_icmp_forwarder*) {
       return ns_stack_remove_address(w.stack(), 1, "192.168.0.1", nullptr);
     }},
    {"AddingAndRemovingAPrefix",
     [](Wire& w, ns_icmp_forwarder*) {
       EXPECT_EQ(ns_stack_add_local_prefix(w.stack(), 1, "10.0.0.0/8", nullptr), NS_OK);
       return ns_stack_remove_local_prefix(w.stack(), 1, "10.0.0.0/8", nullptr);
     }},
    {"AddingAndRemovingARoute",
     [](Wire& w, ns_icmp_forwarder*) {
       EXPECT_EQ(ns_stack_add_route(w.stack(), "0.0.0.0/0", nullptr, 1, nullptr), NS_OK);
       return ns_stack_remove_route(w.stack(), "0.0.0.0/0", nullptr, 1, nullptr);
     }},
    {"JoiningAndLeavingAGroup",
     [](Wire& w, ns_icmp_forwarder*) {
       EXPECT_EQ(ns_stack_join_group(w.stack(), 1, "239.0.0.1", nullptr), NS_OK);
       return ns_stack_leave_group(w.stack(), 1, "239.0.0.1", nullptr);
     }},
    {"RemovingItsNic",
     [](Wire& w, ns_icmp_forwarder*) { return ns_stack_remove_nic(w.stack(), 1, nullptr); }},
    {"RemovingItsNicAndFreeingItsLink",
     [](Wire& w, ns_icmp_forwarder*) {
       const ns_status status = ns_stack_remove_nic(w.stack(), 1, nullptr);
       w.FreeLink();
       return status;
     }},
    {"DisablingItsNic",
     [](Wire& w, ns_icmp_forwarder*) {
       return ns_stack_set_nic_flags(w.stack(), 1, NS_NIC_DISABLED, 0, nullptr);
     }},
    {"SettingAPolicy",
     [](Wire& w, ns_icmp_forwarder*) {
       return ns_stack_set_echo_policy(w.stack(), NS_FAMILY_ANY, NS_ECHO_DESTINATION_GROUP,
                                       NS_ECHO_POLICY_SILENT, nullptr);
     }},
    {"LimitingErrorsAndReplies",
     [](Wire& w, ns_icmp_forwarder*) {
       EXPECT_EQ(ns_stack_set_icmp_rate(w.stack(), 1, 1, nullptr), NS_OK);
       return ns_stack_set_icmp_limited(w.stack(), NS_FAMILY_IPV6, 129, 1, nullptr);
     }},
    {"Capturing", Capture},
    {"SettingTheHandlerOfTheOtherFamily",
     [](Wire& w, ns_icmp_forwarder*) { return SetNewHandler(w, NS_FAMILY_IPV6); }},
    {"UsingAPingSocket", UseAPingSocket},
    {"UsingARawSocket", UseARawSocket},
    {"Polling",
     [](Wire& w, ns_icmp_forwarder*) { return ns_stack_poll(w.stack(), nullptr, nullptr); }},
    {"Counting",
     [](Wire& w, ns_icmp_forwarder*) {
       uint64_t count = 0;
       return ns_stack_get_counter(w.stack(), "forwarder.requests", &count);
     }},
    {"FreeingItsStack",
     [](Wire& w, ns_icmp_forwarder*) {
       w.FreeStack();
       return kNone;
     }},
    {"InstallingItElsewhereAndRemovingItThere",
     [](Wire&, ns_icmp_forwarder* blocked) {
       const Wire other;
       EXPECT_EQ(ns_stack_set_icmp_forwarder(other.stack(), NS_FAMILY_ANY, blocked, nullptr),
                 NS_OK);
       return ns_stack_set_icmp_forwarder(other.stack(), NS_FAMILY_ANY, nullptr, nullptr);
     }},
};

class WhileAHandlerRuns : public testing::TestWithParam<Deed> {};

TEST_P(WhileAHandlerRuns, NothingWaitsForIt) {
  Wire wire;
  Blocked blocked(wire);
  auto done =
      std::async(std::launch::async, [&] { return GetParam().act(wire, blocked.handler().get()); });
  // If it waits, it waits for us.
  const auto state = done.wait_for(std::chrono::seconds(20));
  EXPECT_EQ(state, std::future_status::ready);
  blocked.LetGo();
  EXPECT_EQ(done.get(), NS_OK);
}

INSTANTIATE_TEST_SUITE_P(Deed, WhileAHandlerRuns, testing::ValuesIn(kDeeds),
                         [](const auto& each) { return std::string(each.param.name); });

// Leaves a link with user data to the stack alone.
void AddWatchedNic(ns_stack* stack, Witness* witness) {
  const auto transmit = [](void*, const uint8_t*, size_t) -> ns_status { return NS_OK; };
  ns_link* made = nullptr;
  ASSERT_EQ(ns_link_callback_new(nullptr, transmit, witness, Witness::Destroy, &made, nullptr),
            NS_OK);
  ASSERT_EQ(ns_stack_add_nic(stack, 2, made, nullptr, nullptr), NS_OK);
  ns_link_free(made);
}

// What was freed meanwhile ends when the last call has left.
TEST(FreedWhileAHandlerRuns, EndsWithItsLastCallAndNotLater) {
  Witnesses witnesses;
  Witness* const of_link = witnesses.New();
  Wire wire;
  AddWatchedNic(wire.stack(), of_link);
  Blocked blocked(wire);
  blocked.handler().Free();
  wire.FreeStack();
  EXPECT_EQ(of_link->destroyed(), 0);
  EXPECT_EQ(blocked.handler().destroyed(), 0);
  blocked.LetGo();
  EXPECT_EQ(blocked.handler().destroyed(), 1);
  EXPECT_EQ(witnesses.Complaints(), "");
}

TEST(FreedWhileAHandlerRuns, OfAnotherStackEndsByThenToo) {
  Witnesses witnesses;
  Wire other;
  Blocked blocked(other);
  Wire wire;
  AddWatchedNic(wire.stack(), witnesses.New());
  wire.FreeStack();
  blocked.LetGo();
  EXPECT_EQ(witnesses.Complaints(), "");
}

}  // namespace
