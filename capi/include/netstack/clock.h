/**
 * @file
 * Clocks: where a stack's time comes from. Without one of these a stack uses
 * the system's.
 *
 * Times are nanoseconds. A clock is shared: a stack keeps its own reference.
 */
#ifndef NETSTACK_CLOCK_H
#define NETSTACK_CLOCK_H

#include <netstack/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A source of time. Made by ns_clock_*_new(), freed by the caller. */
typedef struct ns_clock ns_clock;

/** A time that never comes. */
#define NS_TIME_NEVER UINT64_MAX

/**
 * Makes a clock that stands still until ns_clock_advance(). [any thread]
 *
 * A stack with such a clock is driven by ns_stack_poll(); ns_stack_run() refuses
 * it, since it can't wait.
 *
 * @param start_ns  The first time it shows; also as wall time, since 1970 UTC.
 * @param out_clock Receives a clock that the caller owns, or NULL.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_clock_manual_new(uint64_t start_ns,
                                                  ns_clock **out_clock) NS_NOEXCEPT;

/**
 * Moves a manual clock on. Timers that become due run at the next
 * ns_stack_poll(). [any thread]
 *
 * @param clock       A manual clock.
 * @param nanoseconds How far.
 * @return NS_OK; NS_ERR_UNSUPPORTED: the clock is not a manual one;
 *         NS_ERR_INVALID_ARGUMENT.
 * @since 0.1
 */
NS_API ns_status ns_clock_advance(ns_clock *clock, uint64_t nanoseconds) NS_NOEXCEPT;

/** The time now: in nanoseconds, never going back. May be called by any thread. */
typedef uint64_t (*ns_clock_now_fn)(void *user_data);

/**
 * Waits until `descriptor` is readable or the clock shows `deadline_ns`
 * (NS_TIME_NEVER: no deadline). Returning early is allowed.
 *
 * @return NS_OK; anything else ends ns_stack_run() with that status.
 */
typedef ns_status (*ns_clock_wait_fn)(void *user_data, int descriptor, uint64_t deadline_ns);

/** What a clock of the embedder's is made of. Start from the INIT macro. */
typedef struct ns_clock_options {
    uint32_t struct_size;     /**< sizeof this struct, as the caller knows it. */
    uint32_t reserved;        /**< 0. */
    ns_clock_now_fn wall_now; /**< Since 1970 UTC, for captures; NULL: the time now. */
    ns_clock_wait_fn wait;    /**< NULL: ns_stack_run() refuses the clock. */
} ns_clock_options;

/** Initialises options to the defaults. */
#define NS_CLOCK_OPTIONS_INIT \
    { sizeof(ns_clock_options), 0u, NULL, NULL }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_clock_options_init(ns_clock_options *options, size_t size) NS_NOEXCEPT;

/**
 * Makes a clock out of the embedder's functions. [any thread]
 *
 * @param options   NULL for the defaults. Borrowed for the call.
 * @param now       The time now.
 * @param user_data Passed to every function of the clock.
 * @param destroy   May be NULL. See base.h for its rules.
 * @param out_clock Receives a clock that the caller owns, or NULL.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_UNSUPPORTED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_clock_callback_new(const ns_clock_options *options,
                                                    ns_clock_now_fn now, void *user_data,
                                                    ns_destroy_fn destroy, ns_clock **out_clock,
                                                    ns_error **out_error) NS_NOEXCEPT;

/**
 * The time that a clock shows; 0 for NULL, and in the child of a fork for what it
 * inherited. [any thread]
 *
 * @param clock May be NULL.
 * @return Nanoseconds, by the clock's own zero.
 * @since 0.1
 */
NS_API uint64_t ns_clock_get_now(const ns_clock *clock) NS_NOEXCEPT;

/**
 * Gives the caller's reference back. [any thread]
 *
 * @param clock May be NULL.
 * @since 0.1
 */
NS_API void ns_clock_free(ns_clock *clock) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_CLOCK_H */
