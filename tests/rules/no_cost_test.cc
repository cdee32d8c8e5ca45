// An echo takes nothing from the heap: not with a handler, and not without one.
//
// The library's operator new is its own, so what is counted is what that one
// calls: malloc and its kin, by definitions of ours that stand before those of
// the C library. A sanitizer has hooks for that.
#include <gtest/gtest.h>
#include <netstack/netstack.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "support/handler.h"
#include "support/wire.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NETSTACK_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NETSTACK_SANITIZED 1
#endif
#endif

namespace {
constinit thread_local uint64_t allocations = 0;
}  // namespace

#if defined(NETSTACK_SANITIZED)
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           size_t),
                                                         void (*on_free)(const volatile void*));
#else
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) noexcept {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) noexcept {
  ++allocations;
  return __libc_realloc(memory, size);
}
void* aligned_alloc(size_t alignment, size_t size) noexcept {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  ++allocations;
  *memory = __libc_memalign(alignment, size);
  return *memory != nullptr ? 0 : ENOMEM;
}
}
#endif

namespace {

using support::Build;
using support::Bytes;
using support::EchoRequestTo;
using support::Handler;
using support::Wire;

void CountAllocations() {
#if defined(NETSTACK_SANITIZED)
  static const int installed = __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void*, size_t) { ++allocations; }, [](const volatile void*) {});
  ASSERT_NE(installed, 0);
#endif
}

class Echo : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { CountAllocations(); }

  // What one packet takes, when those before it have taken what lasts.
  void ExpectNothingTaken() {
    const Bytes packet = Build(EchoRequestTo(GetParam()));
    for (int i = 0; i < 3; ++i) ASSERT_EQ(support::Inject(wire_.link(), packet), NS_OK);
    const uint64_t before = allocations;
    const ns_status status = ns_link_inject(wire_.link(), packet.data(), packet.size());
    const uint64_t after = allocations;
    EXPECT_EQ(status, NS_OK);
    EXPECT_EQ(after - before, 0u);
  }

  Wire wire_;
};

INSTANTIATE_TEST_SUITE_P(Of, Echo, testing::Values("192.168.0.1", "a::1"),
                         [](const auto& each) { return each.index == 0 ? "Ipv4" : "Ipv6"; });

TEST_P(Echo, TakesNothingFromTheHeapWithoutAHandler) {
  ExpectNothingTaken();
  EXPECT_EQ(support::Drain(wire_.link()).size(), 4u);
}

TEST_P(Echo, TakesNothingFromTheHeapWithAHandlerThatReplies) {
  ns_icmp_forwarder* made = nullptr;
  const auto reply = [](void*, ns_request request) -> ns_verdict {
    return ns_request_reply(request) == NS_OK ? NS_VERDICT_CONSUMED : -1;
  };
  ASSERT_EQ(ns_icmp_forwarder_new(nullptr, reply, nullptr, nullptr, &made, nullptr), NS_OK);
  const support::ForwarderHandle forwarder(made);
  ASSERT_EQ(ns_stack_set_icmp_forwarder(wire_.stack(), NS_FAMILY_ANY, made, nullptr), NS_OK);
  ExpectNothingTaken();
  EXPECT_EQ(support::Drain(wire_.link()).size(), 4u);
}

// That the tests above can fail.
TEST_P(Echo, ThatAHandlerKeepsIsSeenToTakeMemory) {
  const auto keep = [](void*, ns_request request) -> ns_verdict {
    ns_packet* packet = nullptr;
    EXPECT_EQ(ns_request_ref_packet(request, &packet), NS_OK);
    ns_packet_unref(packet);
    return NS_VERDICT_CONSUMED;
  };
  ns_icmp_forwarder* made = nullptr;
  ASSERT_EQ(ns_icmp_forwarder_new(nullptr, keep, nullptr, nullptr, &made, nullptr), NS_OK);
  const support::ForwarderHandle forwarder(made);
  ASSERT_EQ(ns_stack_set_icmp_forwarder(wire_.stack(), NS_FAMILY_ANY, made, nullptr), NS_OK);
  const Bytes packet = Build(EchoRequestTo(GetParam()));
  ASSERT_EQ(support::Inject(wire_.link(), packet), NS_OK);
  const uint64_t before = allocations;
  ASSERT_EQ(support::Inject(wire_.link(), packet), NS_OK);
  EXPECT_GT(allocations, before);
}

}  // namespace
