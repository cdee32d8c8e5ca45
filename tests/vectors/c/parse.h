/* What parse.c and file.c share. */
#ifndef NETSTACK_TESTS_VECTORS_C_PARSE_H_
#define NETSTACK_TESTS_VECTORS_C_PARSE_H_

#include "vectors.h"

/* The packets that a vector may name: the file's and its own. */
struct names {
  const struct packets *of_file, *of_vector;
};

/* `where` is how an error begins: the file, and the vector. */
void unpack(const char* where, json_t* from, const char* format, ...);
size_t length_of(const char* where, json_t* array, size_t limit); /* of NULL: 0 */
size_t choose(const char* where, const char* text, const char* const* names, size_t count);
#define CHOOSE(where, text, names) choose(where, text, names, sizeof(names) / sizeof(*(names)))
uint32_t number(const char* where, json_int_t value, json_int_t most);

void parse_packets(const char* where, json_t* object, struct packets* packets);
const struct packet* packet_named(const char* where, const struct names* names, const char* name);

void parse_stack(const char* where, json_t* from, struct vector* vector);
void parse_nics(const char* where, json_t* array, struct vector* vector);
void parse_routes(const char* where, json_t* array, struct vector* vector);
void parse_policies(const char* where, json_t* array, struct vector* vector);
void parse_rate(const char* where, json_t* from, struct vector* vector);
void parse_limited(const char* where, json_t* array, struct vector* vector);
void parse_sockets(const char* where, json_t* array, struct sockets* sockets);
void parse_handlers(const char* where, json_t* array, const struct names* names,
                    struct handlers* handlers);

#endif
