/**
 * @file
 * Addresses and prefixes, as bytes and as text.
 */
#ifndef NETSTACK_ADDRESS_H
#define NETSTACK_ADDRESS_H

#include <netstack/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An IPv4 or IPv6 address. All bytes 0: no address. 24 bytes. */
typedef struct ns_address {
    uint8_t bytes[16]; /**< Network byte order; IPv4 in the first 4, the others 0. */
    uint32_t family;   /**< NS_FAMILY_IPV4 or NS_FAMILY_IPV6. */
    /** The NIC on whose link an IPv6 link-local address or group is meant; 0: not
     *  told. Packets tell it, sockets and ns_ping() go by it; elsewhere, and on any
     *  other address, it means nothing. */
    uint32_t scope;
} ns_address;

/** An address with a prefix length: a network, or an address in its subnet. 28 bytes. */
typedef struct ns_prefix {
    ns_address address; /**< Of a network all bits behind the length are 0. */
    uint32_t length;    /**< 0 to 32 or 128. */
} ns_prefix;

/** Room for any address or prefix as text, with the terminating 0. */
#define NS_ADDRESS_TEXT_SIZE 64

/**
 * Reads "192.0.2.1" or "2001:db8::1". [pure]
 *
 * @param text        Text that ends in 0. No zone, no spaces, no leading zeros
 *                    in IPv4.
 * @param out_address Receives the address; untouched on failure.
 * @return NS_OK or NS_ERR_INVALID_ARGUMENT.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_address_parse(const char *text,
                                               ns_address *out_address) NS_NOEXCEPT;

/**
 * Writes an address as text, IPv6 as RFC 5952 wants it. [pure]
 *
 * @param address  The address.
 * @param buffer   Receives text that ends in 0. May be NULL if capacity is 0.
 * @param capacity Bytes in buffer; NS_ADDRESS_TEXT_SIZE is always enough.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT (unknown family), or NS_ERR_TOO_SMALL
 *         (nothing was written).
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_address_format(const ns_address *address, char *buffer,
                                                size_t capacity) NS_NOEXCEPT;

/**
 * Reads "192.0.2.1/24" or "2001:db8::1/64". [pure]
 *
 * Bits behind the prefix may be set: an address in its subnet is written so.
 *
 * @param text       Text that ends in 0.
 * @param out_prefix Receives the prefix; untouched on failure.
 * @return NS_OK or NS_ERR_INVALID_ARGUMENT.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_prefix_parse(const char *text, ns_prefix *out_prefix) NS_NOEXCEPT;

/**
 * Writes a prefix as text. [pure]
 *
 * @param prefix   The prefix.
 * @param buffer   Receives text that ends in 0. May be NULL if capacity is 0.
 * @param capacity Bytes in buffer; NS_ADDRESS_TEXT_SIZE is always enough.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT (unknown family, length too large), or
 *         NS_ERR_TOO_SMALL (nothing was written).
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_prefix_format(const ns_prefix *prefix, char *buffer,
                                               size_t capacity) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_ADDRESS_H */
