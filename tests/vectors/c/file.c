/* Reads a file: its packets, and the steps of its vectors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

static int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends a line such as "icmp 08 00": a word, and bytes. */
static void append_line(const char* where, const char* line, struct packet* packet) {
  static const char* const kParts[] = {"ipv4", "ipv6", "icmp", "data", "padding"};
  char part[16] = "";
  const char* at = strchr(line, ' ');
  if (at == NULL || (size_t)(at - line) >= sizeof part)
    refuse(where, "\"%s\" has no first word", line);
  memcpy(part, line, (size_t)(at - line));
  CHOOSE(where, part, kParts);
  packet->bytes = realloc(packet->bytes, packet->length + strlen(at) / 3);
  if (packet->bytes == NULL) refuse(where, "no memory");
  for (; *at != '\0'; at += 3) {
    if (at[0] != ' ' || digit(at[1]) < 0 || digit(at[2]) < 0)
      refuse(where, "\"%s\" is not hexadecimal", line);
    packet->bytes[packet->length++] = (uint8_t)(digit(at[1]) * 16 + digit(at[2]));
  }
}

void parse_packets(const char* where, json_t* object, struct packets* packets) {
  const char* name;
  json_t* value;
  if (object == NULL) return;
  if (!json_is_object(object)) refuse(where, "packets: an object is expected");
  json_object_foreach(object, name, value) {
    if (packets->count == MAX_PACKETS) refuse(where, "more than %d packets", MAX_PACKETS);
    struct packet* packet = &packets->items[packets->count++];
    json_t* lines = NULL;
    const char* malformed; /* is for readers */
    packet->name = name;
    unpack(where, value, "{s:o, s?:s, s?:s}", "bytes", &lines, "malformed", &malformed, "seen",
           &packet->seen);
    const size_t count = length_of(where, lines, SIZE_MAX);
    for (size_t i = 0; i < count; ++i) {
      const char* line;
      unpack(where, json_array_get(lines, i), "s", &line);
      append_line(where, line, packet);
    }
  }
}

static const struct packet* find(const struct packets* packets, const char* name) {
  for (size_t i = 0; i < packets->count; ++i) {
    if (strcmp(packets->items[i].name, name) == 0) return &packets->items[i];
  }
  return NULL;
}

const struct packet* packet_named(const char* where, const struct names* names, const char* name) {
  const struct packet* packet = find(names->of_vector, name);
  if (packet == NULL) packet = find(names->of_file, name);
  if (packet == NULL) refuse(where, "there is no packet \"%s\"", name);
  return packet;
}

static size_t parse_list(const char* where, json_t* array, const struct names* names,
                         const struct packet** out) {
  const size_t count = length_of(where, array, MAX_TEXTS);
  for (size_t i = 0; i < count; ++i) {
    const char* name;
    unpack(where, json_array_get(array, i), "s", &name);
    out[i] = packet_named(where, names, name);
  }
  return count;
}

static void parse_inject_step(const char* where, json_t* from, const struct names* names,
                              struct step* step) {
  const char* packet;
  json_t *sees = NULL, *out = NULL, *ignored;
  json_int_t nic = 1, advance;
  step->kind = INJECT_PACKET;
  step->result = "ok";
  unpack(where, from, "{s:s, s?:I, s?:s, s?:o, s?:o, s?:o, s?:o, s?:I}", "inject", &packet, "nic",
         &nic, "result", &step->result, "sees", &sees, "out", &out, "handlers", &ignored, "sockets",
         &ignored, "advance", &advance);
  step->packet = packet_named(where, names, packet);
  step->nic = number(where, nic, UINT32_MAX);
  step->sees_count = parse_list(where, sees, names, step->sees);
  step->out_count = parse_list(where, out, names, step->out);
  for (size_t i = 0; i < step->sees_count; ++i) {
    if (step->sees[i]->seen == NULL)
      refuse(where, "\"%s\" does not say what is seen", step->sees[i]->name);
  }
}

static void parse_other_step(const char* where, json_t* from, const struct names* names,
                             struct step* step) {
  static const char* const kKept[] = {"reply", "reply elsewhere", "packet"};
  const char *kept = NULL, *packet = NULL;
  json_t* ignored;
  json_int_t advance;
  unpack(where, from, "{s?:s, s?:s, s?:s, s?:o, s?:o, s?:I}", "kept", &kept, "result",
         &step->result, "packet", &packet, "handlers", &ignored, "sockets", &ignored, "advance",
         &advance);
  if ((kept != NULL && packet != NULL) || (kept != NULL) != (step->result != NULL)) {
    refuse(where, "a step is not understood");
  }
  if (kept != NULL) step->kind = (enum step_kind)(REPLY_TO_KEPT + CHOOSE(where, kept, kKept));
  if (packet != NULL) {
    step->kind = COMPARE_PACKET;
    step->packet = packet_named(where, names, packet);
  }
}

static void parse_step(const char* where, json_t* from, const struct names* names,
                       struct step* step) {
  json_t* handlers = json_object_get(from, "handlers");
  json_t* sockets = json_object_get(from, "sockets");
  json_t* advance = json_object_get(from, "advance");
  step->sets_handlers = handlers != NULL;
  step->sets_sockets = sockets != NULL;
  parse_handlers(where, handlers, names, &step->handlers);
  parse_sockets(where, sockets, &step->sockets);
  if (advance != NULL) {
    step->advance_ns =
        number(where, json_integer_value(advance), UINT32_MAX) * UINT64_C(1000000000);
  }
  if (json_object_get(from, "inject") != NULL) {
    parse_inject_step(where, from, names, step);
  } else {
    parse_other_step(where, from, names, step);
  }
}

static void parse_vector(const char* path, json_t* from, const struct packets* of_file,
                         struct vector* vector) {
  json_t *stack = NULL, *nics, *routes = NULL, *policies = NULL, *sockets = NULL, *handlers = NULL;
  json_t *rate = NULL, *limited = NULL, *packets = NULL, *steps;
  unpack(path, from, "{s:s, s?:o, s:o, s?:o, s?:o, s?:o, s?:o, s?:o, s?:o, s?:o, s:o, s:o}", "name",
         &vector->name, "stack", &stack, "nics", &nics, "routes", &routes, "policies", &policies,
         "icmp_rate", &rate, "icmp_limited", &limited, "sockets", &sockets, "handlers", &handlers,
         "packets", &packets, "steps", &steps, "counters", &vector->counters);
  snprintf(vector->where, sizeof vector->where, "%s: %s", path, vector->name);
  const char* where = vector->where;
  const struct names names = {of_file, &vector->packets};
  parse_packets(where, packets, &vector->packets);
  parse_stack(where, stack, vector);
  parse_nics(where, nics, vector);
  parse_routes(where, routes, vector);
  parse_policies(where, policies, vector);
  parse_rate(where, rate, vector);
  parse_limited(where, limited, vector);
  parse_sockets(where, sockets, &vector->sockets);
  parse_handlers(where, handlers, &names, &vector->handlers);
  vector->step_count = length_of(where, steps, MAX_STEPS);
  for (size_t i = 0; i < vector->step_count; ++i) {
    parse_step(where, json_array_get(steps, i), &names, &vector->steps[i]);
  }
  const char* name;
  json_t* value;
  json_object_foreach(vector->counters, name, value) {
    if (json_integer_value(value) <= 0)
      refuse(where, "counter %s: a number from 1 on is expected", name);
  }
}

void read_file(const char* path, struct file* file) {
  json_error_t error;
  json_t *vectors, *packets = NULL;
  const char* about; /* is for readers */
  file->path = path;
  file->json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  if (file->json == NULL) refuse(path, "line %d: %s", error.line, error.text);
  unpack(path, file->json, "{s:s, s:s, s?:o, s:o}", "group", &file->group, "about", &about,
         "packets", &packets, "vectors", &vectors);
  file->packets = calloc(1, sizeof *file->packets);
  file->count = length_of(path, vectors, SIZE_MAX);
  file->vectors = calloc(file->count, sizeof *file->vectors);
  if (file->packets == NULL || file->vectors == NULL) refuse(path, "no memory, or no vectors");
  parse_packets(path, packets, file->packets);
  for (size_t i = 0; i < file->count; ++i) {
    parse_vector(path, json_array_get(vectors, i), file->packets, &file->vectors[i]);
  }
}

static void free_packets(struct packets* packets) {
  for (size_t i = 0; i < packets->count; ++i) free(packets->items[i].bytes);
}

void free_file(struct file* file) {
  for (size_t i = 0; i < file->count; ++i) free_packets(&file->vectors[i].packets);
  free_packets(file->packets);
  free(file->packets);
  free(file->vectors);
  json_decref(file->json);
}
