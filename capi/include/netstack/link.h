/**
 * @file
 * Links: how packets enter and leave a stack.
 *
 * A link moves whole IP packets, from the IP header on. It becomes useful as
 * part of a NIC (ns_stack_add_nic()); one link belongs to at most one NIC at a
 * time. The stack keeps its own reference, so a link may be freed as soon as it
 * was added.
 */
#ifndef NETSTACK_LINK_H
#define NETSTACK_LINK_H

#include <netstack/address.h>
#include <netstack/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A way in and out for packets. Made by ns_link_*_new(), freed by the caller. */
typedef struct ns_link ns_link;

/** The largest MTU of any link, in bytes. */
#define NS_MTU_MAX 65535u

/**
 * Called when a channel that was empty has a packet to read.
 *
 * On the thread that sent the packet, which may be inside ns_link_inject(),
 * ns_stack_poll() or a request's callback. Calls may overlap.
 */
typedef void (*ns_link_notify_fn)(void *user_data);

/** Options of ns_link_channel_new(). Start from the INIT macro. */
typedef struct ns_link_channel_options {
    uint32_t struct_size;     /**< sizeof this struct, as the caller knows it. */
    uint32_t mtu;             /**< Bytes, up to NS_MTU_MAX; 0: 1500. */
    uint32_t capacity;        /**< Packets that wait to be read, at most 65,536; 0: 256. */
    uint32_t reserved;        /**< 0. */
    ns_link_notify_fn notify; /**< May be NULL. */
    void *user_data;          /**< Passed to notify and destroy. */
    ns_destroy_fn destroy;    /**< May be NULL. See base.h for its rules. */
} ns_link_channel_options;

/** Initialises options to the defaults. */
#define NS_LINK_CHANNEL_OPTIONS_INIT \
    { sizeof(ns_link_channel_options), 0u, 0u, 0u, NULL, NULL, NULL }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_link_channel_options_init(ns_link_channel_options *options, size_t size) NS_NOEXCEPT;

/**
 * Makes a link in memory: what the stack sends waits in a bounded queue for
 * ns_link_read(), what it shall receive comes by ns_link_inject(). [any thread]
 *
 * A packet that finds the queue full is dropped and counted.
 *
 * @param options   NULL for the defaults. Borrowed for the call.
 * @param out_link  Receives a link that the caller owns, or NULL.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_UNSUPPORTED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_link_channel_new(const ns_link_channel_options *options,
                                                  ns_link **out_link,
                                                  ns_error **out_error) NS_NOEXCEPT;

/**
 * Takes the oldest packet out of a channel's queue. [any thread]
 *
 * @param link       A channel.
 * @param buffer     Receives the packet. May be NULL if capacity is 0.
 * @param capacity   Bytes in buffer.
 * @param out_length Receives the packet's length, also with NS_ERR_TOO_SMALL;
 *                   0 with every other failure.
 * @return NS_OK; NS_ERR_WOULD_BLOCK: none waits; NS_ERR_TOO_SMALL: the packet
 *         stays where it is; NS_ERR_UNSUPPORTED: the link is no channel;
 *         NS_ERR_INVALID_ARGUMENT.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_link_read(ns_link *link, uint8_t *buffer, size_t capacity,
                                           size_t *out_length) NS_NOEXCEPT;

/**
 * Sends one packet on behalf of the stack.
 *
 * On any thread, calls may overlap. The bytes are borrowed for the call.
 *
 * @return NS_OK, or a negative status: the packet is counted as not sent
 *         (NS_ERR_WOULD_BLOCK: for want of room).
 */
typedef ns_status (*ns_link_transmit_fn)(void *user_data, const uint8_t *packet, size_t length);

/** Options of ns_link_callback_new(). Start from the INIT macro. */
typedef struct ns_link_callback_options {
    uint32_t struct_size; /**< sizeof this struct, as the caller knows it. */
    uint32_t mtu;         /**< Bytes, up to NS_MTU_MAX; 0: 1500. */
} ns_link_callback_options;

/** Initialises options to the defaults. */
#define NS_LINK_CALLBACK_OPTIONS_INIT \
    { sizeof(ns_link_callback_options), 0u }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_link_callback_options_init(ns_link_callback_options *options,
                                          size_t size) NS_NOEXCEPT;

/**
 * Makes a link out of the embedder's own way to send; what the stack shall
 * receive comes by ns_link_inject(). [any thread]
 *
 * @param options   NULL for the defaults. Borrowed for the call.
 * @param transmit  Sends a packet.
 * @param user_data Passed to transmit and destroy.
 * @param destroy   May be NULL. See base.h for its rules.
 * @param out_link  Receives a link that the caller owns, or NULL.
 * @param out_error NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_UNSUPPORTED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_link_callback_new(const ns_link_callback_options *options,
                                                   ns_link_transmit_fn transmit, void *user_data,
                                                   ns_destroy_fn destroy, ns_link **out_link,
                                                   ns_error **out_error) NS_NOEXCEPT;

/** What stands before each IP packet on a descriptor. */
typedef uint32_t ns_packet_information;

enum {
    NS_PACKET_INFORMATION_NONE = 0,  /**< Nothing: Android's VpnService, Linux with IFF_NO_PI. */
    NS_PACKET_INFORMATION_LINUX = 1, /**< 2 bytes of flags, 2 bytes of EtherType: a Linux TUN. */
    NS_PACKET_INFORMATION_UTUN = 2   /**< 4 bytes of address family: utun (2 and 30). */
};

/** Options of ns_link_fd_new(). Start from the INIT macro. */
typedef struct ns_link_fd_options {
    uint32_t struct_size;                     /**< sizeof this struct, as the caller knows it. */
    uint32_t mtu;                             /**< Bytes, up to NS_MTU_MAX; 0: 1500. */
    ns_packet_information packet_information; /**< What precedes each packet, both ways. */
} ns_link_fd_options;

/** Initialises options to the defaults. */
#define NS_LINK_FD_OPTIONS_INIT \
    { sizeof(ns_link_fd_options), 0u, 0u }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_link_fd_options_init(ns_link_fd_options *options, size_t size) NS_NOEXCEPT;

/**
 * Makes a link out of an open descriptor that keeps packets apart: a TUN
 * device, a datagram or sequenced-packet socket. [any thread]
 *
 * The link works on a duplicate: the caller keeps the descriptor and may close
 * it. It is made non-blocking, which the caller's shares.
 *
 * @param descriptor An open descriptor; a stream socket is refused.
 * @param options    NULL for the defaults. Borrowed for the call.
 * @param out_link   Receives a link that the caller owns, or NULL.
 * @param out_error  NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_UNSUPPORTED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_link_fd_new(int descriptor, const ns_link_fd_options *options,
                                             ns_link **out_link, ns_error **out_error) NS_NOEXCEPT;

/** Options of ns_link_tun_new(). Start from the INIT macro. */
typedef struct ns_link_tun_options {
    uint32_t struct_size; /**< sizeof this struct, as the caller knows it. */
    uint32_t mtu;         /**< Sets the device's MTU, 68 to NS_MTU_MAX; 0: leaves it. */
    /** What the host calls itself on this network: given to the device, which
     *  is then brought up. Borrowed for the call. May be NULL. */
    const ns_prefix *host_addresses;
    size_t host_address_count; /**< Entries in host_addresses. */
} ns_link_tun_options;

/** Initialises options to the defaults. */
#define NS_LINK_TUN_OPTIONS_INIT \
    { sizeof(ns_link_tun_options), 0u, NULL, 0u }

/**
 * What the INIT macro does, for FFI callers. [pure]
 *
 * @param options Receives the defaults. NULL does nothing.
 * @param size    sizeof *options, as the caller knows it.
 * @since 0.1
 */
NS_API void ns_link_tun_options_init(ns_link_tun_options *options, size_t size) NS_NOEXCEPT;

/**
 * Opens a TUN device by name and makes it if it does not exist. Linux.
 * [any thread]
 *
 * Without host addresses the device is left as it is: bring it up and give it
 * an address with the system's tools. The link's MTU is the device's.
 *
 * @param name      1 to 15 characters, such as "tun0"; a "%d" in it becomes the
 *                  first free number.
 * @param options   NULL for the defaults. Borrowed for the call.
 * @param out_link  Receives a link that the caller owns, or NULL.
 * @param out_error NULL, or receives an error that the caller owns and that
 *                  says what to do: run with CAP_NET_ADMIN, load a module, ...
 * @return NS_OK; NS_ERR_INVALID_ARGUMENT: a bad name or option, or the device is
 *         of another kind; NS_ERR_BUSY: somebody else has the device open;
 *         NS_ERR_NOT_FOUND: the system has no TUN; NS_ERR_UNSUPPORTED: not
 *         allowed, or not Linux; NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_link_tun_new(const char *name, const ns_link_tun_options *options,
                                              ns_link **out_link, ns_error **out_error) NS_NOEXCEPT;

/**
 * The name of the device behind a link. [any thread]
 *
 * @param link     A TUN link.
 * @param buffer   Receives text that ends in 0. May be NULL if capacity is 0.
 * @param capacity Bytes in buffer; 16 are always enough.
 * @return NS_OK, NS_ERR_TOO_SMALL, NS_ERR_UNSUPPORTED (no device),
 *         NS_ERR_INVALID_ARGUMENT.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_link_get_device(const ns_link *link, char *buffer,
                                                 size_t capacity) NS_NOEXCEPT;

/**
 * The link's MTU in bytes; 0 for NULL. [any thread]
 *
 * @param link May be NULL.
 * @return Bytes.
 * @since 0.1
 */
NS_API uint32_t ns_link_get_mtu(const ns_link *link) NS_NOEXCEPT;

/**
 * Gives the stack a packet as if it had come in on this link. [any thread]
 *
 * Handlers run, and answers are sent, before it returns. From inside a callback
 * the packet is handled at once, nested up to 8 deep.
 *
 * On a NIC with NS_NIC_SIDE_BY_SIDE it tells whether somebody here took the
 * packet: the stack or a handler answered it, a handler consumed it, or a ping
 * socket has it (a raw socket's copy does not count). Any other (another
 * protocol, an address that is not ours, an ICMP message that nobody wants, a
 * packet that is malformed) comes back untouched and unanswered, to be given to
 * the other stack.
 *
 * A fragment of an ICMP message is taken, and held until the others come, where
 * somebody here could take an echo to that address: a handler or ping sockets of
 * that family are there, or the stack itself would answer. Only the whole tells
 * what the message is: if nobody wants it then, its last fragment comes back and
 * the others are gone. Any other fragment comes back at once.
 *
 * @param link   A link of any kind.
 * @param packet One IP packet. Borrowed for the call. May be NULL if length is 0.
 * @param length Bytes in packet.
 * @return NS_OK: dealt with, be it by dropping and counting it;
 *         NS_UNCLAIMED: side by side, and nothing here takes it;
 *         NS_ERR_CLOSED: no NIC has this link; NS_ERR_BUSY: nested too deep;
 *         NS_ERR_INVALID_ARGUMENT; NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API ns_status ns_link_inject(ns_link *link, const uint8_t *packet, size_t length) NS_NOEXCEPT;

/**
 * Gives the caller's reference back. [any thread]
 *
 * The link lives on as long as a NIC has it.
 *
 * @param link May be NULL.
 * @since 0.1
 */
NS_API void ns_link_free(ns_link *link) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_LINK_H */
