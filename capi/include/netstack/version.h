/**
 * @file
 * The version of these headers, and of the library that runs.
 */
#ifndef NETSTACK_VERSION_H
#define NETSTACK_VERSION_H

#include <netstack/base.h>

/** Rises when programs must change; from 1.0 on. */
#define NS_VERSION_MAJOR 0
/** Rises with what is new; before 1.0 each has an ABI of its own. */
#define NS_VERSION_MINOR 1
/** Rises with what is mended. */
#define NS_VERSION_PATCH 0
/** The three, with dots between them. */
#define NS_VERSION_STRING "0.1.0"

/** The ABI that these headers describe; compare with ns_abi_version(). */
#define NS_ABI_VERSION ((NS_VERSION_MAJOR * 0x10000u) | NS_VERSION_MINOR)

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The ABI of the library that runs: major << 16 | minor. [pure]
 *
 * Before 1.0 a program needs exactly the value it was compiled with; from 1.0
 * on the same major and at least the same minor.
 *
 * @return The ABI; compare with NS_ABI_VERSION.
 * @since 0.1
 */
NS_API uint32_t ns_abi_version(void) NS_NOEXCEPT;

/**
 * The version of the library that runs, as "MAJOR.MINOR.PATCH". [pure]
 *
 * @return A string of the library, never NULL, valid for ever.
 * @since 0.1
 */
NS_API const char *ns_version_string(void) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_VERSION_H */
