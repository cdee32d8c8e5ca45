#include "allocations.h"

#include <malloc.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

// glibc's own allocator, under the names that let a program put something before it.
extern "C" {
void* __libc_malloc(size_t size) noexcept;
void* __libc_calloc(size_t count, size_t size) noexcept;
void* __libc_realloc(void* memory, size_t size) noexcept;
void* __libc_memalign(size_t alignment, size_t size) noexcept;
}

namespace {

constinit thread_local uint64_t allocations = 0;

}  // namespace

// Seen by the shared libraries too, whatever the language they are written in.
#define BENCH_EXPORT extern "C" __attribute__((visibility("default")))

BENCH_EXPORT void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}

BENCH_EXPORT void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}

BENCH_EXPORT void* realloc(void* memory, size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}

BENCH_EXPORT void* aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}

BENCH_EXPORT void* memalign(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}

BENCH_EXPORT int posix_memalign(void** memory, size_t alignment, size_t size) {
  ++allocations;
  void* const made = __libc_memalign(alignment, size);
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}

namespace bench {

uint64_t AllocationsOfThread() noexcept { return allocations; }

size_t HeapInUse() noexcept {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace bench
