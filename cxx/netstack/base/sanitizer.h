// Which checker looks on: gcc and clang say it in different ways.
#ifndef NETSTACK_BASE_SANITIZER_H_
#define NETSTACK_BASE_SANITIZER_H_

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NETSTACK_BASE_THREAD_SANITIZER 1
#endif
#if __has_feature(address_sanitizer)
#define NETSTACK_BASE_ADDRESS_SANITIZER 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define NETSTACK_BASE_THREAD_SANITIZER 1
#endif
#if defined(__SANITIZE_ADDRESS__)
#define NETSTACK_BASE_ADDRESS_SANITIZER 1
#endif

#endif  // NETSTACK_BASE_SANITIZER_H_
