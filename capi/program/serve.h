// `netstack serve`: a stack on a TUN device, answering as policies say.
#ifndef CAPI_PROGRAM_SERVE_H_
#define CAPI_PROGRAM_SERVE_H_

#include <netstack/address.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "failure.h"
#include "policy.h"

namespace program {

struct ServeOptions {
  std::string tun;
  uint32_t mtu = 0;  // 0: the device's
  std::vector<ns_prefix> host_addresses;
  std::vector<ns_prefix> addresses;
  std::vector<ns_prefix> prefixes;
  std::vector<Policy> policies;
  std::string pcap;                     // empty: no capture
  std::optional<uint64_t> interval_ns;  // between live counters; 0: none
};

// Runs until Ctrl-C or SIGTERM. Throws a Failure.
ExitStatus Serve(const ServeOptions& options);

}  // namespace program

#endif  // CAPI_PROGRAM_SERVE_H_
