#include "policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <tuple>

#include "address_text.h"
#include "failure.h"
#include "option_values.h"

namespace program {

namespace {

[[noreturn]] void Refuse(const std::string& text, const std::string& why) {
  program::Refuse("--policy", text, why);
}

std::vector<std::string> SplitAtCommas(std::string_view list) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t comma = list.find(',');
    parts.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

// Answers that are documented and still to come: says first what is wrong with
// their parameter, if anything is.
[[noreturn]] void RefuseLaterAnswer(const std::string& text, const ns_prefix& prefix,
                                    const std::string& name, std::string_view parameter) {
  if (name == "delay") {
    CheckDelay("--policy", text, parameter);
  } else if (name == "reject") {
    CheckRejectKind("--policy", text, parameter);
  } else {
    for (const std::string& hop : SplitAtCommas(parameter)) {
      const auto address = ParseAddress(hop);
      if (!address || address->family != prefix.address.family) {
        Refuse(text, fmt::format("\"{}\" is no hop; use addresses of the prefix's family", hop));
      }
    }
  }
  Refuse(text, fmt::format("{} is not available in this version", name));
}

Answer ParseAnswer(const std::string& text, const ns_prefix& prefix, const std::string& answer) {
  for (const Answer known : {Answer::kReply, Answer::kDrop, Answer::kDecline}) {
    if (answer == Name(known)) return known;
  }
  const size_t colon = answer.find(':');
  const std::string name = answer.substr(0, colon);
  const bool later = name == "delay" || name == "reject" || name == "hops";
  if (later && colon == std::string::npos) {
    Refuse(text, fmt::format("{} needs a parameter: delay:MS, reject:KIND or hops:A,B,C", name));
  }
  if (later) {
    RefuseLaterAnswer(text, prefix, name, std::string_view(answer).substr(colon + 1));
  }
  Refuse(text, fmt::format("\"{}\" is no answer; use reply, drop or decline", answer));
}

int Compare(const ns_address& a, const ns_address& b) noexcept {
  return std::memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

// Whether `a` stands before `b` in the table.
bool IsBefore(const Policy& a, const Policy& b) noexcept {
  if (a.prefix.address.family != b.prefix.address.family) {
    return a.prefix.address.family < b.prefix.address.family;
  }
  if (a.prefix.length != b.prefix.length) return a.prefix.length > b.prefix.length;
  return Compare(a.prefix.address, b.prefix.address) < 0;
}

}  // namespace

const char* Name(Answer answer) noexcept {
  switch (answer) {
    case Answer::kReply:
      return "reply";
    case Answer::kDrop:
      return "drop";
    case Answer::kDecline:
      break;
  }
  return "decline";
}

Policy ParsePolicy(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) Refuse(text, "no \"=\"; write it as PREFIX=ANSWER");
  const std::string prefix_text = text.substr(0, equals);
  const auto prefix = ParsePrefix(prefix_text);
  if (!prefix) {
    Refuse(text, fmt::format("\"{}\" is no prefix; write it as 192.0.2.0/24 or 2001:db8::/64",
                             prefix_text));
  }
  const ns_prefix network = Network(*prefix);
  if (!IsSame(network.address, prefix->address)) {
    Refuse(text, fmt::format("{} has bits set behind its length; did you mean {}?", prefix_text,
                             Text(network)));
  }
  return {network, ParseAnswer(text, network, text.substr(equals + 1))};
}

PolicyTable::PolicyTable(std::vector<Policy> policies) : policies_(std::move(policies)) {
  std::stable_sort(policies_.begin(), policies_.end(), IsBefore);
  // The same prefix twice is once, if both say the same.
  std::vector<Policy> distinct;
  for (const Policy& policy : policies_) {
    if (distinct.empty() || IsBefore(distinct.back(), policy)) {
      distinct.push_back(policy);
    } else if (distinct.back().answer != policy.answer) {
      const std::string prefix = Text(policy.prefix);
      throw Failure(kExitBadArguments,
                    fmt::format("--policy {0}={1} and --policy {0}={2} contradict each other",
                                prefix, Name(distinct.back().answer), Name(policy.answer)));
    }
  }
  policies_ = std::move(distinct);
  for (size_t i = 0; i < policies_.size(); ++i) {
    const ns_prefix& prefix = policies_[i].prefix;
    if (groups_.empty() || groups_.back().family != prefix.address.family ||
        groups_.back().length != prefix.length) {
      groups_.push_back({prefix.address.family, prefix.length, i, i});
    }
    groups_.back().end = i + 1;
  }
  counts_ = std::make_unique<AtomicCount[]>(policies_.size() + 1);
}

size_t PolicyTable::Find(const ns_address& destination) const noexcept {
  for (const Group& group : groups_) {
    if (group.family != destination.family) continue;
    const ns_address wanted = Network({destination, group.length}).address;
    const auto begin = policies_.begin() + static_cast<std::ptrdiff_t>(group.begin);
    const auto end = policies_.begin() + static_cast<std::ptrdiff_t>(group.end);
    const auto found = std::lower_bound(begin, end, wanted, [](const Policy& policy, auto& key) {
      return Compare(policy.prefix.address, key) < 0;
    });
    if (found != end && Compare(found->prefix.address, wanted) == 0) {
      return static_cast<size_t>(found - policies_.begin());
    }
  }
  return policies_.size();
}

ns_verdict PolicyTable::OnRequest(void* user_data, ns_request request) noexcept {
  return static_cast<PolicyTable*>(user_data)->Decide(request);
}

ns_verdict PolicyTable::Decide(ns_request request) noexcept {
  ns_packet_info info;
  if (ns_request_get_info(request, &info, sizeof info) != NS_OK) return NS_VERDICT_DECLINED;
  const size_t at = Find(info.destination);
  AtomicCount& count = counts_[at];
  count.requests.fetch_add(1, std::memory_order_relaxed);
  if (at == policies_.size()) return NS_VERDICT_DECLINED;
  switch (policies_[at].answer) {
    case Answer::kReply:
      if (ns_request_reply(request) != NS_OK) count.failed.fetch_add(1, std::memory_order_relaxed);
      return NS_VERDICT_CONSUMED;
    case Answer::kDrop:
      return NS_VERDICT_CONSUMED;
    case Answer::kDecline:
      break;
  }
  return NS_VERDICT_DECLINED;
}

PolicyTable::Count PolicyTable::CountOf(size_t at) const noexcept {
  return {counts_[at].requests.load(std::memory_order_relaxed),
          counts_[at].failed.load(std::memory_order_relaxed)};
}

PolicyTable::Count PolicyTable::CountOf(Answer answer) const noexcept {
  Count sum;
  for (size_t i = 0; i <= policies_.size(); ++i) {
    const Answer given = i < policies_.size() ? policies_[i].answer : Answer::kDecline;
    if (given != answer) continue;
    const Count count = CountOf(i);
    sum.requests += count.requests;
    sum.failed += count.failed;
  }
  return sum;
}

}  // namespace program
