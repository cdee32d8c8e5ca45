#include "stop_signals.h"

#include <atomic>

namespace program {

namespace {

static_assert(std::atomic<ns_stack*>::is_always_lock_free, "a signal handler may use it");
std::atomic<ns_stack*> stack_to_stop{nullptr};
volatile sig_atomic_t caught = 0;

void OnSignal(int /*signal*/) {
  caught = 1;
  ns_stack_stop(stack_to_stop.load());
}

}  // namespace

StopSignals::StopSignals(ns_stack* stack) noexcept {
  caught = 0;
  stack_to_stop = stack;
  struct sigaction action {};
  action.sa_handler = OnSignal;
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

StopSignals::~StopSignals() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
  stack_to_stop = nullptr;
}

bool StopSignals::Caught() noexcept { return caught != 0; }

}  // namespace program
