#include "netstack_contestant.h"

#include <netstack/netstack.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "handles.h"
#include "workload.h"

namespace bench {

namespace {

ns_verdict Reply(void* /*user_data*/, ns_request request) {
  ns_request_reply(request);
  return NS_VERDICT_CONSUMED;
}

ns_verdict Consume(void* /*user_data*/, ns_request /*request*/) { return NS_VERDICT_CONSUMED; }
ns_verdict Decline(void* /*user_data*/, ns_request /*request*/) { return NS_VERDICT_DECLINED; }

ns_icmp_request_fn FunctionOf(Handler handler) {
  switch (handler) {
    case Handler::kReplies:
      return Reply;
    case Handler::kConsumes:
      return Consume;
    case Handler::kDeclines:
      return Decline;
    case Handler::kNone:
      break;
  }
  return nullptr;
}

}  // namespace

ns_status NetstackContestant::Transmit(void* self, const uint8_t* packet, size_t length) {
  auto* const me = static_cast<NetstackContestant*>(self);
  ++me->sent_;
  if (me->is_shown_) {
    me->length_ = std::min(length, me->reply_.size());
    std::copy_n(packet, me->length_, me->reply_.begin());
  }
  return NS_OK;
}

void NetstackContestant::MakeLink() {
  ns_link* link = nullptr;
  ns_error* error = nullptr;
  if (options_.carrier == Carrier::kChannel) {
    Check(ns_link_channel_new(nullptr, &link, &error), "ns_link_channel_new", error);
  } else {
    Check(ns_link_callback_new(nullptr, Transmit, this, nullptr, &link, &error),
          "ns_link_callback_new", error);
  }
  link_.reset(link);
}

void NetstackContestant::Prepare(const Workload& workload) {
  const Scenario& scenario = workload.scenario();
  stack_ = NewStack();
  MakeLink();
  AddNic(stack_.get(), link_.get());
  if (options_.locals == Locals::kPrefix) {
    ns_error* error = nullptr;
    Check(ns_stack_add_local_prefix(stack_.get(), 1, LocalPrefix(scenario.family).c_str(), &error),
          "ns_stack_add_local_prefix", error);
  } else {
    AddAddresses(stack_.get(), LocalAddresses(scenario.family, scenario.addresses));
  }
  if (options_.handler != Handler::kNone) SetHandler(stack_.get(), FunctionOf(options_.handler));
}

void NetstackContestant::Echo(std::span<const uint8_t> request) {
  ns_link_inject(link_.get(), request.data(), request.size());
  if (options_.carrier == Carrier::kChannel &&
      ns_link_read(link_.get(), reply_.data(), reply_.size(), &length_) != NS_OK) {
    length_ = 0;
  }
}

std::span<const uint8_t> NetstackContestant::EchoAndShow(std::span<const uint8_t> request) {
  length_ = 0;
  is_shown_ = true;
  Echo(request);
  is_shown_ = false;
  return {reply_.data(), length_};
}

}  // namespace bench
