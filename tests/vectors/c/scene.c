#include "scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Configuration that the library refuses is a vector that was not understood. */
static void must(struct scene* scene, const char* what, ns_status status, ns_error* error) {
  if (status == NS_OK) return;
  refuse(scene->vector->where, "%s: %s", what,
         error != NULL ? ns_error_message(error) : ns_status_name(status));
}

static void add_nic(struct scene* scene, const struct nic* nic, ns_link** link) {
  ns_error* error = NULL;
  ns_link_channel_options channel = NS_LINK_CHANNEL_OPTIONS_INIT;
  channel.mtu = nic->mtu;
  channel.capacity = nic->capacity;
  must(scene, "nics", ns_link_channel_new(&channel, link, &error), error);
  ns_nic_options options = NS_NIC_OPTIONS_INIT;
  options.flags = nic->flags;
  must(scene, "nics", ns_stack_add_nic(scene->stack, nic->number, *link, &options, &error), error);
  for (size_t i = 0; i < nic->addresses.count; ++i) {
    must(scene, "addresses",
         ns_stack_add_address(scene->stack, nic->number, nic->addresses.items[i], &error), error);
  }
  for (size_t i = 0; i < nic->prefixes.count; ++i) {
    must(scene, "prefixes",
         ns_stack_add_local_prefix(scene->stack, nic->number, nic->prefixes.items[i], &error),
         error);
  }
  for (size_t i = 0; i < nic->groups.count; ++i) {
    must(scene, "groups",
         ns_stack_join_group(scene->stack, nic->number, nic->groups.items[i], &error), error);
  }
}

static void set_limits(struct scene* scene) {
  const struct vector* vector = scene->vector;
  ns_error* error = NULL;
  if (vector->sets_rate) {
    must(scene, "icmp_rate",
         ns_stack_set_icmp_rate(scene->stack, vector->per_second, vector->burst, &error), error);
  }
  for (size_t i = 0; i < vector->limited_count; ++i) {
    const struct limited* each = &vector->limited[i];
    must(scene, "icmp_limited",
         ns_stack_set_icmp_limited(scene->stack, each->family, each->type, each->limited, &error),
         error);
  }
}

void open_scene(struct scene* scene, const struct vector* vector) {
  memset(scene, 0, sizeof *scene);
  scene->vector = vector;
  ns_random* random = NULL;
  ns_error* error = NULL;
  must(scene, "clock", ns_clock_manual_new(0, &scene->clock), NULL);
  must(scene, "random", ns_random_seeded_new(1, &random), NULL);
  ns_stack_options options = NS_STACK_OPTIONS_INIT;
  options.flags = vector->stack_flags;
  options.default_ttl = vector->default_ttl;
  options.default_hop_limit = vector->default_hop_limit;
  options.clock = scene->clock;
  options.random = random;
  must(scene, "stack", ns_stack_new(&options, &scene->stack, &error), error);
  ns_random_free(random);
  for (size_t i = 0; i < vector->nic_count; ++i) add_nic(scene, &vector->nics[i], &scene->links[i]);
  for (size_t i = 0; i < vector->route_count; ++i) {
    must(scene, "routes", add_route(scene, &vector->routes[i]), NULL);
  }
  for (size_t i = 0; i < vector->policy_count; ++i) {
    const struct policy* policy = &vector->policies[i];
    must(scene, "policies",
         ns_stack_set_echo_policy(scene->stack, policy->family, policy->destination, policy->policy,
                                  &error),
         error);
  }
  set_limits(scene);
  open_sockets(scene, &vector->sockets);
  install_handlers(scene, &vector->handlers);
}

void close_scene(struct scene* scene) {
  close_sockets(scene);
  ns_packet_unref(scene->kept_packet);
  for (size_t i = 0; i < scene->vector->nic_count; ++i) ns_link_free(scene->links[i]);
  ns_stack_free(scene->stack);
  ns_clock_free(scene->clock);
}

void install_handlers(struct scene* scene, const struct handlers* handlers) {
  ns_error* error = NULL;
  must(scene, "handlers", ns_stack_set_icmp_forwarder(scene->stack, NS_FAMILY_ANY, NULL, &error),
       error);
  for (size_t i = 0; i < handlers->count; ++i) {
    const struct handler* handler = &handlers->items[i];
    struct installed* installed = malloc(sizeof *installed);
    if (installed == NULL) refuse(scene->vector->where, "no memory");
    installed->scene = scene;
    installed->handler = *handler;
    ns_icmp_forwarder* forwarder = NULL;
    ns_icmp_forwarder_options options = NS_ICMP_FORWARDER_OPTIONS_INIT;
    if (handler->echo_replies) options.flags = NS_ICMP_FORWARDER_ECHO_REPLIES;
    must(scene, "handlers",
         ns_icmp_forwarder_new(&options, on_request, installed, free, &forwarder, &error), error);
    must(scene, "handlers",
         ns_stack_set_icmp_forwarder(scene->stack, handler->family, forwarder, &error), error);
    ns_icmp_forwarder_free(forwarder);
  }
}

void open_sockets(struct scene* scene, const struct sockets* sockets) {
  for (size_t i = 0; i < sockets->count; ++i) {
    const struct socket_name* name = &sockets->items[i];
    ns_error* error = NULL;
    ns_address address;
    if (name->address != NULL)
      must(scene, "sockets", ns_address_parse(name->address, &address), NULL);
    ns_ping_socket** socket = &scene->sockets[scene->socket_count++];
    must(scene, "sockets", ns_ping_socket_new(scene->stack, name->family, NULL, socket, &error),
         error);
    must(scene, "sockets",
         ns_ping_socket_bind(*socket, name->address != NULL ? &address : NULL, name->identifier,
                             &error),
         error);
  }
}

void close_sockets(struct scene* scene) {
  for (size_t i = 0; i < scene->socket_count; ++i) ns_ping_socket_free(scene->sockets[i]);
  scene->socket_count = 0;
}

ns_status add_route(struct scene* scene, const struct route* route) {
  return ns_stack_add_route(scene->stack, route->to, route->gateway, route->nic, NULL);
}

ns_link* link_of(struct scene* scene, uint32_t nic) {
  for (size_t i = 0; i < scene->vector->nic_count; ++i) {
    if (scene->vector->nics[i].number == nic) return scene->links[i];
  }
  refuse(scene->vector->where, "there is no NIC %u", nic);
}

const char* inject(struct scene* scene, uint32_t nic, const struct packet* packet) {
  const bool outer = scene->failed;
  scene->failed = false;
  const ns_status status = ns_link_inject(link_of(scene, nic), packet->bytes, packet->length);
  const bool failed = scene->failed;
  scene->failed = outer;
  /* All that C has to tell it by is what the handler returned. */
  return failed && status == NS_OK ? "fails" : result_of(status);
}

const char* result_of(ns_status status) {
  switch (status) {
    case NS_OK:
      return "ok";
    case NS_UNCLAIMED:
      return "unclaimed";
    case NS_ERR_EXPIRED:
      return "expired";
    case NS_ERR_NO_ROUTE:
      return "no route";
    case NS_ERR_NOT_REPLYABLE:
      return "not replyable";
    default:
      return ns_status_name(status);
  }
}

void differ(struct scene* scene, const char* format, ...) {
  if (scene->difference != NULL) return;
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  const size_t room = strlen(text) + 32;
  scene->difference = malloc(room);
  if (scene->difference == NULL) refuse(scene->vector->where, "no memory");
  if (scene->step == NULL) {
    snprintf(scene->difference, room, "%s", text);
  } else {
    snprintf(scene->difference, room, "step %zu: %s", scene->at + 1, text);
  }
}

void compare(struct scene* scene, const char* what, const char* got, const char* wanted) {
  if (strcmp(got, wanted) != 0) differ(scene, "%s: %s, not %s", what, got, wanted);
}

static char* hex_of(const uint8_t* bytes, size_t length) {
  char* text = malloc(2 * length + 1);
  if (text == NULL) refuse("hex", "no memory");
  for (size_t i = 0; i < length; ++i) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
  text[2 * length] = '\0';
  return text;
}

void compare_bytes(struct scene* scene, const char* what, const uint8_t* got, size_t length,
                   const struct packet* wanted) {
  if (length == wanted->length && memcmp(got, wanted->bytes, length) == 0) return;
  char* got_text = hex_of(got, length);
  char* wanted_text = hex_of(wanted->bytes, wanted->length);
  differ(scene, "%s: %s, not %s, which is \"%s\"", what, got_text, wanted_text, wanted->name);
  free(got_text);
  free(wanted_text);
}
