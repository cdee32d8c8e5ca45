// A program that is started by another process gets none of our descriptors.
#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <cstdlib>
#include <memory>
#include <set>
#include <string>

#include "support/device.h"
#include "support/handler.h"

namespace {

using support::Device;

std::set<int> OpenDescriptors() {
  std::set<int> open;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
  while (const dirent* const entry = readdir(folder.get())) {
    const int number = std::atoi(entry->d_name);
    if (entry->d_name[0] != '.' && number != dirfd(folder.get())) open.insert(number);
  }
  return open;
}

// Those that are open now, were not before, and would be passed on.
std::set<int> PassedOn(const std::set<int>& before, size_t* opened) {
  std::set<int> passed_on;
  *opened = 0;
  for (const int number : OpenDescriptors()) {
    if (before.contains(number)) continue;
    ++*opened;
    if ((fcntl(number, F_GETFD) & FD_CLOEXEC) == 0) passed_on.insert(number);
  }
  return passed_on;
}

TEST(Descriptors, OfAStackALinkAndACaptureAreCloseOnExec) {
  const std::string path = testing::TempDir() + "netstack_descriptors_test.pcap";
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
  const std::set<int> before = OpenDescriptors();
  {
    const support::StackHandle stack = support::NewSystemStack();
    ns_link* link = nullptr;
    ASSERT_EQ(ns_link_fd_new(ends[0], nullptr, &link, nullptr), NS_OK);
    const support::LinkHandle owned_link(link);
    ASSERT_EQ(ns_stack_add_nic(stack.get(), 1, link, nullptr, nullptr), NS_OK);
    ns_capture* capture = nullptr;
    ASSERT_EQ(ns_capture_file_new(path.c_str(), &capture, nullptr), NS_OK);
    const support::CaptureHandle owned_capture(capture);
    size_t opened = 0;
    EXPECT_EQ(PassedOn(before, &opened), std::set<int>{});
    EXPECT_GE(opened, 3u);  // one of each at least
  }
  EXPECT_EQ(OpenDescriptors(), before);
  close(ends[0]);
  close(ends[1]);
  EXPECT_EQ(std::remove(path.c_str()), 0);
}

// While a ping waits it has descriptors of its own.
TEST(Descriptors, OfAPingAreCloseOnExec) {
  const support::StackHandle stack = support::NewSystemStack();
  struct Look {
    std::set<int> before;
    std::set<int> passed_on;
    size_t opened = 0;
  } look;
  const auto transmit = [](void* data, const uint8_t*, size_t) -> ns_status {
    auto* const self = static_cast<Look*>(data);
    self->passed_on = PassedOn(self->before, &self->opened);
    return NS_OK;
  };
  ns_link* link = nullptr;
  ASSERT_EQ(ns_link_callback_new(nullptr, transmit, &look, nullptr, &link, nullptr), NS_OK);
  const support::LinkHandle owned(link);
  ASSERT_EQ(ns_stack_add_nic(stack.get(), 1, link, nullptr, nullptr), NS_OK);
  ASSERT_EQ(ns_stack_add_address(stack.get(), 1, "192.168.0.1/24", nullptr), NS_OK);
  look.before = OpenDescriptors();
  const ns_address peer = support::Address("192.168.0.2");
  ns_ping_options options = NS_PING_OPTIONS_INIT;
  options.timeout_ns = 1;
  EXPECT_EQ(ns_ping(stack.get(), &peer, &options, nullptr, nullptr, nullptr), NS_ERR_TIMED_OUT);
  EXPECT_EQ(look.passed_on, std::set<int>{});
  EXPECT_GE(look.opened, 1u);
  EXPECT_EQ(OpenDescriptors(), look.before);
}

// A loop of one device has one of its own to wait with.
TEST(Descriptors, OfASecondLoopAreCloseOnExec) {
  const support::StackHandle stack = support::NewSystemStack();
  const Device first(stack.get(), 1);
  const Device second(stack.get(), 2);
  const std::set<int> before = OpenDescriptors();
  std::atomic<bool> looked{false};
  std::set<int> passed_on;
  size_t opened = 0;
  const support::Handler handler([&](ns_request request) {
    if (!looked) {
      passed_on = PassedOn(before, &opened);
      if (opened != 0) looked = true;
    }
    EXPECT_EQ(ns_request_reply(request), NS_OK);
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(stack.get());
  std::vector<std::thread> loops;
  for (int i = 0; i < 2; ++i) {
    loops.emplace_back([&] { EXPECT_EQ(ns_stack_run(stack.get(), nullptr), NS_OK); });
  }
  while (!looked) {  // until the second loop is there
    first.Ask();
    EXPECT_TRUE(first.IsAnswered());
  }
  ns_stack_stop(stack.get());
  for (std::thread& loop : loops) loop.join();
  EXPECT_EQ(passed_on, std::set<int>{});
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
