// What stands in C between the library and Go: typed trampolines for callbacks, and the calls
// beneath which Go code may run.
#ifndef NETSTACK_GO_SHIM_H
#define NETSTACK_GO_SHIM_H

#include <netstack/netstack.h>

// A Go value that the library calls, as its user_data: in C's memory, since the library keeps it.
typedef struct nsgo_callee {
    uintptr_t handle;         // a cgo.Handle
    int32_t waiting;          // goroutines that want to be notified; atomic
    struct nsgo_callee *next; // of the dead
} nsgo_callee;

// NULL: no memory.
nsgo_callee *nsgo_callee_new(uintptr_t handle);
// The callees that the library is done with, linked by next. Go deletes their handles: the library
// may end one on a thread that is about to end itself, where no Go code can run.
nsgo_callee *nsgo_take_dead(void);
void nsgo_callee_free(nsgo_callee *callee);

// What became of a call beneath which Go code may have run.
typedef struct nsgo_result {
    ns_status status;
    uint32_t packets;  // nsgo_stack_poll() alone
    uint64_t rtt_ns;   // nsgo_ping() alone
    uint64_t now;      // nsgo_clock_now() alone
    ns_packet *reply;  // nsgo_ping() alone
    ns_error *error;   // NULL, or the caller's to free
    uintptr_t failure; // 0, or the cgo.Handle of the panic that this call is to end with
} nsgo_result;

// What nsgo_stack_run() and nsgo_ping() return when they were interrupted.
#define NSGO_INTERRUPTED (-1000)

nsgo_result nsgo_stack_new(const ns_stack_options *options, ns_stack **stack);
// Owns `callee` from the call on.
nsgo_result nsgo_capture_new(nsgo_callee *callee, ns_capture **capture);
nsgo_result nsgo_clock_now(const ns_clock *clock);
nsgo_result nsgo_link_inject(ns_link *link, const uint8_t *packet, size_t length);
nsgo_result nsgo_stack_poll(ns_stack *stack);
// Ends when `interrupt`, a descriptor, is readable; -1: none.
nsgo_result nsgo_stack_run(ns_stack *stack, int interrupt);
// The payload apart: Go may not hand over a struct that points to memory of Go's.
nsgo_result nsgo_ping(ns_stack *stack, const ns_address *destination,
                      const ns_ping_options *options, const uint8_t *payload, size_t length,
                      int interrupt);
// Of these two Go code may draw the random numbers.
nsgo_result nsgo_ping_socket_bind(ns_ping_socket *socket, const ns_address *address,
                                  uint16_t identifier);
nsgo_result nsgo_ping_socket_connect(ns_ping_socket *socket, const ns_address *peer);
nsgo_result nsgo_ping_socket_send(ns_ping_socket *socket, const ns_address *destination,
                                  uint16_t sequence, const uint8_t *payload, size_t length);

// A capture is written from inside, and Go code writes it.
nsgo_result nsgo_set_capture(ns_stack *stack, uint32_t nic, ns_capture *capture);

// The place for the panic of the innermost of these calls on this thread; NULL: there is none.
uintptr_t *nsgo_failure(void);
// Goexit leaves every call on this thread; nsgo_recover() tells the library so once the goroutine
// has left them. Both return whether it had not been told yet.
int nsgo_abandon(void);
int nsgo_recover(void);

// Constructors with the trampolines in place. Each owns `callee` from the call on.
ns_status nsgo_forwarder_new(uint32_t flags, nsgo_callee *callee, ns_icmp_forwarder **forwarder,
                             ns_error **error);
ns_status nsgo_channel_new(uint32_t mtu, uint32_t capacity, nsgo_callee *callee, ns_link **link,
                           ns_error **error);
ns_status nsgo_callback_link_new(uint32_t mtu, nsgo_callee *callee, ns_link **link,
                                 ns_error **error);
ns_status nsgo_clock_new(int has_wall_now, int has_wait, nsgo_callee *callee, ns_clock **clock,
                         ns_error **error);
ns_status nsgo_random_new(nsgo_callee *callee, ns_random **random);
ns_status nsgo_ping_socket_new(ns_stack *stack, ns_family family, uint32_t nic, uint32_t ttl,
                               uint32_t tos, uint64_t receive_bytes, nsgo_callee *callee,
                               ns_ping_socket **socket, ns_error **error);
ns_status nsgo_raw_socket_new(ns_stack *stack, ns_family family, uint32_t nic,
                              uint64_t receive_bytes, nsgo_callee *callee, ns_raw_socket **socket,
                              ns_error **error);

// The arrays apart: Go may not hand over a struct that points to memory of Go's.
ns_status nsgo_add_nic(ns_stack *stack, uint32_t nic, ns_link *link, uint32_t flags,
                       const ns_prefix *addresses, size_t address_count,
                       const ns_prefix *local_prefixes, size_t local_prefix_count,
                       ns_error **error);
ns_status nsgo_tun_new(const char *name, uint32_t mtu, const ns_prefix *host_addresses,
                       size_t host_address_count, ns_link **link, ns_error **error);

// The system's clock, with a wait that nsgo_stack_run() and nsgo_ping() can interrupt.
ns_status nsgo_system_clock_new(ns_clock **clock, ns_error **error);

// Every counter: its name, a space, its value, a line feed. The caller frees what *text receives.
ns_status nsgo_counters(ns_stack *stack, char **text, size_t *length);

#endif
