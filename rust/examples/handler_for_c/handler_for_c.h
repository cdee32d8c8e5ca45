#ifndef HANDLER_FOR_C_H
#define HANDLER_FOR_C_H

#include <netstack/netstack.h>

// A network in which the addresses with an odd last byte exist.
typedef struct odd_network odd_network;

// How many requests there were so far.
typedef struct {
  // To addresses that exist.
  uint64_t answered;
  // To all others.
  uint64_t silent;
} odd_counts;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes a network, which the caller gives back to `odd_network_free()`.
odd_network *odd_network_new(void);

// Frees a network: an `ns_destroy_fn`.
//
// # Safety
// It came from `odd_network_new()`, and nobody uses it any more.
void odd_network_free(void *user_data);

// The handler: an `ns_icmp_request_fn`, with a network as its `user_data`.
//
// # Safety
// `user_data` came from `odd_network_new()` and is not freed.
ns_verdict odd_network_on_echo(void *user_data, ns_request request);

// What the handler has counted. Any thread may ask.
//
// # Safety
// The network came from `odd_network_new()` and is not freed.
odd_counts odd_network_get_counts(const odd_network *network);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* HANDLER_FOR_C_H */
