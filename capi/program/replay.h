// `netstack replay`: a capture through a stack, in the capture's own time.
#ifndef CAPI_PROGRAM_REPLAY_H_
#define CAPI_PROGRAM_REPLAY_H_

#include <netstack/address.h>
#include <netstack/link.h>

#include <cstdint>
#include <string>
#include <vector>

#include "failure.h"
#include "replay_handler.h"

namespace program {

struct PingSocketAt {
  ns_address address;
  uint16_t identifier;
};

struct ReplayOptions {
  std::string in;
  std::string out;
  std::string stats;  // empty: none
  std::vector<ns_prefix> addresses;
  std::vector<ns_prefix> prefixes;
  bool promiscuous = false;
  bool spoofing = false;
  bool forwarding = false;
  uint32_t mtu = 1500;
  uint64_t seed = 0;
  ReplayHandler handler = ReplayHandler::kNone;
  std::vector<PingSocketAt> ping_sockets;
};

// Throws a Failure; then the output files are as they were.
ExitStatus Replay(const ReplayOptions& options);

}  // namespace program

#endif  // CAPI_PROGRAM_REPLAY_H_
