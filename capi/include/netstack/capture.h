/**
 * @file
 * Captures: what passes a NIC, both ways, in the pcap format (raw IP, link type
 * 101, microseconds), for Wireshark and tcpdump.
 */
#ifndef NETSTACK_CAPTURE_H
#define NETSTACK_CAPTURE_H

#include <netstack/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A capture being written. Made by ns_capture_*_new(), freed by the caller. */
typedef struct ns_capture ns_capture;

/**
 * Takes the next bytes of a capture: first the file header, then one whole
 * record a call. Calls do not overlap. The bytes are borrowed for the call.
 */
typedef void (*ns_capture_write_fn)(void *user_data, const uint8_t *bytes, size_t length);

/**
 * Makes a capture that writes a file, each record at once. [any thread]
 *
 * @param path        The file; what it held is lost.
 * @param out_capture Receives a capture that the caller owns, or NULL.
 * @param out_error   NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT, NS_ERR_NOT_FOUND or NS_ERR_UNSUPPORTED
 *         (the file can't be made), NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_capture_file_new(const char *path, ns_capture **out_capture,
                                                  ns_error **out_error) NS_NOEXCEPT;

/**
 * Makes a capture that hands its bytes to a function. [any thread]
 *
 * @param write       Called on the thread that delivers or sends a packet.
 * @param user_data   Passed to write and destroy.
 * @param destroy     May be NULL. See base.h for its rules.
 * @param out_capture Receives a capture that the caller owns, or NULL.
 * @param out_error   NULL, or receives an error that the caller owns.
 * @return NS_OK, NS_ERR_INVALID_ARGUMENT or NS_ERR_NO_MEMORY.
 * @since 0.1
 */
NS_API NS_NODISCARD ns_status ns_capture_callback_new(ns_capture_write_fn write, void *user_data,
                                                      ns_destroy_fn destroy,
                                                      ns_capture **out_capture,
                                                      ns_error **out_error) NS_NOEXCEPT;

/**
 * How many records could not be written, because the file refused them.
 * 0 for NULL. [any thread]
 *
 * @param capture May be NULL.
 * @return Records, since it was made.
 * @since 0.1
 */
NS_API uint64_t ns_capture_get_lost(const ns_capture *capture) NS_NOEXCEPT;

/**
 * Gives the caller's reference back; a NIC that captures keeps its own.
 * [any thread]
 *
 * @param capture May be NULL.
 * @since 0.1
 */
NS_API void ns_capture_free(ns_capture *capture) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_CAPTURE_H */
