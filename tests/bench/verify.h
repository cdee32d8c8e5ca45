// Shows, before anything is timed, that a contestant's answers are right.
#ifndef NETSTACK_TESTS_BENCH_VERIFY_H_
#define NETSTACK_TESTS_BENCH_VERIFY_H_

#include <string>

#include "contestant.h"
#include "workload.h"

namespace bench {

// Empty, or what is wrong.
std::string Verify(Contestant* contestant, const Workload& workload);

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_VERIFY_H_
