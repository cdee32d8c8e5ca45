/**
 * @file
 * What every other header needs: statuses, errors, and the few words that the
 * declarations are written in.
 *
 * Conventions, once for all headers:
 *
 * - A function that can fail returns an ns_status: NS_OK (0), a positive value
 *   that tells more than that, or a negative one. The numbers never change; a
 *   negative number that a caller does not know is a failure like any other.
 * - A function that an embedder configures with, and whose failure wants a
 *   sentence, has a last parameter `out_error`. It may be NULL. On failure it
 *   receives an error that the caller frees; on success it receives NULL.
 *   Nothing is half done when a function fails.
 * - `ns_<noun>_new` makes an object that the caller owns and passes to
 *   `ns_<noun>_free`, which accepts NULL. `_ref` and `_unref` share one.
 *   What a `_borrow_` function returns ends as its comment says.
 * - A callback comes with `user_data` and `destroy`. The library owns
 *   `user_data` from the registering call on, also if that call fails, and
 *   calls `destroy` with it exactly once, after the last call of the callback
 *   has returned, with no lock held. `destroy` may be NULL.
 * - A callback must return: no C++ exception, no longjmp, no panic may leave
 *   it, and the stack it runs on must not be switched away and abandoned.
 * - A struct of options begins with `struct_size`, set by its INIT macro or by
 *   its `_init` function. A field that is 0 means its default. A library older
 *   than the caller's headers refuses only what was really asked of it and
 *   unknown to it (NS_ERR_UNSUPPORTED).
 * - In brackets: from where a function may be called.
 *   [any thread]: from any, at any time, also inside callbacks.
 *   [callback thread]: on the thread that runs the callback, until it returns.
 *   [pure]: from anywhere; it touches no state.
 *   What else stands there, as for ns_stack_run() and ns_stack_stop(), says itself.
 * - Pointers must not be NULL unless the comment says so; where they are, and
 *   for any other argument that makes no sense, the answer is
 *   NS_ERR_INVALID_ARGUMENT. A pointer to an object that was freed is the
 *   caller's fault and can't be caught.
 * - After fork() the child may only free what it inherited; everything else
 *   returns NS_ERR_CLOSED there.
 */
#ifndef NETSTACK_BASE_H
#define NETSTACK_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(NS_STATIC) || !(defined(__GNUC__) || defined(__clang__))
#define NS_API
#else
#define NS_API __attribute__((visibility("default")))
#endif

#if defined(__GNUC__) || defined(__clang__)
#define NS_NODISCARD __attribute__((warn_unused_result))
#else
#define NS_NODISCARD
#endif

#if defined(__cplusplus) && __cplusplus >= 201103L
#define NS_NOEXCEPT noexcept
#else
#define NS_NOEXCEPT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** What became of a call: NS_OK, a positive value, or a negative NS_ERR_ one. */
typedef int32_t ns_status;

enum {
    NS_OK = 0,                    /**< Done. */
    NS_UNCLAIMED = 1,             /**< Nothing here takes this packet; it is untouched. */
    NS_ERR_INVALID_ARGUMENT = -1, /**< An argument makes no sense. */
    NS_ERR_NO_MEMORY = -2,        /**< No memory; nothing was changed. */
    NS_ERR_EXPIRED = -3, /**< The request's callback has returned, or this is not its thread. */
    NS_ERR_NOT_REPLYABLE = -4, /**< Not an Echo Request. */
    NS_ERR_NO_ROUTE = -5,      /**< No way to the peer, or no address to answer from. */
    NS_ERR_LIMITED = -6,       /**< A bound is reached. */
    NS_ERR_BUSY = -7,          /**< In use by somebody else, or nested too deep. */
    NS_ERR_UNSUPPORTED = -8,   /**< This library, system or configuration cannot do it. */
    NS_ERR_TOO_SMALL = -9,     /**< The buffer is too small; the length needed is reported. */
    NS_ERR_NOT_FOUND = -10,    /**< There is no such thing. */
    NS_ERR_CLOSED = -11,       /**< The stack, link or device is gone. */
    NS_ERR_ANSWERED = -12,     /**< The request was answered in another way. */
    NS_ERR_TIMED_OUT = -13,    /**< The deadline has passed. */
    NS_ERR_WOULD_BLOCK = -14,  /**< Nothing there now. */
    NS_ERR_INTERNAL = -99      /**< A fault of the library; please report it. */
};

/** IPv4, IPv6 or both. */
typedef uint32_t ns_family;

enum {
    NS_FAMILY_ANY = 0,  /**< Both, where a function takes more than one. */
    NS_FAMILY_IPV4 = 4, /**< IPv4. */
    NS_FAMILY_IPV6 = 6  /**< IPv6. */
};

/** Called once with what was registered beside it; see the file's comment. */
typedef void (*ns_destroy_fn)(void *user_data);

/** Why a call failed, in a sentence. Made by a failing call, freed by the caller. */
typedef struct ns_error ns_error;

/**
 * The status that came with the error. [any thread]
 *
 * @param error May be NULL.
 * @return The status; NS_OK for NULL.
 * @since 0.1
 */
NS_API ns_status ns_error_status(const ns_error *error) NS_NOEXCEPT;

/**
 * A sentence that names what was wrong. [any thread]
 *
 * @param error NULL gives "no error".
 * @return Text in UTF-8 without a line break, never NULL; borrowed from the
 *         error, valid until ns_error_free().
 * @since 0.1
 */
NS_API const char *ns_error_message(const ns_error *error) NS_NOEXCEPT;

/**
 * Frees an error. [any thread]
 *
 * @param error May be NULL.
 * @since 0.1
 */
NS_API void ns_error_free(ns_error *error) NS_NOEXCEPT;

/**
 * A status's constant as text, such as "NS_ERR_EXPIRED". [pure]
 *
 * @param status Any number.
 * @return A string of the library, never NULL, valid for ever; "NS_ERR_UNKNOWN"
 *         for a number that is no status.
 * @since 0.1
 */
NS_API const char *ns_status_name(ns_status status) NS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* NETSTACK_BASE_H */
