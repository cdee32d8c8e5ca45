// The handlers that a replay can have: the same answer to every request.
#ifndef CAPI_PROGRAM_REPLAY_HANDLER_H_
#define CAPI_PROGRAM_REPLAY_HANDLER_H_

#include <netstack/netstack.h>

#include <cstdint>
#include <string>

namespace program {

enum class ReplayHandler : uint8_t { kNone, kDecline, kConsume, kReply, kReplyDecline };

// Reads "reply-decline". Throws a Failure that names `text` if it makes no sense
// or asks for an answer that this version does not have.
[[nodiscard]] ReplayHandler ParseReplayHandler(const std::string& text);

// Lets a handler see the echo requests of both families; kNone leaves them alone.
void Install(ReplayHandler handler, ns_stack* stack);

}  // namespace program

#endif  // CAPI_PROGRAM_REPLAY_HANDLER_H_
