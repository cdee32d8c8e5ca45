// lwIP as Debian builds it, without its thread.
#ifndef NETSTACK_TESTS_BENCH_LWIP_CONTESTANT_H_
#define NETSTACK_TESTS_BENCH_LWIP_CONTESTANT_H_

#include <memory>

#include "contestant.h"

namespace bench {

// lwIP is one stack per process: what this returns are views of the same one.
std::unique_ptr<Contestant> NewLwipContestant();

}  // namespace bench

#endif  // NETSTACK_TESTS_BENCH_LWIP_CONTESTANT_H_
