// How often the tests here try what goes wrong seldom.
#ifndef NETSTACK_TESTS_LIFETIMES_TRIES_H_
#define NETSTACK_TESTS_LIFETIMES_TRIES_H_

#include <cstdint>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NETSTACK_TESTS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NETSTACK_TESTS_SANITIZED 1
#endif
#endif

namespace support {

// A sanitizer sees in one try what without it takes luck in many, and makes each
// one ten times as long or more: there a twentieth of them has to do.
#if defined(NETSTACK_TESTS_SANITIZED)
inline constexpr uint64_t kTriesDivisor = 20;
#else
inline constexpr uint64_t kTriesDivisor = 1;
#endif

constexpr uint64_t Tries(uint64_t without_sanitizer) { return without_sanitizer / kTriesDivisor; }

}  // namespace support

#endif  // NETSTACK_TESTS_LIFETIMES_TRIES_H_
