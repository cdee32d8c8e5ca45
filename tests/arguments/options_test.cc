// Structs of options of every age: shorter and longer than the library's, with
// bits and fields that it does not know. And the values that it does know.
#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "support/handles.h"

namespace {

using support::Error;
using support::LinkHandle;
using support::StackHandle;

// Makes an object from the options in `memory`, and frees it.
using Maker = ns_status (*)(const void* memory, ns_error** error);

struct Kind {
  const char* name;
  size_t size;
  // What good options give: a TUN device has no good name here.
  ns_status good;
  Maker make;
  size_t flags_at;  // 0: no flags
  uint32_t known_flags;
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }

ns_status MakeStack(const void* memory, ns_error** error) {
  ns_stack* stack = nullptr;
  const ns_status status =
      ns_stack_new(static_cast<const ns_stack_options*>(memory), &stack, error);
  EXPECT_EQ(stack != nullptr, status == NS_OK);
  ns_stack_free(stack);
  return status;
}

ns_status MakeNic(const void* memory, ns_error** error) {
  const StackHandle stack = support::NewStack();
  const LinkHandle link = support::NewChannel();
  return ns_stack_add_nic(stack.get(), 1, link.get(), static_cast<const ns_nic_options*>(memory),
                          error);
}

ns_status Linked(ns_status status, ns_link* link) {
  EXPECT_EQ(link != nullptr, status == NS_OK);
  ns_link_free(link);
  return status;
}

ns_status MakeChannel(const void* memory, ns_error** error) {
  ns_link* link = nullptr;
  const auto* const options = static_cast<const ns_link_channel_options*>(memory);
  const ns_status status = ns_link_channel_new(options, &link, error);
  return Linked(status, link);
}

ns_status MakeCallbackLink(const void* memory, ns_error** error) {
  ns_link* link = nullptr;
  const ns_status status = ns_link_callback_new(
      static_cast<const ns_link_callback_options*>(memory),
      [](void*, const uint8_t*, size_t) -> ns_status { return NS_OK; }, nullptr, nullptr, &link,
      error);
  return Linked(status, link);
}

ns_status MakeFdLink(const void* memory, ns_error** error) {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
  ns_link* link = nullptr;
  const auto* const options = static_cast<const ns_link_fd_options*>(memory);
  const ns_status status = ns_link_fd_new(ends[0], options, &link, error);
  close(ends[0]);
  close(ends[1]);
  return Linked(status, link);
}

ns_status MakeTun(const void* memory, ns_error** error) {
  ns_link* link = nullptr;
  const auto* const options = static_cast<const ns_link_tun_options*>(memory);
  const ns_status status = ns_link_tun_new("no/device", options, &link, error);
  return Linked(status, link);
}

ns_status MakeForwarder(const void* memory, ns_error** error) {
  ns_icmp_forwarder* forwarder = nullptr;
  const ns_status status = ns_icmp_forwarder_new(
      static_cast<const ns_icmp_forwarder_options*>(memory),
      [](void*, ns_request) -> ns_verdict { return NS_VERDICT_DECLINED; }, nullptr, nullptr,
      &forwarder, error);
  EXPECT_EQ(forwarder != nullptr, status == NS_OK);
  ns_icmp_forwarder_free(forwarder);
  return status;
}

ns_status MakeClock(const void* memory, ns_error** error) {
  ns_clock* clock = nullptr;
  const ns_status status = ns_clock_callback_new(
      static_cast<const ns_clock_options*>(memory), [](void*) -> uint64_t { return 1; }, nullptr,
      nullptr, &clock, error);
  EXPECT_EQ(clock != nullptr, status == NS_OK);
  ns_clock_free(clock);
  return status;
}

ns_status MakePingSocket(const void* memory, ns_error** error) {
  const support::StackHandle stack = support::NewStack();
  ns_ping_socket* socket = nullptr;
  const ns_status status =
      ns_ping_socket_new(stack.get(), NS_FAMILY_IPV4,
                         static_cast<const ns_ping_socket_options*>(memory), &socket, error);
  EXPECT_EQ(socket != nullptr, status == NS_OK);
  ns_ping_socket_free(socket);
  return status;
}

ns_status MakeRawSocket(const void* memory, ns_error** error) {
  const support::StackHandle stack = support::NewStack();
  ns_raw_socket* socket = nullptr;
  const ns_status status =
      ns_raw_socket_new(stack.get(), NS_FAMILY_IPV4,
                        static_cast<const ns_raw_socket_options*>(memory), &socket, error);
  EXPECT_EQ(socket != nullptr, status == NS_OK);
  ns_raw_socket_free(socket);
  return status;
}

const Kind kKinds[] = {
    {"Stack", sizeof(ns_stack_options), NS_OK, MakeStack, offsetof(ns_stack_options, flags), 7},
    {"Nic", sizeof(ns_nic_options), NS_OK, MakeNic, offsetof(ns_nic_options, flags), 63},
    {"Channel", sizeof(ns_link_channel_options), NS_OK, MakeChannel, 0, 0},
    {"CallbackLink", sizeof(ns_link_callback_options), NS_OK, MakeCallbackLink, 0, 0},
    {"FdLink", sizeof(ns_link_fd_options), NS_OK, MakeFdLink, 0, 0},
    {"Tun", sizeof(ns_link_tun_options), NS_ERR_INVALID_ARGUMENT, MakeTun, 0, 0},
    {"Forwarder", sizeof(ns_icmp_forwarder_options), NS_OK, MakeForwarder,
     offsetof(ns_icmp_forwarder_options, flags), 1},
    {"PingSocket", sizeof(ns_ping_socket_options), NS_OK, MakePingSocket, 0, 0},
    {"RawSocket", sizeof(ns_raw_socket_options), NS_OK, MakeRawSocket, 0, 0},
    {"Clock", sizeof(ns_clock_options), NS_OK, MakeClock, 0, 0},
};

class Options : public testing::TestWithParam<Kind> {
 protected:
  // All zeros but the size that is told; as much memory as the library may look at.
  ns_status Make(uint32_t told) { return MakeFrom(told, std::vector<uint64_t>(1024)); }

  ns_status MakeFrom(uint32_t told, std::vector<uint64_t> memory) {
    std::memcpy(memory.data(), &told, sizeof told);
    return GetParam().make(memory.data(), error_.out());
  }

  // The same with one byte set.
  ns_status MakeWithByte(uint32_t told, size_t at, uint8_t value) {
    std::vector<uint64_t> memory(1024);
    std::memcpy(reinterpret_cast<uint8_t*>(memory.data()) + at, &value, 1);
    return MakeFrom(told, std::move(memory));
  }

  [[nodiscard]] uint32_t size() const { return static_cast<uint32_t>(GetParam().size); }

  Error error_;
};

TEST_P(Options, MayBeLeftOut) {
  EXPECT_EQ(GetParam().make(nullptr, error_.out()), GetParam().good) << error_.message();
}

TEST_P(Options, OfNoSizeAreRefused) {
  for (const uint32_t told : {0u, 1u, 2u, 3u}) {
    EXPECT_EQ(Make(told), NS_ERR_INVALID_ARGUMENT) << told;
    EXPECT_NE(error_.message().find("struct_size"), std::string::npos) << error_.message();
  }
}

TEST_P(Options, OfAnAbsurdSizeAreRefused) {
  for (const uint32_t told : {UINT32_MAX, 0x7fffffffu, 1'000'000u}) {
    EXPECT_EQ(Make(told), NS_ERR_INVALID_ARGUMENT) << told;
    EXPECT_NE(error_.message().find("struct_size"), std::string::npos) << error_.message();
  }
}

TEST_P(Options, OfAnOlderCallerAreDefaultsForTheRest) {
  for (uint32_t told = 4; told <= size(); ++told) EXPECT_EQ(Make(told), GetParam().good) << told;
}

// A field that the caller does not know is not looked at.
TEST_P(Options, OfAnOlderCallerEndWhereItSays) {
  std::vector<uint64_t> memory(1024, UINT64_MAX);
  EXPECT_EQ(MakeFrom(4, memory), GetParam().good) << error_.message();
}

TEST_P(Options, OfANewerCallerAreAcceptedIfNothingUnknownIsAsked) {
  for (const uint32_t more : {1u, 4u, 8u, 64u, 1000u}) {
    EXPECT_EQ(Make(size() + more), GetParam().good) << more << " " << error_.message();
  }
}

TEST_P(Options, OfANewerCallerAreUnsupportedIfSomethingUnknownIsAsked) {
  for (const uint32_t more : {1u, 8u, 64u}) {
    for (uint32_t at = 0; at < more; ++at) {
      EXPECT_EQ(MakeWithByte(size() + more, size() + at, 1), NS_ERR_UNSUPPORTED) << more << at;
      EXPECT_TRUE(error_.is_set());
      EXPECT_EQ(MakeWithByte(size() + at, size() + at, 1), GetParam().good) << more << at;
    }
  }
}

TEST_P(Options, WithUnknownFlagsAreUnsupported) {
  if (GetParam().flags_at == 0) return;
  for (unsigned bit = 0; bit < 32; ++bit) {
    const ns_status status =
        MakeWithByte(size(), GetParam().flags_at + bit / 8, static_cast<uint8_t>(1u << bit % 8));
    const bool known = (GetParam().known_flags >> bit & 1) != 0;
    EXPECT_EQ(status, known ? NS_OK : NS_ERR_UNSUPPORTED) << bit;
    if (!known) {
      EXPECT_NE(error_.message().find("flags"), std::string::npos) << error_.message();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Options, testing::ValuesIn(kKinds),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(OptionValues, InitOfAnAbsurdSizeTouchesNothing) {
  ns_ping_options options{};
  options.ttl = 77;
  ns_ping_options_init(&options, SIZE_MAX);
  EXPECT_EQ(options.ttl, 77u);
}

TEST(OptionValues, ReservedFieldsAreUnsupportedUnlessZero) {
  Error error;
  ns_link_channel_options channel = NS_LINK_CHANNEL_OPTIONS_INIT;
  channel.reserved = 1;
  EXPECT_EQ(MakeChannel(&channel, error.out()), NS_ERR_UNSUPPORTED);
  ns_clock_options clock = NS_CLOCK_OPTIONS_INIT;
  clock.reserved = 1;
  EXPECT_EQ(MakeClock(&clock, error.out()), NS_ERR_UNSUPPORTED);
}

TEST(OptionValues, MtuIsWhatWasAskedOr1500) {
  for (const uint32_t mtu : {0u, 1u, 67u, 68u, 1280u, 9000u, 65'535u}) {
    ns_link_channel_options channel = NS_LINK_CHANNEL_OPTIONS_INIT;
    channel.mtu = mtu;
    ns_link* made = nullptr;
    ASSERT_EQ(ns_link_channel_new(&channel, &made, nullptr), NS_OK) << mtu;
    const LinkHandle link(made);
    EXPECT_EQ(ns_link_get_mtu(made), mtu == 0 ? 1500 : mtu);
  }
}

TEST(OptionValues, TtlAndHopLimitGoTo255) {
  Error error;
  for (const uint32_t limit : {256u, 257u, 65'536u, UINT32_MAX}) {
    ns_stack_options ttl = NS_STACK_OPTIONS_INIT;
    ttl.default_ttl = limit;
    EXPECT_EQ(MakeStack(&ttl, error.out()), NS_ERR_INVALID_ARGUMENT) << limit;
    EXPECT_NE(error.message().find("default_ttl"), std::string::npos) << error.message();
    ns_stack_options hop_limit = NS_STACK_OPTIONS_INIT;
    hop_limit.default_hop_limit = limit;
    EXPECT_EQ(MakeStack(&hop_limit, error.out()), NS_ERR_INVALID_ARGUMENT) << limit;
    EXPECT_NE(error.message().find("default_hop_limit"), std::string::npos) << error.message();
  }
}

TEST(OptionValues, ManualClocksNeverGoBack) {
  ns_clock* made = nullptr;
  ASSERT_EQ(ns_clock_manual_new(UINT64_MAX - 5, &made), NS_OK);
  const support::ClockHandle clock(made);
  uint64_t before = ns_clock_get_now(made);
  for (const uint64_t step : {uint64_t{3}, uint64_t{100}, UINT64_MAX, uint64_t{1}}) {
    static_cast<void>(ns_clock_advance(made, step));
    EXPECT_GE(ns_clock_get_now(made), before) << step;
    before = ns_clock_get_now(made);
  }
}

TEST(OptionValues, ErrorIsNoneAfterSuccessAndMayBeLeftOut) {
  ns_error* const garbage = reinterpret_cast<ns_error*>(uintptr_t{16});
  ns_error* error = garbage;
  EXPECT_EQ(MakeStack(nullptr, &error), NS_OK);
  EXPECT_EQ(error, nullptr);
  ns_stack_options bad = NS_STACK_OPTIONS_INIT;
  bad.flags = 1u << 30;
  EXPECT_EQ(MakeStack(&bad, nullptr), NS_ERR_UNSUPPORTED);
}

}  // namespace
