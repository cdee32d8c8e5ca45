/* One vector under way: a stack as it says, and what its handlers have noted. */
#ifndef NETSTACK_TESTS_VECTORS_C_SCENE_H_
#define NETSTACK_TESTS_VECTORS_C_SCENE_H_

#include "vectors.h"

struct scene {
  const struct vector* vector;
  ns_clock* clock;
  ns_stack* stack;
  ns_link* links[MAX_NICS];
  ns_ping_socket* sockets[MAX_TEXTS];
  size_t socket_count;

  size_t at;               /* the step */
  const struct step* step; /* that runs; NULL: none yet */
  size_t seen;             /* how many requests of the step handlers have seen */
  bool failed;             /* a handler has failed beneath the call that delivers */
  ns_request kept;         /* 0: none */
  ns_packet* kept_packet;  /* NULL: none */
  char* difference;        /* the first; NULL: none yet */
};

/* Makes everything that the vector's configuration says. */
void open_scene(struct scene* scene, const struct vector* vector);
void close_scene(struct scene* scene);

void install_handlers(struct scene* scene, const struct handlers* handlers);
void open_sockets(struct scene* scene, const struct sockets* sockets);
void close_sockets(struct scene* scene);
ns_status add_route(struct scene* scene, const struct route* route);

ns_link* link_of(struct scene* scene, uint32_t nic);
/* Delivers a packet and tells what became of it: "ok", "unclaimed", "fails", or a status's name. */
const char* inject(struct scene* scene, uint32_t nic, const struct packet* packet);
/* A status as the vectors name it. */
const char* result_of(ns_status status);

/* Notes what differs, with the step; only the first difference counts. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void differ(struct scene *scene, const char *format, ...);
/* `got` of `what` must be `wanted`. */
void compare(struct scene* scene, const char* what, const char* got, const char* wanted);
void compare_bytes(struct scene* scene, const char* what, const uint8_t* got, size_t length,
                   const struct packet* wanted);

/* In handler.c: the callback of an installed handler, which is its user data. */
struct installed {
  struct scene* scene;
  struct handler handler;
};
ns_verdict on_request(void* user_data, ns_request request);
ns_status reply_on_another_thread(ns_request request);

#endif
