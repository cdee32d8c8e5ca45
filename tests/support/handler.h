// A forwarder whose handler is any function object, and which notes its calls.
#ifndef NETSTACK_TESTS_SUPPORT_HANDLER_H_
#define NETSTACK_TESTS_SUPPORT_HANDLER_H_

#include <gtest/gtest.h>
#include <netstack/icmp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "support/handles.h"

namespace support {

class Handler {
 public:
  using Body = std::function<ns_verdict(ns_request)>;

  explicit Handler(Body body, uint32_t flags = 0) : state_(std::make_shared<State>()) {
    state_->body = std::move(body);
    ns_icmp_forwarder_options options = NS_ICMP_FORWARDER_OPTIONS_INIT;
    options.flags = flags;
    ns_icmp_forwarder* forwarder = nullptr;
    Error error;
    EXPECT_EQ(ns_icmp_forwarder_new(&options, &Call, new std::shared_ptr<State>(state_), &Destroy,
                                    &forwarder, error.out()),
              NS_OK)
        << error.message();
    forwarder_.reset(forwarder);
  }

  // A handler that only ever says this.
  static Handler Saying(ns_verdict verdict) {
    return Handler([verdict](ns_request) { return verdict; });
  }

  [[nodiscard]] ns_icmp_forwarder* get() const { return forwarder_.get(); }
  void Free() { forwarder_.reset(); }

  void InstallIn(ns_stack* stack, ns_family family = NS_FAMILY_ANY) const {
    Error error;
    EXPECT_EQ(ns_stack_set_icmp_forwarder(stack, family, get(), error.out()), NS_OK)
        << error.message();
  }

  [[nodiscard]] int calls() const { return state_->calls.load(); }
  [[nodiscard]] int running() const { return state_->running.load(); }
  [[nodiscard]] int destroyed() const { return state_->destroyed.load(); }
  // Calls that began, or were under way, when destroy had run.
  [[nodiscard]] int calls_after_destroy() const { return state_->after_destroy.load(); }

 private:
  struct State {
    Body body;
    std::atomic<int> calls{0};
    std::atomic<int> running{0};
    std::atomic<int> destroyed{0};
    std::atomic<int> after_destroy{0};
  };

  static ns_verdict Call(void* user_data, ns_request request) {
    const std::shared_ptr<State> state = *static_cast<std::shared_ptr<State>*>(user_data);
    ++state->calls;
    ++state->running;
    const ns_verdict verdict = state->body(request);
    --state->running;
    if (state->destroyed.load() != 0) ++state->after_destroy;
    return verdict;
  }

  static void Destroy(void* user_data) {
    const std::unique_ptr<std::shared_ptr<State>> owned(
        static_cast<std::shared_ptr<State>*>(user_data));
    if ((*owned)->running.load() != 0) ++(*owned)->after_destroy;
    ++(*owned)->destroyed;
  }

  std::shared_ptr<State> state_;
  ForwarderHandle forwarder_;
};

inline void RemoveForwarder(ns_stack* stack, ns_family family = NS_FAMILY_ANY) {
  EXPECT_EQ(ns_stack_set_icmp_forwarder(stack, family, nullptr, nullptr), NS_OK);
}

inline ns_packet_info InfoOf(ns_request request) {
  ns_packet_info info{};
  EXPECT_EQ(ns_request_get_info(request, &info, sizeof info), NS_OK);
  return info;
}

}  // namespace support

#endif  // NETSTACK_TESTS_SUPPORT_HANDLER_H_
