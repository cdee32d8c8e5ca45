/**
 * @file
 * The ICMP echo forwarder: an embedder's handler for Echo Requests. And what the
 * stack does by itself: which requests it answers, and how many errors it sends.
 */
#ifndef NETSTACK_ICMP_H
#define NETSTACK_ICMP_H

#include <netstack/base.h>
#include <netstack/request.h>
#include <netstack/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A handler and what belongs to it. Made by ns_icmp_forwarder_new(), freed by
 * the caller; a stack that has it installed keeps its own reference.
 */
typedef struct ns_icmp_forwarder ns_icmp_forwarder;

/**
 * Called for each valid Echo Request to an address, group or prefix of the
 * stack, on the thread that delivered the packet.
 *
 * Calls overlap if packets are delivered on several threads. Must not unwind
 * (no C++ exception, no longjmp, no panic).
 *
 * @return NS_VERDICT_DECLINED: the stack goes on as if there were no handler,
 *         but sends no second reply. NS_VERDICT_CONSUMED: nothing more happens.
 *         Anything else: the handler failed; that is counted and nothing more
 *         is sent.
 */
typedef ns_verdict (*ns_icmp_request_fn)(void *user_data, ns_request request);

/** Bits of ns_icmp_forwarder_options.flags. */
enum {
    /** The handler also sees Echo Replies that nobody else wanted; see ns_packet_info.type. */
    NS_ICMP_FORWARDER_ECHO_REPLIES = 1
};

/** Options of ns_icmp_forwarder_new(). Start from the INIT macro. */
typedef struct ns_icmp_forwarder_options {
    uint32_t struct_size; /**< sizeof this struct, as the caller knows it. */
    uint32_t flags;       /**< NS_ICMP_FORWARDER_ bits. */
} ns_icmp_forwarder_options;

/** Initialises options to the defaults. */
#define NS_ICMP_FORWARDER_OPTIONS_INIT \
    { sizeof(ns_icmp_forwarder_options), 0u }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_icmp_forwarder_options_init(ns_icmp_forwarder_options *options,
                                           size_t size) NS_NOEXCEPT;

/**
 * Makes a forwarder. It may be installed in several stacks. [any thread]
 *
 * @param options       NULL for the defaults. Borrowed for the call.
 * @param on_request    The handler.
 * @param user_data     Passed to on_request and destroy.
 * @param destroy       May be NULL. See base.h for its rules.
 * @param out_forwarder Receives a forwarder that the caller owns, or NULL.
 * @param out_error     NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_UNSUPPORTED (unknown option) or
 *         NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_icmp_forwarder_new(const ns_icmp_forwarder_options *options,
                                                    ns_icmp_request_fn on_request, void *user_data,
                                                    ns_destroy_fn destroy,
                                                    ns_icmp_forwarder **out_forwarder,
                                                    ns_error **out_error) NS_NOEXCEPT;

/**
 * Gives the caller's reference back. [any thread]
 *
 * Never waits. Stacks that have the forwarder installed go on with it; destroy
 * runs when the last of them is done with it.
 *
 * @param forwarder May be NULL.
 * @since 0.1
 */
NS_API void ns_icmp_forwarder_free(ns_icmp_forwarder *forwarder) NS_NOEXCEPT;

/**
 * Installs a forwarder in a stack, instead of the one that was there.
 * [any thread]
 *
 * Called outside callbacks it waits: when it returns, the former handler is not
 * running and never runs again. Called inside any callback it returns at once:
 * no new call of the former handler starts, running ones finish.
 *
 * @param stack     The stack.
 * @param family    NS_FAMILY_IPV4, NS_FAMILY_IPV6, or NS_FAMILY_ANY for both.
 * @param forwarder The forwarder; NULL removes.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_set_icmp_forwarder(ns_stack *stack, ns_family family,
                                             ns_icmp_forwarder *forwarder,
                                             ns_error **out_error) NS_NOEXCEPT;

/** What the stack does by itself with an Echo Request that nobody consumed. */
typedef uint32_t ns_echo_policy;

enum {
    NS_ECHO_POLICY_DEFAULT = 0, /**< As ns_echo_destination says. */
    NS_ECHO_POLICY_REPLY = 1,   /**< Answer. */
    NS_ECHO_POLICY_SILENT = 2   /**< Be silent. ns_request_reply() works all the same. */
};

/** The kinds of destination that have a policy. An assigned address always answers. */
typedef uint32_t ns_echo_destination;

enum {
    /** An address that nobody assigned. Default: silent; IPv6 on a NIC with
     *  spoofing: answer. */
    NS_ECHO_DESTINATION_TEMPORARY = 1,
    /** Broadcast and multicast. Default: IPv4 silent, IPv6 answer. */
    NS_ECHO_DESTINATION_GROUP = 2
};

/**
 * Sets what the stack does by itself: turns silence into a reply, or a reply
 * into silence. [any thread]
 *
 * @param stack       The stack.
 * @param family      NS_FAMILY_IPV4, NS_FAMILY_IPV6, or NS_FAMILY_ANY for both.
 * @param destination What the policy is about.
 * @param policy      The policy.
 * @param out_error   NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_set_echo_policy(ns_stack *stack, ns_family family,
                                          ns_echo_destination destination, ns_echo_policy policy,
                                          ns_error **out_error) NS_NOEXCEPT;

/** As per_second of ns_stack_set_icmp_rate(): no limit. */
#define NS_ICMP_RATE_UNLIMITED 0xffffffffu

/**
 * Sets how many limited ICMP messages the stack sends (RFC 1812 4.3.2.8, RFC 4443
 * 2.4 f); which are limited, ns_stack_set_icmp_limited() says. [any thread]
 *
 * A bucket of tokens, by the stack's clock, for all NICs and both families
 * together: a message takes one, and is not sent if there is none. At first
 * 1000 per second and a burst of 50. What was not sent is counted as
 * icmp.v4.sent.rate_limited or icmp.v6.sent.rate_limited.
 *
 * @param stack      The stack.
 * @param per_second How many tokens come in a second, one at a time, with whole
 *                   nanoseconds between them, rounded up; 0: none ever;
 *                   NS_ICMP_RATE_UNLIMITED: every message is sent, whatever burst
 *                   is.
 * @param burst      How many tokens the bucket holds, as it does right after this
 *                   call unless per_second is 0. 0: no limited message is sent.
 * @param out_error  NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_set_icmp_rate(ns_stack *stack, uint32_t per_second, uint32_t burst,
                                        ns_error **out_error) NS_NOEXCEPT;

/**
 * Sets whether messages of a type are limited, so that each takes a token of
 * ns_stack_set_icmp_rate(). [any thread]
 *
 * At first ICMP errors are: in IPv4 Destination Unreachable (3), Source Quench
 * (4), Time Exceeded (11) and Parameter Problem (12), in IPv6 1 to 127 without
 * Packet Too Big (2), and Echo Replies are not. IPv4's Fragmentation Needed
 * (type 3, code 4) never is, whatever is set: path MTU discovery needs it.
 *
 * Echo Replies that are limited take a token whoever asked for them: for
 * ns_request_reply() one that is not sent counts as accepted. What sockets send
 * is never limited.
 *
 * @param stack     The stack.
 * @param family    NS_FAMILY_IPV4 or NS_FAMILY_IPV6: each has types of its own.
 * @param type      An error's, in IPv4 3, 4, 5, 11 or 12, in IPv6 1 to 127; or an
 *                  Echo Reply's, in IPv4 0, in IPv6 129.
 * @param limited   1: limited; 0: not.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_stack_set_icmp_limited(ns_stack *stack, ns_family family, uint32_t type,
                                           uint32_t limited, ns_error **out_error) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_ICMP_H */
