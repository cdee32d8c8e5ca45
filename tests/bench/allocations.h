// Counts what this program, and every library in it, takes from the heap.
#ifndef NETSTACK_TESTS_BENCH_ALLOCATIONS_H_
#define NETSTACK_TESTS_BENCH_ALLOCATIONS_H_

#include <cstddef>
#include <cstdint>

namespace bench {

// Calls of malloc() and its like by this thread.
uint64_t AllocationsOfThread() noexcept;

// Bytes of the heap in use by all threads, with the allocator's own overhead.
size_t HeapInUse() noexcept;

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_ALLOCATIONS_H_
