/**
 * @file
 * Requests: what a handler gets, and what it may do with it.
 *
 * Two decisions, neither of which implies the other: the handler's verdict says
 * who owns the packet; ns_request_reply() asks the stack to answer it.
 *
 * Data is copied, capability is scoped: what a request was (ns_packet_info, a
 * kept ns_packet) stays valid; what may be done with it ends when the callback
 * returns.
 */
#ifndef NETSTACK_REQUEST_H
#define NETSTACK_REQUEST_H

#include <netstack/base.h>
#include <netstack/packet.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * One packet on its way through a handler.
 *
 * A value, not a pointer: it names the request and keeps nothing alive. It is
 * usable on the thread that runs the callback, until the callback returns, also
 * in callbacks nested inside. Anywhere else, for ever, every function that takes
 * it returns NS_ERR_EXPIRED; none of them crashes or finds another packet.
 * Values never repeat; 0 is none.
 */
typedef uint64_t ns_request;

/** What a handler decided. Any other value is a handler that failed. */
typedef int32_t ns_verdict;

enum {
    NS_VERDICT_DECLINED = 0, /**< The stack goes on as if there were no handler. */
    NS_VERDICT_CONSUMED = 1  /**< The handler owns the packet; the stack does nothing more. */
};

/**
 * Asks for the stack's own Echo Reply. [callback thread]
 *
 * It leaves before this returns, and is what the stack would have sent by
 * itself: TOS, identification, code, identifier, sequence and data of the
 * request, default TTL. It comes from the request's destination, also if nobody
 * assigned that address; for a broadcast or multicast request from one of the
 * NIC's own. One reply is sent however often it is called, and declining the
 * request afterwards sends no second one, nor one after a failure.
 *
 * @param request The callback's request.
 * @return NS_OK: accepted, though a full link may still drop it; and at every
 *         later call what the first one returned. NS_ERR_NO_ROUTE: no way back,
 *         or no address to answer from. NS_ERR_NOT_REPLYABLE: not an Echo
 *         Request. NS_ERR_EXPIRED.
 * @since 0.1
 */
NS_API ns_status ns_request_reply(ns_request request) NS_NOEXCEPT;

/**
 * What there is to know of the packet. [callback thread]
 *
 * @param request  The callback's request.
 * @param out_info Receives it; untouched on failure.
 * @param size     sizeof *out_info, as the caller knows it: fields beyond are
 *                 left out, fields that the library does not know become 0.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT or NS_ERR_EXPIRED.
 * @since 0.1
 */
NS_API ns_status ns_request_get_info(ns_request request, ns_packet_info *out_info,
                                     size_t size) NS_NOEXCEPT;

/**
 * The packet's bytes, from the IP header on, without a copy. [callback thread]
 *
 * @param request    The callback's request.
 * @param out_bytes  Receives a pointer that is valid until the callback returns
 *                   and not a moment longer. Read only.
 * @param out_length Receives how many there are.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT or NS_ERR_EXPIRED.
 * @since 0.1
 */
NS_API ns_status ns_request_borrow_packet(ns_request request, const uint8_t **out_bytes,
                                          size_t *out_length) NS_NOEXCEPT;

/**
 * Copies the packet's bytes, from the IP header on. [callback thread]
 *
 * @param request    The callback's request.
 * @param buffer     Receives the bytes. May be NULL if capacity is 0.
 * @param capacity   Bytes in buffer.
 * @param out_length Receives the packet's length, also with NS_ERR_TOO_SMALL;
 *                   0 with every other failure.
 * @return NS_OK, NS_ERR_TOO_SMALL (nothing was copied),
 *         NS_ERR_INVALID_ARGUMENT or NS_ERR_EXPIRED.
 * @since 0.1
 */
NS_API ns_status ns_request_copy_packet(ns_request request, uint8_t *buffer, size_t capacity,
                                        size_t *out_length) NS_NOEXCEPT;

/**
 * Keeps a copy of the packet beyond the callback. [callback thread]
 *
 * @param request    The callback's request.
 * @param out_packet Receives a packet that the caller owns, or NULL. It carries
 *                   no right to answer.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_EXPIRED or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_request_ref_packet(ns_request request,
                                                    ns_packet **out_packet) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_REQUEST_H */
