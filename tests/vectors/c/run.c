/* Runs the steps of a vector, and compares what came of them. */
#include <stdio.h>
#include <stdlib.h>

#include "scene.h"

/* What waits in the links: the answers that the step says, by the NIC that had the packet, and
 * nothing else. */
static void compare_sent(struct scene* scene, const struct step* step) {
  static uint8_t packet[NS_MTU_MAX];
  for (size_t i = 0; i < scene->vector->nic_count; ++i) {
    const bool by = step->kind == INJECT_PACKET && scene->vector->nics[i].number == step->nic;
    const size_t wanted = by ? step->out_count : 0;
    size_t count = 0, length = 0;
    while (ns_link_read(scene->links[i], packet, sizeof packet, &length) == NS_OK) {
      const struct packet nothing = {"nothing", NULL, NULL, 0};
      compare_bytes(scene, "out", packet, length, count < wanted ? step->out[count] : &nothing);
      ++count;
    }
    if (count < wanted) differ(scene, "out: %zu packets, not %zu", count, wanted);
  }
}

static void compare_kept_copy(struct scene* scene, const struct step* step) {
  uint8_t buffer[256];
  size_t length = 0;
  compare(scene, "kept",
          result_of(ns_request_copy_packet(scene->kept, buffer, sizeof buffer, &length)),
          step->result);
}

static void compare_kept_packet(struct scene* scene, const struct step* step) {
  const uint8_t* bytes = NULL;
  size_t length = 0;
  if (ns_packet_borrow_bytes(scene->kept_packet, &bytes, &length) != NS_OK) {
    differ(scene, "packet: none was kept");
  } else {
    compare_bytes(scene, "packet", bytes, length, step->packet);
  }
}

static void run_step(struct scene* scene, const struct step* step) {
  scene->step = step;
  scene->seen = 0;
  if (step->sets_handlers) install_handlers(scene, &step->handlers);
  if (step->sets_sockets) {
    close_sockets(scene);
    open_sockets(scene, &step->sockets);
  }
  if (step->advance_ns > 0) {
    compare(scene, "advance", result_of(ns_clock_advance(scene->clock, step->advance_ns)), "ok");
    compare(scene, "poll", result_of(ns_stack_poll(scene->stack, NULL, NULL)), "ok");
  }
  switch (step->kind) {
    case PREPARE:
      break;
    case INJECT_PACKET:
      compare(scene, "result", inject(scene, step->nic, step->packet), step->result);
      if (scene->seen < step->sees_count) {
        differ(scene, "sees: %zu requests, not %zu", scene->seen, step->sees_count);
      }
      break;
    case REPLY_TO_KEPT:
      compare(scene, "kept", result_of(ns_request_reply(scene->kept)), step->result);
      break;
    case REPLY_TO_KEPT_ELSEWHERE:
      compare(scene, "kept", result_of(reply_on_another_thread(scene->kept)), step->result);
      break;
    case COPY_OF_KEPT:
      compare_kept_copy(scene, step);
      break;
    case COMPARE_PACKET:
      compare_kept_packet(scene, step);
      break;
  }
  compare_sent(scene, step);
}

struct counting {
  struct scene* scene;
  size_t found;
};

static int32_t count(void* user_data, const char* name, uint64_t value) {
  struct counting* counting = user_data;
  const json_t* wanted = json_object_get(counting->scene->vector->counters, name);
  if (wanted != NULL) ++counting->found;
  const uint64_t number = (uint64_t)json_integer_value(wanted);
  if (value != number) {
    differ(counting->scene, "counter %s: %llu, not %llu", name, (unsigned long long)value,
           (unsigned long long)number);
  }
  return 0;
}

static void compare_counters(struct scene* scene) {
  struct counting counting = {scene, 0};
  scene->step = NULL;
  compare(scene, "counters", result_of(ns_stack_for_each_counter(scene->stack, count, &counting)),
          "ok");
  if (counting.found < json_object_size(scene->vector->counters))
    differ(scene, "counters: some are not there");
}

char* run_vector(const struct vector* vector) {
  struct scene scene;
  open_scene(&scene, vector);
  for (scene.at = 0; scene.at < vector->step_count; ++scene.at)
    run_step(&scene, &vector->steps[scene.at]);
  compare_counters(&scene);
  close_scene(&scene);
  return scene.difference;
}
