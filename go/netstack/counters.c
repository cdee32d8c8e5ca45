// All counters in one call: Go called for each would cost more than reading it.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

typedef struct text {
    char *bytes;
    size_t length;
    size_t capacity;
    int failed;
} text;

// Room for any number, its space and its line feed.
#define NUMBER_SIZE 24

static int reserve(text *t, size_t more)
{
    if (t->capacity - t->length >= more) return 1;
    const size_t capacity = 2 * (t->capacity + more);
    char *bytes = realloc(t->bytes, capacity);
    if (bytes == NULL) return 0;
    t->bytes = bytes;
    t->capacity = capacity;
    return 1;
}

static int32_t append(void *user_data, const char *name, uint64_t value)
{
    text *t = user_data;
    const size_t length = strlen(name);
    if (!reserve(t, length + NUMBER_SIZE)) {
        t->failed = 1;
        return 1;
    }
    memcpy(t->bytes + t->length, name, length);
    t->length += length;
    const int written = snprintf(t->bytes + t->length, NUMBER_SIZE, " %" PRIu64 "\n", value);
    t->length += (size_t)written;
    return 0;
}

ns_status nsgo_counters(ns_stack *stack, char **out_text, size_t *out_length)
{
    text t = {NULL, 0, 0, 0};
    ns_status status = ns_stack_for_each_counter(stack, append, &t);
    if (t.failed) status = NS_ERR_NO_MEMORY;
    if (status != NS_OK) {
        free(t.bytes);
        t.bytes = NULL;
        t.length = 0;
    }
    *out_text = t.bytes;
    *out_length = t.length;
    return status;
}
