/**
 * @file
 * Routes: by which NIC packets leave. The longest matching prefix wins.
 *
 * An answer whose way back no route tells leaves by the NIC that the request
 * came in on, unless the stack has NS_STACK_STRICT_ROUTES.
 */
#ifndef NETSTACK_ROUTE_H
#define NETSTACK_ROUTE_H

#include <netstack/address.h>
#include <netstack/base.h>
#include <netstack/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One way to a network. */
typedef struct ns_route {
    ns_prefix destination; /**< The network; no bits set behind the length. */
    ns_address gateway;    /**< The next hop; all bytes 0: destinations are on the link. */
    uint32_t nic;          /**< The NIC to leave by. */
} ns_route;

/**
 * Adds a route, as text. [any thread]
 *
 * @param stack       The stack.
 * @param destination "0.0.0.0/0"; no bits set behind the length.
 * @param gateway     An address of the same family; NULL: on the link.
 * @param nic         The NIC's id.
 * @param out_error   NULL, or receives an error that the caller owns.
 * @return NS_OK; NS_ERR_INVALID_ARGUMENT; NS_ERR_NOT_FOUND: no such NIC;
 *         NS_ERR_BUSY: added already; NS_ERR_CLOSED; NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_stack_add_route(ns_stack *stack, const char *destination,
                                                 const char *gateway, uint32_t nic,
                                                 ns_error **out_error) NS_NOEXCEPT;

/**
 * Adds many routes, all or none. [any thread]
 *
 * @param stack     The stack.
 * @param routes    An array; may be NULL if count is 0. Borrowed for the call.
 * @param count     How many.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return As ns_stack_add_route().
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_stack_add_routes(ns_stack *stack, const ns_route *routes,
                                                  size_t count, ns_error **out_error) NS_NOEXCEPT;

/**
 * Removes a route that was added, as text. [any thread]
 *
 * The on-link route of an assigned address goes only with the address.
 *
 * @param stack       The stack.
 * @param destination As it was added.
 * @param gateway     As it was added.
 * @param nic         As it was added.
 * @param out_error   NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_NOT_FOUND, NS_ERR_CLOSED or
 *         NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_remove_route(ns_stack *stack, const char *destination,
                                       const char *gateway, uint32_t nic,
                                       ns_error **out_error) NS_NOEXCEPT;

/**
 * Removes many routes, all or none. [any thread]
 *
 * @param stack     The stack.
 * @param routes    An array; may be NULL if count is 0. Borrowed for the call.
 * @param count     How many.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return As ns_stack_remove_route().
 * @since 0.1
 */
NS_API ns_status ns_stack_remove_routes(ns_stack *stack, const ns_route *routes, size_t count,
                                        ns_error **out_error) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_ROUTE_H */
