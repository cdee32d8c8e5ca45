// A forwarder whose handler is a function that a test writes in place.
#ifndef NETSTACK_TESTING_SCRIPTED_FORWARDER_H_
#define NETSTACK_TESTING_SCRIPTED_FORWARDER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "netstack/base/ref.h"
#include "netstack/base/user_data.h"
#include "netstack/icmp/forwarder.h"

namespace netstack::testing {

// Keeps count of its calls and of its end. The function lives as long as the
// forwarder is installed somewhere; what it refers to must, too.
class ScriptedForwarder {
 public:
  using Function = std::function<int32_t(uint64_t request)>;

  explicit ScriptedForwarder(Function function, bool echo_replies = false)
      : state_(std::make_shared<State>(std::move(function))) {
    base::UserData data(new std::shared_ptr<State>(state_), &Destroy);
    auto* const made = new icmp::Forwarder(&Call, std::move(data), echo_replies);
    forwarder_ = base::Ref<icmp::Forwarder>(made);
    made->Unref();
  }
  ScriptedForwarder(const ScriptedForwarder&) = delete;
  ScriptedForwarder& operator=(const ScriptedForwarder&) = delete;

  [[nodiscard]] icmp::Forwarder* get() const { return forwarder_.get(); }
  // The maker's own reference goes.
  void LetGo() { forwarder_ = {}; }

  [[nodiscard]] int calls() const { return state_->calls.load(); }
  [[nodiscard]] int destroyed() const { return state_->destroyed.load(); }

 private:
  struct State {
    explicit State(Function f) : function(std::move(f)) {}
    const Function function;
    std::atomic<int> calls{0};
    std::atomic<int> destroyed{0};
  };

  static int32_t Call(void* data, uint64_t request) {
    State& state = **static_cast<std::shared_ptr<State>*>(data);
    state.calls.fetch_add(1);
    return state.function(request);
  }
  static void Destroy(void* data) {
    auto* const state = static_cast<std::shared_ptr<State>*>(data);
    (*state)->destroyed.fetch_add(1);
    delete state;
  }

  const std::shared_ptr<State> state_;
  base::Ref<icmp::Forwarder> forwarder_;
};

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_SCRIPTED_FORWARDER_H_
