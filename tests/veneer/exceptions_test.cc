// Where the exceptions of callbacks come out.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "veneer/scene.h"

namespace {

using netstack::Link;
using netstack::Request;
using netstack::Stack;
using support::EchoReplyTo;
using veneer::Build;
using veneer::Describe;
using veneer::EchoRequestTo;
using veneer::Scene;
using veneer::Status;
using veneer::Thrown;

// What the hook got, while one of these lives.
class Unhandled {
 public:
  Unhandled() {
    all_.clear();
    before_ = netstack::SetUnhandledErrorHook(
        [](std::exception_ptr error) { all_.push_back(Describe(error)); });
  }
  ~Unhandled() { netstack::SetUnhandledErrorHook(before_); }
  Unhandled(const Unhandled&) = delete;
  Unhandled& operator=(const Unhandled&) = delete;

  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }

 private:
  static inline thread_local std::vector<std::string> all_;
  netstack::UnhandledErrorHook before_ = nullptr;
};

using Texts = std::vector<std::string>;

bool Bang(Request& /*request*/) { throw std::runtime_error("bang"); }

TEST(VeneerExceptions, OfAHandlerComeOutOfInject) {
  Scene scene;
  scene.stack.OnEcho(Bang);
  for (const char* address : {"192.168.0.1", "a::1"}) {
    EXPECT_EQ(Thrown([&] { scene.Ask(address); }), "bang");
  }
  EXPECT_EQ(scene.Sent(), 0u);
  EXPECT_EQ(scene.Failed(), 2u);
  EXPECT_EQ(scene.stack.Counter("forwarder.consumed"), 0u);
}

TEST(VeneerExceptions, KeepTheirType) {
  Scene scene;
  scene.stack.OnEcho([](Request&) -> bool { throw 42; });
  try {
    scene.Ask();
    FAIL();
  } catch (int number) {
    EXPECT_EQ(number, 42);
  }
  scene.stack.OnEcho([](Request&) -> bool { throw netstack::Error(Status::kBusy, "mine"); });
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "NS_ERR_BUSY: mine");
  EXPECT_EQ(scene.Failed(), 2u);
}

TEST(VeneerExceptions, LeaveAnAcceptedReplyStanding) {
  Scene scene;
  scene.stack.OnEcho([](Request& request) -> bool {
    EXPECT_EQ(request.Reply(), Status::kOk);
    throw std::runtime_error("bang");
  });
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "bang");
  EXPECT_EQ(scene.Sent(), 1u);
}

TEST(VeneerExceptions, DoNotStayBehind) {
  Scene scene;
  bool fail = true;
  scene.stack.OnEcho([&fail](Request& request) {
    if (fail) throw std::runtime_error("bang");
    request.Reply();
    return true;
  });
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "bang");
  fail = false;
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "");
  EXPECT_EQ(scene.Sent(), 1u);
}

TEST(VeneerExceptions, OfANestedInjectBelongToTheHandlerThatCalledIt) {
  Scene scene;
  Texts inside;
  scene.stack.OnEcho([&](Request& request) {
    if (request.info().family() == netstack::Family::kIpv6) throw std::runtime_error("inner");
    inside.push_back(Thrown([&] { scene.Ask("a::1"); }));
    request.Reply();
    return true;
  });
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "");
  EXPECT_EQ(inside, Texts{"inner"});
  EXPECT_EQ(scene.Sent(), 1u);
  EXPECT_EQ(scene.Failed(), 1u);
}

TEST(VeneerExceptions, OfANestedInjectGoOnThroughAHandlerThatLetsThem) {
  Scene scene;
  scene.stack.OnEcho([&](Request& request) -> bool {
    if (request.info().family() == netstack::Family::kIpv6) throw std::runtime_error("inner");
    return scene.Ask("a::1");
  });
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "inner");
  EXPECT_EQ(scene.Failed(), 2u);
}

// Two packets wait at a device: both handlers of one Poll() fail.
class TwoFailures {
 public:
  TwoFailures() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
    link = Link::Fd(ends[0]);
    close(ends[0]);
    peer = ends[1];
    stack.AddNic(1, link);
    stack.AddAddresses(1, {"192.168.0.1/24", "a::1/64"});
    stack.OnEcho([](Request&) -> bool { throw std::runtime_error("of IPv4"); },
                 netstack::Family::kIpv4);
    stack.OnEcho([](Request&) -> bool { throw std::runtime_error("of IPv6"); },
                 netstack::Family::kIpv6);
    for (const char* address : {"192.168.0.1", "a::1"}) {
      const support::Bytes packet = Build(EchoRequestTo(address));
      EXPECT_EQ(write(peer, packet.data(), packet.size()), static_cast<ssize_t>(packet.size()));
    }
  }
  ~TwoFailures() { close(peer); }
  TwoFailures(const TwoFailures&) = delete;
  TwoFailures& operator=(const TwoFailures&) = delete;

  Stack stack;
  Link link;
  int peer = -1;
};

TEST(VeneerExceptions, TheFirstComesOutOfPollAndTheOthersReachTheHook) {
  const Unhandled unhandled;
  TwoFailures scene;
  EXPECT_EQ(Thrown([&] { scene.stack.Poll(); }), "of IPv4");
  EXPECT_EQ(unhandled.all(), Texts{"of IPv6"});
  EXPECT_EQ(scene.stack.Poll(), 0u);
}

TEST(VeneerExceptions, EndARunThatHasNoErrorHandler) {
  const Unhandled unhandled;
  TwoFailures scene;
  EXPECT_EQ(Thrown([&] { scene.stack.Run(); }), "of IPv4");
  EXPECT_EQ(Thrown([&] { scene.stack.Run(); }), "");  // it is stopped
  EXPECT_EQ(scene.stack.Counter("forwarder.failed") - 1, unhandled.all().size());
}

TEST(VeneerExceptions, GoToTheErrorHandlerOfARun) {
  const Unhandled unhandled;
  TwoFailures scene;
  Texts errors;
  scene.stack.Run([&](const std::exception_ptr& error) {
    errors.push_back(Describe(error));
    if (errors.size() == 2) scene.stack.Stop();
  });
  EXPECT_EQ(errors, (Texts{"of IPv4", "of IPv6"}));
  EXPECT_EQ(unhandled.all(), Texts{});
}

TEST(VeneerExceptions, OfTheErrorHandlerEndTheRun) {
  const Unhandled unhandled;
  TwoFailures scene;
  int calls = 0;
  EXPECT_EQ(Thrown([&] {
              scene.stack.Run([&](const std::exception_ptr&) {
                ++calls;
                throw std::runtime_error("of the error handler");
              });
            }),
            "of the error handler");
  EXPECT_EQ(calls, 1);
}

TEST(VeneerExceptions, OfWaitEndARunWithAnErrorHandlerToo) {
  netstack::ClockOptions options;
  int waits = 0;
  options.wait = [&waits](int descriptor, std::optional<netstack::Nanoseconds> deadline) {
    EXPECT_GE(descriptor, 0);
    EXPECT_FALSE(deadline);
    if (++waits == 3) throw std::runtime_error("interrupted");
  };
  const auto clock =
      netstack::Clock::Callback([] { return netstack::Nanoseconds(5); }, std::move(options));
  netstack::StackOptions stack_options;
  stack_options.clock = &clock;
  Stack stack(stack_options);
  const auto never = [](const std::exception_ptr&) { FAIL(); };
  EXPECT_EQ(Thrown([&] { stack.Run(never); }), "interrupted");
  // It was not stopped: it may run again.
  waits = 0;
  EXPECT_EQ(Thrown([&] { stack.Run(); }), "interrupted");
  EXPECT_EQ(waits, 3);
}

TEST(VeneerExceptions, OfTransmitComeOutOfTheCallThatSent) {
  Scene scene(Link::Callback([](netstack::ByteView) -> Status { throw std::runtime_error("tx"); }));
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "tx");
  netstack::PingSocket socket(scene.stack, netstack::Family::kIpv4);
  EXPECT_EQ(Thrown([&] { socket.SendTo("192.168.0.2", 1); }), "tx");
  EXPECT_EQ(scene.stack.Counter("nic.1.tx.packets"), 0u);
  // A reply leaves it to the call that brought the request, whose handler goes on.
  Texts replies;
  scene.stack.OnEcho([&](Request& request) {
    replies.push_back(Thrown([&] { EXPECT_EQ(request.Reply(), Status::kOk); }));
    return true;
  });
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "tx");
  EXPECT_EQ(replies, Texts{""});
  EXPECT_EQ(scene.Failed(), 0u);
}

TEST(VeneerExceptions, OfNotifyAndCaptureComeOutOfInject) {
  netstack::LinkChannelOptions options;
  options.notify = [] { throw std::runtime_error("notify"); };
  Scene scene(Link::Channel(std::move(options)));
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "notify");
  EXPECT_EQ(scene.Sent(), 1u);

  Scene captured;
  bool fail = false;
  captured.stack.SetCapture(1, netstack::Capture::Callback([&fail](netstack::ByteView) {
                              if (fail) throw std::runtime_error("capture");
                            }));
  fail = true;
  EXPECT_EQ(Thrown([&] { captured.Ask(); }), "capture");
  EXPECT_EQ(captured.Sent(), 1u);
}

TEST(VeneerExceptions, OfSocketNotifiesComeOutOfInject) {
  Scene scene;
  netstack::RawSocketOptions options;
  options.notify = [] { throw std::runtime_error("raw"); };
  netstack::RawSocket raw(scene.stack, netstack::Family::kIpv4, std::move(options));
  EXPECT_EQ(Thrown([&] { scene.Ask(); }), "raw");
  EXPECT_TRUE(raw.Receive());

  netstack::PingSocketOptions ping_options;
  ping_options.notify = [] { throw std::runtime_error("ping"); };
  netstack::PingSocket ping(scene.stack, netstack::Family::kIpv6, std::move(ping_options));
  ping.Bind({}, 1234);
  EXPECT_EQ(Thrown([&] { scene.link.Inject(Build(EchoReplyTo("a::1"))); }), "ping");
  EXPECT_TRUE(ping.Receive());
}

TEST(VeneerExceptions, OfAClockStandForTheTimeItShowedLast) {
  bool fail = false;
  const auto clock = netstack::Clock::Callback([&fail] {
    if (fail) throw std::runtime_error("clock");
    return netstack::Nanoseconds(77);
  });
  EXPECT_EQ(clock.Now().count(), 77);
  fail = true;
  EXPECT_EQ(Thrown([&] { (void)clock.Now(); }), "clock");
  const Unhandled unhandled;
  EXPECT_EQ(ns_clock_get_now(clock.get()), 77u);
  EXPECT_EQ(unhandled.all(), Texts{"clock"});
}

TEST(VeneerExceptions, ANegativeTimeIsAnError) {
  const auto clock = netstack::Clock::Callback([] { return netstack::Nanoseconds(-1); });
  EXPECT_EQ(Thrown([&] { (void)clock.Now(); }),
            "NS_ERR_INVALID_ARGUMENT: the clock's time is negative");
}

TEST(VeneerExceptions, OfARandomSourceDoNotKeepASocketFromItsIdentifier) {
  const auto random =
      netstack::Random::Callback([]() -> uint64_t { throw std::runtime_error("random"); });
  netstack::StackOptions options;
  options.random = &random;
  const Unhandled unhandled;
  std::optional<Stack> stack;
  std::string thrown = Thrown([&] { stack.emplace(options); });
  if (!stack) {
    EXPECT_EQ(thrown, "random");
    return;
  }
  netstack::PingSocket socket(*stack, netstack::Family::kIpv4);
  EXPECT_EQ(Thrown([&] { socket.Bind(); }), "random");
  EXPECT_NE(socket.name().identifier, 0);
}

TEST(VeneerExceptions, OfAVisitorComeOutOfTheWalk) {
  const Scene scene;
  int visited = 0;
  EXPECT_EQ(Thrown([&] {
              scene.stack.ForEachCounter([&visited](std::string_view, uint64_t) -> bool {
                if (++visited == 3) throw std::runtime_error("visitor");
                return true;
              });
            }),
            "visitor");
  EXPECT_EQ(visited, 3);
}

TEST(VeneerExceptions, BeneathNoCallOfTheVeneerGoToTheHook) {
  Scene scene;
  scene.stack.OnEcho(Bang);
  const support::Bytes packet = Build(EchoRequestTo("192.168.0.1"));
  EXPECT_EQ(support::Inject(scene.link.get(), packet), NS_OK);  // no hook: counted alone
  EXPECT_EQ(scene.Failed(), 1u);
  const Unhandled unhandled;
  EXPECT_EQ(support::Inject(scene.link.get(), packet), NS_OK);
  EXPECT_EQ(unhandled.all(), Texts{"bang"});
  EXPECT_EQ(scene.Failed(), 2u);
}

TEST(VeneerExceptions, OfTheHookAreLost) {
  Scene scene;
  scene.stack.OnEcho(Bang);
  const auto before =
      netstack::SetUnhandledErrorHook([](std::exception_ptr) { throw std::runtime_error("hook"); });
  EXPECT_EQ(support::Inject(scene.link.get(), Build(EchoRequestTo("192.168.0.1"))), NS_OK);
  netstack::SetUnhandledErrorHook(before);
}

TEST(VeneerExceptions, ComeOutOnTheThreadThatDelivered) {
  Scene scene;
  scene.stack.OnEcho(Bang);
  std::string thrown;
  std::thread([&] { thrown = Thrown([&] { scene.Ask(); }); }).join();
  EXPECT_EQ(thrown, "bang");
}

}  // namespace
