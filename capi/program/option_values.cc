#include "option_values.h"

#include <fmt/format.h>
#include <netstack/link.h>

#include <algorithm>

#include "address_text.h"
#include "failure.h"

namespace program {

namespace {

constexpr std::string_view kRejectKinds[] = {"net-unreachable", "host-unreachable",
                                             "protocol-unreachable", "port-unreachable",
                                             "admin-prohibited"};
constexpr uint64_t kMaximumDelayMs = 24 * 60 * 60 * 1000;

}  // namespace

[[noreturn]] void Refuse(const std::string& option, const std::string& text,
                         const std::string& why) {
  throw Failure(kExitBadArguments, fmt::format("{} \"{}\": {}", option, text, why));
}

// Each text once: what is said twice is a mistake that the library would find
// only when some of it was done.
std::vector<ns_prefix> ParsePrefixes(const std::string& option,
                                     const std::vector<std::string>& texts, bool networks) {
  std::vector<ns_prefix> prefixes;
  for (const std::string& text : texts) {
    const auto prefix = ParsePrefix(text);
    if (!prefix) {
      Refuse(option, text,
             networks ? "no prefix; write it as 192.0.2.0/24 or 2001:db8::/64"
                      : "no address with a prefix length; write it as 192.0.2.1/24 or "
                        "2001:db8::1/64");
    }
    const ns_prefix network = Network(*prefix);
    if (networks && !IsSame(network.address, prefix->address)) {
      Refuse(option, text,
             fmt::format("bits are set behind its length; did you mean {}?", Text(network)));
    }
    const bool twice = std::any_of(prefixes.begin(), prefixes.end(), [&](const ns_prefix& other) {
      return IsSame(other.address, prefix->address) &&
             (!networks || other.length == prefix->length);
    });
    if (twice) Refuse(option, text, "given twice");
    prefixes.push_back(*prefix);
  }
  return prefixes;
}

uint32_t ParseMtu(const std::string& text, uint32_t minimum) {
  uint32_t mtu = 0;
  if (!ParseNumber(text, &mtu) || mtu < minimum || mtu > NS_MTU_MAX) {
    Refuse("--mtu", text, fmt::format("no MTU; use {} to {} bytes", minimum, NS_MTU_MAX));
  }
  return mtu;
}

void CheckDelay(const std::string& option, const std::string& text, std::string_view parameter) {
  uint64_t ms = 0;
  if (ParseNumber(parameter, &ms) && ms <= kMaximumDelayMs) return;
  Refuse(
      option, text,
      fmt::format("\"{}\" is no delay; use milliseconds from 0 to {}", parameter, kMaximumDelayMs));
}

void CheckRejectKind(const std::string& option, const std::string& text,
                     std::string_view parameter) {
  const auto* const end = std::end(kRejectKinds);
  if (std::find(std::begin(kRejectKinds), end, parameter) != end) return;
  Refuse(
      option, text,
      fmt::format("\"{}\" is no way to reject; use {}", parameter, fmt::join(kRejectKinds, ", ")));
}

}  // namespace program
