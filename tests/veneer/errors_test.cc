// Failures as exceptions, each with a sentence that names what is wrong.
#include <functional>
#include <set>
#include <stdexcept>
#include <string>

#include "veneer/scene.h"

namespace {

using netstack::Link;
using netstack::Stack;
using veneer::Scene;
using veneer::Status;
using veneer::Thrown;

TEST(VeneerError, IsAStandardException) {
  try {
    Scene().stack.RemoveNic(7);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "there is no NIC 7");
  }
}

TEST(VeneerError, CheckThrowsOnlyFailures) {
  netstack::Check(NS_OK);
  netstack::Check(NS_UNCLAIMED);
  EXPECT_EQ(Thrown([] { netstack::Check(NS_ERR_BUSY); }),
            "NS_ERR_BUSY: netstack: in use by somebody else, or nested too deep");
  EXPECT_EQ(Thrown([] { netstack::Check(-77, nullptr, "it"); }),
            "NS_ERR_UNKNOWN: it: NS_ERR_UNKNOWN");
}

TEST(VeneerError, CheckTakesTheErrorOver) {
  const Scene scene;
  ns_error* error = nullptr;
  const ns_status status = ns_stack_remove_nic(scene.stack.get(), 9, &error);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(Thrown([&] { netstack::Check(status, error, "it"); }),
            "NS_ERR_NOT_FOUND: there is no NIC 9");
}

TEST(VeneerError, EveryStatusHasASentenceOfItsOwn) {
  std::set<std::string> sentences;
  for (ns_status status = -1; status >= -14; --status) {
    sentences.insert(Thrown([status] { netstack::Check(status, nullptr, ""); }));
  }
  sentences.insert(Thrown([] { netstack::Check(NS_ERR_INTERNAL, nullptr, ""); }));
  EXPECT_EQ(sentences.size(), 15u);
  for (const std::string& sentence : sentences) {
    EXPECT_EQ(sentence.find("NS_ERR_", 1), std::string::npos) << sentence;
  }
}

TEST(VeneerError, ConfigurationSaysWhatIsWrong) {
  Scene scene;
  Stack& stack = scene.stack;
  const struct {
    std::string expected;
    std::function<void()> call;
  } rows[] = {
      {"NS_ERR_NOT_FOUND: there is no NIC 2", [&] { stack.AddAddress(2, "10.0.0.1/8"); }},
      {"NS_ERR_INVALID_ARGUMENT: the address has a 0 character inside",
       [&] { stack.AddAddress(1, std::string("10.0.0.1/8\0", 11)); }},
      {"NS_ERR_INVALID_ARGUMENT: the handler is empty", [&] { stack.OnEcho(nullptr); }},
      {"NS_ERR_INVALID_ARGUMENT: the capture is empty",
       [&] { stack.SetCapture(1, netstack::Capture()); }},
      {"NS_ERR_INVALID_ARGUMENT: the visitor is empty", [&] { stack.ForEachCounter(nullptr); }},
      {"NS_ERR_INVALID_ARGUMENT: the transmit function is empty", [&] { Link::Callback(nullptr); }},
      {"NS_ERR_INVALID_ARGUMENT: the capture's function is empty",
       [&] { netstack::Capture::Callback(nullptr); }},
      {"NS_ERR_INVALID_ARGUMENT: the random function is empty",
       [&] { netstack::Random::Callback(nullptr); }},
      {"NS_ERR_INVALID_ARGUMENT: the clock's function is empty",
       [&] { netstack::Clock::Callback(nullptr); }},
      {"NS_ERR_INVALID_ARGUMENT: the clock's start is negative",
       [&] { netstack::Clock::Manual(std::chrono::seconds(-1)); }},
      {"NS_ERR_INVALID_ARGUMENT: the time to advance by is negative",
       [&] { scene.clock.Advance(std::chrono::seconds(-1)); }},
      {"NS_ERR_NOT_FOUND: there is no counter \"ip.nonsense\"",
       [&] { (void)stack.Counter("ip.nonsense"); }},
      {"NS_ERR_CLOSED: Link::Inject: the stack, link or device is gone",
       [&] { Link::Channel().Inject(support::Bytes{1}); }},
      {"NS_ERR_UNSUPPORTED: Link::device: this library, system or configuration cannot do it",
       [&] { (void)scene.link.device(); }},
  };
  for (const auto& row : rows) EXPECT_EQ(Thrown(row.call), row.expected);
}

TEST(VeneerError, EmptyOwnersAreRefused) {
  Stack stack(nullptr);
  Link link;
  EXPECT_EQ(Thrown([&] { stack.Run(); }), "NS_ERR_INVALID_ARGUMENT: stack is NULL");
  EXPECT_EQ(Thrown([&] { stack.Poll(); }), "NS_ERR_INVALID_ARGUMENT: stack is NULL");
  EXPECT_EQ(Thrown([&] { Scene().stack.AddNic(2, link); }),
            "NS_ERR_INVALID_ARGUMENT: link is NULL");
  EXPECT_EQ(Thrown([&] { link.Inject(support::Bytes{1}); }),
            "NS_ERR_INVALID_ARGUMENT: Link::Inject: an argument makes no sense");
  EXPECT_EQ(veneer::ThrownStatus([&] { (void)link.Read(); }), "NS_ERR_INVALID_ARGUMENT");
  EXPECT_EQ(veneer::ThrownStatus([&] { (void)netstack::Packet().info(); }),
            "NS_ERR_INVALID_ARGUMENT");
  EXPECT_EQ(veneer::ThrownStatus([&] { (void)netstack::Packet().bytes(); }),
            "NS_ERR_INVALID_ARGUMENT");
  EXPECT_EQ(Thrown([&] { Scene().stack.SetIcmpForwarder(netstack::IcmpForwarder(nullptr)); }),
            "NS_ERR_INVALID_ARGUMENT: the forwarder is empty");
  stack.Stop();
  EXPECT_EQ(stack.descriptor(), -1);
  EXPECT_FALSE(stack.next_deadline());
  EXPECT_EQ(link.mtu(), 0u);
  EXPECT_EQ(netstack::Clock().Now().count(), 0);
  EXPECT_EQ(netstack::Capture().lost(), 0u);
}

TEST(VeneerVersion, IsTheHeaders) {
  netstack::CheckVersion();
  EXPECT_EQ(netstack::AbiVersion(), NS_ABI_VERSION);
  EXPECT_STREQ(netstack::VersionString(), NS_VERSION_STRING);
}

}  // namespace
