/**
 * @file
 * Ping sockets: an Echo identifier of the stack's own, Echo Requests out, and
 * the Echo Replies that come for it.
 *
 * A socket that an incoming echo matches comes before any handler. It takes
 * Echo Replies; an Echo Request that bears its identifier is answered as if there
 * were no handler, and reaches neither the socket nor the handler.
 */
#ifndef NETSTACK_PING_SOCKET_H
#define NETSTACK_PING_SOCKET_H

#include <netstack/address.h>
#include <netstack/base.h>
#include <netstack/packet.h>
#include <netstack/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A ping socket. Made by ns_ping_socket_new(), freed by the caller. */
typedef struct ns_ping_socket ns_ping_socket;

/**
 * Called when a socket whose queue was empty has a packet to receive.
 *
 * On the thread that delivered the packet; calls may overlap. The stack's
 * descriptor becomes readable as well, for whoever drives the stack by it.
 */
typedef void (*ns_socket_notify_fn)(void *user_data);

/** Options of ns_ping_socket_new(). Start from the INIT macro. */
typedef struct ns_ping_socket_options {
    uint32_t struct_size;       /**< sizeof this struct, as the caller knows it. */
    uint32_t nic;               /**< Sends and receives over this NIC alone; 0: any. */
    uint32_t ttl;               /**< TTL or Hop Limit of what it sends, 1 to 255; 0: the stack's. */
    uint32_t tos;               /**< TOS or Traffic Class of what it sends, 0 to 255. */
    uint64_t receive_bytes;     /**< What its queue may hold, in bytes; 0: 217,088. */
    ns_socket_notify_fn notify; /**< May be NULL. */
    void *user_data;            /**< Passed to notify and destroy. */
    ns_destroy_fn destroy;      /**< May be NULL. See base.h for its rules. */
} ns_ping_socket_options;

/** Initialises options to the defaults. */
#define NS_PING_SOCKET_OPTIONS_INIT \
    { sizeof(ns_ping_socket_options), 0u, 0u, 0u, 0u, NULL, NULL, NULL }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_ping_socket_options_init(ns_ping_socket_options *options, size_t size) NS_NOEXCEPT;

/**
 * Makes a ping socket, which is not bound yet. [any thread]
 *
 * It does not keep the stack: after ns_stack_free() every function that takes it
 * returns NS_ERR_CLOSED.
 *
 * @param stack      The stack.
 * @param family     NS_FAMILY_IPV4 or NS_FAMILY_IPV6.
 * @param options    NULL for the defaults. Borrowed for the call.
 * @param out_socket Receives a socket that the caller owns, or NULL.
 * @param out_error  NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_UNSUPPORTED (unknown option),
 *         NS_ERR_CLOSED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_ping_socket_new(ns_stack *stack, ns_family family,
                                                 const ns_ping_socket_options *options,
                                                 ns_ping_socket **out_socket,
                                                 ns_error **out_error) NS_NOEXCEPT;

/**
 * Gives a socket its identifier, and the address that it is at. [any thread]
 *
 * @param socket     A socket that is not bound.
 * @param address    An address that is assigned. NULL, 0.0.0.0 or :: is every one.
 * @param identifier The Echo identifier; 0: a free one.
 * @param out_error  NULL, or receives an error that the caller owns.
 * @return NS_OK; NS_ERR_INVALID_ARGUMENT: an address of another family, or no
 *         unicast address; NS_ERR_NOT_FOUND: nobody assigned the address;
 *         NS_ERR_BUSY: another socket has the identifier there, or the socket is
 *         bound already; NS_ERR_LIMITED: no identifier is free; NS_ERR_CLOSED;
 *         NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_ping_socket_bind(ns_ping_socket *socket, const ns_address *address,
                                     uint16_t identifier, ns_error **out_error) NS_NOEXCEPT;

/**
 * Makes a host the socket's peer: it receives from nobody else, at the address
 * of ours that packets to the peer come from. [any thread]
 *
 * Binds the socket to a free identifier if it is not bound. May be called again.
 *
 * @param socket    The socket.
 * @param peer      One host's address.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK; NS_ERR_INVALID_ARGUMENT: another family, or not one host;
 *         NS_ERR_NO_ROUTE: no way to it from the socket's address; NS_ERR_BUSY,
 *         NS_ERR_LIMITED: as ns_ping_socket_bind(); NS_ERR_CLOSED;
 *         NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_ping_socket_connect(ns_ping_socket *socket, const ns_address *peer,
                                        ns_error **out_error) NS_NOEXCEPT;

/**
 * Sends an Echo Request with the socket's identifier. [any thread]
 *
 * Binds the socket to a free identifier if it is not bound.
 *
 * @param socket      The socket.
 * @param destination NULL: the peer. A group is allowed, a broadcast address not.
 *                    A group or link-local address needs a NIC to leave by: the
 *                    socket's, its scope's, or that of the socket's address.
 * @param sequence    The Echo sequence number.
 * @param payload     The Echo data. Borrowed for the call. May be NULL if length is 0.
 * @param length      Bytes in payload.
 * @return NS_OK: the link took it; NS_ERR_WOULD_BLOCK: the link is full;
 *         NS_ERR_NO_ROUTE: no way there; NS_ERR_UNSUPPORTED: longer than IP
 *         packets can be; NS_ERR_INVALID_ARGUMENT; NS_ERR_LIMITED: no identifier is
 *         free; NS_ERR_CLOSED; NS_ERR_NO_MEMORY; or what the link said.
 * @since 0.1
 */
NS_API ns_status ns_ping_socket_send(ns_ping_socket *socket, const ns_address *destination,
                                     uint16_t sequence, const uint8_t *payload,
                                     size_t length) NS_NOEXCEPT;

/**
 * Takes the oldest Echo Reply out of the socket's queue. [any thread]
 *
 * Its ns_packet_info tells the sender, TTL, TOS and sequence number; its bytes
 * from payload_offset on are the data. A reply that finds the queue full is
 * dropped and counted (`ping_sockets.queue_full`).
 *
 * @param socket     The socket.
 * @param out_packet Receives a packet that the caller owns, or NULL.
 * @return NS_OK; NS_ERR_WOULD_BLOCK: none waits; NS_ERR_INVALID_ARGUMENT;
 *         NS_ERR_CLOSED.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_ping_socket_receive(ns_ping_socket *socket,
                                                     ns_packet **out_packet) NS_NOEXCEPT;

/**
 * Where a socket is bound. [any thread]
 *
 * @param socket         The socket.
 * @param out_address    NULL, or receives its address; 0.0.0.0 or ::, if it is at
 *                       every one.
 * @param out_identifier NULL, or receives its identifier.
 * @return NS_OK, NS_ERR_NOT_FOUND (it is not bound), NS_ERR_INVALID_ARGUMENT or
 *         NS_ERR_CLOSED.
 * @since 0.1
 */
NS_API ns_status ns_ping_socket_get_name(const ns_ping_socket *socket, ns_address *out_address,
                                         uint16_t *out_identifier) NS_NOEXCEPT;

/**
 * Ends a socket: its identifier is free, and what it did not receive is lost.
 * [any thread]
 *
 * Never waits: a notify that runs on another thread finishes, and then destroy
 * runs.
 *
 * @param socket May be NULL.
 * @since 0.1
 */
NS_API void ns_ping_socket_free(ns_ping_socket *socket) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_PING_SOCKET_H */
