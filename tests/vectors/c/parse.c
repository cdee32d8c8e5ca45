/* Reads what stands in a vector: configuration, handlers, packets. Whatever is not known is
 * refused. */
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void refuse(const char* where, const char* format, ...) {
  fprintf(stderr, "%s: ", where);
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(2);
}

void unpack(const char* where, json_t* from, const char* format, ...) {
  json_error_t error;
  va_list arguments;
  va_start(arguments, format);
  /* Strict: a key that the format does not name is an error. */
  if (json_vunpack_ex(from, &error, JSON_STRICT, format, arguments) != 0) {
    refuse(where, "%s", error.text);
  }
  va_end(arguments);
}

size_t length_of(const char* where, json_t* array, size_t limit) {
  if (array == NULL) return 0;
  if (!json_is_array(array)) refuse(where, "an array is expected");
  if (json_array_size(array) > limit) refuse(where, "more than %zu entries", limit);
  return json_array_size(array);
}

size_t choose(const char* where, const char* text, const char* const* names, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (strcmp(text, names[i]) == 0) return i;
  }
  refuse(where, "\"%s\" is not known", text);
}

uint32_t number(const char* where, json_int_t value, json_int_t most) {
  if (value < 0 || value > most) refuse(where, "%" JSON_INTEGER_FORMAT " is out of range", value);
  return (uint32_t)value;
}

static ns_family family_of(const char* where, const char* text) {
  static const char* const kNames[] = {"any", "ipv4", "ipv6"};
  static const ns_family kFamilies[] = {NS_FAMILY_ANY, NS_FAMILY_IPV4, NS_FAMILY_IPV6};
  return kFamilies[CHOOSE(where, text, kNames)];
}

static void parse_texts(const char* where, json_t* array, struct texts* texts) {
  texts->count = length_of(where, array, MAX_TEXTS);
  for (size_t i = 0; i < texts->count; ++i) {
    unpack(where, json_array_get(array, i), "s", &texts->items[i]);
  }
}

static void parse_route(const char* where, json_t* from, struct route* route) {
  json_int_t nic = 0;
  unpack(where, from, "{s:s, s:I, s?:s}", "to", &route->to, "nic", &nic, "gateway",
         &route->gateway);
  route->nic = number(where, nic, UINT32_MAX);
}

void parse_routes(const char* where, json_t* array, struct vector* vector) {
  vector->route_count = length_of(where, array, MAX_TEXTS);
  for (size_t i = 0; i < vector->route_count; ++i) {
    parse_route(where, json_array_get(array, i), &vector->routes[i]);
  }
}

void parse_stack(const char* where, json_t* from, struct vector* vector) {
  if (from == NULL) return;
  int strict_routes = 0;
  json_int_t ttl = 0, hop_limit = 0;
  unpack(where, from, "{s?:b, s?:I, s?:I}", "strict_routes", &strict_routes, "default_ttl", &ttl,
         "default_hop_limit", &hop_limit);
  vector->stack_flags = strict_routes ? (uint32_t)NS_STACK_STRICT_ROUTES : 0u;
  vector->default_ttl = number(where, ttl, 255);
  vector->default_hop_limit = number(where, hop_limit, 255);
}

void parse_nics(const char* where, json_t* array, struct vector* vector) {
  vector->nic_count = length_of(where, array, MAX_NICS);
  for (size_t i = 0; i < vector->nic_count; ++i) {
    struct nic* nic = &vector->nics[i];
    json_int_t id = 0, mtu = 0, capacity = 0;
    json_t *addresses = NULL, *prefixes = NULL, *groups = NULL;
    int promiscuous = 0, spoofing = 0, side_by_side = 0;
    unpack(where, json_array_get(array, i), "{s:I, s?:I, s?:I, s?:o, s?:o, s?:o, s?:b, s?:b, s?:b}",
           "number", &id, "mtu", &mtu, "capacity", &capacity, "addresses", &addresses, "prefixes",
           &prefixes, "groups", &groups, "promiscuous", &promiscuous, "spoofing", &spoofing,
           "side_by_side", &side_by_side);
    nic->number = number(where, id, UINT32_MAX);
    nic->mtu = number(where, mtu, NS_MTU_MAX);
    nic->capacity = number(where, capacity, 65536);
    parse_texts(where, addresses, &nic->addresses);
    parse_texts(where, prefixes, &nic->prefixes);
    parse_texts(where, groups, &nic->groups);
    if (promiscuous) nic->flags |= NS_NIC_PROMISCUOUS;
    if (spoofing) nic->flags |= NS_NIC_SPOOFING;
    if (side_by_side) nic->flags |= NS_NIC_SIDE_BY_SIDE;
  }
}

void parse_policies(const char* where, json_t* array, struct vector* vector) {
  static const char* const kDestinations[] = {"temporary", "group"};
  static const char* const kPolicies[] = {"default", "reply", "silent"};
  vector->policy_count = length_of(where, array, MAX_TEXTS);
  for (size_t i = 0; i < vector->policy_count; ++i) {
    const char *family, *destination, *policy;
    unpack(where, json_array_get(array, i), "{s:s, s:s, s:s}", "family", &family, "destination",
           &destination, "policy", &policy);
    vector->policies[i].family = family_of(where, family);
    vector->policies[i].destination =
        NS_ECHO_DESTINATION_TEMPORARY + (uint32_t)CHOOSE(where, destination, kDestinations);
    vector->policies[i].policy = (ns_echo_policy)CHOOSE(where, policy, kPolicies);
  }
}

void parse_rate(const char* where, json_t* from, struct vector* vector) {
  json_int_t per_second = 0, burst = 0;
  if (from == NULL) return;
  unpack(where, from, "{s:I, s:I}", "per_second", &per_second, "burst", &burst);
  vector->sets_rate = true;
  vector->per_second = number(where, per_second, UINT32_MAX);
  vector->burst = number(where, burst, UINT32_MAX);
}

void parse_limited(const char* where, json_t* array, struct vector* vector) {
  vector->limited_count = length_of(where, array, MAX_TEXTS);
  for (size_t i = 0; i < vector->limited_count; ++i) {
    const char* family;
    json_int_t type = 0;
    int limited = 0;
    unpack(where, json_array_get(array, i), "{s:s, s:I, s:b}", "family", &family, "type", &type,
           "limited", &limited);
    vector->limited[i].family = family_of(where, family);
    vector->limited[i].type = number(where, type, 255);
    vector->limited[i].limited = limited != 0;
  }
}

void parse_sockets(const char* where, json_t* array, struct sockets* sockets) {
  sockets->count = length_of(where, array, MAX_TEXTS);
  for (size_t i = 0; i < sockets->count; ++i) {
    const char* family;
    json_int_t identifier = 0;
    unpack(where, json_array_get(array, i), "{s:s, s:I, s?:s}", "family", &family, "identifier",
           &identifier, "address", &sockets->items[i].address);
    sockets->items[i].family = family_of(where, family);
    sockets->items[i].identifier = (uint16_t)number(where, identifier, UINT16_MAX);
  }
}

static void parse_inject(const char* where, json_t* from, const struct names* names,
                         struct action* action) {
  const char* packet;
  action->result = "ok";
  unpack(where, from, "{s:s, s?:s}", "inject", &packet, "result", &action->result);
  action->packet = packet_named(where, names, packet);
}

static void parse_action(const char* where, json_t* from, const struct names* names,
                         struct action* action) {
  static const char* const kKinds[] = {"reply", "reply elsewhere", "reply kept",
                                       "keep",  "inject",          "route"};
  static const char* const kKept[] = {"request", "packet"};
  json_t* value = NULL;
  const char* what = json_object_iter_key(json_object_iter(from));
  if (what == NULL) refuse(where, "an action is expected");
  switch (CHOOSE(where, what, kKinds)) {
    case 3:
      unpack(where, from, "{s:s}", what, &action->result);
      action->kind = CHOOSE(where, action->result, kKept) == 0 ? KEEP_REQUEST : KEEP_PACKET;
      return;
    case 4:
      action->kind = INJECT;
      parse_inject(where, from, names, action);
      return;
    case 5:
      action->kind = ADD_ROUTE;
      unpack(where, from, "{s:o}", what, &value);
      parse_route(where, value, &action->route);
      return;
    default:
      action->kind = (enum action_kind)CHOOSE(where, what, kKinds);
      unpack(where, from, "{s:s}", what, &action->result);
  }
}

void parse_handlers(const char* where, json_t* array, const struct names* names,
                    struct handlers* handlers) {
  static const char* const kVerdicts[] = {"consumed", "declined", "fails"};
  handlers->count = length_of(where, array, MAX_HANDLERS);
  for (size_t i = 0; i < handlers->count; ++i) {
    struct handler* handler = &handlers->items[i];
    const char *family, *then;
    json_t* does = NULL;
    int echo_replies = 0;
    unpack(where, json_array_get(array, i), "{s:s, s?:b, s?:o, s:s}", "family", &family,
           "echo_replies", &echo_replies, "does", &does, "then", &then);
    handler->family = family_of(where, family);
    handler->echo_replies = echo_replies != 0;
    handler->then = (enum verdict)CHOOSE(where, then, kVerdicts);
    handler->count = length_of(where, does, MAX_ACTIONS);
    for (size_t k = 0; k < handler->count; ++k) {
      parse_action(where, json_array_get(does, k), names, &handler->does[k]);
    }
  }
}
