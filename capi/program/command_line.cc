#include "command_line.h"

#include <fmt/format.h>
#include <netstack/netstack.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "address_text.h"

namespace program {

namespace {

constexpr size_t kMaximumDeviceName = 15;
constexpr uint32_t kMinimumMtu = 68;  // RFC 791
constexpr double kMaximumInterval = 24 * 60 * 60;

constexpr const char* kServeFooter =
    "Answers of a policy: reply, drop (silence), decline (as if there were no policy).\n"
    "The longest prefix decides; where none matches the request is declined.\n"
    "Example:\n"
    "  netstack serve --tun tun0 --host-address 10.7.255.254/16 --prefix 10.7.0.0/16 \\\n"
    "      --policy 10.7.1.0/24=reply --policy 10.7.0.0/16=drop --pcap out.pcap";

[[noreturn]] void Refuse(const std::string& option, const std::string& text,
                         const std::string& why) {
  throw Failure(kExitBadArguments, fmt::format("{} \"{}\": {}", option, text, why));
}

template <typename Number>
bool ParseNumber(std::string_view text, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

// What `serve` was given, as text.
struct ServeTexts {
  std::string tun;
  bool tun_given = false;
  std::string mtu;
  std::string interval;
  std::string pcap;
  std::vector<std::string> host_addresses;
  std::vector<std::string> addresses;
  std::vector<std::string> prefixes;
  std::vector<std::string> policies;
};

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

uint32_t ParseMtu(const std::string& text) {
  if (text.empty()) return 0;
  uint32_t mtu = 0;
  if (!ParseNumber(text, &mtu) || mtu < kMinimumMtu || mtu > NS_MTU_MAX) {
    Refuse("--mtu", text, fmt::format("no MTU; use {} to {} bytes", kMinimumMtu, NS_MTU_MAX));
  }
  return mtu;
}

std::optional<uint64_t> ParseInterval(const std::string& text) {
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  // Written so that "nan" is refused too.
  if (!ParseNumber(text, &seconds) || !(seconds >= 0 && seconds <= kMaximumInterval)) {
    Refuse("--interval", text,
           fmt::format("no interval; use seconds from 0 (none) to {}", kMaximumInterval));
  }
  return static_cast<uint64_t>(seconds * 1e9);
}

ServeOptions Parse(const ServeTexts& texts) {
  ServeOptions options;
  if (!texts.tun_given) throw Failure(kExitBadArguments, "--tun is required");
  if (texts.tun.empty() || texts.tun.size() > kMaximumDeviceName) {
    Refuse("--tun", texts.tun, "a device's name has 1 to 15 characters, such as tun0");
  }
  options.tun = texts.tun;
  options.mtu = ParseMtu(texts.mtu);
  options.host_addresses = ParsePrefixes("--host-address", texts.host_addresses, false);
  options.addresses = ParsePrefixes("--address", texts.addresses, false);
  options.prefixes = ParsePrefixes("--prefix", texts.prefixes, true);
  for (const std::string& text : texts.policies) options.policies.push_back(ParsePolicy(text));
  static_cast<void>(PolicyTable(options.policies));  // refuses what contradicts itself
  options.pcap = texts.pcap;
  options.interval_ns = ParseInterval(texts.interval);
  return options;
}

// An option that takes one value each time it is given.
template <typename Value>
CLI::Option* Add(CLI::App* app, const std::string& name, Value* value, const std::string& type,
                 const std::string& help) {
  return app->add_option(name, *value, help)->type_name(type)->allow_extra_args(false);
}

CLI::App* AddServe(CLI::App* app, ServeTexts* texts) {
  CLI::App* const serve = app->add_subcommand("serve", "Answer on a TUN device until Ctrl-C");
  Add(serve, "--tun", &texts->tun, "NAME", "The device (required); made if it does not exist");
  Add(serve, "--host-address", &texts->host_addresses, "A/LEN",
      "The host's address on it, which is then brought up (repeatable)");
  Add(serve, "--mtu", &texts->mtu, "N", "Sets the device's MTU, in bytes");
  Add(serve, "--address", &texts->addresses, "A/LEN", "An address that the stack has (repeatable)");
  Add(serve, "--prefix", &texts->prefixes, "P/LEN",
      "Makes all its addresses ours, assigns none (repeatable)");
  Add(serve, "--policy", &texts->policies, "PREFIX=ANSWER",
      "How its echo requests are answered (repeatable)");
  Add(serve, "--pcap", &texts->pcap, "FILE", "Captures all packets, for Wireshark or tcpdump");
  Add(serve, "--interval", &texts->interval, "SECONDS",
      "Between live counters; on a terminal 1, elsewhere none");
  serve->footer(kServeFooter);
  return serve;
}

// CLI11 speaks in terms of its own, and not always in one line.
std::string OneLine(const CLI::ParseError& error) {
  std::string line = error.what();
  const std::string option = line.substr(0, line.find(':'));
  if (line.find("At Most") != std::string::npos) return option + " is given more than once";
  if (line.find("missing") != std::string::npos) return option + " needs a value";
  std::replace(line.begin(), line.end(), '\n', ' ');
  const auto text = line.find_last_not_of(' ');
  return text == std::string::npos ? error.get_name() : line.substr(0, text + 1);
}

void Parse(CLI::App* app, int argc, const char* const* argv) {
  try {
    app->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    throw;
  } catch (const CLI::CallForVersion&) {
    throw;
  } catch (const CLI::ExtrasError&) {
    throw Failure(kExitBadArguments,
                  fmt::format("unexpected argument \"{}\"", app->remaining(true).at(0)));
  } catch (const CLI::ParseError& error) {
    throw Failure(kExitBadArguments, OneLine(error));
  }
}

}  // namespace

Command ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app("A user-space IP stack that answers ping as you decide.", "netstack");
  app.set_version_flag("--version", fmt::format("netstack {}", ns_version_string()));
  app.get_formatter()->column_width(34);

  DemoOptions demo;
  CLI::App* const demo_command =
      app.add_subcommand("demo", "Show a network that exists only in a handler; needs no root");
  demo_command
      ->add_flag("--in-memory", demo.in_memory,
                 "Without a device, a namespace and the system's ping")
      ->disable_flag_override();
  ServeTexts texts;
  CLI::App* const serve_command = AddServe(&app, &texts);
  CLI::App* const replay_command =
      app.add_subcommand("replay", "Send a capture through a stack (not in this version)");
  replay_command->prefix_command();
  replay_command->set_help_flag();

  try {
    Parse(&app, argc, argv);
  } catch (const CLI::Success& success) {
    app.exit(success);
    return Done{};
  }
  if (replay_command->parsed()) {
    throw Failure(kExitBadArguments, "replay is not available in this version");
  }
  if (demo_command->parsed() && serve_command->parsed()) {
    throw Failure(kExitBadArguments, "one command at a time: demo or serve");
  }
  if (demo_command->parsed()) return demo;
  texts.tun_given = serve_command->count("--tun") > 0;
  if (serve_command->parsed()) return Parse(texts);
  throw Failure(kExitBadArguments, "no command; use demo or serve, or see netstack --help");
}

}  // namespace program
