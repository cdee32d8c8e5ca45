// The C ABI of links: what is refused, who owns what, and what a child of a
// fork may do.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netstack/link.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace {

struct FreeLink {
  void operator()(ns_link* link) const { ns_link_free(link); }
};
using LinkPointer = std::unique_ptr<ns_link, FreeLink>;

// A status, and the words that came with it.
struct Outcome {
  ns_status status = NS_OK;
  std::string message;
  LinkPointer link;
};

// Calls a function that makes a link, with places for link and error that held
// something else before.
template <typename Make>
Outcome Call(Make make) {
  Outcome outcome;
  int stranger = 0;
  ns_link* link = reinterpret_cast<ns_link*>(&stranger);
  ns_error* error = reinterpret_cast<ns_error*>(&stranger);
  outcome.status = make(&link, &error);
  outcome.link.reset(link);
  if (error != nullptr) outcome.message = ns_error_message(error);
  EXPECT_EQ(ns_error_status(error), outcome.status);
  EXPECT_EQ(link == nullptr, outcome.status != NS_OK);
  EXPECT_EQ(error == nullptr, outcome.status == NS_OK);
  ns_error_free(error);
  return outcome;
}

void ExpectRefused(const Outcome& outcome, const char* word,
                   ns_status status = NS_ERR_INVALID_ARGUMENT) {
  EXPECT_EQ(outcome.status, status) << outcome.message;
  EXPECT_NE(outcome.message.find(word), std::string::npos) << word << " in " << outcome.message;
}

template <typename Options>
Options Defaults(void (*init)(Options*, size_t)) {
  Options options;
  std::memset(&options, 0xa5, sizeof options);
  init(&options, sizeof options);
  EXPECT_EQ(options.struct_size, sizeof options);
  return options;
}

Outcome NewChannel(const ns_link_channel_options* options) {
  return Call(
      [&](ns_link** link, ns_error** error) { return ns_link_channel_new(options, link, error); });
}

ns_status Transmit(void*, const uint8_t*, size_t) { return NS_OK; }

Outcome NewCallback(const ns_link_callback_options* options, ns_link_transmit_fn transmit,
                    void* user_data = nullptr, ns_destroy_fn destroy = nullptr) {
  return Call([&](ns_link** link, ns_error** error) {
    return ns_link_callback_new(options, transmit, user_data, destroy, link, error);
  });
}

Outcome NewFd(int descriptor, const ns_link_fd_options* options) {
  return Call([&](ns_link** link, ns_error** error) {
    return ns_link_fd_new(descriptor, options, link, error);
  });
}

Outcome NewTun(const char* name, const ns_link_tun_options* options) {
  return Call([&](ns_link** link, ns_error** error) {
    return ns_link_tun_new(name, options, link, error);
  });
}

void Count(void* counter) { ++*static_cast<int*>(counter); }

// Runs `body` in a child; what it expects in vain fails the test.
void InChild(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    body();
    std::fflush(nullptr);
    _exit(::testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "what the child printed says why";
}

// The ways to make a link that need no privilege, for what they have in common.
struct Maker {
  const char* name;
  std::function<Outcome(uint32_t size, uint32_t mtu, uint8_t tail)> make;
};

// Options in memory that goes on behind the struct.
template <typename Options>
struct Longer {
  Options options;
  std::array<uint8_t, 16> tail;
};
template <typename Options>
const Options* Fill(Longer<Options>* longer, uint32_t size, uint32_t mtu, uint8_t tail) {
  std::memset(longer, 0, sizeof *longer);
  longer->options.struct_size = size;
  longer->options.mtu = mtu;
  longer->tail.fill(tail);
  return &longer->options;
}

std::vector<Maker> Makers() {
  return {
      {"ns_link_channel_options",
       [](uint32_t size, uint32_t mtu, uint8_t tail) {
         Longer<ns_link_channel_options> longer;
         return NewChannel(Fill(&longer, size, mtu, tail));
       }},
      {"ns_link_callback_options",
       [](uint32_t size, uint32_t mtu, uint8_t tail) {
         Longer<ns_link_callback_options> longer;
         return NewCallback(Fill(&longer, size, mtu, tail), &Transmit);
       }},
      {"ns_link_fd_options",
       [](uint32_t size, uint32_t mtu, uint8_t tail) {
         Longer<ns_link_fd_options> longer;
         const int descriptor = open("/dev/null", O_RDWR | O_CLOEXEC);
         Outcome outcome = NewFd(descriptor, Fill(&longer, size, mtu, tail));
         close(descriptor);
         return outcome;
       }},
  };
}

TEST(LinkMakeApiTest, SizeOfOptionsIsChecked) {
  for (const Maker& maker : Makers()) {
    SCOPED_TRACE(maker.name);
    for (const uint32_t size : {0u, 1u, 3u, 4'097u, UINT32_MAX}) {
      ExpectRefused(maker.make(size, 0, 0), maker.name);
    }
  }
}

TEST(LinkMakeApiTest, ShorterOptionsMeanTheDefaultsForTheRest) {
  for (const Maker& maker : Makers()) {
    SCOPED_TRACE(maker.name);
    const Outcome only_size = maker.make(4, 0xffff'ffff, 0);
    ASSERT_EQ(only_size.status, NS_OK) << only_size.message;
    EXPECT_EQ(ns_link_get_mtu(only_size.link.get()), 1'500u);
    const Outcome with_mtu = maker.make(8, 1'280, 0);
    ASSERT_EQ(with_mtu.status, NS_OK) << with_mtu.message;
    EXPECT_EQ(ns_link_get_mtu(with_mtu.link.get()), 1'280u);
  }
}

TEST(LinkMakeApiTest, LongerOptionsAreRefusedOnlyIfSomethingIsAsked) {
  const std::array<uint32_t, 3> sizes = {sizeof(Longer<ns_link_channel_options>),
                                         sizeof(Longer<ns_link_callback_options>),
                                         sizeof(Longer<ns_link_fd_options>)};
  const std::vector<Maker> makers = Makers();
  for (size_t i = 0; i < makers.size(); ++i) {
    SCOPED_TRACE(makers[i].name);
    EXPECT_EQ(makers[i].make(sizes[i], 0, 0).status, NS_OK);
    ExpectRefused(makers[i].make(sizes[i], 0, 1), makers[i].name, NS_ERR_UNSUPPORTED);
  }
}

TEST(LinkMakeApiTest, MtuIsChecked) {
  for (const Maker& maker : Makers()) {
    SCOPED_TRACE(maker.name);
    const Outcome largest = maker.make(8, NS_MTU_MAX, 0);
    EXPECT_EQ(ns_link_get_mtu(largest.link.get()), NS_MTU_MAX);
    ExpectRefused(maker.make(8, NS_MTU_MAX + 1, 0), "mtu");
    ExpectRefused(maker.make(8, UINT32_MAX, 0), "mtu");
  }
}

TEST(LinkMakeApiTest, ErrorNeedNotBeWanted) {
  ns_link* link = nullptr;
  EXPECT_EQ(ns_link_fd_new(-1, nullptr, &link, nullptr), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_link_tun_new(nullptr, nullptr, &link, nullptr), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_link_callback_new(nullptr, nullptr, nullptr, nullptr, &link, nullptr),
            NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_link_channel_new(nullptr, nullptr, nullptr), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(link, nullptr);
}

TEST(LinkMakeApiTest, PlaceForTheLinkIsNeeded) {
  ns_error* error = nullptr;
  int destroyed = 0;
  const std::array<std::function<ns_status()>, 4> calls = {
      [&] { return ns_link_channel_new(nullptr, nullptr, &error); },
      [&] { return ns_link_callback_new(nullptr, &Transmit, &destroyed, &Count, nullptr, &error); },
      [&] { return ns_link_fd_new(0, nullptr, nullptr, &error); },
      [&] { return ns_link_tun_new("tun0", nullptr, nullptr, &error); },
  };
  for (const auto& call : calls) {
    EXPECT_EQ(call(), NS_ERR_INVALID_ARGUMENT);
    EXPECT_NE(std::string(ns_error_message(error)).find("out_link"), std::string::npos);
    ns_error_free(error);
  }
  EXPECT_EQ(destroyed, 1);
}

TEST(LinkOptionsApiTest, InitSetsTheDefaultsInAnySize) {
  const auto channel = Defaults(&ns_link_channel_options_init);
  EXPECT_EQ(channel.mtu | channel.capacity | channel.reserved, 0u);
  EXPECT_EQ(channel.notify, nullptr);
  EXPECT_EQ(channel.user_data, nullptr);
  EXPECT_EQ(channel.destroy, nullptr);
  EXPECT_EQ(Defaults(&ns_link_callback_options_init).mtu, 0u);
  const auto fd = Defaults(&ns_link_fd_options_init);
  EXPECT_EQ(fd.mtu | fd.packet_information, 0u);
  const auto tun = Defaults(&ns_link_tun_options_init);
  EXPECT_EQ(tun.mtu, 0u);
  EXPECT_EQ(tun.host_addresses, nullptr);
  EXPECT_EQ(tun.host_address_count, 0u);
}

TEST(LinkOptionsApiTest, InitBearsNullAndOddSizes) {
  ns_link_channel_options_init(nullptr, 100);
  ns_link_callback_options_init(nullptr, 100);
  ns_link_fd_options_init(nullptr, 100);
  ns_link_tun_options_init(nullptr, 100);
  ns_link_fd_options options{7, 7, 7};
  ns_link_fd_options_init(&options, 3);
  EXPECT_EQ(options.struct_size, 7u) << "no room for a size";
  ns_link_fd_options_init(&options, 8);
  EXPECT_EQ(options.struct_size, 8u);
  EXPECT_EQ(options.mtu, 0u);
  EXPECT_EQ(options.packet_information, 7u) << "behind what the caller knows";
}

TEST(ChannelApiTest, RefusesWhatMakesNoSense) {
  auto options = Defaults(&ns_link_channel_options_init);
  options.capacity = 65'537;
  ExpectRefused(NewChannel(&options), "capacity");
  options.capacity = 65'536;
  options.mtu = 1;
  EXPECT_EQ(NewChannel(&options).status, NS_OK);
  options.reserved = 1;
  ExpectRefused(NewChannel(&options), "reserved", NS_ERR_UNSUPPORTED);
}

TEST(ChannelApiTest, UserDataIsDestroyedOnceAlsoOnFailure) {
  int destroyed = 0;
  auto options = Defaults(&ns_link_channel_options_init);
  options.user_data = &destroyed;
  options.destroy = &Count;
  {
    const Outcome made = NewChannel(&options);
    EXPECT_EQ(made.status, NS_OK);
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(destroyed, 1);
  int expected = 1;
  const std::array<std::function<void(ns_link_channel_options*)>, 6> faults = {
      [](auto* o) { o->mtu = UINT32_MAX; },   [](auto* o) { o->capacity = UINT32_MAX; },
      [](auto* o) { o->reserved = 1; },       [](auto* o) { o->struct_size = UINT32_MAX; },
      [](auto* o) { o->struct_size = 4097; }, [](auto* o) { o->mtu = 65'536; },
  };
  for (const auto& fault : faults) {
    ns_link_channel_options bad = options;
    fault(&bad);
    EXPECT_NE(NewChannel(&bad).status, NS_OK);
    EXPECT_EQ(destroyed, ++expected);
  }
  EXPECT_EQ(ns_link_channel_new(&options, nullptr, nullptr), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(destroyed, ++expected);
}

TEST(ChannelApiTest, UserDataBehindTheToldSizeIsNotLookedAt) {
  int destroyed = 0;
  auto options = Defaults(&ns_link_channel_options_init);
  options.user_data = &destroyed;
  options.destroy = &Count;
  for (const uint32_t size : {0u, 4u, 16u, uint32_t{offsetof(ns_link_channel_options, destroy)}}) {
    options.struct_size = size;
    static_cast<void>(NewChannel(&options));
  }
  EXPECT_EQ(destroyed, 0);
}

TEST(ChannelApiTest, ReadChecksItsArguments) {
  const Outcome made = NewChannel(nullptr);
  ns_link* const link = made.link.get();
  uint8_t buffer[8];
  size_t length = 99;
  EXPECT_EQ(ns_link_read(nullptr, buffer, sizeof buffer, &length), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(length, 0u);
  EXPECT_EQ(ns_link_read(link, buffer, sizeof buffer, nullptr), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_link_read(link, nullptr, 8, &length), NS_ERR_INVALID_ARGUMENT);
  length = 99;
  EXPECT_EQ(ns_link_read(link, buffer, sizeof buffer, &length), NS_ERR_WOULD_BLOCK);
  EXPECT_EQ(length, 0u);
  EXPECT_EQ(ns_link_read(link, nullptr, 0, &length), NS_ERR_WOULD_BLOCK);
}

TEST(ChannelApiTest, OnlyChannelsAreRead) {
  const Outcome made = NewCallback(nullptr, &Transmit);
  uint8_t buffer[8];
  size_t length = 99;
  EXPECT_EQ(ns_link_read(made.link.get(), buffer, sizeof buffer, &length), NS_ERR_UNSUPPORTED);
  EXPECT_EQ(length, 0u);
}

TEST(CallbackApiTest, UserDataIsDestroyedOnceAlsoOnFailure) {
  int destroyed = 0;
  {
    const Outcome made = NewCallback(nullptr, &Transmit, &destroyed, &Count);
    EXPECT_EQ(made.status, NS_OK);
    EXPECT_EQ(ns_link_get_mtu(made.link.get()), 1'500u);
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(destroyed, 1);
  ExpectRefused(NewCallback(nullptr, nullptr, &destroyed, &Count), "transmit");
  EXPECT_EQ(destroyed, 2);
  const ns_link_callback_options bad_size{3, 0};
  ExpectRefused(NewCallback(&bad_size, &Transmit, &destroyed, &Count), "struct_size");
  EXPECT_EQ(destroyed, 3);
}

TEST(FdApiTest, RefusesDescriptorsThatKeepNoPacketsApart) {
  std::array<int, 2> stream{-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, stream.data()), 0);
  ExpectRefused(NewFd(stream[0], nullptr), "stream socket");
  ExpectRefused(NewFd(-1, nullptr), "-1");
  ExpectRefused(NewFd(INT_MAX, nullptr), "not open");
  close(stream[0]);
  close(stream[1]);
}

TEST(FdApiTest, CallerKeepsItsDescriptor) {
  std::array<int, 2> ends{-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()), 0);
  auto options = Defaults(&ns_link_fd_options_init);
  options.packet_information = NS_PACKET_INFORMATION_UTUN;
  options.mtu = 1'280;
  {
    const Outcome made = NewFd(ends[0], &options);
    ASSERT_EQ(made.status, NS_OK) << made.message;
    EXPECT_EQ(ns_link_get_mtu(made.link.get()), 1'280u);
    EXPECT_EQ(ns_link_get_device(made.link.get(), nullptr, 0), NS_ERR_UNSUPPORTED);
  }
  EXPECT_EQ(write(ends[0], "x", 1), 1);
  options.packet_information = 3;
  ExpectRefused(NewFd(ends[0], &options), "packet_information");
  close(ends[0]);
  close(ends[1]);
}

TEST(TunApiTest, RefusesWhatMakesNoSense) {
  ExpectRefused(NewTun(nullptr, nullptr), "name");
  ExpectRefused(NewTun("", nullptr), "name");
  ExpectRefused(NewTun("a name that no device can have", nullptr), "name");
  auto options = Defaults(&ns_link_tun_options_init);
  options.struct_size = 3;
  ExpectRefused(NewTun("tun0", &options), "struct_size");
  options.struct_size = sizeof options;
  options.mtu = 67;
  ExpectRefused(NewTun("tun0", &options), "mtu");
  options.mtu = 0;
  options.host_address_count = 1;
  ExpectRefused(NewTun("tun0", &options), "host_addresses is NULL");

  std::array<ns_prefix, 2> addresses{};
  ASSERT_EQ(ns_prefix_parse("192.0.2.1/24", addresses.data()), NS_OK);
  options.host_addresses = addresses.data();
  options.host_address_count = 2;  // the second has no family
  ExpectRefused(NewTun("tun0", &options), "host_addresses[1]");
  options.host_address_count = SIZE_MAX;
  ExpectRefused(NewTun("tun0", &options), "host_address_count");
  options.host_address_count = 1;
  addresses[0].length = 33;
  ExpectRefused(NewTun("tun0", &options), "host_addresses[0]");
}

TEST(TunApiTest, DeviceHasNameMtuAndAddress) {
  InChild([] {
    const bool alone = unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 || unshare(CLONE_NEWNET) == 0;
    ASSERT_TRUE(alone) << "no network namespace: " << std::strerror(errno);
    ns_prefix address;
    ASSERT_EQ(ns_prefix_parse("2001:db8::1/64", &address), NS_OK);
    auto options = Defaults(&ns_link_tun_options_init);
    options.mtu = 1'400;
    options.host_addresses = &address;
    options.host_address_count = 1;
    const Outcome made = NewTun("test%d", &options);
    ASSERT_EQ(made.status, NS_OK) << made.message;
    EXPECT_EQ(ns_link_get_mtu(made.link.get()), 1'400u);

    char name[16] = "untouched";
    EXPECT_EQ(ns_link_get_device(made.link.get(), name, 5), NS_ERR_TOO_SMALL);
    EXPECT_STREQ(name, "untouched");
    EXPECT_EQ(ns_link_get_device(made.link.get(), nullptr, 0), NS_ERR_TOO_SMALL);
    EXPECT_EQ(ns_link_get_device(made.link.get(), nullptr, 16), NS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(ns_link_get_device(made.link.get(), name, 6), NS_OK);
    EXPECT_STREQ(name, "test0");
    ExpectRefused(NewTun("test0", nullptr), "test0", NS_ERR_BUSY);
  });
}

TEST(LinkApiTest, FunctionsBearNull) {
  char name[16];
  EXPECT_EQ(ns_link_get_mtu(nullptr), 0u);
  EXPECT_EQ(ns_link_get_device(nullptr, name, sizeof name), NS_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(ns_link_inject(nullptr, nullptr, 0), NS_ERR_INVALID_ARGUMENT);
  ns_link_free(nullptr);
}

TEST(LinkApiTest, PacketForALinkWithoutANicIsClosed) {
  const Outcome made = NewChannel(nullptr);
  const uint8_t packet[] = {0x45};
  EXPECT_EQ(ns_link_inject(made.link.get(), packet, sizeof packet), NS_ERR_CLOSED);
  EXPECT_EQ(ns_link_inject(made.link.get(), nullptr, 0), NS_ERR_CLOSED);
  EXPECT_EQ(ns_link_inject(made.link.get(), nullptr, 1), NS_ERR_INVALID_ARGUMENT);
}

TEST(LinkApiTest, ChildOfAForkMayOnlyFree) {
  std::array<int, 2> ends{-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
  Outcome channel = NewChannel(nullptr);
  Outcome fd = NewFd(ends[0], nullptr);
  close(ends[0]);
  InChild([&] {
    uint8_t buffer[8] = {0x45};
    char name[16];
    size_t length = 99;
    EXPECT_EQ(ns_link_read(channel.link.get(), buffer, sizeof buffer, &length), NS_ERR_CLOSED);
    EXPECT_EQ(length, 0u);
    for (const LinkPointer* link : {&channel.link, &fd.link}) {
      EXPECT_EQ(ns_link_inject(link->get(), buffer, 1), NS_ERR_CLOSED);
      EXPECT_EQ(ns_link_get_device(link->get(), name, sizeof name), NS_ERR_CLOSED);
    }
    channel.link.reset();
    fd.link.reset();
    const Outcome own = NewChannel(nullptr);
    EXPECT_EQ(own.status, NS_OK);
    EXPECT_EQ(ns_link_read(own.link.get(), buffer, sizeof buffer, &length), NS_ERR_WOULD_BLOCK);
  });
  // The parent's links are as they were.
  uint8_t buffer[8];
  size_t length = 0;
  EXPECT_EQ(ns_link_read(channel.link.get(), buffer, sizeof buffer, &length), NS_ERR_WOULD_BLOCK);
  EXPECT_EQ(send(ends[1], "x", 1, MSG_NOSIGNAL), 1) << "its descriptor is open";
  close(ends[1]);
}

}  // namespace
