/**
 * @file
 * Random sources: where a stack's unpredictable numbers come from. Without one
 * of these a stack uses the system's.
 *
 * A source is shared: a stack keeps its own reference.
 */
#ifndef NETSTACK_RANDOM_H
#define NETSTACK_RANDOM_H

#include <netstack/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A source of random numbers. Made by ns_random_*_new(), freed by the caller. */
typedef struct ns_random ns_random;

/**
 * Makes a source that gives the same numbers for the same seed, on every
 * machine. For tests and replays, not for secrets. [any thread]
 *
 * @param seed       Any number.
 * @param out_random Receives a source that the caller owns, or NULL.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_random_seeded_new(uint64_t seed,
                                                   ns_random **out_random) NS_NOEXCEPT;

/** 64 random bits. May be called by any thread; calls may overlap. */
typedef uint64_t (*ns_random_next_fn)(void *user_data);

/**
 * Makes a source out of the embedder's function. [any thread]
 *
 * @param next       Gives the next number.
 * @param user_data  Passed to next and destroy.
 * @param destroy    May be NULL. See base.h for its rules.
 * @param out_random Receives a source that the caller owns, or NULL.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_random_callback_new(ns_random_next_fn next, void *user_data,
                                                     ns_destroy_fn destroy,
                                                     ns_random **out_random) NS_NOEXCEPT;

/**
 * Gives the caller's reference back. [any thread]
 *
 * @param random May be NULL.
 * @since 0.1
 */
NS_API void ns_random_free(ns_random *random) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_RANDOM_H */
