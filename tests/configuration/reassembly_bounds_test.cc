// ns_stack_options.reassembly_high and reassembly_low: what fragments may hold.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "support/wire.h"

namespace {

using support::Bytes;
using support::EchoRequest;
using support::IcmpPacket;
using support::Inject;
using support::operator+;

constexpr char kEvicted[] = "reassembly.evicted";
constexpr size_t kMebibyte = size_t{1} << 20;

class BoundedStack {
 public:
  BoundedStack(size_t high, size_t low) : link_(support::NewChannel()) {
    const support::ClockHandle clock = support::NewManualClock();
    ns_stack_options options = NS_STACK_OPTIONS_INIT;
    options.clock = clock.get();
    options.reassembly_high = high;
    options.reassembly_low = low;
    ns_stack* stack = nullptr;
    support::Error error;
    EXPECT_EQ(ns_stack_new(&options, &stack, error.out()), NS_OK) << error.message();
    stack_.reset(stack);
    EXPECT_EQ(ns_stack_add_nic(stack, 1, link_.get(), nullptr, nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack, 1, "192.168.0.1/24", nullptr), NS_OK);
    EXPECT_EQ(ns_stack_add_address(stack, 1, "a::1/64", nullptr), NS_OK);
  }

  void Receive(const Bytes& packet) { EXPECT_EQ(Inject(link_.get(), packet), NS_OK); }
  std::vector<Bytes> Sent() { return support::Drain(link_.get()); }
  [[nodiscard]] uint64_t Evicted() const { return support::Counter(stack_.get(), kEvicted); }

 private:
  support::StackHandle stack_;
  support::LinkHandle link_;
};

// Fragment `number` of a ping in pieces of `size` bytes. RFC 791 3.2, RFC 8200 4.5.
Bytes Fragment(IcmpPacket ping, uint16_t identification, size_t size, size_t number) {
  const Bytes message = IcmpMessage(ping);
  const size_t at = number * size;
  const bool more = at + size < message.size();
  const Bytes data = support::Part(message, at, more ? size : message.size() - at);
  if (!ping.v6()) {
    ping.id = identification;
    ping.fragment = static_cast<uint16_t>((more ? 0x2000 : 0) | at / 8);
    return Ipv4Packet(ping, 1, data);
  }
  Bytes header{58, 0};
  support::Append16(&header, static_cast<unsigned>(at | (more ? 1 : 0)));
  support::Append16(&header, 0);
  support::Append16(&header, identification);
  return Ipv6Packet(ping, 44, header + data);
}

// A stranger's datagram of which a middle part alone ever comes: 640 bytes for it, 128 for the
// fragment, 232 of data.
Bytes Thousand(bool v6, uint16_t identification) {
  IcmpPacket ping = v6 ? EchoRequest("a::66", "a::1") : EchoRequest("192.168.0.66", "192.168.0.1");
  ping.payload = Bytes(1000);
  return Fragment(ping, identification, 232, 1);
}

IcmpPacket HonestPing(bool v6, size_t length) {
  IcmpPacket ping = v6 ? EchoRequest("a::2", "a::1") : EchoRequest("192.168.0.2", "192.168.0.1");
  ping.payload = Bytes(length, 7);
  return ping;
}

TEST(ReassemblyBounds, AboveHighIsGivenUpDownToLow) {
  const struct {
    size_t high;
    size_t low;
    size_t held;      // datagrams of a thousand bytes, all of which fit
    size_t given_up;  // by the next one
  } rows[] = {
      {10'000, 4'000, 10, 7},
      {10'000, 10'000, 10, 1},
      {10'000, 0, 10, 4},  // three quarters
      {10'999, 1, 10, 11},
      {0, 0, 4 * kMebibyte / 1000, 4 * kMebibyte / 1000 + 1 - 3 * kMebibyte / 1000},
      {0, 4 * kMebibyte, 4 * kMebibyte / 1000, 1},
  };
  for (const auto& row : rows) {
    for (const bool v6 : {false, true}) {
      BoundedStack stack(row.high, row.low);
      for (size_t i = 0; i < row.held; ++i) stack.Receive(Thousand(v6, static_cast<uint16_t>(i)));
      EXPECT_EQ(stack.Evicted(), 0u) << row.high << " " << row.low;
      stack.Receive(Thousand(v6, 0xffff));
      EXPECT_EQ(stack.Evicted(), row.given_up) << row.high << " " << row.low;
    }
  }
}

TEST(ReassemblyBounds, EachFamilyHasItsOwn) {
  BoundedStack stack(5'000, 5'000);
  for (uint16_t i = 0; i < 5; ++i) {
    stack.Receive(Thousand(false, i));
    stack.Receive(Thousand(true, i));
  }
  EXPECT_EQ(stack.Evicted(), 0u);
}

// As long as it takes less than the stranger does.
TEST(ReassemblyBounds, AStrangerWhoFillsThemDoesNotCrowdOutAnHonestPing) {
  for (const bool v6 : {false, true}) {
    BoundedStack stack(50'000, 40'000);
    uint16_t strange = 0;
    const auto fill = [&] {
      for (int i = 0; i < 200; ++i) stack.Receive(Thousand(v6, ++strange));
    };
    const IcmpPacket ping = HonestPing(v6, 1200);
    for (const uint16_t identification : {uint16_t{9}, uint16_t{10}}) {
      for (const size_t number : {size_t{2}, size_t{0}, size_t{1}}) {
        fill();
        stack.Receive(Fragment(ping, identification, 512, number));
      }
      const std::vector<Bytes> sent = stack.Sent();
      ASSERT_EQ(sent.size(), 1u);
      EXPECT_EQ(support::Read(sent[0])->payload, ping.payload);
    }
    EXPECT_GT(stack.Evicted(), 1000u);
  }
}

TEST(ReassemblyBounds, TooSmallForADatagramItNeverComesWhole) {
  for (const bool v6 : {false, true}) {
    const IcmpPacket ping = HonestPing(v6, 1200);
    BoundedStack stack(1'000, 0);
    stack.Receive(Fragment(ping, 1, 1024, 0));
    EXPECT_EQ(stack.Evicted(), 1u);
    stack.Receive(Fragment(ping, 1, 1024, 1));
    EXPECT_TRUE(stack.Sent().empty());
    stack.Receive(Build(ping));
    EXPECT_EQ(stack.Sent().size(), 1u);
  }
}

// What the header says that a datagram takes.
TEST(ReassemblyBounds, TheLongestDatagramTakes72000BytesInPacketsOf1500) {
  for (const bool v6 : {false, true}) {
    const size_t size = v6 ? 1448 : 1480;
    const IcmpPacket ping = HonestPing(v6, 65'535 - 28);
    for (const bool enough : {true, false}) {
      BoundedStack stack(enough ? 72'000 : 68'000, 0);
      for (size_t number = 0; number * size < ping.payload.size() + 8; ++number) {
        stack.Receive(Fragment(ping, 1, size, number));
      }
      EXPECT_EQ(stack.Sent().empty(), !enough);
    }
  }
}

TEST(ReassemblyBounds, LowAboveHighIsRefused) {
  const struct {
    size_t high;
    size_t low;
    const char* says;
  } rows[] = {
      {1000, 1001, "ns_stack_options.reassembly_low is 1001, above reassembly_high, which is 1000"},
      {0, 4 * kMebibyte + 1,
       "ns_stack_options.reassembly_low is 4194305, above reassembly_high, which is 4194304"},
  };
  for (const auto& row : rows) {
    ns_stack_options options = NS_STACK_OPTIONS_INIT;
    options.reassembly_high = row.high;
    options.reassembly_low = row.low;
    ns_stack* stack = nullptr;
    support::Error error;
    EXPECT_EQ(ns_stack_new(&options, &stack, error.out()), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(stack, nullptr);
    EXPECT_EQ(error.message(), row.says);
  }
}

// Who was compiled before there were bounds has memory of its own behind the struct.
TEST(ReassemblyBounds, AnOlderCallerGetsTheDefaults) {
  ns_stack_options options;
  std::memset(&options, 0xff, sizeof options);
  ns_stack_options_init(&options, offsetof(ns_stack_options, reassembly_high));
  options.reassembly_low = 7;
  options.reassembly_high = 6;
  ns_stack* stack = nullptr;
  support::Error error;
  EXPECT_EQ(ns_stack_new(&options, &stack, error.out()), NS_OK) << error.message();
  ns_stack_free(stack);
}

}  // namespace
