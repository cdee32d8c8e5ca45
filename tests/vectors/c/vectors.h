/* A file of vectors as this runner has it: what ../README.md describes, as structs. Strings belong
 * to the JSON, which a file keeps. */
#ifndef NETSTACK_TESTS_VECTORS_C_VECTORS_H_
#define NETSTACK_TESTS_VECTORS_C_VECTORS_H_

#include <jansson.h>
#include <netstack/netstack.h>
#include <stdbool.h>

/* More of something than fits is an error like an unknown key. */
enum {
  MAX_NICS = 4,
  MAX_TEXTS = 8,
  MAX_HANDLERS = 4,
  MAX_ACTIONS = 8,
  MAX_PACKETS = 64,
  MAX_STEPS = 64
};

struct texts {
  const char* items[MAX_TEXTS];
  size_t count;
};

struct packet {
  const char* name;
  const char* seen; /* NULL: no handler is to see it */
  uint8_t* bytes;
  size_t length;
};

struct packets {
  struct packet items[MAX_PACKETS];
  size_t count;
};

struct route {
  const char* to;
  const char* gateway; /* NULL: on the link */
  uint32_t nic;
};

struct nic {
  uint32_t number, mtu, capacity, flags;
  struct texts addresses, prefixes, groups;
};

struct policy {
  ns_family family;
  ns_echo_destination destination;
  ns_echo_policy policy;
};

struct limited {
  ns_family family;
  uint32_t type, limited;
};

struct socket_name {
  ns_family family;
  uint16_t identifier;
  const char* address; /* NULL: every one */
};

struct sockets {
  struct socket_name items[MAX_TEXTS];
  size_t count;
};

enum action_kind {
  REPLY,
  REPLY_ELSEWHERE,
  REPLY_KEPT,
  KEEP_REQUEST,
  KEEP_PACKET,
  INJECT,
  ADD_ROUTE
};

struct action {
  enum action_kind kind;
  const char* result; /* what comes of it */
  const struct packet* packet;
  struct route route;
};

enum verdict { CONSUMED, DECLINED, FAILS };

struct handler {
  ns_family family;
  bool echo_replies;
  struct action does[MAX_ACTIONS];
  size_t count;
  enum verdict then;
};

struct handlers {
  struct handler items[MAX_HANDLERS];
  size_t count;
};

enum step_kind {
  PREPARE,
  INJECT_PACKET,
  REPLY_TO_KEPT,
  REPLY_TO_KEPT_ELSEWHERE,
  COPY_OF_KEPT,
  COMPARE_PACKET
};

struct step {
  bool sets_handlers, sets_sockets;
  struct handlers handlers;
  struct sockets sockets;
  uint64_t advance_ns;
  enum step_kind kind;
  const struct packet* packet;
  uint32_t nic;
  const char* result;
  const struct packet *sees[MAX_TEXTS], *out[MAX_TEXTS];
  size_t sees_count, out_count;
};

struct vector {
  const char* name;
  char where[256]; /* the file and the name, for what is wrong with it */
  uint32_t stack_flags, default_ttl, default_hop_limit;
  struct nic nics[MAX_NICS];
  size_t nic_count;
  struct route routes[MAX_TEXTS];
  size_t route_count;
  struct policy policies[MAX_TEXTS];
  size_t policy_count;
  bool sets_rate;
  uint32_t per_second, burst;
  struct limited limited[MAX_TEXTS];
  size_t limited_count;
  struct sockets sockets;
  struct handlers handlers;
  struct packets packets;
  struct step steps[MAX_STEPS];
  size_t step_count;
  json_t* counters;
};

struct file {
  const char *path, *group;
  json_t* json;
  struct packets* packets; /* that every vector may name */
  struct vector* vectors;
  size_t count;
};

/* Reads a file; one that is not understood ends the program with status 2. */
void read_file(const char* path, struct file* file);
void free_file(struct file* file);

/* Runs a vector. Returns what differs, to be freed; NULL: nothing. */
char* run_vector(const struct vector* vector);

/* Says what is wrong with a file, and ends the program with status 2. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3), noreturn))
#endif
void refuse(const char *where, const char *format, ...);

#endif
