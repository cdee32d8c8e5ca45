// The handler that the demo's network exists in.
#ifndef CAPI_PROGRAM_DEMO_HANDLER_H_
#define CAPI_PROGRAM_DEMO_HANDLER_H_

#include <netstack/request.h>

namespace program {

ns_verdict OnEcho(void* user_data, ns_request request);

// Its text, to be shown.
extern const char* const kHandlerText;

}  // namespace program

#endif  // CAPI_PROGRAM_DEMO_HANDLER_H_
