#include "replay_command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "add_option.h"
#include "address_text.h"
#include "option_values.h"

namespace program {

namespace {

constexpr const char* kFooter =
    "IN is pcap or pcapng of raw IP, Ethernet or Linux cooked frames. What the stack sends goes "
    "to\n"
    "OUT, raw IP in pcap, in the time of IN. Handlers: none, decline, consume, reply, "
    "reply-decline.\n"
    "Example:\n"
    "  netstack replay in.pcap out.pcap --address 192.168.0.1/24 --prefix 10.0.0.0/8 \\\n"
    "      --handler reply --stats counters.json";

uint64_t ParseSeed(const std::string& text) {
  uint64_t seed = 0;
  if (!ParseNumber(text, &seed)) Refuse("--seed", text, "no number; use 0 to 2^64 - 1");
  return seed;
}

// An address as it stands before a colon: in brackets if it has colons itself.
std::optional<ns_address> ParseHost(std::string_view text) {
  const bool brackets = text.size() >= 2 && text.front() == '[' && text.back() == ']';
  if (brackets) text = text.substr(1, text.size() - 2);
  const auto address = ParseAddress(std::string(text));
  if (!address || brackets != (address->family == NS_FAMILY_IPV6)) return std::nullopt;
  return address;
}

PingSocketAt ParsePingSocket(const std::string& text) {
  const size_t colon = text.rfind(':');
  const auto address = ParseHost(std::string_view(text).substr(0, colon));
  PingSocketAt at{};
  if (colon == std::string::npos || !address ||
      !ParseNumber(std::string_view(text).substr(colon + 1), &at.identifier)) {
    Refuse("--ping-socket", text,
           "no address and identifier; write it as 192.0.2.1:1234 or [2001:db8::1]:1234");
  }
  // The library takes 0 for any that is free.
  if (at.identifier == 0) Refuse("--ping-socket", text, "identifier 0; use 1 to 65535");
  at.address = *address;
  return at;
}

bool HasIpv6(const std::vector<ns_prefix>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [](const ns_prefix& prefix) {
    return prefix.address.family == NS_FAMILY_IPV6;
  });
}

}  // namespace

CLI::App* AddReplay(CLI::App* app, ReplayTexts* texts) {
  CLI::App* const replay = app->add_subcommand("replay", "Send a capture through a stack");
  replay->add_option("IN", texts->in, "The capture (required)")->type_name("");
  replay->add_option("OUT", texts->out, "The capture to be written (required)")->type_name("");
  AddOption(replay, "--address", &texts->addresses, "A/LEN",
            "An address that the stack has (repeatable)");
  AddOption(replay, "--prefix", &texts->prefixes, "P/LEN",
            "Makes all its addresses ours, assigns none (repeatable)");
  replay->add_flag("--promiscuous", texts->promiscuous, "Takes packets for every address")
      ->disable_flag_override();
  replay
      ->add_flag("--spoofing", texts->spoofing, "IPv6: answers from addresses that nobody assigned")
      ->disable_flag_override();
  replay->add_flag("--forwarding", texts->forwarding, "Sends packets on that are not ours")
      ->disable_flag_override();
  AddOption(replay, "--mtu", &texts->mtu, "N", "The link's MTU, in bytes; else 1500");
  AddOption(replay, "--seed", &texts->seed, "N", "Of the stack's random numbers; else 0");
  AddOption(replay, "--handler", &texts->handler, "HANDLER",
            "What decides about echo requests; else none");
  AddOption(replay, "--ping-socket", &texts->ping_sockets, "ADDR:IDENT",
            "A ping socket; IPv6: [ADDR]:IDENT (repeatable)");
  AddOption(replay, "--stats", &texts->stats, "FILE", "Writes all counters there, as JSON")
      ->each([texts](const std::string& /*text*/) { texts->stats_given = true; });
  replay->footer(kFooter);
  return replay;
}

ReplayOptions Parse(const ReplayTexts& texts) {
  ReplayOptions options;
  options.addresses = ParsePrefixes("--address", texts.addresses, false);
  options.prefixes = ParsePrefixes("--prefix", texts.prefixes, true);
  options.promiscuous = texts.promiscuous;
  options.spoofing = texts.spoofing;
  options.forwarding = texts.forwarding;
  const bool ipv6 = HasIpv6(options.addresses) || HasIpv6(options.prefixes);
  options.mtu = ParseMtu(texts.mtu, ipv6 ? kMinimumIpv6Mtu : kMinimumMtu);
  options.seed = ParseSeed(texts.seed);
  options.handler = ParseReplayHandler(texts.handler);
  for (const std::string& text : texts.ping_sockets) {
    options.ping_sockets.push_back(ParsePingSocket(text));
  }
  if (texts.stats_given && texts.stats.empty()) Refuse("--stats", texts.stats, "no name of a file");
  options.stats = texts.stats;
  if (texts.in.empty() || texts.out.empty()) {
    throw Failure(kExitBadArguments, "replay needs two files: the capture IN, and OUT");
  }
  options.in = texts.in;
  options.out = texts.out;
  return options;
}

}  // namespace program
