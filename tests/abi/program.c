/* A user's program: a handler, an echo, a ping socket, a ping. It is compiled against the
   declarations of the baseline, as one that was compiled with the headers of then, and runs with
   the library of now. */
#include <stdio.h>
#include <string.h>

#include "declarations.h"

#define MUST(condition)                         \
  do {                                          \
    if (!(condition)) {                         \
      printf("%d: %s\n", __LINE__, #condition); \
      return 1;                                 \
    }                                           \
  } while (0)

/* An Echo Request, 10.7.0.9 to 10.7.1.1, TTL 61, identifier 0x1234, sequence 7, data "abcd". */
static const uint8_t request_bytes[] = {
    0x45, 0x00, 0x00, 0x20, 0x00, 0x01, 0x00, 0x00, 0x3d, 0x01, 0x68, 0xc5, 0x0a, 0x07, 0x00, 0x09,
    0x0a, 0x07, 0x01, 0x01, 0x08, 0x00, 0x20, 0xfe, 0x12, 0x34, 0x00, 0x07, 'a',  'b',  'c',  'd',
};

struct seen {
  ns_packet_info info;
  ns_packet* packet;
  ns_request request;
  ns_status replied;
  int calls, destroyed, notified;
  uint64_t time;
  size_t sent, captured, counters;
  ns_link* link;
};

static ns_verdict on_request(void* user_data, ns_request request) {
  struct seen* seen = user_data;
  seen->calls++;
  seen->request = request;
  if (ns_request_get_info(request, &seen->info, sizeof seen->info) ||
      ns_request_ref_packet(request, &seen->packet))
    return 99;
  seen->replied = ns_request_reply(request);
  return NS_VERDICT_CONSUMED;
}

static void on_destroy(void* user_data) { ((struct seen*)user_data)->destroyed++; }
static void on_notify(void* user_data) { ((struct seen*)user_data)->notified++; }
static uint64_t now(void* user_data) { return ((struct seen*)user_data)->time; }

static ns_status wait_for(void* user_data, int descriptor, uint64_t deadline) {
  (void)descriptor;
  ((struct seen*)user_data)->time = deadline;
  return NS_OK;
}

static void on_capture(void* user_data, const uint8_t* bytes, size_t length) {
  (void)bytes;
  ((struct seen*)user_data)->captured += length;
}

static int32_t on_counter(void* user_data, const char* name, uint64_t value) {
  (void)name;
  (void)value;
  ((struct seen*)user_data)->counters++;
  return 0;
}

/* The other end of a link in which each Echo Request comes back as its reply. */
static ns_status mirror(void* user_data, const uint8_t* packet, size_t length) {
  struct seen* seen = user_data;
  uint8_t bytes[64];
  unsigned int sum;
  if (length > sizeof bytes) return NS_ERR_UNSUPPORTED;
  memcpy(bytes, packet, length);
  memcpy(bytes + 12, packet + 16, 4);
  memcpy(bytes + 16, packet + 12, 4);
  bytes[20] = 0;
  sum = (bytes[22] << 8 | bytes[23]) + 0x0800u;
  sum = (sum & 0xffffu) + (sum >> 16);
  bytes[22] = (uint8_t)(sum >> 8);
  bytes[23] = (uint8_t)sum;
  seen->sent++;
  seen->time += 1000;
  return ns_link_inject(seen->link, bytes, length);
}

static int answers(void) {
  ns_stack_options options = NS_STACK_OPTIONS_INIT;
  ns_icmp_forwarder_options forwarder_options = NS_ICMP_FORWARDER_OPTIONS_INIT;
  ns_link_channel_options channel_options = NS_LINK_CHANNEL_OPTIONS_INIT;
  ns_stack* stack = NULL;
  ns_link* wire = NULL;
  ns_icmp_forwarder* forwarder = NULL;
  ns_capture* capture = NULL;
  ns_error* error = NULL;
  struct seen seen;
  uint8_t reply[64];
  size_t length = 0;
  uint64_t count = 0;

  memset(&seen, 0, sizeof seen);
  MUST(!ns_clock_manual_new(5, &options.clock) && !ns_random_seeded_new(1, &options.random));
  MUST(!ns_stack_new(&options, &stack, &error));
  channel_options.capacity = 4;
  channel_options.notify = on_notify;
  channel_options.user_data = &seen;
  channel_options.destroy = on_destroy;
  MUST(!ns_link_channel_new(&channel_options, &wire, &error));
  MUST(!ns_stack_add_nic(stack, 1, wire, NULL, &error));
  MUST(!ns_stack_add_local_prefix(stack, 1, "10.7.0.0/16", &error));
  MUST(!ns_icmp_forwarder_new(&forwarder_options, on_request, &seen, on_destroy, &forwarder,
                              &error));
  MUST(!ns_stack_set_icmp_forwarder(stack, NS_FAMILY_IPV4, forwarder, &error));
  MUST(!ns_capture_callback_new(on_capture, &seen, NULL, &capture, &error));
  MUST(!ns_stack_set_capture(stack, 1, capture, &error));

  MUST(ns_link_inject(wire, request_bytes, sizeof request_bytes) == NS_OK);
  MUST(seen.calls == 1 && seen.replied == NS_OK && seen.notified == 1);
  MUST(ns_request_reply(seen.request) == NS_ERR_EXPIRED);
  MUST(seen.info.ttl == 61 && seen.info.identifier == 0x1234 && seen.info.sequence == 7 &&
       seen.info.type == 8);
  MUST(seen.info.flags == NS_PACKET_TEMPORARY && seen.info.nic == 1 &&
       seen.info.payload_offset == 28);
  MUST(seen.info.destination.family == NS_FAMILY_IPV4 &&
       memcmp(seen.info.destination.bytes, "\12\7\1\1", 4) == 0);
  ns_packet_unref(seen.packet);
  MUST(ns_link_read(wire, reply, 4, &length) == NS_ERR_TOO_SMALL && length == sizeof request_bytes);
  MUST(ns_link_read(wire, reply, sizeof reply, &length) == NS_OK && length == sizeof request_bytes);
  MUST(reply[20] == 0 && memcmp(reply + 12, request_bytes + 16, 4) == 0 &&
       memcmp(reply + 28, "abcd", 4) == 0);
  MUST(ns_stack_get_counter(stack, "forwarder.consumed", &count) == NS_OK && count == 1);
  MUST(ns_stack_for_each_counter(stack, on_counter, &seen) == NS_OK && seen.counters > 50);
  MUST(seen.captured == 24 + 2 * (16 + sizeof request_bytes));

  MUST(ns_stack_add_address(stack, 1, "10.7.1.300", &error) == NS_ERR_INVALID_ARGUMENT);
  MUST(ns_error_status(error) == NS_ERR_INVALID_ARGUMENT && strlen(ns_error_message(error)) > 0);
  MUST(strcmp(ns_status_name(NS_ERR_INVALID_ARGUMENT), "NS_ERR_INVALID_ARGUMENT") == 0);
  ns_error_free(error);
  ns_capture_free(capture);
  ns_icmp_forwarder_free(forwarder);
  ns_link_free(wire);
  ns_clock_free(options.clock);
  ns_random_free(options.random);
  ns_stack_free(stack);
  MUST(seen.destroyed == 2);
  return 0;
}

/* A stack behind the mirror, with a gateway to 192.0.2.0/24. */
static int make_asker(struct seen* seen, ns_stack** out_stack, ns_prefix* own) {
  ns_clock_options clock_options = NS_CLOCK_OPTIONS_INIT;
  ns_stack_options options = NS_STACK_OPTIONS_INIT;
  ns_link_callback_options link_options = NS_LINK_CALLBACK_OPTIONS_INIT;
  ns_nic_options nic_options = NS_NIC_OPTIONS_INIT;
  ns_route route;

  memset(&route, 0, sizeof route);
  clock_options.wait = wait_for;
  MUST(!ns_clock_callback_new(&clock_options, now, seen, NULL, &options.clock, NULL));
  MUST(!ns_stack_new(&options, out_stack, NULL));
  ns_clock_free(options.clock);
  MUST(!ns_link_callback_new(&link_options, mirror, seen, NULL, &seen->link, NULL));
  MUST(!ns_prefix_parse("10.0.0.1/24", own));
  nic_options.addresses = own;
  nic_options.address_count = 1;
  MUST(!ns_stack_add_nic(*out_stack, 1, seen->link, &nic_options, NULL));
  MUST(!ns_prefix_parse("192.0.2.0/24", &route.destination));
  MUST(!ns_address_parse("10.0.0.254", &route.gateway));
  route.nic = 1;
  MUST(!ns_stack_add_routes(*out_stack, &route, 1, NULL));
  return 0;
}

static int asks(void) {
  ns_ping_options ping_options = NS_PING_OPTIONS_INIT;
  ns_ping_socket_options socket_options = NS_PING_SOCKET_OPTIONS_INIT;
  ns_raw_socket_options raw_options = NS_RAW_SOCKET_OPTIONS_INIT;
  ns_stack* stack = NULL;
  ns_ping_socket* socket = NULL;
  ns_raw_socket* raw = NULL;
  ns_packet* packet = NULL;
  ns_prefix own;
  ns_address peer;
  ns_packet_info info;
  struct seen seen;
  char text[NS_ADDRESS_TEXT_SIZE];
  uint16_t identifier = 0;
  uint64_t rtt = 0;

  memset(&seen, 0, sizeof seen);
  MUST(make_asker(&seen, &stack, &own) == 0 && !ns_address_parse("192.0.2.1", &peer));
  socket_options.ttl = 9;
  socket_options.notify = on_notify;
  socket_options.user_data = &seen;
  MUST(!ns_ping_socket_new(stack, NS_FAMILY_IPV4, &socket_options, &socket, NULL));
  MUST(!ns_raw_socket_new(stack, NS_FAMILY_IPV4, &raw_options, &raw, NULL));
  MUST(!ns_ping_socket_bind(socket, &own.address, 77, NULL));
  MUST(!ns_ping_socket_send(socket, &peer, 3, (const uint8_t*)"xyz", 3));
  MUST(ns_ping_socket_get_name(socket, NULL, &identifier) == NS_OK && identifier == 77);
  MUST(!ns_ping_socket_receive(socket, &packet) && seen.notified == 1);
  MUST(!ns_packet_get_info(packet, &info, sizeof info) && info.type == 0 && info.ttl == 9);
  MUST(info.identifier == 77 && info.sequence == 3);
  MUST(!ns_address_format(&info.source, text, sizeof text) && strcmp(text, "192.0.2.1") == 0);
  ns_packet_unref(packet);
  MUST(!ns_raw_socket_receive(raw, &packet));
  ns_packet_unref(packet);

  ping_options.sequence = 8;
  ping_options.timeout_ns = 5000;
  MUST(ns_ping(stack, &peer, &ping_options, &rtt, &packet, NULL) == NS_OK);
  MUST(rtt == 1000 && seen.sent == 2);
  ns_packet_unref(packet);
  MUST(ns_stack_get_next_deadline(stack) == NS_TIME_NEVER);
  MUST(ns_link_get_mtu(seen.link) < NS_MTU_MAX);
  ns_ping_socket_free(socket);
  ns_raw_socket_free(raw);
  ns_link_free(seen.link);
  ns_stack_free(stack);
  return 0;
}

int main(void) {
  MUST(ns_abi_version() == NS_ABI_VERSION);
  return answers() || asks();
}
