// Counts what a program takes from and gives back to the heap. A program that
// uses this gets an operator new of our own; with a sanitizer it keeps the
// sanitizer's, and malloc() counts too.
#ifndef NETSTACK_TESTING_ALLOCATIONS_H_
#define NETSTACK_TESTING_ALLOCATIONS_H_

#include <cstdint>

namespace netstack::testing {

// Calls of any operator new by this thread.
uint64_t AllocationsOfThread() noexcept;

// Objects of any operator new that were not deleted yet, by all threads.
int64_t LiveAllocations() noexcept;

}  // namespace netstack::testing

#endif  // NETSTACK_TESTING_ALLOCATIONS_H_
