// The calls beneath which the library may call Go. Each thread has a chain of them, on its stack.
#include "calls.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

#include "shim.h"

// Goexit in a callback skips the frames of the library that lie between. The library tells them
// from live ones by their addresses, once it is called from above them: so there is room between.
#define HEADROOM 1024

typedef struct call {
    struct call *outer;
    uintptr_t failure;
    int interrupt;
} call;

static _Thread_local call *innermost;
// Left by Goexit, and the library does not know it yet.
static _Thread_local int left;

uintptr_t *nsgo_failure(void)
{
    return innermost == NULL ? NULL : &innermost->failure;
}

int nsgo_abandon(void)
{
    const int already = left;
    innermost = NULL;
    left = 1;
    return already;
}

int nsgo_recover(void)
{
    const int was_left = left;
    left = 0;
    (void)ns_request_reply(0); // names no request, but looks at what was left
    return was_left;
}

int nsgo_interrupt(void)
{
    return innermost == NULL ? -1 : innermost->interrupt;
}

ns_status nsgo_wait_end(void)
{
    struct pollfd interrupt = {nsgo_interrupt(), POLLIN, 0};
    if (innermost != NULL && innermost->failure != 0) return NSGO_INTERRUPTED;
    return poll(&interrupt, 1, 0) > 0 ? NSGO_INTERRUPTED : NS_OK;
}

// BEGIN and END enclose a call of the library.
#define BEGIN(interrupt_descriptor)                          \
    volatile char headroom[HEADROOM];                        \
    call this_call = {innermost, 0, (interrupt_descriptor)}; \
    nsgo_result result = {NS_OK, 0, 0, 0, NULL, NULL, 0};    \
    headroom[0] = 0;                                         \
    innermost = &this_call

#define END()                           \
    innermost = this_call.outer;        \
    result.failure = this_call.failure; \
    (void)headroom[0]

nsgo_result nsgo_stack_new(const ns_stack_options *options, ns_stack **stack)
{
    BEGIN(-1);
    result.status = ns_stack_new(options, stack, &result.error);
    END();
    if (result.failure != 0) ns_stack_free(*stack); // nobody gets it
    return result;
}

nsgo_result nsgo_capture_new(nsgo_callee *callee, ns_capture **capture)
{
    BEGIN(-1);
    result.status = nsgo_capture_make(callee, capture, &result.error);
    END();
    if (result.failure != 0) ns_capture_free(*capture);
    return result;
}

nsgo_result nsgo_clock_now(const ns_clock *clock)
{
    BEGIN(-1);
    result.now = ns_clock_get_now(clock);
    END();
    return result;
}

nsgo_result nsgo_link_inject(ns_link *link, const uint8_t *packet, size_t length)
{
    BEGIN(-1);
    result.status = ns_link_inject(link, packet, length);
    END();
    return result;
}

nsgo_result nsgo_stack_poll(ns_stack *stack)
{
    size_t packets = 0;
    BEGIN(-1);
    result.status = ns_stack_poll(stack, &packets, &result.error);
    result.packets = (uint32_t)packets;
    END();
    return result;
}

nsgo_result nsgo_stack_run(ns_stack *stack, int interrupt)
{
    BEGIN(interrupt);
    result.status = ns_stack_run(stack, &result.error);
    END();
    return result;
}

nsgo_result nsgo_ping(ns_stack *stack, const ns_address *destination,
                      const ns_ping_options *options, const uint8_t *payload, size_t length,
                      int interrupt)
{
    ns_ping_options whole = *options;
    whole.payload = payload;
    whole.payload_length = length;
    BEGIN(interrupt);
    result.status =
        ns_ping(stack, destination, &whole, &result.rtt_ns, &result.reply, &result.error);
    END();
    if (result.failure != 0) ns_packet_unref(result.reply);
    return result;
}

nsgo_result nsgo_ping_socket_bind(ns_ping_socket *socket, const ns_address *address,
                                  uint16_t identifier)
{
    BEGIN(-1);
    result.status = ns_ping_socket_bind(socket, address, identifier, &result.error);
    END();
    return result;
}

nsgo_result nsgo_ping_socket_connect(ns_ping_socket *socket, const ns_address *peer)
{
    BEGIN(-1);
    result.status = ns_ping_socket_connect(socket, peer, &result.error);
    END();
    return result;
}

nsgo_result nsgo_ping_socket_send(ns_ping_socket *socket, const ns_address *destination,
                                  uint16_t sequence, const uint8_t *payload, size_t length)
{
    BEGIN(-1);
    result.status = ns_ping_socket_send(socket, destination, sequence, payload, length);
    END();
    return result;
}

nsgo_result nsgo_set_capture(ns_stack *stack, uint32_t nic, ns_capture *capture)
{
    BEGIN(-1);
    result.status = ns_stack_set_capture(stack, nic, capture, &result.error);
    END();
    return result;
}

static uint64_t now_of(clockid_t id)
{
    struct timespec time = {0, 0};
    (void)clock_gettime(id, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t system_now(void *user_data)
{
    (void)user_data;
    return now_of(CLOCK_MONOTONIC);
}

static uint64_t system_wall_now(void *user_data)
{
    (void)user_data;
    return now_of(CLOCK_REALTIME);
}

// Rounds up: a wait that ends just before its deadline would only be followed by another.
static int milliseconds_until(uint64_t deadline_ns)
{
    const uint64_t now = now_of(CLOCK_MONOTONIC);
    if (deadline_ns == NS_TIME_NEVER) return -1;
    if (deadline_ns <= now) return 0;
    const uint64_t milliseconds = (deadline_ns - now + 999999u) / 1000000u;
    return milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
}

static ns_status system_wait(void *user_data, int descriptor, uint64_t deadline_ns)
{
    (void)user_data;
    struct pollfd waiting[2] = {{descriptor, POLLIN, 0}, {nsgo_interrupt(), POLLIN, 0}};
    if (innermost != NULL && innermost->failure != 0) return NSGO_INTERRUPTED;
    if (poll(waiting, 2, milliseconds_until(deadline_ns)) < 0)
        return errno == EINTR ? NS_OK : NS_ERR_INTERNAL;
    return waiting[1].revents != 0 ? NSGO_INTERRUPTED : NS_OK;
}

ns_status nsgo_system_clock_new(ns_clock **clock, ns_error **error)
{
    ns_clock_options options = NS_CLOCK_OPTIONS_INIT;
    options.wall_now = system_wall_now;
    options.wait = system_wait;
    return ns_clock_callback_new(&options, system_now, NULL, NULL, clock, error);
}
