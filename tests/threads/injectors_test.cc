// Several threads deliver packets while others change the configuration. What
// is not touched works all the time, and what is answered is right.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "support/crowd.h"
#include "support/handler.h"
#include "support/wire.h"

namespace {

using support::AnswerTo;
using support::Build;
using support::Bytes;
using support::EchoRequest;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::LinkHandle;
using support::Read;
using support::RunAtOnce;
using support::StackHandle;

constexpr int kRounds = 1'500;

// A link that checks each packet it is given and counts them.
class Checker {
 public:
  Checker() {
    const auto transmit = [](void* self, const uint8_t* packet, size_t length) -> ns_status {
      static_cast<Checker*>(self)->Take(Bytes(packet, packet + length));
      return NS_OK;
    };
    ns_link* made = nullptr;
    EXPECT_EQ(ns_link_callback_new(nullptr, transmit, this, nullptr, &made, nullptr), NS_OK);
    link_.reset(made);
  }

  [[nodiscard]] ns_link* link() const { return link_.get(); }
  [[nodiscard]] uint64_t right() const { return right_; }
  [[nodiscard]] uint64_t wrong() const { return wrong_; }

 private:
  // A right answer comes from where its data say.
  void Take(const Bytes& bytes) {
    const auto packet = Read(bytes);
    const bool right =
        packet && packet->source == std::string(packet->payload.begin(), packet->payload.end());
    ++(right ? right_ : wrong_);
  }

  LinkHandle link_;
  std::atomic<uint64_t> right_{0};
  std::atomic<uint64_t> wrong_{0};
};

// An Echo Request whose data are the source that its answer shall have.
Bytes Request(const std::string& destination, const std::string& source) {
  IcmpPacket packet = EchoRequestTo(destination);
  packet.payload = support::FromText(source);
  return Build(packet);
}

class Crowd {
 public:
  Crowd() : stack_(support::NewStack()) {
    EXPECT_EQ(ns_stack_add_nic(stack(), 1, checker_.link(), nullptr, nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack(), 1, "192.168.0.1/24", nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack(), 1, "a::1/64", nullptr), NS_OK);
  }

  [[nodiscard]] ns_stack* stack() const { return stack_.get(); }
  Checker& checker() { return checker_; }
  void FreeStack() { stack_.reset(); }

  // Delivers packets for the addresses that stay, of both families.
  std::function<void()> Injector() {
    return [this] {
      const Bytes v4 = Request("192.168.0.1", "192.168.0.1");
      const Bytes v6 = Request("ff02::1", "a::1");
      for (int i = 0; i < kRounds; ++i) {
        EXPECT_EQ(support::Inject(checker_.link(), i % 2 == 0 ? v4 : v6), NS_OK);
        ++injected_;
      }
    };
  }

  [[nodiscard]] uint64_t injected() const { return injected_; }

 private:
  Checker checker_;
  StackHandle stack_;
  std::atomic<uint64_t> injected_{0};
};

TEST(Injectors, AreAnsweredWhileAddressesPrefixesGroupsAndRoutesComeAndGo) {
  Crowd crowd;
  ns_stack* const stack = crowd.stack();
  RunAtOnce({
      crowd.Injector(),
      crowd.Injector(),
      [&] {
        for (int i = 0; i < kRounds / 5; ++i) {
          EXPECT_EQ(ns_stack_add_address(stack, 1, "10.0.0.1/24", nullptr), NS_OK);
          EXPECT_EQ(ns_stack_add_local_prefix(stack, 1, "10.0.0.0/8", nullptr), NS_OK);
          EXPECT_EQ(ns_stack_remove_address(stack, 1, "10.0.0.1", nullptr), NS_OK);
          EXPECT_EQ(ns_stack_remove_local_prefix(stack, 1, "10.0.0.0/8", nullptr), NS_OK);
        }
      },
      [&] {
        for (int i = 0; i < kRounds / 5; ++i) {
          EXPECT_EQ(ns_stack_add_route(stack, "::/0", nullptr, 1, nullptr), NS_OK);
          EXPECT_EQ(ns_stack_join_group(stack, 1, "ff05::7", nullptr), NS_OK);
          EXPECT_EQ(ns_stack_set_nic_flags(stack, 1, NS_NIC_SPOOFING, 0, nullptr), NS_OK);
          EXPECT_EQ(ns_stack_remove_route(stack, "::/0", nullptr, 1, nullptr), NS_OK);
          EXPECT_EQ(ns_stack_leave_group(stack, 1, "ff05::7", nullptr), NS_OK);
          EXPECT_EQ(ns_stack_set_nic_flags(stack, 1, 0, NS_NIC_SPOOFING, nullptr), NS_OK);
        }
      },
  });
  EXPECT_EQ(crowd.checker().right(), crowd.injected());
  EXPECT_EQ(crowd.checker().wrong(), 0u);
  EXPECT_EQ(support::Counter(stack, "ip.packets_sent"), crowd.injected());
}

TEST(Injectors, GetOneAnswerWhicheverHandlerIsThereAtTheMoment) {
  Crowd crowd;
  std::atomic<int> alive{0};
  std::atomic<int> called_when_gone{0};
  const auto reply = [](ns_request request) {
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_DECLINED;
  };
  RunAtOnce({
      crowd.Injector(),
      crowd.Injector(),
      [&] {
        for (int i = 0; i < kRounds / 5; ++i) {
          std::atomic<bool> gone{false};
          Handler handler([&](ns_request request) {
            if (gone) ++called_when_gone;
            return reply(request);
          });
          handler.InstallIn(crowd.stack());
          handler.Free();
          if (i % 2 == 0) {
            support::RemoveForwarder(crowd.stack());
          } else {
            Handler::Saying(NS_VERDICT_DECLINED).InstallIn(crowd.stack());
          }
          gone = true;
          if (handler.destroyed() != 1 || handler.calls_after_destroy() != 0) ++alive;
        }
      },
  });
  EXPECT_EQ(crowd.checker().right(), crowd.injected());
  EXPECT_EQ(crowd.checker().wrong(), 0u);
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(called_when_gone, 0);
}

TEST(Injectors, SeeABulkChangeWhole) {
  Crowd crowd;
  ns_stack* const stack = crowd.stack();
  // Two addresses and a route that only exist together; answers to the peer
  // need no more than that.
  const std::vector<ns_prefix> both = {support::Prefix("10.0.0.1/24"),
                                       support::Prefix("10.0.0.2/24")};
  const std::vector<ns_address> gone = {both[0].address, both[1].address};
  std::atomic<bool> done{false};
  std::atomic<uint64_t> torn{0};
  RunAtOnce({
      [&] {
        const Bytes broadcast = Request("10.0.0.255", "10.0.0.1");
        while (!done) EXPECT_EQ(support::Inject(crowd.checker().link(), broadcast), NS_OK);
      },
      crowd.Injector(),
      [&] {
        const Handler handler([&](ns_request request) {
          const ns_packet_info info = support::InfoOf(request);
          const bool ours = info.destination.bytes[0] == 10;
          if (ours && info.flags != NS_PACKET_BROADCAST) ++torn;
          EXPECT_EQ(ns_request_reply(request), NS_OK);
          return NS_VERDICT_CONSUMED;
        });
        handler.InstallIn(stack);
        for (int i = 0; i < kRounds / 5; ++i) {
          EXPECT_EQ(ns_stack_add_addresses(stack, 1, both.data(), both.size(), nullptr), NS_OK);
          EXPECT_EQ(ns_stack_remove_addresses(stack, 1, gone.data(), gone.size(), nullptr), NS_OK);
        }
        support::RemoveForwarder(stack);
        done = true;
      },
  });
  EXPECT_EQ(torn, 0u);
}

TEST(Injectors, FindTheLinkClosedOrOpenWhileItsNicComesAndGoes) {
  Crowd crowd;
  Checker coming;
  ns_stack* const stack = crowd.stack();
  const ns_prefix address = support::Prefix("10.0.0.1/24");
  std::atomic<uint64_t> open{0};
  const auto inject = [&] {
    const Bytes packet = Request("10.0.0.1", "10.0.0.1");
    for (int i = 0; i < kRounds; ++i) {
      const ns_status status = support::Inject(coming.link(), packet);
      EXPECT_TRUE(status == NS_OK || status == NS_ERR_CLOSED) << status;
      if (status == NS_OK) ++open;
    }
  };
  RunAtOnce({
      inject,
      inject,
      crowd.Injector(),
      [&] {
        ns_nic_options options = NS_NIC_OPTIONS_INIT;
        options.addresses = &address;
        options.address_count = 1;
        for (int i = 0; i < kRounds / 5; ++i) {
          EXPECT_EQ(ns_stack_add_nic(stack, 2, coming.link(), &options, nullptr), NS_OK);
          EXPECT_EQ(ns_stack_remove_nic(stack, 2, nullptr), NS_OK);
        }
      },
      [&] {
        uint64_t before = 0;  // what is counted never goes down
        for (int i = 0; i < kRounds / 5; ++i) {
          const uint64_t now = support::Counter(stack, "ip.packets_received");
          EXPECT_GE(now, before);
          before = now;
        }
      },
  });
  EXPECT_EQ(coming.wrong(), 0u);
  EXPECT_EQ(coming.right(), open);
  EXPECT_EQ(crowd.checker().right(), crowd.injected());
  // Nothing that was counted is lost with the NICs.
  EXPECT_EQ(support::Counter(stack, "ip.packets_sent"), open + crowd.injected());
}

// /dev/null is a device that nobody can wait for: the link has its NIC for a
// moment only.
TEST(Injectors, MayBeInsideWhenANicIsRefused) {
  const int null = open("/dev/null", O_RDWR);
  ns_link* made = nullptr;
  ASSERT_EQ(ns_link_fd_new(null, nullptr, &made, nullptr), NS_OK);
  const LinkHandle link(made);
  close(null);
  const StackHandle stack = support::NewStack();
  std::atomic<bool> done{false};
  const auto inject = [&] {
    const Bytes packet = Request("192.168.0.1", "192.168.0.1");
    while (!done) EXPECT_EQ(support::Inject(made, packet), NS_ERR_CLOSED);
  };
  RunAtOnce({inject, inject, [&] {
               for (int i = 0; i < kRounds; ++i) {
                 EXPECT_EQ(ns_stack_add_nic(stack.get(), 1, made, nullptr, nullptr),
                           NS_ERR_UNSUPPORTED);
               }
               done = true;
             }});
  EXPECT_EQ(ns_stack_remove_nic(stack.get(), 1, nullptr), NS_ERR_NOT_FOUND);
}

TEST(Injectors, MayBeInsideWhenTheStackIsFreed) {
  for (int round = 0; round < 30; ++round) {
    Crowd crowd;
    Handler handler([](ns_request request) {
      static_cast<void>(ns_request_reply(request));
      return NS_VERDICT_CONSUMED;
    });
    handler.InstallIn(crowd.stack());
    handler.Free();
    std::atomic<int> began{0};
    const auto inject = [&] {
      const Bytes packet = Request("192.168.0.1", "192.168.0.1");
      ns_status status = NS_OK;
      while (status == NS_OK) {
        status = support::Inject(crowd.checker().link(), packet);
        ++began;
      }
      EXPECT_EQ(status, NS_ERR_CLOSED);
    };
    RunAtOnce({inject, inject, [&] {
                 while (began < 20) std::this_thread::yield();
                 crowd.FreeStack();
               }});
    EXPECT_EQ(crowd.checker().wrong(), 0u);
    EXPECT_EQ(handler.destroyed(), 1);
    EXPECT_EQ(handler.calls_after_destroy(), 0);
  }
}

TEST(Injectors, KeepTheirRequestsApart) {
  Crowd crowd;
  std::atomic<uint64_t> mixed{0};
  const Handler handler([&](ns_request request) {
    const ns_packet_info before = support::InfoOf(request);
    const uint8_t* bytes = nullptr;
    size_t length = 0;
    EXPECT_EQ(ns_request_borrow_packet(request, &bytes, &length), NS_OK);
    const unsigned sequence = bytes[26] * 256u + bytes[27];
    if (before.sequence != sequence) ++mixed;
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(crowd.stack());
  std::vector<std::function<void()>> all;
  for (uint16_t thread = 0; thread < 4; ++thread) {
    all.emplace_back([&crowd, thread] {
      IcmpPacket packet = EchoRequest("192.168.0.2", "192.168.0.1");
      packet.payload = support::FromText("192.168.0.1");
      for (int i = 0; i < kRounds; ++i) {
        packet.sequence = static_cast<uint16_t>(i * 4 + thread);
        EXPECT_EQ(support::Inject(crowd.checker().link(), Build(packet)), NS_OK);
      }
    });
  }
  RunAtOnce(all);
  EXPECT_EQ(mixed, 0u);
  EXPECT_EQ(crowd.checker().right(), 4u * kRounds);
}

}  // namespace
