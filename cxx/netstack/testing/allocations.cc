#include "netstack/testing/allocations.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "netstack/base/sanitizer.h"

#if defined(NETSTACK_BASE_ADDRESS_SANITIZER) || defined(NETSTACK_BASE_THREAD_SANITIZER)
#define NETSTACK_TESTING_SANITIZED_HEAP 1
#endif

namespace {

constinit thread_local uint64_t allocations = 0;
constinit std::atomic<int64_t> live{0};

void CountAllocation() noexcept {
  ++allocations;
  live.fetch_add(1, std::memory_order_relaxed);
}
void CountFree() noexcept { live.fetch_sub(1, std::memory_order_relaxed); }

}  // namespace

#if defined(NETSTACK_TESTING_SANITIZED_HEAP)

// The sanitizer has operators of its own, which find errors: they stay, and tell us.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           size_t),
                                                         void (*on_free)(const volatile void*));

namespace {

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, size_t) { CountAllocation(); },
    [](const volatile void* memory) {
      if (memory != nullptr) CountFree();
    });

}  // namespace

#else

namespace {

void* Allocate(std::size_t size, std::size_t alignment) noexcept {
  // aligned_alloc() wants whole multiples.
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const memory = alignment <= alignof(std::max_align_t)
                           ? std::malloc(size == 0 ? 1 : size)
                           : std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) return nullptr;
  CountAllocation();
  return memory;
}

void* AllocateOrThrow(std::size_t size, std::size_t alignment) {
  void* const memory = Allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void Free(void* memory) noexcept {
  if (memory != nullptr) CountFree();
  std::free(memory);
}

constexpr std::size_t Bytes(std::align_val_t alignment) noexcept {
  return static_cast<std::size_t>(alignment);
}

}  // namespace

void* operator new(std::size_t n) { return AllocateOrThrow(n, 1); }
void* operator new[](std::size_t n) { return AllocateOrThrow(n, 1); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return Allocate(n, 1); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return Allocate(n, 1); }
void* operator new(std::size_t n, std::align_val_t a) { return AllocateOrThrow(n, Bytes(a)); }
void* operator new[](std::size_t n, std::align_val_t a) { return AllocateOrThrow(n, Bytes(a)); }
void* operator new(std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return Allocate(n, Bytes(a));
}
void* operator new[](std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return Allocate(n, Bytes(a));
}
void operator delete(void* p) noexcept { Free(p); }
void operator delete[](void* p) noexcept { Free(p); }
void operator delete(void* p, std::size_t) noexcept { Free(p); }
void operator delete[](void* p, std::size_t) noexcept { Free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { Free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { Free(p); }
void operator delete(void* p, std::align_val_t) noexcept { Free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { Free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { Free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { Free(p); }
void operator delete(void* p, std::align_val_t, const std::nothrow_t&) noexcept { Free(p); }
void operator delete[](void* p, std::align_val_t, const std::nothrow_t&) noexcept { Free(p); }

#endif

namespace netstack::testing {

uint64_t AllocationsOfThread() noexcept { return allocations; }
int64_t LiveAllocations() noexcept { return live.load(std::memory_order_relaxed); }

}  // namespace netstack::testing
