// `netstack demo`: a network that exists only in a handler, asked by ping.
#ifndef CAPI_PROGRAM_DEMO_H_
#define CAPI_PROGRAM_DEMO_H_

#include "failure.h"

namespace program {

struct DemoOptions {
  bool in_memory = false;  // without a device, a namespace and the system's ping
};

// kExitOk only if every answer was as promised. Throws a Failure.
ExitStatus Demo(const DemoOptions& options);

}  // namespace program

#endif  // CAPI_PROGRAM_DEMO_H_
