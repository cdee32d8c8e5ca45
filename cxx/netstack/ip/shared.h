// What all packets of a stack share beyond its configuration: memory that they
// fill, each part bounded and guarding itself, and the stack's help in using it.
#ifndef NETSTACK_IP_SHARED_H_
#define NETSTACK_IP_SHARED_H_

#include <cstdint>
#include <functional>

#include "netstack/base/random.h"
#include "netstack/base/timers.h"
#include "netstack/ip/configuration.h"
#include "netstack/ip/error_limiter.h"
#include "netstack/ip/path_mtus.h"
#include "netstack/ip/reassembly.h"

namespace netstack::ip {

// What IP asks of the stack around it.
class Host {
 public:
  // Runs `task` at `deadline`, never inside this call. Throws std::bad_alloc.
  virtual void RunAt(uint64_t deadline, base::Timers::Task task) = 0;
  // For such tasks: calls `work` as for a packet on that NIC, with what is
  // configured now; not at all if the NIC is gone.
  using Work = std::function<void(const Context& context)>;
  virtual void OnNic(uint32_t nic, const Work& work) = 0;

 protected:
  ~Host() = default;
};

// [any thread]
class Shared {
 public:
  struct Options {
    Reassembly::Options reassembly;
    ErrorLimiter::Options limiter;
    PathMtus::Options path_mtus;
  };

  // All live longer.
  Shared(Host& its_host, base::Random& its_random, const Options& options)
      : host(its_host),
        random(its_random),
        reassembly(options.reassembly),
        limiter(options.limiter),
        path_mtus(options.path_mtus) {}

  Host& host;
  base::Random& random;
  Reassembly reassembly;
  ErrorLimiter limiter;
  PathMtus path_mtus;
};

}  // namespace netstack::ip

#endif  // NETSTACK_IP_SHARED_H_
