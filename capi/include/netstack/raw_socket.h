/**
 * @file
 * Raw sockets: a copy of each ICMP packet that comes in.
 *
 * Copies are made of whole packets whose IP header is in order and whose ICMP
 * header is complete, before their addresses are looked at: also of those that
 * nobody here takes. A raw socket influences nothing: handlers, ping sockets and
 * the stack see every packet all the same.
 */
#ifndef NETSTACK_RAW_SOCKET_H
#define NETSTACK_RAW_SOCKET_H

#include <netstack/base.h>
#include <netstack/packet.h>
#include <netstack/ping_socket.h>
#include <netstack/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A raw ICMP socket. Made by ns_raw_socket_new(), freed by the caller. */
typedef struct ns_raw_socket ns_raw_socket;

/** Options of ns_raw_socket_new(). Start from the INIT macro. */
typedef struct ns_raw_socket_options {
    uint32_t struct_size;       /**< sizeof this struct, as the caller knows it. */
    uint32_t nic;               /**< Copies what comes in on this NIC alone; 0: on any. */
    uint64_t receive_bytes;     /**< What its queue may hold, in bytes; 0: 217,088. */
    ns_socket_notify_fn notify; /**< May be NULL. */
    void *user_data;            /**< Passed to notify and destroy. */
    ns_destroy_fn destroy;      /**< May be NULL. See base.h for its rules. */
} ns_raw_socket_options;

/** Initialises options to the defaults. */
#define NS_RAW_SOCKET_OPTIONS_INIT \
    { sizeof(ns_raw_socket_options), 0u, 0u, NULL, NULL, NULL }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_raw_socket_options_init(ns_raw_socket_options *options, size_t size) NS_NOEXCEPT;

/**
 * Makes a raw socket, which receives from now on. [any thread]
 *
 * It does not keep the stack: after ns_stack_free() it is NS_ERR_CLOSED.
 *
 * @param stack      The stack.
 * @param family     NS_FAMILY_IPV4 (ICMP) or NS_FAMILY_IPV6 (ICMPv6).
 * @param options    NULL for the defaults. Borrowed for the call.
 * @param out_socket Receives a socket that the caller owns, or NULL.
 * @param out_error  NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_UNSUPPORTED (unknown option),
 *         NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_raw_socket_new(ns_stack *stack, ns_family family,
                                                const ns_raw_socket_options *options,
                                                ns_raw_socket **out_socket,
                                                ns_error **out_error) NS_NOEXCEPT;

/**
 * Takes the oldest packet out of the socket's queue. [any thread]
 *
 * NS_PACKET_BAD_CHECKSUM marks one whose ICMP checksum is wrong. A packet that
 * finds the queue full is dropped and counted (`raw_sockets.queue_full`).
 *
 * @param socket     The socket.
 * @param out_packet Receives a packet that the caller owns, or NULL.
 * @return NS_OK; NS_ERR_WOULD_BLOCK: none waits; NS_ERR_INVALID_ARGUMENT;
 *         NS_ERR_CLOSED.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_raw_socket_receive(ns_raw_socket *socket,
                                                    ns_packet **out_packet) NS_NOEXCEPT;

/**
 * Ends a socket; what it did not receive is lost. [any thread]
 *
 * Never waits: a notify that runs on another thread finishes, and then destroy
 * runs.
 *
 * @param socket May be NULL.
 * @since 0.1
 */
NS_API void ns_raw_socket_free(ns_raw_socket *socket) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_RAW_SOCKET_H */
