#include "netstack/base/random.h"

#include <netstack/random.h>

#include "netstack/base/thread_record.h"
#include "netstack/base/user_call.h"
#include "netstack/base/user_data.h"
#include "stack_handle.h"

namespace {

using netstack::base::Status;
using netstack::base::ThreadRecord;
using netstack::base::UserCall;
using netstack::base::UserData;

class CallbackRandom final : public netstack::base::Random {
 public:
  CallbackRandom(ns_random_next_fn next, UserData user_data) noexcept
      : next_(next), user_data_(std::move(user_data)) {}

  uint64_t Next() noexcept override {
    ThreadRecord* const thread = ThreadRecord::Current();
    if (thread == nullptr) return next_(user_data_.get());
    const UserCall call(*thread);
    return next_(user_data_.get());
  }

 private:
  const ns_random_next_fn next_;
  const UserData user_data_;
};

}  // namespace

ns_status ns_random_seeded_new(uint64_t seed, ns_random** out_random) noexcept {
  return netstack::capi::Guard([&] {
    if (out_random == nullptr) return Status::kInvalidArgument;
    *out_random = nullptr;
    *out_random = new ns_random{std::make_shared<netstack::base::SeededRandom>(seed), {}};
    return Status::kOk;
  });
}

ns_status ns_random_callback_new(ns_random_next_fn next, void* user_data, ns_destroy_fn destroy,
                                 ns_random** out_random) noexcept {
  UserData owned(user_data, destroy);
  return netstack::capi::Guard([&] {
    if (out_random == nullptr) return Status::kInvalidArgument;
    *out_random = nullptr;
    if (next == nullptr) return Status::kInvalidArgument;
    *out_random = new ns_random{std::make_shared<CallbackRandom>(next, std::move(owned)), {}};
    return Status::kOk;
  });
}

void ns_random_free(ns_random* random) noexcept { delete random; }
