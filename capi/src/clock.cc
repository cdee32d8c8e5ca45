#include "netstack/base/clock.h"

#include <netstack/clock.h>

#include "netstack/base/entry.h"
#include "netstack/base/thread_record.h"
#include "netstack/base/user_call.h"
#include "netstack/base/user_data.h"
#include "options.h"
#include "stack_handle.h"

namespace {

using netstack::base::Error;
using netstack::base::Invalid;
using netstack::base::Status;
using netstack::base::ThreadRecord;
using netstack::base::UserCall;
using netstack::base::UserData;

// A clock of the embedder's functions. They are user code like any other: no
// call that they make waits for a handler.
class CallbackClock final : public netstack::base::Clock {
 public:
  CallbackClock(ns_clock_now_fn now, const ns_clock_options& options, UserData user_data) noexcept
      : now_(now),
        wall_now_(options.wall_now != nullptr ? options.wall_now : now),
        wait_(options.wait),
        user_data_(std::move(user_data)) {}

  uint64_t Now() noexcept override { return Call(now_); }
  uint64_t WallNow() noexcept override { return Call(wall_now_); }
  [[nodiscard]] bool can_wait() const noexcept override { return wait_ != nullptr; }
  Status Wait(int descriptor, uint64_t deadline) noexcept override {
    // As long as it takes, and without an Entry: that would keep what others free.
    ThreadRecord* const thread = Enter();
    if (thread == nullptr) return Status::kNoMemory;
    const UserCall call(*thread);
    return static_cast<Status>(wait_(user_data_.get(), descriptor, deadline));
  }

 private:
  // Callbacks that were left without returning are over.
  static ThreadRecord* Enter() noexcept {
    const netstack::base::Entry entry;
    return entry ? &entry.thread() : nullptr;
  }
  uint64_t Call(ns_clock_now_fn function) noexcept {
    ThreadRecord* const thread = ThreadRecord::Current();
    if (thread == nullptr) return function(user_data_.get());
    const UserCall call(*thread);
    return function(user_data_.get());
  }

  const ns_clock_now_fn now_;
  const ns_clock_now_fn wall_now_;
  const ns_clock_wait_fn wait_;
  const UserData user_data_;
};

}  // namespace

void ns_clock_options_init(ns_clock_options* options, size_t size) noexcept {
  netstack::capi::InitOptions<ns_clock_options>(options, size, NS_CLOCK_OPTIONS_INIT);
}

ns_status ns_clock_manual_new(uint64_t start_ns, ns_clock** out_clock) noexcept {
  return netstack::capi::Guard([&] {
    if (out_clock == nullptr) return Status::kInvalidArgument;
    *out_clock = nullptr;
    *out_clock = new ns_clock{std::make_shared<netstack::base::ManualClock>(start_ns), {}};
    return Status::kOk;
  });
}

ns_status ns_clock_advance(ns_clock* clock, uint64_t nanoseconds) noexcept {
  if (clock == nullptr) return NS_ERR_INVALID_ARGUMENT;
  if (clock->origin.inherited()) return NS_ERR_CLOSED;
  auto* const manual = dynamic_cast<netstack::base::ManualClock*>(clock->clock.get());
  if (manual == nullptr) return NS_ERR_UNSUPPORTED;
  manual->Advance(nanoseconds);
  return NS_OK;
}

ns_status ns_clock_callback_new(const ns_clock_options* options, ns_clock_now_fn now,
                                void* user_data, ns_destroy_fn destroy, ns_clock** out_clock,
                                ns_error** out_error) noexcept {
  UserData owned(user_data, destroy);
  if (out_clock != nullptr) *out_clock = nullptr;
  return netstack::capi::Guard(out_error, [&]() -> Error {
    if (out_clock == nullptr) return Invalid("out_clock is NULL");
    if (now == nullptr) return Invalid("now is NULL");
    ns_clock_options read = NS_CLOCK_OPTIONS_INIT;
    if (Error e = netstack::capi::ReadOptions(options, "ns_clock_options", &read); !e.ok()) {
      return e;
    }
    if (read.reserved != 0) {
      return {Status::kUnsupported,
              "ns_clock_options.reserved is not 0; a newer version of the library may know what it "
              "means"};
    }
    *out_clock = new ns_clock{std::make_shared<CallbackClock>(now, read, std::move(owned)), {}};
    return {};
  });
}

uint64_t ns_clock_get_now(const ns_clock* clock) noexcept {
  return clock != nullptr && !clock->origin.inherited() ? clock->clock->Now() : 0;
}

void ns_clock_free(ns_clock* clock) noexcept { delete clock; }
