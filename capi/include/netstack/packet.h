/**
 * @file
 * Packets: what one was, and a copy of it to keep.
 */
#ifndef NETSTACK_PACKET_H
#define NETSTACK_PACKET_H

#include <netstack/address.h>
#include <netstack/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a packet arrived; bits of ns_packet_info.flags. The first three say what its
 *  destination was to the NIC that took it. */
enum {
    NS_PACKET_TEMPORARY = 1, /**< Nobody assigned it: promiscuous mode or a local prefix. */
    NS_PACKET_BROADCAST = 2, /**< The limited broadcast address, or a subnet's. */
    NS_PACKET_MULTICAST = 4, /**< A joined group. */
    /** The ICMP checksum is wrong. Only raw sockets get to see such a packet. */
    NS_PACKET_BAD_CHECKSUM = 8
};

/**
 * What there is to know of an ICMP packet. A plain copy: valid for ever.
 *
 * Later versions append fields; see the functions that fill it.
 */
typedef struct ns_packet_info {
    ns_address source;       /**< Where it came from. */
    ns_address destination;  /**< Where it went to. */
    uint32_t nic;            /**< The NIC that it came in on. */
    uint32_t flags;          /**< NS_PACKET_ bits. */
    uint32_t length;         /**< Bytes of the whole packet, from the IP header on. */
    uint32_t icmp_offset;    /**< Where the ICMP message begins, in bytes. */
    uint32_t payload_offset; /**< Where the echo data begins, in bytes; it ends with the packet. */
    uint16_t identifier;     /**< Of the echo. Host byte order. */
    uint16_t sequence;       /**< Of the echo. Host byte order. */
    uint8_t type;            /**< ICMP type: 8 or 128 for an Echo Request, 0 or 129 for a Reply. */
    uint8_t code;            /**< ICMP code, as it came. */
    uint8_t ttl;             /**< TTL or Hop Limit, as it came. */
    uint8_t tos;             /**< TOS or Traffic Class, as it came. */
} ns_packet_info;

/**
 * A packet that is kept: shared by count, read-only, and without any right to
 * answer. From ns_request_ref_packet(), or received by a socket.
 */
typedef struct ns_packet ns_packet;

/**
 * Adds an owner. [any thread]
 *
 * @param packet NULL does nothing.
 * @return packet.
 * @since 0.1
 */
NS_API ns_packet *ns_packet_ref(ns_packet *packet) NS_NOEXCEPT;

/**
 * Takes an owner away; the last one frees the packet. [any thread]
 *
 * @param packet May be NULL.
 * @since 0.1
 */
NS_API void ns_packet_unref(ns_packet *packet) NS_NOEXCEPT;

/**
 * What there is to know of the packet. [any thread]
 *
 * @param packet   The packet.
 * @param out_info Receives it.
 * @param size     sizeof *out_info, as the caller knows it: fields beyond are
 *                 left out, fields that the library does not know become 0.
 * @return NS_OK or NS_ERR_INVALID_ARGUMENT.
 * @since 0.1
 */
NS_API ns_status ns_packet_get_info(const ns_packet *packet, ns_packet_info *out_info,
                                    size_t size) NS_NOEXCEPT;

/**
 * The packet's bytes, from the IP header on. [any thread]
 *
 * @param packet     The packet.
 * @param out_bytes  Receives a pointer that is valid as long as the caller owns
 *                   the packet.
 * @param out_length Receives how many there are.
 * @return NS_OK or NS_ERR_INVALID_ARGUMENT.
 * @since 0.1
 */
NS_API ns_status ns_packet_borrow_bytes(const ns_packet *packet, const uint8_t **out_bytes,
                                        size_t *out_length) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_PACKET_H */
