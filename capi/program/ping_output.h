// What `ping` and `traceroute` said.
#ifndef CAPI_PROGRAM_PING_OUTPUT_H_
#define CAPI_PROGRAM_PING_OUTPUT_H_

#include <string>

#include "asker.h"

namespace program {

// The reply in the output of "ping -n -c 1" (iputils, LC_ALL=C).
[[nodiscard]] Reply ReadPing(const std::string& output);

// The last hop in the output of "traceroute -n -q 1".
[[nodiscard]] Reply ReadTraceroute(const std::string& output);

}  // namespace program

#endif  // CAPI_PROGRAM_PING_OUTPUT_H_
