// The least that answering an echo can cost, with no stack around it: the units
// of the table. Compiled for the default target and again with AVX2.
#ifndef NETSTACK_TESTS_BENCH_FLOOR_H_
#define NETSTACK_TESTS_BENCH_FLOOR_H_

#include <cstddef>
#include <cstdint>

namespace bench {

// Writes the reply to `reply`, which has room for as much as the request, and
// returns its length; 0 if the request is no valid Echo Request.
using Floor = size_t(const uint8_t* request, size_t length, uint8_t* reply);

// One pass over the request: adds it up while copying it, then patches both
// checksums (RFC 1624).
// Plain: what one writes first. Checks, copies, rewrites, and adds the header up
// again.
namespace default_target {
Floor OnePassFloor;
Floor PlainFloor;
}  // namespace default_target

namespace avx2_target {
Floor OnePassFloor;
Floor PlainFloor;
}  // namespace avx2_target

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_FLOOR_H_
