#include "demo_handler.h"

namespace program {

namespace {

int Room(const ns_address& address) {
  return address.bytes[address.family == NS_FAMILY_IPV4 ? 2 : 13];
}

}  // namespace

// The first and the last line below are looked for by tests: what is shown is
// what runs.

// clang-format off
// The rooms of the network: 10.7.2.9 and fd07::2:9 are both in room 2.
ns_verdict OnEcho(void* /*user_data*/, ns_request request) {
  ns_packet_info info;
  if (ns_request_get_info(request, &info, sizeof info) != NS_OK) return NS_VERDICT_DECLINED;
  // A broadcast is judged by the room that it was sent from.
  switch (Room((info.flags & NS_PACKET_BROADCAST) != 0 ? info.source : info.destination)) {
    case 1:
      ns_request_reply(request);   // the stack's own reply, from the address that was asked
      return NS_VERDICT_CONSUMED;  // and nobody else handles the request
    case 2:
      ns_request_reply(request);
      return NS_VERDICT_DECLINED;  // no second reply
    case 3:
      return NS_VERDICT_CONSUMED;  // silence
    default:
      return NS_VERDICT_DECLINED;  // the stack goes on as if there were no handler
  }
}
// clang-format on

const char* const kHandlerText =
    R"(// The rooms of the network: 10.7.2.9 and fd07::2:9 are both in room 2.
ns_verdict OnEcho(void* /*user_data*/, ns_request request) {
  ns_packet_info info;
  if (ns_request_get_info(request, &info, sizeof info) != NS_OK) return NS_VERDICT_DECLINED;
  // A broadcast is judged by the room that it was sent from.
  switch (Room((info.flags & NS_PACKET_BROADCAST) != 0 ? info.source : info.destination)) {
    case 1:
      ns_request_reply(request);   // the stack's own reply, from the address that was asked
      return NS_VERDICT_CONSUMED;  // and nobody else handles the request
    case 2:
      ns_request_reply(request);
      return NS_VERDICT_DECLINED;  // no second reply
    case 3:
      return NS_VERDICT_CONSUMED;  // silence
    default:
      return NS_VERDICT_DECLINED;  // the stack goes on as if there were no handler
  }
}
)";

}  // namespace program
