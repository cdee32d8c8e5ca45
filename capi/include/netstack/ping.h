/**
 * @file
 * Ping: one Echo Request out, its Echo Reply back. For more than one at a time,
 * or without waiting, see ping_socket.h.
 */
#ifndef NETSTACK_PING_H
#define NETSTACK_PING_H

#include <netstack/address.h>
#include <netstack/base.h>
#include <netstack/packet.h>
#include <netstack/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options of ns_ping(). Start from the INIT macro. */
typedef struct ns_ping_options {
    uint32_t struct_size; /**< sizeof this struct, as the caller knows it. */
    uint32_t nic; /**< Over this NIC alone; 0: by the routes. A group needs one, or a scope. */
    uint32_t ttl; /**< TTL or Hop Limit, 1 to 255; 0: the stack's. */
    uint32_t tos; /**< TOS or Traffic Class, 0 to 255. */
    uint64_t timeout_ns;    /**< How long to wait, by the stack's clock; 0: one second. */
    uint32_t sequence;      /**< Echo sequence number, 0 to 65,535. */
    uint32_t reserved;      /**< 0. */
    ns_address source;      /**< An assigned address; all bytes 0: chosen. */
    const uint8_t *payload; /**< Echo data. Borrowed for the call. May be NULL. */
    size_t payload_length;  /**< Bytes in payload. */
} ns_ping_options;

/** Initialises options to the defaults. */
#define NS_PING_OPTIONS_INIT \
    { sizeof(ns_ping_options), 0u, 0u, 0u, 0u, 0u, 0u, {{0u}, 0u, 0u}, NULL, 0u }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_ping_options_init(ns_ping_options *options, size_t size) NS_NOEXCEPT;

/**
 * Sends one Echo Request and waits for its reply. [any thread]
 *
 * Meanwhile it reads devices and runs timers as ns_stack_poll() does; another
 * thread may be running the stack at the same time. Inside the callback of a
 * packet that a device brought, that device is read again only when the callback
 * has returned: a reply by the same device can't come in time.
 *
 * @param stack       The stack.
 * @param destination Whom to ask.
 * @param options     NULL for the defaults. Borrowed for the call.
 * @param out_rtt_ns  NULL, or receives the round trip time in nanoseconds, by the
 *                    stack's clock; 0 on failure.
 * @param out_reply   NULL, or receives the reply, which the caller owns, or NULL.
 * @param out_error   NULL, or receives an error that the caller owns.
 * @return NS_OK; NS_ERR_TIMED_OUT: no reply in time; NS_ERR_NO_ROUTE;
 *         NS_ERR_WOULD_BLOCK: the link was full; NS_ERR_UNSUPPORTED: the clock
 *         can't wait, the packet is longer than IP packets can be, or an unknown
 *         option; NS_ERR_NOT_FOUND: nobody assigned the source; NS_ERR_CLOSED:
 *         the stack was freed or stopped, or a device is gone; NS_ERR_LIMITED: no
 *         identifier or descriptor is free; NS_ERR_INVALID_ARGUMENT;
 *         NS_ERR_NO_MEMORY; or what the link or the clock's wait function said.
 * @since 0.1
 */
NS_API ns_status ns_ping(ns_stack *stack, const ns_address *destination,
                         const ns_ping_options *options, uint64_t *out_rtt_ns,
                         ns_packet **out_reply, ns_error **out_error) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_PING_H */
