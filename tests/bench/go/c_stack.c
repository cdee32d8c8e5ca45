#include "c_stack.h"

#include <netstack/netstack.h>
#include <stdlib.h>
#include <time.h>

struct c_stack {
  ns_stack* stack;
  ns_link* wire;
  uint64_t calls;
  uint32_t seen;
};

static ns_verdict replies(void* user_data, ns_request request) {
  ++((c_stack*)user_data)->calls;
  (void)ns_request_reply(request);
  return NS_VERDICT_CONSUMED;
}

static ns_verdict consumes(void* user_data, ns_request request) {
  (void)request;
  ++((c_stack*)user_data)->calls;
  return NS_VERDICT_CONSUMED;
}

static ns_verdict observes(void* user_data, ns_request request) {
  c_stack* me = user_data;
  ns_packet_info info;
  ++me->calls;
  if (ns_request_get_info(request, &info, sizeof info) == NS_OK) me->seen += info.ttl;
  return NS_VERDICT_DECLINED;
}

static const ns_icmp_request_fn functions[] = {NULL, replies, consumes, observes};

c_stack* c_stack_new(c_handler handler, const char* address4, const char* address6) {
  c_stack* me = calloc(1, sizeof *me);
  ns_icmp_forwarder* forwarder = NULL;
  ns_status status;
  if (me == NULL) return NULL;
  if (ns_stack_new(NULL, &me->stack, NULL) != NS_OK ||
      ns_link_channel_new(NULL, &me->wire, NULL) != NS_OK ||
      ns_stack_add_nic(me->stack, 1, me->wire, NULL, NULL) != NS_OK ||
      ns_stack_add_address(me->stack, 1, address4, NULL) != NS_OK ||
      ns_stack_add_address(me->stack, 1, address6, NULL) != NS_OK)
    return NULL;
  if (handler == C_NONE) return me;
  if (ns_icmp_forwarder_new(NULL, functions[handler], me, NULL, &forwarder, NULL) != NS_OK)
    return NULL;
  status = ns_stack_set_icmp_forwarder(me->stack, NS_FAMILY_ANY, forwarder, NULL);
  ns_icmp_forwarder_free(forwarder);
  return status == NS_OK ? me : NULL;
}

size_t c_stack_echoes(c_stack* me, const uint8_t* request, size_t length, uint64_t count,
                      uint8_t* reply, size_t capacity) {
  size_t reply_length = 0;
  while (count-- > 0) {
    (void)ns_link_inject(me->wire, request, length);
    if (ns_link_read(me->wire, reply, capacity, &reply_length) != NS_OK) reply_length = 0;
  }
  return reply_length;
}

uint64_t c_stack_calls(const c_stack* me) { return me->calls; }

uint64_t cpu_time(void) {
  struct timespec time = {0, 0};
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
