/**
 * @file
 * The stack: made, driven, ended.
 *
 * The library starts no threads. Packets are dealt with inside ns_link_inject(),
 * ns_stack_poll() and ns_stack_run(), on the thread that calls them; timers
 * inside the latter two.
 */
#ifndef NETSTACK_STACK_H
#define NETSTACK_STACK_H

#include <netstack/base.h>
#include <netstack/clock.h>
#include <netstack/random.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A stack. Made by ns_stack_new(), freed by the caller. */
typedef struct ns_stack ns_stack;

/** Bits of ns_stack_options.flags. */
enum {
    /** Where no route matches an answer it is not sent (NS_ERR_NO_ROUTE), instead
     *  of leaving by the NIC that the request came in on. */
    NS_STACK_STRICT_ROUTES = 1,
    /** Drops packets whose source is an address of the NIC that they come in on. */
    NS_STACK_CHECK_LOCAL_SOURCE = 2,
    /** Takes packets from and to 127.0.0.0/8 and ::1. */
    NS_STACK_ALLOW_LOOPBACK = 4
};

/**
 * Options of ns_stack_new(). Start from the INIT macro.
 *
 * Fragments of datagrams that are not whole yet are held, for each family, in
 * reassembly_high bytes at most. When that is not enough the stack gives
 * datagrams up, until they take reassembly_low bytes, which must not be more:
 * always the oldest of the source whose fragments take most, so that nobody can
 * crowd out everyone else. A datagram takes 640 bytes, and each of its fragments
 * 128 beside its data: one of 65,535 bytes takes about 72,000 in packets of 1500,
 * and 1.12 million at the worst, in fragments of 8. One that takes more than
 * reassembly_high, its last fragment aside, never comes whole, and is given up
 * without an error to anyone.
 */
typedef struct ns_stack_options {
    uint32_t struct_size;       /**< sizeof this struct, as the caller knows it. */
    uint32_t flags;             /**< NS_STACK_ bits. */
    uint32_t default_ttl;       /**< TTL of what the stack sends by IPv4, 1 to 255; 0: 64. */
    uint32_t default_hop_limit; /**< Hop Limit by IPv6, 1 to 255; 0: 64. */
    ns_clock *clock;            /**< Shared with the stack. NULL: the system's. */
    ns_random *random;          /**< Shared with the stack. NULL: the system's. */
    size_t reassembly_high;     /**< See above; 0: 4 MiB. */
    size_t reassembly_low;      /**< See above; 0: three quarters of reassembly_high. */
} ns_stack_options;

/** Initialises options to the defaults. */
#define NS_STACK_OPTIONS_INIT \
    { sizeof(ns_stack_options), 0u, 0u, 0u, NULL, NULL, 0u, 0u }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_stack_options_init(ns_stack_options *options, size_t size) NS_NOEXCEPT;

/**
 * Makes a stack without NICs. [any thread]
 *
 * @param options   NULL for the defaults. Borrowed for the call.
 * @param out_stack Receives a stack that the caller owns, or NULL.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_UNSUPPORTED (unknown option),
 *         NS_ERR_LIMITED (no descriptors left) or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_stack_new(const ns_stack_options *options, ns_stack **out_stack,
                                           ns_error **out_error) NS_NOEXCEPT;

/**
 * Ends a stack. [any thread]
 *
 * Closed at once, for everyone: loops return, links are let go. It does not
 * wait: running callbacks finish, and memory goes, and destroy functions run,
 * when the calls that are under way now have left the library, those of other
 * stacks among them; if there are none, before this returns. Allowed inside the
 * stack's own callbacks.
 *
 * @param stack May be NULL.
 * @since 0.1
 */
NS_API void ns_stack_free(ns_stack *stack) NS_NOEXCEPT;

/**
 * Reads devices, delivers packets and runs timers until ns_stack_stop().
 * [any thread, not inside a callback of this stack]
 *
 * Several threads may call it: the first runs the timers and serves every device
 * that no other call serves, each further one takes one device over.
 *
 * @param stack     The stack.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK: it was stopped, now or before the call. NS_ERR_BUSY: no device
 *         is left for this call. NS_ERR_CLOSED: the stack was freed, or a device
 *         is gone; out_error says which, and running again serves the others.
 *         NS_ERR_UNSUPPORTED: the stack's clock can't wait.
 *         NS_ERR_INVALID_ARGUMENT, NS_ERR_NO_MEMORY, or what the clock's wait
 *         function returned.
 * @since 0.1
 */
NS_API ns_status ns_stack_run(ns_stack *stack, ns_error **out_error) NS_NOEXCEPT;

/**
 * Makes every ns_stack_run() of this stack return, now and from now on.
 * [any thread, also signal handlers]
 *
 * @param stack NULL does nothing.
 * @since 0.1
 */
NS_API void ns_stack_stop(ns_stack *stack) NS_NOEXCEPT;

/**
 * For loops of the embedder's own: runs the timers that are due, reads what the
 * devices have, and returns without waiting. [any thread]
 *
 * Reads a fair share of each device; the descriptor stays readable if more is
 * there. Devices that another thread is reading are left to it.
 *
 * @param stack       The stack.
 * @param out_packets NULL, or receives how many packets were read.
 * @param out_error   NULL, or receives an error that the caller owns.
 * @return NS_OK; NS_ERR_CLOSED: the stack was freed, or a device is gone;
 *         NS_ERR_INVALID_ARGUMENT; NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_poll(ns_stack *stack, size_t *out_packets,
                               ns_error **out_error) NS_NOEXCEPT;

/**
 * A descriptor that is readable when ns_stack_poll() has something to do, for
 * epoll, poll, libuv, asyncio and their like. [any thread]
 *
 * It stays the stack's: only wait for it. It also becomes readable when the next
 * deadline has moved nearer.
 *
 * @param stack The stack.
 * @return The descriptor; -1 for NULL or a closed stack.
 * @since 0.1
 */
NS_API int ns_stack_get_descriptor(const ns_stack *stack) NS_NOEXCEPT;

/**
 * When ns_stack_poll() must be called though the descriptor is not readable.
 * [any thread]
 *
 * @param stack The stack.
 * @return By the stack's clock (the system's: CLOCK_MONOTONIC), in nanoseconds;
 *         NS_TIME_NEVER: no timer is set, or NULL.
 * @since 0.1
 */
NS_API uint64_t ns_stack_get_next_deadline(const ns_stack *stack) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_STACK_H */
