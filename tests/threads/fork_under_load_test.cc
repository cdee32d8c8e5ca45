// A fork while other threads are anywhere in the library: the child waits for
// none of them, for they are not there.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <array>
#include <atomic>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "sockets/sockets.h"
#include "support/blocked.h"
#include "support/child.h"
#include "support/device.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::Blocked;
using support::Build;
using support::EchoRequestTo;
using support::Handler;
using support::InAChild;
using support::Wire;

// One thread is inside a handler, one waits for it to be removed, one runs, one
// pings: all are outside allocators and locks, so that what is seen is ours.
TEST(ForkUnderLoad, WaitsForNobodyInTheChild) {
  Wire wire;
  Blocked blocked(wire);
  auto removal = std::async(std::launch::async, [&] { support::RemoveForwarder(wire.stack()); });
  while (!wire.Answers("a::1")) std::this_thread::yield();  // no new call starts: it waits
  support::StackHandle running = support::NewSystemStack();
  const support::Device device(running.get(), 1);
  auto run = std::async(std::launch::async, [&] { return ns_stack_run(running.get(), nullptr); });
  device.Ask();
  EXPECT_TRUE(device.IsAnswered());
  EXPECT_EQ(InAChild([&] {
              blocked.handler().Free();
              wire.FreeStack();
              wire.FreeLink();
              running.reset();
              // What it makes itself is not held up by what it does not have.
              Wire own;
              Handler handler = Handler::Saying(NS_VERDICT_DECLINED);
              handler.InstallIn(own.stack());
              handler.Free();
              if (!own.Answers("192.168.0.1")) return 1;
              own.FreeStack();
              return handler.destroyed() == 1 ? 0 : 2;
            }),
            0);
  blocked.LetGo();
  removal.get();
  ns_stack_stop(running.get());
  EXPECT_EQ(run.get(), NS_OK);
}

// Locks are being taken and let go all the time.
TEST(ForkUnderLoad, FindsNoLockHeldInTheChild) {
  constexpr int kForks = 50;
  Wire wire;
  Handler handler = Handler::Saying(NS_VERDICT_DECLINED);
  handler.InstallIn(wire.stack());
  auto ping = support::NewPingSocket(wire.stack(), NS_FAMILY_IPV4);
  ASSERT_EQ(Bind(ping, "", 777), NS_OK);
  auto raw = support::NewRawSocket(wire.stack(), NS_FAMILY_IPV4);
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    const auto request = Build(EchoRequestTo("192.168.0.1"));
    while (!done) EXPECT_EQ(support::Inject(wire.link(), request), NS_OK);
  });
  threads.emplace_back([&] {
    while (!done) {
      EXPECT_EQ(ns_stack_add_address(wire.stack(), 1, "10.0.0.1/8", nullptr), NS_OK);
      Handler::Saying(NS_VERDICT_DECLINED).InstallIn(wire.stack());
      EXPECT_EQ(ns_stack_remove_address(wire.stack(), 1, "10.0.0.1", nullptr), NS_OK);
    }
  });
  threads.emplace_back([&] {
    std::array<uint8_t, 128> buffer{};
    size_t length = 0;
    while (!done) {
      ns_packet* packet = nullptr;
      EXPECT_LE(ns_raw_socket_receive(raw.get(), &packet), NS_OK);
      ns_packet_unref(packet);
      static_cast<void>(Send(ping, "192.168.0.2"));
      EXPECT_LE(ns_link_read(wire.link(), buffer.data(), buffer.size(), &length), NS_OK);
    }
  });
  for (int i = 0; i < kForks; ++i) {
    EXPECT_EQ(InAChild([&] {
                ns_packet* packet = nullptr;
                if (ns_raw_socket_receive(raw.get(), &packet) != NS_ERR_CLOSED) return 1;
                if (Send(ping, "192.168.0.2") != NS_ERR_CLOSED) return 2;
                handler.Free();
                ping.reset();
                raw.reset();
                wire.FreeStack();
                wire.FreeLink();
                return 0;
              }),
              0);
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  static_cast<void>(support::Drain(wire.link()));
  EXPECT_TRUE(wire.Answers("192.168.0.1"));
}

}  // namespace
