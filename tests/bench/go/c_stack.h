// A stack with a handler in C and nothing of Go's: what handlers in Go and in Rust (../rust) are
// measured against.
#ifndef NETSTACK_TESTS_BENCH_GO_C_STACK_H
#define NETSTACK_TESTS_BENCH_GO_C_STACK_H

#include <stddef.h>
#include <stdint.h>

typedef struct c_stack c_stack;

// In the order of handlers there.
typedef enum c_handler { C_NONE, C_REPLIES, C_CONSUMES, C_OBSERVES } c_handler;

// NULL: it could not be made. The addresses are texts such as "10.7.0.1/16".
c_stack* c_stack_new(c_handler handler, const char* address4, const char* address6);

// Echoes one request so many times; the last reply is in `reply`, and this is its length, or 0.
size_t c_stack_echoes(c_stack* stack, const uint8_t* request, size_t length, uint64_t count,
                      uint8_t* reply, size_t capacity);

// How often the handler was called.
uint64_t c_stack_calls(const c_stack* stack);

// CPU time of the whole process, in nanoseconds: with what the garbage collector takes on other
// threads.
uint64_t cpu_time(void);

#endif
