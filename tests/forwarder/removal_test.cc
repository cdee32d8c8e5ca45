// Removing, replacing and freeing handlers while they run, and when destroy is
// called.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <latch>
#include <ostream>
#include <thread>
#include <utility>
#include <vector>

#include "support/blocked.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Blocked;
using support::Build;
using support::EchoRequestTo;
using support::Handler;
using support::RemoveForwarder;
using support::Wire;
using support::WireOptions;

TEST(OutsideCallbacks, RemovingWaitsUntilTheHandlerReturned) {
  Wire wire;
  Blocked blocked(wire);
  blocked.ExpectToHoldUp(std::async(std::launch::async, [&] {
    RemoveForwarder(wire.stack());
    EXPECT_TRUE(blocked.returning());
  }));
  EXPECT_EQ(support::Drain(wire.link()).size(), 1u);
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
  EXPECT_EQ(blocked.handler().calls(), 1);
}

TEST(OutsideCallbacks, ReplacingWaitsUntilTheFormerHandlerReturned) {
  Wire wire;
  Blocked blocked(wire);
  const Handler next = Handler::Saying(NS_VERDICT_CONSUMED);
  blocked.ExpectToHoldUp(std::async(std::launch::async, [&] {
    next.InstallIn(wire.stack());
    EXPECT_TRUE(blocked.returning());
  }));
  EXPECT_EQ(support::Drain(wire.link()).size(), 1u);
  EXPECT_FALSE(wire.Answers("192.168.0.1"));
  EXPECT_EQ(next.calls(), 1);
}

TEST(OutsideCallbacks, RemovingOneFamilyDoesNotWaitForTheOther) {
  Wire wire;
  Blocked blocked(wire);  // runs for an IPv4 packet
  const Handler next = Handler::Saying(NS_VERDICT_CONSUMED);
  next.InstallIn(wire.stack(), NS_FAMILY_IPV6);
  EXPECT_FALSE(blocked.returning());
  EXPECT_FALSE(wire.Answers("a::1"));
}

TEST(OutsideCallbacks, RemovingFromOneStackDoesNotWaitForAnother) {
  Wire wire;
  Wire other;
  Blocked blocked(wire);
  blocked.handler().InstallIn(other.stack());
  RemoveForwarder(other.stack());
  EXPECT_FALSE(blocked.returning());
}

TEST(OutsideCallbacks, PacketsGoOnWhileARemovalWaits) {
  Wire wire;
  Blocked blocked(wire);
  auto removal = std::async(std::launch::async, [&] { RemoveForwarder(wire.stack()); });
  // As soon as the removal has begun no new call starts, though it waits.
  while (!wire.Answers("a::1")) std::this_thread::yield();
  ASSERT_EQ(ns_stack_add_address(wire.stack(), 1, "10.0.0.1/8", nullptr), NS_OK);
  EXPECT_TRUE(wire.Answers("10.0.0.1"));
  blocked.ExpectToHoldUp(std::move(removal));
}

TEST(OutsideCallbacks, FreeingNeverWaitsAndDestroysAfterTheLastCall) {
  Wire wire;
  Blocked blocked(wire);
  blocked.handler().Free();
  EXPECT_EQ(blocked.handler().destroyed(), 0);
  wire.FreeStack();
  EXPECT_FALSE(blocked.returning());
  EXPECT_EQ(blocked.handler().destroyed(), 0);
  blocked.LetGo();
  EXPECT_EQ(blocked.handler().destroyed(), 1);
  EXPECT_EQ(blocked.handler().calls_after_destroy(), 0);
}

TEST(OutsideCallbacks, RemovingANicNeverWaitsForAHandler) {
  Wire wire;
  Blocked blocked(wire);
  ASSERT_EQ(ns_stack_remove_address(wire.stack(), 1, "192.168.0.1", nullptr), NS_OK);
  ASSERT_EQ(ns_stack_remove_nic(wire.stack(), 1, nullptr), NS_OK);
  EXPECT_FALSE(blocked.returning());
  EXPECT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("a::1"))), NS_ERR_CLOSED);
  blocked.LetGo();
  EXPECT_EQ(support::Drain(wire.link()).size(), 1u);  // what it answered is still sent
}

TEST(InsideACallback, RemovingAHandlerThatRunsElsewhereReturnsAtOnce) {
  Wire wire;
  Blocked blocked(wire);
  Wire other;
  const Handler remover([&](ns_request) {
    RemoveForwarder(wire.stack());
    EXPECT_FALSE(blocked.returning());
    EXPECT_TRUE(wire.Answers("a::1"));  // no new call starts
    return NS_VERDICT_CONSUMED;
  });
  remover.InstallIn(other.stack());
  EXPECT_FALSE(other.Answers("192.168.0.1"));
  EXPECT_EQ(remover.calls(), 1);
}

TEST(InsideACallback, TwoHandlersMayRemoveEachOther) {
  std::array<Wire, 2> wires;
  std::latch both(2);
  std::vector<Handler> handlers;
  for (size_t i = 0; i < 2; ++i) {
    handlers.emplace_back([&, i](ns_request request) {
      both.arrive_and_wait();
      RemoveForwarder(wires[1 - i].stack());
      EXPECT_EQ(ns_request_reply(request), NS_OK);
      return NS_VERDICT_CONSUMED;
    });
    handlers[i].InstallIn(wires[i].stack());
    handlers[i].Free();
  }
  std::thread second([&] { EXPECT_TRUE(wires[1].Answers("192.168.0.1")); });
  EXPECT_TRUE(wires[0].Answers("192.168.0.1"));
  second.join();
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(wires[i].Answers("192.168.0.1"));
    EXPECT_EQ(handlers[i].calls(), 1);
    EXPECT_EQ(handlers[i].destroyed(), 1);
    EXPECT_EQ(handlers[i].calls_after_destroy(), 0);
  }
}

// What a handler may do to what it stands on. After each it can still answer,
// unless the stack was closed under it.
struct Deed {
  const char* name;
  std::function<void(Wire&, Handler&)> act;
  bool answers;
  bool destroys;
};

std::ostream& operator<<(std::ostream& out, const Deed& each) { return out << each.name; }

class InsideItsOwnCallback : public testing::TestWithParam<Deed> {};

TEST_P(InsideItsOwnCallback, IsAllowedAndDestroyWaitsForTheReturn) {
  Wire wire;
  Handler* self = nullptr;
  ns_status status = NS_ERR_INTERNAL;
  Handler handler([&](ns_request request) {
    if (self->calls() > 1) return NS_VERDICT_CONSUMED;
    GetParam().act(wire, *self);
    EXPECT_EQ(self->destroyed(), 0);
    ns_packet_info info{};
    EXPECT_EQ(ns_request_get_info(request, &info, sizeof info), NS_OK);
    EXPECT_EQ(info.sequence, 1);
    status = ns_request_reply(request);
    return NS_VERDICT_CONSUMED;
  });
  self = &handler;
  handler.InstallIn(wire.stack());
  const size_t sent = wire.Send(EchoRequestTo("192.168.0.1")).size();
  EXPECT_EQ(sent, status == NS_OK ? 1u : 0u);
  EXPECT_TRUE(!GetParam().answers || status == NS_OK) << status;
  EXPECT_EQ(handler.calls(), 1);
  EXPECT_EQ(handler.destroyed(), GetParam().destroys ? 1 : 0);
  handler.Free();
  wire.FreeStack();
  EXPECT_EQ(handler.destroyed(), 1);
  EXPECT_EQ(handler.calls_after_destroy(), 0);
}

const Deed kDeeds[] = {
    {"RemovingItself", [](Wire& w, Handler&) { RemoveForwarder(w.stack()); }, true, false},
    {"FreeingItself", [](Wire&, Handler& h) { h.Free(); }, true, false},
    {"RemovingAndFreeingItself",
     [](Wire& w, Handler& h) {
       RemoveForwarder(w.stack());
       h.Free();
     },
     true, true},
    {"FreeingAndRemovingItself",
     [](Wire& w, Handler& h) {
       h.Free();
       RemoveForwarder(w.stack());
     },
     true, true},
    {"ReplacingItself",
     [](Wire& w, Handler&) { Handler::Saying(NS_VERDICT_CONSUMED).InstallIn(w.stack()); }, true,
     false},
    {"InstallingItselfAgain", [](Wire& w, Handler& h) { h.InstallIn(w.stack()); }, true, false},
    {"RemovingItsNic",
     [](Wire& w, Handler&) { EXPECT_EQ(ns_stack_remove_nic(w.stack(), 1, nullptr), NS_OK); }, true,
     false},
    {"RemovingItsAddress",
     [](Wire& w, Handler&) {
       EXPECT_EQ(ns_stack_remove_address(w.stack(), 1, "192.168.0.1", nullptr), NS_OK);
     },
     true, false},
    {"DisablingItsNic", [](Wire& w, Handler&) { w.SetNicFlags(NS_NIC_DISABLED); }, true, false},
    {"FreeingItsStack", [](Wire& w, Handler&) { w.FreeStack(); }, false, false},
    {"FreeingItselfAndItsStack",
     [](Wire& w, Handler& h) {
       h.Free();
       w.FreeStack();
     },
     false, true},
};

TEST(FreedStack, LetsALinkGoToAnotherAtOnceInsideTheCallbackToo) {
  Wire wire;
  const support::StackHandle next = support::NewStack();
  const Handler handler([&](ns_request) {
    wire.FreeStack();
    EXPECT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("192.168.0.1"))), NS_ERR_CLOSED);
    EXPECT_EQ(ns_stack_add_nic(next.get(), 1, wire.link(), nullptr, nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(next.get(), 1, "10.0.0.1/8", nullptr), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_TRUE(wire.Send(EchoRequestTo("192.168.0.1")).empty());
  EXPECT_TRUE(wire.Answers("10.0.0.1"));
}

INSTANTIATE_TEST_SUITE_P(Deed, InsideItsOwnCallback, testing::ValuesIn(kDeeds),
                         [](const auto& each) { return std::string(each.param.name); });

// destroy, exactly once.

struct Destroyed {
  int count = 0;
  static void Note(void* user_data) { ++static_cast<Destroyed*>(user_data)->count; }
};

ns_verdict Consume(void*, ns_request) { return NS_VERDICT_CONSUMED; }

TEST(Destroy, RunsOnceWhenMakingTheForwarderFails) {
  ns_icmp_forwarder* made = nullptr;
  ns_icmp_forwarder_options unknown = NS_ICMP_FORWARDER_OPTIONS_INIT;
  unknown.flags = 0x8000;
  ns_icmp_forwarder_options no_size = NS_ICMP_FORWARDER_OPTIONS_INIT;
  no_size.struct_size = 0;
  Destroyed destroyed;
  EXPECT_EQ(ns_icmp_forwarder_new(nullptr, nullptr, &destroyed, Destroyed::Note, &made, nullptr),
            NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(destroyed.count, 1);
  EXPECT_EQ(ns_icmp_forwarder_new(nullptr, Consume, &destroyed, Destroyed::Note, nullptr, nullptr),
            NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(destroyed.count, 2);
  EXPECT_EQ(ns_icmp_forwarder_new(&unknown, Consume, &destroyed, Destroyed::Note, &made, nullptr),
            NS_ERR_UNSUPPORTED);
  EXPECT_EQ(destroyed.count, 3);
  EXPECT_EQ(ns_icmp_forwarder_new(&no_size, Consume, &destroyed, Destroyed::Note, &made, nullptr),
            NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(destroyed.count, 4);
  EXPECT_EQ(made, nullptr);
}

TEST(Destroy, RunsWhenAForwarderThatIsInstalledNowhereIsFreed) {
  Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
  handler.Free();
  EXPECT_EQ(handler.destroyed(), 1);
}

TEST(Destroy, RunsBeforeTheCallReturnsThatTakesTheLastStackAway) {
  struct Case {
    const char* name;
    std::function<void(Wire&)> act;
  };
  const Case cases[] = {
      {"removed", [](Wire& w) { RemoveForwarder(w.stack()); }},
      {"replaced", [](Wire& w) { Handler::Saying(0).InstallIn(w.stack()); }},
      {"freed", [](Wire& w) { w.FreeStack(); }},
  };
  for (const Case& each : cases) {
    Wire wire;
    Handler handler = Handler::Saying(NS_VERDICT_CONSUMED);
    handler.InstallIn(wire.stack());
    EXPECT_FALSE(wire.Answers("192.168.0.1"));
    handler.Free();
    EXPECT_EQ(handler.destroyed(), 0) << each.name;
    each.act(wire);
    EXPECT_EQ(handler.destroyed(), 1) << each.name;
  }
}

TEST(Destroy, MayUseTheLibrary) {
  struct Chain {
    Wire* wire;
    int calls = 0;
  };
  Wire wire;
  Chain chain{&wire};
  const auto destroy = [](void* user_data) {
    auto* const c = static_cast<Chain*>(user_data);
    ++c->calls;
    EXPECT_EQ(ns_stack_add_address(c->wire->stack(), 1, "10.0.0.1/8", nullptr), NS_OK);
    EXPECT_TRUE(c->wire->Answers("10.0.0.1"));
    RemoveForwarder(c->wire->stack());
  };
  ns_icmp_forwarder* made = nullptr;
  ASSERT_EQ(ns_icmp_forwarder_new(nullptr, Consume, &chain, destroy, &made, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_set_icmp_forwarder(wire.stack(), NS_FAMILY_ANY, made, nullptr), NS_OK);
  ns_icmp_forwarder_free(made);
  RemoveForwarder(wire.stack());
  EXPECT_EQ(chain.calls, 1);
}

TEST(Destroy, MayBeNothing) {
  ns_icmp_forwarder* made = nullptr;
  ASSERT_EQ(ns_icmp_forwarder_new(nullptr, Consume, nullptr, nullptr, &made, nullptr), NS_OK);
  ns_icmp_forwarder_free(made);
}

// Nesting.

TEST(Nesting, AnInjectInsideACallbackIsHandledAtOnceEightDeep) {
  Wire wire;
  int depth = 0;
  int deepest = 0;
  int busy = 0;
  const Handler handler([&](ns_request request) {
    deepest = std::max(deepest, ++depth);
    const ns_status status = support::Inject(wire.link(), Build(EchoRequestTo("a::1")));
    if (status == NS_ERR_BUSY) {
      ++busy;
    } else {
      EXPECT_EQ(status, NS_OK);
    }
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    --depth;
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  EXPECT_EQ(wire.Send(EchoRequestTo("a::1")).size(), 9u);
  EXPECT_EQ(deepest, 9);  // the outermost, and eight inside each other
  EXPECT_EQ(busy, 1);
  EXPECT_EQ(wire.Counter("nic.1.rx.packets"), 9u);
}

// A packet on its way finds the handler that is in force, however many there
// were since it came: no chain of them is too long.
TEST(InsideACallback, AHandlerMayBeReplacedAnyNumberOfTimes) {
  struct Scene {
    Wire wire;
    Handler first{[](ns_request) { return NS_VERDICT_CONSUMED; }};
    Handler last{[](ns_request) { return NS_VERDICT_CONSUMED; }};
  } scene;
  scene.first.InstallIn(scene.wire.stack());
  ns_raw_socket_options options = NS_RAW_SOCKET_OPTIONS_INIT;
  options.notify = [](void* data) {
    auto* const s = static_cast<Scene*>(data);
    for (int i = 0; i < 100'000; ++i) s->first.InstallIn(s->wire.stack());
    s->last.InstallIn(s->wire.stack());
  };
  options.user_data = &scene;
  ns_raw_socket* socket = nullptr;
  ASSERT_EQ(ns_raw_socket_new(scene.wire.stack(), NS_FAMILY_IPV4, &options, &socket, nullptr),
            NS_OK);
  EXPECT_FALSE(scene.wire.Answers("192.168.0.1"));
  EXPECT_EQ(scene.first.calls(), 0);
  EXPECT_EQ(scene.last.calls(), 1);
  ns_raw_socket_free(socket);
}

TEST(Nesting, DoesNotWearOut) {
  Wire wire;
  int left = 0;
  const Handler handler([&](ns_request) {
    for (int i = 0; left > 0 && i < 3; ++i) {
      --left;
      EXPECT_EQ(support::Inject(wire.link(), Build(EchoRequestTo("a::1"))), NS_OK);
    }
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(wire.stack());
  for (int round = 0; round < 50; ++round) {
    left = 5;
    EXPECT_FALSE(wire.Answers("192.168.0.1"));
  }
  EXPECT_EQ(handler.calls(), 300);
}

TEST(Nesting, CountsTheDepthOfAThreadOverAllItsStacks) {
  std::array<Wire, 2> wires;
  int depth = 0;
  int busy = 0;
  std::vector<Handler> handlers;
  for (size_t i = 0; i < 2; ++i) {
    handlers.emplace_back([&, i](ns_request) {
      ++depth;
      if (support::Inject(wires[1 - i].link(), Build(EchoRequestTo("a::1"))) == NS_ERR_BUSY) ++busy;
      return NS_VERDICT_CONSUMED;
    });
    handlers[i].InstallIn(wires[i].stack());
  }
  EXPECT_FALSE(wires[0].Answers("192.168.0.1"));
  EXPECT_EQ(depth, 9);
  EXPECT_EQ(busy, 1);
}

}  // namespace
