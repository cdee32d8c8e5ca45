// Where the right to answer is, and where it is not: inside the callback, also
// while its own answer is being sent; never where the stack answers by itself.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <barrier>
#include <cstdint>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "support/handler.h"
#include "support/transmitter.h"
#include "support/wire.h"

namespace {

using support::AnswerTo;
using support::Build;
using support::Bytes;
using support::EchoReplyTo;
using support::EchoRequestTo;
using support::Handler;
using support::IcmpPacket;
using support::Inject;
using support::Read;
using support::StackHandle;
using support::Transmitter;

struct Family {
  const char* name;
  const char* address;  // with the length of its subnet
  const char* ours;
};

std::ostream& operator<<(std::ostream& out, const Family& each) { return out << each.name; }

constexpr Family kFamilies[] = {
    {"Ipv4", "192.168.0.1/24", "192.168.0.1"},
    {"Ipv6", "a::1/64", "a::1"},
};
constexpr auto kNameOf = [](const auto& each) { return std::string(each.param.name); };

// A stack whose only NIC hands what it sends to the test, packet by packet.
class RightToAnswer : public testing::TestWithParam<Family> {
 protected:
  RightToAnswer() {
    EXPECT_EQ(ns_stack_add_nic(stack_.get(), 1, transmitter_.link(), nullptr, nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack_.get(), 1, GetParam().address, nullptr), NS_OK);
  }

  [[nodiscard]] IcmpPacket Request() const { return EchoRequestTo(GetParam().ours); }
  void Deliver(const Bytes& packet) { EXPECT_EQ(Inject(transmitter_.link(), packet), NS_OK); }

  std::function<void()> while_sending_ = [] {};
  std::vector<Bytes> sent_;
  const StackHandle stack_ = support::NewStack();
  const Transmitter transmitter_{[this](const Bytes& packet) {
    while_sending_();
    sent_.push_back(packet);
    return NS_OK;
  }};
};

INSTANTIATE_TEST_SUITE_P(Of, RightToAnswer, testing::ValuesIn(kFamilies), kNameOf);

TEST_P(RightToAnswer, IsThereWhileItsOwnAnswerIsBeingSent) {
  const Handler handler([&](ns_request request) {
    while_sending_ = [&] {
      EXPECT_EQ(support::InfoOf(request).identifier, 1234);
      EXPECT_EQ(ns_request_reply(request), NS_OK);  // the first outcome, and no second answer
    };
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(stack_.get());
  Deliver(Build(Request()));
  ASSERT_EQ(sent_.size(), 1u);
  EXPECT_EQ(Read(sent_[0]), AnswerTo(Request()));
  EXPECT_EQ(support::Counter(stack_.get(), "forwarder.replied"), 1u);
}

TEST_P(RightToAnswer, IsGoneWhenTheStackAnswersAfterADeclinedRequest) {
  ns_request kept = 0;
  const Handler handler([&](ns_request request) {
    kept = request;
    return NS_VERDICT_DECLINED;
  });
  handler.InstallIn(stack_.get());
  while_sending_ = [&] { EXPECT_EQ(ns_request_reply(kept), NS_ERR_EXPIRED); };
  Deliver(Build(Request()));
  EXPECT_EQ(sent_.size(), 1u);
}

// Were there a right to answer where nobody was asked, its number would be near.
TEST_P(RightToAnswer, IsNotMadeWhereNoHandlerRuns) {
  ns_request last = 0;
  const Handler handler([&](ns_request request) {
    last = request;
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(stack_.get());
  Deliver(Build(Request()));
  ASSERT_NE(last, 0u);
  support::RemoveForwarder(stack_.get());

  const auto expect_none = [&] {
    for (uint64_t distance = 0; distance < 100; ++distance) {
      EXPECT_EQ(ns_request_reply(last + distance), NS_ERR_EXPIRED) << distance;
    }
  };
  while_sending_ = expect_none;
  Deliver(Build(Request()));  // nobody is asked, and the stack answers
  EXPECT_EQ(sent_.size(), 1u);
  expect_none();
  Bytes corrupted = Build(Request());
  corrupted.back() ^= 1;
  Deliver(corrupted);
  expect_none();
  Deliver(Build(EchoReplyTo(GetParam().ours)));
  expect_none();
  EXPECT_EQ(sent_.size(), 1u);
}

// Two requests at once, on two NICs and two threads; the later one is answered
// first. Neither thread can answer the other's.
class RequestsAtOnce : public testing::TestWithParam<Family> {
 protected:
  struct Side {
    explicit Side(uint16_t number)
        : nic(number), link(support::NewChannel()), request(EchoRequestTo(GetParam().ours)) {
      request.identifier = number;
    }
    const uint32_t nic;
    const support::LinkHandle link;
    IcmpPacket request;
    ns_request handle = 0;
  };

  void Handle(ns_request request) {
    const uint16_t mine = support::InfoOf(request).identifier;
    Side& own = mine == 1 ? first_ : second_;
    const Side& other = mine == 1 ? second_ : first_;
    own.handle = request;
    step_.arrive_and_wait();  // both handlers run
    EXPECT_EQ(ns_request_reply(other.handle), NS_ERR_EXPIRED);
    if (mine == 1) step_.arrive_and_wait();
    EXPECT_EQ(support::InfoOf(request).nic, own.nic);
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    if (mine == 2) step_.arrive_and_wait();
    step_.arrive_and_wait();  // nobody returns before both have answered
  }

  Side first_{1};
  Side second_{2};
  std::barrier<> step_{2};
};

INSTANTIATE_TEST_SUITE_P(Of, RequestsAtOnce, testing::ValuesIn(kFamilies), kNameOf);

TEST_P(RequestsAtOnce, AreEachAnsweredByTheirOwnReply) {
  const StackHandle stack = support::NewStack();
  for (const Side* const side : {&first_, &second_}) {
    ASSERT_EQ(ns_stack_add_nic(stack.get(), side->nic, side->link.get(), nullptr, nullptr), NS_OK);
    ASSERT_EQ(ns_stack_add_address(stack.get(), side->nic, GetParam().address, nullptr), NS_OK);
  }
  const Handler handler([this](ns_request request) {
    Handle(request);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(stack.get());
  std::thread other([&] { EXPECT_EQ(Inject(second_.link.get(), Build(second_.request)), NS_OK); });
  EXPECT_EQ(Inject(first_.link.get(), Build(first_.request)), NS_OK);
  other.join();
  for (const Side* const side : {&first_, &second_}) {
    const std::vector<Bytes> sent = support::Drain(side->link.get());
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(Read(sent[0]), AnswerTo(side->request));
  }
}

}  // namespace
