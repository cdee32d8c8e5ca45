/**
 * @file
 * NICs: a link's place in a stack, with the addresses, local prefixes and
 * groups that it takes packets for.
 *
 * Each change is made whole or not at all, and packets go on meanwhile.
 * Removing something never waits for a handler.
 */
#ifndef NETSTACK_NIC_H
#define NETSTACK_NIC_H

#include <netstack/address.h>
#include <netstack/base.h>
#include <netstack/capture.h>
#include <netstack/link.h>
#include <netstack/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a NIC is; bits. */
enum {
    NS_NIC_DISABLED = 1,    /**< Takes no packets. */
    NS_NIC_PROMISCUOUS = 2, /**< Takes packets for every unicast address. */
    /** IPv6: the stack answers by itself from addresses that nobody assigned. */
    NS_NIC_SPOOFING = 4,
    /** Another stack stands behind this one: ns_link_inject() returns NS_UNCLAIMED
     *  for every packet that nothing here takes. */
    NS_NIC_SIDE_BY_SIDE = 8,
    /** Sends IPv4 packets that come in and are not ours on, by the routes of the stack. */
    NS_NIC_FORWARDING_IPV4 = 16,
    NS_NIC_FORWARDING_IPV6 = 32 /**< The same for IPv6. */
};

/** Options of ns_stack_add_nic(). Start from the INIT macro. */
typedef struct ns_nic_options {
    uint32_t struct_size;            /**< sizeof this struct, as the caller knows it. */
    uint32_t flags;                  /**< NS_NIC_ bits. */
    const ns_prefix *addresses;      /**< Assigned from the start. May be NULL. */
    size_t address_count;            /**< Entries in addresses. */
    const ns_prefix *local_prefixes; /**< Local from the start. May be NULL. */
    size_t local_prefix_count;       /**< Entries in local_prefixes. */
} ns_nic_options;

/** Initialises options to the defaults. */
#define NS_NIC_OPTIONS_INIT \
    { sizeof(ns_nic_options), 0u, NULL, 0u, NULL, 0u }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_nic_options_init(ns_nic_options *options, size_t size) NS_NOEXCEPT;

/**
 * Adds a NIC. It is a member of 224.0.0.1 and ff02::1. [any thread]
 *
 * With NS_NIC_FORWARDING_IPV4 or NS_NIC_FORWARDING_IPV6 what comes in on it in
 * that family, to a unicast address that is not ours, goes on: by the longest
 * route, over any NIC that is not disabled, with or without an address, be it
 * the same one. With NS_NIC_PROMISCUOUS every address is ours, so nothing does.
 * TTL or Hop Limit goes down by one, no handler sees the packet, and what was not
 * forwarded is answered with an ICMP error, if the NIC has an address to send it
 * from. Addresses of the stack's other NICs are then reached through this one. It
 * joins 224.0.0.2, or ff01::2, ff02::2 and ff05::2. The counters under
 * nic.ID.ip.v4.forwarding and nic.ID.ip.v6.forwarding tell what became of the
 * packets. With NS_NIC_SIDE_BY_SIDE no error is sent: what was not forwarded goes
 * back to who injected it.
 *
 * @param stack     The stack.
 * @param nic       The NIC's id, from 1; not in use.
 * @param link      The link, which the stack shares from here on; in no other NIC.
 * @param options   NULL for the defaults. Borrowed for the call.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK; NS_ERR_INVALID_ARGUMENT: id 0, or an address or prefix that is
 *         none; NS_ERR_BUSY: id, link or address in use; NS_ERR_UNSUPPORTED:
 *         unknown option; NS_ERR_CLOSED; NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_stack_add_nic(ns_stack *stack, uint32_t nic, ns_link *link,
                                               const ns_nic_options *options,
                                               ns_error **out_error) NS_NOEXCEPT;

/**
 * Removes a NIC with its addresses and routes, and lets its link go.
 * [any thread]
 *
 * Running callbacks finish; what they answer is still sent.
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_NOT_FOUND, NS_ERR_CLOSED, NS_ERR_INVALID_ARGUMENT or
 *         NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_remove_nic(ns_stack *stack, uint32_t nic,
                                     ns_error **out_error) NS_NOEXCEPT;

/**
 * Sets and clears what a NIC is. [any thread]
 *
 * A NIC that no longer forwards leaves the groups that it was in as a router;
 * what ns_stack_join_group() joined it stays in.
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param set       NS_NIC_ bits to set.
 * @param clear     NS_NIC_ bits to clear; none of those in set.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_UNSUPPORTED (unknown bit),
 *         NS_ERR_NOT_FOUND, NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_set_nic_flags(ns_stack *stack, uint32_t nic, uint32_t set, uint32_t clear,
                                        ns_error **out_error) NS_NOEXCEPT;

/**
 * Starts, changes or ends the capture of what passes a NIC. [any thread]
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param capture   The capture, which the stack shares from here on; NULL: none.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_NOT_FOUND, NS_ERR_CLOSED or
 *         NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_set_capture(ns_stack *stack, uint32_t nic, ns_capture *capture,
                                      ns_error **out_error) NS_NOEXCEPT;

/**
 * Assigns an address, as text, with the prefix of its subnet. [any thread]
 *
 * "192.168.0.1/24" brings the subnet's broadcast address and on-link route with
 * it, "2001:db8::1/64" its solicited-node group and route; an address alone is
 * a subnet of its own.
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param address   Text that ends in 0.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK; NS_ERR_INVALID_ARGUMENT: no unicast address; NS_ERR_BUSY:
 *         assigned on this NIC already; NS_ERR_NOT_FOUND: no such NIC;
 *         NS_ERR_CLOSED; NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_stack_add_address(ns_stack *stack, uint32_t nic,
                                                   const char *address,
                                                   ns_error **out_error) NS_NOEXCEPT;

/**
 * Assigns many addresses, all or none. [any thread]
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param addresses An array; may be NULL if count is 0. Borrowed for the call.
 * @param count     How many.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return As ns_stack_add_address().
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_stack_add_addresses(ns_stack *stack, uint32_t nic,
                                                     const ns_prefix *addresses, size_t count,
                                                     ns_error **out_error) NS_NOEXCEPT;

/**
 * Takes an address away, as text without its prefix length, and what came with
 * it. [any thread]
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param address   Text that ends in 0.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_NOT_FOUND (no such NIC, or not
 *         assigned on it), NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_remove_address(ns_stack *stack, uint32_t nic, const char *address,
                                         ns_error **out_error) NS_NOEXCEPT;

/**
 * Takes many addresses away, all or none. [any thread]
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param addresses An array; may be NULL if count is 0. Borrowed for the call.
 * @param count     How many.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return As ns_stack_remove_address().
 * @since 0.1
 */
NS_API ns_status ns_stack_remove_addresses(ns_stack *stack, uint32_t nic,
                                           const ns_address *addresses, size_t count,
                                           ns_error **out_error) NS_NOEXCEPT;

/**
 * Makes every unicast address of a prefix ours, as text. [any thread]
 *
 * No address of it is assigned or stored: packets for them are taken as for a
 * temporary address, at the same cost however large the prefix. An address that
 * is assigned, or a subnet's broadcast address, stays what it is.
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param prefix    "10.7.0.0/16"; no bits set behind the length, not multicast.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_BUSY (local already),
 *         NS_ERR_NOT_FOUND (no such NIC), NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_stack_add_local_prefix(ns_stack *stack, uint32_t nic,
                                                        const char *prefix,
                                                        ns_error **out_error) NS_NOEXCEPT;

/**
 * Makes many prefixes local, all or none. [any thread]
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param prefixes  An array; may be NULL if count is 0. Borrowed for the call.
 * @param count     How many.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return As ns_stack_add_local_prefix().
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_stack_add_local_prefixes(ns_stack *stack, uint32_t nic,
                                                          const ns_prefix *prefixes, size_t count,
                                                          ns_error **out_error) NS_NOEXCEPT;

/**
 * Takes a local prefix away, as text, written as it was added. [any thread]
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param prefix    Text that ends in 0.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_NOT_FOUND (no such NIC, or not
 *         local on it), NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_remove_local_prefix(ns_stack *stack, uint32_t nic, const char *prefix,
                                              ns_error **out_error) NS_NOEXCEPT;

/**
 * Takes many local prefixes away, all or none. [any thread]
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param prefixes  An array; may be NULL if count is 0. Borrowed for the call.
 * @param count     How many.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return As ns_stack_remove_local_prefix().
 * @since 0.1
 */
NS_API ns_status ns_stack_remove_local_prefixes(ns_stack *stack, uint32_t nic,
                                                const ns_prefix *prefixes, size_t count,
                                                ns_error **out_error) NS_NOEXCEPT;

/**
 * Joins a multicast group, as text: packets to it are taken. [any thread]
 *
 * Nothing is announced to routers.
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param group     "239.1.2.3" or "ff05::77".
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK; NS_ERR_INVALID_ARGUMENT: no multicast address; NS_ERR_BUSY:
 *         joined already; NS_ERR_NOT_FOUND: no such NIC; NS_ERR_CLOSED;
 *         NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_stack_join_group(ns_stack *stack, uint32_t nic, const char *group,
                                                  ns_error **out_error) NS_NOEXCEPT;

/**
 * Leaves a group that was joined. [any thread]
 *
 * @param stack     The stack.
 * @param nic       The NIC's id.
 * @param group     As it was joined.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_NOT_FOUND (no such NIC, or not
 *         joined), NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_leave_group(ns_stack *stack, uint32_t nic, const char *group,
                                      ns_error **out_error) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_NIC_H */
