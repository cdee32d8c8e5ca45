/* A handler: what it sees, what it does, and its verdict. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "scene.h"

/* What a handler sees of a request, as the vectors write it. */
static void describe(ns_request request, char* text, size_t size) {
  ns_packet_info info;
  const uint8_t* bytes = NULL;
  size_t length = 0;
  char source[NS_ADDRESS_TEXT_SIZE] = "?", destination[NS_ADDRESS_TEXT_SIZE] = "?";
  memset(&info, 0, sizeof info);
  if (ns_request_get_info(request, &info, sizeof info) != NS_OK ||
      ns_request_borrow_packet(request, &bytes, &length) != NS_OK ||
      ns_address_format(&info.source, source, sizeof source) != NS_OK ||
      ns_address_format(&info.destination, destination, sizeof destination) != NS_OK ||
      info.length != length) {
    snprintf(text, size, "a request that does not say what it is");
    return;
  }
  const char* kind = info.flags == 0                     ? "assigned"
                     : info.flags == NS_PACKET_TEMPORARY ? "temporary"
                     : info.flags == NS_PACKET_BROADCAST ? "broadcast"
                     : info.flags == NS_PACKET_MULTICAST ? "multicast"
                                                         : "of several kinds";
  int used = snprintf(
      text, size, "from %s to %s %s, nic %u, type %u code %u, ttl %u tos %u, id %u seq %u, data ",
      source, destination, kind, info.nic, info.type, info.code, info.ttl, info.tos,
      info.identifier, info.sequence);
  if (info.payload_offset == length) snprintf(text + used, size - (size_t)used, "-");
  for (size_t i = info.payload_offset; i < length && (size_t)used + 3 < size; ++i) {
    used += snprintf(text + used, size - (size_t)used, "%02x", bytes[i]);
  }
}

static void see(struct scene* scene, ns_request request) {
  char text[1024];
  describe(request, text, sizeof text);
  const size_t at = scene->seen++;
  if (scene->step == NULL || at >= scene->step->sees_count) {
    differ(scene, "sees: %s, of which it says nothing", text);
  } else {
    compare(scene, "sees", text, scene->step->sees[at]->seen);
  }
}

static void* reply_elsewhere(void* request) {
  ns_request* place = request;
  *place = (ns_request)(int64_t)ns_request_reply(*place);
  return NULL;
}

ns_status reply_on_another_thread(ns_request request) {
  pthread_t thread;
  ns_request place = request;
  if (pthread_create(&thread, NULL, reply_elsewhere, &place) != 0) return NS_ERR_NO_MEMORY;
  pthread_join(thread, NULL);
  return (ns_status)place;
}

static void act(struct scene* scene, const struct action* action, ns_request request) {
  switch (action->kind) {
    case REPLY:
      compare(scene, "reply", result_of(ns_request_reply(request)), action->result);
      break;
    case REPLY_ELSEWHERE:
      compare(scene, "reply elsewhere", result_of(reply_on_another_thread(request)),
              action->result);
      break;
    case REPLY_KEPT:
      compare(scene, "reply kept", result_of(ns_request_reply(scene->kept)), action->result);
      break;
    case KEEP_REQUEST:
      scene->kept = request;
      break;
    case KEEP_PACKET:
      ns_packet_unref(scene->kept_packet);
      compare(scene, "keep packet", result_of(ns_request_ref_packet(request, &scene->kept_packet)),
              "ok");
      break;
    case INJECT:
      compare(scene, "inject, nested", inject(scene, scene->step->nic, action->packet),
              action->result);
      break;
    case ADD_ROUTE:
      compare(scene, "route", result_of(add_route(scene, &action->route)), "ok");
      break;
  }
}

ns_verdict on_request(void* user_data, ns_request request) {
  const struct installed* installed = user_data;
  struct scene* scene = installed->scene;
  see(scene, request);
  for (size_t i = 0; i < installed->handler.count; ++i)
    act(scene, &installed->handler.does[i], request);
  switch (installed->handler.then) {
    case CONSUMED:
      return NS_VERDICT_CONSUMED;
    case DECLINED:
      return NS_VERDICT_DECLINED;
    default:
      scene->failed = true;
      return 77; /* which is no verdict */
  }
}
