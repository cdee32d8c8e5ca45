// Owners of what the C ABI hands out, and the shortest ways to get one.
#ifndef NETSTACK_TESTS_SUPPORT_HANDLES_H_
#define NETSTACK_TESTS_SUPPORT_HANDLES_H_

#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "support/deleter.h"

namespace support {

using StackHandle = std::unique_ptr<ns_stack, Deleter<ns_stack_free>>;
using LinkHandle = std::unique_ptr<ns_link, Deleter<ns_link_free>>;
using ClockHandle = std::unique_ptr<ns_clock, Deleter<ns_clock_free>>;
using RandomHandle = std::unique_ptr<ns_random, Deleter<ns_random_free>>;
using CaptureHandle = std::unique_ptr<ns_capture, Deleter<ns_capture_free>>;
using ForwarderHandle = std::unique_ptr<ns_icmp_forwarder, Deleter<ns_icmp_forwarder_free>>;
using PacketHandle = std::unique_ptr<ns_packet, Deleter<ns_packet_unref>>;

// The place of an `out_error`, and what came into it.
class Error {
 public:
  Error() = default;
  Error(const Error&) = delete;
  Error& operator=(const Error&) = delete;
  ~Error() { ns_error_free(error_); }

  // Forgets what was there.
  ns_error** out() {
    ns_error_free(std::exchange(error_, nullptr));
    return &error_;
  }
  [[nodiscard]] bool is_set() const { return error_ != nullptr; }
  [[nodiscard]] ns_status status() const { return ns_error_status(error_); }
  [[nodiscard]] std::string message() const { return ns_error_message(error_); }

 private:
  ns_error* error_ = nullptr;
};

inline ClockHandle NewManualClock(uint64_t start = 1'000) {
  ns_clock* clock = nullptr;
  EXPECT_EQ(ns_clock_manual_new(start, &clock), NS_OK);
  return ClockHandle(clock);
}

// A stack with a clock of its own that stands still.
// The same random numbers each time.
inline RandomHandle NewRandom() {
  ns_random* random = nullptr;
  EXPECT_EQ(ns_random_seeded_new(1, &random), NS_OK);
  return RandomHandle(random);
}

inline StackHandle NewStack(uint32_t flags = 0, uint32_t ttl = 0, uint32_t hop_limit = 0) {
  const ClockHandle clock = NewManualClock();
  const RandomHandle random = NewRandom();
  ns_stack_options options = NS_STACK_OPTIONS_INIT;
  options.flags = flags;
  options.default_ttl = ttl;
  options.default_hop_limit = hop_limit;
  options.clock = clock.get();
  options.random = random.get();
  ns_stack* stack = nullptr;
  Error error;
  EXPECT_EQ(ns_stack_new(&options, &stack, error.out()), NS_OK) << error.message();
  return StackHandle(stack);
}

// A stack that lives by the system's clock, and so can wait.
inline StackHandle NewSystemStack() {
  ns_stack* stack = nullptr;
  EXPECT_EQ(ns_stack_new(nullptr, &stack, nullptr), NS_OK);
  return StackHandle(stack);
}

inline LinkHandle NewChannel(uint32_t mtu = 0, uint32_t capacity = 0) {
  ns_link_channel_options options = NS_LINK_CHANNEL_OPTIONS_INIT;
  options.mtu = mtu;
  options.capacity = capacity;
  ns_link* link = nullptr;
  Error error;
  EXPECT_EQ(ns_link_channel_new(&options, &link, error.out()), NS_OK) << error.message();
  return LinkHandle(link);
}

inline ns_address Address(const std::string& text) {
  ns_address address{};
  EXPECT_EQ(ns_address_parse(text.c_str(), &address), NS_OK) << text;
  return address;
}

inline ns_prefix Prefix(const std::string& text) {
  ns_prefix prefix{};
  EXPECT_EQ(ns_prefix_parse(text.c_str(), &prefix), NS_OK) << text;
  return prefix;
}

inline std::string Text(const ns_address& address) {
  char text[NS_ADDRESS_TEXT_SIZE] = "";
  EXPECT_EQ(ns_address_format(&address, text, sizeof text), NS_OK);
  return text;
}

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_HANDLES_H_
