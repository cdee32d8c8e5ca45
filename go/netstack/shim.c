#include "shim.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "_cgo_export.h"
#include "calls.h"

// What no verdict is: the handler failed, which the library counts.
#define FAILED ((ns_verdict)-1)

nsgo_callee *nsgo_callee_new(uintptr_t handle)
{
    nsgo_callee *callee = calloc(1, sizeof *callee);
    if (callee != NULL) callee->handle = handle;
    return callee;
}

static _Atomic(nsgo_callee *) dead;

static void bury(void *user_data)
{
    nsgo_callee *callee = user_data;
    callee->next = atomic_load_explicit(&dead, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&dead, &callee->next, callee,
                                                  memory_order_release, memory_order_relaxed)) {
    }
}

nsgo_callee *nsgo_take_dead(void)
{
    if (atomic_load_explicit(&dead, memory_order_relaxed) == NULL) return NULL;
    return atomic_exchange_explicit(&dead, NULL, memory_order_acquire);
}

void nsgo_callee_free(nsgo_callee *callee)
{
    free(callee);
}

static uintptr_t handle_of(const void *user_data)
{
    return ((const nsgo_callee *)user_data)->handle;
}

static ns_verdict on_request(void *user_data, ns_request request)
{
    ns_packet_info info;
    if (ns_request_get_info(request, &info, sizeof info) != NS_OK) return FAILED;
    return nsgoRequest(handle_of(user_data), request, &info);
}

// Whoever waits looks once more after it has said so: then either it sees the packet, or this sees
// it.
static void on_notify(void *user_data)
{
    nsgo_callee *callee = user_data;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&callee->waiting, __ATOMIC_SEQ_CST) != 0) nsgoNotify(callee->handle);
}

static ns_status on_transmit(void *user_data, const uint8_t *packet, size_t length)
{
    return nsgoTransmit(handle_of(user_data), (uint8_t *)packet, length);
}

static void on_capture(void *user_data, const uint8_t *bytes, size_t length)
{
    nsgoCapture(handle_of(user_data), (uint8_t *)bytes, length);
}

static uint64_t on_now(void *user_data)
{
    return nsgoNow(handle_of(user_data));
}

static uint64_t on_wall_now(void *user_data)
{
    return nsgoWallNow(handle_of(user_data));
}

static uint64_t on_random(void *user_data)
{
    return nsgoRandom(handle_of(user_data));
}

static ns_status on_wait(void *user_data, int descriptor, uint64_t deadline_ns)
{
    ns_status status = nsgo_wait_end();
    if (status == NS_OK)
        status = nsgoWait(handle_of(user_data), descriptor, nsgo_interrupt(), deadline_ns);
    return status == NS_OK ? nsgo_wait_end() : status;
}

ns_status nsgo_forwarder_new(uint32_t flags, nsgo_callee *callee, ns_icmp_forwarder **forwarder,
                             ns_error **error)
{
    ns_icmp_forwarder_options options = NS_ICMP_FORWARDER_OPTIONS_INIT;
    options.flags = flags;
    return ns_icmp_forwarder_new(&options, on_request, callee, bury, forwarder, error);
}

ns_status nsgo_channel_new(uint32_t mtu, uint32_t capacity, nsgo_callee *callee, ns_link **link,
                           ns_error **error)
{
    ns_link_channel_options options = NS_LINK_CHANNEL_OPTIONS_INIT;
    options.mtu = mtu;
    options.capacity = capacity;
    options.notify = on_notify;
    options.user_data = callee;
    options.destroy = bury;
    return ns_link_channel_new(&options, link, error);
}

ns_status nsgo_callback_link_new(uint32_t mtu, nsgo_callee *callee, ns_link **link,
                                 ns_error **error)
{
    ns_link_callback_options options = NS_LINK_CALLBACK_OPTIONS_INIT;
    options.mtu = mtu;
    return ns_link_callback_new(&options, on_transmit, callee, bury, link, error);
}

ns_status nsgo_capture_make(nsgo_callee *callee, ns_capture **capture, ns_error **error)
{
    return ns_capture_callback_new(on_capture, callee, bury, capture, error);
}

ns_status nsgo_clock_new(int has_wall_now, int has_wait, nsgo_callee *callee, ns_clock **clock,
                         ns_error **error)
{
    ns_clock_options options = NS_CLOCK_OPTIONS_INIT;
    if (has_wall_now) options.wall_now = on_wall_now;
    if (has_wait) options.wait = on_wait;
    return ns_clock_callback_new(&options, on_now, callee, bury, clock, error);
}

ns_status nsgo_random_new(nsgo_callee *callee, ns_random **random)
{
    return ns_random_callback_new(on_random, callee, bury, random);
}

ns_status nsgo_ping_socket_new(ns_stack *stack, ns_family family, uint32_t nic, uint32_t ttl,
                               uint32_t tos, uint64_t receive_bytes, nsgo_callee *callee,
                               ns_ping_socket **socket, ns_error **error)
{
    ns_ping_socket_options options = NS_PING_SOCKET_OPTIONS_INIT;
    options.nic = nic;
    options.ttl = ttl;
    options.tos = tos;
    options.receive_bytes = receive_bytes;
    options.notify = on_notify;
    options.user_data = callee;
    options.destroy = bury;
    return ns_ping_socket_new(stack, family, &options, socket, error);
}

ns_status nsgo_raw_socket_new(ns_stack *stack, ns_family family, uint32_t nic,
                              uint64_t receive_bytes, nsgo_callee *callee, ns_raw_socket **socket,
                              ns_error **error)
{
    ns_raw_socket_options options = NS_RAW_SOCKET_OPTIONS_INIT;
    options.nic = nic;
    options.receive_bytes = receive_bytes;
    options.notify = on_notify;
    options.user_data = callee;
    options.destroy = bury;
    return ns_raw_socket_new(stack, family, &options, socket, error);
}
