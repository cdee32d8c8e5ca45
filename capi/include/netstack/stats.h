/**
 * @file
 * Counters: everything that became of packets, by dotted name.
 *
 * "ip.packets_received", "icmp.v4.sent.echo_reply" and "forwarder.consumed"
 * count for the whole stack, NICs that were removed included;
 * "nic.1.rx.packets" and "nic.1.ip.v6.packets_sent" for one NIC. Names stay as
 * they are; later versions add some.
 */
#ifndef NETSTACK_STATS_H
#define NETSTACK_STATS_H

#include <netstack/base.h>
#include <netstack/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Called for one counter. The name is borrowed for the call.
 *
 * @return 0 to go on, anything else to end the walk.
 */
typedef int32_t (*ns_counter_fn)(void *user_data, const char *name, uint64_t value);

/**
 * Calls `visit` for every counter, always in the same order. [any thread]
 *
 * Counts go on meanwhile: two that belong together may be read a packet apart.
 *
 * @param stack     The stack.
 * @param visit     Called for each; no other time.
 * @param user_data Passed to visit. Stays the caller's.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_for_each_counter(ns_stack *stack, ns_counter_fn visit,
                                           void *user_data) NS_NOEXCEPT;

/**
 * Reads one counter. [any thread]
 *
 * @param stack     The stack.
 * @param name      Text that ends in 0.
 * @param out_value Receives the count; untouched on failure.
 * @return NS_OK, NS_ERR_NOT_FOUND, NS_ERR_INVALID_ARGUMENT, NS_ERR_CLOSED or
 *         NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_get_counter(ns_stack *stack, const char *name,
                                      uint64_t *out_value) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_STATS_H */
