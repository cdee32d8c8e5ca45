// A fork inside a callback: the child comes back through the library, which
// leaves devices, captures and answers to the parent.
#include <gtest/gtest.h>
#include <netstack/netstack.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ostream>
#include <string>

#include "sockets/sockets.h"
#include "support/device.h"
#include "support/handler.h"

namespace {

using support::Device;

// What forks. Each is called once while one request is on its way.
enum class Inside { kHandler, kRawNotify, kCaptureWrite };

std::ostream& operator<<(std::ostream& out, Inside inside) {
  static constexpr const char* kNames[] = {"Handler", "RawNotify", "CaptureWrite"};
  return out << kNames[static_cast<size_t>(inside)];
}

// Forks in its first call. The parent waits there until the child is through with
// everything, so that the two do not race for the device.
class Forker {
 public:
  void Call() {
    if (in_child_) ++calls_in_child_;
    if (forked_) return;
    forked_ = true;
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      in_child_ = true;
      return;
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    exit_code_ = WEXITSTATUS(status);
  }

  [[nodiscard]] bool in_child() const { return in_child_; }
  [[nodiscard]] int calls_in_child() const { return calls_in_child_; }
  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  bool forked_ = false;
  bool in_child_ = false;
  int calls_in_child_ = 0;
  int exit_code_ = -1;
};

class ForkInside : public testing::TestWithParam<Inside> {
 protected:
  ForkInside() {
    EXPECT_EQ(ns_capture_callback_new(Write, this, nullptr, &capture_, nullptr), NS_OK);
    EXPECT_EQ(ns_stack_set_capture(stack_.get(), 1, capture_, nullptr), NS_OK);
    handler_.InstallIn(stack_.get());
    ns_raw_socket_options options = NS_RAW_SOCKET_OPTIONS_INIT;
    options.notify = Notify;
    options.user_data = this;
    raw_ = support::NewRawSocket(stack_.get(), NS_FAMILY_IPV4, &options);
    armed_ = true;
  }
  ~ForkInside() override { ns_capture_free(capture_); }

  void Pass(Inside inside) {
    if (armed_ && inside == GetParam()) forker_.Call();
  }
  static void Write(void* self, const uint8_t*, size_t) {
    static_cast<ForkInside*>(self)->Pass(Inside::kCaptureWrite);
  }
  static void Notify(void* self) { static_cast<ForkInside*>(self)->Pass(Inside::kRawNotify); }

  Forker forker_;
  bool armed_ = false;
  support::StackHandle stack_ = support::NewStack();
  Device device_{stack_.get(), 1};
  ns_capture* capture_ = nullptr;
  support::Handler handler_{[this](ns_request request) {
    Pass(Inside::kHandler);
    static_cast<void>(ns_request_reply(request));
    return NS_VERDICT_DECLINED;
  }};
  support::RawSocketHandle raw_;
};

TEST_P(ForkInside, LeavesTheDeviceToTheParent) {
  for (int i = 0; i < 3; ++i) device_.Ask();
  size_t packets = 0;
  const ns_status status = ns_stack_poll(stack_.get(), &packets, nullptr);
  if (forker_.in_child()) _exit(status == NS_ERR_CLOSED && forker_.calls_in_child() == 0 ? 7 : 1);
  EXPECT_EQ(forker_.exit_code(), 7);
  EXPECT_EQ(status, NS_OK);
  // The child read none of them and answered none of them.
  EXPECT_EQ(packets, 3u);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(device_.IsAnswered());
  EXPECT_TRUE(device_.IsSilent());
}

INSTANTIATE_TEST_SUITE_P(A, ForkInside,
                         testing::Values(Inside::kHandler, Inside::kRawNotify,
                                         Inside::kCaptureWrite),
                         testing::PrintToStringParamName());

TEST(ForkInsideARun, EndsItInTheChild) {
  Forker forker;
  const support::StackHandle running = support::NewSystemStack();
  const Device device(running.get(), 1);
  const support::Handler handler([&](ns_request request) {
    forker.Call();
    if (!forker.in_child()) ns_stack_stop(running.get());
    static_cast<void>(ns_request_reply(request));
    return NS_VERDICT_CONSUMED;
  });
  handler.InstallIn(running.get());
  device.Ask();
  const ns_status status = ns_stack_run(running.get(), nullptr);
  if (forker.in_child()) _exit(status == NS_ERR_CLOSED ? 7 : 1);
  EXPECT_EQ(forker.exit_code(), 7);
  EXPECT_EQ(status, NS_OK);
  EXPECT_TRUE(device.IsAnswered());
  EXPECT_TRUE(device.IsSilent());
}

}  // namespace
