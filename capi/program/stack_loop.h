// One step of a loop of our own around a stack: wait, then let the stack work.
#ifndef CAPI_PROGRAM_STACK_LOOP_H_
#define CAPI_PROGRAM_STACK_LOOP_H_

#include <netstack/stack.h>
#include <poll.h>

#include <cstdint>
#include <span>

namespace program {

// Nanoseconds by the clock that stacks use.
[[nodiscard]] uint64_t Now() noexcept;

// Waits until one of `descriptors` is ready, the stack has something to do, or
// `deadline_ns` has come; then calls ns_stack_poll(). The first entry of
// `descriptors` is the stack's to fill in, the others the caller's. A signal
// ends the wait. Throws a Failure if a device is gone.
void Step(ns_stack* stack, std::span<pollfd> descriptors, uint64_t deadline_ns);

}  // namespace program

#endif  // CAPI_PROGRAM_STACK_LOOP_H_
