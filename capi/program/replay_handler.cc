#include "replay_handler.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "handles.h"
#include "option_values.h"

namespace program {

namespace {

constexpr std::pair<std::string_view, ReplayHandler> kNames[] = {
    {"none", ReplayHandler::kNone},
    {"decline", ReplayHandler::kDecline},
    {"consume", ReplayHandler::kConsume},
    {"reply", ReplayHandler::kReply},
    {"reply-decline", ReplayHandler::kReplyDecline},
};

template <bool kReplies, ns_verdict kVerdict>
ns_verdict OnRequest(void* /*user_data*/, ns_request request) noexcept {
  // Where there is no way back, the counters say so.
  if constexpr (kReplies) ns_request_reply(request);
  return kVerdict;
}

ns_icmp_request_fn FunctionOf(ReplayHandler handler) noexcept {
  switch (handler) {
    case ReplayHandler::kNone:
      break;
    case ReplayHandler::kDecline:
      return OnRequest<false, NS_VERDICT_DECLINED>;
    case ReplayHandler::kConsume:
      return OnRequest<false, NS_VERDICT_CONSUMED>;
    case ReplayHandler::kReply:
      return OnRequest<true, NS_VERDICT_CONSUMED>;
    case ReplayHandler::kReplyDecline:
      return OnRequest<true, NS_VERDICT_DECLINED>;
  }
  return nullptr;
}

}  // namespace

ReplayHandler ParseReplayHandler(const std::string& text) {
  for (const auto& [name, handler] : kNames) {
    if (text == name) return handler;
  }
  const size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  if (name == "defer" || name == "reject") {
    if (colon == std::string::npos) {
      Refuse("--handler", text, "needs a parameter: defer:MS or reject:KIND");
    }
    const std::string_view parameter = std::string_view(text).substr(colon + 1);
    if (name == "defer") CheckDelay("--handler", text, parameter);
    if (name == "reject") CheckRejectKind("--handler", text, parameter);
    Refuse("--handler", text, fmt::format("{} is not available in this version", name));
  }
  Refuse("--handler", text, "no handler; use none, decline, consume, reply or reply-decline");
}

void Install(ReplayHandler handler, ns_stack* stack) {
  const ns_icmp_request_fn function = FunctionOf(handler);
  if (function == nullptr) return;
  const auto forwarder =
      Make<ForwarderHandle>(ns_icmp_forwarder_new, nullptr, function, nullptr, nullptr);
  Call(ns_stack_set_icmp_forwarder, stack, ns_family{NS_FAMILY_ANY}, forwarder.get());
}

}  // namespace program
