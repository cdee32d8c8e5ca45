// A whole echo by a caller that has no header: a name for each function, a description, and libffi.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "abi/ffi/call.h"
#include "abi/ffi/description.h"
#include "abi/ffi/record.h"

namespace {

using foreign::Call;
using foreign::Closure;
using foreign::Description;
using foreign::Pointer;
using foreign::Record;
using foreign::Word;

Word Constant(const char* name) { return Description::Get().constant(name); }

// 10.7.0.9 to 10.7.1.1, TTL 61, identifier 0x1234, sequence 7, data "abcd".
constexpr std::array<uint8_t, 32> kRequest = {
    0x45, 0x00, 0x00, 0x20, 0x00, 0x01, 0x00, 0x00, 0x3d, 0x01, 0x68, 0xc5, 0x0a, 0x07, 0x00, 0x09,
    0x0a, 0x07, 0x01, 0x01, 0x08, 0x00, 0x20, 0xfe, 0x12, 0x34, 0x00, 0x07, 'a',  'b',  'c',  'd'};

// The ICMP message of the answer.
constexpr std::array<uint8_t, 12> kReply = {0x00, 0x00, 0x28, 0xfe, 0x12, 0x34,
                                            0x00, 0x07, 'a',  'b',  'c',  'd'};

// A handler with what belongs to it. It is a tripwire: destroy frees the code that would run.
class Handler {
 public:
  using Body = std::function<Word(Word request)>;

  explicit Handler(Body body)
      : handler_(std::make_unique<Closure>("ns_icmp_request_fn",
                                           [this, body](const std::vector<Word>& arguments) {
                                             EXPECT_EQ(arguments.at(0), Pointer(this));
                                             return body(arguments.at(1));
                                           })),
        destroy_("ns_destroy_fn", [this](const std::vector<Word>& arguments) -> Word {
          EXPECT_EQ(arguments.at(0), Pointer(this));
          handler_.reset();
          ++destroyed_;
          return 0;
        }) {
    EXPECT_EQ(Call("ns_icmp_forwarder_new",
                   {0, handler_->code(), Pointer(this), destroy_.code(), Pointer(&forwarder_), 0}),
              0u);
  }

  Word forwarder() const { return forwarder_; }
  int destroyed() const { return destroyed_; }

 private:
  std::unique_ptr<Closure> handler_;
  Closure destroy_;
  Word forwarder_ = 0;
  int destroyed_ = 0;
};

// A stack in memory to which all of 10.7.0.0/16 belongs.
class Scenario : public testing::Test {
 protected:
  Scenario() {
    Record options("ns_stack_options");
    Word clock = 0;
    EXPECT_EQ(Call("ns_clock_manual_new", {5, Pointer(&clock)}), 0u);
    options.Set("clock", clock);
    options.Set("default_ttl", 99);
    EXPECT_EQ(Call("ns_stack_new", {options.address(), Pointer(&stack_), 0}), 0u);
    Call("ns_clock_free", {clock});
    EXPECT_EQ(Call("ns_link_channel_new", {0, Pointer(&link_), 0}), 0u);
    EXPECT_EQ(Call("ns_stack_add_nic", {stack_, 1, link_, 0, 0}), 0u);
    EXPECT_EQ(Call("ns_stack_add_local_prefix", {stack_, 1, Pointer("10.7.0.0/16"), 0}), 0u);
  }
  ~Scenario() override { Free(); }

  void Free() {
    Call("ns_link_free", {std::exchange(link_, 0)});
    Call("ns_stack_free", {std::exchange(stack_, 0)});
  }

  void Install(const Handler* handler) {
    const Word forwarder = handler == nullptr ? 0 : handler->forwarder();
    EXPECT_EQ(
        Call("ns_stack_set_icmp_forwarder", {stack_, Constant("NS_FAMILY_IPV4"), forwarder, 0}),
        0u);
    Call("ns_icmp_forwarder_free", {forwarder});
  }
  Word Inject() {
    return Call("ns_link_inject", {link_, Pointer(kRequest.data()), kRequest.size()});
  }
  // The ICMP message of the next packet that was sent; empty: none.
  std::vector<uint8_t> Sent() {
    std::vector<uint8_t> packet(100);
    size_t length = 0;
    if (Call("ns_link_read", {link_, Pointer(packet.data()), packet.size(), Pointer(&length)}) !=
        0) {
      return {};
    }
    EXPECT_EQ(packet[8], 99);
    return {packet.begin() + 20, packet.begin() + static_cast<ptrdiff_t>(length)};
  }
  uint64_t Counter(const char* name) {
    uint64_t value = 0;
    EXPECT_EQ(Call("ns_stack_get_counter", {stack_, Pointer(name), Pointer(&value)}), 0u) << name;
    return value;
  }

  Word stack_ = 0;
  Word link_ = 0;
};

TEST_F(Scenario, AHandlerSeesTheRequestAndAnswersIt) {
  Word stale = 0;
  int calls = 0;
  Handler handler([&](Word request) {
    ++calls;
    stale = request;
    Record info("ns_packet_info");
    EXPECT_EQ(Call("ns_request_get_info", {request, info.address(), info.size()}), 0u);
    EXPECT_EQ(info.Get("identifier"), 0x1234u);
    EXPECT_EQ(info.Get("sequence"), 7u);
    EXPECT_EQ(info.Get("ttl"), 61u);
    EXPECT_EQ(info.Get("type"), 8u);
    EXPECT_EQ(info.Get("flags"), Constant("NS_PACKET_TEMPORARY"));
    char text[64];
    EXPECT_EQ(Call("ns_address_format", {Pointer(info.place("source")), Pointer(text), 64}), 0u);
    EXPECT_STREQ(text, "10.7.0.9");

    const uint8_t* bytes = nullptr;
    size_t length = 0;
    EXPECT_EQ(Call("ns_request_borrow_packet", {request, Pointer(&bytes), Pointer(&length)}), 0u);
    EXPECT_EQ(std::vector<uint8_t>(bytes, bytes + length),
              std::vector<uint8_t>(kRequest.begin(), kRequest.end()));
    EXPECT_EQ(Call("ns_request_reply", {request}), 0u);
    return Constant("NS_VERDICT_CONSUMED");
  });
  Install(&handler);
  EXPECT_EQ(Inject(), 0u);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(Sent(), std::vector<uint8_t>(kReply.begin(), kReply.end()));
  EXPECT_EQ(Sent(), std::vector<uint8_t>());
  EXPECT_EQ(Call("ns_request_reply", {stale}), Constant("NS_ERR_EXPIRED"));
  EXPECT_EQ(Counter("forwarder.consumed"), 1u);
  Free();
  EXPECT_EQ(handler.destroyed(), 1);
}

TEST_F(Scenario, DecliningLeavesAnAddressThatNobodyAssignedSilent) {
  Handler handler([](Word) { return Constant("NS_VERDICT_DECLINED"); });
  Install(&handler);
  EXPECT_EQ(Inject(), 0u);
  EXPECT_EQ(Sent(), std::vector<uint8_t>());
  EXPECT_EQ(Counter("forwarder.declined"), 1u);
  Free();
}

TEST_F(Scenario, ANegativeVerdictIsAHandlerThatFailed) {
  Handler handler([](Word) { return static_cast<Word>(-7); });
  Install(&handler);
  EXPECT_EQ(Inject(), 0u);
  EXPECT_EQ(Counter("forwarder.failed"), 1u);
  Free();
}

TEST_F(Scenario, AHandlerThatWasReplacedIsDestroyedAndNeverRunsAgain) {
  Handler first([](Word) { return Constant("NS_VERDICT_CONSUMED"); });
  Handler second([](Word request) {
    EXPECT_EQ(Call("ns_request_reply", {request}), 0u);
    return Constant("NS_VERDICT_CONSUMED");
  });
  Install(&first);
  EXPECT_EQ(Inject(), 0u);
  EXPECT_EQ(Sent(), std::vector<uint8_t>());
  Install(&second);
  EXPECT_EQ(first.destroyed(), 1);
  EXPECT_EQ(Inject(), 0u);
  EXPECT_EQ(Sent().size(), kReply.size());
  Install(nullptr);
  EXPECT_EQ(second.destroyed(), 1);
  EXPECT_EQ(Inject(), 0u);
  EXPECT_EQ(Sent(), std::vector<uint8_t>());
}

TEST_F(Scenario, CountersComeOneByOne) {
  std::map<std::string, uint64_t> seen;
  const Closure visit("ns_counter_fn", [&](const std::vector<Word>& arguments) -> Word {
    EXPECT_EQ(arguments.at(0), 0x77u);
    seen[reinterpret_cast<const char*>(arguments.at(1))] = arguments.at(2);
    return 0;
  });
  EXPECT_EQ(Inject(), 0u);
  EXPECT_EQ(Call("ns_stack_for_each_counter", {stack_, visit.code(), 0x77}), 0u);
  EXPECT_EQ(seen.at("ip.packets_received"), 1u);
  EXPECT_EQ(seen.at("nic.1.rx.packets"), 1u);
  EXPECT_GT(seen.size(), 50u);
}

}  // namespace
